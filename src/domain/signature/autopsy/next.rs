//! What to check next when nothing that was tried fits: facts of this very request and these secrets, no guesses.

use super::Corpse;
use crate::domain::body::{content_codings, media_type};
use crate::domain::printable::{visible, visible_within};
use crate::domain::signature::crypto::keys;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, Scheme};
use crate::domain::signature::template::{Source, Template};
use crate::domain::signature::{Cause, Secret, check, handlers, json, timestamp};

/// Whether a cause leaves open what went wrong.
pub(super) fn is_open(cause: Option<Cause>) -> bool {
    matches!(
        cause,
        Some(
            Cause::SignatureMismatch
                | Cause::TokenMismatch
                | Cause::UrlUnknown
                | Cause::UrlHash
                | Cause::BodyHash
                | Cause::BodyMissing
                | Cause::BodyCut
                | Cause::SignatureMalformed
                | Cause::SecretMalformed
        )
    )
}

/// What to look at, the likeliest first.
pub(super) fn steps(corpse: &Corpse<'_>, cause: Option<Cause>) -> Vec<String> {
    let mut all = Vec::new();
    match cause {
        // No secret makes a signature of what is none.
        Some(Cause::SignatureMalformed) => {
            all.push(format!(
                "how the sender writes {}: {} puts {}{} in {} there",
                corpse.closed.place(),
                corpse.input.profile.title,
                corpse.closed.lead().map(|lead| format!("`{lead}` and ")).unwrap_or_default(),
                corpse.scheme.algorithm.name(),
                corpse.scheme.encoding.name()
            ));
        }
        // The signature fits: the secret is the right one.
        Some(Cause::BodyHash) => {
            all.push(
                "what the sender takes the digest of: it has to be made of the very bytes that are sent, and be written as the scheme says"
                    .into(),
            );
            all.extend(body_steps(corpse));
        }
        Some(Cause::BodyMissing | Cause::BodyCut) => {
            all.extend(body_steps(corpse));
            all.extend(secret_steps(corpse));
        }
        Some(Cause::UrlHash) => all.extend(url_step(corpse)),
        _ => {
            all.extend(url_step(corpse));
            all.extend(unread_time(corpse));
            all.extend(secret_steps(corpse));
            all.extend(mode_step(corpse));
            all.extend(body_steps(corpse));
        }
    }
    if corpse.scheme.algorithm != Algorithm::Token && !corpse.scheme.algorithm.is_public() {
        all.push(
            "the digest that your own code computes: paste it (c in the interface, `explain --computed`) to learn what it was made from"
                .into(),
        );
    }
    all
}

fn secret_steps(corpse: &Corpse<'_>) -> Vec<String> {
    let facts = &corpse.input.profile.secret;
    let called = check::secret_name(corpse.input);
    let mut all = Vec::new();
    let place = if facts.find.is_empty() { String::new() } else { format!(" ({})", facts.find) };
    all.push(format!("that the {called} is the one of this very webhook, endpoint and mode{place}"));
    for (at, secret) in corpse.secrets.iter().enumerate() {
        let text = secret.expose();
        let name = check::secret_label(corpse.input.secrets, at);
        let fits = facts.prefixes.iter().any(|prefix| text.starts_with(prefix.as_bytes()));
        if !facts.prefixes.is_empty() && !fits {
            all.push(format!("{name}: it does not begin with {}, as the {called} does", facts.prefixes.join(" or ")));
        }
        if let Some(words) = short_key(corpse, secret) {
            all.push(format!("{name}: {words}"));
        }
    }
    all
}

/// Keys below this many bytes are nobody's choice: most often a wrong decoding.
const KEY_BYTES_MIN: usize = 8;

fn short_key(corpse: &Corpse<'_>, secret: &Secret) -> Option<String> {
    let scheme = corpse.scheme;
    if scheme.algorithm.is_public() || scheme.algorithm == Algorithm::Token {
        return None;
    }
    let key = keys::symmetric(&scheme.key, secret.expose()).ok()?;
    let characters = String::from_utf8_lossy(secret.expose()).chars().count();
    (key.len() < KEY_BYTES_MIN)
        .then(|| format!("its {characters} characters make a key of {} bytes, which is short", key.len()))
}

/// Test and live have secrets of their own, and some bodies say which of them they are.
fn mode_step(corpse: &Corpse<'_>) -> Option<String> {
    let body = Material::new(corpse.input.request).body;
    for (name, live) in [
        ("livemode", "true"),
        ("live", "true"),
        ("live_mode", "true"),
        ("test", "false"),
        ("is_test", "false"),
        ("sandbox", "false"),
    ] {
        if let Some(value) =
            json::scalar(body, &[name.to_owned()]).filter(|value| value == b"true" || value == b"false")
        {
            let mode = if value == live.as_bytes() { "live" } else { "test" };
            return Some(format!(
                "that the secret is that of {mode} mode: the body says \"{name}\": {}",
                String::from_utf8_lossy(&value)
            ));
        }
    }
    None
}

/// Where the pieces stand that are signed, in words: `field timestamp and field token`.
pub(super) fn signed_places(scheme: &Scheme, message: &Template) -> String {
    let mut all: Vec<String> = Vec::new();
    for source in message.sources() {
        let place = match source {
            Source::Timestamp => scheme.timestamp.as_ref().map(|clock| clock.from.0.describe()),
            Source::Id => scheme.id.as_ref().map(|id| id.0.describe()),
            Source::Secret | Source::SecretPart(_) => None,
            other => Some(other.describe()),
        };
        all.extend(place.filter(|place| !all.contains(place)));
    }
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    }
}

/// A time that came and is none, which a receiver refuses whatever the signature says.
pub(super) fn unread_time(corpse: &Corpse<'_>) -> Option<String> {
    let clock = corpse.scheme.timestamp.as_ref()?;
    let text = super::Values::of(corpse).stamp?;
    let is_read = timestamp::parse(clock.unit, &text).is_some()
        || timestamp::likely_unit(clock.unit, &text, corpse.input.now).is_some();
    let title = &corpse.input.profile.title;
    (!is_read).then(|| {
        format!(
            "the timestamp `{}` ({}) is no time as {title} writes it, so whoever wrote it signs otherwise than {title}",
            visible_within(&text, TIME_COLUMNS_MAX),
            clock.from.0.describe()
        )
    })
}

/// Columns of what came in the place of a time.
const TIME_COLUMNS_MAX: usize = 40;

fn url_step(corpse: &Corpse<'_>) -> Option<String> {
    let signs = corpse.scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Url));
    let how = if corpse.url.assumed { "which was assumed" } else { "which is set" };
    let shown = visible(&corpse.url.url);
    signs.then(|| {
        format!(
            "the URL: the check took {shown}, {how}; the one that the provider calls must be the same byte for byte (U in the interface, \
             `--public-url URL`, or `public_url` in the configuration)"
        )
    })
}

fn body_steps(corpse: &Corpse<'_>) -> Vec<String> {
    let request = corpse.input.request;
    let mut all = Vec::new();
    if !handlers::covers_body_bytes(corpse.closed) {
        return all;
    }
    let announced = request.headers.get_str("content-length").and_then(|text| text.trim().parse::<u64>().ok());
    if let Some(announced) = announced.filter(|announced| *announced != request.body.length_bytes) {
        all.push(format!("the body: {announced} bytes were announced, {} came", request.body.length_bytes));
    }
    if request.body.bytes.is_empty() && matches!(&*request.method, b"POST" | b"PUT" | b"PATCH") {
        all.push(
            "the body: none came, where deliveries have one; something on the way read it and did not pass it on"
                .into(),
        );
    }
    let codings = content_codings(&request.headers);
    if !codings.is_empty() {
        all.push(format!(
            "the body: it came with Content-Encoding {}; a part on the way may have packed it",
            visible(codings.join(", ").as_bytes())
        ));
    }
    let proxies: Vec<&str> = ["via", "x-forwarded-for", "forwarded", "cf-ray", "x-amzn-trace-id", "x-amz-cf-id"]
        .into_iter()
        .filter(|name| request.headers.get(name).is_some())
        .collect();
    if !proxies.is_empty() {
        all.push(format!(
            "the way here: it came through a proxy ({}), which may change bodies and headers",
            proxies.join(", ")
        ));
    }
    let bytes = &request.body.bytes;
    if memchr::memmem::find(bytes, "\u{fffd}".as_bytes()).is_some() {
        all.push(
            "the body: it holds U+FFFD, which stands where a decoder could make nothing of the bytes; if it was not sent so, something read \
             it with another charset, and what was there is lost"
                .into(),
        );
    }
    let media = media_type(&request.headers);
    if bytes.starts_with(b"{'") || bytes.starts_with(b"b'") {
        all.push(
            "the body: it is what Python prints for a dict or for bytes; have it sent as the bytes themselves (`data=body`, `json.dumps`)"
                .into(),
        );
    } else if media.ends_with("json")
        && handlers::json(&request.body.bytes).is_empty()
        && !request.body.bytes.is_empty()
    {
        all.push("the body: it is said to be JSON and is none; it was cut or changed".into());
    }
    all
}
