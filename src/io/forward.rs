//! Sending captured requests on to the user's own app, over connections that stay open.
//!
//! What goes out is the sender's ([`super::sender`]): exactly the bytes it is given. Ours are the connections kept between two
//! requests (`pool`), and the bounds: answers that are endless, slow or torn off never reach whoever waits for them.

pub mod behind;
mod health;
mod pool;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::sender::connect::{Found, micros};
use super::sender::open::Budget;
use super::sender::patience::Patience;
use super::sender::{Limits, Trust, open};
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Mark, Request, Timing};
use crate::domain::forward::{Health, Target, head};

use health::Healths;
use pool::Pool;

/// Look-up, TCP connect and TLS handshake together, at most.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// For a question whether an app listens.
const PROBE_WITHIN: Duration = Duration::from_secs(1);
/// Bytes of one answer's body that are taken.
pub const ANSWER_BYTES_MAX: usize = 10 << 20;
/// Bytes of it that are kept.
pub const ANSWER_BYTES_KEPT: usize = 1 << 20;
/// Requests that wait for apps at once.
pub const UNDER_WAY_MAX: usize = 1024;
/// Bytes of their bodies together.
const BODIES_BYTES_MAX: usize = 128 << 20;
/// Bytes of answers that are being read, together.
const ANSWERS_BYTES_MAX: usize = 128 << 20;

/// Who says where a target is, and whether it may be sent to.
pub trait Gate: Send + Sync {
    /// Looks an origin (`http://host:port`) up; the addresses that may be connected to.
    ///
    /// # Errors
    /// In words: it cannot be found, or must not be sent to.
    fn way<'a>(&'a self, origin: &'a str, limits: &'a Limits) -> Way<'a>;
}

/// What a [`Gate`] comes to say.
pub type Way<'a> = Pin<Box<dyn Future<Output = Result<Found, String>> + Send + 'a>>;

/// What sends requests on. Clones share its connections.
#[derive(Clone)]
pub struct Forwarder(Arc<Inner>);

struct Inner {
    gate: Arc<dyn Gate>,
    pool: Pool,
    healths: Healths,
    under_way: AtomicUsize,
    /// Room for bodies that wait until their app answers.
    bodies: Budget,
    /// Room for answers that are being read.
    answers: Budget,
}

impl fmt::Debug for Forwarder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarder").field("under_way", &self.0.under_way).finish_non_exhaustive()
    }
}

/// What came of sending a request on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What went out; its body is empty, because it is the request's.
    pub outgoing: Outgoing,
    /// What came back: a whole answer, or why there is none.
    pub outcome: AttemptOutcome,
    /// Where the time went.
    pub timing: Timing,
    /// Whether there is none because its time was over.
    pub is_late: bool,
}

impl Forwarder {
    /// That asks this gate before each connection.
    pub fn new(gate: Arc<dyn Gate>) -> Self {
        Self(Arc::new(Inner {
            gate,
            pool: Pool::default(),
            healths: Healths::default(),
            under_way: AtomicUsize::new(0),
            bodies: Budget::new(BODIES_BYTES_MAX),
            answers: Budget::new(ANSWERS_BYTES_MAX),
        }))
    }

    /// Sends a request on and waits for the whole answer, for so long at most. Dropping the future closes the connection.
    pub async fn send(&self, target: &Target, request: &Request, within: Duration, trusts_forwarded: bool) -> Sent {
        let begun = Instant::now();
        let mut timing = Timing::default();
        let origin = target.origin.clone();
        let made = head::onward(request, target, trusts_forwarded);
        let head = made.as_ref().map(|head| head.clone().into()).unwrap_or_default();
        let body = head::framed(request);
        let outgoing = Outgoing { origin, head, body };
        let outcome = match made {
            Ok(_) => self.exchange(target, &outgoing, within, &mut timing).await,
            Err(why) => Err(why),
        };
        timing.total_us = micros(begun.elapsed());
        let outcome = outcome.unwrap_or_else(|message| AttemptOutcome::Failed { message });
        self.0.healths.note(target, health(&outcome));
        let is_late = matches!(outcome, AttemptOutcome::Failed { .. }) && begun.elapsed() >= within;
        Sent { outgoing: Outgoing { body: bytes::Bytes::new(), ..outgoing }, outcome, timing, is_late }
    }

    /// Which apps answer.
    pub fn healths(&self) -> &Healths {
        &self.0.healths
    }

    /// Closes connections that nobody used for a while.
    pub fn sweep(&self) {
        self.0.pool.sweep();
    }

    /// Whether something listens there now; if it does, it counts as up until a request finds otherwise.
    pub async fn probe(&self, origin: &str) {
        let Ok(target) = Target::parse(origin) else { return };
        let limits = Limits { connect: PROBE_WITHIN, total: PROBE_WITHIN, trust: Trust::Anybody, ..Limits::default() };
        let mut patience = Patience::new(PROBE_WITHIN, None);
        let Ok(Ok(found)) = patience.wait(self.0.gate.way(origin, &limits)).await else { return };
        if open(&found, &limits, &mut patience, &mut Timing::default(), true).await.is_ok() {
            self.0.healths.note(&target, Health::Up);
        }
    }

    async fn exchange(
        &self,
        target: &Target,
        outgoing: &Outgoing,
        within: Duration,
        timing: &mut Timing,
    ) -> Result<AttemptOutcome, String> {
        let _place = Place::take(&self.0, outgoing.body.len())?;
        let trust = if target.is_insecure { Trust::Anybody } else { Trust::System };
        let limits = Limits { connect: CONNECT_WITHIN, total: within, trust, ..Limits::default() };
        let mut patience = Patience::new(within, None);
        // One that was kept open may be closed by the app in the very moment in which we use it. Nothing of an answer came then,
        // and the app did not see the request: the next one is new.
        while let Some(mut kept) = self.0.pool.take(target).await {
            let came = kept.exchange(outgoing, &self.0.answers, &mut patience, timing).await;
            if came.is_ok() || !kept.is_silent() || !patience.is_left() {
                return self.finish(kept, came).await;
            }
        }
        *timing = Timing::default();
        let way = patience.wait(self.0.gate.way(&outgoing.origin, &limits)).await;
        let found = way.map_err(|cut| format!("{target} could not be looked up {}", cut.words()))??;
        let open = open(&found, &limits, &mut patience, timing, true).await?;
        let mut kept = pool::Kept::new(target, found.target().clone(), open);
        let came = kept.exchange(outgoing, &self.0.answers, &mut patience, timing).await;
        self.finish(kept, came).await
    }

    /// Keeps the connection if it can be used again; an answer that is not whole is none.
    async fn finish(&self, kept: pool::Kept, came: Result<AttemptOutcome, String>) -> Result<AttemptOutcome, String> {
        let came = came?;
        self.0.pool.give_back(kept).await;
        let AttemptOutcome::Answered { status, marks, .. } = &came else { return Ok(came) };
        match marks.first() {
            Some(Mark::Truncated { limit_bytes }) => Err(format!(
                "the app's answer ({status}) is larger than {} MiB, which is as much as goes back",
                limit_bytes >> 20
            )),
            Some(Mark::Incomplete { reason }) => Err(format!("the app's answer ({status}) is not whole: {reason}")),
            _ if *status < 200 => Err(format!("the app answered {status}, which ends nothing")),
            _ => Ok(came),
        }
    }
}

fn health(outcome: &AttemptOutcome) -> Health {
    match outcome {
        AttemptOutcome::Answered { .. } => Health::Up,
        AttemptOutcome::Failed { message } => Health::Down(message.clone()),
    }
}

/// A place among the requests that wait for apps.
struct Place<'a> {
    inner: &'a Inner,
    body_bytes: usize,
}

impl<'a> Place<'a> {
    fn take(inner: &'a Inner, body_bytes: usize) -> Result<Self, String> {
        if !inner.bodies.take(body_bytes) {
            return Err("the bodies that wait for apps take too much memory together: try again later".to_owned());
        }
        let taken = inner.under_way.fetch_add(1, Ordering::Relaxed);
        let place = Self { inner, body_bytes };
        if taken >= UNDER_WAY_MAX {
            return Err(format!("{UNDER_WAY_MAX} requests wait for apps already"));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.inner.under_way.fetch_sub(1, Ordering::Relaxed);
        self.inner.bodies.give_back(self.body_bytes);
    }
}
