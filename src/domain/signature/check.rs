//! The check: the exact rule on the exact bytes, and the autopsy when it fails.

use super::{Cause, Outcome, Profile, Secret, Verdict};
use crate::domain::exchange::Request;
use crate::domain::time::Timestamp;

/// A secret of another endpoint, with the name that the user knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSecret {
    /// Like `endpoint /stripe`.
    pub name: String,
    /// The secret.
    pub secret: Secret,
}

/// What is checked, against what.
#[derive(Clone, Copy, Debug)]
pub struct CheckInput<'a> {
    /// The provider.
    pub profile: &'a Profile,
    /// The secrets of this endpoint: any one that fits is enough (rotation).
    pub secrets: &'a [Secret],
    /// Secrets of other endpoints: they never make a request valid, but the autopsy names one that would fit.
    pub others: &'a [NamedSecret],
    /// The URL that the provider calls: origin alone, or whole.
    pub public_url: Option<&'a str>,
    /// What time it is for the tolerance; for a captured request usually when it came.
    pub now: Timestamp,
    /// The request.
    pub request: &'a Request,
    /// How much work the autopsy may do, in bytes hashed or so; 0: none. [`CheckInput::AUTOPSY_WORK_BYTES`] is some 50 ms.
    pub autopsy_work_bytes: u64,
}

impl<'a> CheckInput<'a> {
    /// Work that a whole autopsy may do.
    pub const AUTOPSY_WORK_BYTES: u64 = 24 << 20;

    /// A check of a request as of its arrival, with the autopsy; other fields are set by struct update.
    pub fn new(profile: &'a Profile, secrets: &'a [Secret], request: &'a Request) -> Self {
        Self {
            profile,
            secrets,
            others: &[],
            public_url: None,
            now: request.first_byte.plus_micros(request.body_complete_us.min(i64::MAX as u64) as i64),
            request,
            autopsy_work_bytes: Self::AUTOPSY_WORK_BYTES,
        }
    }
}

/// Checks a request's signature. Without `autopsy_work_bytes` it costs one digest of the body for each secret.
pub fn check(input: &CheckInput<'_>) -> Verdict {
    let (name, now) = (&input.profile.name, input.now);
    Verdict::plain(name, Outcome::Unknown, Some(Cause::NoSecret), "unverified: press s", now)
}
