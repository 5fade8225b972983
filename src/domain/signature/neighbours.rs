//! Signatures that belong to another request of the session: bodies that were mixed up on the way, or a signature that was
//! taken from one delivery and put on another. Asked only once nothing else explains a failed check, because the other
//! requests have to be fetched for it.

use std::sync::Arc;

use super::autopsy;
use super::check::{self, CheckInput};
use super::evaluate::{self, Evaluation};
use super::found;
use super::material::Material;
use super::scheme::{Algorithm, Scheme};
use super::{Cause, Outcome, Secret, Verdict};
use crate::domain::exchange::Request;
use crate::domain::printable::visible_within;

/// Other requests that are looked at, the likeliest first.
pub const NEIGHBOURS_MAX: usize = 64;
/// Bytes of these all together.
pub const NEIGHBOURS_BYTES_MAX: usize = 8 << 20;
/// Work that the search may do, in bytes hashed or so, beside that of the autopsy before it.
const WORK_BYTES: u64 = CheckInput::AUTOPSY_WORK_BYTES / 6;
/// Columns of a target in the words.
const TARGET_COLUMNS_MAX: usize = 60;

/// Whether a verdict leaves open what other requests may answer.
pub fn may_explain(verdict: &Verdict) -> bool {
    let is_open = matches!(
        verdict.cause,
        Some(
            Cause::SignatureMismatch
                | Cause::BodyHash
                | Cause::BodyMissing
                | Cause::BodyCut
                | Cause::UrlHash
                | Cause::UrlUnknown
        )
    );
    verdict.outcome == Outcome::Invalid && is_open && !verdict.is_first_look
}

/// Looks whether the signature belongs to one of `others`, and names that one as the cause. [`may_explain`] says whether to ask.
pub fn examine(input: &CheckInput<'_>, others: &[Arc<Request>], verdict: &mut Verdict) {
    let request = input.request;
    let is_other = |other: &&Arc<Request>| other.id != request.id && other.is_whole() && other.refused().is_none();
    let others: Vec<&Request> = others.iter().filter(is_other).take(NEIGHBOURS_MAX).map(Arc::as_ref).collect();
    if others.is_empty() || !request.is_whole() {
        return;
    }
    let mut search = Search { input, own: Vec::new(), work_bytes: WORK_BYTES, count: 0 };
    search.own = search.signatures(request).unwrap_or_default();
    let found = search.copied(&others).or_else(|| search.exchanged(&others));
    verdict.tried.push(format!("the bodies and signatures of {} other requests of this session", others.len()));
    let before = verdict.tried_count;
    verdict.tried_count = before.saturating_add(search.count);
    let Some(found) = found else {
        // One search, one number.
        verdict.detail = verdict.detail.replacen(&autopsy::none_of(before), &autopsy::none_of(verdict.tried_count), 1);
        return;
    };
    verdict.belongs_to = Some(found.other.id);
    (verdict.cause, verdict.detail) = (Some(Cause::SignatureOfAnotherRequest), found.words());
    verdict.tried_fits = true;
    verdict.check_next.clear();
}

/// What was found of another request.
struct Found<'a> {
    other: &'a Request,
    how: How,
}

enum How {
    /// It carries the same signature, which fits it.
    Copied,
    /// The same, and it is the same delivery: its bodies differ from this byte on, counted from 1.
    SameDelivery(usize),
    /// Its body fits this request's signature.
    Exchanged,
}

impl Found<'_> {
    fn words(&self) -> String {
        let (id, what) = (self.other.id.0, described(self.other));
        match self.how {
            How::Copied => format!(
                "this is the signature of request {id} ({what}), which it fits: it was put on another request than it was made for. \
                 A sender that keeps headers from one delivery to the next does this, and so does whoever replays a captured \
                 signature; a receiver must refuse it"
            ),
            How::SameDelivery(at_byte) => format!(
                "the same delivery came as request {id} ({what}) too, and this signature fits that one: the body that came here is another \
                 from byte {at_byte} on. Something changed it on the way, or somebody sent the delivery again with a body of their own"
            ),
            How::Exchanged => format!(
                "the signature fits the body of request {id} ({what}), not the one that came with it: secret and signature are \
                 right, the bodies were mixed up. Look at what builds or passes on several deliveries at once: a shared buffer, a \
                 queue that keeps body and headers apart, a loop that signs one and sends the next"
            ),
        }
    }
}

struct Search<'a> {
    input: &'a CheckInput<'a>,
    /// The signatures of the request itself.
    own: Vec<Vec<u8>>,
    work_bytes: u64,
    count: u32,
}

impl<'a> Search<'a> {
    /// Another request has this very signature, and holds.
    fn copied<'o>(&mut self, others: &[&'o Request]) -> Option<Found<'o>> {
        if self.own.is_empty() {
            return None;
        }
        let carries = |search: &mut Self, other: &Request| {
            search.signatures(other).is_some_and(|all| all.iter().any(|one| search.own.contains(one)))
        };
        let same: Vec<&'o Request> = others.iter().copied().filter(|other| carries(self, other)).collect();
        let other = same.into_iter().find(|other| self.holds(other))?;
        let delivery = |request| self.input.profile.delivery_id(request);
        let is_same = delivery(other).is_some_and(|id| delivery(self.input.request) == Some(id));
        let (one, two) = (&self.input.request.body.bytes, &other.body.bytes);
        let how = match is_same && one != two {
            true => How::SameDelivery(one.iter().zip(two.iter()).take_while(|(a, b)| a == b).count() + 1),
            false => How::Copied,
        };
        Some(Found { other, how })
    }

    /// Another request's body, or its body and target, under the headers of this one.
    fn exchanged<'o>(&mut self, others: &[&'o Request]) -> Option<Found<'o>> {
        let own = self.input.request;
        let mut seen: Vec<(&[u8], &[u8])> = Vec::new();
        for other in others {
            let key = (&*other.body.bytes, &*other.target);
            if other.body.bytes == own.body.bytes && other.target == own.target || seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let at_its_place = Request { body: other.body.clone(), target: other.target.clone(), ..own.clone() };
            let at_our_place = Request { body: other.body.clone(), ..own.clone() };
            let is_elsewhere = other.target != own.target;
            if self.holds_as_ours(&at_our_place) || (is_elsewhere && self.holds_as_ours(&at_its_place)) {
                return Some(Found { other, how: How::Exchanged });
            }
        }
        None
    }

    /// The signatures of a request, as they are written; `None` when there is no work left to look for them.
    fn signatures(&mut self, request: &Request) -> Option<Vec<Vec<u8>>> {
        let base = Material::new(request);
        let plain = |scheme: &&Scheme| scheme.algorithm != Algorithm::Token;
        let schemes: Vec<&Scheme> = self.applicable(request, b"")?.into_iter().filter(plain).collect();
        self.pay(schemes.iter().map(|scheme| autopsy::finding_cost(scheme, &base)).sum())?;
        let all = schemes.into_iter().flat_map(|scheme| found::find(scheme, &base).signatures);
        Some(all.filter(|text| !text.is_empty()).collect())
    }

    /// As [`check::applicable`], paid for: conditions read the body too.
    fn applicable(&mut self, request: &Request, secret: &[u8]) -> Option<Vec<&'a Scheme>> {
        let base = Material::new(request);
        let schemes = &self.input.profile.schemes;
        self.pay(schemes.iter().map(|scheme| autopsy::conditions_cost(scheme, &base)).sum())?;
        Some(check::applicable(self.input.profile, request, secret))
    }

    /// Takes this from the work that is left; `None` when that is not enough, or nobody waits any more.
    fn pay(&mut self, cost: u64) -> Option<()> {
        if self.input.is_stopped() {
            return None;
        }
        self.work_bytes = self.work_bytes.checked_sub(cost)?;
        Some(())
    }

    /// As [`Self::holds`], by the signature that we have: one that stands in the body came with that.
    fn holds_as_ours(&mut self, exchanged: &Request) -> bool {
        self.signatures(exchanged).is_some_and(|all| all == self.own) && self.holds(exchanged)
    }

    /// Whether the exact rule holds with one of the secrets, whatever its age.
    fn holds(&mut self, request: &Request) -> bool {
        let input = CheckInput { request, sorted: None, ..*self.input };
        let url = check::checked_url(&input);
        input.secrets.iter().filter(|secret| !secret.expose().is_empty()).any(|secret| {
            let schemes = self.applicable(request, secret.expose());
            schemes.into_iter().flatten().any(|scheme| self.holds_by(scheme, &input, secret, &url.url))
        })
    }

    fn holds_by(&mut self, scheme: &Scheme, input: &CheckInput<'_>, secret: &Secret, url: &[u8]) -> bool {
        if scheme.algorithm == Algorithm::Token {
            return false;
        }
        let base = Material { key: Some(secret.expose()), ..input.material() };
        evaluate::accepted_urls(scheme, url).iter().any(|url| {
            if self.pay(autopsy::rule_cost(scheme, &base)).is_none() {
                return false;
            }
            self.count += 1;
            let Evaluation { stage, .. } = evaluate::evaluate(scheme, &base, secret.expose(), url, input.now);
            stage.signature_fits()
        })
    }
}

fn described(request: &Request) -> String {
    let method = visible_within(&request.method, 16);
    format!("{method} {}", visible_within(&request.target, TARGET_COLUMNS_MAX))
}

#[cfg(test)]
mod tests;
