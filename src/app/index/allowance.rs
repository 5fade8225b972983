//! How much of its time the thread may spend on searches for causes while rows wait.

use std::time::{Duration, Instant};

/// What may be spent at once.
const FULL: Duration = Duration::from_secs(1);

/// One part in so many of the time that passes may be spent.
const SHARE: u32 = 3;

/// What may be owed at most: one search took long, and that is no reason to make none for minutes.
const OWED_MAX: Duration = Duration::from_secs(2);

/// An allowance that grows with time. Under a flood of failing requests most rows are told without a search, so that it
/// cannot hold up the others.
#[derive(Debug)]
pub struct Allowance {
    left: Duration,
    /// Spent beyond what was left. It is paid off first: a search takes longer than a moment's growth, so that each row of a flood
    /// would have one if the rest of it were forgiven.
    owed: Duration,
    /// Until when it has grown.
    grown: Option<Instant>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: FULL, owed: Duration::ZERO, grown: None }
    }
}

impl Allowance {
    /// Whether any is left.
    pub fn is_left(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.grown.unwrap_or(now));
        let grown = passed / SHARE;
        self.left = self.left.saturating_add(grown.saturating_sub(self.owed)).min(FULL);
        self.owed = self.owed.saturating_sub(grown);
        self.grown = Some(now);
        !self.left.is_zero()
    }

    /// So much was spent.
    pub fn spend(&mut self, time: Duration) {
        self.owed = self.owed.saturating_add(time.saturating_sub(self.left)).min(OWED_MAX);
        self.left = self.left.saturating_sub(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_the_time_may_be_spent() {
        let (mut allowance, start) = (Allowance::default(), Instant::now());
        assert!(allowance.is_left(start));
        allowance.spend(Duration::from_millis(1100));
        assert!(!allowance.is_left(start));
        // 100 ms too much: paid off in 300.
        assert!(!allowance.is_left(start + Duration::from_millis(290)));
        assert!(allowance.is_left(start + Duration::from_millis(330)));
        allowance.spend(Duration::from_millis(10));
        assert!(!allowance.is_left(start + Duration::from_millis(330)));
        assert!(allowance.is_left(start + Duration::from_secs(3600)));
        assert_eq!(allowance.left, FULL);
    }

    /// A flood of rows whose searches take 80 ms each, and all else of them 1 ms.
    #[test]
    fn a_flood_of_dear_searches_keeps_to_its_share() {
        let (mut allowance, start) = (Allowance::default(), Instant::now());
        let (mut now, mut spent) = (start, Duration::ZERO);
        while now < start + Duration::from_secs(30) {
            now += Duration::from_millis(1);
            if allowance.is_left(now) {
                let search = Duration::from_millis(80);
                (now, spent) = (now + search, spent + search);
                allowance.spend(search);
            }
        }
        assert!((9..=12).contains(&spent.as_secs()), "{spent:?}");
    }
}
