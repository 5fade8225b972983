//! What a signature is made of, what comes of it, and why it cannot be made.

use thiserror::Error;

use crate::domain::headers::Headers;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Scheme;
use crate::domain::signature::template::Source;
use crate::domain::signature::{Profile, Secret};
use crate::domain::time::Timestamp;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct SignInput<'a> {
    /// The provider to sign as.
    pub profile: &'a Profile,
    /// The secret, as the user has it.
    pub secret: &'a Secret,
    /// Method.
    pub method: &'a [u8],
    /// The URL that the receiver believes it is called at, whole.
    pub url: &'a str,
    /// The request's headers: ids are kept, timestamps and signatures replaced. Empty for a new request.
    pub headers: &'a Headers,
    /// Body.
    pub body: &'a [u8],
    /// The time that goes into the signature.
    pub now: Timestamp,
}

/// Why no signature can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignError {
    /// Only the provider can: it keeps the private key.
    #[error(
        "{title} signs with a private key that only {title} has; the secret here is its public key. Keep the captured \
         signature, send without one, or give a private key of your own (PEM) whose public key the receiver has"
    )]
    PublicKey {
        /// The provider.
        title: String,
    },
    /// The secret is not what the scheme needs.
    #[error("the secret for {title} cannot be used: {problem}")]
    Secret {
        /// The provider.
        title: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The signature goes into the body or the query, which is not ours to change.
    #[error("{title} puts the signature into {place}, which signing does not change")]
    NotAHeader {
        /// The provider.
        title: String,
        /// Where it goes.
        place: String,
    },
    /// The body cannot take what belongs into it.
    #[error(
        "{title} carries the {place} in its body, and this body is no JSON object that it could be put into: give one that is, or \
         leave the body out for a sample"
    )]
    NoPlace {
        /// The provider.
        title: String,
        /// What belongs into the body, and where.
        place: String,
    },
    /// A value that is signed is not there.
    #[error("{title} signs the {what}, which the request does not carry: add it and sign again")]
    Absent {
        /// The provider.
        title: String,
        /// What is missing.
        what: String,
    },
}

/// What a signature changes of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// The headers, in the order to write them: set each (replacing one of that name).
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, when time, id or signature stand in it.
    pub body: Option<Vec<u8>>,
    /// Parameters to add to the query, when the signature belongs there.
    pub query: Vec<(String, Vec<u8>)>,
}

/// The type of a body that is a form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The header that a scheme writes its signature into.
pub(super) fn header_of(scheme: &Scheme) -> Option<String> {
    scheme.signature.iter().find_map(|source| match &source.0 {
        Source::Header(name) => Some(name.replace('#', "1")),
        _ => None,
    })
}

/// What a scheme finds its values in while the request is signed.
pub(super) fn material<'a>(
    input: &SignInput<'a>,
    headers: &'a Headers,
    target: &'a [u8],
    stamp: Option<&'a str>,
    id: Option<&'a [u8]>,
    key: &'a [u8],
) -> Material<'a> {
    Material {
        method: input.method,
        target,
        headers,
        body: input.body,
        url: Some(input.url.as_bytes()),
        timestamp: stamp.map(str::as_bytes),
        id,
        list: &[],
        claims: &[],
        key: Some(key),
        secret: Some(input.secret.expose()),
        signature: None,
        sorted: None,
    }
}
