//! Answers that are on their way for a while: which wait, and for what; and how much of a body has dripped so far.
//!
//! Whoever waits holds a place here, which goes with it. What dripped is filled into the answer when that is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId};
use crate::domain::reply::Waiting;

/// All that wait. Clones share it.
#[derive(Clone, Default)]
pub struct Waits(Arc<Inner>);

#[derive(Default)]
struct Inner {
    known: Mutex<BTreeMap<ExchangeId, Entry>>,
    /// How many: nearly always none, and then nobody takes the lock.
    count: AtomicUsize,
}

struct Entry {
    waiting: Waiting,
    drip: Option<Arc<Dripped>>,
}

/// A place among those that wait: taken away when this is dropped.
pub struct Place {
    waits: Waits,
    id: ExchangeId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waits.take(self.id);
    }
}

/// What came of a body that drips.
#[derive(Debug, Default)]
pub struct Dripped {
    bytes: AtomicU64,
    is_stopped: AtomicBool,
}

impl Dripped {
    /// So many bytes more.
    pub fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The listener stopped before all of it had left.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }
}

impl Waits {
    /// An answer waits from now on, until the place is dropped.
    pub fn wait(&self, id: ExchangeId, waiting: Waiting) -> Place {
        self.put(id, Entry { waiting, drip: None });
        Place { waits: self.clone(), id }
    }

    /// A body drips from now on, until [`Self::fill`] is told of its answer.
    pub fn drip(&self, id: ExchangeId, waiting: Waiting) -> Arc<Dripped> {
        let dripped = Arc::new(Dripped::default());
        self.put(id, Entry { waiting, drip: Some(Arc::clone(&dripped)) });
        dripped
    }

    /// What this exchange waits for.
    pub fn of(&self, id: ExchangeId) -> Option<Waiting> {
        self.known().get(&id).map(|entry| entry.waiting.clone())
    }

    /// Fills in how much of a dripping body left, when not all of it did.
    pub fn fill(&self, answer: &mut Answer) {
        if self.0.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let Some(drip) = self.take(answer.exchange).and_then(|entry| entry.drip) else { return };
        let (whole, left) = (answer.body.length_bytes, drip.bytes.load(Ordering::Relaxed));
        if drip.is_stopped.load(Ordering::Relaxed) {
            answer.outcome = AnswerOutcome::Broken;
            answer.rule.push_str("; cut short: the listener stopped");
        }
        if answer.outcome != AnswerOutcome::Sent && left < whole {
            let kept = usize::try_from(left).unwrap_or(usize::MAX).min(answer.body.bytes.len());
            answer.body = Body::whole(answer.body.bytes.slice(..kept));
            answer.choice.get_or_insert_default().notes.push(format!("{left} of {whole} B of the body had left"));
        }
    }

    fn put(&self, id: ExchangeId, entry: Entry) {
        if self.known().insert(id, entry).is_none() {
            self.0.count.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn take(&self, id: ExchangeId) -> Option<Entry> {
        let entry = self.known().remove(&id);
        if entry.is_some() {
            self.0.count.fetch_sub(1, Ordering::SeqCst);
        }
        entry
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<ExchangeId, Entry>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
