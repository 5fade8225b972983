//! Handshakes: the requests with which a provider asks whether this endpoint is the user's, as data of its profile, and
//! what answers them. Pure: whether an answer is sent is decided elsewhere.

use serde::Deserialize;

use super::material::Material;
use super::secret::Secret;
use super::template::{Condition, Filter, Part, Source, SourceField, Template};
use crate::domain::exchange::Request;

mod answer;
pub use answer::{HandshakeAnswer, NoAnswer};

/// What a handshake asks for, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum HandshakeKind {
    /// Give a value of the request back.
    Echo,
    /// Give back what only somebody with the secret can make of a value.
    Prove,
    /// Answer with success, nothing else.
    Confirm,
    /// It brings the secret of later deliveries.
    BringsSecret,
    /// It is sent with good and with bad signatures, and only the good ones may have success.
    Probe,
    /// A URL in it has to be visited, which is the user's to decide.
    Visit,
}

impl HandshakeKind {
    /// The word in `providers --json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Prove => "prove",
            Self::Confirm => "confirm",
            Self::BringsSecret => "brings-secret",
            Self::Probe => "probe",
            Self::Visit => "visit",
        }
    }

    /// What the provider wants, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Echo => "wants a value of the request back",
            Self::Prove => "wants a value of the request back, signed with the secret",
            Self::Confirm => "wants success",
            Self::BringsSecret => "brings the secret of later deliveries",
            Self::Probe => "comes with good and bad signatures; only the good ones may have success",
            Self::Visit => "names a URL that has to be visited",
        }
    }
}

/// One handshake of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handshake {
    /// What it asks for.
    pub kind: HandshakeKind,
    /// How it is recognised: all of these.
    pub when: Vec<Condition>,
    /// Whether nobody else sends such a request: it is answered without a profile that is named or recognised.
    #[serde(default)]
    pub unmistakable: bool,
    /// The JSON body that the values of `when` stand in, where there is more than these.
    #[serde(default)]
    pub example: String,
    /// Whether it is signed like a delivery.
    #[serde(default)]
    pub signed: bool,
    /// The value that the answer is made of. With [`HandshakeKind::Prove`] the answer is a signature over it, so that only
    /// a value that has the shape of a token is taken: nobody gets a delivery signed here. With [`HandshakeKind::BringsSecret`]
    /// it is that secret.
    pub value: Option<SourceField>,
    /// The value is so many lower-case hex digits, at least and at most: where a token in base64 could be a delivery.
    pub hex_digits: Option<(usize, usize)>,
    /// Status of the answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// Status for a signature that does not hold, when the provider looks for that.
    pub status_invalid: Option<u16>,
    /// Headers of the answer.
    #[serde(default)]
    pub headers: Vec<(String, Template)>,
    /// Body of the answer.
    pub body: Option<Template>,
    /// The event type of such a request, where the provider's own word for it is a number or missing.
    #[serde(default)]
    pub called: String,
    /// What else the user has to know or do: one sentence.
    #[serde(default)]
    pub note: String,
}

fn ok() -> u16 {
    200
}

/// At most so long a secret is taken from a request.
const SECRET_BYTES_MAX: usize = 1024;

impl Handshake {
    /// The secret of later deliveries that the request brings.
    pub fn brought(&self, request: &Request) -> Option<Secret> {
        let value = Material::new(request).value(&self.value.as_ref()?.0)?;
        let fits = self.kind == HandshakeKind::BringsSecret && (1..=SECRET_BYTES_MAX).contains(&value.len());
        fits.then(|| Secret::new(value.into_owned()))
    }

    /// Whether the answer is made with the secret.
    pub fn needs_secret(&self) -> bool {
        let templates = self.headers.iter().map(|(_, value)| value).chain(&self.body);
        templates.flat_map(|template| &template.parts).any(|part| match part {
            Part::Text(_) => false,
            Part::Value(source, filters) | Part::Optional(_, source, filters, _) => {
                matches!(source, Source::Secret | Source::SecretPart(_)) || filters.iter().any(Filter::needs_key)
            }
        })
    }
}

/// Which of a provider's handshakes a request is.
pub fn find<'a>(handshakes: &'a [Handshake], request: &Request) -> Option<&'a Handshake> {
    let material = Material::new(request);
    handshakes.iter().find(|one| one.when.iter().all(|condition| material.holds(condition)))
}

#[cfg(test)]
mod tests;
