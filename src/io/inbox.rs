//! From the capture to whoever watches: never waits, bounded, counts what it drops.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::exchange::{Answer, Attempt, Request};

use super::recording::Recording;

/// Something that the watcher wants to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A request was captured (and is in the session file, unless recording is off or not possible).
    Arrived(Arc<Request>),
    /// Its answer left, or the connection ended without one.
    Answered(Arc<Answer>),
    /// It went on to an app, behind its answer or later.
    Attempted(Arc<Attempt>),
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
    /// 20,000 notices; 64 MiB, as much as the ring: a request that is in both stands in memory once.
    fn default() -> Self {
        Self { count: 20_000, bytes: 64 * 1024 * 1024 }
    }
}

/// The queue; clones share it.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: InboxLimits,
    queue: Mutex<Queue>,
    /// For a plain thread that waits.
    arrived: Condvar,
    /// For a task that waits.
    notify: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    notices: VecDeque<Notice>,
    /// An empty one with its memory, for when `notices` is taken.
    spare: VecDeque<Notice>,
    /// What each counts for: it may change while it waits.
    sizes: VecDeque<usize>,
    bytes: usize,
    missed: u64,
    closed: bool,
    /// Whether somebody waits: waking costs a system call, which a push into a busy inbox must not pay.
    thread_waits: bool,
    task_waits: bool,
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new(InboxLimits::default())
    }
}

impl Inbox {
    /// An empty one.
    pub fn new(limits: InboxLimits) -> Self {
        Self(Arc::new(Shared { limits, queue: Mutex::default(), arrived: Condvar::new(), notify: Notify::new() }))
    }

    /// Adds a notice; drops the oldest ones that no longer fit. Never waits for the watcher.
    pub fn push(&self, notice: Notice) {
        self.push_all(std::iter::once(notice));
    }

    /// Adds several as [`Self::push`] does.
    pub fn push_all(&self, notices: impl IntoIterator<Item = Notice>) {
        let mut queue = self.queue();
        for notice in notices {
            queue.push(notice, self.0.limits);
        }
        self.wake(queue);
    }

    /// Takes everything there is, from a plain thread. Waits up to `timeout` for a first notice, then `gather` for more.
    /// Empty when nothing came, or the inbox was closed and is empty.
    pub fn recv_batch(&self, timeout: Duration, gather: Duration) -> Batch {
        let mut queue = self.queue();
        if queue.is_quiet() {
            queue.thread_waits = true;
            let waited = self.0.arrived.wait_timeout_while(queue, timeout, |queue| queue.is_quiet());
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
            queue.thread_waits = false;
        }
        if !gather.is_zero() && !queue.is_quiet() && !queue.closed {
            drop(queue);
            std::thread::sleep(gather);
            queue = self.queue();
        }
        queue.take()
    }

    /// Takes everything there is at once.
    pub fn drain(&self) -> Batch {
        self.queue().take()
    }

    /// Takes back the memory of a batch that was worked off: growing it anew each time would cost the capture.
    pub fn recycle(&self, mut notices: Vec<Notice>) {
        notices.clear();
        self.queue().spare = notices.into();
    }

    /// Until there is something to drain or the inbox is closed. For one task.
    pub async fn ready(&self) {
        loop {
            {
                let mut queue = self.queue();
                if !queue.is_quiet() {
                    queue.task_waits = false;
                    return;
                }
                queue.task_waits = true;
            }
            // A push between the check and this line leaves its permit in the Notify.
            self.0.notify.notified().await;
        }
    }

    /// Wakes all waiters for good; what is in it can still be drained.
    pub fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        self.wake(queue);
    }

    /// Whether [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.queue().closed
    }

    fn wake(&self, mut queue: MutexGuard<'_, Queue>) {
        let thread = std::mem::take(&mut queue.thread_waits);
        let task = std::mem::take(&mut queue.task_waits);
        drop(queue);
        if thread {
            self.0.arrived.notify_one();
        }
        if task {
            self.0.notify.notify_one();
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, notice: Notice, limits: InboxLimits) {
        let bytes = notice.bytes();
        self.bytes += bytes;
        self.sizes.push_back(bytes);
        self.notices.push_back(notice);
        while self.notices.len() > limits.count || (self.bytes > limits.bytes && self.notices.len() > 1) {
            let (Some(_), Some(bytes)) = (self.notices.pop_front(), self.sizes.pop_front()) else { break };
            self.bytes -= bytes;
            self.missed += 1;
        }
    }

    /// Whether there is nothing to wake up for.
    fn is_quiet(&self) -> bool {
        self.notices.is_empty() && self.missed == 0 && !self.closed
    }

    fn take(&mut self) -> Batch {
        self.bytes = 0;
        self.sizes.clear();
        let spare = std::mem::take(&mut self.spare);
        let notices = std::mem::replace(&mut self.notices, spare);
        Batch { notices: notices.into(), missed: std::mem::take(&mut self.missed) }
    }
}

impl Notice {
    fn bytes(&self) -> usize {
        match self {
            Self::Arrived(request) => request.kept_bytes(),
            // A body that others hold too belongs to a reply.
            Self::Answered(answer) if answer.body.bytes.is_unique() => {
                200 + answer.headers.size_bytes() + answer.body.bytes.len()
            }
            Self::Answered(answer) => 200 + answer.headers.size_bytes(),
            Self::Attempted(attempt) => {
                200 + attempt.sent.head.len() + attempt.sent.body.len() + attempt.answer_bytes()
            }
            Self::Recording(_) | Self::Said(_) => 200,
        }
    }
}

#[cfg(test)]
mod tests;
