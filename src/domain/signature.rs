//! The truth about signatures: the scheme language, its evaluation, the verdict with its cause, and signing.

use std::fmt;

use zeroize::Zeroizing;

use super::time::Timestamp;

/// A secret. Never printed, never written, zeroed when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// From the bytes that the user gave.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes, for the check alone.
    pub fn expose(&self) -> &[u8] {
        &self.0
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
    /// `valid`, `invalid`, `unsigned`, `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::Unknown => "unknown",
        }
    }
}

/// Why an outcome is not `valid`, as one stable kebab-case word. Later causes are added, none is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The secret is not known: press `s`.
    NoSecret,
    /// No profile fits the request.
    NoProvider,
}

impl Cause {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSecret => "no-secret",
            Self::NoProvider => "no-provider",
        }
    }
}

/// The result of a check with all that the Signature tab shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Profile name; empty when none fits.
    pub scheme: String,
    /// In one word.
    pub outcome: Outcome,
    /// Why, unless valid.
    pub cause: Option<Cause>,
    /// One or two sentences: what was found, what to do. Visible text.
    pub detail: String,
    /// When the check was made for.
    pub now: Timestamp,
}
