//! The steps of an autopsy: each tries one kind of variant and answers with a diagnosis when one verifies.

use std::borrow::Cow;

use base64::Engine as _;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::{Diagnosis, Search, secrets};
use crate::domain::printable::visible;
use crate::domain::signature::crypto::{self, BASE64_LOOSE, keys};
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, Form};
use crate::domain::signature::template::{Part, Source, Template};
use crate::domain::signature::{Cause, check, evaluate};

/// Values of all headers that are looked at for a signature.
pub(super) const TARGETS_MAX: usize = 256;

impl Search<'_> {
    /// The exact digest, written otherwise.
    pub(super) fn written_otherwise(&mut self) -> Option<Diagnosis> {
        self.tried.push("the digest in every encoding, with and without prefix".into());
        for key in self.exact_keys() {
            if let Some(at) = self.fits(&key, &self.material.clone()) {
                // One that is written as it should be, but for what stands round it.
                let digest = self.targets.get(at).map(|target| target.bytes.clone());
                self.digests = digest.into_iter().collect();
                return self.parted().or_else(|| self.wrapped()).or_else(|| self.misread(at));
            }
            self.digests.extend(self.last_digest.take());
        }
        None
    }

    /// The right digest in a list whose items are parted by another mark than its own.
    fn parted(&self) -> Option<Diagnosis> {
        let list = self.corpse.scheme.list.as_ref()?;
        let mark = check::parted_by(list, &self.corpse.evaluation.found.signatures)?;
        let words = check::parted_words(&self.corpse.scheme.place(), mark, &list.separator);
        self.invalid(Cause::SignatureMalformed, format!("the digest is right, but {words}"))
    }

    fn misread(&self, at: usize) -> Option<Diagnosis> {
        let (scheme, target) = (self.corpse.scheme, self.targets.get(at)?);
        if target.name.as_ref().is_some_and(|name| scheme.list.as_ref().is_some_and(|list| !list.accept.contains(name)))
        {
            let accepted =
                |name: &str| scheme.list.as_ref().is_some_and(|list| list.accept.iter().any(|one| one == name));
            if let Some(name) = target.name.as_deref().map(str::trim).filter(|name| accepted(name)) {
                let detail =
                    format!("secret and signed bytes are right, but {}", check::blank_words(&scheme.place(), name));
                return self.invalid(Cause::SignatureWrapped, detail);
            }
            let name = visible(target.name.as_deref().unwrap_or_default().as_bytes());
            let detail = format!(
                "the right digest stands under {name}, which does not count for {}",
                self.corpse.input.profile.title
            );
            return self.invalid(Cause::SignatureVersion, detail);
        }
        if target.encoding.covers(scheme.encoding) {
            let title = &self.corpse.input.profile.title;
            let detail = match scheme.lead() {
                Some(lead) => format!(
                    "the digest is right, what stands before it is not: {title} wants `{lead}` before it; have the sender write it so"
                ),
                None => format!(
                    "the digest is right, and something stands before it or behind it: {title} wants the bare digest; have the sender \
                     write it so"
                ),
            };
            return self.invalid(Cause::SignaturePrefix, detail);
        }
        let detail = format!(
            "the digest is right, but written in {}: {} wants {}; have the sender write it so",
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
                let name = visible(other.name.as_bytes());
                // The same secret with quotes or a line end round it is a mistake of another kind.
                if let Some((cause, words)) = self.spoiled(other.secret.expose()) {
                    return self.invalid(cause, format!("{words} (as it is set for {name})"));
                }
                let detail = format!("signed with another secret that is known here ({name}): {}", self.set_here());
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

    /// Whether another secret fits, by the rule that it chooses: the kind of a key, or its prefix, may ask for another one than
    /// the secret that was checked.
    fn fits_secret(&mut self, secret: &[u8]) -> bool {
        let (scheme, closed, input) = (self.corpse.scheme, self.corpse.closed, self.corpse.input);
        // Without a key that can be read, a token or message signature was not opened: what is signed is not known yet.
        let fits = closed.form == Form::Plain
            && if scheme.algorithm.is_public() {
                self.fits(secret, &self.material.clone()).is_some()
            } else {
                keys::symmetric(&scheme.key, secret).is_ok_and(|key| self.fits(&key, &self.material.clone()).is_some())
            };
        let rules = check::applicable(input.profile, input.request, secret);
        fits || rules.into_iter().filter(|rule| *rule != closed || rule.form != Form::Plain).any(|rule| {
            let base = Material { key: Some(secret), ..input.material() };
            let fits = self.pay(super::rule_cost(rule, &base))
                && evaluate::evaluate(rule, &base, secret, &self.corpse.url.url, input.now).stage.signature_fits();
            self.fits |= fits;
            fits
        })
    }

    /// Of a signature that fits something else than what came: that it is written in another encoding besides.
    pub(super) fn besides(&self, at: usize) -> String {
        let scheme = self.corpse.scheme;
        let other =
            self.targets.get(at).map(|target| target.encoding).filter(|reading| !reading.covers(scheme.encoding));
        other.map_or_else(String::new, |reading| {
            let title = &self.corpse.input.profile.title;
            format!("; besides, it is written in {}, and {title} wants {}", reading.name(), scheme.encoding.name())
        })
    }

    pub(super) fn secret_shapes(&mut self) -> Option<Diagnosis> {
        if self.corpse.scheme.algorithm.is_public() {
            return self.public_shapes();
        }
        self.tried.push("the secret trimmed, unquoted, with and without prefix, as text, base64, hex, SHA-1".into());
        for (number, secret) in self.corpse.secrets.iter().enumerate() {
            let (profile, rule) = (self.corpse.input.profile, &self.corpse.scheme.key);
            for variant in secrets::variants(profile, rule, secret.expose(), secret.name()) {
                if let Some(at) = self.fits(&variant.key, &self.material.clone()) {
                    let words = self.secret_words(number, &variant.what, variant.cause);
                    return self.invalid(variant.cause, format!("{words}{}", self.besides(at)));
                }
            }
        }
        None
    }

    /// A public key with something round it; or its private half, where that looks the same.
    fn public_shapes(&mut self) -> Option<Diagnosis> {
        let (profile, scheme) = (self.corpse.input.profile, self.corpse.scheme);
        self.tried.push("the key unquoted, without its name, and one of several".into());
        for (number, secret) in self.corpse.secrets.iter().enumerate() {
            for (cause, what, text) in secrets::cleaned(profile, secret.expose()) {
                let is_key = keys::public(&scheme.key, scheme.algorithm, &text).is_ok();
                if is_key && self.fits_secret(&text) {
                    return self.invalid(cause, self.secret_words(number, &what, cause));
                }
            }
            let half = (scheme.algorithm == Algorithm::Ed25519).then(|| seed_half(secret.expose())).flatten();
            if half.is_some_and(|half| self.fits_secret(half.as_bytes())) {
                let detail = format!(
                    "the {} is the private half of the pair (its seed), with which the sender signs: give the public half here, and keep \
                     that one at the sender",
                    check::secret_name(self.corpse.input)
                );
                return self.invalid(Cause::SecretWrongKind, detail);
            }
        }
        None
    }

    /// The sender had no secret but what stands where one should be; or one that was typed or cut.
    pub(super) fn unset_secrets(&mut self) -> Option<Diagnosis> {
        if self.corpse.scheme.algorithm.is_public() || self.corpse.closed.form != Form::Plain {
            return None;
        }
        self.tried.push("no key, and the words and variable names that stand where a secret is not set".into());
        for text in secrets::placeholders(&self.corpse.input.profile.name) {
            let decoded = keys::symmetric(&self.corpse.scheme.key, text.as_bytes()).ok();
            for key in decoded.iter().map(|key| key.as_slice()).chain([text.as_bytes()]) {
                if self.fits(key, &self.material.clone()).is_some() {
                    let what = match text.as_str() {
                        "" => "an empty key".to_owned(),
                        _ => format!("the text `{text}` as the secret"),
                    };
                    let remedy = "the variable that the sender reads its secret from is empty or was not put in: set it there, and let the \
                                  sender stop where there is none; anybody can sign so";
                    return self.invalid(Cause::SecretUnset, format!("the signature fits with {what}: {remedy}"));
                }
            }
        }
        self.tried
            .push("the secret in small and capital letters, without its first or last character, and twice".into());
        for (number, secret) in self.corpse.secrets.iter().enumerate() {
            for (what, text) in secrets::altered(secret.expose()) {
                let Ok(key) = keys::symmetric(&self.corpse.scheme.key, &text) else { continue };
                if self.fits(&key, &self.material.clone()).is_some() {
                    return self.invalid(Cause::SecretAltered, self.secret_words(number, what, Cause::SecretAltered));
                }
            }
        }
        None
    }

    /// What is wrong with one of our secrets, when this is what it should be.
    pub(super) fn spoiled(&self, right: &[u8]) -> Option<(Cause, String)> {
        self.corpse.secrets.iter().enumerate().find_map(|(number, secret)| {
            let texts = secrets::texts(self.corpse.input.profile, secret.expose(), secret.name());
            let (cause, what, _) = texts.into_iter().find(|(_, _, text)| text == right)?;
            Some((cause, self.secret_words(number, &what, cause)))
        })
    }

    /// How another secret is set for this request.
    pub(super) fn set_here(&self) -> String {
        let name = &self.corpse.input.profile.name;
        format!(
            "give that one for this endpoint too (key s in the interface, --secret, or `secrets: {{\"{name}\": ...}}` in the configuration)"
        )
    }

    pub(super) fn secret_words(&self, number: usize, what: &str, cause: Cause) -> String {
        format!("the signature fits with {}: {}", self.which(number, what), self.secret_remedy(number, what, cause))
    }

    /// One of our secrets, and what was done to it.
    pub(super) fn which(&self, number: usize, what: &str) -> String {
        let which = if self.corpse.secrets.len() > 1 { format!(" {}", number + 1) } else { String::new() };
        format!("the {}{which} {what}", check::secret_name(self.corpse.input))
    }

    /// What to do when the secret fits after this was done to it, on the side that has it wrong.
    pub(super) fn secret_remedy(&self, number: usize, what: &str, cause: Cause) -> String {
        let (title, facts) = (&self.corpse.input.profile.title, &self.corpse.input.profile.secret);
        let secret = self.corpse.secrets.get(number).map(|secret| secret.expose()).unwrap_or_default();
        let has_its_form = facts.prefixes.iter().any(|prefix| secret.starts_with(prefix.as_bytes()));
        let at_sender;
        let remedy = match cause {
            Cause::SecretWhitespace if what.starts_with("with a line end") => {
                "the secret at the sender ends in a line end, which yours has not: set it anew there, without one (`printf %s`, or trim what \
                 the sender reads)"
            }
            Cause::SecretWhitespace | Cause::SecretQuotes if secrets::is_of_sender(cause, what) => {
                "the secret at the sender has more round it than yours: set it there anew, bare, without blanks, quotes or a name before \
                 it (or have the sender trim what it reads)"
            }
            // What the provider gives out needs no change here: a receiver that followed would refuse the real deliveries.
            Cause::SecretPrefix | Cause::SecretEncoding if has_its_form => {
                at_sender = format!(
                    "yours has the form that {title} gives out, so leave it, and mend the sender: {}",
                    self.corpse.scheme.key.words(&facts.prefixes)
                );
                at_sender.as_str()
            }
            Cause::SecretUnset => {
                "the variable that the sender reads it from is empty or is not put in; set it there, and let it stop where there is none"
            }
            Cause::SecretAltered if what.starts_with(secrets::ONE_OF) => {
                "give each secret by itself (`--secret` again, or a list in the configuration), and in your receiver too: any one that fits \
                 is enough"
            }
            Cause::SecretAltered => "copy it again, at the sender or here: one of the two is not what was given out",
            Cause::SecretWhitespace => {
                "write it anew, without an editor: `printf %s 'SECRET' > FILE`, or paste it after the key s; your receiver must read it the \
                 same way (trim it)"
            }
            Cause::SecretQuotes => {
                "take them out of the file or setting: a shell takes quotes away, an environment file that is read as text does not"
            }
            Cause::SecretPrefix => "set it that way (key s, --secret or the configuration), and in your receiver too",
            _ => {
                "decode or encode it so before you set it (key s, --secret); where a sender of your own signs so, describe it with \
                 --scheme (`key=hex`, `key=base64`, `key=text`: docs/signatures.md)"
            }
        };
        remedy.to_owned()
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
                        "this is {}{of}; {} wants {}: have the sender sign so, or describe a scheme of your own with --scheme \
                         (docs/signatures.md)",
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

    /// The secret is known to be of a kind that never signs.
    pub(super) fn wrong_kind(&mut self) -> Option<Diagnosis> {
        let facts = &self.corpse.input.profile.secret;
        let in_body = self.material.value(&Source::Form("token".into())).filter(|value| !value.is_empty());
        for secret in self.corpse.secrets {
            let text = secret.expose().trim_ascii();
            if self.corpse.scheme.algorithm != Algorithm::Token && in_body.as_deref() == Some(text) {
                let detail = format!(
                    "the secret is the verification token, which stands in the body as `token` and signs nothing: use the {} ({})",
                    check::secret_name(self.corpse.input),
                    facts.find
                );
                return self.invalid(Cause::SecretWrongKind, detail);
            }
            if let Some(what) = secrets::stand_in(secret.expose()) {
                let detail = format!(
                    "what is set here as the {} is {what}, and no secret: set the secret itself ({}), and look at what your receiver reads \
                     from the same place",
                    check::secret_name(self.corpse.input),
                    facts.find
                );
                return self.invalid(Cause::SecretWrongKind, detail);
            }
            let wrong = facts.wrong.iter().find(|(prefix, _)| text.starts_with(prefix.as_bytes()));
            let right = facts.prefixes.iter().any(|prefix| text.starts_with(prefix.as_bytes()));
            if let Some((prefix, kind)) = wrong.filter(|(prefix, _)| prefix == PRIVATE_HALF_PREFIX && !right) {
                let detail = format!(
                    "the secret looks like {kind} (`{prefix}`): the sender signs with that one (v1a) and keeps it to itself; to check, give \
                     the public half of the pair, which begins with `whpk_`, or, for a signature by HMAC (v1), the {} with `whsec_`",
                    check::secret_name(self.corpse.input)
                );
                return self.invalid(Cause::SecretWrongKind, detail);
            }
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
}

/// What the private half of a Standard Webhooks v1a key begins with (Standard Webhooks specification, "Signature scheme").
const PRIVATE_HALF_PREFIX: &str = "whsk_";

/// The public half, in hex, of a pair whose seed is given in hex or base64 (RFC 8032 section 5.1.5).
fn seed_half(secret: &[u8]) -> Option<String> {
    let text = secret.trim_ascii();
    let seed = Zeroizing::new(hex::decode(text).ok().or_else(|| BASE64_LOOSE.decode(text).ok())?);
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.get(..32)?).ok()?;
    (seed.len() == 32 || seed.len() == 64).then(|| hex::encode(pair.public_key().as_ref()))
}

/// The message with the secret before or behind it.
pub(super) fn with_secret(message: &Template, before: bool) -> Template {
    let secret = Part::Value(Source::Secret, Vec::new());
    let mut parts = message.parts.clone();
    parts.insert(if before { 0 } else { parts.len() }, secret);
    Template { text: message.text.clone(), parts }
}
