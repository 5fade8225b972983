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
mod rewrapped;
pub mod rewrite;
mod search;
pub mod secrets;
mod slips;
mod steps;
pub mod targets;
mod tokens;
pub mod urls;

use super::check;
use super::evaluate::{NoSignatureStage, Stage};
use super::handlers;
use super::scheme::{Algorithm, GuardSubject};
use super::timestamp;
use super::{Cause, Verdict};
use crate::domain::printable::visible;
pub(super) use search::{Corpse, conditions_cost, finding_cost, rule_cost};
pub(super) use search::{
    Diagnosis, HEAD_TRIAL_BYTES, LIKELY_BODIES, PUBLIC_TRIAL_BYTES, Search, TARGETS_PER_PUBLIC_TRIAL, TRIAL_BYTES,
    Values, reading_cost,
};
pub(super) use targets::Target;

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
        verdict.detail.push_str(&old_besides(corpse, diagnosis.cause));
        verdict.outcome = diagnosis.outcome;
    } else if verdict.cause == Some(Cause::SignatureMismatch) {
        verdict.detail = mismatch_words(corpse, &search);
    }
    // A search that was not asked for has nothing to advise.
    if !verdict.tried_fits && corpse.input.autopsy_work_bytes > 0 && next::is_open(verdict.cause) {
        verdict.check_next = next::steps(corpse, verdict.cause);
    }
}

/// Of a signature that fits something else than what came: that its time does not count any more either, which is seen next.
fn old_besides(corpse: &Corpse<'_>, cause: Cause) -> String {
    let group = cause.as_str();
    let fits = ["body-", "secret-", "url-", "encoding-", "signature-prefix", "signature-wrapped"];
    let Some(age) = corpse.evaluation.age.as_ref().filter(|_| fits.iter().any(|start| group.starts_with(start))) else {
        return String::new();
    };
    let ago = timestamp::words(age.age_s.unsigned_abs());
    match (age.past_s, age.future_s) {
        (Some(limit), _) if age.is_stale() => {
            format!("; besides, its time is {ago} old, and {} is the limit", timestamp::words(limit))
        }
        (_, Some(limit)) if age.is_future() => {
            format!("; besides, its time lies {ago} ahead, and {} is the limit", timestamp::words(limit))
        }
        _ => String::new(),
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

impl Search<'_> {
    fn run(&mut self) -> Option<Diagnosis> {
        match self.corpse.evaluation.stage {
            Stage::NoSignature(NoSignatureStage::Missing | NoSignatureStage::Empty) => {
                // What a quick check sees as well comes first, so that both say the same.
                let seen = self.wrong_header().or_else(|| others::recognised(self.corpse.input));
                return seen.or_else(|| self.other_scheme());
            }
            Stage::TimestampMissing | Stage::NoSignature(_) | Stage::SignatureMalformed | Stage::Mismatch => {
                if let Some(diagnosis) = self.rewrapped() {
                    return Some(diagnosis);
                }
            }
            _ => {}
        }
        match self.corpse.evaluation.stage {
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
}
