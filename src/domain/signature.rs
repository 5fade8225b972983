//! The truth about signatures: the scheme language, its evaluation, the verdict with its cause, and signing.
//!
//! A [`Profile`] says as data who sends and how they sign. [`check()`] applies its exact rule to the exact bytes of a
//! request: nothing but that makes a verdict valid. When it fails, [`autopsy`] tries variants of secret, bytes, URL,
//! header, algorithm and encoding, and the first that verifies names the cause. [`sign()`] runs a scheme backwards.

pub mod autopsy;
pub mod carried;
pub mod cause;
pub mod check;
mod coverage;
pub mod crypto;
pub mod evaluate;
pub mod explanation;
pub mod found;
mod functions;
pub mod generic;
pub mod handlers;
pub mod handshake;
mod http_message;
pub mod json;
mod jwt;
mod lines;
pub mod material;
pub mod neighbours;
pub mod profile;
pub mod profiles;
pub mod public_url;
mod receiver;
pub mod scheme;
pub mod sign;
mod structured;
pub mod template;
pub mod timestamp;
pub mod unnamed;
pub mod verdict;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

pub use cause::Cause;
pub use check::{CheckInput, NamedSecret, check, waits_for_secret};
pub use explanation::{Explanation, explain};
pub use profile::{Profile, ProfileError};
pub use profiles::Profiles;
pub use sign::{SignError, SignInput, Signed, sign, sign_whole};
pub use verdict::{Age, Expected, Piece, Verdict};

/// A secret. Never printed, never written, zeroed when dropped. What is shown of it is its name: where it came from.
#[derive(Clone)]
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    name: Option<Arc<str>>,
}

impl PartialEq for Secret {
    /// Whether the bytes are the same, in a time that tells nothing about where they differ. Names do not count.
    fn eq(&self, other: &Self) -> bool {
        crypto::equal(&self.bytes, &other.bytes)
    }
}

impl Eq for Secret {}

impl Secret {
    /// From the bytes that the user gave.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Zeroizing::new(bytes.into()), name: None }
    }

    /// The same with a name that tells the user which one it is: `env:STRIPE_SECRET`, `endpoint /stripe`.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(Arc::from(name)), ..self }
    }

    /// What it is called, when it was given a name. Never any of it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The bytes, for the check alone.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a check says, in one word: the `outcome` of `verify --json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The exact rule held on the exact bytes.
    Valid,
    /// It did not.
    Invalid,
    /// The request carries no signature.
    Unsigned,
    /// It cannot be told: no secret, no profile, or not all of the body.
    Unknown,
}

impl Outcome {
    /// `valid`, `invalid`, `unsigned`, `unknown`: the same word in JSON, in filters and on the screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::Unknown => "unknown",
        }
    }

    /// The sign in front of the word: one column.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Valid => "✓",
            Self::Invalid => "✗",
            Self::Unsigned => "–",
            Self::Unknown => "?",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
