//! The check: the exact rule on the exact bytes, and the autopsy when it fails.

mod input;
mod words;

use std::borrow::Cow;

use super::evaluate::{self, NoSignatureStage, Stage};
use super::found::{self, NoSignature};
use super::material::{Material, Sorted};
use super::public_url::PublicUrl;
use super::scheme::{Algorithm, Form, Scheme};
use super::template::Source;
use super::{Cause, Outcome, Profile, Secret, Verdict, autopsy, coverage, public_url};
use crate::domain::exchange::Request;
use crate::domain::printable::{visible, visible_str};
use crate::domain::quantity::counted;
pub use input::{CheckInput, NamedSecret, secret_label};
pub(super) use input::{Trial, applicable, secret_name};
use words::plain_words;
pub(super) use words::{blank_words, parted_by, parted_words};

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
            "no public URL is set: {shown} was assumed; U in the interface, `--public-url https://HOST` or `public_url` in the configuration sets it, \
             `--trust-proxy` takes the proxy's"
        ));
    }
    let unsigned =
        matches!(best.evaluation.stage, Stage::NoSignature(NoSignatureStage::Missing | NoSignatureStage::Empty));
    // Whether a request without this scheme's signature is unsigned at all is not left to the long search: every check
    // has to say the same.
    if failed && (input.autopsy_work_bytes > 0 || unsigned) {
        let corpse = autopsy::Corpse::of(input, &best, &secrets, &url);
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
    let corpse = autopsy::Corpse::of(input, &best, &secrets, &url);
    autopsy::computed::find(&corpse, value)
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
const NO_SECRET: &str =
    "the secret is not known, so nothing was checked: give it (key s in the interface, --secret, or the configuration)";

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

#[cfg(test)]
mod tests;
