//! A body that drips: so many bytes a second, until it is all out or the listener stops.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// Pieces a second, at most.
const PIECES: u32 = 10;

/// A body on its slow way.
pub struct Drip {
    data: Bytes,
    piece_bytes: usize,
    every: Duration,
    next: Pin<Box<Sleep>>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    tell: Box<dyn FnMut(Step) + Send>,
}

/// What happened to the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes of it were taken.
    Took(usize),
    /// Those were the last.
    All,
    /// The listener stopped before.
    Stopped,
}

/// The listener stopped.
#[derive(Debug, thiserror::Error)]
#[error("the listener stopped before all of the answer had dripped")]
pub struct Stopped;

impl Drip {
    /// The first piece leaves at once. `stopped` ends it early; `tell` is called for each step.
    pub fn new(
        data: Bytes,
        bytes_per_second: NonZeroU32,
        stopped: impl Future<Output = ()> + Send + 'static,
        tell: impl FnMut(Step) + Send + 'static,
    ) -> Self {
        let rate = bytes_per_second.get();
        let piece = (rate / PIECES).max(1);
        Self {
            data,
            piece_bytes: usize::try_from(piece).unwrap_or(usize::MAX),
            every: Duration::from_secs_f64(f64::from(piece) / f64::from(rate)),
            next: Box::pin(tokio::time::sleep(Duration::ZERO)),
            stopped: Box::pin(stopped),
            tell: Box::new(tell),
        }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        if self.data.is_empty() {
            return Poll::Ready(None);
        }
        if self.stopped.as_mut().poll(cx).is_ready() {
            self.data.clear();
            (self.tell)(Step::Stopped);
            return Poll::Ready(Some(Err(Stopped)));
        }
        ready!(self.next.as_mut().poll(cx));
        let until = Instant::now() + self.every;
        self.next.as_mut().reset(until);
        let count = self.piece_bytes.min(self.data.len());
        let piece = self.data.split_to(count);
        (self.tell)(Step::Took(piece.len()));
        if self.data.is_empty() {
            (self.tell)(Step::All);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.len() as u64)
    }
}
