//! Delays: fixed, anywhere in a range, or as real services are slow.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand_distr::{Distribution as _, LogNormal, Uniform};

use super::error::visible;

/// The longest delay, in milliseconds: a day.
pub const DELAY_MS_MAX: u64 = 24 * 3_600_000;

/// How delays differ from one answer to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Spread {
    /// They do not.
    #[default]
    None,
    /// Anything from the reply's delay up to this, in milliseconds, is as likely.
    UpTo(u64),
    /// Log-normal with the reply's delay as the median and this sigma, in thousandths: most answers come soon and a few very
    /// late.
    LogNormal(u32),
}

/// The largest sigma, in thousandths.
const SIGMA_MAX: u32 = 5_000;

/// A delay of that median, range or length, in milliseconds, at most [`DELAY_MS_MAX`]. The same seed draws the same.
pub fn draw(delay_ms: u64, spread: Spread, seed: u64) -> u64 {
    let mut rng = StdRng::seed_from_u64(seed);
    let drawn = match spread {
        Spread::None => delay_ms,
        Spread::UpTo(most) => {
            Uniform::new_inclusive(delay_ms.min(most), most).map_or(delay_ms, |range| range.sample(&mut rng))
        }
        Spread::LogNormal(sigma) => {
            let mu = (delay_ms.max(1) as f64).ln();
            let drawn = LogNormal::new(mu, f64::from(sigma) / 1000.0).map_or(0.0, |range| range.sample(&mut rng));
            // Not negative; the bound below takes what is larger.
            drawn.round() as u64
        }
    };
    drawn.min(DELAY_MS_MAX)
}

/// Understands `5s`, `1s..3s` (anything between) and `lognormal:500ms/0.5` (median and sigma).
///
/// # Errors
/// What was found and what was expected, in words.
pub fn parse(text: &str) -> Result<(u64, Spread), String> {
    if let Some(rest) = text.strip_prefix("lognormal:") {
        let (median, sigma) = rest.split_once('/').unwrap_or((rest, "0.5"));
        let wrong = || {
            let most = f64::from(SIGMA_MAX) / 1000.0;
            format!(
                "expected a sigma from 0 to {most}, such as lognormal:500ms/0.5, found `{}`",
                visible(sigma.as_bytes())
            )
        };
        let is_number = sigma.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let sigma = sigma.parse::<f64>().ok().filter(|_| is_number).ok_or_else(wrong)?;
        let thousandths = (sigma * 1000.0).round();
        if thousandths > f64::from(SIGMA_MAX) {
            return Err(wrong());
        }
        return Ok((parse_delay(median)?, Spread::LogNormal(thousandths as u32)));
    }
    let Some((least, most)) = text.split_once("..") else { return Ok((parse_delay(text)?, Spread::None)) };
    let most_ms = parse_delay(most)?;
    // `1..3s` means seconds on both sides.
    let unit = most.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
    let is_bare = !least.is_empty() && least.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let least_ms = if is_bare { parse_delay(&format!("{least}{unit}"))? } else { parse_delay(least)? };
    if least_ms > most_ms {
        return Err(format!("expected the shorter time first, found `{}`", visible(text.as_bytes())));
    }
    Ok((least_ms, Spread::UpTo(most_ms)))
}

/// The reverse of [`parse`].
pub fn show(delay_ms: u64, spread: Spread) -> String {
    let delay = show_delay(delay_ms, "");
    match spread {
        Spread::None => delay,
        Spread::UpTo(most) => format!("{delay}..{}", show_delay(most, "")),
        Spread::LogNormal(sigma) => format!("lognormal:{delay}/{}", f64::from(sigma) / 1000.0),
    }
}

/// Understands a delay such as `5s`, `250ms`, `1.5s`, `2m`, `3h`: milliseconds, at most [`DELAY_MS_MAX`].
///
/// # Errors
/// What was found and what was expected, in words.
pub fn parse_delay(text: &str) -> Result<u64, String> {
    let expected = || format!("expected a delay such as 5s, 250ms, 2m or 3h, found `{}`", visible(text.as_bytes()));
    let digits_end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits_end);
    let unit_ms = match unit.trim() {
        "ms" => 1.0,
        "s" => 1_000.0,
        "" if number.parse::<f64>().is_ok_and(|number| number > 0.0) => {
            return Err(format!("a delay needs its unit: {number}s for seconds, {number}ms for milliseconds"));
        }
        // None is none in any unit.
        "" => 1.0,
        "m" | "min" => 60_000.0,
        "h" => 3_600_000.0,
        _ => return Err(expected()),
    };
    let millis = number.parse::<f64>().map_err(|_| expected())? * unit_ms;
    if millis > DELAY_MS_MAX as f64 {
        return Err(format!("the longest delay is {}", show_delay(DELAY_MS_MAX, "")));
    }
    // In bounds, not negative: the digits have no sign.
    Ok(millis.round() as u64)
}

/// Milliseconds in the largest unit that needs no fraction: `5s`, `1500ms`, `2m`; `gap` stands between number and unit.
pub fn show_delay(delay_ms: u64, gap: &str) -> String {
    match delay_ms {
        ms if ms % 3_600_000 == 0 && ms > 0 => format!("{}{gap}h", ms / 3_600_000),
        ms if ms % 60_000 == 0 && ms > 0 => format!("{}{gap}m", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{}{gap}s", ms / 1_000),
        ms => format!("{ms}{gap}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_and_all_stay_in_bounds() {
        for seed in 0..500 {
            let uniform = draw(100, Spread::UpTo(200), seed);
            assert!((100..=200).contains(&uniform), "{uniform}");
            assert_eq!(uniform, draw(100, Spread::UpTo(200), seed));
            assert!(draw(DELAY_MS_MAX, Spread::LogNormal(SIGMA_MAX), seed) <= DELAY_MS_MAX);
        }
        let mut drawn: Vec<u64> = (0..999).map(|seed| draw(500, Spread::LogNormal(500), seed)).collect();
        drawn.sort_unstable();
        let (median, late) = (drawn[499], drawn[980]);
        assert!((450..=550).contains(&median) && late > 1_000, "{median} {late}");
        assert_eq!(draw(7, Spread::None, 1), 7);
    }
}
