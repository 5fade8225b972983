//! Where the list stands: what is selected, and which line is drawn first.

use super::{List, Standing};
use crate::domain::exchange::ExchangeId;

impl List {
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
    pub(super) fn settle(&mut self, anchor: Option<ExchangeId>) {
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
