//! The HTTP client of a resend: sends exactly the bytes it is given and reports what came back, and how long each step took.

use std::time::Duration;

use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Timing};

/// Bounds of one attempt.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Name look-up, TCP connect and TLS handshake together. Default 10 s.
    pub connect: Duration,
    /// The whole attempt. Default 30 s.
    pub total: Duration,
    /// Body bytes of the answer that are kept. Default 10 MiB.
    pub answer_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30), answer_bytes_max: 10 << 20 }
    }
}

/// Sends and waits for the answer. Never follows a redirect, never retries, never takes longer than the limits.
///
/// Whatever happens is an outcome: there is no error beside it. Dropping the future closes the connection.
pub async fn send(outgoing: &Outgoing, limits: &Limits) -> (AttemptOutcome, Timing) {
    let _ = limits;
    let message = format!("could not send to {}: not able to yet", outgoing.origin);
    (AttemptOutcome::Failed { message }, Timing::default())
}
