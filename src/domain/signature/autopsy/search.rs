//! The search for a cause: what is examined, with what values, and what each trial costs.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::super::check::{CheckInput, Trial};
use super::super::crypto::{self, keys};
use super::super::evaluate::{self, Evaluation};
use super::super::material::Material;
use super::super::public_url::PublicUrl;
use super::super::scheme::{Algorithm, Form, Scheme};
use super::super::template::{Condition, Filter, Function, Part, Source, SourceField, Template};
use super::super::{Cause, Outcome, Secret};
use super::bodies::{self, BodyVariant};
use super::targets::{self, Target};

/// What is examined.
pub struct Corpse<'a> {
    pub input: &'a CheckInput<'a>,
    /// The rule, with what a token or message signature says of itself.
    pub scheme: &'a Scheme,
    /// The rule as the profile has it.
    pub closed: &'a Scheme,
    pub evaluation: &'a Evaluation,
    pub secrets: &'a [&'a Secret],
    pub url: &'a PublicUrl,
}

impl<'a> Corpse<'a> {
    /// Of the best trial of a check.
    pub fn of(input: &'a CheckInput<'a>, best: &'a Trial<'a>, secrets: &'a [&'a Secret], url: &'a PublicUrl) -> Self {
        Self { input, scheme: best.opened(), closed: best.scheme, evaluation: &best.evaluation, secrets, url }
    }
}

/// Why it failed.
pub struct Diagnosis {
    pub cause: Cause,
    pub detail: String,
    pub outcome: Outcome,
    /// The headers of the provider that is named.
    pub place: Vec<String>,
}

/// Work beside the bytes that one trial costs, in bytes hashed.
pub const TRIAL_BYTES: u64 = 1500;
/// Work of one digest beside that of the body: a signed URL or header, the trial itself.
pub const HEAD_TRIAL_BYTES: u64 = 256 << 10;
/// Work of one public-key check.
pub const PUBLIC_TRIAL_BYTES: u64 = 100_000;

/// Signatures that one public-key check stands for: most are no signatures by their length and cost nothing.
pub const TARGETS_PER_PUBLIC_TRIAL: usize = 4;
/// Work for a byte of a form whose fields are sorted and joined, beside that for a byte hashed.
pub const SORTED_BYTE_COST: u64 = 24;

/// Bodies that are tried before the rest: line ends, escapes, and what the common programs write. With many secrets the
/// budget may not reach for all of the others.
pub const LIKELY_BODIES: usize = 24;

/// The values that stand in the request for those that a rule names.
pub struct Values {
    pub stamp: Option<Vec<u8>>,
    pub id: Option<Vec<u8>>,
}

impl Values {
    pub fn of(corpse: &Corpse<'_>) -> Self {
        let listed = listed(corpse);
        let value = |source: &Source| listed.value(source).map(|value| value.into_owned());
        let stamp = corpse.scheme.timestamp.as_ref().and_then(|clock| value(&clock.from.0));
        Self { stamp, id: corpse.scheme.id.as_ref().and_then(|id| value(&id.0)) }
    }

    pub fn material<'a>(&'a self, corpse: &'a Corpse<'_>) -> Material<'a> {
        Material { timestamp: self.stamp.as_deref(), id: self.id.as_deref(), ..listed(corpse) }
    }
}

/// What the request offers, but for time and id.
pub fn listed<'a>(corpse: &'a Corpse<'_>) -> Material<'a> {
    let found = &corpse.evaluation.found;
    let whole = corpse.input.material();
    Material {
        body: corpse.evaluation.element.as_deref().unwrap_or(whole.body),
        secret: corpse.secrets.first().map(|secret| secret.expose()),
        list: &found.list,
        claims: &found.claims,
        url: Some(&corpse.url.url),
        ..whole
    }
}

pub struct Search<'a> {
    pub corpse: &'a Corpse<'a>,
    pub material: Material<'a>,
    pub targets: Vec<Target>,
    pub budget: u64,
    pub count: u32,
    pub fits: bool,
    pub cut: bool,
    pub tried: Vec<String>,
    /// What the last trial that did not fit came to.
    pub last_digest: Option<Vec<u8>>,
    /// The exact digest under each secret, once it was made and did not fit.
    pub digests: Vec<Vec<u8>>,
    /// Other forms of the body, made once.
    pub bodies: Option<Rc<[BodyVariant]>>,
}

impl<'a> Search<'a> {
    pub fn new(corpse: &'a Corpse<'a>, material: Material<'a>, work_bytes: u64) -> Self {
        // At least one digest for each secret, whatever the budget says.
        let body_bytes = corpse.input.request.body.bytes.len() as u64;
        let one_digest_each = (body_bytes + HEAD_TRIAL_BYTES) * corpse.secrets.len() as u64;
        Self {
            corpse,
            material,
            targets: targets::of(corpse.scheme, &corpse.evaluation.found),
            budget: work_bytes.max(one_digest_each),
            count: 0,
            fits: false,
            cut: false,
            tried: Vec::new(),
            last_digest: None,
            digests: Vec::new(),
            bodies: None,
        }
    }

    /// Whether the key and message under the scheme's algorithm give one of the targets: which.
    pub fn fits(&mut self, key: &[u8], material: &Material<'_>) -> Option<usize> {
        let message = self.corpse.scheme.message.as_ref()?;
        self.fits_with(self.corpse.scheme.algorithm, key, message, material)
    }

    pub fn fits_with(
        &mut self,
        algorithm: Algorithm,
        key: &[u8],
        message: &Template,
        material: &Material<'_>,
    ) -> Option<usize> {
        let keyed = Material { key: Some(key), ..*material };
        // Taken before the pieces are made: what is read for them can be much more than what comes of it.
        if !self.pay(self.cost(algorithm, message, &keyed)) {
            return None;
        }
        let pieces = keyed.pieces(message).ok()?;
        let fitting = if algorithm.is_public() {
            let keys = keys::public(&self.corpse.scheme.key, algorithm, key).ok()?;
            let message = evaluate::joined(&pieces);
            let fits = |target: &Target| keys.iter().any(|key| crypto::verify(algorithm, key, &message, &target.bytes));
            self.targets.iter().position(fits)
        } else {
            let digest = crypto::compute(algorithm, key, pieces.iter().map(|(_, bytes)| bytes.as_ref()))?;
            let fitting = self.targets.iter().position(|target| target.bytes == digest);
            self.last_digest = fitting.is_none().then_some(digest);
            fitting
        };
        self.fits |= fitting.is_some();
        fitting
    }

    /// What a trial costs, in bytes hashed or so.
    pub fn cost(&self, algorithm: Algorithm, message: &Template, material: &Material<'_>) -> u64 {
        let trial = match algorithm.is_public() {
            true => PUBLIC_TRIAL_BYTES * self.targets.len().div_ceil(TARGETS_PER_PUBLIC_TRIAL).max(1) as u64,
            false => TRIAL_BYTES,
        };
        trial + reading_cost(message, material)
    }

    /// Other forms of the body.
    pub fn body_variants(&mut self) -> Rc<[BodyVariant]> {
        let material = &self.material;
        // More than what is left of the budget cannot be tried, and is not held.
        let bytes_max = usize::try_from(self.budget).unwrap_or(usize::MAX);
        Rc::clone(self.bodies.get_or_insert_with(|| bodies::variants(material, bytes_max).into()))
    }

    /// The keys of the configured secrets under the exact rule.
    pub fn exact_keys(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let scheme = self.corpse.scheme;
        let keys = self.corpse.secrets.iter().filter_map(|secret| match scheme.algorithm.is_public() {
            true => Some(Zeroizing::new(secret.expose().to_vec())),
            false => keys::symmetric(&scheme.key, secret.expose()).ok(),
        });
        keys.collect()
    }

    /// Whether what is signed comes from the body, so that another body gives another message.
    pub fn uses_body(&self) -> bool {
        let of_body = |source: &Source| {
            matches!(
                source,
                Source::Body | Source::Json(_) | Source::Form(_) | Source::Params | Source::ParamsAll | Source::Fields
            )
        };
        self.corpse.scheme.message.as_ref().is_some_and(|message| message.sources().any(of_body))
    }

    /// The exact rule as the profile has it, for another URL: message signatures say anew what is signed.
    pub fn fits_anew(&mut self, url: &[u8]) -> bool {
        let base = self.corpse.input.material();
        let cost = rule_cost(self.corpse.closed, &base).max(base.body.len() as u64 + PUBLIC_TRIAL_BYTES);
        self.corpse.secrets.iter().any(|secret| {
            if !self.pay(cost) {
                return false;
            }
            let base = Material { key: Some(secret.expose()), ..base };
            let evaluation = evaluate::evaluate(self.corpse.closed, &base, secret.expose(), url, self.corpse.input.now);
            let fits = evaluation.stage.signature_fits();
            self.fits |= fits;
            fits
        })
    }

    /// Takes work out of the budget and counts a trial; `false`: the budget is spent.
    pub fn pay(&mut self, cost: u64) -> bool {
        if self.cut || cost > self.budget || self.corpse.input.is_stopped() {
            self.cut = true;
            return false;
        }
        self.budget -= cost;
        self.count += 1;
        true
    }

    pub fn invalid(&self, cause: Cause, detail: String) -> Option<Diagnosis> {
        Some(Diagnosis { cause, detail, outcome: Outcome::Invalid, place: Vec::new() })
    }
}

/// What the rule of a scheme costs with one secret: what it signs and what it compares beside, in bytes hashed or so.
pub fn rule_cost(scheme: &Scheme, material: &Material<'_>) -> u64 {
    let guards = scheme.guards.iter().flat_map(|guard| [&guard.left, &guard.right]);
    let templates = scheme.message.iter().chain(guards);
    let read: u64 = templates.map(|template| reading_cost(template, material)).sum();
    // A token or message signature says itself what is signed.
    let opened = if scheme.form == Form::Plain { 0 } else { material.body.len() as u64 };
    let trial = if scheme.algorithm.is_public() { PUBLIC_TRIAL_BYTES } else { TRIAL_BYTES };
    trial + read.max(opened) + finding_cost(scheme, material)
}

/// What it costs to make the pieces of a message and to hash them.
pub fn reading_cost(message: &Template, material: &Material<'_>) -> u64 {
    let body_bytes = material.body.len() as u64;
    let sorted = |unique| match material.sorted {
        Some(sorted) if sorted.is_made(material.form_bytes(), unique) => body_bytes,
        _ => body_bytes * SORTED_BYTE_COST,
    };
    let read = |source: &Source| match source {
        Source::Params => sorted(true),
        Source::ParamsAll => sorted(false),
        Source::Header(_) | Source::Timestamp | Source::Id | Source::List(_) => 0,
        Source::Method | Source::Secret | Source::Signature => 0,
        Source::Url => material.url.map_or(0, |url| url.len() as u64),
        Source::Path | Source::Query(_) => material.target.len() as u64,
        // The body, or something that is looked for in it.
        _ => body_bytes,
    };
    // These sort a form on their own.
    let by_function = |filter: &Filter| match filter {
        Filter::Named(Function::PaddleSerialise | Function::VonagePairs) => body_bytes * SORTED_BYTE_COST,
        Filter::Named(Function::PlivoUrl) if material.method != b"GET" => sorted(false),
        _ => 0,
    };
    let filters = message.parts.iter().flat_map(|part| match part {
        Part::Value(_, filters) | Part::Optional(_, _, filters, _) => filters.as_slice(),
        Part::Text(_) => &[],
    });
    message.sources().map(read).sum::<u64>() + filters.map(by_function).sum::<u64>()
}

/// What it costs to tell whether a scheme is for a request.
pub fn conditions_cost(scheme: &Scheme, material: &Material<'_>) -> u64 {
    let in_body = |condition: &&Condition| matches!(condition.source, Source::Form(_) | Source::Json(_) | Source::Body);
    scheme.when.iter().filter(in_body).count() as u64 * material.body.len() as u64
}

/// What it costs to look for a scheme's signature where it stands.
pub fn finding_cost(scheme: &Scheme, material: &Material<'_>) -> u64 {
    let in_body = |place: &&SourceField| matches!(place.0, Source::Form(_) | Source::Json(_) | Source::Body);
    scheme.signature.iter().filter(in_body).count() as u64 * material.body.len() as u64
}
