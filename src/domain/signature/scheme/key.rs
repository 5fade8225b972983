//! How the text of a secret becomes a key.

use serde::Deserialize;

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
