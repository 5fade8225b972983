//! Numbers in few columns.

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

/// A length in bytes in at most 5 columns: `0`, `842`, `7.2K`, `118K`, `1.5M` (powers of 1024).
pub fn size(bytes: u64) -> String {
    scaled(bytes, 1024, &["", "K", "M", "G", "T", "P", "E"])
}

fn scaled(number: u64, step: u64, units: &[&str]) -> String {
    let mut scale = 1u64;
    let mut last = "";
    for unit in units {
        last = unit;
        match scale.checked_mul(step) {
            // Rounding up must not make 1000 of what is not yet the next unit.
            Some(next) if tenths(number, scale) >= 9_995 => scale = next,
            _ => break,
        }
    }
    let tenths = tenths(number, scale);
    if scale == 1 || tenths >= 100 {
        format!("{}{last}", (tenths + 5) / 10)
    } else {
        format!("{}.{}{last}", tenths / 10, tenths % 10)
    }
}

fn tenths(number: u64, scale: u64) -> u64 {
    let tenths = (u128::from(number) * 10 + u128::from(scale) / 2) / u128::from(scale);
    u64::try_from(tenths).unwrap_or(u64::MAX)
}

/// A duration in at most 6 columns: `340us`, `1.2ms`, `87ms`, `3.4s`, `12m`, `3h`.
pub fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us}us"),
        1_000..10_000 => format!("{}.{}ms", us / 1_000, us % 1_000 / 100),
        10_000..1_000_000 => format!("{}ms", us / 1_000),
        1_000_000..10_000_000 => format!("{}.{}s", us / 1_000_000, us % 1_000_000 / 100_000),
        10_000_000..120_000_000 => format!("{}s", us / 1_000_000),
        120_000_000..7_200_000_000 => format!("{}m", us / 60_000_000),
        _ => format!("{}h", us / 3_600_000_000),
    }
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
