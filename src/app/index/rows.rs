//! The rows of a session, by id, and the deliveries among them.

use std::collections::HashMap;
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
    deliveries: HashMap<DeliveryKey, Delivery>,
}

#[derive(Default)]
struct Delivery {
    count: u32,
    /// The newest of them, at most [`SIBLINGS_MAX`].
    newest: Vec<ExchangeId>,
}

impl Rows {
    /// Adds a row whose id is above all before, and gives the ids of rows whose delivery count changed with it.
    pub fn push(&mut self, mut row: Summary) -> Vec<ExchangeId> {
        let id = row.id;
        let mut siblings = Vec::new();
        if let Some(delivery) = &row.delivery {
            let entry = self.deliveries.entry((row.provider.clone(), Arc::clone(delivery))).or_default();
            entry.count = entry.count.saturating_add(1);
            row.delivery_count = entry.count;
            siblings.clone_from(&entry.newest);
            if entry.newest.len() == SIBLINGS_MAX {
                entry.newest.remove(0);
            }
            entry.newest.push(id);
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
        self.rows.binary_search_by_key(&id, |row| row.id).ok()
    }

    /// The rows from a place on.
    pub fn from(&self, place: usize) -> &[Arc<Summary>] {
        self.rows.get(place..).unwrap_or_default()
    }

    /// The highest id; 0 without rows.
    pub fn last_id(&self) -> ExchangeId {
        self.rows.last().map(|row| row.id).unwrap_or_default()
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
