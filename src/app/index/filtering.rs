//! The filter in force, worked through the rows in slices. A cursor runs from the oldest row to the newest, so new rows
//! are looked at by the same walk as old ones.

use std::sync::Arc;
use std::time::Instant;

use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Filter;
use crate::domain::summary::Summary;
use crate::io::store::Store;

use super::event::IndexEvent;
use super::rows::Rows;

/// Rows between two looks at the clock.
const STRIDE: usize = 256;

/// A filter at work.
pub struct Filtering {
    version: u64,
    filter: Filter,
    /// Place of the next row to look at.
    next: usize,
    /// Ids that fit, in order.
    fitting: Vec<ExchangeId>,
    begun: bool,
}

impl Filtering {
    /// Nothing looked at yet.
    pub fn new(version: u64, filter: Filter) -> Self {
        Self { version, filter, next: 0, fitting: Vec::new(), begun: false }
    }

    /// Whether there is something to say or to look at.
    pub fn is_behind(&self, rows: &Rows) -> bool {
        !self.begun || self.next < rows.len()
    }

    /// Looks at rows until `until`.
    pub fn slice(&mut self, rows: &Rows, store: &Store, until: Instant) -> Option<IndexEvent> {
        let known = self.fitting.len();
        loop {
            let stride = rows.from(self.next);
            for row in stride.iter().take(STRIDE) {
                if self.fits(row, store) {
                    self.fitting.push(row.id);
                }
                self.next += 1;
            }
            if self.next >= rows.len() || Instant::now() >= until {
                break;
            }
        }
        let version = self.version;
        if !self.begun {
            self.begun = true;
            return Some(IndexEvent::Filtered { version, ids: self.fitting.clone() });
        }
        let ids = self.fitting.get(known..).unwrap_or_default().to_vec();
        (!ids.is_empty()).then_some(IndexEvent::FilterMatched { version, ids })
    }

    /// Looks again at rows that changed after the cursor had passed them.
    pub fn changed(&mut self, changed: &[Arc<Summary>], rows: &Rows, store: &Store) -> Vec<IndexEvent> {
        let (mut more, mut fewer) = (Vec::new(), false);
        for row in changed {
            if rows.place(row.id).is_none_or(|place| place >= self.next) {
                continue;
            }
            match (self.fitting.binary_search(&row.id), self.fits(row, store)) {
                (Err(place), true) => {
                    self.fitting.insert(place, row.id);
                    more.push(row.id);
                }
                (Ok(place), false) => {
                    self.fitting.remove(place);
                    fewer = true;
                }
                _ => {}
            }
        }
        let version = self.version;
        if fewer {
            return vec![IndexEvent::Filtered { version, ids: self.fitting.clone() }];
        }
        if more.is_empty() { Vec::new() } else { vec![IndexEvent::FilterMatched { version, ids: more }] }
    }

    fn fits(&self, row: &Summary, store: &Store) -> bool {
        if !self.filter.needs_request() {
            return self.filter.matches(row, None);
        }
        // What has left memory and file is judged by its row alone.
        let request = store.request(row.id).ok();
        self.filter.matches(row, request.as_deref())
    }
}
