//! The check: the exact rule on the exact bytes, and the autopsy when it fails.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::evaluate::{self, Evaluation, NoSignatureStage, Stage};
use super::found::{self, NoSignature};
use super::material::{Material, Sorted};
use super::public_url::PublicUrl;
use super::scheme::{Algorithm, Form, GuardSubject, Scheme};
use super::template::Source;
use super::verdict::AgeOf;
use super::{Cause, Outcome, Profile, Profiles, Secret, Verdict, autopsy, coverage, crypto, public_url, timestamp};
use crate::domain::exchange::Request;
use crate::domain::printable::{visible, visible_str};
use crate::domain::quantity::counted;
use crate::domain::time::Timestamp;

/// A secret of another endpoint, with the name that the user knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSecret {
    /// Like `endpoint /stripe`.
    pub name: String,
    /// The secret.
    pub secret: Secret,
}

/// What is checked, against what.
#[derive(Clone, Copy, Debug)]
pub struct CheckInput<'a> {
    /// The provider.
    pub profile: &'a Profile,
    /// The secrets of this endpoint: any one that fits is enough (rotation).
    pub secrets: &'a [Secret],
    /// Secrets of other endpoints: they never make a request valid, but the autopsy names one that would fit.
    pub others: &'a [NamedSecret],
    /// The URL that the provider calls: origin alone, or whole.
    pub public_url: Option<&'a str>,
    /// Whether the proxy in front is trusted, so that its X-Forwarded-* and Forwarded say what was called.
    pub trust_proxy: bool,
    /// What time it is for the tolerance; for a captured request usually when it came.
    pub now: Timestamp,
    /// The request.
    pub request: &'a Request,
    /// All profiles of this run: the autopsy names one whose rule fits.
    pub profiles: &'a Profiles,
    /// How much work the autopsy may do, in bytes hashed or so; 0: none. [`CheckInput::AUTOPSY_WORK_BYTES`] is some 50 ms.
    pub autopsy_work_bytes: u64,
    /// The sorted fields of the request's form, where several checks of one request share them.
    pub sorted: Option<&'a Sorted<'a>>,
    /// Once this is set, the check comes to an end soon, and tells nothing.
    pub stop: Option<&'a AtomicBool>,
}

impl<'a> CheckInput<'a> {
    /// Work that a whole autopsy may do.
    pub const AUTOPSY_WORK_BYTES: u64 = 24 << 20;

    /// A check of a request as of its arrival, with the autopsy; other fields are set by struct update.
    pub fn new(profile: &'a Profile, secrets: &'a [Secret], request: &'a Request) -> Self {
        Self {
            profile,
            secrets,
            others: &[],
            public_url: None,
            trust_proxy: false,
            now: arrival(request),
            request,
            profiles: Profiles::builtin(),
            autopsy_work_bytes: Self::AUTOPSY_WORK_BYTES,
            sorted: None,
            stop: None,
        }
    }

    /// What the request offers to a rule.
    pub(super) fn material(&self) -> Material<'a> {
        Material { sorted: self.sorted, ..Material::new(self.request) }
    }

    /// Whether the check is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// When the request was whole.
fn arrival(request: &Request) -> Timestamp {
    request.first_byte.plus_micros(request.body_complete_us.min(i64::MAX as u64) as i64)
}

/// Checks a request's signature. Without `autopsy_work_bytes` it costs one digest of the body for each secret (and each form
/// of the URL, where that is signed), two when the scheme's signature is not there; a form is sorted once. All words of the
/// verdict are visible text, whatever the profile's names hold: a profile is a file that people hand on.
pub fn check(input: &CheckInput<'_>) -> Verdict {
    let sorted = Sorted::of(input.request);
    let input = &CheckInput { sorted: input.sorted.or(Some(&sorted)), ..*input };
    let mut verdict = judge(input);
    if input.is_stopped() {
        let detail = "the check was stopped before its end: the program leaves";
        verdict = Verdict::plain(&input.profile.name, Outcome::Unknown, None, detail, input.now);
    }
    let words = [&mut verdict.detail, &mut verdict.rule, &mut verdict.place];
    let lists = verdict.tried.iter_mut().chain(&mut verdict.remarks).chain(&mut verdict.check_next);
    for text in words.into_iter().chain(lists) {
        if let Cow::Owned(shown) = visible_str(text) {
            *text = shown;
        }
    }
    verdict
}

fn judge(input: &CheckInput<'_>) -> Verdict {
    if input.request.refused().is_some() {
        let detail = "what arrived never became a request: there is nothing to check";
        return plain(input, Outcome::Unknown, Cause::NotARequest, detail);
    }
    let url = checked_url(input);
    let secrets = usable_secrets(input);
    let Some(best) = best_trial(input, &secrets, &url.url) else {
        return without_secret(input, &url.url);
    };
    if !input.request.is_whole() {
        let detail = format!(
            "only {} of {} body bytes were kept: a signature covers the whole body, so it cannot be told whether it was right",
            input.request.body.bytes.len(),
            input.request.body.length_bytes
        );
        return describe(input, &best, Outcome::Unknown, Some(Cause::BodyIncomplete), detail);
    }
    let (outcome, cause, detail) = plain_words(input, &best);
    let mut verdict = describe(input, &best, outcome, cause, detail);
    if secrets.len() > 1 && best.evaluation.fitting.is_some() {
        verdict.secret_number = Some(best.secret_at + 1);
        verdict.secret_name =
            secrets.get(best.secret_at).and_then(|secret| secret.name()).unwrap_or_default().to_owned();
    }
    let (uses_url, failed) = (uses_url(best.scheme), !best.evaluation.stage.signature_fits());
    if url.assumed && uses_url {
        let shown = visible(&url.url);
        verdict.remarks.push(format!(
            "no public URL is set: {shown} was assumed; `--public-url https://HOST` (`public_url` in the configuration) sets it, \
             `--trust-proxy` takes the proxy's"
        ));
    }
    let unsigned =
        matches!(best.evaluation.stage, Stage::NoSignature(NoSignatureStage::Missing | NoSignatureStage::Empty));
    // Whether a request without this scheme's signature is unsigned at all is not left to the long search: every check
    // has to say the same.
    if failed && (input.autopsy_work_bytes > 0 || unsigned) {
        let corpse = autopsy::Corpse {
            input,
            scheme: best.opened(),
            closed: best.scheme,
            evaluation: &best.evaluation,
            secrets: &secrets,
            url: &url,
        };
        let refused = matches!(best.evaluation.stage, Stage::Refused(_));
        let before = refused.then(|| (verdict.cause, verdict.detail.clone()));
        autopsy::examine(&corpse, &mut verdict);
        // What is refused by its own words is not explained by a URL or secret that nobody knows.
        if let Some((cause, detail)) = before.filter(|_| !verdict.tried_fits)
            && matches!(verdict.cause, Some(Cause::UrlUnknown | Cause::SignatureMismatch))
        {
            (verdict.cause, verdict.detail) = (cause, detail);
        }
    }
    verdict.is_first_look = failed && input.autopsy_work_bytes == 0 && (!unsigned || verdict.tried_cut);
    verdict
}

/// The URL that the check takes.
pub(super) fn checked_url(input: &CheckInput<'_>) -> PublicUrl {
    match input.trust_proxy {
        true => public_url::url_behind_proxy(input.public_url, input.request),
        false => public_url::signed_url(input.public_url, input.request),
    }
}

fn usable_secrets<'a>(input: &CheckInput<'a>) -> Vec<&'a Secret> {
    input.secrets.iter().filter(|secret| !secret.expose().is_empty()).collect()
}

/// What a secret is called: the name that it was given, else its number.
pub fn secret_label(secrets: &[Secret], at: usize) -> String {
    let name = secrets.get(at).and_then(Secret::name);
    name.map_or_else(
        || if secrets.len() > 1 { format!("secret {}", at + 1) } else { "the secret".to_owned() },
        |name| visible(name.as_bytes()),
    )
}

/// The rule that a verdict is about, opened where a token or message signature says itself what is signed.
pub(super) fn rule_of(input: &CheckInput<'_>) -> Option<Scheme> {
    let (url, secrets) = (checked_url(input), usable_secrets(input));
    let best = best_trial(input, &secrets, &url.url);
    let first = || applicable(input.profile, input.request, b"").first().map(|scheme| Scheme::clone(scheme));
    best.map(|best| best.opened().clone()).or_else(first)
}

/// Where a digest comes from that the user's own code computed for this request.
pub(super) fn computed(input: &CheckInput<'_>, value: &str) -> autopsy::computed::Computed {
    let (url, secrets) = (checked_url(input), usable_secrets(input));
    // Without a secret the signed bytes are known all the same, and plain digests take none.
    let best = best_trial(input, &secrets, &url.url).or_else(|| best_trial(input, &[&Secret::new(*b"?")], &url.url));
    let Some(best) = best else { return autopsy::computed::Computed::nothing(value) };
    let corpse = autopsy::Corpse {
        input,
        scheme: best.opened(),
        closed: best.scheme,
        evaluation: &best.evaluation,
        secrets: &secrets,
        url: &url,
    };
    autopsy::computed::find(&corpse, value)
}

/// One scheme tried with one secret.
pub(super) struct Trial<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) secret_at: usize,
    pub(super) evaluation: Evaluation,
}

impl Trial<'_> {
    /// The scheme with what a token says of itself.
    fn opened(&self) -> &Scheme {
        self.evaluation.opened.as_deref().unwrap_or(self.scheme)
    }
}

/// The trial that came farthest; `None` without secrets.
fn best_trial<'a>(input: &CheckInput<'a>, secrets: &[&Secret], url: &[u8]) -> Option<Trial<'a>> {
    let mut best: Option<Trial<'a>> = None;
    for (secret_at, secret) in secrets.iter().enumerate() {
        for scheme in applicable(input.profile, input.request, secret.expose()) {
            let base = Material { key: Some(secret.expose()), ..input.material() };
            for url in evaluate::accepted_urls(scheme, url) {
                if best.is_some() && input.is_stopped() {
                    return best;
                }
                let evaluation = evaluate::evaluate(scheme, &base, secret.expose(), &url, input.now);
                if evaluation.stage == Stage::Valid {
                    return Some(Trial { scheme, secret_at, evaluation });
                }
                if best.as_ref().is_none_or(|best| evaluation.stage > best.evaluation.stage) {
                    best = Some(Trial { scheme, secret_at, evaluation });
                }
            }
        }
    }
    best
}

/// The schemes whose conditions hold; all, when none does.
pub(super) fn applicable<'a>(profile: &'a Profile, request: &Request, secret: &[u8]) -> Vec<&'a Scheme> {
    let material = Material { key: Some(secret), ..Material::new(request) };
    let holding = |scheme: &&Scheme| scheme.when.iter().all(|condition| material.holds(condition));
    let chosen: Vec<_> = profile.schemes.iter().filter(holding).collect();
    if chosen.is_empty() { profile.schemes.iter().collect() } else { chosen }
}

fn uses_url(scheme: &Scheme) -> bool {
    let of_url = |source: &Source| *source == Source::Url;
    let signed = scheme.message.iter().flat_map(|message| message.sources()).any(of_url);
    let compared = scheme.guards.iter().flat_map(|guard| guard.left.sources().chain(guard.right.sources())).any(of_url);
    // What an HTTP message signature covers is the sender's choice; most cover the authority.
    signed || compared || matches!(scheme.form, Form::HttpMessage(_))
}

fn plain(input: &CheckInput<'_>, outcome: Outcome, cause: Cause, detail: impl Into<String>) -> Verdict {
    Verdict::plain(&input.profile.name, outcome, Some(cause), detail, input.now)
}

/// What to do without a secret.
const NO_SECRET: &str = "the secret is not known, so nothing was checked: give it with --secret, in the configuration, or with the key s in \
                         the interface";

/// What can be said without a secret: whether there is a signature at all, and how old it is.
fn without_secret(input: &CheckInput<'_>, url: &[u8]) -> Verdict {
    let base = input.material();
    let mut best: Option<Trial<'_>> = None;
    for scheme in applicable(input.profile, input.request, b"") {
        let evaluation = evaluate::evaluate(scheme, &base, b"", url, input.now);
        let has = evaluation.found.none.is_none();
        if best.as_ref().is_none_or(|best| has && best.evaluation.found.none.is_some()) {
            best = Some(Trial { scheme, secret_at: 0, evaluation });
        }
    }
    let Some(best) = best else { return plain(input, Outcome::Unknown, Cause::NoSecret, NO_SECRET) };
    let mut verdict = match best.evaluation.found.none {
        Some(NoSignature::Missing | NoSignature::Empty) => {
            let (outcome, cause, detail) = plain_words(input, &best);
            let mut verdict = describe(input, &best, outcome, cause, detail);
            autopsy::name_recognised(input, &mut verdict);
            verdict
        }
        // A token that names no algorithm, or a forbidden one, proves nothing whatever the secret is.
        _ if matches!(best.evaluation.stage, Stage::Refused(_)) => {
            let (outcome, cause, detail) = plain_words(input, &best);
            describe(input, &best, outcome, cause, detail)
        }
        _ => describe(input, &best, Outcome::Unknown, Some(Cause::NoSecret), NO_SECRET.to_owned()),
    };
    verdict.expected = None;
    verdict
}

/// Whether the request carries a signature of which nothing can be said before the secret is known: what [`check`] would say at
/// length, for the many requests of a sender whose secret nobody gave. `false`: ask [`check`].
pub fn waits_for_secret(profile: &Profile, request: &Request) -> bool {
    let base = Material::new(request);
    // What a token or a message signature says of itself may be refused without any secret.
    let is_plain = |scheme: &&Scheme| scheme.form == Form::Plain && scheme.each.is_none();
    let schemes = applicable(profile, request, b"");
    request.refused().is_none()
        && schemes.iter().all(is_plain)
        && schemes.iter().any(|scheme| found::is_there(scheme, &base))
}

/// The verdict with all that the tab shows.
fn describe(
    input: &CheckInput<'_>,
    trial: &Trial<'_>,
    outcome: Outcome,
    cause: Option<Cause>,
    detail: String,
) -> Verdict {
    let evaluation = &trial.evaluation;
    let mut verdict = Verdict::plain(&input.profile.name, outcome, cause, detail, input.now);
    verdict.rule = trial.scheme.describe();
    verdict.place =
        if evaluation.found.place.is_empty() { trial.scheme.place() } else { evaluation.found.place.clone() };
    let found = &evaluation.found;
    let shown: &[Vec<u8>] = if found.signatures.is_empty() { &found.came } else { &found.signatures };
    let scheme = trial.opened();
    let is_token = scheme.algorithm == Algorithm::Token;
    let shown = shown.iter().take(CAME_MAX).map(|text| match is_token {
        true => format!("({} characters)", String::from_utf8_lossy(text).chars().count()),
        false => String::from_utf8_lossy(text).into_owned(),
    });
    verdict.came = shown.collect();
    verdict.fitting = evaluation.fitting.filter(|at| *at < CAME_MAX);
    verdict.expected = evaluation.expected.clone();
    // The value as it came has no name or prefix to take off: what it is compared with has them too.
    if let Some(lead) = scheme.lead().filter(|_| found.signatures.is_empty() && !is_token) {
        verdict.expected = verdict.expected.map(|expected| expected.after(&lead));
    }
    verdict.signed = evaluation.signed.clone();
    verdict.signed_bytes = evaluation.signed_bytes;
    verdict.age = evaluation.age.clone();
    verdict.remarks.extend(evaluation.lines.clone());
    if found.signatures_left > 0 && outcome != Outcome::Valid {
        let (left, most) = (counted(found.signatures_left, "more signature"), found::SIGNATURES_MAX);
        verdict.remarks.push(format!("{left} came that nobody looked at: the limit is {most} for a request"));
    }
    if evaluation.keys_left > 0 && outcome != Outcome::Valid {
        let (left, most) = (counted(evaluation.keys_left, "more key"), evaluate::KEYS_MAX);
        verdict.remarks.push(format!(
            "{left} of the set that fit by kind and name were not tried: the limit is {most}, give a smaller set"
        ));
    }
    if outcome == Outcome::Valid {
        verdict.remarks.extend(coverage::weaker(input.profile, trial.scheme, input.request));
    }
    let not_covered = coverage::not_covered(input.profile, scheme);
    if !not_covered.is_empty() {
        verdict.remarks.push(not_covered);
    }
    verdict
}

/// Signatures that a verdict keeps.
const CAME_MAX: usize = 16;

/// Outcome, cause and detail of a stage, before any autopsy.
fn plain_words(input: &CheckInput<'_>, trial: &Trial<'_>) -> (Outcome, Option<Cause>, String) {
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
            invalid(Cause::MessageDiffers, format!("the {what} is signed, and the request does not carry it"))
        }
        Stage::SignatureMalformed => {
            invalid(Cause::SignatureMalformed, malformed_words(title, scheme, &evaluation.found.signatures))
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

/// Why a signature cannot be one by its form.
fn malformed_words(title: &str, scheme: &Scheme, signatures: &[Vec<u8>]) -> String {
    let (place, encoding) = (scheme.place(), scheme.encoding.name());
    if let Some(text) = placeholder(signatures) {
        return unset_words(&place, text);
    }
    if scheme.form != Form::Plain && signatures.iter().any(|text| text.starts_with(b"Bearer ")) {
        return format!(
            "`Bearer ` stands before the token in {place}, and {title} puts the token there alone: have the sender leave it out"
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
    let others = visible(others.join(", ").as_bytes());
    let detail = format!("there is no {wanted} signature in the header, only {others}");
    (Outcome::Invalid, Some(Cause::SignatureVersion), detail)
}

/// Why a list holds no signature, by what came in its place.
fn no_item_words(scheme: &Scheme, came: &[Vec<u8>], place: &str, wanted: &str) -> String {
    if let Some(text) = placeholder(came) {
        return unset_words(place, text);
    }
    let Some(list) = &scheme.list else { return format!("{place}: the value holds no signature (no {wanted} in it)") };
    let names: Vec<String> = list.accept.iter().map(|name| format!("{name}{}", list.assign)).collect();
    let other = |value: &Vec<u8>| {
        let at = names.iter().find_map(|name| memchr::memmem::find(value, name.as_bytes()))?;
        let before = value.get(..at)?.trim_ascii_end().last().copied()?;
        (!list.separator.as_bytes().contains(&before) && before.is_ascii_punctuation()).then_some(char::from(before))
    };
    if let Some(mark) = came.iter().find_map(other) {
        return format!(
            "the items of {place} are parted by `{mark}`, and have to be by `{}`: have the sender write it so",
            list.separator
        );
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
                "the signature fits, but it was already {ago} old when it came, and {title} allows {limit}: the sender's \
                 clock is wrong, it waited in a queue, or it is a replay"
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
            "the signature fits, but it lies {ago} in the future, and {title} allows {limit}: check the clocks (NTP)"
        );
        (Cause::TimestampFuture, detail)
    };
    (Outcome::Invalid, Some(cause), detail)
}

/// What the provider calls the secret.
pub(super) fn secret_name(input: &CheckInput<'_>) -> String {
    let called = &input.profile.secret.called;
    if called.is_empty() { "secret".to_owned() } else { called.clone() }
}

#[cfg(test)]
mod tests;
