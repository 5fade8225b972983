//! What came of a delivery, as a line and as JSON.

use serde_json::{Value, json};

use crate::domain::delivery::Delivery;
use crate::domain::exchange::{AnswerOutcome, AttemptOutcome, Mark, Timing};
use crate::domain::judgement::success::{Fit, Success, wants};
use crate::domain::judgement::{Given, Rules, Says};
use crate::domain::printable::{clip, visible, visible_str, visible_within};
use crate::domain::quantity::duration_us;
use crate::domain::signature::Profile;
use crate::domain::time::Timestamp;

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
        let (fit, refusal) = judged(profile, &outcome, &timing);
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
                    (None, _) => format!("accepted{}", self.caveat()),
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

    /// What has to be known of a slow answer whose provider does not say how long it waits.
    fn caveat(&self) -> String {
        let took_us = answer_us(&self.timing);
        match self.profile.delivery.deadline_ms {
            None if took_us >= SLOW_US => format!(" (no deadline documented, took {})", duration_us(took_us)),
            _ => String::new(),
        }
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

/// An answer that takes so long is slow, for whoever waits.
const SLOW_US: u64 = 1_000_000;

/// From the first byte sent to the answer's last.
fn answer_us(timing: &Timing) -> u64 {
    timing.first_byte_us.map_or(timing.total_us, |first_us| first_us.saturating_add(timing.download_us.unwrap_or(0)))
}

/// What the provider makes of an answer, as of one that was captured: whether it counts as a success, and why not.
fn judged(profile: &Profile, outcome: &AttemptOutcome, timing: &Timing) -> (Fit, Option<String>) {
    let AttemptOutcome::Answered { status, headers, body, marks, .. } = outcome else {
        return (Fit::No, Some("no answer".to_owned()));
    };
    let cut_short = marks.iter().find_map(|mark| match mark {
        Mark::Incomplete { reason } => Some(format!("its body was cut short: {}", visible_str(reason))),
        _ => None,
    });
    let given = Given {
        status: Some(*status),
        outcome: if cut_short.is_some() { AnswerOutcome::Broken } else { AnswerOutcome::Sent },
        body: Some(body.bytes.clone()),
        headers: headers.clone(),
        answer_us: answer_us(timing),
        done: Timestamp::from_secs(0),
        number: None,
    };
    let judgement = Rules::of(&profile.delivery).judge(&given);
    let says = judgement.map(|judgement| judgement.says);
    if let (Some(judgement), Some(Says::TooLate)) = (judgement, says) {
        return (Fit::No, Some(judgement.words(&profile.title, &profile.delivery, &given)));
    }
    if cut_short.is_some() {
        return (Fit::No, cut_short);
    }
    let fit = match says {
        None => fit(profile, outcome),
        Some(Says::Accepted) => Fit::Yes,
        Some(Says::Depends) => Fit::Depends,
        Some(_) => Fit::No,
    };
    (fit, (fit != Fit::Yes).then(|| wants(&profile.delivery.success)))
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
