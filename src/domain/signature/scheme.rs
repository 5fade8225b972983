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
    /// Text that must stand before the signature.
    #[serde(default)]
    pub prefix: String,
    /// Several items in one value.
    pub list: Option<List>,
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
    /// Where the delivery id that is signed is.
    pub id: Option<SourceField>,
    /// What must hold besides the signature, each as two templates that give the same bytes.
    #[serde(default)]
    pub guards: Vec<Guard>,
    /// Whether the URL is also tried with and without its port.
    #[serde(default)]
    pub url_ports: bool,
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Between items.
    pub separator: String,
    /// Between name and value; without it the items have no names.
    #[serde(default)]
    pub assign: String,
    /// The names whose values are signatures; any one that fits is enough.
    #[serde(default)]
    pub accept: Vec<String>,
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
    /// RSA PKCS#1 v1.5 with SHA-1.
    RsaSha1,
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// RSA PSS with SHA-256.
    RsaPssSha256,
    /// RSA PSS with SHA-512.
    RsaPssSha512,
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
    /// A public key: PEM, DER, certificate, or the raw bytes in hex or base64.
    Public,
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

/// What a guard is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum GuardSubject {
    /// A digest of the body.
    Body,
    /// Version or algorithm of the signature.
    Version,
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
            Self::RsaSha1 => "RSA PKCS#1 v1.5 SHA-1",
            Self::RsaSha256 => "RSA PKCS#1 v1.5 SHA-256",
            Self::RsaSha512 => "RSA PKCS#1 v1.5 SHA-512",
            Self::RsaPssSha256 => "RSA PSS SHA-256",
            Self::RsaPssSha512 => "RSA PSS SHA-512",
        }
    }

    /// Whether it is checked with the sender's public key, so that only the sender can sign.
    pub const fn is_public(self) -> bool {
        matches!(
            self,
            Self::Ed25519
                | Self::EcdsaP256
                | Self::EcdsaP256Raw
                | Self::RsaSha1
                | Self::RsaSha256
                | Self::RsaSha512
                | Self::RsaPssSha256
                | Self::RsaPssSha512
        )
    }
}

impl Unit {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
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
            Self::Text => "as it is",
            Self::BasicCredentials => "HTTP Basic",
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
        let Some(message) = &self.message else {
            return match self.algorithm {
                Algorithm::Token => Ok(()),
                _ => Err("`message` is missing: say what is signed, like \"{body}\"".into()),
            };
        };
        if self.algorithm == Algorithm::Token {
            return Err("`message` has no meaning for a shared token".into());
        }
        let named = self.timestamp.iter().map(|clock| &clock.from.0).chain(self.id.iter().map(|id| &id.0));
        for source in message.sources().chain(named) {
            match source {
                Source::Timestamp if self.timestamp.is_none() => {
                    return Err("`message` names {timestamp}, and `timestamp` does not say where that is".into());
                }
                Source::Id if self.id.is_none() => {
                    return Err("`message` names {id}, and `id` does not say where that is".into());
                }
                Source::List(key) if self.list.is_none() => {
                    return Err(format!("`list:{key}` is named, and there is no `list`"));
                }
                Source::Signature => return Err("`message` cannot name {signature}".into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The rule in words: `HMAC-SHA256 over {timestamp}.{body}, hex`.
    pub fn describe(&self) -> String {
        let Some(message) = &self.message else {
            return format!("{}, {}", self.algorithm.name(), self.encoding.name());
        };
        format!("{} over {}, {}", self.algorithm.name(), message.text, self.encoding.name())
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
