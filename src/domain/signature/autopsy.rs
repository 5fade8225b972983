//! The autopsy of a failed check: variants of secret, bytes, URL, algorithm and encoding are tried, and the first that
//! verifies names the cause as a fact. A match of a MAC by chance is no concern (2^-128 and less). When nothing fits it
//! says what was tried, and never guesses. Variants never make a verdict valid.

pub mod bodies;
pub mod rewrite;
pub mod secrets;
mod steps;
pub mod targets;
pub mod urls;

use std::rc::Rc;

use zeroize::Zeroizing;

use super::check::{self, CheckInput};
use super::crypto::{self, keys};
use super::evaluate::{self, Evaluation, NoSignatureStage, Stage};
use super::found;
use super::material::Material;
use super::profiles::Profiles;
use super::public_url::PublicUrl;
use super::scheme::{Algorithm, Scheme};
use super::template::{Source, Template};
use super::{Cause, Outcome, Secret, Verdict};
use bodies::BodyVariant;
use targets::Target;

/// What is examined.
pub(super) struct Corpse<'a> {
    pub(super) input: &'a CheckInput<'a>,
    pub(super) scheme: &'a Scheme,
    pub(super) evaluation: &'a Evaluation,
    pub(super) secrets: &'a [&'a Secret],
    pub(super) url: &'a PublicUrl,
}

/// Why it failed.
struct Diagnosis {
    cause: Cause,
    detail: String,
    outcome: Outcome,
}

/// Work beside the bytes that one trial costs, in bytes hashed.
const TRIAL_BYTES: u64 = 1500;
/// Work of one digest beside that of the body: a signed URL or header, the trial itself.
const HEAD_TRIAL_BYTES: u64 = 256 << 10;
/// Work of one public-key check.
const PUBLIC_TRIAL_BYTES: u64 = 100_000;

/// Signatures that one public-key check stands for: most are no signatures by their length and cost nothing.
const TARGETS_PER_PUBLIC_TRIAL: usize = 4;
/// Work for a byte of a form whose fields are sorted and joined, beside that for a byte hashed.
const SORTED_BYTE_COST: u64 = 24;

/// Finds the cause and puts it into the verdict.
pub(super) fn examine(corpse: &Corpse<'_>, verdict: &mut Verdict) {
    let found = &corpse.evaluation.found;
    let whole = Material::new(corpse.input.request);
    let base = Material {
        body: corpse.evaluation.element.as_deref().unwrap_or(whole.body),
        secret: corpse.secrets.first().map(|secret| secret.expose()),
        ..whole
    };
    let listed = Material { list: &found.list, claims: &found.claims, url: Some(&corpse.url.url), ..base };
    let stamp = corpse.scheme.timestamp.as_ref().and_then(|clock| listed.value(&clock.from.0));
    let id = corpse.scheme.id.as_ref().and_then(|id| listed.value(&id.0));
    let material = Material { timestamp: stamp.as_deref(), id: id.as_deref(), ..listed };
    let one_digest_each =
        (corpse.input.request.body.bytes.len() as u64 + HEAD_TRIAL_BYTES) * corpse.secrets.len() as u64;
    let mut search = Search {
        corpse,
        material,
        targets: targets::of(corpse.scheme, &corpse.evaluation.found),
        budget: corpse.input.autopsy_work_bytes.max(one_digest_each),
        count: 0,
        fits: false,
        cut: false,
        tried: Vec::new(),
        bodies: None,
    };
    if let Stage::NoSignature(NoSignatureStage::Missing | NoSignatureStage::Empty) = corpse.evaluation.stage {
        // Enough to look at the other headers, which is all that a check without a search asks for.
        search.budget = search.budget.max(search.one_look_at_all_headers());
    }
    let diagnosis = search.run();
    verdict.tried = std::mem::take(&mut search.tried);
    verdict.tried_count = search.count;
    verdict.tried_fits = search.fits;
    verdict.tried_cut = search.cut;
    if let Some(diagnosis) = diagnosis {
        verdict.cause = Some(diagnosis.cause);
        verdict.detail = diagnosis.detail;
        verdict.outcome = diagnosis.outcome;
        return;
    }
    if verdict.cause == Some(Cause::SignatureMismatch) {
        let cut = if search.cut { ", until the limit was reached" } else { "" };
        let called = check::secret_name(corpse.input);
        verdict.detail = format!(
            "the signature does not fit, and none of {} variants explains it{cut}: check first that the {called} is this webhook's own, \
             then that nothing changes the body on the way",
            search.count
        );
    }
}

/// When another provider is recognised, that is the cause; for requests without this provider's signature.
pub(super) fn name_other_provider(input: &CheckInput<'_>, verdict: &mut Verdict) {
    if let Some(diagnosis) = other_provider(input) {
        verdict.cause = Some(diagnosis.cause);
        verdict.detail = diagnosis.detail;
        verdict.outcome = diagnosis.outcome;
    }
}

fn other_provider(input: &CheckInput<'_>) -> Option<Diagnosis> {
    // First, because it is nearly always so, and asking all profiles is dear.
    if input.profile.recognises(input.request) {
        return None;
    }
    let other = Profiles::builtin().recognise(input.request)?;
    let same_family = other.name.starts_with(input.profile.name.as_str());
    if same_family || input.profile.name == other.name {
        return None;
    }
    let base = Material::new(input.request);
    let mut schemes = other.schemes.iter().chain(&input.profile.schemes);
    let signed = schemes.any(|scheme| found::find(scheme, &base).none.is_none());
    let detail = format!(
        "this is a {} delivery by its headers, and the check is for {}: use --scheme {}, or look at the URL set at the provider",
        other.title, input.profile.title, other.name
    );
    let outcome = if signed { Outcome::Invalid } else { Outcome::Unsigned };
    Some(Diagnosis { cause: Cause::OtherProvider, detail, outcome })
}

struct Search<'a> {
    corpse: &'a Corpse<'a>,
    material: Material<'a>,
    targets: Vec<Target>,
    budget: u64,
    count: u32,
    fits: bool,
    cut: bool,
    tried: Vec<String>,
    /// Other forms of the body, made once.
    bodies: Option<Rc<[BodyVariant]>>,
}

impl<'a> Search<'a> {
    fn run(&mut self) -> Option<Diagnosis> {
        match self.corpse.evaluation.stage {
            Stage::NoSignature(NoSignatureStage::Missing | NoSignatureStage::Empty) => {
                return self.wrong_header().or_else(|| other_provider(self.corpse.input));
            }
            Stage::GuardFailed(..) => return self.guarded_bodies(),
            Stage::TimestampMissing | Stage::ValueMissing(_) => {
                return self.templates().or_else(|| other_provider(self.corpse.input));
            }
            _ => {}
        }
        if self.corpse.scheme.algorithm == Algorithm::Token {
            return self.tokens().or_else(|| self.wrong_kind()).or_else(|| other_provider(self.corpse.input));
        }
        self.written_otherwise()
            .or_else(|| self.other_secrets())
            .or_else(|| self.secret_shapes())
            .or_else(|| self.algorithms())
            .or_else(|| other_provider(self.corpse.input))
            .or_else(|| self.bodies())
            .or_else(|| self.urls())
            .or_else(|| self.templates())
            .or_else(|| self.pairs())
            .or_else(|| self.wrong_kind())
            .or_else(|| self.unknown_url())
    }

    /// Whether the key and message under the scheme's algorithm give one of the targets: which.
    fn fits(&mut self, key: &[u8], material: &Material<'_>) -> Option<usize> {
        let message = self.corpse.scheme.message.as_ref()?;
        self.fits_with(self.corpse.scheme.algorithm, key, message, material)
    }

    fn fits_with(
        &mut self,
        algorithm: Algorithm,
        key: &[u8],
        message: &Template,
        material: &Material<'_>,
    ) -> Option<usize> {
        if self.cut {
            return None;
        }
        let keyed = Material { key: Some(key), ..*material };
        // Taken before the pieces are made: what is read for them can be much more than what comes of it.
        let cost = self.cost(algorithm, message, &keyed);
        if cost > self.budget {
            self.cut = true;
            return None;
        }
        self.budget -= cost;
        let pieces = keyed.pieces(message).ok()?;
        self.count += 1;
        let fitting = if algorithm.is_public() {
            let keys = keys::public(&self.corpse.scheme.key, algorithm, key).ok()?;
            let message = evaluate::joined(&pieces);
            let fits = |target: &Target| keys.iter().any(|key| crypto::verify(algorithm, key, &message, &target.bytes));
            self.targets.iter().position(fits)
        } else {
            let digest = crypto::compute(algorithm, key, pieces.iter().map(|(_, bytes)| bytes.as_ref()))?;
            self.targets.iter().position(|target| target.bytes == digest)
        };
        self.fits |= fitting.is_some();
        fitting
    }

    /// The cost of one trial for each secret, with as many targets as there can be.
    fn one_look_at_all_headers(&self) -> u64 {
        let scheme = self.corpse.scheme;
        let message = scheme.message.as_ref();
        let cost = message.map_or(0, |message| self.cost(scheme.algorithm, message, &self.material));
        let targets = (steps::TARGETS_MAX / TARGETS_PER_PUBLIC_TRIAL) as u64 * PUBLIC_TRIAL_BYTES;
        (cost + targets + HEAD_TRIAL_BYTES) * self.corpse.secrets.len() as u64
    }

    /// What a trial costs, in bytes hashed or so.
    fn cost(&self, algorithm: Algorithm, message: &Template, material: &Material<'_>) -> u64 {
        let read = |source: &Source| match source {
            Source::Params | Source::ParamsAll => material.body.len() as u64 * SORTED_BYTE_COST,
            Source::Header(_) | Source::Timestamp | Source::Id | Source::List(_) => 0,
            Source::Method | Source::Secret | Source::Signature => 0,
            Source::Url => material.url.map_or(0, |url| url.len() as u64),
            Source::Path | Source::Query(_) => material.target.len() as u64,
            // The body, or something that is looked for in it.
            _ => material.body.len() as u64,
        };
        let trial = match algorithm.is_public() {
            true => PUBLIC_TRIAL_BYTES * self.targets.len().div_ceil(TARGETS_PER_PUBLIC_TRIAL).max(1) as u64,
            false => TRIAL_BYTES,
        };
        trial + message.sources().map(read).sum::<u64>()
    }

    /// Other forms of the body.
    fn body_variants(&mut self) -> Rc<[BodyVariant]> {
        let material = &self.material;
        // More than what is left of the budget cannot be tried, and is not held.
        let bytes_max = usize::try_from(self.budget).unwrap_or(usize::MAX);
        Rc::clone(self.bodies.get_or_insert_with(|| bodies::variants(material, bytes_max).into()))
    }

    /// The keys of the configured secrets under the exact rule.
    fn exact_keys(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let scheme = self.corpse.scheme;
        let keys = self.corpse.secrets.iter().filter_map(|secret| match scheme.algorithm.is_public() {
            true => Some(Zeroizing::new(secret.expose().to_vec())),
            false => keys::symmetric(&scheme.key, secret.expose()).ok(),
        });
        keys.collect()
    }

    fn invalid(&self, cause: Cause, detail: String) -> Option<Diagnosis> {
        Some(Diagnosis { cause, detail, outcome: Outcome::Invalid })
    }
}
