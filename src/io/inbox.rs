//! From the capture to whoever watches: never waits, bounded, counts what it drops.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::exchange::{Answer, Request};

use super::journal::Recording;

/// Something that the watcher wants to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A request was captured (and is in the session file, unless recording is off or not possible).
    Arrived(Arc<Request>),
    /// Its answer left, or the connection ended without one.
    Answered(Arc<Answer>),
    /// Whether the session file takes what comes has changed.
    Recording(Recording),
    /// One line for the user: the file was re-created, connections are being refused, ...
    Said(String),
}

/// What came since the last drain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// In order.
    pub notices: Vec<Notice>,
    /// Notices dropped since the last batch because the watcher was behind: the oldest ones. Their exchanges are in
    /// the store: ask for the ids that are missing.
    pub missed: u64,
}

/// Bounds of an [`Inbox`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxLimits {
    /// Notices at most.
    pub count: usize,
    /// Bytes of the requests and answers in it at most.
    pub bytes: usize,
}

impl Default for InboxLimits {
    /// 20,000 notices, 32 MiB.
    fn default() -> Self {
        Self { count: 20_000, bytes: 32 * 1024 * 1024 }
    }
}

/// The queue; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Inbox {}

impl Inbox {
    /// An empty one.
    pub fn new(limits: InboxLimits) -> Self {
        let _ = limits;
        Self {}
    }

    /// Adds a notice; drops the oldest ones that no longer fit. Never waits for the watcher.
    pub fn push(&self, notice: Notice) {
        let _ = notice;
    }

    /// Takes everything there is, from a plain thread. Waits up to `timeout` for a first notice, then `gather` for more.
    /// Empty when nothing came, or the inbox was closed and is empty.
    pub fn recv_batch(&self, timeout: Duration, gather: Duration) -> Batch {
        let _ = (timeout, gather);
        Batch::default()
    }

    /// Takes everything there is at once.
    pub fn drain(&self) -> Batch {
        Batch::default()
    }

    /// Until there is something to drain or the inbox is closed.
    pub async fn ready(&self) {}

    /// Wakes all waiters for good; what is in it can still be drained.
    pub fn close(&self) {}

    /// Whether [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        false
    }
}
