//! The list: rows by id, which of them are shown, and which one is selected. Nothing here goes by position but what is drawn.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Filter;
use crate::domain::ledger::{Ledger, Line};
use crate::domain::summary::Summary;

use super::need::{Drawn, Has, Need};
use crate::tui::widgets::judgement;

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
    ids: Vec<ExchangeId>,
}

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

    /// The exchange that the selected line stands for: of a closed delivery the newest try, whose answer the line shows, or the one
    /// that is being read.
    pub fn selected(&self) -> Option<ExchangeId> {
        let newest = self.newest_of_selected()?;
        let is_of_line = |id: &ExchangeId| {
            let key = |id: ExchangeId| self.row(id).map(|row| row.delivery_first);
            Some(newest) != self.selected && key(*id) == key(newest)
        };
        self.read.filter(is_of_line).or(Some(newest))
    }

    /// The id of the selected line: of a delivery its first try's.
    pub fn selected_line(&self) -> Option<ExchangeId> {
        self.selected
    }

    fn newest_of_selected(&self) -> Option<ExchangeId> {
        let id = self.selected?;
        if self.ledger.is_none() {
            return Some(id);
        }
        match self.selected_index().and_then(|index| self.ledger_line(index)) {
            Some(Line::Delivery { is_open: false, newest, .. }) => Some(newest),
            _ => Some(id),
        }
    }

    /// Notes whether the selected exchange is being read: then it stays, though newer tries of its delivery come.
    pub fn set_read(&mut self, is_read: bool) {
        self.read = if is_read { self.selected() } else { None };
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

    /// Whether the rows stand by delivery.
    pub fn is_ledger(&self) -> bool {
        self.ledger.is_some()
    }

    /// How many deliveries are shown, while the ledger is.
    pub fn deliveries_len(&self) -> Option<usize> {
        self.ledger.as_ref().map(Ledger::deliveries_len)
    }

    /// What a line of the ledger stands for; `None` while the list is shown.
    pub fn ledger_line(&self, index: usize) -> Option<Line> {
        self.ledger.as_ref()?.line(index).map(|(_, line)| line)
    }

    /// Shows the ledger, or the list again. What is selected stays so, as far as it has a line.
    pub fn set_ledger(&mut self, on: bool) {
        let anchor = self.id_at(self.top);
        self.ledger = on.then(Ledger::default);
        self.is_anew = true;
        self.regroup();
        self.settle(anchor);
    }

    /// Opens or closes the delivery of the selected line; whether it has more than one try.
    pub fn turn_delivery(&mut self) -> bool {
        let Some(index) = self.selected_index() else { return false };
        let turned = self.ledger.as_mut().is_some_and(|ledger| ledger.turn(index));
        if let (true, Some(id)) = (turned, self.selected) {
            // From a try below, its delivery's own line is selected when it closes.
            let place = self.place_of(id);
            self.selected = self.id_at(place);
        }
        turned
    }

    /// The tries of a row's delivery that came with it or before or after, in order: the first and the newest of the others,
    /// at most so many. Empty when it came once.
    pub fn tries(&self, row: &Summary, most: usize) -> Vec<Arc<Summary>> {
        let Some(others) = self.again.get(&row.delivery_first) else { return Vec::new() };
        let newest = others.len().saturating_sub(most.saturating_sub(1));
        let ids = std::iter::once(&row.delivery_first).chain(others.iter().skip(newest));
        ids.filter_map(|id| self.row(*id).cloned()).collect()
    }

    /// Groups what is shown anew, when the ledger is: after the shown rows changed other than by new ones at their end.
    fn regroup(&mut self) {
        if self.ledger.is_none() {
            return;
        }
        let before = self.ledger.take();
        let last = self.paused_at;
        let is_in = |row: &&Arc<Summary>| last.is_none_or(|last| row.id <= last);
        let of = |row: &Arc<Summary>| (row.id, row.delivery_first);
        let ledger = match self.shown() {
            Shown::Rows(rows) => Ledger::of(rows.iter().take_while(is_in).map(of), before),
            Shown::Ids(ids) => {
                // Both go up: one walk, and no search for each.
                let mut wanted = ids.iter().peekable();
                let shown = self.rows.iter().take_while(is_in).filter(|row| {
                    while wanted.next_if(|id| **id < row.id).is_some() {}
                    wanted.next_if(|id| **id == row.id).is_some()
                });
                Ledger::of(shown.map(of), before)
            }
        };
        self.ledger = Some(ledger);
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

    /// Takes new rows, in any order; a known id is replaced.
    pub fn add(&mut self, batch: Vec<Arc<Summary>>) {
        let anchor = self.id_at(self.top);
        for row in &batch {
            self.note(row);
        }
        let in_order = batch.windows(2).all(|pair| matches!(pair, [first, second] if first.id < second.id))
            && batch.first().is_none_or(|first| self.rows.last().is_none_or(|last| last.id < first.id));
        for row in batch.iter().filter(|row| row.delivery_first != row.id) {
            let others = self.again.entry(row.delivery_first).or_default();
            if let Err(at) = others.binary_search(&row.id) {
                others.insert(at, row.id);
            }
        }
        let grows = in_order && self.filter.is_none() && self.only_marked.is_none() && self.paused_at.is_none();
        if let (true, Some(ledger)) = (grows, &mut self.ledger) {
            batch.iter().for_each(|row| ledger.add(row.id, row.delivery_first));
        }
        self.rows.extend(batch);
        if !in_order {
            // The stable sort leaves the newer of two rows with one id last; after the reversal it is the one kept.
            self.rows.sort_by_key(|row| row.id);
            self.rows.reverse();
            self.rows.dedup_by_key(|row| row.id);
            self.rows.reverse();
            self.regroup();
        }
        self.remake_only_marked();
        self.settle(anchor);
    }

    /// Takes rows that changed; unknown ones are left out.
    pub fn change(&mut self, batch: Vec<Arc<Summary>>) {
        let anchor = self.id_at(self.top);
        for row in batch {
            if let Some(at) = self.at(row.id) {
                self.note(&row);
                if let Some(slot) = self.rows.get_mut(at) {
                    *slot = row;
                }
            }
        }
        self.remake_only_marked();
        self.settle(anchor);
    }

    fn note(&mut self, row: &Summary) {
        self.has.events |= row.event_type.is_some();
        self.has.deliveries |= row.delivery.is_some();
        self.has.then |= judgement::is_told(row);
        if row.marked {
            self.marked.insert(row.id);
        } else {
            self.marked.remove(&row.id);
        }
    }

    fn remake_only_marked(&mut self) {
        if self.only_marked.is_some() {
            let kept = |id: &ExchangeId| match &self.filter {
                Some(filter) => filter.ids.binary_search(id).is_ok(),
                None => true,
            };
            let ids: Vec<ExchangeId> = self.marked.iter().copied().filter(kept).collect();
            if self.only_marked.as_ref() != Some(&ids) {
                self.only_marked = Some(ids);
                self.regroup();
            }
        }
    }

    /// Marks or unmarks; what it is now, or `None` when there is no such row.
    pub fn toggle_mark(&mut self, id: ExchangeId) -> Option<bool> {
        let at = self.at(id)?;
        let slot = self.rows.get_mut(at)?;
        let marked = !slot.marked;
        Arc::make_mut(slot).marked = marked;
        let row = Arc::clone(slot);
        self.change(vec![row]);
        Some(marked)
    }

    /// Shows only marked rows, or all again.
    pub fn set_only_marked(&mut self, only: bool) {
        let anchor = self.id_at(self.top);
        self.only_marked = only.then(Vec::new);
        self.is_anew = true;
        self.remake_only_marked();
        self.regroup();
        self.settle(anchor);
    }

    /// Puts a filter in force, or none; the version to ask for.
    pub fn set_filter(&mut self, filter: Option<(String, Filter)>) -> u64 {
        let anchor = self.id_at(self.top);
        self.filter_version += 1;
        self.is_anew = true;
        let version = self.filter_version;
        self.filter =
            filter.map(|(text, filter)| ActiveFilter { version, text, filter, ready: false, ids: Vec::new() });
        self.remake_only_marked();
        self.regroup();
        self.settle(anchor);
        version
    }

    /// The ids that the filter of that version lets through: all of them so far, or `more`.
    pub fn filtered(&mut self, version: u64, mut ids: Vec<ExchangeId>, more: bool) {
        let anchor = self.id_at(self.top);
        let Some(filter) = self.filter.as_mut().filter(|filter| filter.version == version) else { return };
        let at_end = filter.ids.last().is_none_or(|last| ids.first().is_none_or(|first| last < first));
        let grows = more && at_end && ids.is_sorted_by(|a, b| a < b);
        let new = if grows { ids.clone() } else { Vec::new() };
        if more {
            filter.ids.append(&mut ids);
        } else {
            filter.ids = ids;
            self.is_anew |= !std::mem::replace(&mut filter.ready, true);
        }
        if !filter.ids.is_sorted_by(|a, b| a < b) {
            filter.ids.sort_unstable();
            filter.ids.dedup();
        }
        if grows && self.only_marked.is_none() && self.paused_at.is_none() {
            let keys: Vec<_> =
                new.iter().filter_map(|id| self.row(*id).map(|row| (row.id, row.delivery_first))).collect();
            if let Some(ledger) = &mut self.ledger {
                keys.into_iter().for_each(|(id, key)| ledger.add(id, key));
            }
        } else if self.paused_at.is_none() || !more {
            self.regroup();
        }
        self.remake_only_marked();
        self.settle(anchor);
    }

    /// Holds the list still, or lets it go on.
    pub fn set_paused(&mut self, paused: bool) {
        let anchor = self.id_at(self.top);
        let last = self.rows.last().map_or(ExchangeId(0), |row| row.id);
        self.paused_at = paused.then_some(last);
        self.regroup();
        self.settle(anchor);
    }

    /// Follows from now on, or no longer.
    pub fn set_follow(&mut self, follow: bool) {
        self.follow = follow;
        self.settle(self.id_at(self.top));
    }

    /// Leaves the selection alone while an overlay is about it.
    pub fn set_held(&mut self, held: bool) {
        if self.held != held {
            self.held = held;
            self.settle(self.id_at(self.top));
        }
    }

    /// Selects a shown row by its number; beyond the end it is the last one.
    pub fn select_index(&mut self, index: usize) {
        let last = self.len().saturating_sub(1);
        if let Some(id) = self.id_at(index.min(last)) {
            self.selected = Some(id);
        }
    }

    /// Selects by id when that row is shown, in a line of its own or in that of its closed delivery.
    pub fn select(&mut self, id: ExchangeId) {
        let place = self.place_of(id);
        let Some(line) = self.id_at(place) else { return };
        let key = |id: ExchangeId| self.row(id).map(|row| row.delivery_first);
        let is_within = self.is_ledger() && key(line) == key(id);
        if line == id || is_within {
            (self.selected, self.read) = (Some(line), Some(id));
        }
    }

    /// Moves the selection by so many rows, as far as there are any.
    pub fn move_by(&mut self, rows: isize) {
        let from = self.selected_index().unwrap_or(0);
        self.select_index(from.saturating_add_signed(rows));
    }

    /// After the shown rows changed: the row drawn first stays, and something shown is selected. While a filter waits for
    /// its first answer the selection is left alone, so that it is still there when the filter lets it through.
    fn settle(&mut self, anchor: Option<ExchangeId>) {
        if let Some(id) = anchor {
            self.top = self.place_of(id);
        }
        if self.filter.as_ref().is_some_and(|filter| !filter.ready) {
            return;
        }
        let len = self.len();
        if len == 0 {
            self.selected = None;
            return;
        }
        if self.follow && !self.held && !self.is_paused() {
            self.selected = self.id_at(len - 1);
        } else if self.selected_index().is_none() {
            let place = self.selected.map_or(0, |id| self.place_of(id));
            self.select_index(place);
        }
    }

    /// Scrolls so far that the selected row is among `height` drawn ones.
    pub fn show_selected(&mut self, height: usize) {
        if let (Some(index), true) = (self.selected_index(), height > 0) {
            self.top = self.top.clamp((index + 1).saturating_sub(height), index);
        }
        self.clamp_top(height);
    }

    /// The screen has another size: the list has `height` rows now, and had `was`. Back at its old size it stands where it
    /// stood, unless something else was selected meanwhile.
    pub fn resized(&mut self, was: usize, height: usize) {
        if height < was {
            let here = Standing { top: self.id_at(self.top), selected: self.selected, height: was };
            let before = self.before.filter(|before| before.selected == self.selected && before.height > was);
            self.before = Some(before.unwrap_or(here));
        }
        if let Some(before) = self.before.take_if(|before| before.height <= height)
            && before.selected == self.selected
            && let Some(top) = before.top
        {
            self.top = self.place_of(top);
        }
    }

    /// Scrolls by so many rows and leaves the selection where it is.
    pub fn scroll_by(&mut self, rows: isize, height: usize) {
        self.top = self.top.saturating_add_signed(rows);
        self.clamp_top(height);
    }

    /// Leaves no empty room at the end while there are rows above.
    pub fn clamp_top(&mut self, height: usize) {
        self.top = self.top.min(self.len().saturating_sub(height));
    }
}

#[cfg(test)]
mod tests;
