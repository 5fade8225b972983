//! The HTTP client of a resend: sends exactly the bytes it is given and reports what came back, and how long each step took.
//!
//! No HTTP library stands between: one that is given a head rewrites it, and says of an answer's head less than came. The steps
//! are look-up, connect, TLS (`connect`), the exchange (`open`), and what the answer is (`answer`). No redirect is followed,
//! nothing is tried twice.

pub(in crate::io) mod answer;
pub mod connect;
pub(in crate::io) mod open;
pub(in crate::io) mod patience;
pub(in crate::io) mod stream;
mod target;
mod tls;
mod trust;

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::Instant as TokioInstant;

use self::connect::{Found, connect};
use self::open::{Open, Room};
use self::patience::Patience;
pub use target::Target;
pub use trust::Trust;

use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Timing};
use crate::domain::timing::micros;

/// Bounds of one attempt.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Name look-up, TCP connect and TLS handshake together. Default 10 s.
    pub connect: Duration,
    /// The whole attempt. Default 30 s.
    pub total: Duration,
    /// Body bytes of the answer that are kept. Default 10 MiB.
    pub answer_bytes_max: usize,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// Ends the attempt when it turns true; what came until then is kept.
    pub stop: Option<watch::Receiver<bool>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            answer_bytes_max: 10 << 20,
            trust: Trust::System,
            stop: None,
        }
    }
}

/// Looks the target of an origin (`http://host:port`) up, for [`send_to`].
///
/// # Errors
/// In words: what was tried, what happened, what to do.
pub async fn find(origin: &str, limits: &Limits) -> Result<Found, String> {
    connect::find(Target::parse(origin)?, TokioInstant::now() + limits.connect.min(limits.total)).await
}

/// [`find`] and [`send_to`] together, for targets that need no leave.
pub async fn send(outgoing: &Outgoing, limits: &Limits) -> (AttemptOutcome, Timing) {
    let begun = Instant::now();
    match find(&outgoing.origin, limits).await {
        Ok(found) => send_to(&found, outgoing, limits).await,
        Err(message) => {
            (AttemptOutcome::Failed { message }, Timing { total_us: micros(begun.elapsed()), ..Timing::default() })
        }
    }
}

/// Sends to one of the addresses that were found and waits for the answer. Never looks anything up, never follows a
/// redirect, never retries, never takes longer than the limits.
///
/// Whatever happens is an outcome: there is no error beside it. Dropping the future closes the connection.
pub async fn send_to(found: &Found, outgoing: &Outgoing, limits: &Limits) -> (AttemptOutcome, Timing) {
    let begun = Instant::now();
    let mut timing = Timing::default();
    let outcome = match attempt(found, outgoing, limits, &mut timing).await {
        Ok(outcome) => outcome,
        Err(message) => AttemptOutcome::Failed { message },
    };
    timing.total_us = micros(begun.elapsed()).saturating_add(timing.dns_us.unwrap_or(0));
    (outcome, timing)
}

async fn attempt(
    found: &Found,
    outgoing: &Outgoing,
    limits: &Limits,
    timing: &mut Timing,
) -> Result<AttemptOutcome, String> {
    let mut patience = Patience::new(limits.total, limits.stop.clone());
    let mut open = open(found, limits, &mut patience, timing).await?;
    let room = Room { bytes_max: limits.answer_bytes_max, budget: None };
    open.exchange(found.target(), outgoing, room, &mut patience, timing).await
}

/// Connects to one of the addresses that were found.
///
/// # Errors
/// In words: what was tried, what happened, what to do.
pub(in crate::io) async fn open(
    found: &Found,
    limits: &Limits,
    patience: &mut Patience,
    timing: &mut Timing,
) -> Result<Open, String> {
    let target = found.target();
    let connected_by = TokioInstant::now() + limits.connect.min(limits.total);
    let stream = patience
        .wait(connect(found, &limits.trust, connected_by, timing))
        .await
        .map_err(|cut| format!("no connection to {} {}", target.shown(), cut.words()))??;
    Ok(Open::new(stream))
}
