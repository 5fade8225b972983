//! Sizes, durations and ages in few words, everywhere the same.

use super::time::Timestamp;

/// Units of bytes, in words and in a narrow column.
const SIZE_UNITS: [(&str, &str); 7] =
    [("B", ""), ("KiB", "K"), ("MiB", "M"), ("GiB", "G"), ("TiB", "T"), ("PiB", "P"), ("EiB", "E")];

/// `0 B`, `532 B`, `1.2 KiB`, `14 KiB`, `3.4 MiB`: powers of 1024, as limits are given.
pub fn size(bytes: u64) -> String {
    let (value, (unit, _)) = scaled(bytes);
    // Made for every row: without the machinery of formats.
    [value.as_str(), " ", unit].concat()
}

/// The same value as [`size`] in at most 5 columns: `0`, `532`, `1.2K`, `14K`, `3.4M`.
pub fn size_narrow(bytes: u64) -> String {
    let (value, (_, unit)) = scaled(bytes);
    format!("{value}{unit}")
}

/// A number below 1000 of the unit that fits, with one digit behind the point below 10.
fn scaled(bytes: u64) -> (String, (&'static str, &'static str)) {
    let mut scale = 1u64;
    let mut last = ("", "");
    for unit in SIZE_UNITS {
        last = unit;
        match scale.checked_mul(1024) {
            // Rounding up must not make 1000 of what is not yet the next unit.
            Some(next) if tenths(bytes, scale) >= 9_995 => scale = next,
            _ => break,
        }
    }
    let tenths = tenths(bytes, scale);
    let value = if scale == 1 || tenths >= 100 {
        ((tenths + 5) / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    (value, last)
}

fn tenths(number: u64, scale: u64) -> u64 {
    let tenths = (u128::from(number) * 10 + u128::from(scale) / 2) / u128::from(scale);
    u64::try_from(tenths).unwrap_or(u64::MAX)
}

/// `340 µs`, `1.2 ms`, `87 ms`, `3.4 s`, `12 min`, `3 h`.
pub fn duration_us(micros: u64) -> String {
    let (value, (unit, _)) = scaled_duration(micros);
    format!("{value} {unit}")
}

/// The same value as [`duration_us`] in at most 6 columns, below a hundred thousand hours: `340µs`, `1.2ms`, `12m`.
pub fn duration_us_narrow(micros: u64) -> String {
    let (value, (_, unit)) = scaled_duration(micros);
    format!("{value}{unit}")
}

fn scaled_duration(us: u64) -> (String, (&'static str, &'static str)) {
    let (micros, millis, secs) = (("µs", "µs"), ("ms", "ms"), ("s", "s"));
    match us {
        0..1_000 => (us.to_string(), micros),
        1_000..10_000 => (format!("{}.{}", us / 1_000, us % 1_000 / 100), millis),
        10_000..1_000_000 => ((us / 1_000).to_string(), millis),
        1_000_000..10_000_000 => (format!("{}.{}", us / 1_000_000, us % 1_000_000 / 100_000), secs),
        10_000_000..120_000_000 => ((us / 1_000_000).to_string(), secs),
        120_000_000..7_200_000_000 => ((us / 60_000_000).to_string(), ("min", "m")),
        _ => ((us / 3_600_000_000).to_string(), ("h", "h")),
    }
}

/// `now`, `12 s ago`, `5 min ago`, `3 h ago`, `9 days ago`.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    match now.micros_since(then) / 1_000_000 {
        0 => "now".to_owned(),
        secs @ 1..=119 => format!("{secs} s ago"),
        secs @ 120..=7199 => format!("{} min ago", secs / 60),
        secs @ 7200..=172_799 => format!("{} h ago", secs / 3600),
        secs => format!("{} days ago", secs / 86_400),
    }
}

/// `1 header`, `2 headers`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests;
