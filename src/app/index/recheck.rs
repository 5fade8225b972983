//! Checking rows again after a secret or a public URL was given: the one that the user looks at first, then from the newest down.

use crate::domain::exchange::ExchangeId;
use crate::domain::signature::Outcome;

use super::event::{IndexEvent, Told};
use super::rows::Rows;

/// A walk over the rows of a provider.
pub struct Recheck {
    /// `None`: of all.
    provider: Option<String>,
    told: Option<Told>,
    /// Whose rows are counted.
    counted: Option<String>,
    first: Option<ExchangeId>,
    skip: ExchangeId,
    /// Rows below this place are still to be looked at.
    below: usize,
    valid: u64,
    checked: u64,
}

impl Recheck {
    /// Nothing looked at yet.
    pub fn new(provider: Option<String>, first: ExchangeId, told: Option<Told>, rows: &Rows) -> Self {
        // Of all rows, those tell the user something that are like the one looked at.
        let counted = provider.clone().or_else(|| rows.get(first)?.provider.as_deref().map(str::to_owned));
        Self { provider, told, counted, first: Some(first), skip: first, below: rows.len(), valid: 0, checked: 0 }
    }

    /// The next exchange to check. Rows without a provider are checked too: their endpoint may name it.
    pub fn next(&mut self, rows: &Rows) -> Option<ExchangeId> {
        if let Some(first) = self.first.take()
            && rows.get(first).is_some()
        {
            return Some(first);
        }
        while self.below > 0 {
            self.below -= 1;
            let row = rows.from(self.below).first()?;
            let is_it = |provider: &str| self.provider.as_deref().is_none_or(|wanted| wanted == provider);
            let concerned = row.provider.as_deref().is_none_or(is_it);
            if concerned && row.id != self.skip {
                return Some(row.id);
            }
        }
        None
    }

    /// Counts what a check of a row said. What cannot be told (another scheme, a body cut short) is not counted.
    pub fn count(&mut self, id: ExchangeId, outcome: Outcome, rows: &Rows) {
        let provider = rows.get(id).and_then(|row| row.provider.as_deref());
        if self.provider.is_none() && provider != self.counted.as_deref() {
            return;
        }
        match outcome {
            Outcome::Valid => {
                self.valid += 1;
                self.checked += 1;
            }
            Outcome::Invalid => self.checked += 1,
            Outcome::Unsigned | Outcome::Unknown => {}
        }
    }

    /// What came of it, when that is to be told.
    pub fn done(self) -> Option<IndexEvent> {
        let Self { counted, valid, checked, .. } = self;
        self.told.map(|after| IndexEvent::Rechecked { after, provider: counted.unwrap_or_default(), valid, checked })
    }
}
