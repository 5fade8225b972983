//! The one place on this floor that asks what time it is.

use std::time::SystemTime;

use crate::domain::time::Timestamp;

/// Now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Seconds to add to UTC for the time on the wall, as of now.
pub fn utc_offset_s() -> i32 {
    crate::io::clock::local().offset().local_minus_utc()
}
