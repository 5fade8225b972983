//! Who sent a request, and whether its signature holds: the profiles and secrets of this run, applied to one request.

mod answers;
mod facts;
mod known;
mod look;
mod means;
mod neighbours;
mod signing;
mod verdicts;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::domain::detail::ProviderWords;
use crate::domain::exchange::Request;
use crate::domain::handshake::{self, Gate, Shake};
use crate::domain::judgement::Rules;
use crate::domain::rule::place;
use crate::domain::signature::{Profile, Profiles, Secret};
use crate::domain::summary::Recognised;
use crate::tui::msg::KnownSecret;

use super::settings::rules::FileSecrets;
use super::settings::{Checks, Endpoint};

use known::{IN_FILE, KnownSecrets, Scope};
pub use look::Look;
pub use means::Typed;

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

    /// The profile that the user or the settings name for this request, whatever it looks like.
    fn set_profile(&self, request: &Request) -> Option<Arc<Profile>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner).get(request.path()).cloned();
        // The endpoint as written may name none, and another one that the path may mean does: nothing is unsigned to nobody.
        let of_endpoint = |place: usize| self.checks.endpoints.get(place).and_then(|one| one.provider.clone());
        named
            .or_else(|| self.endpoint_places(request).into_iter().find_map(of_endpoint))
            .or_else(|| self.checks.scheme.clone())
    }

    /// Who sent it and what it is, for its row.
    pub fn recognised(&self, request: &Request) -> Recognised {
        Recognised::by(self.sender(request).as_deref(), request)
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

    /// What is known: whose, where from, and how many requests it fitted; never the secret itself.
    pub fn known_secrets(&self) -> Vec<KnownSecret> {
        self.known.list()
    }

    /// Where a resend of this request goes by its endpoint.
    pub fn target(&self, request: &Request) -> Option<String> {
        self.endpoint(request).and_then(|endpoint| endpoint.target.clone())
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

/// The words that the detail shows of a profile.
pub fn provider_words(profile: &Profile) -> ProviderWords<'_> {
    ProviderWords {
        title: &profile.title,
        docs_url: &profile.docs,
        delivery: Some(&profile.delivery),
        handshakes: &profile.handshakes,
    }
}
