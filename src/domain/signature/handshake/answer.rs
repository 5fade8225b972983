//! The answer to a handshake, made as its profile says. Only a value that has the shape of a token is signed: nobody gets a
//! delivery signed here.

use super::{Handshake, HandshakeKind};
use crate::domain::exchange::Request;
use crate::domain::signature::crypto::keys;
use crate::domain::signature::material::Material;
use crate::domain::signature::template::Template;
use crate::domain::signature::{Profile, Secret, public_url};

/// The answer to a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeAnswer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Why a handshake has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The secret is not known, or has another form than the answer needs.
    NoSecret,
    /// The value is missing, or has not the shape of a token.
    NoValue,
}

/// At most so long a value is signed in an answer.
const TOKEN_BYTES_MAX: usize = 256;

impl Handshake {
    /// The answer. `url` is the public URL as set, like for a check; of several secrets the first counts.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn answer(
        &self,
        profile: &Profile,
        request: &Request,
        secret: Option<&Secret>,
        url: Option<&str>,
    ) -> Result<HandshakeAnswer, NoAnswer> {
        let url = public_url::signed_url(url, request);
        let rule = profile.schemes.first().map(|scheme| &scheme.key);
        let key = secret.zip(rule).and_then(|(secret, rule)| keys::symmetric(rule, secret.expose()).ok());
        let material = Material {
            url: Some(&url.url),
            key: key.as_ref().map(|key| key.as_slice()),
            secret: secret.map(|secret| secret.expose()),
            ..Material::new(request)
        };
        let value = self.value.as_ref().map(|value| material.value(&value.0).unwrap_or_default());
        if value.as_ref().is_some_and(|value| value.is_empty()) {
            return Err(NoAnswer::NoValue);
        }
        if self.kind == HandshakeKind::Prove && !value.is_some_and(|value| self.takes(&value)) {
            return Err(NoAnswer::NoValue);
        }
        let render = |template: &Template| {
            material.render(template).map_err(|_| match self.needs_secret() {
                true if secret.is_none() || key.is_none() => NoAnswer::NoSecret,
                _ => NoAnswer::NoValue,
            })
        };
        let headers = self.headers.iter().map(|(name, value)| Ok((name.clone(), render(value)?)));
        Ok(HandshakeAnswer {
            status: self.status,
            headers: headers.collect::<Result<_, _>>()?,
            body: self.body.as_ref().map(render).transpose()?.unwrap_or_default(),
        })
    }

    /// Whether a value may be signed.
    fn takes(&self, value: &[u8]) -> bool {
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match self.hex_digits {
            Some((least, most)) => (least..=most).contains(&value.len()) && value.iter().all(is_hex),
            None => is_token(value) && !is_json(value),
        }
    }
}

/// Letters, digits and the marks of base64url, base64 and UUIDs: no JSON, no form, no sentence. `=` stands only where base64 has it,
/// at the end of whole fours: `id=1` is a form.
fn is_token(value: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/');
    let bare = value.strip_suffix(b"==").or_else(|| value.strip_suffix(b"=")).unwrap_or(value);
    let is_whole = bare.len() == value.len() || value.len().is_multiple_of(4);
    is_whole && !bare.is_empty() && value.len() <= TOKEN_BYTES_MAX && bare.iter().all(fits)
}

/// Whether it is a JSON document by itself, as `123` and `true` are: a body that its provider could send.
fn is_json(value: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(value).is_ok()
}
