//! The rows of a session, by id, and the deliveries among them.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::domain::exchange::ExchangeId;
use crate::domain::summary::Summary;

/// Siblings of a delivery whose count is brought up to date when one more comes: a sender that uses one id for everything
/// must not make each arrival dearer than the last.
const SIBLINGS_MAX: usize = 64;

/// All rows, ids going up.
#[derive(Default)]
pub struct Rows {
    rows: Vec<Arc<Summary>>,
    /// The newest row of each delivery. What it is of, and how often that came, stands in the row: a table of a million texts would
    /// take more memory than the rows, and growing it would keep the thread so long that the inbox runs over.
    deliveries: HashTable<Newest>,
    /// By the first row of a delivery that came more than once: those before the newest, at most [`SIBLINGS_MAX`].
    before: HashMap<ExchangeId, Vec<ExchangeId>, foldhash::quality::RandomState>,
    /// With a seed of this process, as by default, and three times as fast.
    hasher: foldhash::quality::RandomState,
    /// The highest id of those let go.
    let_go_to: ExchangeId,
    /// Those let go whose memory is still to be given back: a few with each row that comes, so that the memory of one serves
    /// the next, and none waits while thousands go at once.
    leaving: VecDeque<Arc<Summary>>,
}

/// The newest row of a delivery.
#[derive(Clone, Copy)]
struct Newest {
    /// Of provider and delivery id: the table grows without a look at the rows.
    hash: u64,
    id: ExchangeId,
}

impl Rows {
    /// Adds a row whose id is above all before, and gives the ids of rows whose delivery count changed with it.
    pub fn push(&mut self, mut row: Summary) -> Vec<ExchangeId> {
        // Twice as fast as they come: all are gone before the next are let go.
        self.leave();
        self.leave();
        let siblings = self.count_delivery(&mut row);
        let count = row.delivery_count;
        self.rows.push(Arc::new(row));
        for sibling in &siblings {
            self.change(*sibling, |row| row.delivery_count = count);
        }
        siblings
    }

    /// Makes a row the newest of its delivery, counts it, and gives the rows before it.
    fn count_delivery(&mut self, row: &mut Summary) -> Vec<ExchangeId> {
        let Some(hash) = self.hash_of(row) else { return Vec::new() };
        let rows = &self.rows;
        let of_same = |newest: &Newest| {
            newest.hash == hash && get(rows, newest.id).is_some_and(|known| is_same_delivery(known, row))
        };
        let mut place = match self.deliveries.entry(hash, of_same, |newest| newest.hash) {
            Entry::Vacant(place) => {
                place.insert(Newest { hash, id: row.id });
                return Vec::new();
            }
            Entry::Occupied(place) => place,
        };
        let newest = std::mem::replace(&mut place.get_mut().id, row.id);
        if let Some(known) = get(rows, newest) {
            row.delivery_count = known.delivery_count.saturating_add(1);
            (row.delivery_number, row.delivery_first) = (row.delivery_count, known.delivery_first);
        }
        let before = self.before.entry(row.delivery_first).or_default();
        if before.len() == SIBLINGS_MAX {
            before.remove(0);
        }
        before.push(newest);
        before.clone()
    }

    /// `None`: it is of no delivery.
    fn hash_of(&self, row: &Summary) -> Option<u64> {
        row.delivery.as_deref().map(|delivery| self.hasher.hash_one((row.provider.as_deref(), delivery)))
    }

    /// Changes a row in place; gives its place.
    pub fn change(&mut self, id: ExchangeId, change: impl FnOnce(&mut Summary)) -> Option<usize> {
        let place = self.place(id)?;
        change(Arc::make_mut(self.rows.get_mut(place)?));
        Some(place)
    }

    /// The row of that id.
    pub fn get(&self, id: ExchangeId) -> Option<&Arc<Summary>> {
        get(&self.rows, id)
    }

    /// Where the row of that id stands.
    pub fn place(&self, id: ExchangeId) -> Option<usize> {
        place(&self.rows, id)
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
        let Some(hash) = self.hash_of(&row) else { return };
        if let Ok(place) = self.deliveries.find_entry(hash, |newest| newest.id == row.id) {
            place.remove();
            self.before.remove(&row.delivery_first);
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

/// Where the row of that id stands.
fn place(rows: &[Arc<Summary>], id: ExchangeId) -> Option<usize> {
    // Ids go up by one but where something is missing: the first guess nearly always fits.
    let guess = usize::try_from(id.0.checked_sub(rows.first()?.id.0)?).unwrap_or(usize::MAX);
    if rows.get(guess).is_some_and(|row| row.id == id) {
        return Some(guess);
    }
    rows.binary_search_by_key(&id, |row| row.id).ok()
}

fn get(rows: &[Arc<Summary>], id: ExchangeId) -> Option<&Arc<Summary>> {
    rows.get(place(rows, id)?)
}

fn is_same_delivery(one: &Summary, other: &Summary) -> bool {
    one.delivery == other.delivery && one.provider == other.provider
}
