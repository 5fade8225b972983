//! One connection, as its socket, its driver and the handlers of its requests share it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::domain::exchange::{Answer, AnswerOutcome};
use crate::domain::time::Timestamp;
use crate::io::clock;

use super::parser::Parser;
use super::{Ask, Claim, Code, Head, HeadLimits, Pace, Refusal, Witness, h1, h2};

/// What came and was not looked at is read in pieces of so many bytes.
const REPLAY_BYTES: usize = 4 * 1024;

/// Why a connection was closed that was asked for its place.
pub const FOR_ANOTHER: &str = "closed for another sender: every connection was taken";
/// Less than this is no progress of what is under way.
const PROGRESS_BYTES: usize = 16 * 1024;

/// Of an answer in pieces hyper is handed no more as long as it has more than this.
const UNWRITTEN_BYTES_MAX: usize = 16 * 1024;

/// An answer on its way out of an HTTP/1 connection.
pub(super) struct Outgoing {
    pub(super) answer: Answer,
    /// Whether hyper has all of it: what it then writes and flushes is the rest.
    pub(super) handed: bool,
}

/// What is known of the connection, behind its one lock.
pub(super) struct State {
    pub(super) stream: TcpStream,
    /// Bytes read while finding out the protocol: given to hyper first, and looked at then.
    pub(super) replay: Vec<u8>,
    pub(super) replayed: usize,
    /// When they came.
    pub(super) replay_at: Timestamp,
    pub(super) parser: Parser,
    /// HTTP/2: frames of our own that stand between those of hyper, so far as the socket has not taken them.
    pub(super) own: Vec<u8>,
    pub(super) outgoing: Option<Outgoing>,
    /// Requests that a handler has and that are not answered.
    pub(super) in_flight: usize,
    /// When the last one was, or when the connection was opened.
    pub(super) idle_since: Timestamp,
    /// Whether a request came on it.
    pub(super) served: bool,
    /// Whether the sender closed its half.
    pub(super) ended: bool,
    /// Whether hyper's own answer to something was seen.
    pub(super) refused: bool,
    /// Whether hyper wants more than came.
    pub(super) wants: bool,
    /// Since when little came of what is under way, and how much that is.
    pub(super) little_since: Timestamp,
    pub(super) little_bytes: usize,
    /// HTTP/1: bytes of an answer that hyper was handed and that were not written, where that is counted.
    pub(super) unwritten_bytes: usize,
    /// Whether there are more as soon as it has written some of them.
    pub(super) is_awaited: bool,
    /// HTTP/2: bytes that hyper was given in this turn of the connection.
    pub(super) turn_bytes: usize,
    /// How the connection is to end, when it is.
    pub(super) asked: Option<Ask>,
    /// Since when the sender takes nothing of what is to leave.
    pub(super) stuck_since: Option<Timestamp>,
    pub(super) driver: Option<Waker>,
}

/// One connection: shared by the socket that hyper reads and the handlers of its requests.
pub struct Wire {
    state: Mutex<State>,
    pub(super) witness: Arc<dyn Witness>,
    peer: SocketAddr,
    is_h2: bool,
}
impl Wire {
    /// Round the socket of a sender who is idle since then, of which `first` was read already. `served`: after requests that
    /// were served without a tap.
    pub fn new(
        stream: TcpStream,
        (peer, idle_since): (SocketAddr, Timestamp),
        (first, first_at, served): (Vec<u8>, Timestamp, bool),
        is_h2: bool,
        limits: HeadLimits,
        witness: Arc<dyn Witness>,
    ) -> Arc<Self> {
        let parser = match is_h2 {
            true => Parser::H2(Box::new(h2::Parser::new(limits))),
            false => Parser::H1(Box::new(h1::Parser::after(u64::from(served), limits))),
        };
        let state = State {
            stream,
            replay: first,
            replayed: 0,
            replay_at: first_at,
            parser,
            own: Vec::new(),
            outgoing: None,
            in_flight: 0,
            idle_since,
            served,
            ended: false,
            refused: false,
            wants: false,
            little_since: idle_since,
            little_bytes: 0,
            unwritten_bytes: 0,
            is_awaited: false,
            turn_bytes: 0,
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
        if state.in_flight == 0 {
            (state.little_since, state.little_bytes) = (clock::now(), 0);
        }
        state.in_flight += 1;
        state.served = true;
        let (claim, passed_over) = match &mut state.parser {
            Parser::H1(parser) => (Claim { head: parser.claim(request), refused: None }, Vec::new()),
            Parser::H2(parser) => parser.claim(request),
        };
        drop(state);
        self.tell(passed_over);
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
        let state = self.state();
        match &state.parser {
            Parser::H2(parser) => parser.body_end(sequence, bytes),
            Parser::H1(_) => (state.asked == Some(Ask::Leave)).then(|| Err(FOR_ANOTHER.to_owned())),
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

    /// HTTP/1: hyper is handed so many bytes of a body that comes in pieces.
    pub fn hands(&self, bytes: usize) {
        if !self.is_h2 {
            self.state().unwritten_bytes += bytes;
        }
    }

    /// HTTP/1: whether hyper has written enough of that to be handed more; if not, the connection is polled again when it has. By
    /// itself it would take in twice as much as a head may have, for each sender that reads nothing.
    pub fn takes_more(&self) -> bool {
        let mut state = self.state();
        state.is_awaited = state.unwritten_bytes > UNWRITTEN_BYTES_MAX;
        !state.is_awaited
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
    pub(super) fn settle(&self, mut state: MutexGuard<'_, State>) {
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
        if state.asked.is_some() || matches!(state.pace(), Pace::Busy) {
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
        state.turn_bytes = 0;
        if let Parser::H2(parser) = &mut state.parser {
            parser.begin_turn();
            if parser.is_one_too_many(cx.waker()) {
                state.asked.get_or_insert(Ask::Shrink);
            }
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
        self.state().pace()
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
            state.read_replay();
            if let Parser::H2(parser) = &mut state.parser {
                parser.end_answers(outcome);
            }
            (state.outgoing.take(), state.parser.leftovers(reason))
        };
        if let Some(Outgoing { mut answer, .. }) = outgoing {
            answer.done = clock::now();
            answer.outcome = outcome;
            self.finished(0, answer);
        }
        self.settle(self.state());
        self.tell(refusals);
    }

    /// Whether the sender may still be sending something that nobody will read: closing now could destroy our answer on
    /// its way (RFC 9112 section 9.6).
    pub fn needs_linger(&self) -> bool {
        let state = self.state();
        !state.ended && state.asked.is_none() && (state.refused || state.parser.is_ended_early())
    }

    /// HTTP/1: tells of requests that came and that nobody will look at, before more of them may come.
    pub fn tell_unheard(&self, reason: &str) {
        let unheard = {
            let mut state = self.state();
            state.read_replay();
            state.parser.left_heads(Some(reason))
        };
        self.tell(unheard);
    }

    fn tell(&self, unanswered: Vec<Refusal>) {
        if !unanswered.is_empty() {
            self.witness.refused(unanswered.into_iter().map(|refusal| (refusal, None)).collect());
        }
    }

    /// Closes our half, then reads what still comes: of HTTP/1 requests the heads are told at the end, the rest is dropped.
    pub async fn linger(&self, mut bytes_max: usize) {
        let _ = std::future::poll_fn(|cx| Pin::new(&mut self.state().stream).poll_shutdown(cx)).await;
        let mut scratch = vec![0; 16 * 1024];
        while bytes_max > 0 {
            let read = std::future::poll_fn(|cx| {
                let mut buffer = ReadBuf::new(&mut scratch);
                Pin::new(&mut self.state().stream).poll_read(cx, &mut buffer).map_ok(|()| buffer.filled().len())
            });
            match read.await {
                Ok(count) if count > 0 => {
                    bytes_max = bytes_max.saturating_sub(count);
                    self.state().read_unheard(scratch.get(..count).unwrap_or_default(), clock::now());
                }
                _ => return,
            }
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What the connection waits for.
    fn pace(&self) -> Pace {
        if let Some(since) = self.stuck_since {
            return Pace::Writing(since);
        }
        let is_owed = || self.wants && self.outgoing.is_none() && self.parser.owes_bodies();
        if let (Parser::H2(parser), 1..) = (&self.parser, self.in_flight) {
            // A head that is not whole holds up everything else on its connection; so does a window that stays shut.
            return match (parser.head_begun(), parser.slowest_answer()) {
                (Some(begun), _) => Pace::Head(begun),
                (None, Some(progress)) => Pace::Writing(progress),
                (None, None) if is_owed() => Pace::Body(self.little_since),
                (None, None) => Pace::Busy,
            };
        }
        match (self.in_flight, self.parser.head_begun()) {
            (1.., _) if is_owed() => Pace::Body(self.little_since),
            (1.., _) => Pace::Busy,
            // HTTP/1: hyper has what is left of an answer.
            _ if self.outgoing.is_some() => Pace::Busy,
            // Whoever opens a connection has something to say: HTTP/2 settings alone are no reason to keep it.
            _ if !self.served => Pace::Head(self.idle_since),
            (0, Some(begun)) => Pace::Head(begun),
            (0, None) => Pace::Idle(self.idle_since),
        }
    }

    /// So many bytes were written.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.stuck_since = None;
        self.unwritten_bytes = self.unwritten_bytes.saturating_sub(bytes);
        if self.is_awaited && self.unwritten_bytes <= UNWRITTEN_BYTES_MAX {
            self.is_awaited = false;
            self.wake_driver();
        }
    }

    /// So many bytes came then.
    pub(super) fn came(&mut self, bytes: usize, now: Timestamp) {
        self.wants = false;
        self.turn_bytes += bytes;
        self.little_bytes += bytes;
        if self.little_bytes >= PROGRESS_BYTES {
            (self.little_since, self.little_bytes) = (now, 0);
        }
    }

    /// A request is over.
    fn count_off(&mut self, at: Timestamp) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.idle_since = at;
        (self.little_since, self.little_bytes) = (at, 0);
    }

    /// What came and was not looked at is shown too.
    fn read_replay(&mut self) {
        let replay = std::mem::take(&mut self.replay);
        let replayed = std::mem::take(&mut self.replayed);
        for piece in replay.get(replayed..).unwrap_or_default().chunks(REPLAY_BYTES) {
            self.read_unheard(piece, self.replay_at);
        }
    }

    /// Bytes that hyper does not get. HTTP/1: those that get no row of their own need not be counted.
    fn read_unheard(&mut self, bytes: &[u8], now: Timestamp) {
        if !matches!(&self.parser, Parser::H1(parser) if parser.is_full()) {
            self.parser.read(bytes, now);
        }
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
    pub(super) fn poll_own(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.own.is_empty() && matches!(&self.parser, Parser::H2(parser) if parser.is_between_frames()) {
            let count = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, &self.own))?;
            self.own.drain(..count.max(1).min(self.own.len()));
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn wake_driver(&mut self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }
}
