//! Signing: a scheme run backwards.

use thiserror::Error;

use super::{Profile, Secret};
use crate::domain::headers::Headers;
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
         signature, or send without one"
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
    /// A value that is signed is not there.
    #[error("{title} signs the {what}, which the request does not carry: add it and sign again")]
    Absent {
        /// The provider.
        title: String,
        /// What is missing.
        what: String,
    },
}

/// The headers that make the request valid, in the order to write them: set each (replacing one of that name).
///
/// # Errors
/// When the scheme cannot be run backwards; see [`SignError`].
pub fn sign(input: &SignInput<'_>) -> Result<Vec<(String, Vec<u8>)>, SignError> {
    Err(SignError::PublicKey { title: input.profile.title.clone() })
}
