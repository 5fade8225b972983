//! The line of an attempt, version 1.

use serde::Deserialize;

use super::fields::{MarkLineV1, Text, Time, body, bytes, headers, malformed, marks, version};
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, ExchangeId, SignatureChoice, Timing};
use crate::domain::record::event::RecordError;

#[derive(Deserialize)]
pub(super) struct AttemptV1 {
    id: u64,
    number: u32,
    at: Time,
    kind: Option<String>,
    signature: Option<String>,
    origin: String,
    sent_head: Option<String>,
    sent_head_base64: Option<String>,
    sent_body: Option<String>,
    sent_body_base64: Option<String>,
    dns_us: Option<u64>,
    connect_us: Option<u64>,
    tls_us: Option<u64>,
    first_byte_us: Option<u64>,
    download_us: Option<u64>,
    #[serde(default)]
    total_us: u64,
    error: Option<String>,
    http: Option<String>,
    status: Option<u16>,
    reason: Option<String>,
    reason_base64: Option<String>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
    #[serde(default)]
    marks: Vec<MarkLineV1>,
    size: Option<u64>,
    body: Option<String>,
    body_base64: Option<String>,
}

impl AttemptV1 {
    pub(super) fn into_domain(self) -> Result<Attempt, RecordError> {
        let outcome = match (self.error, self.status) {
            (Some(message), _) => AttemptOutcome::Failed { message },
            (None, Some(status)) => AttemptOutcome::Answered {
                version: version(self.http.as_deref().unwrap_or("1.1"))?,
                status,
                reason: bytes(self.reason, self.reason_base64)?,
                headers: headers(self.headers),
                body: body(self.size, self.body, self.body_base64)?,
                marks: marks(self.marks),
            },
            (None, None) => return Err(malformed("an attempt with neither status nor error")),
        };
        Ok(Attempt {
            exchange: ExchangeId(self.id),
            number: self.number,
            at: self.at.0,
            // A word of a later version is no reason to lose the attempt.
            kind: self.kind.and_then(|word| AttemptKind::parse(&word)).unwrap_or_default(),
            sent: Outgoing {
                origin: self.origin,
                head: bytes(self.sent_head, self.sent_head_base64)?,
                body: bytes(self.sent_body, self.sent_body_base64)?,
            },
            // Nor is a word that is missing.
            signature: self.signature.and_then(|word| SignatureChoice::parse(&word)).unwrap_or(SignatureChoice::Kept),
            outcome,
            timing: Timing {
                dns_us: self.dns_us,
                connect_us: self.connect_us,
                tls_us: self.tls_us,
                first_byte_us: self.first_byte_us,
                download_us: self.download_us,
                total_us: self.total_us,
            },
        })
    }
}
