//! How a provider signs, as data: the types that a profile's `schemes` are read into.

use serde::Deserialize;

use super::template::{Condition, Source, SourceField, Template};

/// One way to sign. A profile lists its ways; those whose conditions hold are tried, and one that holds is enough.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// What must hold for it to be tried; `secret` conditions look at the configured secret.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Where the signature is: one place, or several of which any may hold it.
    pub signature: Vec<SourceField>,
    /// Whether the provider sends a line of the signature's header for each secret, any of which counts. Otherwise several
    /// lines of it are valid only if they are for every receiver, however it reads them.
    #[serde(default)]
    pub line_each: bool,
    /// Text that must stand before the signature.
    #[serde(default)]
    pub prefix: String,
    /// Several items in one value.
    pub list: Option<List>,
    /// What the signature is wrapped in, when it is more than its bytes.
    #[serde(default)]
    pub form: Form,
    /// JSON path of an array whose elements each carry a signature of their own: the scheme is applied to every element
    /// in place of the body, and all must hold.
    pub each: Option<SourceField>,
    /// The signing algorithm.
    pub algorithm: Algorithm,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// How the secret becomes a key.
    #[serde(default)]
    pub key: Key,
    /// What is signed.
    pub message: Option<Template>,
    /// The timestamp, when it has one.
    pub timestamp: Option<Clock>,
    /// The second from which on it does not count any more, when it says one (`exp`, `expires`).
    pub not_after: Option<SourceField>,
    /// The second before which it does not count, when it says one (`nbf`).
    pub not_before: Option<SourceField>,
    /// How far the clocks may differ for these two, in seconds.
    #[serde(default)]
    pub leeway_s: u64,
    /// Where the delivery id that is signed is.
    pub id: Option<SourceField>,
    /// What must hold besides the signature, each as two templates that give the same bytes.
    #[serde(default)]
    pub guards: Vec<Guard>,
    /// What must hold besides the signature, each as conditions.
    #[serde(default)]
    pub demands: Vec<Demand>,
    /// Other forms of the URL that are as good, because the provider's own validators take them.
    #[serde(default)]
    pub url_forms: Vec<UrlForm>,
    /// How the signature's value is written when we sign; without it: prefix and signature.
    pub write: Option<Template>,
    /// Other headers that are written when we sign, name and template.
    #[serde(default)]
    pub write_headers: Vec<(String, Template)>,
    /// What a valid signature does not cover.
    #[serde(default)]
    pub not_covered: String,
}

/// Several items in one value: `t=1,v1=aa,v1=bb` or `v1,aa v1,bb`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// Between items.
    pub separator: String,
    /// Between name and value; without it the items have no names.
    pub assign: String,
    /// The names whose values are signatures; any one that fits is enough.
    pub accept: Vec<String>,
    /// The part of the secret whose value is the name of our item (Braintree: `public_key_id`). When the user does not
    /// give that part, an item of any name is taken.
    pub accept_part: String,
    /// The name of the first item, when items have none (`1700000000,signature,signature`).
    pub first: String,
    /// Whether the value is the base64 of a JSON object whose members are the items, instead of a list.
    pub base64_json: bool,
    /// Whether values stand in double quotes that are no part of them.
    pub quoted: bool,
    /// Whether blanks round items, names and values belong to them, because the official packages trim none.
    pub exact: bool,
}

/// What a signature is wrapped in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Form {
    /// Nothing: its bytes in the scheme's encoding.
    #[default]
    Plain,
    /// A JSON Web Token in compact form (RFC 7515 section 7.1, RFC 7519).
    Jwt(Jwt),
    /// An HTTP message signature (RFC 9421): `signature` names the header Signature.
    HttpMessage(HttpMessage),
}

/// What a token must be like. Which algorithm counts is the profile's word: the token's `alg` only chooses among those.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jwt {
    /// Algorithms beside the scheme's that are taken.
    pub also: Vec<Algorithm>,
    /// Claims that must be there.
    pub required: Vec<String>,
    /// Claims that are written when we sign, name and template.
    pub write: Vec<(String, Template)>,
}

/// What a message signature must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpMessage {
    /// Algorithms beside the scheme's that are taken.
    pub also: Vec<Algorithm>,
    /// Components that must be covered, as they stand in Signature-Input without quotes: `@method`, `content-digest`.
    pub required: Vec<String>,
    /// Components that we cover when we sign.
    pub write: Vec<String>,
}

/// A form of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum UrlForm {
    /// Without its port, and with the port that its scheme stands for.
    Ports,
    /// As a WHATWG URL parser writes it (`'` in the query as `%27`).
    Whatwg,
    /// The query decoded and encoded again as Node's `querystring` does.
    Querystring,
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    /// HMAC with MD5.
    HmacMd5,
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// Plain MD5 of the message.
    Md5,
    /// Plain SHA-1 of the message.
    Sha1,
    /// Plain SHA-256 of the message.
    Sha256,
    /// Plain SHA-384 of the message.
    Sha384,
    /// Plain SHA-512 of the message.
    Sha512,
    /// The value is the secret itself.
    Token,
    /// Ed25519 with a public key.
    Ed25519,
    /// ECDSA on P-256 with SHA-256, signature in DER.
    EcdsaP256,
    /// ECDSA on P-256 with SHA-256, signature as r and s.
    EcdsaP256Raw,
    /// ECDSA on P-256 with SHA-1, signature in DER.
    EcdsaP256Sha1,
    /// ECDSA on P-384 with SHA-384, signature as r and s.
    EcdsaP384Raw,
    /// RSA PKCS#1 v1.5 with SHA-1.
    RsaSha1,
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// RSA PSS with SHA-256.
    RsaPssSha256,
    /// RSA PSS with SHA-384.
    RsaPssSha384,
    /// RSA PSS with SHA-512.
    RsaPssSha512,
}

/// Kinds of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA.
    Rsa,
    /// A point on P-256.
    P256,
    /// A point on P-384.
    P384,
    /// A point on Curve25519, for Ed25519.
    Ed25519,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Encoding {
    /// Hex, either case read, lower case written.
    #[default]
    Hex,
    /// Hex, upper case written.
    HexUpper,
    /// Base64 with padding.
    Base64,
    /// Base64url, padding optional when read, none written.
    Base64Url,
    /// Base64 of the lower-case hex text, not of the digest's bytes.
    Base64OfHex,
    /// As it is (tokens).
    Text,
    /// Base64 of the text (the credentials of HTTP Basic).
    BasicCredentials,
}

/// How the secret becomes a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Key {
    /// The first of these that the secret starts with is taken off.
    pub strip: Vec<String>,
    /// What the rest is.
    pub decode: KeyForm,
    /// Other values that the user gives with the key, because the request does not carry them: `{secret:NAME}`. Given as
    /// `NAME=VALUE;` before the key, or as members of a JSON object that holds the key under any other name.
    pub parts: Vec<String>,
}

/// What the text of a secret is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum KeyForm {
    /// Its own bytes.
    #[default]
    Text,
    /// Base64, padding optional.
    Base64,
    /// Hex.
    Hex,
    /// SHA-1 of its bytes.
    Sha1,
    /// A public key: PEM, DER, certificate, JWK, JWKS, or the raw bytes in hex or base64.
    Public,
    /// A public key when it reads as one in PEM, DER, JWK or JWKS, else its own bytes; for schemes that allow both kinds of
    /// algorithm.
    PublicOrText,
    /// The seed of an Ed25519 key, repeated to 32 bytes: whoever checks could sign as well (QQ).
    Ed25519Seed,
}

/// A timestamp and its tolerance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Where it is.
    pub from: SourceField,
    /// How it is written.
    #[serde(default)]
    pub unit: Unit,
    /// How old it may be, in seconds; none: the provider has no rule.
    pub past_s: Option<u64>,
    /// How far ahead it may be, in seconds; none: the provider has no rule.
    pub future_s: Option<u64>,
    /// Whether an official package of the provider takes times ahead, whatever the rule says. A receiver that does so is not
    /// wrong.
    #[serde(default)]
    pub ahead_disputed: bool,
    /// Whether a request without it is judged by its signature alone.
    #[serde(default)]
    pub optional: bool,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Unit {
    /// Seconds since 1970.
    #[default]
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// RFC 3339; without a zone it is UTC.
    Rfc3339,
    /// `Tue, 20 Apr 2021 02:07:55 GMT`.
    HttpDate,
    /// Seconds since 1970, a fraction allowed (`iat` in a JSON Web Token).
    Numeric,
}

/// Two templates that must give the same text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// One of them.
    pub left: Template,
    /// The other.
    pub right: Template,
    /// What is wrong when they differ: a few words.
    pub says: String,
    /// What it is about.
    pub about: GuardSubject,
}

/// Conditions of which one list must hold whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Any of these lists, all of one list.
    pub holds: Vec<Vec<Condition>>,
    /// What is wrong when none does: a few words.
    pub says: String,
    /// What it is about.
    pub about: GuardSubject,
}

/// What a guard is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum GuardSubject {
    /// A digest of the body.
    Body,
    /// Version or algorithm of the signature.
    Version,
    /// What the signed token claims: issuer, audience.
    Claim,
    /// The URL.
    Url,
    /// Where the key comes from.
    KeyPlace,
}

impl Algorithm {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacMd5 => "HMAC-MD5",
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha384 => "HMAC-SHA384",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Token => "shared token",
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 => "ECDSA P-256 SHA-256",
            Self::EcdsaP256Raw => "ECDSA P-256 SHA-256 (r and s)",
            Self::EcdsaP256Sha1 => "ECDSA P-256 SHA-1",
            Self::EcdsaP384Raw => "ECDSA P-384 SHA-384 (r and s)",
            Self::RsaSha1 => "RSA PKCS#1 v1.5 SHA-1",
            Self::RsaSha256 => "RSA PKCS#1 v1.5 SHA-256",
            Self::RsaSha384 => "RSA PKCS#1 v1.5 SHA-384",
            Self::RsaSha512 => "RSA PKCS#1 v1.5 SHA-512",
            Self::RsaPssSha256 => "RSA PSS SHA-256",
            Self::RsaPssSha384 => "RSA PSS SHA-384",
            Self::RsaPssSha512 => "RSA PSS SHA-512",
        }
    }

    /// Whether it is checked with the sender's public key, so that only the sender can sign.
    pub const fn is_public(self) -> bool {
        self.key_kind().is_some()
    }

    /// Whether it is a MAC with a shared secret.
    pub const fn is_hmac(self) -> bool {
        matches!(self, Self::HmacMd5 | Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// The kind of public key that it needs; `None` for those with a shared secret.
    pub const fn key_kind(self) -> Option<KeyKind> {
        match self {
            Self::Ed25519 => Some(KeyKind::Ed25519),
            Self::EcdsaP256 | Self::EcdsaP256Raw | Self::EcdsaP256Sha1 => Some(KeyKind::P256),
            Self::EcdsaP384Raw => Some(KeyKind::P384),
            Self::RsaSha1
            | Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512 => Some(KeyKind::Rsa),
            _ => None,
        }
    }
}

impl Unit {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds | Self::Numeric => "seconds",
            Self::Millis => "milliseconds",
            Self::Rfc3339 => "RFC 3339",
            Self::HttpDate => "an HTTP date",
        }
    }
}

impl Encoding {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::HexUpper => "upper-case hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Base64OfHex => "base64 of hex",
            Self::Text => "as it is",
            Self::BasicCredentials => "HTTP Basic",
        }
    }
}

impl Key {
    /// How the key is made of a secret that may begin with one of these prefixes, in words.
    pub fn words(&self, prefixes: &[String]) -> String {
        let strip = self.strip.first().map(|prefix| format!("strip {prefix}, and "));
        match self.decode {
            KeyForm::Text | KeyForm::PublicOrText => match strip {
                Some(strip) => format!("{strip}use the rest as text, as it is"),
                None if prefixes.is_empty() => "use the secret as text, as it is".to_owned(),
                None => "use the whole secret as text, its prefix included".to_owned(),
            },
            KeyForm::Base64 => format!("{}base64-decode the rest", strip.unwrap_or_default()),
            KeyForm::Hex => format!("{}hex-decode the rest", strip.unwrap_or_default()),
            KeyForm::Sha1 => "use its SHA-1".to_owned(),
            KeyForm::Public => "use the public key".to_owned(),
            KeyForm::Ed25519Seed => "use it as the seed".to_owned(),
        }
    }
}

impl Scheme {
    /// What the types cannot say: pieces that are named and not defined.
    ///
    /// # Errors
    /// The field and what is wrong with it.
    pub fn validate(&self) -> Result<(), String> {
        if self.signature.is_empty() {
            return Err("`signature` is empty: name where the signature is, like [\"header:X-Signature\"]".into());
        }
        match &self.form {
            Form::Plain => self.validate_plain()?,
            Form::Jwt(_) | Form::HttpMessage(_) if self.message.is_some() => {
                return Err(
                    "`message` has no meaning here: a token or message signature says itself what is signed".into()
                );
            }
            Form::Jwt(jwt) => refuse_tokens(self.algorithm, &jwt.also)?,
            Form::HttpMessage(http) => refuse_tokens(self.algorithm, &http.also)?,
        }
        let guards = self.guards.iter().flat_map(|guard| guard.left.sources().chain(guard.right.sources()));
        let fields = [&self.id, &self.not_after, &self.not_before, &self.each].into_iter().flatten().map(|one| &one.0);
        let named = self.message.iter().flat_map(|message| message.sources());
        let clock = self.timestamp.iter().map(|clock| &clock.from.0);
        for source in named.chain(guards).chain(fields).chain(clock) {
            match source {
                Source::Timestamp if self.timestamp.is_none() => {
                    return Err("{timestamp} is named, and `timestamp` does not say where that is".into());
                }
                Source::Id if self.id.is_none() => {
                    return Err("{id} is named, and `id` does not say where that is".into());
                }
                Source::List(key) if self.list.is_none() && !matches!(self.form, Form::HttpMessage(_)) => {
                    return Err(format!("`list:{key}` is named, and there is no `list`"));
                }
                Source::Claim(name) if !matches!(self.form, Form::Jwt(_)) => {
                    return Err(format!("`claim:{name}` is named, and `form` is no Jwt"));
                }
                Source::SecretPart(name) if !self.key.parts.contains(name) => {
                    return Err(format!("`secret:{name}` is named, and `key.parts` does not list it"));
                }
                Source::Signature => return Err("{signature} can only stand in `write` and `write_headers`".into()),
                _ => {}
            }
        }
        match &self.each {
            Some(SourceField(Source::Json(_))) | None => Ok(()),
            Some(_) => Err("`each` must be the JSON path of an array, like \"json:items\"".into()),
        }
    }

    fn validate_plain(&self) -> Result<(), String> {
        match (&self.message, self.algorithm) {
            (None, Algorithm::Token) | (Some(_), _)
                if (self.algorithm == Algorithm::Token) == self.message.is_none() =>
            {
                Ok(())
            }
            (None, _) => Err("`message` is missing: say what is signed, like \"{body}\"".into()),
            (Some(_), _) => Err("`message` has no meaning for a shared token".into()),
        }
    }

    /// The rule in words: `HMAC-SHA256 over {timestamp}.{body}, hex`.
    pub fn describe(&self) -> String {
        let names = |also: &[Algorithm]| {
            let all = std::iter::once(&self.algorithm).chain(also);
            all.map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(" or ")
        };
        let Some(message) = &self.message else {
            return match &self.form {
                Form::Plain => format!("{}, {}", self.algorithm.name(), self.encoding.name()),
                Form::Jwt(jwt) => format!("JSON Web Token, {}", names(&jwt.also)),
                Form::HttpMessage(http) => format!("HTTP message signature, {}", names(&http.also)),
            };
        };
        format!("{} over {}, {}", self.algorithm.name(), message.text, self.encoding.name())
    }

    /// What stands before the digest: the prefix, or the name of an item of the list (`v1,`); `None` when it stands bare.
    pub fn lead(&self) -> Option<String> {
        if !self.prefix.is_empty() {
            return Some(self.prefix.clone());
        }
        let list = self.list.as_ref().filter(|list| !list.assign.is_empty() && !list.base64_json)?;
        list.accept.first().map(|name| format!("{name}{}", list.assign))
    }

    /// What a list item of this scheme is called, in words.
    pub fn place(&self) -> String {
        let mut text = self.signature.iter().map(|source| source.0.describe()).collect::<Vec<_>>().join(" or ");
        if let Some(list) = &self.list
            && !list.accept.is_empty()
        {
            text.push_str(&format!(", {}", list.accept.join(" or ")));
        }
        text
    }
}

fn refuse_tokens(algorithm: Algorithm, also: &[Algorithm]) -> Result<(), String> {
    let signs = |algorithm: &Algorithm| algorithm.is_public() || algorithm.is_hmac();
    match std::iter::once(&algorithm).chain(also).find(|algorithm| !signs(algorithm)) {
        Some(other) => Err(format!("`{}` signs nothing that a token or message signature can carry", other.name())),
        None => Ok(()),
    }
}
