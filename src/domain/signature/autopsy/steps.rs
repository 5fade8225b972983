//! The steps of an autopsy: each tries one kind of variant and answers with a diagnosis when one verifies.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::bodies::BodyVariant;
use super::{Diagnosis, Search, secrets, targets, urls};
use crate::domain::printable::visible;
use crate::domain::signature::crypto::{self, keys};
use crate::domain::signature::evaluate;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, Encoding};
use crate::domain::signature::template::{Part, Source, Template};
use crate::domain::signature::{Cause, check};

/// Values of all headers that are looked at for a signature.
pub(super) const TARGETS_MAX: usize = 256;

impl Search<'_> {
    pub(super) fn wrong_header(&mut self) -> Option<Diagnosis> {
        self.tried.push("every other header".into());
        let headers = self.material.headers.iter().take(200);
        let keys = self.exact_keys();
        if self.corpse.scheme.algorithm == Algorithm::Token {
            let mut headers = headers;
            let holder = headers.find(|header| keys.iter().any(|key| crypto::equal(&header.value, key)))?;
            return self.renamed(&holder.name);
        }
        // All headers at once: one digest for each key, however many headers there are.
        let all = headers.flat_map(|header| targets::of_value(&header.value).into_iter().map(move |one| (header, one)));
        let (holders, targets): (Vec<_>, Vec<_>) = all.take(TARGETS_MAX).unzip();
        self.targets = targets;
        if holders.is_empty() {
            return None;
        }
        let at = keys.iter().find_map(|key| self.fits(key, &self.material.clone()))?;
        self.renamed(&holders.get(at)?.name)
    }

    fn renamed(&self, name: &[u8]) -> Option<Diagnosis> {
        let detail = format!(
            "the right signature is in header {}, not in {}: something renamed it, or the scheme names another header",
            visible(name),
            self.corpse.scheme.place()
        );
        self.invalid(Cause::WrongHeader, detail)
    }

    /// The exact digest, written otherwise.
    pub(super) fn written_otherwise(&mut self) -> Option<Diagnosis> {
        self.tried.push("the digest in every encoding, with and without prefix".into());
        for key in self.exact_keys() {
            if let Some(at) = self.fits(&key, &self.material.clone()) {
                return self.misread(at);
            }
        }
        None
    }

    fn misread(&self, at: usize) -> Option<Diagnosis> {
        let (scheme, target) = (self.corpse.scheme, self.targets.get(at)?);
        if target.name.as_ref().is_some_and(|name| scheme.list.as_ref().is_some_and(|list| !list.accept.contains(name)))
        {
            let name = visible(target.name.as_deref().unwrap_or_default().as_bytes());
            let detail = format!(
                "the right digest stands under {name}, which does not count for {}",
                self.corpse.input.profile.title
            );
            return self.invalid(Cause::SignatureVersion, detail);
        }
        if target.encoding.covers(scheme.encoding) {
            let wanted = if scheme.prefix.is_empty() { "no prefix".to_owned() } else { format!("`{}`", scheme.prefix) };
            return self.invalid(
                Cause::SignaturePrefix,
                format!(
                    "the digest is right, its prefix is not: {} wants {wanted} before it",
                    self.corpse.input.profile.title
                ),
            );
        }
        let detail = format!(
            "the digest is right, but written in {}: {} wants {}",
            target.encoding.name(),
            self.corpse.input.profile.title,
            scheme.encoding.name()
        );
        self.invalid(Cause::EncodingDiffers, detail)
    }

    pub(super) fn other_secrets(&mut self) -> Option<Diagnosis> {
        if !self.corpse.input.others.is_empty() {
            self.tried.push(format!("{} secrets of other endpoints", self.corpse.input.others.len()));
        }
        for other in self.corpse.input.others {
            if self.fits_secret(other.secret.expose()) {
                let detail = format!(
                    "signed with another configured secret, that of {}: set the right one here",
                    visible(other.name.as_bytes())
                );
                return self.invalid(Cause::OtherSecret, detail);
            }
        }
        let tests = &self.corpse.input.profile.secret.test;
        if !tests.is_empty() {
            self.tried.push("the provider's documented test secrets".into());
        }
        for test in tests {
            if self.fits_secret(test.as_bytes()) {
                let detail = format!(
                    "signed with {}'s public test secret, not with yours: its \"send test\" does that; real deliveries will fit",
                    self.corpse.input.profile.title
                );
                return self.invalid(Cause::SecretTestKey, detail);
            }
        }
        None
    }

    fn fits_secret(&mut self, secret: &[u8]) -> bool {
        let scheme = self.corpse.scheme;
        if scheme.algorithm.is_public() {
            return self.fits(secret, &self.material.clone()).is_some();
        }
        keys::symmetric(&scheme.key, secret).is_ok_and(|key| self.fits(&key, &self.material.clone()).is_some())
    }

    pub(super) fn secret_shapes(&mut self) -> Option<Diagnosis> {
        if self.corpse.scheme.algorithm.is_public() {
            return None;
        }
        self.tried.push("the secret trimmed, unquoted, with and without prefix, as text, base64, hex, SHA-1".into());
        for (number, secret) in self.corpse.secrets.iter().enumerate() {
            for variant in secrets::variants(self.corpse.input.profile, &self.corpse.scheme.key, secret.expose()) {
                if self.fits(&variant.key, &self.material.clone()).is_some() {
                    return self.invalid(variant.cause, self.secret_words(number, &variant.what));
                }
            }
        }
        None
    }

    fn secret_words(&self, number: usize, what: &str) -> String {
        let which = if self.corpse.secrets.len() > 1 { format!(" {}", number + 1) } else { String::new() };
        format!(
            "the signature fits with the {}{which} {what}: set it so, or name the scheme that reads it so",
            check::secret_name(self.corpse.input)
        )
    }

    pub(super) fn algorithms(&mut self) -> Option<Diagnosis> {
        let scheme = self.corpse.scheme;
        if scheme.algorithm.is_public() {
            return None;
        }
        self.tried.push("HMAC and plain digests with MD5, SHA-1, SHA-256, SHA-384, SHA-512".into());
        let message = scheme.message.as_ref()?;
        let macs = [
            Algorithm::HmacSha256,
            Algorithm::HmacSha1,
            Algorithm::HmacSha512,
            Algorithm::HmacSha384,
            Algorithm::HmacMd5,
        ];
        let plains = [Algorithm::Sha256, Algorithm::Sha1, Algorithm::Sha512, Algorithm::Sha384, Algorithm::Md5];
        let before = with_secret(message, true);
        let after = with_secret(message, false);
        for key in self.exact_keys() {
            let trials = macs.iter().map(|mac| (*mac, Cow::Borrowed(message), ""));
            let trials = trials
                .chain(plains.iter().map(|plain| (*plain, Cow::Borrowed(&before), " of the secret and the message")))
                .chain(plains.iter().map(|plain| (*plain, Cow::Borrowed(&after), " of the message and the secret")))
                .chain(
                    plains.iter().map(|plain| (*plain, Cow::Borrowed(message), " of the message without any secret")),
                );
            for (algorithm, message, of) in trials {
                if algorithm == scheme.algorithm || !self.size_fits(algorithm) {
                    continue;
                }
                if self.fits_with(algorithm, &key, &message, &self.material.clone()).is_some() {
                    let detail = format!(
                        "this is {}{of}; {} wants {}",
                        algorithm.name(),
                        self.corpse.input.profile.title,
                        scheme.algorithm.name()
                    );
                    return self.invalid(Cause::AlgorithmDiffers, detail);
                }
            }
        }
        None
    }

    fn size_fits(&self, algorithm: Algorithm) -> bool {
        crypto::output_bytes(algorithm).is_none_or(|size| self.targets.iter().any(|target| target.bytes.len() == size))
    }

    pub(super) fn bodies(&mut self) -> Option<Diagnosis> {
        let variants = self.body_variants();
        self.tried.push(format!("{} other forms of the body", variants.len()));
        for key in self.exact_keys() {
            for variant in variants.iter() {
                let material = Material { body: &variant.bytes, ..self.material };
                if self.fits(&key, &material).is_some() {
                    return self.invalid(variant.cause, body_words(variant, &self.material));
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
        self.invalid(fitting.cause, body_words(fitting, &self.material))
    }

    fn uses_url(&self) -> bool {
        self.corpse.scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Url))
    }

    pub(super) fn urls(&mut self) -> Option<Diagnosis> {
        if !self.uses_url() {
            return None;
        }
        let host = self.corpse.input.request.host();
        let variants = urls::variants(&self.material, host, &self.corpse.url.url);
        self.tried.push(format!("{} other URLs", variants.len()));
        for key in self.exact_keys() {
            for variant in &variants {
                let material = Material { url: Some(&variant.url), ..self.material };
                if self.fits(&key, &material).is_some() {
                    let detail = format!(
                        "the signature fits {}, and the check took {}: set the public URL to what the provider calls",
                        visible(&variant.url),
                        visible(&self.corpse.url.url)
                    );
                    return self.invalid(variant.cause, detail);
                }
            }
        }
        None
    }

    pub(super) fn templates(&mut self) -> Option<Diagnosis> {
        if self.corpse.scheme.algorithm.is_public() && self.corpse.secrets.len() > 4 {
            return None;
        }
        self.tried.push("other joins of body, timestamp, id and URL".into());
        const OTHERS: &[&str] = &[
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
        for key in self.exact_keys() {
            for text in OTHERS {
                let Ok(message) = Template::parse(text) else { continue };
                if self.fits_with(self.corpse.scheme.algorithm, &key, &message, &self.material.clone()).is_some() {
                    let wanted =
                        self.corpse.scheme.message.as_ref().map(|message| message.text.as_str()).unwrap_or_default();
                    let detail = format!(
                        "the signature fits {}, and {} signs {}",
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

    /// Two things wrong at once: another secret, or another reading of it, and another body or URL.
    pub(super) fn pairs(&mut self) -> Option<Diagnosis> {
        let bodies = self.body_variants();
        let (scheme, profile) = (self.corpse.scheme, self.corpse.input.profile);
        self.tried.push("pairs of these: secret and body, secret and URL, URL and body".into());
        let mut keys: Vec<(Cause, String, Zeroizing<Vec<u8>>)> = Vec::new();
        for other in self.corpse.input.others {
            if let Ok(key) = keys::symmetric(&scheme.key, other.secret.expose()) {
                keys.push((Cause::OtherSecret, format!("the secret of {}", visible(other.name.as_bytes())), key));
            }
        }
        if !scheme.algorithm.is_public() {
            for secret in self.corpse.secrets {
                for variant in secrets::variants(profile, &scheme.key, secret.expose()) {
                    let what = format!("the {} {}", check::secret_name(self.corpse.input), variant.what);
                    keys.push((variant.cause, what, variant.key));
                }
            }
        }
        let urls = match self.uses_url() {
            true => urls::variants(&self.material, self.corpse.input.request.host(), &self.corpse.url.url),
            false => Vec::new(),
        };
        for (cause, what, key) in &keys {
            for url in &urls {
                let material = Material { url: Some(&url.url), ..self.material };
                if self.fits(key, &material).is_some() {
                    let detail = format!(
                        "the signature fits with {what}, and with the URL {}: two things differ",
                        visible(&url.url)
                    );
                    return self.invalid(*cause, detail);
                }
            }
            for body in bodies.iter() {
                let material = Material { body: &body.bytes, ..self.material };
                if self.fits(key, &material).is_some() {
                    let detail = format!("the signature fits with {what}, and with {}: two things differ", body.what);
                    return self.invalid(*cause, detail);
                }
            }
        }
        for key in self.exact_keys() {
            for url in urls.iter().take(60) {
                for body in bodies.iter() {
                    let material = Material { url: Some(&url.url), body: &body.bytes, ..self.material };
                    if self.fits(&key, &material).is_some() {
                        let detail = format!(
                            "the signature fits {} with the URL {}: two things differ",
                            body.what,
                            visible(&url.url)
                        );
                        return self.invalid(url.cause, detail);
                    }
                }
            }
        }
        None
    }

    pub(super) fn tokens(&mut self) -> Option<Diagnosis> {
        self.tried.push("the token and the secret trimmed, unquoted, with and without prefix".into());
        let came: Vec<Vec<u8>> = self.corpse.evaluation.found.came.clone();
        let place = self.corpse.scheme.place();
        for other in self.corpse.input.others {
            if came.iter().any(|text| crypto::equal(text, other.secret.expose())) {
                let name = visible(other.name.as_bytes());
                return self.invalid(
                    Cause::OtherSecret,
                    format!("the token in {place} is that of {name}: set the right one here"),
                );
            }
        }
        for (number, secret) in self.corpse.secrets.iter().enumerate() {
            for (cause, what, text) in secrets::texts(self.corpse.input.profile, secret.expose()) {
                self.count += 1;
                let written = match self.corpse.scheme.encoding {
                    Encoding::Text => text,
                    encoding => crypto::encode(encoding, &text).into_bytes(),
                };
                let with_prefix = [self.corpse.scheme.prefix.as_bytes(), &written].concat();
                if came.iter().any(|came| crypto::equal(came, &written) || crypto::equal(came, &with_prefix)) {
                    return self.invalid(cause, self.secret_words(number, &what));
                }
            }
        }
        None
    }

    /// The secret is known to be of a kind that never signs.
    pub(super) fn wrong_kind(&mut self) -> Option<Diagnosis> {
        let facts = &self.corpse.input.profile.secret;
        for secret in self.corpse.secrets {
            let text = secret.expose().trim_ascii();
            let wrong = facts.wrong.iter().find(|(prefix, _)| text.starts_with(prefix.as_bytes()));
            let right = facts.prefixes.iter().any(|prefix| text.starts_with(prefix.as_bytes()));
            if let Some((prefix, kind)) = wrong.filter(|_| !right) {
                let detail = format!(
                    "the secret looks like {kind} (`{prefix}`), which does not sign webhooks: use the {} ({})",
                    check::secret_name(self.corpse.input),
                    facts.find
                );
                return self.invalid(Cause::SecretWrongKind, detail);
            }
        }
        None
    }

    pub(super) fn unknown_url(&self) -> Option<Diagnosis> {
        if !(self.uses_url() && self.corpse.url.assumed) {
            return None;
        }
        let detail = format!(
            "{} signs the public URL, none is set, and {} does not fit: give --public-url as it is set at the provider, or check the secret",
            self.corpse.input.profile.title,
            visible(&self.corpse.url.url)
        );
        self.invalid(Cause::UrlUnknown, detail)
    }
}

/// The message with the secret before or behind it.
fn with_secret(message: &Template, before: bool) -> Template {
    let secret = Part::Value(Source::Secret, Vec::new());
    let mut parts = message.parts.clone();
    parts.insert(if before { 0 } else { parts.len() }, secret);
    Template { text: message.text.clone(), parts }
}

/// The remedy, and where the two bodies part.
fn body_words(variant: &BodyVariant, material: &Material<'_>) -> String {
    let (signed, came) = (&variant.bytes, material.body);
    let at = signed.iter().zip(came).take_while(|(one, other)| one == other).count();
    let remedy = match variant.cause {
        Cause::BodyJsonRewritten | Cause::BodyEscapes => {
            "something parsed the JSON and wrote it again; check the raw bytes, before any parser"
        }
        Cause::BodyNewline => "a trim or an editor changed its end; keep the bytes as they come",
        Cause::BodyLineEnds => "a text conversion changed it; keep the bytes as they come",
        Cause::BodyBase64 => "decode the body before the check, where a gateway wraps it",
        Cause::BodyCompressed => "check after decompressing",
        Cause::BodyForm => "this sender signs the other one of form and field",
        Cause::BodyFormRewritten => "something decoded the form and encoded it again; check the raw bytes",
        Cause::BodyCharset => "something decoded the text with the wrong charset; check the raw bytes",
        Cause::BodyEmpty => "the signer had no body in hand",
        _ => "sign the bytes that are sent",
    };
    format!("the signature fits {}, which parts from what came at byte {at}: {remedy}", variant.what)
}
