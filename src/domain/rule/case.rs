//! One request while it is decided what goes back: what was found out about it, and what that has cost.

use std::cell::{Cell, OnceCell};
use std::net::IpAddr;

use ipnet::IpNet;

use super::work::Work;
use super::{Facts, address, body_path, pattern};
use crate::domain::body::media_type;
use crate::domain::exchange::Request;
use crate::domain::form::form_fields;
use crate::domain::signature::Outcome;
use crate::domain::summary::Recognised;

/// One request and what was found out about it so far: each question is asked once.
pub(super) struct Case<'a> {
    pub(super) request: &'a Request,
    pub(super) facts: &'a dyn Facts,
    trusted_proxies: &'a [IpNet],
    address: OnceCell<Result<IpAddr, String>>,
    recognised: OnceCell<Recognised>,
    outcome: OnceCell<Outcome>,
    query: OnceCell<Fields>,
    form: OnceCell<Fields>,
    json: OnceCell<Option<serde_json::Value>>,
    /// What the JSON paths of all rules may still look at.
    pub(super) steps: body_path::Steps,
    /// Of the path; `None`: it does not begin with a slash.
    segments: OnceCell<Option<Vec<&'a [u8]>>>,
    /// What looking at it has cost.
    pub(super) work: Work,
    /// Whether anybody is told why a rule does not fit.
    pub(super) is_told: Cell<bool>,
}

/// Decoded names and values, in order.
pub(super) type Fields = Vec<(Vec<u8>, Vec<u8>)>;

impl<'a> Case<'a> {
    pub(super) fn new(request: &'a Request, facts: &'a dyn Facts, trusted_proxies: &'a [IpNet]) -> Self {
        Self {
            request,
            facts,
            trusted_proxies,
            address: OnceCell::new(),
            recognised: OnceCell::new(),
            outcome: OnceCell::new(),
            query: OnceCell::new(),
            form: OnceCell::new(),
            json: OnceCell::new(),
            steps: body_path::Steps::new(body_path::STEPS_MAX),
            segments: OnceCell::new(),
            work: Work::default(),
            is_told: Cell::new(true),
        }
    }

    /// Why a rule does not fit, made only where somebody is told.
    pub(super) fn why(&self, words: impl FnOnce() -> String) -> String {
        if self.is_told.get() { words() } else { String::new() }
    }

    pub(super) fn segments(&self) -> Option<&[&'a [u8]]> {
        self.segments.get_or_init(|| pattern::segments(self.request.path())).as_deref()
    }

    /// Where it comes from, or why nobody knows.
    pub(super) fn address(&self) -> Result<IpAddr, &str> {
        let address = self.address.get_or_init(|| address::of(self.request, self.trusted_proxies));
        address.as_ref().map(|address| *address).map_err(String::as_str)
    }

    pub(super) fn query(&self) -> &Fields {
        self.query.get_or_init(|| form_fields(self.request.query().unwrap_or_default()).collect())
    }

    pub(super) fn form(&self) -> &Fields {
        self.form.get_or_init(|| match &*media_type(&self.request.headers) {
            "application/x-www-form-urlencoded" => form_fields(&self.request.body.bytes).collect(),
            _ => Vec::new(),
        })
    }

    /// The body as JSON. The caller has looked at its length.
    pub(super) fn json(&self) -> Option<&serde_json::Value> {
        self.json.get_or_init(|| serde_json::from_slice(&self.request.body.bytes).ok()).as_ref()
    }

    pub(super) fn recognised(&self) -> &Recognised {
        self.recognised.get_or_init(|| self.facts.recognised(self.request))
    }

    /// What the check says by the profile that judges this request.
    pub(super) fn outcome(&self) -> Outcome {
        *self.outcome.get_or_init(|| {
            let recognised = || self.facts.profiles().recognise(self.request).cloned();
            let profile = self.facts.named(self.request).or_else(recognised);
            profile.map_or(Outcome::Unknown, |profile| self.facts.outcome(&profile, self.request))
        })
    }

    /// What is counted in this scope: the delivery to this path, else the path. One id is not one delivery: an account's event goes to
    /// each of its endpoints with the same id, and providers do not ask each other for theirs. Who does not prove to be the
    /// sender counts apart: an id can be guessed, and the true delivery's steps are not for him.
    pub(super) fn key(&self, scope: &str) -> Vec<u8> {
        let Recognised { provider, delivery, .. } = self.recognised();
        let is_forged = matches!(self.outcome(), Outcome::Invalid | Outcome::Unsigned);
        let proof: &[u8] = if is_forged { b"\nunproven" } else { b"" };
        let path = self.request.path();
        match delivery {
            Some(delivery) => {
                let provider = provider.as_deref().unwrap_or_default();
                [scope, "\nof ", provider, "\nid ", delivery]
                    .map(str::as_bytes)
                    .into_iter()
                    .chain([proof, b"\nto ", path])
                    .collect::<Vec<_>>()
                    .concat()
            }
            None => [scope.as_bytes(), proof, b"\npath ", path].concat(),
        }
    }
}
