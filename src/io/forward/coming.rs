//! An answer whose body is still coming: given out piece by piece, as fast as whoever reads it takes them.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::{Sleep, sleep};

use super::going::{ANSWER_BYTES_MAX, Going, Sent, answered};
use super::pool::Kept;
use super::shared::{Back, Inner, Place};
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Timing};
use crate::domain::forward::{Health, Target};
use crate::domain::timing::micros;
use crate::io::sender::answer::{AnswerHead, Next};
use crate::io::sender::open::Share;

/// An answer of which the head is there.
pub struct Streaming {
    /// What went out; its body is empty, because it is the request's.
    pub outgoing: Outgoing,
    /// The answer's head.
    pub head: AnswerHead,
    /// Where the time went until now.
    pub timing: Timing,
    /// What else the user should know.
    pub notes: Vec<String>,
    /// The answer's body.
    pub coming: Coming,
}

/// A body that is coming. Nothing is read while nobody asks for it: a slow reader slows the app down. Dropped early, it closes
/// the connection to the app.
pub struct Coming {
    shared: Arc<Inner>,
    target: Target,
    back: Arc<Back>,
    is_over: bool,
    /// What came with the head.
    first: Bytes,
    came_bytes: u64,
    declared_bytes: Option<u64>,
    /// Between two pieces, at most.
    within: Duration,
    waits: Option<Pin<Box<Sleep>>>,
    begun: Instant,
}

impl Coming {
    pub(super) fn new(shared: &Arc<Inner>, going: &Going<'_>, kept: Kept, place: Place, first: Bytes) -> Self {
        Self {
            shared: Arc::clone(shared),
            target: going.target.clone(),
            declared_bytes: kept.open.declared_bytes(),
            back: Back::new(kept, place),
            is_over: false,
            first,
            came_bytes: 0,
            within: going.within,
            waits: None,
            begun: going.begun,
        }
    }

    /// The length of the whole body, where the answer's head says it.
    pub const fn declared_bytes(&self) -> Option<u64> {
        self.declared_bytes
    }

    /// Whether all of it was given out.
    pub const fn is_over(&self) -> bool {
        self.is_over && self.first.is_empty()
    }

    /// Room for what is kept of it.
    pub fn share(&self) -> Share {
        Share::of(Some(Arc::clone(&self.shared.answers)))
    }

    /// Fills in what is known now of where the time went.
    pub fn note_times(&self, timing: &mut Timing) {
        let total_us = micros(self.begun.elapsed());
        let before_us = timing.total_us.saturating_sub(timing.download_us.unwrap_or(0));
        timing.download_us = Some(total_us.saturating_sub(before_us));
        timing.total_us = total_us;
    }

    /// The next piece, never empty; `None`: it is over.
    ///
    /// # Errors
    /// Why there is no more of it: what happened. Called again, it says that it is over.
    pub fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, String>>> {
        if !self.first.is_empty() {
            let piece = std::mem::take(&mut self.first);
            self.came_bytes += piece.len() as u64;
            return Poll::Ready(Some(Ok(piece)));
        }
        if self.is_over {
            return Poll::Ready(None);
        }
        let back = Arc::clone(&self.back);
        let mut state = back.lock();
        let polled = state.kept.as_mut().map(|kept| (kept.open.poll_next(cx), kept.open.is_over()));
        state.gave(!matches!(polled, Some((Poll::Pending, _))));
        let is_told = state.is_told;
        drop(state);
        match polled {
            Some((Poll::Ready(Ok(Next::Piece(piece))), is_last)) => {
                self.waits = None;
                self.came_bytes += piece.len() as u64;
                if is_last {
                    self.finish();
                }
                Poll::Ready(Some(Ok(piece)))
            }
            Some((Poll::Ready(Ok(_)), _)) => {
                self.finish();
                Poll::Ready(None)
            }
            Some((Poll::Ready(Err(wrong)), _)) => Poll::Ready(Some(Err(self.broke(&wrong.to_string())))),
            Some((Poll::Pending, _)) => {
                let within = self.within;
                let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(within)));
                if waits.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let why = format!("nothing more of it came for {} ms", within.as_millis());
                Poll::Ready(Some(Err(self.broke(&why))))
            }
            None if is_told => {
                self.is_over = true;
                let why = "its sender took nothing of it while another request needed its place";
                Poll::Ready(Some(Err(self.broke_off(why))))
            }
            None => Poll::Ready(None),
        }
    }

    fn finish(&mut self) {
        self.is_over = true;
        let kept = self.back.lock().kept.take();
        if let Some(kept) = kept {
            self.shared.pool.give_back(kept);
        }
    }

    fn broke_off(&self, why: &str) -> String {
        format!("the app's answer broke off behind {} bytes of its body: {why}", self.came_bytes)
    }

    fn broke(&mut self, why: &str) -> String {
        self.is_over = true;
        drop(self.back.lock().kept.take());
        let message = self.broke_off(why);
        self.shared.healths.note(&self.target, Health::Down(message.clone()));
        message
    }
}

impl Streaming {
    /// All of it, up to so many bytes, for when nobody takes it any more.
    pub async fn whole(self, bytes_max: usize) -> Sent {
        let Self { outgoing, head, mut timing, notes, mut coming } = self;
        let mut share = coming.share();
        let (mut kept, mut length_bytes) = (Vec::new(), 0u64);
        let outcome = loop {
            match std::future::poll_fn(|cx| coming.poll_piece(cx)).await {
                Some(Ok(piece)) => {
                    length_bytes += piece.len() as u64;
                    let room = bytes_max.saturating_sub(kept.len()).min(piece.len());
                    if share.take(room) {
                        kept.extend_from_slice(piece.get(..room).unwrap_or_default());
                    }
                    if length_bytes > ANSWER_BYTES_MAX as u64 {
                        break AttemptOutcome::Failed { message: "the app's answer does not end".to_owned() };
                    }
                }
                Some(Err(message)) => break AttemptOutcome::Failed { message },
                None => break answered(head, Body { bytes: kept.into(), length_bytes }, Vec::new()),
            }
        };
        coming.note_times(&mut timing);
        Sent { outgoing, outcome, timing, is_late: false, notes }
    }
}
