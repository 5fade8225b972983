//! Numbers in few columns.

pub use crate::domain::quantity::{duration_us_narrow as duration, size_narrow as size};
use crate::domain::time::Timestamp;

/// A number with commas: `1,204`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The time of day `14:02:11`.
pub fn clock(at: Timestamp, utc_offset_s: i32) -> String {
    part(at, utc_offset_s, 11..19)
}

/// Day and time `11-22 14:02`.
pub fn day_and_clock(at: Timestamp, utc_offset_s: i32) -> String {
    format!("{} {}", part(at, utc_offset_s, 5..10), part(at, utc_offset_s, 11..16))
}

/// The day `2026-11-22`.
pub fn day(at: Timestamp, utc_offset_s: i32) -> String {
    part(at, utc_offset_s, 0..10)
}

fn part(at: Timestamp, utc_offset_s: i32, range: std::ops::Range<usize>) -> String {
    let local = at.plus_micros(i64::from(utc_offset_s) * 1_000_000).to_rfc3339();
    local.get(range).unwrap_or_default().to_owned()
}
