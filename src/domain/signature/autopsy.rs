//! The autopsy of a failed check: variants of secret, bytes, URL, algorithm and encoding are tried, and the first that
//! verifies names the cause as a fact. A match of a MAC by chance is no concern (2^-128 and less). When nothing fits it
//! says what was tried, and never guesses. Variants never make a verdict valid.

pub mod bodies;
pub mod computed;
mod contents;
mod joins;
mod key_ids;
mod nearly;
mod next;
mod others;
pub(super) use others::{name_recognised, rule_key};
mod pairs;
mod public_keys;
mod repeated;
pub mod rewrite;
pub mod secrets;
mod slips;
mod steps;
pub mod targets;
mod tokens;
pub mod urls;

use std::rc::Rc;

use zeroize::Zeroizing;

use super::check::{self, CheckInput};
use super::crypto::{self, keys};
use super::evaluate::{self, Evaluation, NoSignatureStage, Stage};
use super::handlers;
use super::material::Material;
use super::public_url::PublicUrl;
use super::scheme::{Algorithm, Form, GuardSubject, Scheme};
use super::template::{Condition, Filter, Function, Part, Source, SourceField, Template};
use super::{Cause, Outcome, Secret, Verdict};
use crate::domain::printable::visible;
use bodies::BodyVariant;
use targets::Target;

/// What is examined.
pub(super) struct Corpse<'a> {
    pub(super) input: &'a CheckInput<'a>,
    /// The rule, with what a token or message signature says of itself.
    pub(super) scheme: &'a Scheme,
    /// The rule as the profile has it.
    pub(super) closed: &'a Scheme,
    pub(super) evaluation: &'a Evaluation,
    pub(super) secrets: &'a [&'a Secret],
    pub(super) url: &'a PublicUrl,
}

/// Why it failed.
struct Diagnosis {
    cause: Cause,
    detail: String,
    outcome: Outcome,
    /// The headers of the provider that is named.
    place: Vec<String>,
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

/// Bodies that are tried before the rest: line ends, escapes, and what the common programs write. With many secrets the
/// budget may not reach for all of the others.
const LIKELY_BODIES: usize = 24;

/// Finds the cause and puts it into the verdict.
pub(super) fn examine(corpse: &Corpse<'_>, verdict: &mut Verdict) {
    let values = Values::of(corpse);
    let mut search = Search::new(corpse, values.material(corpse), corpse.input.autopsy_work_bytes);
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
    } else if verdict.cause == Some(Cause::SignatureMismatch) {
        verdict.detail = mismatch_words(corpse, &search);
    }
    // A search that was not asked for has nothing to advise.
    if !verdict.tried_fits && corpse.input.autopsy_work_bytes > 0 && next::is_open(verdict.cause) {
        verdict.check_next = next::steps(corpse, verdict.cause);
    }
}

/// Nothing fits: what was found, without a guess at why.
fn mismatch_words(corpse: &Corpse<'_>, search: &Search<'_>) -> String {
    let cut = if search.cut { ", until the limit of the search was reached" } else { "" };
    let called = check::secret_name(corpse.input);
    let first = match search.uses_url() {
        true => {
            let url = visible(&corpse.url.url);
            format!(
                "that {url} is the URL that the provider calls, byte for byte, then that the {called} is this webhook's own"
            )
        }
        false if handlers::covers_body_bytes(corpse.closed) => {
            format!("that the {called} is this webhook's own, then that nothing changes the body on the way")
        }
        // Only what is signed can break the signature.
        false => {
            let message = corpse.scheme.message.as_ref();
            let signed = message.map(|message| next::signed_places(corpse.scheme, message)).unwrap_or_default();
            let then = if signed.is_empty() { String::new() } else { format!(", then that nothing changes {signed}") };
            format!("that the {called} is this webhook's own{then}")
        }
    };
    let time = next::unread_time(corpse).map(|words| format!("; {words}")).unwrap_or_default();
    format!("the signature does not fit, and {} explains it{cut}: check first {first}{time}", none_of(search.count))
}

/// What a search came to that found nothing. The words of a verdict are made before the last of it is done.
pub(super) fn none_of(count: u32) -> String {
    format!("none of {count} variants")
}

/// The values that stand in the request for those that a rule names.
struct Values {
    stamp: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
}

impl Values {
    fn of(corpse: &Corpse<'_>) -> Self {
        let listed = listed(corpse);
        let value = |source: &Source| listed.value(source).map(|value| value.into_owned());
        let stamp = corpse.scheme.timestamp.as_ref().and_then(|clock| value(&clock.from.0));
        Self { stamp, id: corpse.scheme.id.as_ref().and_then(|id| value(&id.0)) }
    }

    fn material<'a>(&'a self, corpse: &'a Corpse<'_>) -> Material<'a> {
        Material { timestamp: self.stamp.as_deref(), id: self.id.as_deref(), ..listed(corpse) }
    }
}

/// What the request offers, but for time and id.
fn listed<'a>(corpse: &'a Corpse<'_>) -> Material<'a> {
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

struct Search<'a> {
    corpse: &'a Corpse<'a>,
    material: Material<'a>,
    targets: Vec<Target>,
    budget: u64,
    count: u32,
    fits: bool,
    cut: bool,
    tried: Vec<String>,
    /// What the last trial that did not fit came to.
    last_digest: Option<Vec<u8>>,
    /// The exact digest under each secret, once it was made and did not fit.
    digests: Vec<Vec<u8>>,
    /// Other forms of the body, made once.
    bodies: Option<Rc<[BodyVariant]>>,
}

impl<'a> Search<'a> {
    fn new(corpse: &'a Corpse<'a>, material: Material<'a>, work_bytes: u64) -> Self {
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

    fn run(&mut self) -> Option<Diagnosis> {
        match self.corpse.evaluation.stage {
            Stage::NoSignature(NoSignatureStage::Missing | NoSignatureStage::Empty) => {
                // What a quick check sees as well comes first, so that both say the same.
                let seen = self.wrong_header().or_else(|| others::recognised(self.corpse.input));
                return seen.or_else(|| self.other_scheme());
            }
            Stage::GuardFailed(GuardSubject::Url, _) => return self.guarded_urls(),
            Stage::GuardFailed(..) => return self.digest_written_otherwise().or_else(|| self.guarded_bodies()),
            Stage::TimestampMissing | Stage::ValueMissing(_) => {
                return self.templates().or_else(|| others::recognised(self.corpse.input));
            }
            _ => {}
        }
        if self.corpse.scheme.algorithm == Algorithm::Token {
            let fits = self.tokens().or_else(|| self.wrong_header());
            return fits.or_else(|| self.wrong_kind()).or_else(|| others::recognised(self.corpse.input));
        }
        // The same header serves many providers: where this one is recognised, its own rule is looked at first.
        let is_own = self.corpse.input.profile.recognises(self.corpse.input.request);
        self.partly()
            .or_else(|| self.other_key())
            .or_else(|| self.written_otherwise())
            .or_else(|| self.one_of_several_lines())
            .or_else(|| self.nearly())
            .or_else(|| self.other_secrets())
            .or_else(|| self.secret_shapes())
            .or_else(|| self.other_places())
            .or_else(|| self.algorithms())
            .or_else(|| self.public_algorithms())
            .or_else(|| self.swapped())
            .or_else(|| self.unset_pieces())
            .or_else(|| self.unset_secrets())
            .or_else(|| if is_own { None } else { self.other_scheme() })
            .or_else(|| self.timestamps())
            .or_else(|| self.methods())
            .or_else(|| self.bodies(0..LIKELY_BODIES))
            .or_else(|| self.urls())
            .or_else(|| self.field_orders())
            .or_else(|| self.lines_signed())
            .or_else(|| self.templates())
            .or_else(|| self.bodies(LIKELY_BODIES..usize::MAX))
            .or_else(|| if is_own { self.other_scheme() } else { None })
            .or_else(|| self.pairs())
            .or_else(|| self.key_not_given())
            .or_else(|| self.wrong_kind())
            .or_else(|| others::recognised(self.corpse.input))
            .or_else(|| self.lost_body())
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

    /// The cost of one trial for each secret, with as many targets as there can be, and of one for each list that may have
    /// been renamed.
    fn one_look_at_all_headers(&self) -> u64 {
        let scheme = self.corpse.scheme;
        let message = scheme.message.as_ref();
        let cost = message.map_or(0, |message| self.cost(scheme.algorithm, message, &self.material));
        let targets = (steps::TARGETS_MAX / TARGETS_PER_PUBLIC_TRIAL) as u64 * PUBLIC_TRIAL_BYTES;
        let lists = self.moved_lists().len() as u64 * rule_cost(self.corpse.closed, &self.material);
        (cost + targets + lists + HEAD_TRIAL_BYTES) * self.corpse.secrets.len() as u64
    }

    /// What a trial costs, in bytes hashed or so.
    fn cost(&self, algorithm: Algorithm, message: &Template, material: &Material<'_>) -> u64 {
        let trial = match algorithm.is_public() {
            true => PUBLIC_TRIAL_BYTES * self.targets.len().div_ceil(TARGETS_PER_PUBLIC_TRIAL).max(1) as u64,
            false => TRIAL_BYTES,
        };
        trial + reading_cost(message, material)
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

    /// Whether what is signed comes from the body, so that another body gives another message.
    fn uses_body(&self) -> bool {
        let of_body = |source: &Source| {
            matches!(
                source,
                Source::Body | Source::Json(_) | Source::Form(_) | Source::Params | Source::ParamsAll | Source::Fields
            )
        };
        self.corpse.scheme.message.as_ref().is_some_and(|message| message.sources().any(of_body))
    }

    /// The exact rule as the profile has it, for another URL: message signatures say anew what is signed.
    fn fits_anew(&mut self, url: &[u8]) -> bool {
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
    fn pay(&mut self, cost: u64) -> bool {
        if self.cut || cost > self.budget || self.corpse.input.is_stopped() {
            self.cut = true;
            return false;
        }
        self.budget -= cost;
        self.count += 1;
        true
    }

    fn invalid(&self, cause: Cause, detail: String) -> Option<Diagnosis> {
        Some(Diagnosis { cause, detail, outcome: Outcome::Invalid, place: Vec::new() })
    }
}

/// What the rule of a scheme costs with one secret: what it signs and what it compares beside, in bytes hashed or so.
pub(super) fn rule_cost(scheme: &Scheme, material: &Material<'_>) -> u64 {
    let guards = scheme.guards.iter().flat_map(|guard| [&guard.left, &guard.right]);
    let templates = scheme.message.iter().chain(guards);
    let read: u64 = templates.map(|template| reading_cost(template, material)).sum();
    // A token or message signature says itself what is signed.
    let opened = if scheme.form == Form::Plain { 0 } else { material.body.len() as u64 };
    let trial = if scheme.algorithm.is_public() { PUBLIC_TRIAL_BYTES } else { TRIAL_BYTES };
    trial + read.max(opened) + finding_cost(scheme, material)
}

/// What it costs to make the pieces of a message and to hash them.
fn reading_cost(message: &Template, material: &Material<'_>) -> u64 {
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
pub(super) fn conditions_cost(scheme: &Scheme, material: &Material<'_>) -> u64 {
    let in_body = |condition: &&Condition| matches!(condition.source, Source::Form(_) | Source::Json(_) | Source::Body);
    scheme.when.iter().filter(in_body).count() as u64 * material.body.len() as u64
}

/// What it costs to look for a scheme's signature where it stands.
pub(super) fn finding_cost(scheme: &Scheme, material: &Material<'_>) -> u64 {
    let in_body = |place: &&SourceField| matches!(place.0, Source::Form(_) | Source::Json(_) | Source::Body);
    scheme.signature.iter().filter(in_body).count() as u64 * material.body.len() as u64
}
