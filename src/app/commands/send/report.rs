//! What came of a delivery, as a line and as JSON.

use serde_json::{Value, json};

use crate::domain::delivery::Delivery;
use crate::domain::exchange::{AttemptOutcome, Timing};
use crate::domain::judgement::success::{Fit, Success, wants};
use crate::domain::printable::{clip, visible, visible_str, visible_within};
use crate::domain::quantity::duration_us;
use crate::domain::signature::Profile;

/// Columns of an answer's body on a line where nobody says how wide it is.
const BODY_COLUMNS_MAX: usize = 200;
/// Bytes of an answer's body in JSON.
const BODY_BYTES_MAX: usize = 64 << 10;

/// One delivery and its answer.
pub struct Reported<'a> {
    profile: &'a Profile,
    delivery: &'a Delivery,
    signed: bool,
    outcome: AttemptOutcome,
    timing: Timing,
    /// Whether it counts as a success.
    pub fit: Fit,
    /// Why it does not, or on what it depends.
    refusal: Option<String>,
}

impl<'a> Reported<'a> {
    /// Judges the answer by the provider's own rule.
    pub fn new(
        profile: &'a Profile,
        delivery: &'a Delivery,
        signed: bool,
        (outcome, timing): (AttemptOutcome, Timing),
    ) -> Self {
        let fit = fit(profile, &outcome);
        let refusal = match (&outcome, fit) {
            (AttemptOutcome::Failed { .. }, _) => Some("no answer".to_owned()),
            (_, Fit::Yes) => None,
            (_, Fit::No | Fit::Depends) => Some(wants(&profile.delivery.success)),
        };
        Self { profile, delivery, signed, outcome, timing, fit, refusal }
    }

    /// `200 OK in 2.1 ms  payment_intent.succeeded evt_1  accepted: {"received":true}`
    pub fn line(&self, columns: Option<usize>) -> String {
        let (_, brief, _) = answer_of(&self.outcome, &self.timing);
        let event = self.delivery.event.as_deref().unwrap_or("-");
        let id = self.delivery.id.as_deref().map(|id| format!(" {}", visible_str(id))).unwrap_or_default();
        let (verdict, body) = match &self.outcome {
            AttemptOutcome::Answered { body, .. } => {
                let verdict = match (&self.refusal, self.fit) {
                    (None, _) => "accepted".to_owned(),
                    (Some(why), Fit::Depends) => format!("accepted if the rest is right ({why})"),
                    (Some(why), _) => format!("not accepted ({why})"),
                };
                (verdict, visible_within(&body.bytes, columns.unwrap_or(BODY_COLUMNS_MAX)))
            }
            AttemptOutcome::Failed { .. } => ("not accepted".to_owned(), String::new()),
        };
        let body = if body.is_empty() { body } else { format!(": {body}") };
        let line = format!("{brief}  {}{id}  {verdict}{body}", visible_str(event));
        columns.map_or_else(|| line.clone(), |columns| clip(&line, columns).into_owned())
    }

    /// The same as an object.
    pub fn json(&self) -> Value {
        let (status, _, text) = answer_of(&self.outcome, &self.timing);
        let error = match &self.outcome {
            AttemptOutcome::Failed { message } => Some(visible(message.as_bytes())),
            AttemptOutcome::Answered { .. } => None,
        };
        json!({
            "provider": self.profile.name,
            "event": self.delivery.event,
            "id": self.delivery.id,
            "method": String::from_utf8_lossy(&self.delivery.request.method),
            "url": self.delivery.url,
            "signed": self.signed,
            "status": status,
            "ms": self.timing.total_us.div_ceil(1000),
            "accepted": (self.fit != Fit::Depends).then_some(self.fit == Fit::Yes),
            "why": self.refusal,
            "answer": text,
            "error": error,
        })
    }
}

/// Whether an answer counts as a success for the provider, by the same words that captured answers are judged by.
pub fn fit(profile: &Profile, outcome: &AttemptOutcome) -> Fit {
    match outcome {
        AttemptOutcome::Answered { status, body, .. } => {
            Success::read_or_2xx(&profile.delivery.success).fit(*status, Some(&body.bytes))
        }
        AttemptOutcome::Failed { .. } => Fit::No,
    }
}

/// Status, `200 OK in 2.1 ms` (or why there is none), and the body as text.
pub fn answer_of(outcome: &AttemptOutcome, timing: &Timing) -> (Option<u16>, String, Option<String>) {
    match outcome {
        AttemptOutcome::Answered { status, reason, body, .. } => {
            let reason = visible(reason);
            let blank = if reason.is_empty() { "" } else { " " };
            let bytes = body.bytes.get(..BODY_BYTES_MAX).unwrap_or(&body.bytes);
            let brief = format!("{status}{blank}{reason} in {}", duration_us(timing.total_us));
            (Some(*status), brief, Some(String::from_utf8_lossy(bytes).into_owned()))
        }
        AttemptOutcome::Failed { message } => (None, visible(message.as_bytes()), None),
    }
}
