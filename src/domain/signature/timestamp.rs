//! Timestamps as providers write them, and their age against the tolerance.

use chrono::{DateTime, NaiveDateTime};

use super::scheme::{Clock, Unit};
use super::verdict::{Age, AgeOf};
use crate::domain::time::Timestamp;

/// Reads a timestamp in its unit.
pub fn parse(unit: Unit, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let number = || {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    match unit {
        Unit::Numeric => numeric_date(text.as_bytes()),
        Unit::Seconds => number().map(Timestamp::from_secs),
        Unit::Millis => number().map(|millis| Timestamp::from_micros(millis.saturating_mul(1000))),
        Unit::Rfc3339 => Timestamp::parse_rfc3339(text).or_else(|| {
            let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
            Some(Timestamp::from_micros(time.and_utc().timestamp_micros()))
        }),
        Unit::HttpDate => {
            DateTime::parse_from_rfc2822(text).ok().map(|time| Timestamp::from_micros(time.timestamp_micros()))
        }
    }
}

/// A NumericDate (RFC 7519 section 2): seconds since 1970, a fraction allowed and left out.
pub fn numeric_date(text: &[u8]) -> Option<Timestamp> {
    let whole = text.split(|byte| *byte == b'.').next()?;
    let rest = text.get(whole.len()..)?;
    let is_fraction = rest.is_empty() || (rest.len() > 1 && rest.iter().skip(1).all(u8::is_ascii_digit));
    is_fraction.then(|| parse(Unit::Seconds, whole)).flatten()
}

/// A timestamp as a provider would write it.
pub fn write(unit: Unit, time: Timestamp) -> String {
    match unit {
        Unit::Seconds | Unit::Numeric => time.secs().to_string(),
        Unit::Millis => time.micros().div_euclid(1000).to_string(),
        Unit::Rfc3339 => time.to_rfc3339(),
        Unit::HttpDate => DateTime::from_timestamp_micros(time.micros())
            .map(|time| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
            .unwrap_or_default(),
    }
}

/// The age of a timestamp. Whole seconds are compared as whole seconds, finer ones so that no part of a second is
/// forgiven.
pub fn age(clock: &Clock, text: &[u8], at: Timestamp, now: Timestamp) -> Age {
    let age_s = match clock.unit {
        Unit::Seconds | Unit::Numeric => now.secs().saturating_sub(at.secs()),
        _ => {
            let micros = now.micros().saturating_sub(at.micros());
            let away_from_zero = i64::from(micros % 1_000_000 != 0) * micros.signum();
            micros / 1_000_000 + away_from_zero
        }
    };
    Age {
        of: AgeOf::Made,
        text: String::from_utf8_lossy(text).into_owned(),
        at,
        age_s,
        past_s: clock.past_s,
        future_s: clock.future_s,
    }
}

/// The unit in which the digits would be a time near `now`, when it is not the scheme's.
pub fn likely_unit(unit: Unit, text: &[u8], now: Timestamp) -> Option<Unit> {
    const NEAR_US: u64 = 20 * 366 * 86_400 * 1_000_000;
    let near = |time: Timestamp| time.micros_since(now).max(now.micros_since(time)) < NEAR_US;
    if parse(unit, text).is_some_and(near) {
        return None;
    }
    [Unit::Seconds, Unit::Millis, Unit::Rfc3339, Unit::HttpDate]
        .into_iter()
        .find(|other| *other != unit && parse(*other, text).is_some_and(near))
}

/// Seconds in words: `41 s`, `5 min`, `6 min 52 s`, `3 h 5 min`, `12 days`.
pub fn words(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        7200..172_800 if seconds % 3600 < 60 => format!("{} h", seconds / 3600),
        7200..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
