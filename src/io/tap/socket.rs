//! The socket that hyper reads and writes, and what is learnt from both.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::io::clock;

use super::parser::Parser;
use super::wire::{Outgoing, State, Wire};
use super::{Ask, Framing};

/// The answer to a head whose length is wrong in a way that hyper calls by another name.
const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
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
        if state.replayed < state.replay.len() {
            let rest = state.replay.get(state.replayed..).unwrap_or_default();
            let count = rest.len().min(buffer.remaining());
            buffer.put_slice(rest.get(..count).unwrap_or_default());
            state.replayed += count;
            if state.replayed == state.replay.len() {
                state.replay = Vec::new();
                state.replayed = 0;
            }
            return Poll::Ready(Ok(()));
        }
        if matches!(&state.parser, Parser::H2(parser) if parser.condemned().is_some()) {
            // Nothing more for hyper: the driver ends the connection once requests before this have been shown.
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut state.stream).poll_read(cx, buffer);
        if let Poll::Ready(Ok(())) = read {
            let bytes = buffer.filled().get(before..).unwrap_or_default();
            if bytes.is_empty() {
                state.ended = true;
                return read;
            }
            let (length, passed) = (bytes.len(), state.parser.read(bytes, clock::now()));
            if matches!(&state.parser, Parser::H1(parser) if parser.is_too_much()) && state.asked.is_none() {
                state.asked = Some(Ask::Shrink);
                state.wake_driver();
            }
            if passed < length {
                buffer.set_filled(before + passed);
            }
            self.0.settle(guard);
            if passed == 0 {
                return Poll::Pending;
            }
        }
        read
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
            for (refusal, status) in parser.before_write(pieces) {
                self.witness.refused(refusal, status);
            }
            return None;
        }
        if state.in_flight > 0 || state.refused {
            return None;
        }
        let bytes = pieces.next().unwrap_or_default();
        let status =
            bytes.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|text| text.parse().ok());
        state.refused = true;
        let refusals = state.parser.leftovers(None);
        let framing = refusals.first().and_then(|refusal| refusal.head.as_ref()).map(|head| head.framing);
        let is_misnamed = status == Some(431) && matches!(framing, Some(Framing::Refused(_)));
        let status = if is_misnamed { Some(400) } else { status };
        for refusal in refusals {
            self.witness.refused(refusal, status);
        }
        is_misnamed.then_some(BAD_REQUEST)
    }

    fn written<'a>(
        &self,
        mut state: MutexGuard<'_, State>,
        pieces: impl Iterator<Item = &'a [u8]>,
        written: &Poll<io::Result<usize>>,
    ) {
        match written {
            Poll::Ready(Ok(count @ 1..)) => {
                state.stuck_since = None;
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
