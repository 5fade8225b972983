//! Holding: which requests wait for the user, and for how long.

use crate::domain::filter::Filter;

/// Which requests are held.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// Those that it lets through; `None`: all.
    pub filter: Option<Filter>,
    /// For how long where the provider's own deadline is not known, in milliseconds.
    pub default_ms: u64,
}

/// How long most providers wait at least.
pub const HOLD_MS: u64 = 10_000;

impl Default for Hold {
    fn default() -> Self {
        Self { filter: None, default_ms: HOLD_MS }
    }
}

/// How long a request is held whose sender waits so long: a tenth less, but at most half a second, so that the default still
/// comes in time.
pub fn within(deadline_ms: u64) -> u64 {
    deadline_ms.saturating_sub((deadline_ms / 10).min(500))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_comes_before_the_deadline() {
        assert_eq!([within(10_000), within(3_000), within(100), within(0)], [9_500, 2_700, 90, 0]);
    }
}
