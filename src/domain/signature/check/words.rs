//! Each outcome of the exact rule in words: what happened, where, and what to do.

use super::input::{CheckInput, Trial, arrival, secret_name};
use crate::domain::printable::visible;
use crate::domain::quantity::counted;
use crate::domain::signature::evaluate::{Evaluation, NoSignatureStage, Stage};
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, Form, GuardSubject, List, Scheme};
use crate::domain::signature::template::Source;
use crate::domain::signature::verdict::AgeOf;
use crate::domain::signature::{Cause, Outcome, coverage, crypto, timestamp};

/// Outcome, cause and detail of a stage, before any autopsy.
pub(super) fn plain_words(input: &CheckInput<'_>, trial: &Trial<'_>) -> (Outcome, Option<Cause>, String) {
    let (title, scheme, evaluation) = (&input.profile.title, trial.opened(), &trial.evaluation);
    let place = scheme.place();
    let invalid = |cause, detail| (Outcome::Invalid, Some(cause), detail);
    match &evaluation.stage {
        Stage::Valid => (Outcome::Valid, None, valid_words(input, trial)),
        Stage::NoSignature(NoSignatureStage::Missing) => {
            let detail = format!("no signature: {place} is not there. {}", missing_words(input, scheme));
            (Outcome::Unsigned, Some(Cause::SignatureMissing), detail)
        }
        Stage::NoSignature(NoSignatureStage::Empty) => {
            let detail = format!("no signature: {place} is empty. {}", missing_words(input, scheme));
            (Outcome::Unsigned, Some(Cause::SignatureEmpty), detail)
        }
        Stage::NoSignature(NoSignatureStage::Prefix) => {
            let detail = match placeholder(&evaluation.found.came) {
                Some(text) => unset_words(&place, text),
                None => {
                    format!("the value of {place} does not begin with `{}`: have the sender write it so", scheme.prefix)
                }
            };
            invalid(Cause::SignatureMalformed, detail)
        }
        Stage::NoSignature(NoSignatureStage::Version) => version_words(scheme, evaluation, &place),
        Stage::SecretMalformed(why) => {
            let called = secret_name(input);
            (Outcome::Unknown, Some(Cause::SecretMalformed), format!("the {called} cannot be used: {why}"))
        }
        Stage::TimestampMissing => {
            let place = scheme.timestamp.as_ref().map(|clock| clock.from.0.describe()).unwrap_or_default();
            invalid(
                Cause::TimestampMissing,
                format!(
                    "the timestamp is missing: {place} is not there, and it is signed. {} came without it, so something on the way \
                     dropped the header, or whoever sent this left it out: both are needed",
                    scheme.place()
                ),
            )
        }
        Stage::ValueMissing(what) => {
            let detail = format!(
                "the {what} is signed, and the request does not carry it: something on the way dropped it, or whoever sent this left it out"
            );
            invalid(Cause::ValueMissing, detail)
        }
        Stage::SignatureMalformed if has_bearer(scheme, &evaluation.found.signatures) => {
            let detail = format!(
                "`Bearer ` stands before the token in {place}, and {title} puts the token there alone: have the sender leave it out"
            );
            invalid(Cause::SignaturePrefix, detail)
        }
        Stage::SignatureMalformed => {
            invalid(Cause::SignatureMalformed, malformed_words(scheme, &evaluation.found.signatures))
        }
        Stage::Refused(words) => invalid(Cause::TokenRefused, words.clone()),
        Stage::Mismatch if scheme.algorithm == Algorithm::Token => {
            invalid(Cause::TokenMismatch, format!("the token in {place} is not the configured one"))
        }
        Stage::Mismatch => {
            invalid(Cause::SignatureMismatch, format!("the signature in {place} does not fit the bytes that came"))
        }
        Stage::BodyMalformed(why) => {
            let words = format!(
                "the signature fits the fields that it signs, but the body as a whole is not JSON: {why}. The receiver's parser refuses it"
            );
            invalid(Cause::BodyMalformed, words)
        }
        Stage::Repeated(words) => {
            let remedy = "send it once, and look for a proxy that adds it anew";
            invalid(Cause::SignatureRepeated, format!("{words}: {remedy}"))
        }
        Stage::GuardFailed(about, says) => {
            let cause = match about {
                GuardSubject::Body => Cause::BodyHash,
                GuardSubject::Version => Cause::SignatureVersion,
                GuardSubject::Claim => Cause::TokenClaim,
                GuardSubject::Url => Cause::UrlHash,
                GuardSubject::KeyPlace => Cause::KeyPlace,
            };
            invalid(cause, format!("the signature fits, but {says}"))
        }
        Stage::TimestampMalformed => {
            let found = &evaluation.found;
            let base = Material { claims: &found.claims, list: &found.list, ..input.material() };
            let is_unread =
                |field: &&Source| base.value(field).is_some_and(|text| timestamp::numeric_date(&text).is_none());
            let ends = scheme.not_after.iter().chain(&scheme.not_before).map(|field| &field.0).find(is_unread);
            let text = scheme.timestamp.as_ref().map(|clock| &clock.from.0).filter(|_| ends.is_none()).or(ends);
            let text = text.map(Source::describe).unwrap_or_default();
            invalid(Cause::TimestampMalformed, format!("the {text} is no time as {title} writes it"))
        }
        Stage::Stale | Stage::Future => age_words(input, trial),
    }
}

/// What the rest of the request says of a signature that is not there.
fn missing_words(input: &CheckInput<'_>, scheme: &Scheme) -> String {
    let (title, base) = (&input.profile.title, Material::new(input.request));
    let is_there = |source: &&Source| {
        matches!(source, Source::Header(_))
            && base.value(source).is_some_and(|value| !value.is_empty())
            && !scheme.signature.iter().any(|place| place.0 == **source)
    };
    let clock = scheme.timestamp.iter().map(|clock| &clock.from.0);
    if let Some(beside) = clock.chain(scheme.id.iter().map(|id| &id.0)).find(is_there) {
        return format!(
            "{} is there, which {title} sends with it: something on the way dropped or renamed the signature (a proxy that lets \
             through known headers alone, a copy by hand)",
            beside.describe()
        );
    }
    if !input.profile.recognise.is_empty() && !input.profile.recognises(input.request) {
        return format!(
            "Nothing else in it is {title}'s either: a test by hand, a health check, another sender, or a proxy that drops the headers \
             which it does not know"
        );
    }
    format!("Is a secret set for this webhook at {title}, and does nothing on the way drop the header?")
}

/// What programs print where there is no value, when that came as the signature.
fn placeholder(came: &[Vec<u8>]) -> Option<&'static str> {
    const ALL: &[&str] = &["undefined", "null", "None", "nil", "[object Object]", "[object Promise]", "NaN"];
    ALL.iter().copied().find(|text| came.iter().any(|came| came.trim_ascii() == text.as_bytes()))
}

fn unset_words(place: &str, text: &str) -> String {
    format!(
        "{place} holds the word `{text}`, which a program prints where it has no value: the sender put its signature there before it \
         was made, or under another name"
    )
}

/// Whether the word of another header (RFC 6750) stands before a token.
fn has_bearer(scheme: &Scheme, signatures: &[Vec<u8>]) -> bool {
    scheme.form != Form::Plain && signatures.iter().any(|text| text.starts_with(b"Bearer "))
}

/// What stands between the items of a list in the place of its separator; `None` when nothing does.
pub(in crate::domain::signature) fn parted_by(list: &List, came: &[Vec<u8>]) -> Option<char> {
    let names: Vec<String> = list.accept.iter().map(|name| format!("{name}{}", list.assign)).collect();
    came.iter().find_map(|value| {
        let at = names.iter().find_map(|name| memchr::memmem::find(value, name.as_bytes()))?;
        let before = value.get(..at)?.trim_ascii_end().last().copied()?;
        (!list.separator.as_bytes().contains(&before) && before.is_ascii_punctuation()).then_some(char::from(before))
    })
}

/// That the items of a list are parted by the wrong mark.
pub(in crate::domain::signature) fn parted_words(place: &str, mark: char, separator: &str) -> String {
    let wanted = if separator == " " { "a blank".to_owned() } else { format!("`{separator}`") };
    format!("the items of {place} are parted by `{mark}`, and have to be by {wanted}: have the sender write it so")
}

/// Why a signature cannot be one by its form.
fn malformed_words(scheme: &Scheme, signatures: &[Vec<u8>]) -> String {
    let (place, encoding) = (scheme.place(), scheme.encoding.name());
    if let Some(text) = placeholder(signatures) {
        return unset_words(&place, text);
    }
    if let Some(mark) = scheme.list.as_ref().and_then(|list| parted_by(list, signatures)) {
        return parted_words(
            &place,
            mark,
            &scheme.list.as_ref().map(|list| list.separator.clone()).unwrap_or_default(),
        );
    }
    if matches!(scheme.form, Form::Jwt(_)) {
        return format!(
            "what {place} holds is not a JSON Web Token: three parts in base64url with dots between them are needed"
        );
    }
    let decoded = signatures.iter().find_map(|text| crypto::decode(scheme.encoding, text));
    match (decoded, crypto::output_bytes(scheme.algorithm)) {
        (Some(bytes), Some(wanted)) => {
            let came = counted(bytes.len(), "byte");
            format!("{place} holds {came} in {encoding}, {wanted} are needed ({})", scheme.algorithm.name())
        }
        (None, Some(wanted)) => {
            format!("what {place} holds is not {encoding}: {} of {wanted} bytes is needed", scheme.algorithm.name())
        }
        (_, None) => format!("what {place} holds is no {} signature in {encoding}", scheme.algorithm.name()),
    }
}

fn version_words(scheme: &Scheme, evaluation: &Evaluation, place: &str) -> (Outcome, Option<Cause>, String) {
    let list = scheme.list.as_ref();
    let wanted = list.map(|list| list.accept.join(" or ")).unwrap_or_default();
    let is_time = |name: &str| {
        scheme.timestamp.as_ref().is_some_and(|clock| matches!(&clock.from.0, Source::List(key) if key == name))
    };
    let empty = evaluation.found.list.iter().any(|(name, value)| wanted.contains(name.as_str()) && value.is_empty());
    let others: Vec<_> =
        evaluation.found.list.iter().map(|(name, _)| name.as_str()).filter(|name| !is_time(name)).take(4).collect();
    if others.is_empty() || empty {
        let detail = no_item_words(scheme, &evaluation.found.came, place, &wanted);
        return (Outcome::Invalid, Some(Cause::SignatureMalformed), detail);
    }
    if let Some(name) =
        others.iter().find(|name| list.is_some_and(|list| list.accept.iter().any(|one| one == name.trim())))
    {
        return (Outcome::Invalid, Some(Cause::SignatureWrapped), blank_words(place, name.trim()));
    }
    let others = visible(others.join(", ").as_bytes());
    let detail = format!("there is no {wanted} signature in the header, only {others}");
    (Outcome::Invalid, Some(Cause::SignatureVersion), detail)
}

/// That a blank stands beside a name in a list whose items are taken as they are.
pub(in crate::domain::signature) fn blank_words(place: &str, name: &str) -> String {
    format!(
        "a blank stands beside the name `{name}` in {place}, and the items of this list are taken as they are, so that there is none of \
         that name: have the sender (or a proxy that writes the header anew) leave the blank out"
    )
}

/// Why a list holds no signature, by what came in its place.
fn no_item_words(scheme: &Scheme, came: &[Vec<u8>], place: &str, wanted: &str) -> String {
    if let Some(text) = placeholder(came) {
        return unset_words(place, text);
    }
    let Some(list) = &scheme.list else { return format!("{place}: the value holds no signature (no {wanted} in it)") };
    let names: Vec<String> = list.accept.iter().map(|name| format!("{name}{}", list.assign)).collect();
    if let Some(mark) = parted_by(list, came) {
        return parted_words(place, mark, &list.separator);
    }
    let is_bare = |value: &Vec<u8>| {
        crypto::output_bytes(scheme.algorithm)
            .is_some_and(|size| crypto::decode(scheme.encoding, value).is_some_and(|bytes| bytes.len() == size))
    };
    if came.iter().any(is_bare) {
        let time = scheme.timestamp.as_ref().and_then(|clock| match &clock.from.0 {
            Source::List(key) => Some(format!("`{key}{}`", list.assign)),
            _ => None,
        });
        let names = time.into_iter().chain(names.first().map(|name| format!("`{name}`")));
        return format!(
            "{place} holds a bare digest, without {}: have the sender write these too",
            names.collect::<Vec<_>>().join(" and ")
        );
    }
    format!("{place}: the value holds no signature (no {wanted} in it)")
}

fn valid_words(input: &CheckInput<'_>, trial: &Trial<'_>) -> String {
    let evaluation = &trial.evaluation;
    let mut text = match trial.opened().algorithm {
        Algorithm::Token => format!("the token in {} is the configured one", evaluation.found.place),
        algorithm => format!("{} holds", algorithm.name()),
    };
    let count = evaluation.found.signatures.len();
    if let Some(at) = evaluation.fitting.filter(|_| count > 1) {
        text.push_str(&format!(", signature {} of {count} fits", at + 1));
    }
    if input.secrets.len() > 1 {
        text.push_str(&format!(", with secret {} of {}", trial.secret_at + 1, input.secrets.len()));
    }
    if let Some(age) = evaluation.age.as_ref().filter(|age| age.of == AgeOf::Made) {
        text.push_str(&match age.age_s {
            0.. => format!(", {} old", timestamp::words(age.age_s.unsigned_abs())),
            _ => format!(", {} ahead", timestamp::words(age.age_s.unsigned_abs())),
        });
    }
    let not_covered = &trial.opened().not_covered;
    let weaker = coverage::weaker(input.profile, trial.scheme, input.request);
    for more in [weaker.as_deref(), evaluation.lines.as_deref(), Some(not_covered)].into_iter().flatten() {
        if !more.is_empty() {
            text.push_str("; ");
            text.push_str(more);
        }
    }
    text
}

/// The signature fits, its time does not.
fn age_words(input: &CheckInput<'_>, trial: &Trial<'_>) -> (Outcome, Option<Cause>, String) {
    let unread = || (Outcome::Invalid, Some(Cause::TimestampMalformed), "the timestamp cannot be read".to_owned());
    let Some(age) = trial.evaluation.age.as_ref() else { return unread() };
    let (ago, title) = (timestamp::words(age.age_s.unsigned_abs()), &input.profile.title);
    match age.of {
        AgeOf::Made => {}
        AgeOf::Ends => {
            let detail =
                format!("the signature fits, but it expired {ago} before: it says itself until when it counts");
            return (Outcome::Invalid, Some(Cause::TimestampStale), detail);
        }
        AgeOf::Begins => {
            let detail =
                format!("the signature fits, but counts only {ago} from now, by what it says: check the clocks (NTP)");
            return (Outcome::Invalid, Some(Cause::TimestampFuture), detail);
        }
    }
    let Some(clock) = trial.scheme.timestamp.as_ref() else { return unread() };
    if let Some(unit) = timestamp::likely_unit(clock.unit, age.text.as_bytes(), input.now) {
        let detail = format!(
            "the signature fits, but the timestamp {} is in {}, and {title} sends {}",
            visible(age.text.as_bytes()),
            unit.name(),
            clock.unit.name()
        );
        return (Outcome::Invalid, Some(Cause::TimestampUnit), detail);
    }
    let (cause, detail) = if age.is_stale() {
        let limit = timestamp::words(age.past_s.unwrap_or_default());
        let on_arrival = timestamp::age(clock, age.text.as_bytes(), age.at, arrival(input.request));
        let detail = if on_arrival.is_stale() {
            let ago = timestamp::words(on_arrival.age_s.unsigned_abs());
            format!(
                "the signature fits, but it was already {ago} old when it came, and {title} allows {limit}: {}the sender's \
                 clock is wrong, it waited in a queue, or it is a replay",
                zone_words(on_arrival.age_s)
            )
        } else {
            format!(
                "the signature fits, but it is {ago} old by now, and {title} allows {limit}: sign anew, or check with the \
                 time of its arrival"
            )
        };
        (Cause::TimestampStale, detail)
    } else {
        let limit = timestamp::words(age.future_s.unwrap_or_default());
        let detail = format!(
            "the signature fits, but it lies {ago} in the future, and {title} allows {limit}: {}check the clocks (NTP)",
            zone_words(age.age_s)
        );
        (Cause::TimestampFuture, detail)
    };
    (Outcome::Invalid, Some(cause), detail)
}

/// The time zones of the world are up to so many hours from UTC.
const ZONE_HOURS_MAX: u64 = 14;
/// A delivery may take so long, in seconds.
const ON_THE_WAY_S: u64 = 20;

/// What an age of whole hours (or one of the odd zones' half and quarter hours) suggests.
fn zone_words(age_s: i64) -> String {
    let minutes = (age_s.unsigned_abs() + ON_THE_WAY_S) / 60;
    let is_near = (age_s.unsigned_abs() + ON_THE_WAY_S) % 60 <= 2 * ON_THE_WAY_S;
    // Of the tz database's present offsets those that are no whole hours.
    let is_odd = matches!(minutes, 210 | 270 | 330 | 345 | 390 | 525 | 570 | 630 | 765);
    let is_zone = is_near && minutes > 0 && minutes <= ZONE_HOURS_MAX * 60 && (minutes.is_multiple_of(60) || is_odd);
    if !is_zone {
        return String::new();
    }
    let (hours, rest) = (minutes / 60, minutes % 60);
    let distance = if rest == 0 { format!("{hours} h") } else { format!("{hours} h {rest} min") };
    format!(
        "{distance} sharp suggests a time zone (a clock of the sender or of this computer that has local time for UTC, or code that reads \
         one as the other); else "
    )
}
