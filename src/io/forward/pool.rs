//! Connections to apps that are kept open between two requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use tokio::task::yield_now;

use super::ANSWER_BYTES_MAX;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Timing};
use crate::domain::forward::Target;
use crate::io::sender::connect;
use crate::io::sender::open::{Budget, Open, Room};
use crate::io::sender::patience::Patience;

/// Connections that wait to be used again, of all targets together.
const IDLE_MAX: usize = 128;
/// How long one waits: less than any server does that is known to us (gunicorn 2 s, node 5 s), so that hardly ever one is used
/// that the app is about to close.
const IDLE_WITHIN: Duration = Duration::from_millis(1500);

/// The connections that wait. Each belongs to the thread whose runtime watches its socket.
#[derive(Default)]
pub struct Pool(Mutex<Vec<Kept>>);

/// A connection that can be used more than once.
pub struct Kept {
    origin: String,
    is_insecure: bool,
    target: connect::Target,
    thread: ThreadId,
    since: Instant,
    open: Open,
}

impl Kept {
    /// One that was just opened.
    pub fn new(to: &Target, target: connect::Target, open: Open) -> Self {
        Self {
            origin: to.origin.clone(),
            is_insecure: to.is_insecure,
            target,
            thread: thread::current().id(),
            since: Instant::now(),
            open,
        }
    }

    /// As [`Open::exchange`].
    pub async fn exchange(
        &mut self,
        outgoing: &Outgoing,
        answers: &Budget,
        patience: &mut Patience,
        timing: &mut Timing,
    ) -> Result<AttemptOutcome, String> {
        let room = Room { bytes_max: ANSWER_BYTES_MAX, budget: Some(answers) };
        self.open.exchange(&self.target, outgoing, room, patience, timing).await
    }

    /// As [`Open::is_silent`].
    pub fn is_silent(&self) -> bool {
        self.open.is_silent()
    }
}

impl Pool {
    /// The connection to this target that was used last, if it still can be.
    pub async fn take(&self, target: &Target) -> Option<Kept> {
        loop {
            let mut kept = self.take_any(target)?;
            if kept.since.elapsed() >= IDLE_WITHIN {
                continue;
            }
            // What the app sent since, an end or an answer that nobody asked for, is only seen once the runtime has looked at its
            // sockets again: it does before this goes on.
            yield_now().await;
            if kept.open.is_ready().await {
                return Some(kept);
            }
        }
    }

    fn take_any(&self, target: &Target) -> Option<Kept> {
        let thread = thread::current().id();
        let mut idle = self.idle();
        let fits = |kept: &Kept| {
            kept.thread == thread && kept.is_insecure == target.is_insecure && kept.origin == target.origin
        };
        let at = idle.iter().rposition(fits)?;
        Some(idle.remove(at))
    }

    /// Takes one back that may be used again; any other is closed.
    pub async fn give_back(&self, mut kept: Kept) {
        if !kept.open.is_ready().await {
            return;
        }
        kept.since = Instant::now();
        self.sweep();
        let mut idle = self.idle();
        if idle.len() >= IDLE_MAX {
            // The oldest.
            idle.remove(0);
        }
        idle.push(kept);
    }

    /// Closes those that waited for too long: an app that wants to end waits for them.
    pub fn sweep(&self) {
        self.idle().retain(|kept| kept.since.elapsed() < IDLE_WITHIN);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
