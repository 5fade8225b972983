//! Which event is sent: a sample of the profile, one of its handshakes, or a body of the user's own.

use super::set::Change;
use crate::domain::printable::visible_str;
use crate::domain::signature::Profile;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::profile::Sample;
use crate::domain::signature::template::{Part, Source, Test};

/// Content of a delivery, before id, time and signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The event type in the provider's words, or the handshake's name.
    pub name: String,
    /// Method.
    pub method: String,
    /// The body's type; empty when there is no body.
    pub content_type: String,
    /// Headers beside those of the signature.
    pub headers: Vec<(String, String)>,
    /// Parameters that are added to the query.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What the user wants changed in the body.
    pub changes: Vec<Change>,
    /// Whether it is a sample, whose id and times are made fresh.
    pub is_sample: bool,
}

impl Payload {
    /// A sample of a profile.
    pub fn of_sample(sample: &Sample) -> Self {
        Self {
            name: sample.name.clone(),
            method: "POST".to_owned(),
            content_type: sample.content_type.clone(),
            headers: sample.headers.clone(),
            query: Vec::new(),
            body: sample.body.clone().into_bytes(),
            changes: Vec::new(),
            is_sample: true,
        }
    }

    /// A body of the user's own under the headers of the profile's first sample. `event` is its type, where a header
    /// says that.
    pub fn of_body(profile: &Profile, event: Option<&str>, body: Vec<u8>) -> Self {
        let sample = profile.events.first();
        let mut headers = sample.map(|sample| sample.headers.clone()).unwrap_or_default();
        let type_header = profile.event_type.iter().find_map(|template| match template.parts.as_slice() {
            [Part::Value(Source::Header(name), _)] => Some(name),
            _ => None,
        });
        if let (Some(event), Some(name)) = (event, type_header) {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            headers.push((name.clone(), event.to_owned()));
        }
        Self {
            name: event.unwrap_or("own body").to_owned(),
            method: "POST".to_owned(),
            content_type: kind_of(&body, sample),
            headers,
            query: Vec::new(),
            body,
            changes: Vec::new(),
            is_sample: false,
        }
    }
}

/// JSON, XML and forms are told by how they begin; else it is what the provider sends.
fn kind_of(body: &[u8], sample: Option<&Sample>) -> String {
    let text = body.trim_ascii();
    let kind = match text.first() {
        Some(b'{' | b'[') => {
            // Some say text/plain of their JSON (Amazon SNS).
            let own = sample.filter(|sample| sample.body.starts_with(['{', '[']));
            return own.map_or_else(|| "application/json".to_owned(), |sample| sample.content_type.clone());
        }
        Some(b'<') => "application/xml",
        Some(_) if text.contains(&b'=') && !text.contains(&b' ') => "application/x-www-form-urlencoded",
        _ => "text/plain",
    };
    kind.to_owned()
}

/// What an event's name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Chosen<'a> {
    /// A sample event.
    Sample(&'a Sample),
    /// A handshake.
    Handshake(&'a Handshake),
}

/// Finds an event: none is the first sample.
///
/// # Errors
/// In words: what is there, and what was perhaps meant.
pub fn find<'a>(profile: &'a Profile, name: Option<&str>) -> Result<Chosen<'a>, String> {
    let Some(name) = name else {
        let first = profile.events.first().map(Chosen::Sample);
        return first.ok_or_else(|| format!("{} has no sample event: give --body FILE", visible_str(&profile.title)));
    };
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    let sample = profile.events.iter().find(|sample| same(&sample.name)).map(Chosen::Sample);
    let handshakes = || named(profile);
    let handshake = || handshakes().find(|(known, _)| same(known)).map(|(_, one)| Chosen::Handshake(one));
    let any_handshake = || same("handshake").then(|| profile.handshakes.first()).flatten().map(Chosen::Handshake);
    // Where a sample has the name of a handshake (Smartcar VERIFY), that is what it means.
    handshake().or(sample).or_else(any_handshake).ok_or_else(|| {
        let names = names(profile);
        let near: Vec<_> = names.iter().filter(|known| is_near(known, name)).map(|name| visible_str(name)).collect();
        let hint = if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(", ")) };
        let all: Vec<_> = names.iter().map(|name| visible_str(name)).collect();
        let (title, word, all) = (visible_str(&profile.title), visible_str(name), all.join(", "));
        format!("{title} has no sample `{word}`{hint}; there are: {all}. Any other event: --body FILE")
    })
}

/// The handshakes of a profile with their names: the value that tells them (`url_verification`), else `handshake`.
pub fn named(profile: &Profile) -> impl Iterator<Item = (String, &Handshake)> {
    profile.handshakes.iter().enumerate().map(|(at, handshake)| {
        let told = handshake.when.iter().find_map(|condition| match (&condition.source, &condition.test) {
            (Source::Method, _) => None,
            // A bare number (Discord's `type=1`) is no name.
            (_, Test::Is(value)) if !condition.negated && value.parse::<f64>().is_err() => Some(value.clone()),
            _ => None,
        });
        let name = told.unwrap_or_else(|| match at {
            0 => "handshake".to_owned(),
            at => format!("handshake-{}", at + 1),
        });
        (name, handshake)
    })
}

/// The names of all samples and handshakes.
pub fn names(profile: &Profile) -> Vec<String> {
    let samples = profile.events.iter().map(|sample| sample.name.clone());
    samples.chain(named(profile).map(|(name, _)| name)).collect()
}

/// One holds the other, they begin alike, or few letters differ.
fn is_near(known: &str, typed: &str) -> bool {
    let (known, typed) = (known.to_ascii_lowercase(), typed.to_ascii_lowercase());
    let alike = known.bytes().zip(typed.bytes()).take_while(|(one, other)| one == other).count();
    let few = known.len().max(typed.len()) / 3;
    known.contains(&typed) || typed.contains(&known) || alike >= 4 || distance(&known, &typed) <= few
}

/// How many letters have to be put in, taken out or changed (Levenshtein); of long names the first 64 letters.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, from) in one.chars().take(64).enumerate() {
        let mut before = at;
        let mut last = at + 1;
        for (to, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let changed = before + usize::from(from != *to);
            before = *cell;
            last = changed.min(before + 1).min(last + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
