//! Requests a second, for the sparkline.

use std::collections::VecDeque;

use crate::domain::time::Timestamp;

/// Seconds kept.
pub const SECONDS_MAX: usize = 60;

/// Counts of the last seconds, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    counts: VecDeque<u32>,
    /// Unix second of the newest count.
    newest_s: i64,
}

impl Rate {
    /// The clock says this.
    pub fn tick(&mut self, now: Timestamp) {
        // The clock was set back: until it is where it was, nothing would be counted.
        if now.secs().saturating_add(SECONDS_MAX as i64) < self.newest_s {
            self.counts.clear();
        }
        self.advance(now.secs());
    }

    /// A request arrived then. One from before the window is left out.
    pub fn arrived(&mut self, at: Timestamp) {
        let second = at.secs();
        if self.counts.is_empty() {
            self.newest_s = second;
            self.counts.push_back(0);
        }
        self.advance(second);
        let age = usize::try_from(self.newest_s.saturating_sub(second)).unwrap_or(usize::MAX);
        let slot = self.counts.len().checked_sub(1 + age).and_then(|index| self.counts.get_mut(index));
        if let Some(count) = slot {
            *count = count.saturating_add(1);
        }
    }

    fn advance(&mut self, second: i64) {
        if self.counts.is_empty() {
            return;
        }
        let steps = usize::try_from(second.saturating_sub(self.newest_s)).unwrap_or(0).min(SECONDS_MAX);
        for _ in 0..steps {
            self.counts.push_back(0);
        }
        while self.counts.len() > SECONDS_MAX {
            self.counts.pop_front();
        }
        self.newest_s = self.newest_s.max(second);
    }

    /// Counts of the last `seconds`, oldest first; fewer when it has not run so long.
    pub fn last(&self, seconds: usize) -> impl Iterator<Item = u32> {
        self.counts.iter().skip(self.counts.len().saturating_sub(seconds)).copied()
    }

    /// Requests in the second before the one that runs: the newest whole one; what has come in this one when it is the first.
    pub fn per_second(&self) -> u32 {
        let whole = self.counts.len().saturating_sub(2);
        self.counts.get(whole).copied().unwrap_or(0)
    }

    /// Whether the picture still changes with the clock.
    pub fn is_moving(&self) -> bool {
        self.counts.iter().any(|count| *count > 0)
    }
}

#[cfg(test)]
mod tests;
