//! Sending captured requests on to the user's own app, over connections that stay open.
//!
//! What goes out is the sender's ([`super::sender`]): exactly the bytes it is given. Ours are the connections kept between two
//! requests (`pool`), and the bounds: answers that are endless, slow or torn off never reach whoever waits for them.

pub mod behind;
mod coming;
mod going;
mod health;
mod pool;
mod shared;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::sender::answer::{AnswerHead, Next};
use super::sender::open::Room;
use super::sender::patience::Patience;
use super::sender::{Limits, Trust, open};
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Mark, Request, Timing};
use crate::domain::forward::{Health, Target};
use crate::domain::timing::micros;

pub use coming::{Coming, Streaming};
pub use going::{ANSWER_BYTES_MAX, Sent};
use going::{Going, answered};
use health::Healths;
use pool::Kept;
pub use shared::{Gate, UNDER_WAY_MAX, Way};
use shared::{Inner, Place};

/// Look-up, TCP connect and TLS handshake together, at most.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// For a question whether an app listens.
const PROBE_WITHIN: Duration = Duration::from_secs(1);
/// Bytes of one answer's body that are kept.
pub const ANSWER_BYTES_KEPT: usize = 1 << 20;
/// An answer of no more bytes, by its `Content-Length`, goes back when it is whole; any other as it comes.
pub const WHOLE_BYTES_MAX: usize = 64 << 10;
/// What sends requests on. Clones share its connections.
#[derive(Clone)]
pub struct Forwarder(Arc<Inner>);

impl fmt::Debug for Forwarder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarder").field("under_way", &self.0.under_way).finish_non_exhaustive()
    }
}

/// What came of sending a request on whose answer goes back.
#[expect(clippy::large_enum_variant, reason = "nearly all are whole: a box would cost each of them an allocation")]
pub enum Came {
    /// A whole answer, or why there is none.
    Whole(Sent),
    /// The head of one; its body is still coming.
    Streaming(Box<Streaming>),
}

const SENT_TWICE: &str =
    "sent twice: the first connection broke after the request had left, so the app may have seen it twice";
const TALKS: &str =
    "the app sent something that nobody asked for: from now on each request gets a connection of its own";

impl Forwarder {
    /// That asks this gate before each connection.
    pub fn new(gate: Arc<dyn Gate>) -> Self {
        Self(Arc::new(Inner::new(gate)))
    }

    /// Sends a request on and waits for the whole answer, for so long at most. Dropping the future closes the connection.
    pub async fn send(&self, target: &Target, request: &Request, within: Duration, trusts_forwarded: bool) -> Sent {
        let (mut going, made) = Going::new(target, request, within, trusts_forwarded);
        let outcome = match made {
            Ok(()) => self.exchange(&mut going).await,
            Err(why) => Err(why),
        };
        self.sent(going, outcome)
    }

    /// As [`Self::send`], but an answer that is not small, or not all there with its head, is given out as it comes. The time
    /// is that for its head then, and for each of its pieces.
    pub async fn begin(&self, target: &Target, request: &Request, within: Duration, trusts_forwarded: bool) -> Came {
        let (mut going, made) = Going::new(target, request, within, trusts_forwarded);
        let outcome = match made {
            Ok(()) => self.exchange_or_stream(&mut going).await,
            Err(why) => Err(why),
        };
        match outcome {
            Ok(Ok(outcome)) => Came::Whole(self.sent(going, Ok(outcome))),
            Ok(Err((head, coming))) => {
                let Going { outgoing, mut timing, notes, begun, .. } = going;
                timing.total_us = micros(begun.elapsed());
                // Its body may take as long as it likes: how quick the app is, the head says.
                self.0.healths.note_took(target, Health::Up, Some(timing.total_us));
                let outgoing = Outgoing { body: bytes::Bytes::new(), ..outgoing };
                Came::Streaming(Box::new(Streaming { outgoing, head, timing, notes, coming }))
            }
            Err(why) => Came::Whole(self.sent(going, Err(why))),
        }
    }

    fn sent(&self, going: Going<'_>, outcome: Result<AttemptOutcome, String>) -> Sent {
        let Going { target, outgoing, mut timing, notes, begun, within, is_asked, .. } = going;
        timing.total_us = micros(begun.elapsed());
        let mut outcome = outcome.unwrap_or_else(|message| AttemptOutcome::Failed { message });
        let is_late = matches!(outcome, AttemptOutcome::Failed { .. }) && begun.elapsed() >= within;
        if let AttemptOutcome::Failed { message } = &mut outcome
            && is_asked
        {
            // One that could not be reached has its advice.
            message.push_str(if is_late { "; --forward-timeout gives it longer" } else { "; see the app's log" });
        }
        let (health, took_us) = match &outcome {
            AttemptOutcome::Answered { .. } => (Health::Up, Some(timing.total_us)),
            AttemptOutcome::Failed { message } if is_late && is_asked => (Health::Slow(message.clone()), None),
            AttemptOutcome::Failed { message } => (Health::Down(message.clone()), None),
        };
        self.0.healths.note_took(target, health, took_us);
        Sent { outgoing: Outgoing { body: bytes::Bytes::new(), ..outgoing }, outcome, timing, is_late, notes }
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
        if open(&found, &limits, &mut patience, &mut Timing::default()).await.is_ok() {
            self.0.healths.note(&target, Health::Up);
        }
    }

    /// The whole answer.
    async fn exchange(&self, going: &mut Going<'_>) -> Result<AttemptOutcome, String> {
        let _place = Place::take(&self.0, going.outgoing.body.len())?;
        let (kept, head) = self.ask(going).await?;
        self.whole(going, kept, head).await
    }

    /// The whole answer, or its head and what comes behind it.
    async fn exchange_or_stream(
        &self,
        going: &mut Going<'_>,
    ) -> Result<Result<AttemptOutcome, (AnswerHead, Coming)>, String> {
        let place = Place::take(&self.0, going.outgoing.body.len())?;
        let (mut kept, head) = self.ask(going).await?;
        let is_small = kept.open.declared_bytes().is_some_and(|bytes| bytes <= WHOLE_BYTES_MAX as u64);
        if is_small || kept.open.is_over() {
            return self.whole(going, kept, head).await.map(Ok);
        }
        // What is there already: most answers without a length are small, too, and come in one go.
        let mut first = Vec::new();
        let mut is_over = false;
        let looked = poll_fn(|cx| {
            while first.len() <= WHOLE_BYTES_MAX {
                match kept.open.poll_next(cx) {
                    Poll::Pending => break,
                    Poll::Ready(Ok(Next::Piece(piece))) => first.extend_from_slice(&piece),
                    Poll::Ready(Ok(_)) => {
                        is_over = true;
                        break;
                    }
                    Poll::Ready(Err(wrong)) => return Poll::Ready(Err(wrong)),
                }
            }
            Poll::Ready(Ok(()))
        });
        looked.await.map_err(|wrong| format!("the app's answer ({}) is not whole: {wrong}", head.status))?;
        kept.open.note_times(&mut going.timing, is_over);
        if !is_over {
            return Ok(Err((head, Coming::new(&self.0, going, kept, place, first.into()))));
        }
        let body = Body { length_bytes: first.len() as u64, bytes: first.into() };
        self.finish(kept, answered(head, body, Vec::new())).map(Ok)
    }

    /// The head of the answer, and the connection on which the rest of it comes.
    async fn ask(&self, going: &mut Going<'_>) -> Result<(Kept, AnswerHead), String> {
        // One that was kept open may be closed by the app in the very moment in which we use it. Nothing of an answer came then.
        while let Some(mut kept) = self.0.pool.take(going.target) {
            going.leads_to(kept.is_local);
            let Going { outgoing, patience, timing, notes, is_asked, .. } = &mut *going;
            let came = kept.open.ask(&kept.target, outgoing, patience).await;
            if came.is_ok() || !kept.open.is_silent() || !patience.is_left() {
                self.0.pool.was_silent(&kept);
                *is_asked = true;
                kept.open.note_times(timing, came.is_ok());
                return came.map(|head| (kept, head));
            }
            if kept.open.has_sent_all() {
                // Webhooks are delivered at least once by their nature: an app that sees one twice can tell by its id, and
                // one that never sees it cannot.
                notes.push(SENT_TWICE.to_owned());
            } else if self.0.pool.was_not(&kept) {
                notes.push(TALKS.to_owned());
            }
        }
        let target = going.target;
        let trust = Trust::of(target);
        let limits = Limits { connect: CONNECT_WITHIN, total: going.within, trust, ..Limits::default() };
        let Going { outgoing, patience, timing, is_asked, .. } = &mut *going;
        let way = patience.wait(self.0.gate.way(&outgoing.origin, &limits)).await;
        let found = way.map_err(|cut| format!("{target} could not be looked up {}", cut.words()))??;
        let open = open(&found, &limits, patience, timing).await?;
        *is_asked = true;
        let mut kept = Kept::new(target, &found, open);
        going.leads_to(kept.is_local);
        let Going { outgoing, patience, timing, .. } = &mut *going;
        let came = kept.open.ask(&kept.target, outgoing, patience).await;
        kept.open.note_times(timing, came.is_ok());
        came.map(|head| (kept, head))
    }

    async fn whole(&self, going: &mut Going<'_>, mut kept: Kept, head: AnswerHead) -> Result<AttemptOutcome, String> {
        let room = Room { bytes_max: ANSWER_BYTES_MAX, budget: Some(&self.0.answers) };
        let (body, marks) = kept.open.whole_body(room, &mut going.patience).await;
        kept.open.note_times(&mut going.timing, true);
        self.finish(kept, answered(head, body, marks))
    }

    /// Keeps the connection if it can be used again; an answer that is not whole is none.
    fn finish(&self, kept: Kept, came: AttemptOutcome) -> Result<AttemptOutcome, String> {
        self.0.pool.give_back(kept);
        let AttemptOutcome::Answered { status, marks, .. } = &came else { return Ok(came) };
        match marks.first() {
            Some(Mark::Truncated { limit_bytes }) => Err(format!(
                "the app's answer ({status}) is larger than {} MiB, which is as much as is taken",
                limit_bytes >> 20
            )),
            Some(Mark::Incomplete { reason }) => Err(format!("the app's answer ({status}) is not whole: {reason}")),
            _ if *status < 200 => Err(format!("the app answered {status}, which ends nothing")),
            _ => Ok(came),
        }
    }
}
