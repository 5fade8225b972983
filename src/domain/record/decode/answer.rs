//! The line of an answer, version 1.

use serde::Deserialize;

use super::fields::{Text, Time, body, bytes, headers, malformed};
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId, Timing};
use crate::domain::forward::Forwarded;
use crate::domain::record::event::RecordError;
use crate::domain::reply::{Choice, ChosenBy, Step, Wrong};

#[derive(Deserialize)]
pub(super) struct AnswerV1 {
    id: u64,
    at: Time,
    begun: Option<Time>,
    outcome: String,
    status: Option<u16>,
    #[serde(default)]
    rule: String,
    by: Option<String>,
    step: Option<u32>,
    steps: Option<u32>,
    #[serde(default)]
    passed: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    origin: Option<String>,
    sent_head: Option<String>,
    sent_head_base64: Option<String>,
    dns_us: Option<u64>,
    connect_us: Option<u64>,
    tls_us: Option<u64>,
    first_byte_us: Option<u64>,
    download_us: Option<u64>,
    #[serde(default)]
    total_us: u64,
    error: Option<String>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
    size: Option<u64>,
    body: Option<String>,
    body_base64: Option<String>,
    #[serde(default)]
    queued: bool,
    wrong: Option<String>,
    #[serde(default)]
    wrong_of: u64,
    wrong_length: Option<u64>,
}

impl AnswerV1 {
    pub(super) fn into_domain(self) -> Result<Answer, RecordError> {
        let forwarded = match self.origin {
            None => None,
            Some(origin) => Some(Box::new(Forwarded {
                origin,
                head: bytes(self.sent_head, self.sent_head_base64)?,
                timing: Timing {
                    dns_us: self.dns_us,
                    connect_us: self.connect_us,
                    tls_us: self.tls_us,
                    first_byte_us: self.first_byte_us,
                    download_us: self.download_us,
                    total_us: self.total_us,
                },
                error: self.error,
            })),
        };
        let choice = Choice {
            // A word of a later version is no reason to lose the answer.
            by: self.by.and_then(|word| ChosenBy::parse(&word)).unwrap_or_default(),
            step: self.step.zip(self.steps).map(|(number, of)| Step { number, of }),
            passed: self.passed,
            notes: self.notes,
            forwarded,
            is_queued: self.queued,
            wrong: self.wrong.and_then(|word| Wrong::parse(&word, self.wrong_of, self.wrong_length)),
        };
        Ok(Answer {
            exchange: ExchangeId(self.id),
            begun: self.begun.map(|time| time.0),
            done: self.at.0,
            outcome: AnswerOutcome::parse(&self.outcome).ok_or_else(|| malformed("an unknown outcome"))?,
            status: self.status,
            headers: headers(self.headers),
            body: body(self.size, self.body, self.body_base64)?,
            rule: self.rule,
            choice: (!choice.is_plain()).then(|| Box::new(choice)),
        })
    }
}
