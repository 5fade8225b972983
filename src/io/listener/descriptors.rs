//! File descriptors: every connection is one, and there are only so many.

use std::os::fd::{AsFd, OwnedFd};

use crate::io::forward::UNDER_WAY_MAX;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Left for what else opens some: the capture's threads, the session file, resends, the clipboard, the editor.
const OTHERS: usize = 24;
/// So many connections are tried even where there seems to be room for none.
const CONNECTIONS_MIN: usize = 4;

/// How many connections the process may hold, up to `wanted`. The soft limit is raised as far as that needs and the hard one allows.
pub fn room_for(wanted: usize) -> usize {
    let used = used();
    // A request that is forwarded has a second one, to its app.
    let needed = wanted.saturating_add(used).saturating_add(OTHERS).saturating_add(UNDER_WAY_MAX);
    let limit = raise_to(u64::try_from(needed).unwrap_or(u64::MAX));
    let room = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    wanted.min(room.saturating_sub(used + OTHERS).max(CONNECTIONS_MIN))
}

/// The limit then in force; `None`: there is none.
fn raise_to(needed: u64) -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.filter(|current| *current < needed)?;
    let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
    let is_raised = raised > current
        && setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }).is_ok();
    Some(if is_raised { raised } else { current })
}

/// Descriptors that are open now, where that can be seen; else a guess.
fn used() -> usize {
    std::fs::read_dir("/dev/fd").map_or(16, Iterator::count)
}

/// Whether an accept failed because there are no descriptors, in the process or in the system.
pub fn are_missing(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    matches!(error.raw_os_error().map(Errno::from_raw_os_error), Some(Errno::MFILE | Errno::NFILE))
}

/// A descriptor that is held only to be given up when there is no other: so a sender can still be told that there is none.
#[derive(Debug)]
pub struct Reserve(Option<OwnedFd>);

impl Reserve {
    /// Holds one, if there is one.
    pub fn new(of: &impl AsFd) -> Self {
        Self(of.as_fd().try_clone_to_owned().ok())
    }

    /// Gives it up; whether there was one.
    pub fn give_up(&mut self) -> bool {
        self.0.take().is_some()
    }

    /// Holds one again; whether there is one.
    pub fn hold(&mut self, of: &impl AsFd) -> bool {
        *self = Self::new(of);
        self.0.is_some()
    }
}
