//! The list: rows by id, which of them are shown, and which one is selected. Nothing here goes by position but what is drawn.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Filter;
use crate::domain::ledger::{Ledger, Line};
use crate::domain::summary::Summary;

use super::need::{Drawn, Has, Need};

mod deliveries;
mod place;
mod taking;

/// A filter in force.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveFilter {
    /// Counts up; answers for older ones are dropped.
    pub version: u64,
    /// As it was typed.
    pub text: String,
    /// What it means.
    pub filter: Filter,
    /// Whether its first answer has come.
    pub ready: bool,
    /// Where it lets nothing through: the text that would let through so many.
    pub wider: Option<(String, usize)>,
    ids: Vec<ExchangeId>,
}

/// Rows in which it is looked what a wider filter would let through.
const WIDER_ROWS_MAX: usize = 2_000;

/// The rows of the session and what is shown of them. A million rows are as quick as ten: lookups are binary searches.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// In order of id.
    rows: Vec<Arc<Summary>>,
    marked: BTreeSet<ExchangeId>,
    filter: Option<ActiveFilter>,
    filter_version: u64,
    /// The ids to show while only marked ones are.
    only_marked: Option<Vec<ExchangeId>>,
    /// The last id that was there when the list was paused.
    paused_at: Option<ExchangeId>,
    /// The exchange of the selected line.
    selected: Option<ExchangeId>,
    /// The try of a closed delivery that is being read, while it is: a newer one does not take it away.
    read: Option<ExchangeId>,
    /// Whether arriving rows are selected.
    pub follow: bool,
    /// Whether the selection is left alone because an overlay is about it.
    held: bool,
    /// Number of the shown row that is drawn first.
    top: usize,
    /// Where it stood before the screen got smaller.
    before: Option<Standing>,
    need: Need,
    /// The lines that were measured last.
    measured: Vec<ExchangeId>,
    /// Which columns a row has had something for: they stay.
    has: Has,
    /// Whether what is shown was chosen anew since: what is gone needs no room.
    is_anew: bool,
    /// What is shown, by delivery, while the ledger is.
    ledger: Option<Ledger>,
    /// By the first of a delivery that came more than once: the others, in order.
    again: HashMap<ExchangeId, Vec<ExchangeId>>,
}

/// Where a list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    top: Option<ExchangeId>,
    selected: Option<ExchangeId>,
    height: usize,
}

/// What is shown, before the pause cuts it.
enum Shown<'a> {
    Rows(&'a [Arc<Summary>]),
    Ids(&'a [ExchangeId]),
}

impl List {
    /// An empty list.
    pub fn new(follow: bool) -> Self {
        Self { follow, ..Self::default() }
    }

    fn shown(&self) -> Shown<'_> {
        match (&self.only_marked, &self.filter) {
            (Some(ids), _) => Shown::Ids(ids),
            (None, Some(filter)) => Shown::Ids(&filter.ids),
            (None, None) => Shown::Rows(&self.rows),
        }
    }

    /// The newest rows of all, so many at most.
    pub fn newest(&self, most: usize) -> &[Arc<Summary>] {
        self.rows.get(self.rows.len().saturating_sub(most)..).unwrap_or_default()
    }

    /// How many rows would be shown without the pause.
    fn len_unpaused(&self) -> usize {
        match self.shown() {
            Shown::Rows(rows) => rows.len(),
            Shown::Ids(ids) => ids.len(),
        }
    }

    /// How many lines are shown: rows, or in the ledger deliveries and the tries of those that are open.
    pub fn len(&self) -> usize {
        self.ledger.as_ref().map_or_else(|| self.rows_len(), Ledger::len)
    }

    /// How many rows are shown, in lines of their own or not.
    pub fn rows_len(&self) -> usize {
        match (self.paused_at, self.shown()) {
            (None, _) => self.len_unpaused(),
            (Some(last), Shown::Rows(rows)) => rows.partition_point(|row| row.id <= last),
            (Some(last), Shown::Ids(ids)) => ids.partition_point(|id| *id <= last),
        }
    }

    /// Whether no row is shown.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows there are, shown or not.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// How many rows wait behind the pause; `None` when the list is not paused.
    pub fn pending(&self) -> Option<usize> {
        self.paused_at.map(|_| self.len_unpaused().saturating_sub(self.rows_len()))
    }

    /// The row of that id.
    pub fn row(&self, id: ExchangeId) -> Option<&Arc<Summary>> {
        self.rows.get(self.at(id)?)
    }

    /// Where the row of that id is among all.
    fn at(&self, id: ExchangeId) -> Option<usize> {
        // Ids go up by one but where something is missing: the first guess nearly always fits.
        let guess = usize::try_from(id.0.checked_sub(self.rows.first()?.id.0)?).unwrap_or(usize::MAX);
        if self.rows.get(guess).is_some_and(|row| row.id == id) {
            return Some(guess);
        }
        self.rows.binary_search_by_key(&id, |row| row.id).ok()
    }

    /// A row of the session by its number, from 0, shown or not.
    pub fn row_at(&self, index: usize) -> Option<&Arc<Summary>> {
        self.rows.get(index)
    }

    /// The id of a shown row, from 0 at the top.
    pub fn id_at(&self, index: usize) -> Option<ExchangeId> {
        if let Some(ledger) = &self.ledger {
            return ledger.line(index).map(|(id, _)| id);
        }
        if index >= self.len() {
            return None;
        }
        match self.shown() {
            Shown::Rows(rows) => rows.get(index).map(|row| row.id),
            Shown::Ids(ids) => ids.get(index).copied(),
        }
    }

    /// The shown rows from `top`, at most `count`; only these are looked at.
    pub fn visible(&self, count: usize) -> impl Iterator<Item = &Arc<Summary>> {
        (self.top..self.len().min(self.top.saturating_add(count)))
            .filter_map(|index| self.id_at(index).and_then(|id| self.row(id)))
    }

    /// Where the first shown row with this id or a higher one is.
    fn place_of(&self, id: ExchangeId) -> usize {
        if let Some(ledger) = &self.ledger {
            let key = self.row(id).map_or(id, |row| row.delivery_first);
            return ledger.place_of(id, key);
        }
        match self.shown() {
            Shown::Rows(rows) => rows.partition_point(|row| row.id < id),
            Shown::Ids(ids) => ids.partition_point(|known| *known < id),
        }
    }

    /// The number of the selected line among the shown ones.
    pub fn selected_index(&self) -> Option<usize> {
        let id = self.selected?;
        let place = self.place_of(id);
        (self.id_at(place) == Some(id)).then_some(place)
    }

    /// Number of the shown row that is drawn first.
    pub fn top(&self) -> usize {
        self.top
    }

    /// The filter in force.
    pub fn filter(&self) -> Option<&ActiveFilter> {
        self.filter.as_ref()
    }

    /// Whether only marked rows are shown.
    pub fn is_only_marked(&self) -> bool {
        self.only_marked.is_some()
    }

    /// Whether the list is paused.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// What the columns need.
    pub fn need(&self) -> Need {
        self.need
    }

    /// Whether a delivery came more than once, shown or not.
    pub fn has_tries(&self) -> bool {
        !self.again.is_empty()
    }

    /// What a shown line shows.
    pub fn drawn(&self, index: usize) -> Option<Drawn<'_>> {
        let row = self.row(self.id_at(index)?)?;
        let (newest, below) = match self.ledger_line(index) {
            Some(Line::Delivery { is_open: false, newest, .. }) => (self.row(newest).unwrap_or(row), None),
            Some(Line::Try { before }) => (row, self.row(before).map(AsRef::as_ref)),
            _ => (row, None),
        };
        Some(Drawn { row, newest, below })
    }

    /// The next measure is one of its own: the room is another, or the list stands elsewhere.
    pub fn measure_anew(&mut self) {
        self.is_anew = true;
    }

    /// Measures the `height` lines that are drawn. Columns only grow with it, unless what is shown was chosen anew. `moved`: the user
    /// went elsewhere; when no line is left of those that were drawn, that is new too.
    pub fn measure(&mut self, height: usize, moved: bool) {
        let range = self.top..self.len().min(self.top.saturating_add(height));
        let ids: Vec<ExchangeId> = range.clone().filter_map(|index| self.id_at(index)).collect();
        let is_elsewhere = moved && !ids.iter().any(|id| self.measured.contains(id));
        let mut need = if std::mem::take(&mut self.is_anew) || is_elsewhere { Need::default() } else { self.need };
        // A column that one row has stays, whichever rows are on screen.
        let is_ledger = self.is_ledger();
        need.keep(Has {
            tries: self.has_tries(),
            marks: !self.marked.is_empty(),
            deliveries: self.has.deliveries && is_ledger,
            ..self.has
        });
        need.take(range.filter_map(|index| self.drawn(index)));
        (self.need, self.measured) = (need, ids);
    }

    /// How many rows are marked.
    pub fn marked_count(&self) -> usize {
        self.marked.len()
    }
}

#[cfg(test)]
mod tests;
