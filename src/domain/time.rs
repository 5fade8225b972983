//! Points in time as plain numbers, so that nothing on this floor needs a clock.

use chrono::{DateTime, SecondsFormat};

/// Microseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the Unix epoch; saturates.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This time moved by so many microseconds; saturates.
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this; 0 when `earlier` is later.
    pub const fn micros_since(self, earlier: Self) -> u64 {
        let gap = self.0.saturating_sub(earlier.0);
        if gap < 0 { 0 } else { gap as u64 }
    }

    /// RFC 3339 in UTC with six digits: `2026-11-22T02:30:00.123456Z`. Empty for a year that RFC 3339 cannot write.
    pub fn to_rfc3339(self) -> String {
        DateTime::from_timestamp_micros(self.0)
            .map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true))
            .unwrap_or_default()
    }

    /// Reads RFC 3339 with any offset; digits below a microsecond are dropped.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp_micros()))
    }
}
