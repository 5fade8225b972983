//! The socket that hyper reads and writes, and what is learnt from both.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::domain::time::Timestamp;
use crate::io::clock;

use super::parser::Parser;
use super::wire::{Outgoing, State, Wire};
use super::{Ask, Framing};

/// The answer to a head whose length is wrong in a way that hyper calls by another name.
const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
/// HTTP/2: what a connection may bring before others on its thread have their turn. It may hold a hundred heads.
const TURN_BYTES_MAX: usize = 32 * 1024;

/// The socket that hyper reads and writes.
pub struct Tap(Arc<Wire>);

impl Tap {
    /// The socket of a connection.
    pub fn new(wire: Arc<Wire>) -> Self {
        Self(wire)
    }
}

impl AsyncRead for Tap {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut guard = self.0.state();
        let state = &mut *guard;
        if let Some(reason) = state.parser.broken() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
        }
        if matches!(&state.parser, Parser::H2(parser) if parser.condemned().is_some()) {
            // Nothing more for hyper: the driver ends the connection once requests before this have been shown.
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let now = match state.poll_bytes(cx, buffer) {
            Poll::Ready(Ok(at)) => at,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => {
                state.wants = true;
                return Poll::Pending;
            }
        };
        let bytes = buffer.filled().get(before..).unwrap_or_default();
        if bytes.is_empty() {
            state.ended = true;
            return Poll::Ready(Ok(()));
        }
        let (length, mut passed) = (bytes.len(), state.parser.read_some(bytes, now));
        state.came(length, now);
        if matches!(&state.parser, Parser::H1(parser) if parser.is_too_much()) && state.asked.is_none() {
            state.asked = Some(Ask::Shrink);
            state.wake_driver();
            // What makes it too much becomes no request any more.
            passed = 0;
        }
        let broken = state.parser.broken();
        if passed < length {
            if broken.is_none() && state.asked.is_none() && matches!(state.parser, Parser::H1(_)) {
                state.unread(bytes.get(passed..).unwrap_or_default(), now);
            }
            buffer.set_filled(before + passed);
        }
        self.0.settle(guard);
        match (passed, broken) {
            (0, Some(reason)) => Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason))),
            (0, None) => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl State {
    /// Reads what hyper is to have next. When it came.
    fn poll_bytes(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<Timestamp>> {
        let wanted = self.parser.wanted_bytes();
        if wanted == 0 || self.turn_bytes > TURN_BYTES_MAX && matches!(self.parser, Parser::H2(_)) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(rest) = self.replay.get(self.replayed..).filter(|rest| !rest.is_empty()) {
            let count = rest.len().min(buffer.remaining()).min(wanted);
            buffer.put_slice(rest.get(..count).unwrap_or_default());
            self.replayed += count;
            if self.replayed == self.replay.len() {
                self.replay = Vec::new();
                self.replayed = 0;
            }
            return Poll::Ready(Ok(self.replay_at));
        }
        if wanted >= buffer.remaining() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer).map_ok(|()| clock::now());
        }
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(wanted));
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut part);
        let count = part.filled().len();
        buffer.advance(count);
        read.map_ok(|()| clock::now())
    }

    /// The end of what [`Self::poll_bytes`] gave comes again.
    fn unread(&mut self, rest: &[u8], at: Timestamp) {
        if self.replay.is_empty() {
            (self.replay, self.replayed, self.replay_at) = (rest.to_vec(), 0, at);
        } else {
            self.replayed = self.replayed.saturating_sub(rest.len());
        }
    }
}

impl AsyncWrite for Tap {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.0.state();
        std::task::ready!(state.poll_own(cx))?;
        if let Some(instead) = self.0.before_write(&mut state, std::iter::once(bytes)) {
            // So few bytes are taken at once.
            return Pin::new(&mut state.stream).poll_write(cx, instead).map_ok(|_| bytes.len());
        }
        let written = Pin::new(&mut state.stream).poll_write(cx, bytes);
        self.0.written(state, std::iter::once(bytes), &written);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let pieces = || slices.iter().map(|slice| &**slice);
        let mut state = self.0.state();
        std::task::ready!(state.poll_own(cx))?;
        if let Some(instead) = self.0.before_write(&mut state, pieces()) {
            let length = pieces().map(<[u8]>::len).sum();
            return Pin::new(&mut state.stream).poll_write(cx, instead).map_ok(|_| length);
        }
        let written = Pin::new(&mut state.stream).poll_write_vectored(cx, slices);
        self.0.written(state, pieces(), &written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP stream has nothing to flush.
        self.0.flushed(self.0.state());
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.state().stream).poll_shutdown(cx)
    }
}

impl Wire {
    /// Before bytes leave: hyper's own answer to what it refuses is told to the witness first. What leaves in its place, when
    /// we judge otherwise: to hyper a length that is too large is a head that is too large.
    fn before_write<'a>(&self, state: &mut State, mut pieces: impl Iterator<Item = &'a [u8]>) -> Option<&'static [u8]> {
        if let Parser::H2(parser) = &mut state.parser {
            self.witness.refused(parser.before_write(pieces));
            return None;
        }
        if state.in_flight > 0 || state.refused {
            return None;
        }
        let bytes = pieces.next().unwrap_or_default();
        let status =
            bytes.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|text| text.parse().ok());
        state.refused = true;
        // What stands behind it gets no answer, and its rows when the connection is over.
        let refusal = state.parser.refuse();
        let framing = refusal.as_ref().and_then(|refusal| refusal.head.as_ref()).map(|head| head.framing);
        let is_misnamed = status == Some(431) && matches!(framing, Some(Framing::Refused(_)));
        let status = if is_misnamed { Some(400) } else { status };
        self.witness.refused(refusal.into_iter().map(|refusal| (refusal, status)).collect());
        is_misnamed.then_some(BAD_REQUEST)
    }

    /// HTTP/1: hyper gave up over a head without a word, as over an HTTP/2 preface behind another request. It is answered all
    /// the same.
    pub fn refuse_unsaid(&self) {
        let mut state = self.state();
        if self.is_h2() || state.in_flight > 0 || state.refused || state.ended {
            return;
        }
        let refusal = state.parser.refuse();
        state.refused = refusal.is_some();
        self.witness.refused(refusal.into_iter().map(|refusal| (refusal, Some(400))).collect());
        if state.refused {
            // So few bytes are taken at once, or by nobody.
            let _ = state.stream.try_write(BAD_REQUEST);
        }
    }

    fn written<'a>(
        &self,
        mut state: MutexGuard<'_, State>,
        pieces: impl Iterator<Item = &'a [u8]>,
        written: &Poll<io::Result<usize>>,
    ) {
        match written {
            Poll::Ready(Ok(count @ 1..)) => {
                state.wrote(*count);
                if let Parser::H2(parser) = &mut state.parser {
                    parser.after_write(pieces, *count, clock::now());
                    self.settle(state);
                    return;
                }
                if let Some(outgoing) = &mut state.outgoing
                    && outgoing.answer.begun.is_none()
                {
                    outgoing.answer.begun = Some(clock::now());
                }
            }
            Poll::Ready(_) => {}
            Poll::Pending => {
                state.stuck_since.get_or_insert_with(clock::now);
            }
        }
    }

    /// hyper flushes when it has written everything it has.
    fn flushed(&self, mut state: MutexGuard<'_, State>) {
        if let Some(Outgoing { mut answer, .. }) =
            state.outgoing.take_if(|outgoing| outgoing.handed && outgoing.answer.begun.is_some())
        {
            drop(state);
            answer.done = clock::now();
            self.finished(0, answer);
        }
    }
}
