//! Requests that are held for the user to answer by hand: where they wait, and how they are let go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::domain::exchange::ExchangeId;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

/// Requests that are held at once. One more is answered at once, as if none were held: each is a connection that waits.
pub const HELD_MAX: usize = 512;

/// What the user decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This goes back.
    Answer(Box<Reply>),
    /// What would have gone back without him goes back.
    LetGo,
    /// The connection is reset.
    Kill,
}

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: ExchangeId,
    /// Since when.
    pub since: Timestamp,
    /// When the default goes.
    pub until: Timestamp,
    /// What chose the default, in a few words.
    pub rule: String,
    /// The default, in a few words.
    pub default: String,
}

struct Waiting {
    held: Held,
    verdict: oneshot::Sender<Verdict>,
    longer: watch::Sender<Duration>,
}

/// All that wait. Clones share it.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    waiting: Mutex<BTreeMap<ExchangeId, Waiting>>,
    changed: watch::Sender<u64>,
}

impl Default for Desk {
    fn default() -> Self {
        Self(Arc::new(Inner { waiting: Mutex::default(), changed: watch::Sender::new(0) }))
    }
}

/// A place at the desk: taken away when this is dropped, however that comes.
pub struct Place {
    desk: Desk,
    id: ExchangeId,
    verdict: oneshot::Receiver<Verdict>,
    longer: watch::Receiver<Duration>,
}

/// What the user wants of a request that waits.
#[derive(Debug)]
pub enum Wanted {
    /// It goes so; `None` when nobody can decide any more.
    Decided(Option<Verdict>),
    /// It waits so much longer than it would have by itself, in all.
    Longer(Duration),
}

impl Place {
    /// Until the user wants something.
    pub async fn wanted(&mut self) -> Wanted {
        tokio::select! {
            biased;
            verdict = &mut self.verdict => Wanted::Decided(verdict.ok()),
            // Whoever lets it wait longer goes with who decides: then the verdict is there too.
            Ok(()) = self.longer.changed() => Wanted::Longer(*self.longer.borrow_and_update()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.desk.waiting().remove(&self.id);
        self.desk.tell();
    }
}

impl Desk {
    /// Lays a request on the desk. `None`: there are too many.
    pub fn lay(&self, held: Held) -> Option<Place> {
        let (verdict, received) = oneshot::channel();
        let (longer, lengthened) = watch::channel(Duration::ZERO);
        let id = held.id;
        {
            let mut waiting = self.waiting();
            if waiting.len() >= HELD_MAX {
                return None;
            }
            waiting.insert(id, Waiting { held, verdict, longer });
        }
        self.tell();
        Some(Place { desk: self.clone(), id, verdict: received, longer: lengthened })
    }

    /// All that wait, the oldest first.
    pub fn held(&self) -> Vec<Held> {
        self.waiting().values().map(|waiting| waiting.held.clone()).collect()
    }

    /// Decides; whether it still waited.
    pub fn decide(&self, id: ExchangeId, verdict: Verdict) -> bool {
        let waiting = self.waiting().remove(&id);
        self.tell();
        waiting.is_some_and(|waiting| waiting.verdict.send(verdict).is_ok())
    }

    /// Lets it wait so much longer before its default goes; whether it still waited.
    pub fn prolong(&self, id: ExchangeId, by: Duration) -> bool {
        let is_waiting = self.waiting().get_mut(&id).is_some_and(|waiting| {
            waiting.held.until = waiting.held.until.plus_micros(i64::try_from(by.as_micros()).unwrap_or(i64::MAX));
            waiting.longer.send_modify(|longer| *longer = longer.saturating_add(by));
            true
        });
        self.tell();
        is_waiting
    }

    /// Lets all go with their defaults.
    pub fn let_all_go(&self) {
        for waiting in std::mem::take(&mut *self.waiting()).into_values() {
            let _ = waiting.verdict.send(Verdict::LetGo);
        }
        self.tell();
    }

    /// Tells of every change: the number counts up.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    fn tell(&self) {
        self.0.changed.send_modify(|number| *number = number.wrapping_add(1));
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<ExchangeId, Waiting>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
