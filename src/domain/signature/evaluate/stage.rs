//! How far a check with one scheme and one secret came.

use crate::domain::signature::found::NoSignature;
use crate::domain::signature::scheme::GuardSubject;

/// How far a check came. Later is nearer to valid: of several schemes and secrets the one that came farthest is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// No place holds a signature.
    NoSignature(NoSignatureStage),
    /// The secret cannot be made a key: why.
    SecretMalformed(String),
    /// The timestamp is not there.
    TimestampMissing,
    /// A value that is signed is not there: which.
    ValueMissing(String),
    /// No signature in the header is written as the scheme writes it.
    SignatureMalformed,
    /// The token or message signature asks for what the profile does not allow: what, in words.
    Refused(String),
    /// It does not fit.
    Mismatch,
    /// It fits fields of a JSON body that no parser takes as a whole: why, in words.
    BodyMalformed(String),
    /// It fits by some of several lines of a header, and not for every receiver: what, in words.
    Repeated(String),
    /// It fits, but something beside it does not: what.
    GuardFailed(GuardSubject, String),
    /// It fits, but its timestamp cannot be read.
    TimestampMalformed,
    /// It fits, but is too old.
    Stale,
    /// It fits, but lies in the future.
    Future,
    /// It fits.
    Valid,
}

impl Stage {
    /// Whether the signature itself fits, so that only something beside it can be wrong. A digest of body or URL beside
    /// it is left to the autopsy as well, because their variants explain it.
    pub fn signature_fits(&self) -> bool {
        *self > Self::Mismatch && !matches!(self, Self::GuardFailed(GuardSubject::Body | GuardSubject::Url, _))
    }
}

/// Why no signature was found, ordered by how much of one was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoSignatureStage {
    /// Nothing.
    Missing,
    /// An empty value.
    Empty,
    /// Only other versions.
    Version,
    /// Another prefix.
    Prefix,
}

impl From<NoSignature> for NoSignatureStage {
    fn from(none: NoSignature) -> Self {
        match none {
            NoSignature::Missing => Self::Missing,
            NoSignature::Empty => Self::Empty,
            NoSignature::Version => Self::Version,
            NoSignature::Prefix => Self::Prefix,
        }
    }
}
