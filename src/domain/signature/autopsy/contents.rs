//! What was signed was not what came: other forms of the body, other URLs, other writings of the time, other joins.

use std::borrow::Cow;
use std::ops::Range;

use super::bodies::BodyVariant;
use super::urls::{self, UrlVariant};
use super::{Diagnosis, Search};
use crate::domain::printable::visible;
use crate::domain::signature::Cause;
use crate::domain::signature::evaluate::{self, Stage};
use crate::domain::signature::handlers;
use crate::domain::signature::material::Material;
use crate::domain::signature::public_url;
use crate::domain::signature::scheme::{Form, Unit};
use crate::domain::signature::template::{Filter, Function, Part, Source, SourceField, Template};
use crate::domain::signature::timestamp;
use crate::domain::time::Timestamp;

impl Search<'_> {
    /// The body that came is not the one that was signed: those of the other forms at these places.
    pub(super) fn bodies(&mut self, places: Range<usize>) -> Option<Diagnosis> {
        if !self.uses_body() {
            return None;
        }
        let variants = self.body_variants();
        if places.start == 0 {
            self.tried.push(format!("{} other forms of the body", variants.len()));
        }
        let keys = self.exact_keys();
        for (_, variant) in variants.iter().enumerate().filter(|(at, _)| places.contains(at)) {
            for key in &keys {
                let material = Material { body: &variant.bytes, ..self.material };
                if let Some(at) = self.fits(key, &material) {
                    let detail = format!("{}{}", body_words(variant, &self.material), self.besides(at));
                    return self.invalid(variant.cause, detail);
                }
            }
        }
        None
    }

    /// The signature fits and names a digest of the body: which body has it.
    pub(super) fn guarded_bodies(&mut self) -> Option<Diagnosis> {
        let variants = self.body_variants();
        self.tried.push(format!("{} other forms of the body", variants.len()));
        let scheme = self.corpse.scheme;
        let fitting = variants.iter().find(|variant| {
            let material = Material { body: &variant.bytes, ..self.material };
            self.count += 1;
            evaluate::failed_guard(scheme, &material).is_none()
        })?;
        self.fits = true;
        self.invalid(fitting.cause, body_words(fitting, &self.material))
    }

    /// The signature fits and names a digest of the URL: which URL has it.
    pub(super) fn guarded_urls(&mut self) -> Option<Diagnosis> {
        let variants = self.url_variants();
        self.tried.push(format!("{} other URLs", variants.len()));
        let scheme = self.corpse.scheme;
        let fitting = variants.iter().find(|variant| {
            let material = Material { url: Some(&variant.url), ..self.material };
            self.count += 1;
            evaluate::failed_guard(scheme, &material).is_none()
        })?;
        self.fits = true;
        self.invalid(fitting.cause, self.url_words(&fitting.url))
    }

    pub(super) fn uses_url(&self) -> bool {
        self.corpse.scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Url))
    }

    pub(super) fn url_variants(&self) -> Vec<UrlVariant> {
        urls::variants(&self.material, self.corpse.input.request.host(), &self.corpse.url.url)
    }

    fn url_words(&self, url: &[u8]) -> String {
        format!(
            "the signature fits {}, and the check took {}: {}",
            visible(url),
            visible(&self.corpse.url.url),
            self.url_remedy(url)
        )
    }

    /// The flag and the setting with which the check takes this URL; where none does, what to change elsewhere.
    pub(super) fn url_remedy(&self, url: &[u8]) -> String {
        let request = self.corpse.input.request;
        let Some(set) = urls::setting(url, request) else {
            let (origin, _) = public_url::split(url);
            let arrives = [origin, request.path_and_query()].concat();
            return format!(
                "no setting here gives that one, because the check takes the query of the request as it came: have what stands on the way \
                 (proxy, gateway, router) pass path and query on unchanged, or set at the provider the URL that arrives, {}",
                visible(&arrives)
            );
        };
        let set = visible(set.as_bytes());
        format!(
            "give `--public-url {set}`, or `public_url: \"{set}\"` in the configuration, or paste it after the key U"
        )
    }

    /// The URL of the check is not the one that was signed.
    pub(super) fn urls(&mut self) -> Option<Diagnosis> {
        let opens_itself = matches!(self.corpse.closed.form, Form::HttpMessage(_));
        if !self.uses_url() && !opens_itself {
            return None;
        }
        let variants = self.url_variants();
        self.tried.push(format!("{} other URLs", variants.len()));
        if opens_itself {
            let fitting = variants.iter().find(|variant| self.fits_anew(&variant.url))?;
            return self.invalid(fitting.cause, self.url_words(&fitting.url));
        }
        for key in self.exact_keys() {
            for variant in &variants {
                let material = Material { url: Some(&variant.url), ..self.material };
                if self.fits(&key, &material).is_some() {
                    return self.invalid(variant.cause, self.url_words(&variant.url));
                }
            }
        }
        None
    }

    /// The time was signed in another writing than it is sent in.
    pub(super) fn timestamps(&mut self) -> Option<Diagnosis> {
        let (clock, text) = (self.corpse.scheme.timestamp.as_ref()?, self.material.timestamp?);
        let message = self.corpse.scheme.message.as_ref()?;
        if !message.uses(&Source::Timestamp) && !self.signs_its_header() {
            return None;
        }
        self.tried
            .push("the timestamp in seconds, milliseconds, with a fraction, as RFC 3339 and as an HTTP date".into());
        let variants = other_writings(clock.unit, text, self.corpse.input.now);
        for key in self.exact_keys() {
            for (form, variant) in &variants {
                if self.fits_at(&key, variant.as_bytes()) {
                    let detail = format!(
                        "the signature fits the timestamp written {form} ({variant}), and it came as {}: sign the very text that is sent",
                        visible(text)
                    );
                    return self.invalid(Cause::TimestampUnit, detail);
                }
            }
        }
        self.near_timestamps(clock.unit, text)
    }

    /// Whether the header of the time is signed as a header, by its name or in a list of names.
    fn signs_its_header(&self) -> bool {
        let (Some(clock), Some(message)) = (&self.corpse.scheme.timestamp, &self.corpse.scheme.message) else {
            return false;
        };
        let of_list = |filter: &Filter| {
            matches!(
                filter,
                Filter::Named(Function::ContentfulHeaders | Function::HeaderValues | Function::CavageLines)
            )
        };
        let lists = message.parts.iter().any(|part| matches!(part, Part::Value(_, all) if all.iter().any(of_list)));
        matches!(&clock.from.0, Source::Header(_)) && (lists || message.uses(&clock.from.0))
    }

    /// Whether the signature fits another text of the time.
    fn fits_at(&mut self, key: &[u8], text: &[u8]) -> bool {
        let mut headers = Cow::Borrowed(self.material.headers);
        let place = self.corpse.scheme.timestamp.as_ref().map(|clock| &clock.from.0);
        if let Some(Source::Header(name)) = place.filter(|_| self.signs_its_header()) {
            headers.to_mut().set(name, text.to_vec());
        }
        let material = Material { timestamp: Some(text), headers: &headers, ..self.material };
        self.fits(key, &material).is_some()
    }

    /// The clock was read twice: once for what is signed, once for what is sent.
    fn near_timestamps(&mut self, unit: Unit, text: &[u8]) -> Option<Diagnosis> {
        let variants = near_times(unit, text);
        self.tried.push("timestamps up to 5 s before and after".into());
        for key in self.exact_keys() {
            for variant in &variants {
                if self.fits_at(&key, variant.as_bytes()) {
                    let detail = format!(
                        "the signature fits the timestamp {variant}, and {} came: secret and body are right, the timestamp was changed \
                         after it was signed. Senders of one's own do this by reading the clock twice: read it once, and sign the text that is sent",
                        visible(text)
                    );
                    return self.invalid(Cause::TimestampAltered, detail);
                }
            }
        }
        None
    }

    /// Other pieces were joined, or in another order.
    pub(super) fn templates(&mut self) -> Option<Diagnosis> {
        if self.corpse.scheme.algorithm.is_public() && self.corpse.secrets.len() > 4 {
            return None;
        }
        let closed = self.corpse.closed;
        // What holds its own signature cannot have been signed whole.
        let in_body = |place: &SourceField| matches!(place.0, Source::Json(_) | Source::Form(_) | Source::Body);
        let is_inside = !closed.signature.is_empty() && closed.signature.iter().all(in_body);
        let own = self.corpse.scheme.message.as_ref().map(own_joins).unwrap_or_default();
        let others = other_joins().into_iter().filter(|join| !is_inside || !join.uses(&Source::Body));
        let joins: Vec<Template> = others.chain(own).collect();
        self.tried.push(match is_inside {
            true => "the signed pieces in other orders, with and without a mark between them".into(),
            false => "other joins of body, timestamp, id and URL".into(),
        });
        for key in self.exact_keys() {
            for message in &joins {
                let text = &message.text;
                if self.fits_with(self.corpse.scheme.algorithm, &key, message, &self.material.clone()).is_some() {
                    let wanted =
                        self.corpse.scheme.message.as_ref().map(|message| message.text.as_str()).unwrap_or_default();
                    let detail = format!(
                        "the signature fits {}, and {} signs {}: have the sender join it so; where it is a sender of your own that signs \
                         otherwise, describe it with --scheme (docs/signatures.md)",
                        text.replace('\n', "\\n"),
                        self.corpse.input.profile.title,
                        wanted.replace('\n', "\\n")
                    );
                    return self.invalid(Cause::MessageDiffers, detail);
                }
            }
        }
        None
    }

    pub(super) fn unknown_url(&self) -> Option<Diagnosis> {
        let opens_itself = matches!(self.corpse.closed.form, Form::HttpMessage(_));
        // What is no signature by its form fits no URL.
        if self.corpse.evaluation.stage == Stage::SignatureMalformed
            || !((self.uses_url() || opens_itself) && self.corpse.url.assumed)
        {
            return None;
        }
        let detail = format!(
            "{} signs the public URL, none is set, and {} does not fit: give the URL that is set at the provider (U in the interface, \
             `--public-url https://HOST`, or `public_url` in the configuration; the path of the request is added); if it is that one, \
             check the secret",
            self.corpse.input.profile.title,
            visible(&self.corpse.url.url)
        );
        self.invalid(Cause::UrlUnknown, detail)
    }
}

/// Joins of what requests carry that senders and receivers use, the likeliest first.
const JOINS: &[&str] = &[
    "{body}",
    "{timestamp}.{body}",
    "{timestamp}:{body}",
    "v0:{timestamp}:{body}",
    "v1:{timestamp}:{body}",
    "{timestamp}{body}",
    "{body}{timestamp}",
    "{body}.{timestamp}",
    "{timestamp},{body}",
    "{timestamp}|{body}",
    "{timestamp}\n{body}",
    "{id}.{timestamp}.{body}",
    "{id}{timestamp}{body}",
    "{id}.{body}",
    "{url}{params}",
    "{url}{params-all}",
    "{url}",
    "{url}{body}",
    "{body}{url}",
    "{method}{url}{body}",
    "{method}{path}{body}",
    "{path}{body}",
    "{body|sha256|hex}",
    "{timestamp}.{body|sha256|hex}",
];

/// Those joins as templates.
pub(super) fn other_joins() -> Vec<Template> {
    JOINS.iter().filter_map(|text| Template::parse(text).ok()).collect()
}

/// The pieces that a rule signs in every order, one alone too, with the marks between them that senders use.
fn own_joins(message: &Template) -> Vec<Template> {
    const MARKS: [&str; 6] = ["", ".", ":", "|", ",", "\n"];
    let is_piece =
        |part: &&Part| matches!(part, Part::Value(source, _) if !matches!(source, Source::Body | Source::Url));
    let pieces: Vec<&Part> = message.parts.iter().filter(is_piece).collect();
    // Two or three pieces: of more there are too many orders.
    let all =
        match (pieces.as_slice(), message.parts.iter().any(|part| !matches!(part, Part::Value(..) | Part::Text(_)))) {
            ([one, two], false) => vec![vec![*one, *two], vec![*two, *one], vec![*one], vec![*two]],
            ([a, b, c], false) => {
                let (a, b, c) = (*a, *b, *c);
                vec![vec![a, b, c], vec![a, c, b], vec![b, a, c], vec![b, c, a], vec![c, a, b], vec![c, b, a]]
            }
            _ => return Vec::new(),
        };
    let named = |part: &Part| match part {
        Part::Value(Source::Timestamp, _) => "{timestamp}".to_owned(),
        Part::Value(Source::Id, _) => "{id}".to_owned(),
        Part::Value(source, _) => format!("{{{}}}", source.describe()),
        _ => String::new(),
    };
    let joined = |order: &Vec<&Part>, mark: &str| {
        let mut parts: Vec<Part> = Vec::new();
        for part in order {
            if !parts.is_empty() && !mark.is_empty() {
                parts.push(Part::Text(mark.to_owned()));
            }
            parts.push((*part).clone());
        }
        Template { parts, text: order.iter().map(|part| named(part)).collect::<Vec<_>>().join(mark) }
    };
    let marks = |order: &Vec<&Part>| if order.len() > 1 { MARKS.len() } else { 1 };
    let all = all.iter().flat_map(|order| MARKS.iter().take(marks(order)).map(|mark| joined(order, mark)));
    all.filter(|join| join.parts != message.parts).collect()
}

/// A time in the other writings that programs use.
pub(super) fn other_writings(unit: Unit, text: &[u8], now: Timestamp) -> Vec<(&'static str, String)> {
    let likely = timestamp::likely_unit(unit, text, now).unwrap_or(unit);
    let Some(at) = timestamp::parse(likely, text) else { return Vec::new() };
    let seconds = at.secs();
    let all = [
        ("in seconds", timestamp::write(Unit::Seconds, at)),
        ("in milliseconds", timestamp::write(Unit::Millis, at)),
        ("in seconds with a fraction", format!("{seconds}.0")),
        ("in microseconds", at.micros().to_string()),
        ("in RFC 3339", timestamp::write(Unit::Rfc3339, at)),
        (
            "in RFC 3339, whole seconds",
            timestamp::write(Unit::Rfc3339, Timestamp::from_secs(seconds)).replace(".000", ""),
        ),
        ("as an HTTP date", timestamp::write(Unit::HttpDate, at)),
    ];
    all.into_iter().filter(|(_, written)| written.as_bytes() != text).collect()
}

/// Times close by, in the same writing, the nearest first.
fn near_times(unit: Unit, text: &[u8]) -> Vec<String> {
    const SECONDS_MAX: i64 = 5;
    const MILLIS_MAX: i64 = 3;
    let Some(at) = timestamp::parse(unit, text) else { return Vec::new() };
    let mut micros: Vec<i64> = Vec::new();
    if unit == Unit::Millis {
        micros.extend((1..=MILLIS_MAX).flat_map(|step| [-step * 1000, step * 1000]));
        micros.push(-at.micros().rem_euclid(1_000_000));
    }
    micros.extend((1..=SECONDS_MAX).flat_map(|step| [-step * 1_000_000, step * 1_000_000]));
    let written = micros.into_iter().map(|micros| timestamp::write(unit, at.plus_micros(micros)));
    written.filter(|written| written.as_bytes() != text).collect()
}

/// The remedy, and where the two bodies part.
fn body_words(variant: &BodyVariant, material: &Material<'_>) -> String {
    let (signed, came) = (&variant.bytes, material.body);
    let at = signed.iter().zip(came).take_while(|(one, other)| one == other).count();
    let names = handlers::named(came, at).zip(handlers::named(signed, at));
    let seen = [came, signed].iter().any(|bytes| handlers::is_invisible(bytes, at));
    let names = names.filter(|_| seen).map(|(came, signed)| format!(" ({came} came, {signed} was signed)"));
    format!(
        "the signature fits {}, which parts from what came at byte {at}{}: {}",
        variant.what,
        names.unwrap_or_default(),
        body_remedy(variant.cause)
    )
}

/// What to do about a body that was signed in another form.
pub(super) fn body_remedy(cause: Cause) -> &'static str {
    match cause {
        Cause::BodyJsonRewritten | Cause::BodyEscapes => {
            "something parsed the JSON and wrote it again. If it is a proxy, gateway or forwarder before this point: have it pass the body \
             on as it is. If it is the handler: check the raw bytes, before any JSON parser (Express: express.raw(), Flask: \
             request.get_data(), Rails: request.raw_post)"
        }
        Cause::BodyNewline => "a trim or an editor changed its end; keep the bytes as they come",
        Cause::BodyLineEnds => "a text conversion changed it; keep the bytes as they come",
        Cause::BodyBase64 => "decode the body before the check, where a gateway wraps it",
        Cause::BodyCompressed => "check after decompressing",
        Cause::BodyForm => "this sender signs the other one of form and field",
        Cause::BodyFormRewritten => {
            "something decoded the form and encoded it again: a proxy or gateway before this point, which has to pass it on as it is, or \
             the handler, which has to check the raw bytes"
        }
        Cause::BodyCharset => "something decoded the text with the wrong charset; check the raw bytes",
        Cause::BodyEmpty => "the signer had no body in hand",
        _ => "sign the bytes that are sent",
    }
}
