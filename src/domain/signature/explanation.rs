//! All that can be said of one request's signature: the verdict with its autopsy, the verdict under each configured
//! secret, what a handler would see that parses the body and writes it again, and where a digest comes from that the user's
//! own code computed.

use super::autopsy::computed::Computed;
use super::check::{self, CheckInput, check};
use super::handlers::{self, Handler};
use super::material::Sorted;
use super::{Cause, Outcome, Secret, Verdict};
use crate::domain::printable::visible;
use crate::domain::time::Timestamp;

/// All that can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The verdict, with the autopsy when it is not valid.
    pub verdict: Verdict,
    /// The verdict under each configured secret by itself; empty when none is known.
    pub under: Vec<UnderSecret>,
    /// What a handler that parses and rewrites the body comes to. Empty when the body is neither JSON nor a form, or when
    /// its bytes are not signed.
    pub handlers: Vec<Handler>,
    /// Where the pasted digest comes from, when one was pasted.
    pub computed: Option<Computed>,
}

impl Explanation {
    /// A verdict about which nothing more can be said, because no provider is known.
    pub fn of(verdict: Verdict, computed: Option<&str>) -> Self {
        let computed = computed.map(Computed::nothing);
        Self { verdict, under: Vec::new(), handlers: Vec::new(), computed }
    }

    /// Puts another verdict in the place of the one that the check alone came to. Under which secret a handshake is not signed
    /// is no question.
    pub fn settle(&mut self, settle: impl FnOnce(Verdict) -> Verdict) {
        let before = std::mem::replace(&mut self.verdict, Verdict::no_provider(Timestamp::default()));
        self.verdict = settle(before);
        if self.verdict.cause == Some(Cause::Handshake) {
            self.under.clear();
            self.handlers.clear();
        }
    }

    /// Whether it says what was asked: where the pasted digest comes from, else what is the matter with the signature, as
    /// a fact. Not when nothing that was tried fits, and not when nothing could be checked.
    pub fn is_answer(&self) -> bool {
        if let Some(computed) = &self.computed {
            return computed.origin.is_some();
        }
        let is_open = matches!(
            self.verdict.cause,
            Some(
                Cause::SignatureMismatch | Cause::TokenMismatch | Cause::UrlUnknown | Cause::UrlHash | Cause::BodyHash
            )
        );
        self.verdict.outcome != Outcome::Unknown && !is_open
    }
}

/// The verdict under one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderSecret {
    /// Which, by its name, never by its value: `endpoint /stripe (env:STRIPE)`.
    pub name: String,
    /// Whether it counts for this request; the others are those of other endpoints and providers.
    pub counts: bool,
    /// What the exact rule says with it.
    pub outcome: Outcome,
    /// Why, unless valid.
    pub cause: Option<Cause>,
}

/// Secrets that are told one by one; more are nobody's endpoint.
const UNDER_MAX: usize = 64;

/// Explains a check. `computed` is a digest as the user's own code printed it. Up to some 100 ms for a body of 20 KB.
pub fn explain(input: &CheckInput<'_>, computed: Option<&str>) -> Explanation {
    // Sorted once for all of them.
    let sorted = Sorted::of(input.request);
    let input = &CheckInput { sorted: input.sorted.or(Some(&sorted)), ..*input };
    Explanation {
        verdict: check(input),
        under: under_each(input),
        handlers: check::rule_of(input).map(|scheme| handlers::of(&scheme, input.request)).unwrap_or_default(),
        computed: computed.map(|value| check::computed(input, value)),
    }
}

/// The exact rule with each secret alone.
fn under_each(input: &CheckInput<'_>) -> Vec<UnderSecret> {
    let own = input.secrets.iter().enumerate();
    let own = own.map(|(at, secret)| (check::secret_label(input.secrets, at), secret, true));
    let others = input.others.iter().map(|other| (other.name.clone(), &other.secret, false));
    let all = own.chain(others).filter(|(_, secret, _)| !secret.expose().is_empty());
    all.take(UNDER_MAX).map(|(name, secret, counts)| under(input, name, secret, counts)).collect()
}

fn under(input: &CheckInput<'_>, name: String, secret: &Secret, counts: bool) -> UnderSecret {
    let secrets = std::slice::from_ref(secret);
    let verdict = check(&CheckInput { secrets, others: &[], autopsy_work_bytes: 0, ..*input });
    let name = visible(name.as_bytes());
    UnderSecret { name, counts, outcome: verdict.outcome, cause: verdict.cause }
}

#[cfg(test)]
mod tests;
