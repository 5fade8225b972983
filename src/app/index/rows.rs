//! The rows of a session, by id, and the deliveries among them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::domain::exchange::ExchangeId;
use crate::domain::summary::Summary;

/// Siblings of a delivery whose count is brought up to date when one more comes: a sender that uses one id for everything
/// must not make each arrival dearer than the last.
const SIBLINGS_MAX: usize = 64;

/// Provider and delivery id.
type DeliveryKey = (Option<Arc<str>>, Arc<str>);

/// All rows, ids going up.
#[derive(Default)]
pub struct Rows {
    rows: Vec<Arc<Summary>>,
    /// Hashed with a seed of this process, as by default, and three times as fast.
    deliveries: HashMap<DeliveryKey, Delivery, foldhash::quality::RandomState>,
    /// The highest id of those let go.
    let_go_to: ExchangeId,
    /// Those let go whose memory is still to be given back: a few with each row that comes, so that the memory of one serves
    /// the next, and none waits while thousands go at once.
    leaving: VecDeque<Arc<Summary>>,
}

struct Delivery {
    count: u32,
    first: ExchangeId,
    last: ExchangeId,
    /// Those before the last, at most [`SIBLINGS_MAX`]. Nearly always none, and then it takes no memory.
    before: Vec<ExchangeId>,
}

impl Rows {
    /// Adds a row whose id is above all before, and gives the ids of rows whose delivery count changed with it.
    pub fn push(&mut self, mut row: Summary) -> Vec<ExchangeId> {
        // Twice as fast as they come: all are gone before the next are let go.
        self.leave();
        self.leave();
        let id = row.id;
        let mut siblings = Vec::new();
        if let Some(delivery) = &row.delivery {
            match self.deliveries.entry((row.provider.clone(), Arc::clone(delivery))) {
                Entry::Vacant(place) => {
                    place.insert(Delivery { count: 1, first: id, last: id, before: Vec::new() });
                }
                Entry::Occupied(place) => {
                    let delivery = place.into_mut();
                    delivery.count = delivery.count.saturating_add(1);
                    row.delivery_count = delivery.count;
                    (row.delivery_number, row.delivery_first) = (delivery.count, delivery.first);
                    if delivery.before.len() == SIBLINGS_MAX {
                        delivery.before.remove(0);
                    }
                    delivery.before.push(std::mem::replace(&mut delivery.last, id));
                    siblings.clone_from(&delivery.before);
                }
            }
        }
        let count = row.delivery_count;
        self.rows.push(Arc::new(row));
        for sibling in &siblings {
            self.change(*sibling, |row| row.delivery_count = count);
        }
        siblings
    }

    /// Changes a row in place; gives its place.
    pub fn change(&mut self, id: ExchangeId, change: impl FnOnce(&mut Summary)) -> Option<usize> {
        let place = self.place(id)?;
        change(Arc::make_mut(self.rows.get_mut(place)?));
        Some(place)
    }

    /// The row of that id.
    pub fn get(&self, id: ExchangeId) -> Option<&Arc<Summary>> {
        self.rows.get(self.place(id)?)
    }

    /// Where the row of that id stands.
    pub fn place(&self, id: ExchangeId) -> Option<usize> {
        // Ids go up by one but where something is missing: the first guess nearly always fits.
        let guess = usize::try_from(id.0.checked_sub(self.rows.first()?.id.0)?).unwrap_or(usize::MAX);
        if self.rows.get(guess).is_some_and(|row| row.id == id) {
            return Some(guess);
        }
        self.rows.binary_search_by_key(&id, |row| row.id).ok()
    }

    /// The rows from a place on.
    pub fn from(&self, place: usize) -> &[Arc<Summary>] {
        self.rows.get(place..).unwrap_or_default()
    }

    /// Keeps the newest `most` rows, once there are twice as many.
    pub fn let_go(&mut self, most: usize) {
        if self.rows.len() < most.saturating_mul(2) {
            return;
        }
        self.leaving.extend(self.rows.drain(..self.rows.len() - most));
        self.let_go_to = self.leaving.back().map_or(self.let_go_to, |row| row.id);
    }

    /// Gives back the memory of a row that was let go, and that of its delivery when no later row has it.
    fn leave(&mut self) {
        let Some(row) = self.leaving.pop_front() else { return };
        let Some(delivery) = &row.delivery else { return };
        let key = (row.provider.clone(), Arc::clone(delivery));
        if self.deliveries.get(&key).is_some_and(|delivery| delivery.last <= row.id) {
            self.deliveries.remove(&key);
        }
    }

    /// Whether there was a row of that id, which [`Self::let_go`] took.
    pub fn was_let_go(&self, id: ExchangeId) -> bool {
        id <= self.let_go_to
    }

    /// How many deliveries are known.
    #[cfg(test)]
    pub fn deliveries_len(&self) -> usize {
        self.deliveries.len()
    }

    /// The highest id; 0 without rows.
    pub fn last_id(&self) -> ExchangeId {
        self.rows.last().map_or(self.let_go_to, |row| row.id)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
