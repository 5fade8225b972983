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
    known: Mutex<BTreeMap<String, Health>>,
    changed: watch::Sender<u64>,
}

impl Default for Healths {
    fn default() -> Self {
        Self { known: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Healths {
    /// A request to it came to that. Whether it was thought otherwise.
    pub fn note(&self, target: &Target, now: Health) -> bool {
        let mut known = self.known();
        let has_room = known.len() < KNOWN_MAX;
        let is_news = match known.get_mut(&target.origin) {
            Some(before) => {
                let is_news = std::mem::discriminant(before) != std::mem::discriminant(&now);
                // An app that is up stays as it is: this is on the way of every request.
                if is_news || !now.is_up() {
                    *before = now;
                }
                is_news
            }
            None if has_room => {
                known.insert(target.origin.clone(), now);
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
        self.known().get(&target.origin).cloned()
    }

    /// Those that nobody reached. One that is slow shows by a request alone whether it still is.
    pub fn down(&self) -> Vec<String> {
        self.known()
            .iter()
            .filter(|(_, health)| matches!(health, Health::Down(_)))
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

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Health>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
