//! Sizes, durations and ages in few words, everywhere the same.

use super::time::Timestamp;

/// `0 B`, `532 B`, `1.2 kB`, `14 kB`, `3.4 MB`: powers of 1000 (SI).
pub fn size(bytes: u64) -> String {
    scaled(bytes, &["B", "kB", "MB", "GB", "TB"])
}

/// `12 µs`, `3.4 ms`, `1.2 s`, `83 s`.
pub fn duration_us(micros: u64) -> String {
    scaled(micros, &["µs", "ms", "s"])
}

/// Two digits where one would be coarse; the last unit takes what is left.
fn scaled(number: u64, units: &[&str]) -> String {
    let mut scale = 1_u64;
    let mut units = units.iter().peekable();
    while let Some(unit) = units.next() {
        let whole = number / scale;
        if whole >= 1000 && units.peek().is_some() {
            scale = scale.saturating_mul(1000);
            continue;
        }
        let tenths = number % scale * 10 / scale;
        return if scale > 1 && whole < 10 && tenths > 0 {
            format!("{whole}.{tenths} {unit}")
        } else {
            format!("{whole} {unit}")
        };
    }
    number.to_string()
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
