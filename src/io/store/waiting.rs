//! Answers on their way into the file. They may follow their requests, so they join the next append instead of costing a
//! write each; when no append comes the keeper writes them after a moment.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::exchange::{Answer, ExchangeId};
use crate::io::journal::{Batch, Entry};

/// More than this does not wait: a thousand connections that end together would leave gigabytes of lines.
const MUCH_BYTES: usize = 1024 * 1024;

/// The queue, and the keeper's bell.
#[derive(Debug, Default)]
pub struct Waiting {
    queue: Mutex<Queue>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    batch: Batch,
    answers: Vec<Arc<Answer>>,
    /// Lines wait in the store's batch.
    lines: bool,
    /// Whether the keeper waits for the bell. Between two rounds of the keeper nobody rings: that would be a system call
    /// for each answer.
    keeper_waits: bool,
    closed: bool,
}

/// Why the keeper woke up.
#[derive(Debug, PartialEq, Eq)]
pub enum Wake {
    /// There is something to write soon.
    Lines,
    /// Nothing came for the whole time.
    Quiet,
    /// The store is gone.
    Closed,
}

impl Waiting {
    /// An answer and its line. Whether so much waits now that it is to be written at once.
    #[must_use]
    pub fn push(&self, answer: Arc<Answer>, line: &[u8]) -> bool {
        let mut queue = self.queue();
        queue.batch.begin(Entry::Answer(answer.exchange));
        queue.batch.text.extend_from_slice(line);
        queue.answers.push(answer);
        let is_much = queue.batch.text.len() > MUCH_BYTES;
        let ring = !is_much && std::mem::take(&mut queue.keeper_waits);
        drop(queue);
        if ring {
            self.bell.notify_one();
        }
        is_much
    }

    /// Lines wait in the store's own batch: the keeper is to write them soon.
    pub fn ring(&self) {
        let mut queue = self.queue();
        queue.lines = true;
        let ring = std::mem::take(&mut queue.keeper_waits);
        drop(queue);
        if ring {
            self.bell.notify_one();
        }
    }

    /// Moves the lines to the end of `batch` and gives the answers out.
    pub fn take_into(&self, batch: &mut Batch) -> Vec<Arc<Answer>> {
        let mut queue = self.queue();
        if queue.answers.is_empty() {
            return Vec::new();
        }
        if batch.is_empty() {
            std::mem::swap(batch, &mut queue.batch);
        } else {
            let start = batch.text.len();
            batch.text.append(&mut queue.batch.text);
            batch.entries.extend(queue.batch.entries.drain(..).map(|(entry, at)| (entry, start + at)));
        }
        std::mem::take(&mut queue.answers)
    }

    /// The answer to that request when it still waits.
    pub fn answer(&self, id: ExchangeId) -> Option<Arc<Answer>> {
        self.queue().answers.iter().find(|answer| answer.exchange == id).cloned()
    }

    /// For the keeper: waits for a first answer or line.
    pub fn wait(&self, timeout: Duration) -> Wake {
        let mut queue = self.queue();
        queue.keeper_waits = true;
        let is_idle = |queue: &mut Queue| queue.answers.is_empty() && !queue.lines && !queue.closed;
        let waited = self.bell.wait_timeout_while(queue, timeout, is_idle);
        queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        queue.keeper_waits = false;
        let lines = std::mem::take(&mut queue.lines) || !queue.answers.is_empty();
        match (queue.closed, lines) {
            (true, _) => Wake::Closed,
            (false, true) => Wake::Lines,
            (false, false) => Wake::Quiet,
        }
    }

    /// Ends the keeper.
    pub fn close(&self) {
        self.queue().closed = true;
        self.bell.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
