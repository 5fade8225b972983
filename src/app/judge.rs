//! Who sent a request, and whether its signature holds: the profiles and secrets of this run, applied to one request.

mod facts;
mod known;
mod look;
mod neighbours;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::domain::detail::ProviderWords;
use crate::domain::exchange::Request;
use crate::domain::handshake::{self, Gate, Shake};
use crate::domain::judgement::handshake::met;
use crate::domain::judgement::{Given, Judgement, Rules, Says};
use crate::domain::printable::visible_str;
use crate::domain::rule::place;
use crate::domain::signature::{
    self, Cause, CheckInput, Explanation, NamedSecret, Outcome, Profile, Profiles, Secret, Verdict, check, explain,
    waits_for_secret,
};
use crate::domain::summary::Recognised;
use crate::domain::time::Timestamp;
use crate::io::store::Store;
use crate::tui::msg::KnownSecret;

use super::resend::Signing;
use super::settings::rules::FileSecrets;
use super::settings::{Checks, Endpoint};

use known::{IN_FILE, KnownSecrets, Scope};
pub use look::Look;

/// The profiles and secrets of this run. Secrets given while it runs are kept here, in memory, and nowhere else.
#[derive(Debug)]
pub struct Judge {
    checks: Checks,
    known: KnownSecrets,
    /// The facts of providers that answers are judged by, read once each.
    rules: RwLock<HashMap<String, Rules>>,
    /// Paths for which the user named the provider when giving its secret.
    named: RwLock<HashMap<Vec<u8>, Arc<Profile>>>,
    /// The public URL that the user gave while it runs: for all without an endpoint of their own URL, or for that endpoint.
    typed_urls: RwLock<HashMap<Option<usize>, Option<String>>>,
    /// Which requests could be handshakes.
    gate: Gate,
    /// Set when the program leaves: checks come to an end, and nothing is said of what they were about.
    stop: Arc<AtomicBool>,
}

/// What a request is to be checked with.
struct Means {
    profile: Arc<Profile>,
    secrets: Vec<Secret>,
    /// The numbers of these, by which they are listed.
    numbers: Vec<u32>,
    public_url: Option<String>,
    trust_proxy: bool,
}

/// What a command was given for its checks; it goes before what is configured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    /// The scheme.
    pub scheme: Option<&'a Arc<Profile>>,
    /// The secrets; empty: those configured.
    pub secrets: &'a [Secret],
    /// The URL that the provider was given.
    pub public_url: Option<&'a str>,
    /// Whether forwarding headers are trusted, beside what is configured.
    pub trust_proxy: bool,
    /// The time to judge ages at; none: when the request came.
    pub now: Option<Timestamp>,
}

impl Judge {
    /// From the settings.
    pub fn new(checks: Checks) -> Self {
        let known = KnownSecrets::default();
        for (place, one) in checks.endpoints.iter().enumerate() {
            let provider = one.provider.as_ref().map(|profile| profile.name.clone());
            for secret in &one.secrets {
                known.configure(Scope::Endpoint(place, provider.clone()), format!("endpoint {}", one.path), secret);
            }
        }
        for (name, secrets) in &checks.provider_secrets {
            let scope = Scope::Provider(name.clone());
            secrets.iter().for_each(|secret| known.configure(scope.clone(), IN_FILE.to_owned(), secret));
        }
        // `--secret` without a scheme is for whatever is recognised.
        let scope = checks.scheme.as_ref().map_or(Scope::Any, |profile| Scope::Provider(profile.name.clone()));
        checks.secrets.iter().for_each(|secret| known.configure(scope.clone(), "--secret".to_owned(), secret));
        let gate = Gate::new(&checks.profiles);
        Self {
            checks,
            known,
            rules: RwLock::default(),
            named: RwLock::default(),
            typed_urls: RwLock::default(),
            gate,
            stop: Arc::default(),
        }
    }

    /// The program leaves: checks that still run or wait after `patience` come to an end without a word.
    pub fn leave(&self, patience: Duration) {
        let stop = Arc::clone(&self.stop);
        let late = move || {
            std::thread::sleep(patience);
            stop.store(true, Ordering::Relaxed);
        };
        // Without a thread they run to their end, as far as they are let.
        let _ = std::thread::Builder::new().name("patience".into()).spawn(late);
    }

    /// Whether checks say nothing any more.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Puts the secrets that the configuration names now in place of those that it named before. Whether any changed, and the
    /// endpoints that it did not name at the start: theirs are not taken.
    pub fn take_secrets(&self, secrets: &FileSecrets) -> (bool, Vec<String>) {
        let mut configured = Vec::new();
        let mut unknown = Vec::new();
        for (path, secrets) in &secrets.endpoints {
            let Some(place) = self.checks.endpoints.iter().position(|one| one.is_written && one.path == *path) else {
                unknown.push(path.clone());
                continue;
            };
            let provider = self.checks.endpoints.get(place).and_then(|one| one.provider.as_ref());
            let scope = Scope::Endpoint(place, provider.map(|profile| profile.name.clone()));
            configured.extend(secrets.iter().map(|secret| (scope.clone(), format!("endpoint {path}"), secret.clone())));
        }
        for (name, secrets) in &secrets.providers {
            let scope = Scope::Provider(name.clone());
            configured.extend(secrets.iter().map(|secret| (scope.clone(), IN_FILE.to_owned(), secret.clone())));
        }
        let is_written = |scope: &Scope, from: &str| match scope {
            Scope::Endpoint(place, _) => self.checks.endpoints.get(*place).is_some_and(|one| one.is_written),
            _ => from == IN_FILE,
        };
        (self.known.reconfigure(configured, is_written), unknown)
    }

    /// All profiles of this run.
    pub fn profiles(&self) -> &Profiles {
        &self.checks.profiles
    }

    /// The profile that judges this request: the one that the user named for its path, else its endpoint's, else
    /// `--scheme`, else the one that recognises it.
    /// Last comes the one whose handshake it is.
    pub fn profile(&self, request: &Request) -> Option<Arc<Profile>> {
        let recognised = || self.checks.profiles.recognise(request).cloned();
        self.set_profile(request).or_else(recognised).or_else(|| Some(self.shake(request)?.profile))
    }

    /// The profile of whoever sent this request, by which its answer is judged: the one that is set, where it is a provider's
    /// and no bare scheme, which says nothing of who sends; else the one that recognises it. A check is by [`Self::profile`].
    pub fn sender(&self, request: &Request) -> Option<Arc<Profile>> {
        let set = self.set_profile(request);
        if set.as_ref().is_some_and(|set| set.knows_its_sender()) {
            return set;
        }
        let seen = self.checks.profiles.recognise(request).cloned();
        seen.or(set).or_else(|| Some(self.shake(request)?.profile))
    }

    /// Whether a request could be a handshake: a glance, after which most are known not to be.
    pub fn may_be_handshake(&self, request: &Request) -> bool {
        self.gate.lets_through(request)
    }

    /// The handshake that a request is, as it would be answered.
    fn shake(&self, request: &Request) -> Option<Shake> {
        let may_be = self.gate.lets_through(request);
        may_be.then(|| handshake::find(&self.checks.profiles, self.set_profile(request), request)).flatten()
    }

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

    /// The profile that the user or the settings name for this request, whatever it looks like.
    fn set_profile(&self, request: &Request) -> Option<Arc<Profile>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner).get(request.path()).cloned();
        // The endpoint as written may name none, and another one that the path may mean does: nothing is unsigned to nobody.
        let of_endpoint = |place: usize| self.checks.endpoints.get(place).and_then(|one| one.provider.clone());
        named
            .or_else(|| self.endpoint_places(request).into_iter().find_map(of_endpoint))
            .or_else(|| self.checks.scheme.clone())
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

    /// Who sent it and what it is, for its row.
    pub fn recognised(&self, request: &Request) -> Recognised {
        Recognised::by(self.sender(request).as_deref(), request)
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

    /// What a check is made with, of what was typed and what is configured.
    fn typed_means(&self, request: &Request, typed: &Typed<'_>) -> Option<Means> {
        let profile = typed.scheme.cloned().or_else(|| self.profile(request))?;
        let mut means = self.means_of(profile, request);
        if !typed.secrets.is_empty() {
            let named = typed.secrets.iter().enumerate().map(|(at, secret)| known::named(secret, "--secret", at));
            means.secrets = named.collect();
        }
        if let Some(url) = typed.public_url {
            means.public_url = Some(url.to_owned());
        }
        means.trust_proxy |= typed.trust_proxy;
        Some(means)
    }

    /// A check of a request as of its arrival, with the whole autopsy.
    fn input<'a>(&'a self, means: &'a Means, others: &'a [NamedSecret], request: &'a Request) -> CheckInput<'a> {
        CheckInput {
            others,
            public_url: means.public_url.as_deref(),
            trust_proxy: means.trust_proxy,
            profiles: &self.checks.profiles,
            stop: Some(&self.stop),
            ..CheckInput::new(&means.profile, &means.secrets, request)
        }
    }

    fn check_quickly(&self, means: &Means, request: &Request) -> Verdict {
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

    /// Remembers a secret for a provider, in front of those it has; guesses typed before that never fitted are dropped.
    /// When another provider (or none) judged the request that it was given for, requests to that path are judged by this
    /// one from now on. Whether the provider is known.
    pub fn add_secret(&self, provider: &str, secret: Secret, given_for: Option<&Request>) -> bool {
        let Some(profile) = self.profile_named(provider) else { return false };
        if let Some(request) = given_for
            && self.profile(request).is_none_or(|judging| judging.name != profile.name)
        {
            let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
            named.insert(request.path().to_vec(), Arc::clone(&profile));
        }
        self.known.type_in(&profile.name, secret);
        true
    }

    /// Forgets a secret by its number in [`Self::known_secrets`], however it came to be known; `None` when there is none of
    /// that number, else whose requests it was for, as far as that is one provider.
    pub fn forget_secret(&self, number: u32) -> Option<Option<String>> {
        self.known.forget(number)
    }

    /// A profile that is compiled in or the user's own, or one that a setting describes in place.
    fn profile_named(&self, name: &str) -> Option<Arc<Profile>> {
        let in_settings = || {
            let of_endpoints = self.checks.endpoints.iter().filter_map(|one| one.provider.as_ref());
            self.checks.scheme.iter().chain(of_endpoints).find(|profile| profile.name == name)
        };
        self.checks.profiles.by_name(name).or_else(in_settings).cloned()
    }

    /// What the provider of that name thinks of an answer to a request; `None` where its profile does not say. `request` is asked
    /// for where it could be a handshake, to which a status of success is not all of an answer.
    pub fn judgement(
        &self,
        provider: &str,
        given: &Given,
        request: impl FnOnce() -> Option<Arc<Request>>,
    ) -> Option<Judgement> {
        let judgement = self.judgement_by_rules(provider, given)?;
        let request = (judgement.says == Says::Accepted).then(request).flatten();
        let Some(request) = request.filter(|request| self.gate.lets_through(request)) else { return Some(judgement) };
        let shake = handshake::find(&self.checks.profiles, self.set_profile(&request), &request);
        Some(shake.map_or(judgement, |shake| judgement.of_handshake(met(&shake.handshake, &request, given))))
    }

    fn judgement_by_rules(&self, provider: &str, given: &Given) -> Option<Judgement> {
        if let Some(rules) = self.rules.read().unwrap_or_else(PoisonError::into_inner).get(provider) {
            return rules.judge(given);
        }
        let rules = Rules::of(&self.profile_named(provider)?.delivery);
        let judgement = rules.judge(given);
        self.rules.write().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), rules);
        judgement
    }

    /// What is known: whose, where from, and how many requests it fitted; never the secret itself.
    pub fn known_secrets(&self) -> Vec<KnownSecret> {
        self.known.list()
    }

    /// Where a resend of this request goes by its endpoint.
    pub fn target(&self, request: &Request) -> Option<String> {
        self.endpoint(request).and_then(|endpoint| endpoint.target.clone())
    }

    /// What a resend of this request is signed with, when its provider is known.
    pub fn signing(&self, request: &Request) -> Option<Signing> {
        let means = self.means(request)?;
        // The one that fitted the captured signature is the one that its receiver knows.
        let verdict = self.quick_verdict(request);
        let secret = fitting(&verdict).and_then(|at| means.secrets.get(at)).or(means.secrets.first()).cloned();
        Some(Signing { profile: means.profile, secret, public_url: means.public_url })
    }

    fn means(&self, request: &Request) -> Option<Means> {
        Some(self.means_of(self.profile(request)?, request))
    }

    fn means_of(&self, profile: Arc<Profile>, request: &Request) -> Means {
        self.means_at(self.endpoint_place(request), profile, request)
    }

    fn means_at(&self, place: Option<usize>, profile: Arc<Profile>, request: &Request) -> Means {
        let (numbers, secrets) = self.known.for_request(&profile.name, place, request.path()).into_iter().unzip();
        Means { profile, secrets, numbers, public_url: self.public_url(place), trust_proxy: self.checks.trust_proxy }
    }

    /// The URL that a check of a request to this endpoint is made with: the endpoint's own, else the one for all; of both, what the
    /// user gave while it runs goes before what was set.
    fn public_url(&self, place: Option<usize>) -> Option<String> {
        let typed = self.typed_urls.read().unwrap_or_else(PoisonError::into_inner);
        let own = self.place_of_own_url(place);
        if let Some(url) = typed.get(&own) {
            return url.clone();
        }
        let of_endpoint = own.and_then(|place| self.checks.endpoints.get(place)).map(|one| &one.public_url);
        of_endpoint.unwrap_or(&self.checks.public_url).clone()
    }

    /// The endpoint, where the settings give it a URL of its own.
    fn place_of_own_url(&self, place: Option<usize>) -> Option<usize> {
        place.filter(|place| self.checks.endpoints.get(*place).is_some_and(|one| one.public_url.is_some()))
    }

    /// Takes this for the URL that providers call, until the program ends: for the endpoint of the request that it is given for, where the
    /// settings give that one a URL of its own, else for all that have none. `None`: no URL is set.
    pub fn set_public_url(&self, url: Option<String>, given_for: Option<&Request>) {
        let place = given_for.and_then(|request| self.endpoint_place(request));
        let place = self.place_of_own_url(place);
        self.typed_urls.write().unwrap_or_else(PoisonError::into_inner).insert(place, url);
    }

    fn endpoint(&self, request: &Request) -> Option<&Endpoint> {
        self.endpoint_place(request).and_then(|place| self.checks.endpoints.get(place))
    }

    /// As its path is written; else as a server may read it.
    fn endpoint_place(&self, request: &Request) -> Option<usize> {
        self.endpoint_places(request).first().copied()
    }

    /// All that its path may mean. What is shown, and which secrets a check is made with, goes by the first one: two verdicts of one
    /// request would say nothing to anybody. Rules that turn forged requests away go by all: see [`crate::domain::rule::Facts::outcome`].
    fn endpoint_places(&self, request: &Request) -> Vec<usize> {
        place::lead_to(request.path(), self.checks.endpoints.iter().map(|one| one.path.as_str()))
    }
}

/// The place of the secret that made a verdict valid among those that it was checked with.
fn fitting(verdict: &Verdict) -> Option<usize> {
    (verdict.outcome == Outcome::Valid).then(|| verdict.secret_number.unwrap_or(1).saturating_sub(1))
}

/// The words that the detail shows of a profile.
pub fn provider_words(profile: &Profile) -> ProviderWords<'_> {
    ProviderWords {
        title: &profile.title,
        docs_url: &profile.docs,
        delivery: Some(&profile.delivery),
        handshakes: &profile.handshakes,
    }
}
