//! What a request is checked with: profile, secrets, public URL.

use std::sync::{Arc, PoisonError};

use crate::domain::exchange::Request;
use crate::domain::signature::{CheckInput, NamedSecret, Profile, Secret};
use crate::domain::time::Timestamp;

use super::{Judge, known};

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

/// What a request is to be checked with.
pub(super) struct Means {
    pub(super) profile: Arc<Profile>,
    pub(super) secrets: Vec<Secret>,
    /// The numbers of these, by which they are listed.
    pub(super) numbers: Vec<u32>,
    pub(super) public_url: Option<String>,
    pub(super) trust_proxy: bool,
}

impl Judge {
    /// What a check is made with, of what was typed and what is configured.
    pub(super) fn typed_means(&self, request: &Request, typed: &Typed<'_>) -> Option<Means> {
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
    pub(super) fn input<'a>(
        &'a self,
        means: &'a Means,
        others: &'a [NamedSecret],
        request: &'a Request,
    ) -> CheckInput<'a> {
        CheckInput {
            others,
            public_url: means.public_url.as_deref(),
            trust_proxy: means.trust_proxy,
            profiles: &self.checks.profiles,
            stop: Some(&self.stop),
            ..CheckInput::new(&means.profile, &means.secrets, request)
        }
    }

    pub(super) fn means(&self, request: &Request) -> Option<Means> {
        Some(self.means_of(self.profile(request)?, request))
    }

    pub(super) fn means_of(&self, profile: Arc<Profile>, request: &Request) -> Means {
        self.means_at(self.endpoint_place(request), profile, request)
    }

    pub(super) fn means_at(&self, place: Option<usize>, profile: Arc<Profile>, request: &Request) -> Means {
        let (numbers, secrets) = self.known.for_request(&profile.name, place, request.path()).into_iter().unzip();
        Means { profile, secrets, numbers, public_url: self.public_url(place), trust_proxy: self.checks.trust_proxy }
    }

    /// The URL that a check of a request to this endpoint is made with: the endpoint's own, else the one for all; of both, what the
    /// user gave while it runs goes before what was set.
    pub(super) fn public_url(&self, place: Option<usize>) -> Option<String> {
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
}
