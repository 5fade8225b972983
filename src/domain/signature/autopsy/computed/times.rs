//! Times that the user's own code may have signed in place of the one that came: its own clock's, or another writing.

use crate::domain::printable::visible;
use crate::domain::signature::autopsy::Corpse;
use crate::domain::signature::autopsy::contents::other_writings;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Unit;
use crate::domain::signature::template::Source;
use crate::domain::signature::timestamp;

/// A time that may have been signed.
pub(super) struct Time {
    /// What it is.
    pub(super) words: String,
    /// What to do instead.
    pub(super) remedy: String,
    /// Its text.
    pub(super) written: String,
}

/// What programs write for a variable that is not set.
pub(in crate::domain::signature::autopsy) const UNSET: [&str; 6] = ["undefined", "None", "null", "nil", "NaN", ""];

/// How far from the time that came, and from the time of the check, in seconds.
const SECONDS_MAX: i64 = 300;
/// The same of times in milliseconds, whose part of a second is another too.
const MILLIS_MAX: i64 = 20;

/// All of them, those in another writing first, then the nearest.
pub(super) fn all(corpse: &Corpse<'_>, material: &Material<'_>) -> Vec<Time> {
    let Some(clock) = corpse.scheme.timestamp.as_ref() else { return Vec::new() };
    if !corpse.scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Timestamp)) {
        return Vec::new();
    }
    let (unit, now) = (clock.unit, corpse.input.now);
    let came = material.timestamp.map(visible);
    let remedy = match &came {
        Some(text) => format!("sign the timestamp that came ({text}), not the time at which your code runs"),
        None => format!("take the timestamp from {}, where this request has none", clock.from.0.describe()),
    };
    let mut times: Vec<Time> = UNSET
        .iter()
        .map(|text| Time {
            words: match *text {
                "" => "the signed pieces with nothing for the timestamp".to_owned(),
                text => format!("the signed pieces with the text `{text}` for the timestamp"),
            },
            remedy: format!("{remedy}: the variable that your code takes it from is not set"),
            written: (*text).to_owned(),
        })
        .collect();
    if let (Some(text), Some(came)) = (material.timestamp, &came) {
        times.extend(other_writings(unit, text, now).into_iter().map(|(form, written)| Time {
            words: format!("the signed pieces with the timestamp {form} ({written})"),
            remedy: format!("sign the timestamp as it came ({came})"),
            written,
        }));
    }
    let of_request = material.timestamp.and_then(|text| timestamp::parse(unit, text));
    let own = of_request.into_iter().map(|at| (at, "that came")).chain([(now, "of the check")]);
    for (at, whose) in own {
        for micros in steps(unit) {
            let written = timestamp::write(unit, at.plus_micros(micros));
            if Some(written.as_bytes()) == material.timestamp {
                continue;
            }
            let words = format!("the signed pieces with the timestamp {written}, {} {whose}", distance(micros));
            times.push(Time { words, remedy: remedy.clone(), written });
        }
    }
    times
}

/// Steps from a time, the nearest first, in microseconds.
fn steps(unit: Unit) -> impl Iterator<Item = i64> {
    let millis = if unit == Unit::Millis { MILLIS_MAX } else { 0 };
    let millis = (1..=millis).flat_map(|step| [-step * 1000, step * 1000]);
    let seconds = (1..=SECONDS_MAX).flat_map(|step| [-step * 1_000_000, step * 1_000_000]);
    std::iter::once(0).chain(millis).chain(seconds)
}

fn distance(micros: i64) -> String {
    let size = match micros.unsigned_abs() {
        0 => return "the time".to_owned(),
        size if size % 1_000_000 == 0 => timestamp::words(size / 1_000_000),
        size => format!("{} ms", size / 1000),
    };
    format!("{size} {} the one", if micros < 0 { "before" } else { "after" })
}
