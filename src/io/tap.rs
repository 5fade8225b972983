//! Round the socket: the bytes as they came, before the HTTP library makes them its own.
//!
//! hyper shows header names in lower case with duplicates grouped, and answers what it refuses by itself. So every byte read
//! passes a parser here (`h1`, `h2`) that never holds body bytes: it keeps each request's head as it was sent, and what
//! never became a request. Every byte written passes too: that is how the times of an answer are known, and how a refusal
//! is recorded before hyper's own answer to it leaves.

// Hidden, but open: the fuzz targets (tests/fuzz) feed the parsers without a socket.
#[doc(hidden)]
pub mod h1;
#[doc(hidden)]
pub mod h2;
mod head;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::domain::exchange::{Answer, AnswerOutcome};
use crate::domain::time::Timestamp;

use super::clock;

pub use h2::Code;
pub use head::{Framing, Head, HeadLimits, Refusal};

/// First bytes of what never became a request that are kept.
pub const REFUSED_BYTES_MAX: usize = 64 * 1024;

/// The answer to a head whose length is wrong in a way that hyper calls by another name.
const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Who is told what happened on the wire.
pub trait Witness: Send + Sync {
    /// Something that is no request came, or a request that hyper refuses; `status` is what hyper is about to answer.
    fn refused(&self, refusal: Refusal, status: Option<u16>);
    /// The answer has left, or the connection ended before it did.
    fn answered(&self, answer: Answer);
}

/// What reads the bytes that come in.
enum Parser {
    H1(Box<h1::Parser>),
    H2(Box<h2::Parser>),
}

/// An answer on its way out of an HTTP/1 connection.
struct Outgoing {
    answer: Answer,
    /// Whether hyper has all of it: what it then writes and flushes is the rest.
    handed: bool,
}

struct State {
    stream: TcpStream,
    /// Bytes read while finding out the protocol: given to hyper first.
    replay: Vec<u8>,
    replayed: usize,
    parser: Parser,
    /// HTTP/2: frames of our own that stand between those of hyper, so far as the socket has not taken them.
    own: Vec<u8>,
    outgoing: Option<Outgoing>,
    /// Requests that a handler has and that are not answered.
    in_flight: usize,
    /// When the last one was, or when the connection was opened.
    idle_since: Timestamp,
    /// Whether a request came on it.
    served: bool,
    /// Whether the sender closed its half.
    ended: bool,
    /// Whether hyper's own answer to something was seen.
    refused: bool,
    /// How the connection is to end, when it is.
    asked: Option<Ask>,
    /// Since when the sender takes nothing of what is to leave.
    stuck_since: Option<Timestamp>,
    driver: Option<Waker>,
}

/// One connection: shared by the socket that hyper reads and the handlers of its requests.
pub struct Wire {
    state: Mutex<State>,
    witness: Arc<dyn Witness>,
    peer: SocketAddr,
    is_h2: bool,
}

/// What somebody else asks of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A reset, instead of an answer.
    Reset,
    /// Its end, with what was answered or not.
    Close,
    /// Its place, for another one.
    Leave,
    /// Its memory: what it has begun is too much together with what others have.
    Shrink,
}

/// How long the connection may go on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A request is being handled: others watch it.
    Busy,
    /// An answer is on its way of which the sender has taken nothing since then.
    Writing(Timestamp),
    /// A head begun then is not whole yet; the first one begins with the connection.
    Head(Timestamp),
    /// Nothing is under way since then.
    Idle(Timestamp),
}

/// What a handler gets of the request that hyper shows it.
#[derive(Debug, Default)]
pub struct Claim {
    /// The head as it was sent. `None`: the tap lost the thread, take what hyper has.
    pub head: Option<Head>,
    /// Why it is to be refused although hyper let it pass, and with which status.
    pub refused: Option<(u16, String)>,
}

impl Wire {
    /// Round a socket that was opened at `opened_at` and of which `first` was read already.
    pub fn new(
        stream: TcpStream,
        peer: SocketAddr,
        opened_at: Timestamp,
        (mut first, first_at): (Vec<u8>, Timestamp),
        is_h2: bool,
        limits: HeadLimits,
        witness: Arc<dyn Witness>,
    ) -> Arc<Self> {
        let mut parser = match is_h2 {
            true => Parser::H2(Box::new(h2::Parser::new(limits))),
            false => Parser::H1(Box::new(h1::Parser::new(limits))),
        };
        let passed = parser.read(&first, first_at);
        first.truncate(passed);
        let state = State {
            stream,
            replay: first,
            replayed: 0,
            parser,
            own: Vec::new(),
            outgoing: None,
            in_flight: 0,
            idle_since: opened_at,
            served: false,
            ended: false,
            refused: false,
            asked: None,
            stuck_since: None,
            driver: None,
        };
        Arc::new(Self { state: Mutex::new(state), witness, peer, is_h2 })
    }

    /// The sender's address.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Whether it speaks HTTP/2.
    pub fn is_h2(&self) -> bool {
        self.is_h2
    }

    /// The head of the request that hyper gives to its service now. Called in the order in which requests came.
    pub fn claim(&self, request: &http::request::Parts) -> Claim {
        let mut state = self.state();
        state.in_flight += 1;
        state.served = true;
        let (claim, passed_over) = match &mut state.parser {
            Parser::H1(parser) => (Claim { head: parser.claim(request), refused: None }, Vec::new()),
            Parser::H2(parser) => parser.claim(request),
        };
        drop(state);
        for refusal in passed_over {
            self.witness.refused(refusal, None);
        }
        claim
    }

    /// Trailer lines as sent, once the body is read to its end and the request is about to be kept.
    pub fn trailers(&self, head: &Head) -> Option<crate::domain::headers::Headers> {
        match &mut self.state().parser {
            Parser::H1(parser) => parser.trailers(head.sequence),
            Parser::H2(parser) => parser.trailers(head.sequence),
        }
    }

    /// How a body of so many bytes ended that hyper says broke off, where the wire shows it: `Ok` when it came whole all
    /// the same, or the rule that was broken.
    pub fn body_end(&self, sequence: u64, bytes: u64) -> Option<Result<(), String>> {
        match &self.state().parser {
            Parser::H1(_) => None,
            Parser::H2(parser) => parser.body_end(sequence, bytes),
        }
    }

    /// hyper gets the answer of the request with this number now. HTTP/1: `whole` when it has no body that follows.
    pub fn answer(&self, sequence: u64, answer: Answer, whole: bool) {
        let mut state = self.state();
        let finished = match &mut state.parser {
            Parser::H1(_) => {
                state.outgoing = Some(Outgoing { answer, handed: whole });
                None
            }
            Parser::H2(parser) => parser.answer(sequence, answer),
        };
        drop(state);
        if let Some(answer) = finished {
            self.finished(sequence, answer);
        }
    }

    /// HTTP/1: hyper has the answer's body too.
    pub fn handed(&self) {
        if let Some(outgoing) = &mut self.state().outgoing {
            outgoing.handed = true;
        }
    }

    /// The request with this number has its answer, or will get none.
    pub fn finished(&self, sequence: u64, answer: Answer) {
        {
            let mut state = self.state();
            state.count_off(answer.done);
            if let Parser::H2(parser) = &mut state.parser {
                parser.forget(sequence);
            }
        }
        self.witness.answered(answer);
    }

    /// HTTP/2: answers of which the last frame was written, or whose stream is no more.
    fn settle(&self, mut state: MutexGuard<'_, State>) {
        let Parser::H2(parser) = &mut state.parser else { return };
        let finished = parser.take_finished();
        if finished.is_empty() {
            return;
        }
        for answer in &finished {
            state.count_off(answer.done);
        }
        drop(state);
        for answer in finished {
            self.witness.answered(answer);
        }
    }

    /// HTTP/2: why the connection is to be ended now, and with which code.
    pub fn condemned(&self) -> Option<(Code, String)> {
        match &self.state().parser {
            Parser::H1(_) => None,
            Parser::H2(parser) => parser.condemned().map(|(code, reason)| (code, reason.to_owned())),
        }
    }

    /// HTTP/2: as [`Self::part`], when neither side has said good-bye.
    pub fn part_unless_gone(&self, code: Code, text: &str) {
        let is_open = {
            let state = self.state();
            !state.ended && matches!(&state.parser, Parser::H2(parser) if !parser.is_gone())
        };
        if is_open {
            self.part(code, text);
        }
    }

    /// HTTP/2: has the sender of this stream go on with its body (`100 Continue`), when nothing of it came yet.
    pub fn go_on(&self, sequence: u64) {
        let mut state = self.state();
        if let Parser::H2(parser) = &mut state.parser
            && let Some(frame) = parser.go_on(sequence)
        {
            state.own.extend_from_slice(&frame);
            state.write_own();
        }
    }

    /// HTTP/2: says good-bye with this code and text, if hyper did not and the socket takes it now.
    pub fn part(&self, code: Code, text: &str) {
        let mut state = self.state();
        if let Parser::H2(parser) = &mut state.parser
            && let Some(frame) = parser.goaway(code, text)
        {
            // It is a courtesy: who does not read it sees the connection close.
            state.own.extend_from_slice(&frame);
            state.write_own();
        }
    }

    /// Resets the connection (RST) instead of answering.
    pub fn reset(&self) {
        let mut state = self.state();
        state.asked = Some(Ask::Reset);
        // A failure leaves an ordinary close: nothing better can be done.
        let _ = state.stream.set_zero_linger();
        state.wake_driver();
    }

    /// Closes the connection in order, with what was answered so far or nothing.
    pub fn close(&self) {
        let mut state = self.state();
        state.asked = Some(Ask::Close);
        state.wake_driver();
    }

    /// Writes bytes past hyper, for answers that are wrong on purpose: to be called while a handler holds the connection, which
    /// is then closed.
    ///
    /// # Errors
    /// When the connection does not take them.
    pub async fn write_raw(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        std::future::poll_fn(|cx| {
            while !rest.is_empty() {
                match Pin::new(&mut self.state().stream).poll_write(cx, rest) {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Poll::Ready(Ok(count)) => rest = rest.get(count..).unwrap_or_default(),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Has the connection closed for another one. `false`: it is at work.
    pub fn leave(&self) -> bool {
        let mut state = self.state();
        if state.in_flight > 0 || state.outgoing.is_some() || state.asked.is_some() {
            return false;
        }
        state.asked = Some(Ask::Leave);
        state.wake_driver();
        true
    }

    /// What was asked of the connection by [`Self::reset`] or [`Self::leave`]; also remembers whom to wake when something is.
    pub fn asked(&self, cx: &Context<'_>) -> Option<Ask> {
        let mut state = self.state();
        if state.driver.as_ref().is_none_or(|driver| !driver.will_wake(cx.waker())) {
            state.driver = Some(cx.waker().clone());
        }
        state.asked
    }

    /// Has the connection's driver look round: the listener is stopping.
    pub fn wake(&self) {
        self.state().wake_driver();
    }

    /// Until the sender closes its half. For HTTP/1 while a handler waits: hyper does not read then.
    pub async fn sender_left(&self) {
        std::future::poll_fn(|cx| {
            let mut byte = [0; 1];
            let mut buffer = ReadBuf::new(&mut byte);
            match self.state().stream.poll_peek(cx, &mut buffer) {
                Poll::Ready(Ok(0) | Err(_)) => Poll::Ready(()),
                // The next request stands in the way: the end behind it cannot be seen.
                Poll::Ready(Ok(_)) | Poll::Pending => Poll::Pending,
            }
        })
        .await;
    }

    /// What the connection waits for.
    pub fn pace(&self) -> Pace {
        let state = self.state();
        if let Some(since) = state.stuck_since {
            return Pace::Writing(since);
        }
        if let (Parser::H2(parser), 1..) = (&state.parser, state.in_flight) {
            // A head that is not whole holds up everything else on its connection; so does a window that stays shut.
            return match (parser.head_begun(), parser.slowest_answer()) {
                (Some(begun), _) => Pace::Head(begun),
                (None, Some(progress)) => Pace::Writing(progress),
                (None, None) => Pace::Busy,
            };
        }
        match (state.in_flight, state.parser.head_begun()) {
            (1.., _) => Pace::Busy,
            // Whoever opens a connection has something to say: HTTP/2 settings alone are no reason to keep it.
            _ if !state.served => Pace::Head(state.idle_since),
            (0, Some(begun)) => Pace::Head(begun),
            (0, None) => Pace::Idle(state.idle_since),
        }
    }

    /// The connection is over: an answer still on its way does not arrive, what never became a request is told.
    /// `reason` is why it ended, for what has no better reason. Said once: what is called again finds nothing more.
    pub fn ended(&self, reason: Option<&str>) {
        self.ended_as(reason, AnswerOutcome::SenderLeft);
    }

    /// The sender does not take its answer: what is left of it goes nowhere.
    pub fn unread(&self, reason: &str) {
        // An ordinary close would leave the system to offer the rest for minutes more.
        let _ = self.state().stream.set_zero_linger();
        self.ended_as(Some(reason), AnswerOutcome::Unread);
    }

    fn ended_as(&self, reason: Option<&str>, outcome: AnswerOutcome) {
        let (outgoing, refusals) = {
            let mut state = self.state();
            if let Parser::H2(parser) = &mut state.parser {
                parser.end_answers(outcome);
            }
            let refusals = if state.refused { Vec::new() } else { state.parser.leftovers(reason) };
            (state.outgoing.take(), refusals)
        };
        if let Some(Outgoing { mut answer, .. }) = outgoing {
            answer.done = clock::now();
            answer.outcome = outcome;
            self.finished(0, answer);
        }
        self.settle(self.state());
        for refusal in refusals {
            self.witness.refused(refusal, None);
        }
    }

    /// Whether the sender may still be sending something that nobody will read: closing now could destroy our answer on
    /// its way (RFC 9112 section 9.6).
    pub fn needs_linger(&self) -> bool {
        let state = self.state();
        !state.ended && state.asked.is_none() && (state.refused || state.parser.is_ended_early())
    }

    /// Closes our half, then reads and drops what still comes.
    pub async fn linger(&self, mut bytes_max: usize) {
        let _ = std::future::poll_fn(|cx| Pin::new(&mut self.state().stream).poll_shutdown(cx)).await;
        let mut scratch = vec![0; 16 * 1024];
        while bytes_max > 0 {
            let read = std::future::poll_fn(|cx| {
                let mut buffer = ReadBuf::new(&mut scratch);
                Pin::new(&mut self.state().stream).poll_read(cx, &mut buffer).map_ok(|()| buffer.filled().len())
            });
            match read.await {
                Ok(count) if count > 0 => bytes_max = bytes_max.saturating_sub(count),
                _ => return,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

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

impl State {
    /// A request is over.
    fn count_off(&mut self, at: Timestamp) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.idle_since = at;
    }

    /// Writes frames of our own, as far as the socket takes them, if hyper is between two of its.
    fn write_own(&mut self) {
        if matches!(&self.parser, Parser::H2(parser) if parser.is_between_frames())
            && let Ok(count) = self.stream.try_write(&self.own)
        {
            self.own.drain(..count);
        }
    }

    /// As [`Self::write_own`], before hyper writes: whether it may.
    fn poll_own(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.own.is_empty() && matches!(&self.parser, Parser::H2(parser) if parser.is_between_frames()) {
            let count = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, &self.own))?;
            self.own.drain(..count.max(1).min(self.own.len()));
        }
        Poll::Ready(Ok(()))
    }

    fn wake_driver(&mut self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }
}

impl Parser {
    /// How many of the bytes hyper is to have.
    fn read(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        match self {
            Self::H1(parser) => {
                parser.read(bytes, now);
                bytes.len()
            }
            Self::H2(parser) => parser.read(bytes, now),
        }
    }

    fn head_begun(&self) -> Option<Timestamp> {
        match self {
            Self::H1(parser) => parser.head_begun(),
            Self::H2(parser) => parser.head_begun(),
        }
    }

    fn leftovers(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        match self {
            Self::H1(parser) => parser.leftovers(reason),
            Self::H2(parser) => parser.leftovers(reason),
        }
    }

    /// Whether the sender may not know yet that nobody reads on.
    fn is_ended_early(&self) -> bool {
        match self {
            Self::H1(parser) => parser.is_inside(),
            Self::H2(parser) => parser.is_gone(),
        }
    }
}

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
