//! Whether apps answer: what the last request to each came to.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::forward::{Health, Target};

/// Apps that are known; more are not told of.
const KNOWN_MAX: usize = 256;

/// What is known of each, by origin.
#[derive(Debug)]
pub struct Healths {
    known: Mutex<BTreeMap<String, Known>>,
    changed: watch::Sender<u64>,
}

/// What is known of one.
#[derive(Debug)]
struct Known {
    health: Health,
    /// What its last answer took, in microseconds: the head of one that was given out as it came.
    took_us: Option<u64>,
}

impl Default for Healths {
    fn default() -> Self {
        Self { known: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Healths {
    /// A request to it came to that. Whether it was thought otherwise.
    pub fn note(&self, target: &Target, now: Health) -> bool {
        self.note_took(target, now, None)
    }

    /// The same, with what its answer took, in microseconds.
    pub fn note_took(&self, target: &Target, now: Health, took_us: Option<u64>) -> bool {
        let mut known = self.known();
        let has_room = known.len() < KNOWN_MAX;
        let is_news = match known.get_mut(&target.origin) {
            Some(Known { health: before, took_us: last }) => {
                let is_news = std::mem::discriminant(before) != std::mem::discriminant(&now);
                // An app that is up stays as it is: this is on the way of every request.
                if is_news || !now.is_up() {
                    *before = now;
                }
                *last = took_us.or(*last);
                is_news
            }
            None if has_room => {
                known.insert(target.origin.clone(), Known { health: now, took_us });
                true
            }
            None => false,
        };
        drop(known);
        if is_news {
            self.changed.send_modify(|number| *number = number.wrapping_add(1));
        }
        is_news
    }

    /// Of one.
    pub fn of(&self, target: &Target) -> Option<Health> {
        self.known().get(&target.origin).map(|known| known.health.clone())
    }

    /// What the last answer of one that is up took, in microseconds.
    pub fn took_us(&self, target: &Target) -> Option<u64> {
        self.known().get(&target.origin).filter(|known| known.health.is_up())?.took_us
    }

    /// Those that nobody reached. One that is slow shows by a request alone whether it still is.
    pub fn down(&self) -> Vec<String> {
        self.known()
            .iter()
            .filter(|(_, known)| matches!(known.health, Health::Down(_)))
            .map(|(origin, _)| origin.clone())
            .collect()
    }

    /// Tells of every change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Something else that is told with it changed.
    pub fn tell(&self) {
        self.changed.send_modify(|number| *number = number.wrapping_add(1));
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
