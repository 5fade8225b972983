//! The signature is another's: another provider's rule, another rule of the same provider, another header, or only some of
//! several fit.

use std::collections::HashSet;

use super::{Diagnosis, Search};
use crate::domain::printable::visible;
use crate::domain::signature::check::CheckInput;
use crate::domain::signature::evaluate::{self, Evaluation};
use crate::domain::signature::found;
use crate::domain::signature::json;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, Scheme};
use crate::domain::signature::template::{Source, SourceField};
use crate::domain::signature::{Cause, Outcome, Verdict, crypto};

/// When another provider is recognised, that is the cause; for requests without this provider's signature.
pub fn name_recognised(input: &CheckInput<'_>, verdict: &mut Verdict) {
    if let Some(diagnosis) = recognised(input) {
        verdict.cause = Some(diagnosis.cause);
        verdict.detail = diagnosis.detail;
        verdict.outcome = diagnosis.outcome;
    }
}

pub(super) fn recognised(input: &CheckInput<'_>) -> Option<Diagnosis> {
    // First, because it is nearly always so, and asking all profiles is dear.
    if input.profile.recognises(input.request) {
        return None;
    }
    let other = input.profiles.recognise(input.request)?;
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

impl Search<'_> {
    /// What a rule says of the request with one of the secrets; `None` when the budget is spent.
    fn evaluated(&mut self, scheme: &Scheme, base: &Material<'_>) -> Option<Evaluation> {
        let cost = super::TRIAL_BYTES + base.body.len() as u64;
        let mut best: Option<Evaluation> = None;
        for secret in self.corpse.secrets {
            if !self.pay(cost) {
                return best;
            }
            let base = Material { key: Some(secret.expose()), ..*base };
            let now = self.corpse.input.now;
            let evaluation = evaluate::evaluate(scheme, &base, secret.expose(), &self.corpse.url.url, now);
            if evaluation.stage.signature_fits() {
                self.fits = true;
                return Some(evaluation);
            }
            best = best.or(Some(evaluation));
        }
        best
    }

    fn holds_by(&mut self, scheme: &Scheme) -> bool {
        let base = Material::new(self.corpse.input.request);
        self.evaluated(scheme, &base).is_some_and(|evaluation| evaluation.stage.signature_fits())
    }

    /// Schemes that sign each element of an array: some of them fit, and some do not.
    pub(super) fn partly(&mut self) -> Option<Diagnosis> {
        let Some(SourceField(Source::Json(path))) = &self.corpse.closed.each else { return None };
        self.tried.push("each item by itself".into());
        let alone = Scheme { each: None, ..self.corpse.closed.clone() };
        let whole = Material::new(self.corpse.input.request);
        let elements = json::elements(whole.body, path);
        let mut failing = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let evaluation = self.evaluated(&alone, &Material { body: element, ..whole })?;
            if !evaluation.stage.signature_fits() {
                failing.push((at + 1).to_string());
            }
        }
        let fitting = elements.len() - failing.len();
        if fitting == 0 || failing.is_empty() {
            self.fits = false;
            return None;
        }
        let detail = format!(
            "{fitting} of {} items fit, and item {} does not: the secret is right, and that item was changed or not signed \
             like the others",
            elements.len(),
            failing.join(", ")
        );
        self.invalid(Cause::SignaturePartial, detail)
    }

    /// Another signature of the same request fits: one by another rule of this provider, or the right one in another
    /// header.
    pub(super) fn other_places(&mut self) -> Option<Diagnosis> {
        let title = &self.corpse.input.profile.title;
        let own = self.corpse.closed;
        for scheme in self.corpse.input.profile.schemes.iter().filter(|scheme| *scheme != own) {
            let is_plain = !scheme.algorithm.is_public() && scheme.algorithm != Algorithm::Token;
            if !is_plain || !self.holds_by(scheme) {
                continue;
            }
            let (place, rule) = (scheme.place(), scheme.describe());
            if place != own.place() {
                let detail = format!(
                    "only some of several signatures fit: the one in {place} does ({rule}), the one in {}, which counts, does not: it was \
                     changed on the way, or made by another rule",
                    own.place()
                );
                return self.invalid(Cause::SignaturePartial, detail);
            }
            let cause = match scheme.algorithm == own.algorithm {
                true => Cause::MessageDiffers,
                false => Cause::AlgorithmDiffers,
            };
            let detail = format!(
                "the signature fits another rule of {title} ({rule}), and the request asks for {}: a header that chooses the rule was \
                 added or lost",
                own.describe()
            );
            return self.invalid(cause, detail);
        }
        self.wrong_header()
    }

    /// The same secret by the rule of another provider.
    pub(super) fn other_scheme(&mut self) -> Option<Diagnosis> {
        let (own, request) = (self.corpse.closed, self.corpse.input.request);
        self.tried.push("the rules of all other providers whose signature header is there".into());
        let own_rule = rule_key(own);
        let mut known = HashSet::from([own_rule]);
        let base = Material { key: self.material.secret, ..Material::new(request) };
        for profile in self.corpse.input.profiles.iter().filter(|one| one.name != self.corpse.input.profile.name) {
            for scheme in &profile.schemes {
                let is_shared = !scheme.algorithm.is_public() && scheme.algorithm != Algorithm::Token;
                let applies = || scheme.when.iter().all(|condition| base.holds(condition));
                if !is_shared
                    || found::find(scheme, &base).none.is_some()
                    || !applies()
                    || !known.insert(rule_key(scheme))
                {
                    continue;
                }
                if self.holds_by(scheme) {
                    let detail = format!(
                        "the signature fits as {} signs ({}), with the same secret, and the check is for {}: use --scheme {}",
                        profile.title,
                        scheme.describe(),
                        self.corpse.input.profile.title,
                        profile.name
                    );
                    return Some(Diagnosis { cause: Cause::OtherProvider, detail, outcome: self.signed_outcome() });
                }
            }
        }
        None
    }

    /// A request without this provider's signature stays unsigned by this provider's rule, whoever else signed it.
    fn signed_outcome(&self) -> Outcome {
        if self.corpse.evaluation.found.none.is_some() { Outcome::Unsigned } else { Outcome::Invalid }
    }

    pub(super) fn wrong_header(&mut self) -> Option<Diagnosis> {
        self.tried.push("every other header".into());
        let own: Vec<&str> = self.corpse.closed.signature.iter().filter_map(|place| header_name(&place.0)).collect();
        let is_own = |name: &[u8]| own.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()));
        let headers = self.material.headers.iter().filter(|header| !is_own(&header.name)).take(200);
        let keys = self.exact_keys();
        if self.corpse.scheme.algorithm == Algorithm::Token {
            let mut headers = headers;
            let holder = headers.find(|header| keys.iter().any(|key| crypto::equal(&header.value, key)))?;
            return self.renamed(&holder.name);
        }
        // All headers at once: one digest for each key, however many headers there are.
        let all = headers
            .flat_map(|header| super::targets::of_value(&header.value).into_iter().map(move |one| (header, one)));
        let (holders, targets): (Vec<_>, Vec<_>) = all.take(super::steps::TARGETS_MAX).unzip();
        if holders.is_empty() {
            return None;
        }
        let before = std::mem::replace(&mut self.targets, targets);
        let at = keys.iter().find_map(|key| self.fits(key, &self.material.clone()));
        self.targets = before;
        self.renamed(&holders.get(at?)?.name)
    }

    fn renamed(&self, name: &[u8]) -> Option<Diagnosis> {
        let detail = format!(
            "the right signature is in header {}, not in {}: something renamed it, or the scheme names another header",
            visible(name),
            self.corpse.scheme.place()
        );
        self.invalid(Cause::WrongHeader, detail)
    }
}

fn header_name(source: &Source) -> Option<&str> {
    match source {
        Source::Header(name) => Some(name),
        _ => None,
    }
}

/// What two schemes must have alike to come to the same.
fn rule_key(scheme: &Scheme) -> String {
    let message = scheme.message.as_ref().map(|message| message.text.as_str());
    format!(
        "{:?}",
        (&scheme.signature, &scheme.prefix, &scheme.list, scheme.algorithm, scheme.encoding, &scheme.key, message)
    )
}
