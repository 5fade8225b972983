//! What is checked, against what, and one try of it.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::exchange::Request;
use crate::domain::printable::visible;
use crate::domain::signature::evaluate::Evaluation;
use crate::domain::signature::material::{Material, Sorted};
use crate::domain::signature::scheme::Scheme;
use crate::domain::signature::{Profile, Profiles, Secret};
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
    /// Whether the proxy in front is trusted, so that its X-Forwarded-* and Forwarded say what was called.
    pub trust_proxy: bool,
    /// What time it is for the tolerance; for a captured request usually when it came.
    pub now: Timestamp,
    /// The request.
    pub request: &'a Request,
    /// All profiles of this run: the autopsy names one whose rule fits.
    pub profiles: &'a Profiles,
    /// How much work the autopsy may do, in bytes hashed or so; 0: none. [`CheckInput::AUTOPSY_WORK_BYTES`] is some 50 ms.
    pub autopsy_work_bytes: u64,
    /// The sorted fields of the request's form, where several checks of one request share them.
    pub sorted: Option<&'a Sorted<'a>>,
    /// Once this is set, the check comes to an end soon, and tells nothing.
    pub stop: Option<&'a AtomicBool>,
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
            trust_proxy: false,
            now: arrival(request),
            request,
            profiles: Profiles::builtin(),
            autopsy_work_bytes: Self::AUTOPSY_WORK_BYTES,
            sorted: None,
            stop: None,
        }
    }

    /// What the request offers to a rule.
    pub(in crate::domain::signature) fn material(&self) -> Material<'a> {
        Material { sorted: self.sorted, ..Material::new(self.request) }
    }

    /// Whether the check is to end.
    pub(in crate::domain::signature) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// When the request was whole.
pub fn arrival(request: &Request) -> Timestamp {
    request.first_byte.plus_micros(request.body_complete_us.min(i64::MAX as u64) as i64)
}

/// One scheme tried with one secret.
pub(in crate::domain::signature) struct Trial<'a> {
    pub(in crate::domain::signature) scheme: &'a Scheme,
    pub(in crate::domain::signature) secret_at: usize,
    pub(in crate::domain::signature) evaluation: Evaluation,
}

impl Trial<'_> {
    /// The scheme with what a token says of itself.
    pub fn opened(&self) -> &Scheme {
        self.evaluation.opened.as_deref().unwrap_or(self.scheme)
    }
}

/// The schemes whose conditions hold; all, when none does.
pub(in crate::domain::signature) fn applicable<'a>(
    profile: &'a Profile,
    request: &Request,
    secret: &[u8],
) -> Vec<&'a Scheme> {
    let material = Material { key: Some(secret), ..Material::new(request) };
    let holding = |scheme: &&Scheme| scheme.when.iter().all(|condition| material.holds(condition));
    let chosen: Vec<_> = profile.schemes.iter().filter(holding).collect();
    if chosen.is_empty() { profile.schemes.iter().collect() } else { chosen }
}

/// What a secret is called: the name that it was given, else its number.
pub fn secret_label(secrets: &[Secret], at: usize) -> String {
    let name = secrets.get(at).and_then(Secret::name);
    name.map_or_else(
        || if secrets.len() > 1 { format!("secret {}", at + 1) } else { "the secret".to_owned() },
        |name| visible(name.as_bytes()),
    )
}

/// What the provider calls the secret.
pub(in crate::domain::signature) fn secret_name(input: &CheckInput<'_>) -> String {
    let called = &input.profile.secret.called;
    if called.is_empty() { "secret".to_owned() } else { called.clone() }
}
