//! What the list takes: rows, marks, filters, the pause.

use std::sync::Arc;

use super::{ActiveFilter, List, WIDER_ROWS_MAX};
use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Filter;
use crate::domain::summary::Summary;
use crate::tui::widgets::judgement;

impl List {
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
        self.filter = filter.map(|(text, filter)| ActiveFilter {
            version,
            text,
            filter,
            ready: false,
            wider: None,
            ids: Vec::new(),
        });
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
            let newest = self.rows.get(self.rows.len().saturating_sub(WIDER_ROWS_MAX)..).unwrap_or_default();
            let wider = if filter.ids.is_empty() { filter.filter.wider(newest) } else { None };
            filter.wider = wider.map(|(wider, fits)| (wider.to_string(), fits));
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
}
