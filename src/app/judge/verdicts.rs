//! What the signature of a request is found to be: at a glance, with the search for the cause, with all that can be said.

use std::sync::Arc;

use crate::domain::exchange::Request;
use crate::domain::handshake;
use crate::domain::printable::visible_str;
use crate::domain::signature::{
    self, Cause, CheckInput, Explanation, Outcome, Profile, Verdict, check, explain, waits_for_secret,
};
use crate::domain::summary::Recognised;
use crate::io::store::Store;

use super::means::{Means, Typed};
use super::{Judge, Look, neighbours};

impl Judge {
    /// The verdict, but for handshakes that come without a signature: because their provider does not sign them, or because
    /// they are not those of the provider that `named` is.
    fn settled(&self, mut verdict: Verdict, request: &Request, named: Option<Arc<Profile>>) -> Verdict {
        if verdict.outcome != Outcome::Unsigned || !self.gate.lets_through(request) {
            return verdict;
        }
        if let Some(shake) = handshake::find(&self.checks.profiles, named.clone(), request) {
            if shake.handshake.signed {
                if verdict.cause == Some(Cause::SignatureMissing) {
                    verdict.detail = shake.unsigned_words(&verdict.place);
                }
                return verdict;
            }
            let detail = format!(
                "not signed by design: this is a handshake, which {} does not sign, so there is nothing to check",
                visible_str(&shake.profile.title)
            );
            return Verdict::plain(&shake.profile.name, Outcome::Unsigned, Some(Cause::Handshake), detail, verdict.now);
        }
        if let Some(words) = handshake::foreign(&self.checks.profiles, named.as_deref(), request) {
            (verdict.cause, verdict.detail) = (Some(Cause::OtherProvider), words);
        }
        verdict
    }

    /// [`Self::recognised`] and the list's part of [`Self::quick_verdict`] together, for every request that comes. No verdict:
    /// the check was stopped.
    pub fn first_look(&self, request: &Request) -> (Recognised, Option<Look>) {
        let seen = self.checks.profiles.recognise(request).cloned();
        let set = self.set_profile(request);
        let shake = if seen.is_none() && set.is_none() { self.shake(request).map(|shake| shake.profile) } else { None };
        let sender = set.as_deref().filter(|set| set.knows_its_sender());
        let sender = sender.or(seen.as_deref()).or(set.as_deref()).or(shake.as_deref());
        let recognised = Recognised::by(sender, request);
        let Some(profile) = set.or(seen).or(shake) else {
            return (recognised, Some(Look::without_check(Cause::NoProvider)));
        };
        let means = self.means_of(profile, request);
        if means.secrets.iter().all(|secret| secret.expose().is_empty()) && waits_for_secret(&means.profile, request) {
            return (recognised, Some(Look::without_check(Cause::NoSecret)));
        }
        if self.is_stopped() {
            return (recognised, None);
        }
        let look = Look::of(&self.check_quickly(&means, request));
        (recognised, (!self.is_stopped()).then_some(look))
    }

    /// The verdict as of the request's arrival, with the autopsy when it is not valid. Up to some 50 ms, and some 10 more
    /// for the other requests of `session` that its signature may belong to.
    pub fn verdict(&self, request: &Request, session: &Store) -> Verdict {
        let Some(means) = self.means(request) else { return Verdict::no_provider(request.first_byte) };
        let others = self.known.others(&means.secrets);
        let input = self.input(&means, &others, request);
        let mut verdict = check(&input);
        self.note(&verdict, &means, request);
        self.look_around(&input, session, &mut verdict);
        self.settled(verdict, request, self.set_profile(request))
    }

    /// Names the request that a signature belongs to, where nothing else explains why it does not fit.
    fn look_around(&self, input: &CheckInput<'_>, session: &Store, verdict: &mut Verdict) {
        if signature::neighbours::may_explain(verdict) && !self.is_stopped() {
            let others = neighbours::of(session, input.request);
            signature::neighbours::examine(input, &others, verdict);
        }
    }

    /// The verdict without the autopsy: one digest of the body for each secret.
    pub fn quick_verdict(&self, request: &Request) -> Verdict {
        let Some(means) = self.means(request) else { return Verdict::no_provider(request.first_byte) };
        self.check_quickly(&means, request)
    }

    /// The verdict with what was typed for this one check in place of what is configured.
    pub fn verdict_with(&self, request: &Request, typed: &Typed<'_>, session: &Store) -> Verdict {
        let Some(means) = self.typed_means(request, typed) else {
            return self.unnamed(request, typed);
        };
        let others = self.known.others(&means.secrets);
        let input = self.input(&means, &others, request);
        let input = CheckInput { now: typed.now.unwrap_or(input.now), ..input };
        let mut verdict = check(&input);
        self.look_around(&input, session, &mut verdict);
        self.settled(verdict, request, typed.scheme.cloned().or_else(|| self.set_profile(request)))
    }

    /// All that can be said of the signature, as of the request's arrival. `computed` is a digest that the user's own code
    /// printed. Up to some 100 ms.
    pub fn explain(&self, request: &Request, computed: Option<&str>, session: &Store) -> Explanation {
        let Some(means) = self.means(request) else {
            return Explanation::of(Verdict::no_provider(request.first_byte), computed);
        };
        let others = self.known.others(&means.secrets);
        let input = self.input(&means, &others, request);
        let mut explanation = explain(&input, computed);
        self.look_around(&input, session, &mut explanation.verdict);
        self.note(&explanation.verdict, &means, request);
        explanation.settle(|verdict| self.settled(verdict, request, self.set_profile(request)));
        explanation
    }

    /// As [`Self::explain`], with what was typed for this one check in place of what is configured.
    pub fn explain_with(
        &self,
        request: &Request,
        typed: &Typed<'_>,
        computed: Option<&str>,
        session: &Store,
    ) -> Explanation {
        let Some(means) = self.typed_means(request, typed) else {
            return Explanation::of(self.unnamed(request, typed), computed);
        };
        let others = self.known.others(&means.secrets);
        let input = self.input(&means, &others, request);
        let input = CheckInput { now: typed.now.unwrap_or(input.now), ..input };
        let mut explanation = explain(&input, computed);
        self.look_around(&input, session, &mut explanation.verdict);
        let named = typed.scheme.cloned().or_else(|| self.set_profile(request));
        explanation.settle(|verdict| self.settled(verdict, request, named));
        explanation
    }

    /// A request that no profile recognises: what the typed secrets say of the headers that are there.
    fn unnamed(&self, request: &Request, typed: &Typed<'_>) -> Verdict {
        let set = self.public_url(None);
        signature::unnamed::verdict(&signature::unnamed::Unnamed {
            request,
            secrets: typed.secrets,
            profiles: &self.checks.profiles,
            public_url: typed.public_url.or(set.as_deref()),
            trust_proxy: typed.trust_proxy || self.checks.trust_proxy,
            now: typed.now.unwrap_or(request.first_byte),
        })
    }

    pub(super) fn check_quickly(&self, means: &Means, request: &Request) -> Verdict {
        let verdict = check(&CheckInput { autopsy_work_bytes: 0, ..self.input(means, &[], request) });
        self.note(&verdict, means, request);
        self.settled(verdict, request, self.set_profile(request))
    }

    /// Remembers which secret fitted.
    fn note(&self, verdict: &Verdict, means: &Means, request: &Request) {
        if let Some(number) = fitting(verdict).and_then(|at| means.numbers.get(at)) {
            self.known.note_fit(*number, request.id);
        }
    }
}

/// The place of the secret that made a verdict valid among those that it was checked with.
pub(super) fn fitting(verdict: &Verdict) -> Option<usize> {
    (verdict.outcome == Outcome::Valid).then(|| verdict.secret_number.unwrap_or(1).saturating_sub(1))
}
