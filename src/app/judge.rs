//! Who sent a request, and whether its signature holds: the profiles and secrets of this run, applied to one request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::detail::ProviderWords;
use crate::domain::exchange::Request;
use crate::domain::rule::Facts;
use crate::domain::signature::{Cause, CheckInput, NamedSecret, Outcome, Profile, Profiles, Secret, Verdict, check};
use crate::domain::summary::Recognised;
use crate::domain::time::Timestamp;

use super::resend::Signing;
use super::settings::{Checks, Endpoint};

/// The profiles and secrets of this run. Secrets given while it runs are kept here, in memory, and nowhere else.
#[derive(Debug)]
pub struct Judge {
    checks: Checks,
    by_provider: RwLock<HashMap<String, Vec<KnownSecret>>>,
    /// Paths for which the user named the provider when giving its secret.
    named: RwLock<HashMap<Vec<u8>, Arc<Profile>>>,
}

/// A secret of a provider.
#[derive(Debug)]
struct KnownSecret {
    secret: Secret,
    origin: Origin,
}

/// Where a secret comes from.
#[derive(Debug)]
enum Origin {
    /// The settings.
    Configured,
    /// It was typed while the program runs: whether it ever fitted. One that did not makes room for the next.
    Typed(AtomicBool),
    /// A handshake brought it.
    Brought,
}

/// Secrets that handshakes brought, for one provider: each of its webhooks has its own, and a stranger may send any number.
const BROUGHT_MAX: usize = 32;

impl KnownSecret {
    fn configured(secret: &Secret) -> Self {
        Self { secret: secret.clone(), origin: Origin::Configured }
    }

    fn is_wrong_guess(&self) -> bool {
        matches!(&self.origin, Origin::Typed(proven) if !proven.load(Ordering::Relaxed))
    }
}

/// What a request is to be checked with.
struct Means {
    profile: Arc<Profile>,
    secrets: Vec<Secret>,
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
        let mut by_provider: HashMap<String, Vec<KnownSecret>> = HashMap::new();
        for (name, secrets) in &checks.provider_secrets {
            by_provider.entry(name.clone()).or_default().extend(secrets.iter().map(KnownSecret::configured));
        }
        if let Some(profile) = &checks.scheme {
            let secrets = checks.secrets.iter().map(KnownSecret::configured);
            by_provider.entry(profile.name.clone()).or_default().extend(secrets);
        }
        Self { checks, by_provider: RwLock::new(by_provider), named: RwLock::default() }
    }

    /// All profiles of this run.
    pub fn profiles(&self) -> &Profiles {
        &self.checks.profiles
    }

    /// The profile that judges this request: the one that the user named for its path, else its endpoint's, else
    /// `--scheme`, else the one that recognises it.
    pub fn profile(&self, request: &Request) -> Option<Arc<Profile>> {
        self.set_profile(request).or_else(|| self.checks.profiles.recognise(request).cloned())
    }

    /// The profile that the user or the settings name for this request, whatever it looks like.
    fn set_profile(&self, request: &Request) -> Option<Arc<Profile>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner).get(request.path()).cloned();
        named
            .or_else(|| self.endpoint(request).and_then(|endpoint| endpoint.provider.clone()))
            .or_else(|| self.checks.scheme.clone())
    }

    /// [`Self::recognised`] and [`Self::quick_verdict`] together: looking for the sender's profile may read the body
    /// several times, so that it is done once.
    pub fn first_look(&self, request: &Request) -> (Recognised, Verdict) {
        let seen = self.checks.profiles.recognise(request).cloned();
        let set = self.set_profile(request);
        let recognised = recognised(seen.as_deref().or(set.as_deref()), request);
        let Some(profile) = set.or(seen) else { return (recognised, Verdict::no_provider(request.first_byte)) };
        (recognised, self.check_with(&self.means_of(profile, request), request, 0))
    }

    /// Who sent it and what it is, for its row.
    pub fn recognised(&self, request: &Request) -> Recognised {
        // An endpoint's or the command line's scheme may be a bare digest; who sent it is still told by the headers.
        let seen = self.checks.profiles.recognise(request).cloned();
        recognised(seen.or_else(|| self.set_profile(request)).as_deref(), request)
    }

    /// The verdict as of the request's arrival, with the autopsy when it is not valid. Up to some 50 ms.
    pub fn verdict(&self, request: &Request) -> Verdict {
        self.check(request, CheckInput::AUTOPSY_WORK_BYTES)
    }

    /// The verdict without the autopsy: one digest of the body for each secret.
    pub fn quick_verdict(&self, request: &Request) -> Verdict {
        self.check(request, 0)
    }

    /// The verdict with what was typed for this one check in place of what is configured.
    pub fn verdict_with(&self, request: &Request, typed: &Typed<'_>) -> Verdict {
        let profile = typed.scheme.cloned().or_else(|| self.profile(request));
        let Some(profile) = profile else {
            return Verdict::no_provider(typed.now.unwrap_or(request.first_byte));
        };
        let mut means = self.means_of(profile, request);
        if !typed.secrets.is_empty() {
            means.secrets = typed.secrets.to_vec();
        }
        if let Some(url) = typed.public_url {
            means.public_url = Some(url.to_owned());
        }
        means.trust_proxy |= typed.trust_proxy;
        let others = self.others(&means);
        let input = CheckInput {
            others: &others,
            public_url: means.public_url.as_deref(),
            trust_proxy: means.trust_proxy,
            ..CheckInput::new(&means.profile, &means.secrets, request)
        };
        check(&CheckInput { now: typed.now.unwrap_or(input.now), ..input })
    }

    fn check(&self, request: &Request, autopsy_work_bytes: u64) -> Verdict {
        let Some(means) = self.means(request) else { return Verdict::no_provider(request.first_byte) };
        self.check_with(&means, request, autopsy_work_bytes)
    }

    fn check_with(&self, means: &Means, request: &Request, autopsy_work_bytes: u64) -> Verdict {
        let others = if autopsy_work_bytes == 0 { Vec::new() } else { self.others(means) };
        let verdict = check(&CheckInput {
            others: &others,
            public_url: means.public_url.as_deref(),
            trust_proxy: means.trust_proxy,
            autopsy_work_bytes,
            ..CheckInput::new(&means.profile, &means.secrets, request)
        });
        if verdict.outcome == Outcome::Valid
            && let Some(secret) = fitting(&means.secrets, &verdict)
        {
            self.prove(&means.profile.name, secret);
        }
        verdict
    }

    /// Remembers that a typed secret fitted.
    fn prove(&self, provider: &str, secret: &Secret) {
        let all = self.by_provider.read().unwrap_or_else(PoisonError::into_inner);
        for known in all.get(provider).into_iter().flatten() {
            if let Origin::Typed(proven) = &known.origin
                && known.secret == *secret
            {
                proven.store(true, Ordering::Relaxed);
            }
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
        let mut all = self.by_provider.write().unwrap_or_else(PoisonError::into_inner);
        let secrets = all.entry(profile.name.clone()).or_default();
        secrets.retain(|known| known.secret != secret && !known.is_wrong_guess());
        secrets.insert(0, KnownSecret { secret, origin: Origin::Typed(AtomicBool::new(false)) });
        true
    }

    /// A profile that is compiled in or the user's own, or one that a setting describes in place.
    fn profile_named(&self, name: &str) -> Option<Arc<Profile>> {
        let in_settings = || {
            let of_endpoints = self.checks.endpoints.iter().filter_map(|one| one.provider.as_ref());
            self.checks.scheme.iter().chain(of_endpoints).find(|profile| profile.name == name)
        };
        self.checks.profiles.by_name(name).or_else(in_settings).cloned()
    }

    /// Names of the profiles for which a secret is known.
    pub fn known_secrets(&self) -> Vec<String> {
        let by_provider = self.by_provider.read().unwrap_or_else(PoisonError::into_inner);
        let with_secret = self.checks.endpoints.iter().filter(|one| !one.secrets.is_empty());
        let of_endpoints = with_secret.filter_map(|one| one.provider.as_ref().map(|profile| profile.name.clone()));
        let mut names: Vec<String> = by_provider.keys().cloned().chain(of_endpoints).collect();
        names.sort();
        names.dedup();
        names
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
        let secret = fitting(&means.secrets, &verdict).or(means.secrets.first()).cloned();
        Some(Signing { profile: means.profile, secret, public_url: means.public_url })
    }

    fn means(&self, request: &Request) -> Option<Means> {
        Some(self.means_of(self.profile(request)?, request))
    }

    fn means_of(&self, profile: Arc<Profile>, request: &Request) -> Means {
        let endpoint = self.endpoint(request);
        let mut secrets = endpoint.map(|one| one.secrets.clone()).unwrap_or_default();
        {
            let by_provider = self.by_provider.read().unwrap_or_else(PoisonError::into_inner);
            let known = by_provider.get(&profile.name).into_iter().flatten().map(|known| &known.secret);
            // `--secret` without a scheme is for whatever is recognised.
            let any = self.checks.secrets.iter().filter(|_| self.checks.scheme.is_none());
            for secret in known.chain(any) {
                if !secrets.contains(secret) {
                    secrets.push(secret.clone());
                }
            }
        }
        let public_url = endpoint.and_then(|one| one.public_url.clone()).or_else(|| self.checks.public_url.clone());
        Means { profile, secrets, public_url, trust_proxy: self.checks.trust_proxy }
    }

    fn others(&self, means: &Means) -> Vec<NamedSecret> {
        let mut others = Vec::new();
        let mut add = |name: String, secret: &Secret| {
            if !means.secrets.contains(secret) {
                others.push(NamedSecret { name, secret: secret.clone() });
            }
        };
        for one in &self.checks.endpoints {
            one.secrets.iter().for_each(|secret| add(format!("endpoint {}", one.path), secret));
        }
        for (provider, secrets) in &*self.by_provider.read().unwrap_or_else(PoisonError::into_inner) {
            secrets.iter().for_each(|known| add(provider.clone(), &known.secret));
        }
        others
    }

    fn endpoint(&self, request: &Request) -> Option<&Endpoint> {
        let path = request.path();
        self.checks.endpoints.iter().find(|one| match one.path.strip_suffix('*') {
            Some(start) => path.starts_with(start.as_bytes()),
            None => path == one.path.as_bytes(),
        })
    }
}

impl Facts for Judge {
    fn profiles(&self) -> &Profiles {
        &self.checks.profiles
    }

    fn named(&self, request: &Request) -> Option<Arc<Profile>> {
        self.set_profile(request)
    }

    fn outcome(&self, profile: &Arc<Profile>, request: &Request) -> Outcome {
        self.check_with(&self.means_of(Arc::clone(profile), request), request, 0).outcome
    }

    fn secret(&self, profile: &Arc<Profile>, request: &Request) -> (Option<Secret>, Option<String>) {
        let Means { secrets, public_url, .. } = self.means_of(Arc::clone(profile), request);
        (secrets.into_iter().next(), public_url)
    }

    fn takes_secret(&self, profile: &Arc<Profile>, request: &Request) -> bool {
        let all = self.by_provider.read().unwrap_or_else(PoisonError::into_inner);
        let given = all.get(&profile.name).into_iter().flatten().any(|known| !matches!(known.origin, Origin::Brought));
        let of_endpoint = self.endpoint(request).is_some_and(|endpoint| !endpoint.secrets.is_empty());
        !given && !of_endpoint && (self.checks.secrets.is_empty() || self.checks.scheme.is_some())
    }

    fn learn(&self, profile: &Arc<Profile>, secret: Secret, _: &Request) {
        let mut all = self.by_provider.write().unwrap_or_else(PoisonError::into_inner);
        let secrets = all.entry(profile.name.clone()).or_default();
        if secrets.iter().any(|known| known.secret == secret) {
            return;
        }
        let brought = |known: &KnownSecret| matches!(known.origin, Origin::Brought);
        if secrets.iter().filter(|known| brought(known)).count() >= BROUGHT_MAX
            && let Some(oldest) = secrets.iter().rposition(brought)
        {
            secrets.remove(oldest);
        }
        secrets.insert(0, KnownSecret { secret, origin: Origin::Brought });
    }
}

fn recognised(profile: Option<&Profile>, request: &Request) -> Recognised {
    profile.map_or_else(Recognised::default, |profile| Recognised {
        provider: Some(Arc::from(profile.name.as_str())),
        event_type: profile.event_type(request),
        delivery: profile.delivery_id(request),
    })
}

/// The secret that made a verdict valid.
fn fitting<'a>(secrets: &'a [Secret], verdict: &Verdict) -> Option<&'a Secret> {
    if verdict.outcome != Outcome::Valid {
        return None;
    }
    secrets.get(verdict.secret_number.unwrap_or(1).saturating_sub(1))
}

/// The words that the detail shows of a profile.
pub fn provider_words(profile: &Profile) -> ProviderWords<'_> {
    ProviderWords {
        title: &profile.title,
        docs_url: &profile.docs,
        deadline_ms: profile.delivery.deadline_ms,
        retries: &profile.delivery.retries,
    }
}

/// The list's part of a verdict.
pub fn brief(verdict: &Verdict) -> (Outcome, Option<Cause>) {
    (verdict.outcome, verdict.cause)
}
