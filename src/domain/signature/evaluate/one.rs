//! The rule of one scheme applied to signatures that were found.

use super::super::crypto::{self, keys};
use super::super::found::Found;
use super::super::material::{Absent, Material, Rendered};
use super::super::scheme::{Algorithm, Encoding, GuardSubject, Scheme};
use super::super::template::Source;
use super::super::timestamp;
use super::super::verdict::{Age, AgeOf, Expected, Piece, SIGNED_PREVIEW_BYTES_MAX};
use super::stage::Stage;
use crate::domain::time::Timestamp;

/// What came of a check with one scheme and one secret.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// How far it came.
    pub stage: Stage,
    /// What was found.
    pub found: Found,
    /// Which of the found signatures fits.
    pub fitting: Option<usize>,
    /// Timestamp and tolerance.
    pub age: Option<Age>,
    /// What the signature had to be.
    pub expected: Option<Expected>,
    /// What was signed, bounded.
    pub signed: Vec<Piece>,
    /// Its whole length.
    pub signed_bytes: u64,
    /// The scheme with what the token or message signature itself says of algorithm and signed bytes.
    pub opened: Option<Box<Scheme>>,
    /// What is to be said of headers on several lines, though it fits.
    pub lines: Option<String>,
    /// How many keys of a set were not tried, because there are too many.
    pub keys_left: usize,
    /// The element that stood for the body, for schemes that sign each element of an array.
    pub element: Option<Vec<u8>>,
}

impl Evaluation {
    /// One that came no farther than `stage`.
    pub fn stopped(stage: Stage, found: Found) -> Self {
        Self {
            stage,
            found,
            fitting: None,
            age: None,
            expected: None,
            signed: Vec::new(),
            signed_bytes: 0,
            opened: None,
            lines: None,
            keys_left: 0,
            element: None,
        }
    }
}

/// Applies the rule to signatures that were found.
pub fn found_one(scheme: &Scheme, base: &Material<'_>, found: Found, secret: &[u8], now: Timestamp) -> Evaluation {
    let listed = Material { list: &found.list, claims: &found.claims, ..*base };
    let stamp = scheme.timestamp.as_ref().and_then(|clock| listed.value(&clock.from.0));
    let id = scheme.id.as_ref().and_then(|id| listed.value(&id.0));
    // Official packages take an empty header for one that is missing.
    let stamp = stamp.as_deref().filter(|text| !text.is_empty());
    let id = id.as_deref().filter(|text| !text.is_empty());
    let material = Material { timestamp: stamp, id, ..listed };
    let mut state =
        State { fitting: None, age: None, expected: None, signed: Vec::new(), signed_bytes: 0, keys_left: 0 };
    let stage = state.run(scheme, &material, &found, secret, now);
    let State { fitting, age, expected, signed, signed_bytes, keys_left } = state;
    Evaluation { fitting, age, expected, signed, signed_bytes, keys_left, ..Evaluation::stopped(stage, found) }
}

struct State {
    fitting: Option<usize>,
    age: Option<Age>,
    expected: Option<Expected>,
    signed: Vec<Piece>,
    signed_bytes: u64,
    keys_left: usize,
}

impl State {
    fn run(&mut self, scheme: &Scheme, material: &Material<'_>, found: &Found, secret: &[u8], now: Timestamp) -> Stage {
        let clock = scheme.timestamp.as_ref();
        let at = clock.zip(material.timestamp).and_then(|(clock, text)| timestamp::parse(clock.unit, text));
        if let (Some(clock), Some(text), Some(at)) = (clock, material.timestamp, at) {
            self.age = Some(timestamp::age(clock, text, at, now));
        }
        let fit = self.fit(scheme, material, found, secret);
        if let Some(none) = found.none {
            return Stage::NoSignature(none.into());
        }
        if let Err(stage) = fit {
            return stage;
        }
        let names_time = scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Timestamp));
        if let Some(clock) = clock
            && !(clock.optional && material.timestamp.is_none())
        {
            if material.timestamp.is_none() {
                return Stage::TimestampMissing;
            }
            let judged = clock.past_s.is_some() || clock.future_s.is_some();
            if at.is_none() && (judged || !names_time) {
                return Stage::TimestampMalformed;
            }
        }
        if let Some((about, says)) = failed_guard(scheme, material) {
            return Stage::GuardFailed(about, says.to_owned());
        }
        if let Some(stage) = self.window(scheme, material, now) {
            return stage;
        }
        match &self.age {
            Some(age) if age.is_stale() => Stage::Stale,
            Some(age) if age.is_future() => Stage::Future,
            _ => Stage::Valid,
        }
    }

    /// What is wrong with the second from which on, or before which, it does not count.
    fn window(&mut self, scheme: &Scheme, material: &Material<'_>, now: Timestamp) -> Option<Stage> {
        let ends = scheme.not_after.iter().map(|field| (AgeOf::Ends, field));
        let begins = scheme.not_before.iter().map(|field| (AgeOf::Begins, field));
        for (of, field) in ends.chain(begins) {
            let Some(text) = material.value(&field.0) else { continue };
            let Some(at) = timestamp::numeric_date(&text) else { return Some(Stage::TimestampMalformed) };
            let age = Age {
                of,
                text: String::from_utf8_lossy(&text).into_owned(),
                at,
                age_s: now.secs().saturating_sub(at.secs()),
                past_s: (of == AgeOf::Ends).then_some(scheme.leeway_s),
                future_s: (of == AgeOf::Begins).then_some(scheme.leeway_s),
            };
            let stage = if age.is_stale() {
                Some(Stage::Stale)
            } else if age.is_future() {
                Some(Stage::Future)
            } else {
                None
            };
            if stage.is_some() {
                self.age = Some(age);
                return stage;
            }
        }
        None
    }

    /// Whether one of the signatures fits.
    fn fit(&mut self, scheme: &Scheme, material: &Material<'_>, found: &Found, secret: &[u8]) -> Result<(), Stage> {
        if scheme.algorithm == Algorithm::Token {
            return self.fit_token(scheme, found, secret);
        }
        if scheme.algorithm.is_public() {
            return self.fit_public(scheme, material, found, secret);
        }
        let key = keys::symmetric(&scheme.key, secret).map_err(Stage::SecretMalformed)?;
        let pieces = self.pieces(scheme, &Material { key: Some(&key), ..*material })?;
        let bytes = pieces.iter().map(|(_, bytes)| bytes.as_ref());
        let digest = crypto::compute(scheme.algorithm, &key, bytes).unwrap_or_default();
        let expected = crypto::encode(scheme.encoding, &digest);
        // A signature is compared as it is written: official packages compare texts, and a digit in the other case is
        // a changed signature.
        self.fitting = found.signatures.iter().position(|text| crypto::equal(text, expected.as_bytes()));
        self.expected = Some(Expected::digest(expected));
        if self.fitting.is_some() {
            return Ok(());
        }
        let well_formed =
            |text: &Vec<u8>| crypto::decode(scheme.encoding, text).is_some_and(|bytes| bytes.len() == digest.len());
        Err(if found.signatures.iter().any(well_formed) { Stage::Mismatch } else { Stage::SignatureMalformed })
    }

    fn fit_token(&mut self, scheme: &Scheme, found: &Found, secret: &[u8]) -> Result<(), Stage> {
        let key = keys::symmetric(&scheme.key, secret).map_err(Stage::SecretMalformed)?;
        let expected = match scheme.encoding {
            Encoding::Text => key.to_vec(),
            encoding => crypto::encode(encoding, &key).into_bytes(),
        };
        self.fitting = found.signatures.iter().position(|text| crypto::equal(text, &expected));
        self.expected = Some(Expected::token(String::from_utf8_lossy(&expected).into_owned()));
        if self.fitting.is_some() { Ok(()) } else { Err(Stage::Mismatch) }
    }

    fn fit_public(
        &mut self,
        scheme: &Scheme,
        material: &Material<'_>,
        found: &Found,
        secret: &[u8],
    ) -> Result<(), Stage> {
        let pieces = self.pieces(scheme, material)?;
        let mut keys = keys::public(&scheme.key, scheme.algorithm, secret).map_err(Stage::SecretMalformed)?;
        if let Some(id) = &found.key_id {
            // In a set of keys the sender's name for its key counts; keys without names are those that there are.
            let is_named = keys.iter().any(|key| key.id.is_some());
            keys.retain(|key| key.id.as_ref().map_or(!is_named, |name| name == id));
        }
        self.keys_left = keys.len().saturating_sub(KEYS_MAX);
        let message = joined(&pieces);
        let decoded: Vec<_> = found.signatures.iter().map(|text| crypto::decode(scheme.encoding, text)).collect();
        self.fitting = decoded.iter().position(|sig| {
            let Some(sig) = sig else { return false };
            keys.iter().take(KEYS_MAX).any(|key| crypto::verify(scheme.algorithm, key, &message, sig))
        });
        let size = crypto::output_bytes(scheme.algorithm);
        let has_its_length = |sig: &Vec<u8>| size.is_none_or(|size| sig.len() == size);
        match self.fitting {
            Some(_) => Ok(()),
            None if decoded.iter().flatten().any(has_its_length) => Err(Stage::Mismatch),
            None => Err(Stage::SignatureMalformed),
        }
    }

    /// The pieces that are signed; a bounded copy is kept for the eye.
    fn pieces<'m>(&mut self, scheme: &Scheme, material: &Material<'m>) -> Result<Vec<Rendered<'m>>, Stage> {
        let Some(message) = &scheme.message else { return Ok(Vec::new()) };
        let pieces = material.pieces(message).map_err(|Absent(source)| match source {
            Source::Timestamp => Stage::TimestampMissing,
            Source::SecretPart(name) => Stage::SecretMalformed(format!(
                "its part {name} is missing: give it as `{name}=VALUE;` before the key, or both in a JSON object"
            )),
            other if material.json_first_byte(&other).is_some() => {
                Stage::ValueMissing(format!("{} as text (it is null, an object or an array)", other.describe()))
            }
            other => Stage::ValueMissing(absent_words(scheme, &other)),
        })?;
        let mut room = SIGNED_PREVIEW_BYTES_MAX;
        for (source, bytes) in &pieces {
            let hidden = *source == Some(Source::Secret);
            let shown = if hidden { &[] } else { bytes.get(..room).unwrap_or(bytes) };
            room -= shown.len();
            self.signed_bytes += bytes.len() as u64;
            self.signed.push(Piece {
                from: source.as_ref().map(Source::describe).unwrap_or_default(),
                bytes: shown.to_vec(),
                length_bytes: bytes.len() as u64,
            });
        }
        Ok(pieces)
    }
}

/// At most so many keys of a set are tried.
pub const KEYS_MAX: usize = 16;

/// What is missing, in words: the place that holds the id, rather than "id".
fn absent_words(scheme: &Scheme, source: &Source) -> String {
    match (source, &scheme.id) {
        (Source::Id, Some(place)) => place.0.describe(),
        _ => source.describe(),
    }
}

/// The pieces as one run of bytes.
pub fn joined(pieces: &[Rendered<'_>]) -> Vec<u8> {
    pieces.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
}

/// The first guard or demand that does not hold: what it is about, and what to say.
pub fn failed_guard<'a>(scheme: &'a Scheme, material: &Material<'_>) -> Option<(GuardSubject, &'a str)> {
    let differs =
        scheme.guards.iter().find(|guard| match (material.render(&guard.left), material.render(&guard.right)) {
            (Ok(left), Ok(right)) => !crypto::equal(&left, &right),
            _ => true,
        });
    let broken = scheme
        .demands
        .iter()
        .find(|demand| !demand.holds.iter().any(|all| all.iter().all(|condition| material.holds(condition))));
    let differs = differs.map(|guard| (guard.about, guard.says.as_str()));
    differs.or_else(|| broken.map(|demand| (demand.about, demand.says.as_str())))
}
