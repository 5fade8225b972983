//! When something that nobody waits for is tried again.

/// Exponential waits with jitter, so many tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all, the first one included; at least 1.
    pub tries: u32,
    /// The wait before the second try, in milliseconds; each later one is twice as long.
    pub wait_ms: u64,
    /// No wait is longer, in milliseconds.
    pub wait_ms_max: u64,
}

/// Tries at most, whatever is asked for.
pub const TRIES_MAX: u32 = 100;

impl Default for Retry {
    /// Six tries within about a minute.
    fn default() -> Self {
        Self { tries: 6, wait_ms: 1_000, wait_ms_max: 60_000 }
    }
}

impl Retry {
    /// How long to wait after so many failed tries, in milliseconds; `None`: it was the last. `chance` is any number: half
    /// of the wait is drawn by it, so that what failed together is not tried again together.
    pub fn wait_after(&self, failed: u32, chance: u64) -> Option<u64> {
        if failed >= self.tries.clamp(1, TRIES_MAX) {
            return None;
        }
        let doubled = failed.saturating_sub(1).min(32);
        let whole = self.wait_ms.saturating_mul(1 << doubled).min(self.wait_ms_max);
        let half = whole / 2;
        Some(half + chance % (whole - half + 1))
    }
}

/// Whether an answer with this status may be another one later (RFC 9110 section 15.6, 15.5.9; RFC 6585 section 4; RFC 8470
/// section 5.2).
pub const fn may_change(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}
