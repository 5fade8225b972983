//! The signature is another's: another provider's rule, another rule of the same provider, another header, or only some of
//! several fit.

use std::collections::HashSet;

use super::{Diagnosis, Search};
use crate::domain::headers::Headers;
use crate::domain::printable::visible;
use crate::domain::signature::check::CheckInput;
use crate::domain::signature::evaluate::{self, Evaluation};
use crate::domain::signature::found;
use crate::domain::signature::json;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, Form, Scheme};
use crate::domain::signature::template::{Source, SourceField};
use crate::domain::signature::{Cause, Outcome, Profile, Verdict, crypto};

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
    let base = Material::new(input.request);
    if same_family || input.profile.name == other.name || share_a_place(input, other, &base) {
        return None;
    }
    let mut schemes = other.schemes.iter().chain(&input.profile.schemes);
    let signed = schemes.any(|scheme| found::find(scheme, &base).none.is_none());
    let detail = format!(
        "this is a {} delivery by its headers, and the check is for {}: use --scheme {}, or look at the URL set at the provider",
        other.title, input.profile.title, other.name
    );
    let outcome = if signed { Outcome::Invalid } else { Outcome::Unsigned };
    let places = other.schemes.iter().flat_map(|scheme| &scheme.signature);
    let place = places.filter_map(|place| header_name(&place.0)).map(str::to_owned).collect();
    Some(Diagnosis { cause: Cause::OtherProvider, detail, outcome, place })
}

/// Whether the signature stands where both providers put theirs: many have the headers of Standard Webhooks or HTTP Basic,
/// and then the headers do not tell them apart.
fn share_a_place(input: &CheckInput<'_>, other: &Profile, base: &Material<'_>) -> bool {
    let own = input.profile.schemes.iter().flat_map(|scheme| &scheme.signature);
    let same = |one: &Source, another: &Source| match (one, another) {
        (Source::Header(one), Source::Header(another)) => one.eq_ignore_ascii_case(another),
        _ => one == another,
    };
    own.filter(|place| base.value(&place.0).is_some_and(|value| !value.is_empty()))
        .any(|place| other.schemes.iter().flat_map(|scheme| &scheme.signature).any(|theirs| same(&place.0, &theirs.0)))
}

impl Search<'_> {
    /// What a rule says of the request with one of the secrets; `None` when the budget is spent.
    pub(super) fn evaluated(&mut self, scheme: &Scheme, base: &Material<'_>) -> Option<Evaluation> {
        let mut best: Option<Evaluation> = None;
        for secret in self.corpse.secrets {
            let cost = super::rule_cost(scheme, base);
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
        let base = self.corpse.input.material();
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
            // A public key makes sense to a rule of public keys alone.
            let is_plain =
                scheme.algorithm.is_public() == own.algorithm.is_public() && scheme.algorithm != Algorithm::Token;
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
                "the signature fits another rule of {title} ({rule}), and the request asks for {}: the header or field that chooses the \
                 rule was changed, added or lost; have the sender, or the proxy on the way, keep it as it is",
                own.describe()
            );
            return self.invalid(cause, detail);
        }
        self.own_header_of_another_rule().or_else(|| self.wrong_header())
    }

    /// The signature of another rule of this provider, in this rule's header: the names of two headers were mixed up.
    fn own_header_of_another_rule(&mut self) -> Option<Diagnosis> {
        let own = self.corpse.closed.signature.iter().find_map(|place| header_name(&place.0))?;
        let base = self.corpse.input.material();
        let value = base.headers.get(own)?.to_vec();
        for scheme in &self.corpse.input.profile.schemes {
            let its = scheme.signature.iter().find_map(|place| header_name(&place.0));
            let Some(its) = its.filter(|its| !its.eq_ignore_ascii_case(own) && base.headers.get(its).is_none()) else {
                continue;
            };
            let mut headers = base.headers.clone();
            headers.set(its, value.clone());
            let moved = Material { headers: &headers, ..base };
            if self.evaluated(scheme, &moved).is_some_and(|evaluation| evaluation.stage.signature_fits()) {
                return self.invalid(
                    Cause::WrongHeader,
                    format!(
                        "the right signature is in {own}, and it belongs in {its}: have the sender name that header"
                    ),
                );
            }
        }
        None
    }

    /// The same secret by the rule of another provider.
    pub(super) fn other_scheme(&mut self) -> Option<Diagnosis> {
        let own = self.corpse.closed;
        self.tried.push("the rules of all other providers whose signature header is there".into());
        let own_rule = rule_key(own);
        let mut known = HashSet::from([own_rule]);
        let base = Material { key: self.material.secret, ..self.corpse.input.material() };
        let own_name = &self.corpse.input.profile.name;
        let mut others: Vec<&Profile> =
            self.corpse.input.profiles.iter().map(|one| &**one).filter(|one| one.name != *own_name).collect();
        // Those whose requests look like this one first, then those whose rule others took over; the order of names says nothing.
        let request = self.corpse.input.request;
        others.sort_by_cached_key(|one| (!one.recognises(request), std::cmp::Reverse(one.copied_by_others)));
        for profile in &others {
            for scheme in &profile.schemes {
                let is_shared = !scheme.algorithm.is_public() && scheme.algorithm != Algorithm::Token;
                let applies = || scheme.when.iter().all(|condition| base.holds(condition));
                let looking = super::finding_cost(scheme, &base);
                if is_shared && looking > 0 && !self.pay(looking) {
                    return None;
                }
                if !is_shared
                    || found::find(scheme, &base).none.is_some()
                    || !applies()
                    || !known.insert(rule_key(scheme))
                {
                    continue;
                }
                if self.holds_by(scheme) {
                    let key = rule_key(scheme);
                    let alike: Vec<&str> = others
                        .iter()
                        .filter(|one| {
                            one.name != profile.name && one.schemes.iter().any(|scheme| rule_key(scheme) == key)
                        })
                        .map(|one| one.title.as_str())
                        .collect();
                    let detail = format!(
                        "the signature fits as {} ({}), with the same secret, and the check is for {}: use --scheme {}{}",
                        signers(&profile.title, &alike),
                        scheme.describe(),
                        self.corpse.input.profile.title,
                        profile.name,
                        if alike.is_empty() { "" } else { ", or the one of them that sends this" }
                    );
                    let outcome = self.signed_outcome();
                    return Some(Diagnosis { cause: Cause::OtherProvider, detail, outcome, place: Vec::new() });
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
        if !holders.is_empty() {
            let before = std::mem::replace(&mut self.targets, targets);
            let at = keys.iter().find_map(|key| self.fits(key, &self.material.clone()));
            self.targets = before;
            if let Some(holder) = at.and_then(|at| holders.get(at)) {
                return self.renamed(&holder.name);
            }
        }
        let moved = self.moved_lists();
        let name = moved.into_iter().find(|(_, headers)| {
            let base = Material { headers, ..self.corpse.input.material() };
            self.evaluated(self.corpse.closed, &base).is_some_and(|evaluation| evaluation.stage.signature_fits())
        });
        self.renamed(name?.0.as_bytes())
    }

    /// For schemes whose header is a list, which may hold the signed time as well, or a token: the headers with another one in
    /// the place of the scheme's own, as far as it reads as such.
    pub(super) fn moved_lists(&self) -> Vec<(String, Headers)> {
        let closed = self.corpse.closed;
        let is_token = matches!(closed.form, Form::Jwt(_));
        let Some(own) = closed
            .signature
            .iter()
            .find_map(|place| header_name(&place.0))
            .filter(|_| closed.list.is_some() || is_token)
        else {
            return Vec::new();
        };
        let base = Material::new(self.corpse.input.request);
        // A token begins with `{"` in base64url (RFC 7515 section 3.1).
        let reads = |value: &[u8]| !is_token || memchr::memmem::find(value, b"eyJ").is_some();
        let others = base.headers.iter().filter(|header| !header.name.eq_ignore_ascii_case(own.as_bytes()));
        let others = others.filter(|header| reads(&header.value));
        let moved = others.take(200).filter_map(|header| {
            let mut headers = base.headers.clone();
            headers.set(own, header.value.clone());
            let found = found::find(closed, &Material { headers: &headers, ..base });
            let long = found.signatures.iter().any(|text| text.len() >= SIGNATURE_CHARACTERS_MIN);
            long.then(|| (String::from_utf8_lossy(&header.name).into_owned(), headers))
        });
        moved.take(MOVED_MAX).collect()
    }

    fn renamed(&self, name: &[u8]) -> Option<Diagnosis> {
        // Where the header is that of a provider who is recognised, that says more.
        let is_its = |other: &Diagnosis| other.place.iter().any(|place| name.eq_ignore_ascii_case(place.as_bytes()));
        if let Some(other) = recognised(self.corpse.input).filter(is_its) {
            return Some(other);
        }
        let detail = format!(
            "the right signature is in header {}, not in {}: something renamed it, or the scheme names another header; send it in the one \
             that is named",
            visible(name),
            self.corpse.scheme.place()
        );
        self.invalid(Cause::WrongHeader, detail)
    }
}

/// Shorter texts in a list are no signatures.
const SIGNATURE_CHARACTERS_MIN: usize = 20;
/// Headers that may be a list which was renamed; more are not looked at.
const MOVED_MAX: usize = 4;

fn header_name(source: &Source) -> Option<&str> {
    match source {
        Source::Header(name) => Some(name),
        _ => None,
    }
}

/// `GitHub signs`, `GitHub and Meta sign`, `GitHub, Meta and 2 more sign`.
fn signers(title: &str, alike: &[&str]) -> String {
    match alike {
        [] => format!("{title} signs"),
        [one] => format!("{title} and {one} sign"),
        [one, rest @ ..] => format!("{title}, {one} and {} more sign", rest.len()),
    }
}

/// What two schemes must have alike to come to the same.
pub(in crate::domain::signature) fn rule_key(scheme: &Scheme) -> String {
    let message = scheme.message.as_ref().map(|message| message.text.as_str());
    format!(
        "{:?}",
        (&scheme.signature, &scheme.prefix, &scheme.list, scheme.algorithm, scheme.encoding, &scheme.key, message)
    )
}
