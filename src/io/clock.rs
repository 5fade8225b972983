//! The wall clock. It may be set at any moment, forward and back: what must not jump is measured by
//! [`std::time::Instant`], ids are counted, and a duration between two readings is never negative
//! ([`Timestamp::micros_since`]).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::time::Timestamp;

/// The last microsecond of the year 9999, the last that RFC 3339 can write: a line with a later time could not be read again.
const LAST_MICROS: i64 = 253_402_300_799_999_999;

/// Now, in microseconds. A clock before 1970 reads as 1970, one after 9999 as its end.
pub fn now() -> Timestamp {
    reading(SystemTime::now())
}

/// Now on the wall. chrono's own clock panics before 1970.
pub fn local() -> chrono::DateTime<chrono::Local> {
    chrono::DateTime::from_timestamp_micros(now().micros()).unwrap_or_default().with_timezone(&chrono::Local)
}

fn reading(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX).min(LAST_MICROS))
}

#[cfg(test)]
mod tests;
