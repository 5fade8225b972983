//! How much of its time the thread may spend on searches for causes while rows wait.

use std::time::{Duration, Instant};

/// What may be spent at once.
const FULL: Duration = Duration::from_secs(1);

/// One part in so many of the time that passes may be spent.
const SHARE: u32 = 3;

/// An allowance that grows with time. Under a flood of failing requests most rows are told without a search, so that it
/// cannot hold up the others.
#[derive(Debug)]
pub struct Allowance {
    left: Duration,
    /// Until when it has grown.
    grown: Option<Instant>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: FULL, grown: None }
    }
}

impl Allowance {
    /// Whether any is left.
    pub fn is_left(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.grown.unwrap_or(now));
        self.left = self.left.saturating_add(passed / SHARE).min(FULL);
        self.grown = Some(now);
        !self.left.is_zero()
    }

    /// So much was spent. What goes over it is forgiven: no search takes long.
    pub fn spend(&mut self, time: Duration) {
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
        allowance.spend(Duration::from_secs(5));
        assert!(!allowance.is_left(start));
        assert!(allowance.is_left(start + Duration::from_millis(30)));
        allowance.spend(Duration::from_millis(10));
        assert!(!allowance.is_left(start + Duration::from_millis(30)));
        assert!(allowance.is_left(start + Duration::from_secs(3600)));
        assert_eq!(allowance.left, FULL);
    }
}
