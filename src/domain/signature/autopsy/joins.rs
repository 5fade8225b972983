//! The pieces were right, and what stands between them or their order was not: fields of a form, lines; and bodies of which
//! nothing or not all came.

use super::{Diagnosis, Search, targets};
use crate::domain::body::media_type;
use crate::domain::form::form_fields;
use crate::domain::signature::Cause;
use crate::domain::signature::crypto;
use crate::domain::signature::evaluate::{self, Stage};
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Encoding, GuardSubject};
use crate::domain::signature::template::{Part, Source, Template};

/// Fields of a form that are put into other orders, and URLs that each order is tried with.
const FIELDS_MAX: usize = 512;
const URLS_MAX: usize = 4;

pub(super) type Field = (Vec<u8>, Vec<u8>);

impl Search<'_> {
    /// Schemes that sign the sorted fields of a form: they were left as they came, sorted otherwise, or the empty ones dropped.
    pub(super) fn field_orders(&mut self) -> Option<Diagnosis> {
        let message = self.corpse.scheme.message.as_ref()?;
        if !message.uses(&Source::Params) && !message.uses(&Source::ParamsAll) {
            return None;
        }
        let fields: Vec<Field> = form_fields(self.material.form_bytes()).take(FIELDS_MAX).collect();
        if fields.len() < 2 {
            return None;
        }
        self.tried.push("the fields of the form in other orders, and without the empty ones".into());
        let urls = self.url_variants().into_iter().take(URLS_MAX).map(|variant| variant.url);
        let urls: Vec<Vec<u8>> = std::iter::once(self.corpse.url.url.clone()).chain(urls).collect();
        for (what, cause, text) in orders(fields) {
            let Ok(text) = String::from_utf8(text) else { continue };
            let joined = with_params(message, &text);
            for key in self.exact_keys() {
                for url in &urls {
                    let material = Material { url: Some(url), ..self.material };
                    if self.fits_with(self.corpse.scheme.algorithm, &key, &joined, &material).is_some() {
                        let title = &self.corpse.input.profile.title;
                        let detail = format!(
                            "the signature fits {what}: {title} signs all fields, the empty ones too, sorted by their names byte by byte; \
                             have the sender sign so"
                        );
                        return self.invalid(cause, detail);
                    }
                }
            }
        }
        None
    }

    /// Schemes that sign lines: without the last line end, or with CRLF.
    pub(super) fn lines_signed(&mut self) -> Option<Diagnosis> {
        let message = self.corpse.scheme.message.as_ref().filter(|message| message.text.contains('\n'))?;
        let whole = evaluate::joined(&self.material.pieces(message).ok()?);
        let whole = String::from_utf8(whole).ok()?;
        self.tried.push("the signed lines without the last line end, with one more, and with CRLF".into());
        let others = [
            ("without the line end after the last one", whole.strip_suffix('\n').unwrap_or_default().to_owned()),
            ("with another line end after the last one", format!("{whole}\n")),
            ("parted by CRLF", whole.replace("\r\n", "\n").replace('\n', "\r\n")),
        ];
        for (what, text) in others.into_iter().filter(|(_, text)| !text.is_empty()) {
            let joined = Template { parts: vec![Part::Text(text)], text: message.text.clone() };
            for key in self.exact_keys() {
                let material = self.material;
                // The text stands in for what is read from the body.
                if self.pay(whole.len() as u64)
                    && self.fits_with(self.corpse.scheme.algorithm, &key, &joined, &material).is_some()
                {
                    let title = &self.corpse.input.profile.title;
                    let detail = format!(
                        "the signature fits the signed lines {what}: {title} ends or parts them otherwise, sign {}",
                        message.text.replace('\n', "\\n")
                    );
                    return self.invalid(Cause::MessageDiffers, detail);
                }
            }
        }
        None
    }

    /// Nothing explains the failure, and what came as the body is none, or not all of one.
    pub(super) fn lost_body(&mut self) -> Option<Diagnosis> {
        let request = self.corpse.input.request;
        let signs_body = self.corpse.scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Body));
        if !signs_body
            || self.corpse.evaluation.stage == Stage::SignatureMalformed
            || !matches!(&*request.method, b"POST" | b"PUT" | b"PATCH")
        {
            return None;
        }
        let title = &self.corpse.input.profile.title;
        let body: &[u8] = &request.body.bytes;
        let remedy = "look at what sends it or passes it on, and send it again whole; the secret cannot be judged by this request";
        if body.is_empty() {
            let detail =
                format!("no body came, and {title} signs one; the signature does not fit an empty body: {remedy}");
            return self.invalid(Cause::BodyMissing, detail);
        }
        if let Some(text) = ["[object Object]", "undefined"].iter().find(|text| body.trim_ascii() == text.as_bytes()) {
            let detail = format!(
                "no body came but the text `{text}`, which a program prints for what it did not write as JSON; the signature does not \
                 fit that: {remedy}"
            );
            return self.invalid(Cause::BodyMissing, detail);
        }
        let is_json = media_type(&request.headers).ends_with("json") || matches!(body.first(), Some(b'{' | b'['));
        let ended = serde_json::from_slice::<serde::de::IgnoredAny>(body).err().is_some_and(|error| error.is_eof());
        if is_json && ended {
            let detail = format!(
                "the body is JSON that ends in the middle, after {} bytes, and the signature does not fit it: {remedy}",
                body.len()
            );
            return self.invalid(Cause::BodyCut, detail);
        }
        None
    }

    /// The digest that a token carries is that of the body, written otherwise.
    pub(super) fn digest_written_otherwise(&mut self) -> Option<Diagnosis> {
        let guards = self.corpse.scheme.guards.iter().filter(|guard| guard.about == GuardSubject::Body);
        for guard in guards {
            // What is made of the body is written as the provider does; the other side is what came.
            let (made, carried) = match guard.left.uses(&Source::Body) {
                true => (&guard.left, &guard.right),
                false => (&guard.right, &guard.left),
            };
            let (Ok(made), Ok(carried)) = (self.material.render(made), self.material.render(carried)) else {
                continue;
            };
            let (made, carried) = (targets::of_value(&made), targets::of_value(&carried));
            let same = made.iter().find_map(|one| Some((one, carried.iter().find(|other| other.bytes == one.bytes)?)));
            if let Some((wanted, came)) = same {
                self.fits = true;
                let title = &self.corpse.input.profile.title;
                let detail = format!(
                    "the digest of the body that the token carries is the right one, but written in {}: {title} writes {}; have the \
                     sender write it so",
                    came.encoding.name(),
                    wanted.encoding.name()
                );
                return self.invalid(Cause::EncodingDiffers, detail);
            }
        }
        None
    }

    /// A signature of a public key has one length, and what came is shorter: that alone shows that it was cut.
    pub(super) fn too_short_for_its_key(&self) -> Option<Diagnosis> {
        let scheme = self.corpse.scheme;
        let whole = characters(scheme.encoding, crypto::output_bytes(scheme.algorithm)?)?;
        // What has the length of a digest is another thing.
        let of_digest = |length| DIGEST_BYTES.iter().any(|bytes| characters(scheme.encoding, *bytes) == Some(length));
        let is_cut = |text: &&&[u8]| {
            let is_written_so = text.iter().all(|byte| is_digit(scheme.encoding, *byte));
            !text.is_empty() && text.len() < whole && is_written_so && !of_digest(text.len())
        };
        let bare = |text: &'_ [u8]| text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
        let found = self.corpse.evaluation.found.signatures.iter();
        let texts: Vec<&[u8]> = found.filter_map(|text| text.get(..bare(text))).collect();
        let cut = texts.iter().find(is_cut)?;
        let detail = format!(
            "{} of {whole} characters came in {}: a signature of this kind always has all of them. Something cut it: a column or variable \
             that is too short, a log line that it was copied from, a limit for headers in a proxy",
            cut.len(),
            scheme.place()
        );
        self.invalid(Cause::SignatureTruncated, detail)
    }
}

/// Bytes of the digests: MD5, SHA-1, SHA-256, SHA-384.
const DIGEST_BYTES: [usize; 4] = [16, 20, 32, 48];

/// How many characters so many bytes are written in, without padding.
const fn characters(encoding: Encoding, bytes: usize) -> Option<usize> {
    match encoding {
        Encoding::Hex | Encoding::HexUpper => Some(bytes * 2),
        Encoding::Base64 | Encoding::Base64Url => Some((bytes * 4).div_ceil(3)),
        _ => None,
    }
}

fn is_digit(encoding: Encoding, byte: u8) -> bool {
    match encoding {
        Encoding::Hex | Encoding::HexUpper => byte.is_ascii_hexdigit(),
        _ => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'),
    }
}

/// The fields joined in other orders: what was done, the cause, the text.
pub(super) fn orders(fields: Vec<Field>) -> Vec<(&'static str, Cause, Vec<u8>)> {
    let join = |fields: &[Field]| {
        fields.iter().flat_map(|(name, value)| [name.as_slice(), value]).collect::<Vec<_>>().concat()
    };
    let order = Cause::MessageDiffers;
    let mut sorted = fields.clone();
    sorted.sort();
    let is_full = |field: &&Field| !field.1.is_empty();
    let full: Vec<Field> = sorted.iter().filter(is_full).cloned().collect();
    let full_unsorted: Vec<Field> = fields.iter().filter(is_full).cloned().collect();
    let mut ignoring_case = fields.clone();
    ignoring_case.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let mut all = vec![("the fields in the order in which they came, not sorted", order, join(&fields))];
    all.push(("the fields sorted without regard to case", order, join(&ignoring_case)));
    if full.len() < sorted.len() {
        let form = Cause::BodyFormRewritten;
        all.push(("the fields when the empty ones are dropped", form, join(&full)));
        all.push(("the fields not sorted, when the empty ones are dropped", form, join(&full_unsorted)));
    }
    let backwards = |fields: &[Field]| join(&fields.iter().rev().cloned().collect::<Vec<_>>());
    all.push(("the fields from the last to the first, not sorted", order, backwards(&fields)));
    all.push(("the fields sorted from the end of the alphabet", order, backwards(&sorted)));
    all
}

/// The template with this text in the place of the form's fields.
pub(super) fn with_params(message: &Template, text: &str) -> Template {
    let parts = message.parts.iter().map(|part| match part {
        Part::Value(Source::Params | Source::ParamsAll, _) => Part::Text(text.to_owned()),
        other => other.clone(),
    });
    Template { parts: parts.collect(), text: message.text.clone() }
}

#[cfg(test)]
mod tests;
