//! The ledger over the list: rows of one delivery as one line, and which of them a line stands for.

use std::sync::Arc;

use super::{List, Shown};
use crate::domain::exchange::ExchangeId;
use crate::domain::ledger::{Ledger, Line};
use crate::domain::summary::Summary;

impl List {
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
    pub(super) fn regroup(&mut self) {
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
}
