//! Connections to apps that are kept open between two requests, and whether they can be.
//!
//! What an app sends behind its answer, unasked, would be taken for the answer to the next request. So a connection is used again
//! only if nothing came on it meanwhile; an app is trusted to keep silent once one of its connections was seen to, for a
//! while; and one that spoke unasked gets a new connection for every request from then on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::domain::forward::Target;
use crate::domain::forward::target::Authorities;
use crate::io::sender::open::Open;
use crate::io::sender::stream::Unread;
use crate::io::sender::{self, connect};

/// Connections that wait to be used again, of all targets together.
const IDLE_MAX: usize = 128;
/// How long one waits: less than any server does that is known to us (gunicorn 2 s, node 5 s), so that hardly ever one is used
/// that the app is about to close.
const IDLE_WITHIN: Duration = Duration::from_millis(1500);
/// How long a connection must have been silent before its app is known to keep silent behind an answer.
const WATCHED_FOR: Duration = Duration::from_millis(250);
/// Connections of a thread to an app that are watched for that.
const WATCHED_MAX: usize = 4;
/// Apps of which it is known; connections to others are used once.
const KNOWN_MAX: usize = 256;

/// The connections that wait. Each belongs to the thread whose runtime watches its socket.
#[derive(Default)]
pub struct Pool(Mutex<Idle>);

#[derive(Default)]
struct Idle {
    kept: Vec<Kept>,
    /// By origin.
    manners: BTreeMap<String, Manners>,
}

/// What is known of an app's connections behind an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manners {
    /// Nothing came on one of them for a while.
    Silent,
    /// It sent something that nobody asked for.
    Talks,
}

/// A connection that can be used more than once.
pub struct Kept {
    origin: String,
    is_insecure: bool,
    authorities: Option<Arc<Authorities>>,
    /// Where it leads.
    pub target: sender::Target,
    /// Whether that is this machine.
    pub is_local: bool,
    thread: ThreadId,
    since: Instant,
    /// The connection itself.
    pub open: Open,
}

impl Kept {
    /// One that was just opened.
    pub fn new(to: &Target, found: &connect::Found, open: Open) -> Self {
        Self {
            origin: to.origin.clone(),
            is_insecure: to.is_insecure,
            authorities: to.authorities.clone(),
            target: found.target().clone(),
            is_local: found.is_local(),
            thread: thread::current().id(),
            since: Instant::now(),
            open,
        }
    }
}

impl Pool {
    /// A connection to this target that may be used again, unless something came on it since: whoever uses it looks.
    pub fn take(&self, target: &Target) -> Option<Kept> {
        let thread = thread::current().id();
        let mut idle = self.idle();
        let manners = idle.manners.get(&target.origin).copied();
        let fits = |kept: &Kept| {
            let has_time = kept.since.elapsed() < IDLE_WITHIN;
            let is_trusted = kept.is_insecure == target.is_insecure && kept.authorities == target.authorities;
            has_time && kept.thread == thread && is_trusted && kept.origin == target.origin
        };
        let at = match manners {
            // The one that was used last.
            Some(Manners::Silent) => idle.kept.iter().rposition(fits)?,
            None => idle.kept.iter().position(|kept| fits(kept) && kept.since.elapsed() >= WATCHED_FOR)?,
            Some(Manners::Talks) => return None,
        };
        Some(idle.kept.remove(at))
    }

    /// One that was taken could be used: its app keeps silent behind an answer.
    pub fn was_silent(&self, kept: &Kept) {
        self.idle().learn(&kept.origin, Manners::Silent);
    }

    /// One that was taken could not be used. Whether its app is known to talk from now on.
    pub fn was_not(&self, kept: &Kept) -> bool {
        kept.open.unasked() == Unread::Bytes && self.idle().learn(&kept.origin, Manners::Talks)
    }

    /// Takes one back that may be used again; any other is closed.
    pub fn give_back(&self, mut kept: Kept) {
        if kept.open.has_more() {
            self.idle().learn(&kept.origin, Manners::Talks);
            return;
        }
        if !kept.open.is_reusable() {
            return;
        }
        kept.since = Instant::now();
        let mut idle = self.idle();
        idle.sweep();
        match idle.manners.get(&kept.origin) {
            Some(Manners::Silent) => {}
            Some(Manners::Talks) => return,
            None => {
                let is_same = |other: &&Kept| other.origin == kept.origin && other.thread == kept.thread;
                // Those that wait longer are the ones to learn from.
                if idle.kept.iter().filter(is_same).count() >= WATCHED_MAX {
                    return;
                }
            }
        }
        if idle.kept.len() >= IDLE_MAX {
            // The oldest.
            idle.kept.remove(0);
        }
        idle.kept.push(kept);
    }

    /// Closes those that waited for too long: an app that wants to end waits for them.
    pub fn sweep(&self) {
        self.idle().sweep();
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    /// The oldest stand in front.
    fn sweep(&mut self) {
        if self.kept.first().is_none_or(|kept| kept.since.elapsed() < IDLE_WITHIN) {
            return;
        }
        let (kept, late) =
            std::mem::take(&mut self.kept).into_iter().partition(|kept| kept.since.elapsed() < IDLE_WITHIN);
        self.kept = kept;
        let late: Vec<Kept> = late;
        for kept in late.iter().filter(|kept| kept.open.unasked() == Unread::Bytes) {
            self.learn(&kept.origin, Manners::Talks);
        }
    }

    /// Whether it is news. Who has talked once is not believed again.
    fn learn(&mut self, origin: &str, manners: Manners) -> bool {
        match self.manners.get(origin) {
            Some(known) if *known == manners || *known == Manners::Talks => return false,
            None if self.manners.len() >= KNOWN_MAX => return false,
            _ => self.manners.insert(origin.to_owned(), manners),
        };
        if manners == Manners::Talks {
            self.kept.retain(|kept| kept.origin != origin);
        }
        true
    }
}
