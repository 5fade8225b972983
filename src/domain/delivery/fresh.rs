//! Fresh ids and times, shaped like those of the sample that they replace.

use chrono::DateTime;
use ring::digest;

use crate::domain::headers::Headers;
use crate::domain::signature::Profile;
use crate::domain::signature::template::{Part, Source, Template};
use crate::domain::time::Timestamp;

use super::captured::request;
use super::set::Change;

/// The time that samples are written for, as it stands in them: seconds, milliseconds, and the start of RFC 3339. All become
/// the time of sending.
pub const SAMPLE_SECS: i64 = 1_767_225_600;
const SAMPLE_DATE_TIME: &str = "2026-01-01T00:00:00";

/// A shorter id could stand in a text by accident.
const ID_BYTES_MIN: usize = 8;

/// The time of sending, and the chance that ids are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The time.
    pub now: Timestamp,
    /// Any number that no other delivery has.
    pub chance: u64,
}

impl Fresh {
    /// The same time with another chance: what is made with it has other ids.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        Self { chance: self.chance.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)), ..self }
    }

    /// Gives a sample its own ids and times; of a body of the user's own only the headers round it, which are the sample's.
    pub fn freshen(&self, profile: &Profile, headers: &mut Headers, body: &mut Vec<u8>, is_sample: bool) {
        if is_sample {
            *body = self.with_time(body);
        }
        let old = current_id(profile, headers, body);
        let mut fresh = Headers::new();
        for header in &*headers {
            let is_sample_id = header.value.starts_with(b"sample-");
            let value = match is_sample_id && old.as_deref().map(str::as_bytes) != Some(&header.value) {
                true => self.id_like(&String::from_utf8_lossy(&header.value)).into_bytes(),
                false => self.with_time(&header.value),
            };
            fresh.push(header.name.clone(), value);
        }
        *headers = fresh;
        let in_body = |old: &str| current_id(profile, &Headers::new(), body).as_deref() == Some(old);
        if let Some(old) = old.filter(|old| is_sample || !in_body(old)) {
            let id = self.id_like(&old);
            // A place that cannot be written keeps its id: there is nothing to go wrong in a sample of ours.
            let _ = put_id(profile, headers, body, &id);
            // Some say it twice, in a header and in the body.
            if let Ok(text) = std::str::from_utf8(body)
                && is_sample
                && old.len() >= ID_BYTES_MIN
            {
                *body = text.replace(&old, &id).into_bytes();
            }
        }
    }

    fn with_time(&self, text: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(text) else { return text.to_vec() };
        let secs = SAMPLE_SECS.to_string();
        if !text.contains(SAMPLE_DATE_TIME) && !text.contains(&secs) {
            return text.as_bytes().to_vec();
        }
        let date_time = DateTime::from_timestamp_micros(self.now.micros()).unwrap_or_default();
        let written = date_time.format("%Y-%m-%dT%H:%M:%S").to_string();
        // The milliseconds begin with the seconds: their three last digits stay those of a whole second.
        text.replace(SAMPLE_DATE_TIME, &written).replace(&secs, &self.now.secs().to_string()).into_bytes()
    }

    /// An id of the same shape: UUIDs give UUIDs, digits digits, and what stands before the last `_` stays.
    pub fn id_like(&self, old: &str) -> String {
        let mut chance = Chance::new(self.chance, old);
        let is_uuid = |text: &str| {
            text.len() == 36
                && text.char_indices().all(|(at, c)| match at {
                    8 | 13 | 18 | 23 => c == '-',
                    _ => c.is_ascii_hexdigit(),
                })
        };
        if is_uuid(old) || old.starts_with("sample-") {
            return uuid(&mut chance);
        }
        let (start, tail) = match old.rfind('_').map(|at| at + 1).filter(|at| *at < old.len()) {
            Some(at) => old.split_at(at),
            None => ("", old),
        };
        let hex = tail.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) && tail.chars().any(|c| c.is_ascii_digit());
        let all_digits = tail.chars().all(|c| c.is_ascii_digit());
        let fresh = tail.chars().enumerate().map(|(at, c)| match c {
            '0'..='9' if at == 0 && all_digits => chance.pick(b"123456789"),
            '0'..='9' if all_digits || !hex => chance.pick(b"0123456789"),
            '0'..='9' | 'a'..='f' if hex => chance.pick(b"0123456789abcdef"),
            'a'..='z' => chance.pick(b"abcdefghijklmnopqrstuvwxyz"),
            'A'..='Z' => chance.pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            other => other,
        });
        format!("{start}{}", fresh.collect::<String>())
    }

    /// A token that nobody else has, for challenges.
    pub fn token(&self, purpose: &str) -> String {
        let mut chance = Chance::new(self.chance, purpose);
        (0..32).map(|_| chance.pick(b"0123456789abcdef")).collect()
    }
}

/// Version 4 (RFC 9562 section 5.4).
fn uuid(chance: &mut Chance) -> String {
    let shape = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    let fill = shape.chars().map(|c| match c {
        'x' => chance.pick(b"0123456789abcdef"),
        'y' => chance.pick(b"89ab"),
        other => other,
    });
    fill.collect()
}

/// A run of choices that follow from a number and a text.
struct Chance {
    seed: Vec<u8>,
    bytes: Vec<u8>,
    round: u32,
}

impl Chance {
    fn new(number: u64, text: &str) -> Self {
        Self { seed: [&number.to_le_bytes(), text.as_bytes()].concat(), bytes: Vec::new(), round: 0 }
    }

    fn pick(&mut self, among: &[u8]) -> char {
        if self.bytes.is_empty() {
            self.round += 1;
            let block = [self.seed.as_slice(), &self.round.to_le_bytes()].concat();
            self.bytes = digest::digest(&digest::SHA256, &block).as_ref().to_vec();
        }
        let byte = usize::from(self.bytes.pop().unwrap_or_default());
        // As good as even: no secret is made of this.
        among.get(byte % among.len().max(1)).map_or('0', |byte| char::from(*byte))
    }
}

/// The id that the request carries now.
fn current_id(profile: &Profile, headers: &Headers, body: &[u8]) -> Option<String> {
    profile.delivery_id(&request("POST", "/", headers.clone(), body.to_vec(), Fresh::default().now))
}

impl Default for Fresh {
    fn default() -> Self {
        Self { now: Timestamp::from_secs(SAMPLE_SECS), chance: 0 }
    }
}

/// Puts the delivery id where the profile reads it: where one is now, else into the first header, else the first place.
///
/// # Errors
/// In words, when the profile knows no place for it.
pub fn put_id(profile: &Profile, headers: &mut Headers, body: &mut Vec<u8>, id: &str) -> Result<(), String> {
    let carried = |template: &&Template| {
        let one = Profile { delivery_id: vec![Template::clone(template)], ..profile.clone() };
        current_id(&one, headers, body).is_some()
    };
    let plain = || profile.delivery_id.iter().filter(|template| place_of(template).is_some());
    let in_header = |template: &&Template| matches!(place_of(template), Some(Source::Header(_)));
    let chosen = plain().find(carried).or_else(|| plain().find(in_header)).or_else(|| plain().next());
    let place = chosen.and_then(place_of).ok_or_else(|| {
        format!(
            "the profile of {} knows no place for a delivery id",
            crate::domain::printable::visible_str(&profile.title)
        )
    })?;
    match place {
        Source::Header(name) => headers.set(name, id.as_bytes().to_vec()),
        Source::Json(path) => {
            let written: String = path.iter().map(|step| step_text(step)).collect();
            *body = Change::parse(&format!("{}={id}", written.trim_start_matches('.')))?.apply(headers, body)?;
        }
        Source::Form(name) => *body = Change::parse(&format!("{name}={id}"))?.apply(headers, body)?,
        _ => {}
    }
    Ok(())
}

/// A step of a profile's path as `--set` writes it.
pub(super) fn step_text(step: &str) -> String {
    match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    }
}

/// The place that a template is nothing but the value of, where that can be written.
fn place_of(template: &Template) -> Option<&Source> {
    match template.parts.as_slice() {
        [Part::Value(source @ (Source::Header(_) | Source::Form(_)), filters)] if filters.is_empty() => Some(source),
        [Part::Value(source @ Source::Json(path), filters)]
            if filters.is_empty() && !path.contains(&"*".to_owned()) =>
        {
            Some(source)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
