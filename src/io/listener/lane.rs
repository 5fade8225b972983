//! The fast lane: plain HTTP/1.1 requests, from the socket to the session file and back without the HTTP library.
//!
//! ```text
//! read -> plain? -> (the rest of the body) -> plain reply? -> keep -> write the answer -> read ...
//!            |            |                        |
//!            +------------+------------------------+--> no: the bytes go on to the HTTP library, which keeps the connection
//! ```
//!
//! Nothing of a request is kept before it is whole, so what turns out not to be plain is given away as if it had never been
//! looked at. That is why nothing here knows of chunks, expectations, upgrades, pipelines, refusals or slow senders. See
//! `docs/decisions/fast-lane.md`.

mod answer;
mod known;
mod plain;
mod pulse;

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId, HttpVersion, Mark, Request};
use crate::domain::headers::Headers;
use crate::domain::rule::RuleSet;
use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::provoke::provoke;
use crate::io::store::Kept;
use crate::io::tap::Pace;

use super::ListenerLimits;
use super::budget::{SMALL_BYTES, SmallShare};
use super::capture::Capture;
use super::watch::{Watch, interval};

use answer::Prepared;
use plain::{Bounds, Parts, Plain};
pub use pulse::{Pulse, Rest};

/// Bytes of a read: a head, and a body that needs no share of the budget for large ones.
const READ_BYTES: usize = 8 * 1024 + SMALL_BYTES;
/// How long the rest of a body may take before the HTTP library, whose limits begin only then, sees to it.
const BODY_WITHIN: Duration = Duration::from_millis(100);

/// Bytes of the memory that a thread takes for the requests that come whole, one behind the other. They leave the ring in the same
/// order, so that it goes back in one piece.
const TAKEN_BYTES: usize = 64 * 1024;

thread_local! {
    /// What a read fills. Connections that say nothing hold no memory.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
    /// Where requests are kept.
    static TAKEN: RefCell<BytesMut> = RefCell::default();
}

/// A copy of a whole request. Taking memory for each by itself means to look into memory that was let go long ago, and which
/// the processor has forgotten.
fn keep(request: &[u8]) -> Bytes {
    TAKEN.with_borrow_mut(|taken| {
        if taken.capacity() < request.len() {
            *taken = BytesMut::with_capacity(TAKEN_BYTES.max(request.len()));
        }
        taken.extend_from_slice(request);
        taken.split().freeze()
    })
}

/// What the HTTP library goes on with.
#[derive(Debug)]
pub struct Given {
    /// Read, and not served.
    pub bytes: Vec<u8>,
    /// When the first of them was.
    pub at: Timestamp,
    /// Whether requests were served here before.
    pub served: bool,
}

/// What a read brought.
enum Came {
    /// The connection's end.
    End,
    /// Something that is served here: a whole request, and what came behind it.
    Whole(Parts, Vec<u8>),
    /// The begin of one.
    Part(Box<Plain>, Vec<u8>),
    /// Anything else.
    Other(Vec<u8>),
}

/// How a request ended.
enum Turn {
    /// It is answered; this came behind it.
    Served(Vec<u8>),
    /// The connection is over.
    Over,
    /// It is not served here.
    Not(Vec<u8>),
}

/// Serves what is plain of a connection. Returns what is not; `None` when the connection is over. `stays` is called when it was
/// told to go and something of its sender stood in the socket.
pub async fn serve(
    stream: &mut TcpStream,
    peer: SocketAddr,
    opened: (Instant, Timestamp),
    capture: &Arc<Capture>,
    pulse: &Pulse,
    stays: &(dyn Fn() + Sync),
) -> Option<Given> {
    let mut lane = Lane {
        stream,
        peer,
        capture,
        pulse,
        opened_at: opened.1,
        watch: Watch::new(opened.0),
        watchdog: Box::pin(sleep_until(opened.0 + interval(capture.limits()))),
    };
    let mut served = false;
    loop {
        let came = lane.next(served).await?;
        let at = clock::now();
        if !pulse.begin() {
            stays();
        }
        let turn = match came {
            Came::End => Turn::Over,
            Came::Other(bytes) => Turn::Not(bytes),
            Came::Part(plain, bytes) => lane.finish(&plain, bytes, at).await,
            // It came in one piece.
            Came::Whole(parts, rest) => lane.handle(parts, (at, at), rest, None).await,
        };
        match turn {
            Turn::Served(rest) if rest.is_empty() => served = true,
            Turn::Served(bytes) => return Some(Given { bytes, at, served: true }),
            Turn::Over => return None,
            Turn::Not(bytes) => return Some(Given { bytes, at, served }),
        }
    }
}

/// A connection while it is here.
struct Lane<'a> {
    stream: &'a mut TcpStream,
    peer: SocketAddr,
    capture: &'a Arc<Capture>,
    pulse: &'a Pulse,
    opened_at: Timestamp,
    watch: Watch,
    /// Set anew only when it fires: a request costs no timer.
    watchdog: Pin<Box<Sleep>>,
}

impl Came {
    fn of(bytes: &[u8], bounds: Bounds) -> Self {
        if bytes.is_empty() {
            return Self::End;
        }
        let Some(plain) = Plain::read(bytes, bounds) else { return Self::Other(bytes.to_vec()) };
        let length = plain.length_bytes();
        match bytes.split_at_checked(length) {
            Some((request, rest)) => Self::Whole(plain.parts(keep(request)), rest.to_vec()),
            None => {
                let mut begin = Vec::with_capacity(length);
                begin.extend_from_slice(bytes);
                Self::Part(Box::new(plain), begin)
            }
        }
    }
}

impl Lane<'_> {
    /// What comes next. `None`: the connection is over. On the way out what was sent already is taken, once: senders go on for ever.
    async fn next(&mut self, served: bool) -> Option<Came> {
        let limits = self.capture.limits();
        let bounds = Bounds {
            head_bytes: limits.head_bytes,
            header_count: limits.header_count,
            body_bytes: usize::try_from(limits.body_bytes).unwrap_or(usize::MAX).min(SMALL_BYTES),
        };
        poll_fn(|cx| {
            self.pulse.wakes(cx);
            let stops = self.capture.stopping().load(Ordering::SeqCst);
            if stops && served {
                return Poll::Ready(None);
            }
            if let Poll::Ready(came) = look(self.stream, cx, bounds, stops || self.pulse.is_told()) {
                return Poll::Ready(came);
            }
            self.pulse.found_nothing();
            while self.watchdog.as_mut().poll(cx).is_ready() {
                let pace = match self.pulse.get() {
                    Rest::Unseen | Rest::Silent(_) => Pace::Head(self.opened_at),
                    Rest::Idle(since) => Pace::Idle(since),
                    Rest::None => Pace::Busy,
                };
                match self.watch.look(pace, limits) {
                    Ok(next) => self.watchdog.as_mut().reset(Instant::now() + next),
                    Err(_) => return Poll::Ready(None),
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Reads the rest of a body.
    async fn finish(&mut self, plain: &Plain, begin: Vec<u8>, at: Timestamp) -> Turn {
        let Some(share) = self.capture.budget().small_now(plain.body_bytes) else { return Turn::Not(begin) };
        let mut unfinished = Unfinished { lane: self, plain, at, bytes: begin };
        if !unfinished.read_on().await {
            return Turn::Not(std::mem::take(&mut unfinished.bytes));
        }
        let bytes = std::mem::take(&mut unfinished.bytes);
        drop(unfinished);
        self.handle(plain.parts(bytes.into()), (at, clock::now()), Vec::new(), Some(share)).await
    }

    /// Keeps a whole request and answers it, unless it is none for this lane.
    async fn handle(
        &mut self,
        parts: Parts,
        times: (Timestamp, Timestamp),
        rest: Vec<u8>,
        share: Option<SmallShare>,
    ) -> Turn {
        let all = parts.all.clone();
        let request = sealed(self.peer, parts, times, None);
        let rules = self.capture.replies().get();
        let Some((prepared, rule)) = reply_of(&rules, &request) else { return Turn::Not([&all[..], &rest].concat()) };
        drop(all);
        let kept = Some(self.capture.store().keep(request));
        drop(share);
        let mut unanswered = Unanswered { capture: self.capture, kept, answer: Answer { rule, ..unsent() } };
        let Some(request) = unanswered.kept().await else {
            // It is not kept: no answer may say that it is.
            let _ = self.stream.set_zero_linger();
            return Turn::Over;
        };
        provoke("capture", &request.target);
        drop(request);
        unanswered.leaves(&prepared);
        let written = write(self.stream, (&prepared, times.1), self.capture.limits()).await;
        let done = unanswered.left(&written);
        drop(unanswered);
        match written {
            Written::Whole(_) => {
                if rest.is_empty() {
                    self.pulse.rest(done);
                }
                Turn::Served(rest)
            }
            Written::Part(..) => Turn::Over,
        }
    }
}

/// The answer to a request when it is the same for all, and what chose it.
fn reply_of(rules: &Arc<RuleSet>, request: &Request) -> Option<(Arc<Prepared>, String)> {
    let decision = rules.plain(request)?;
    match decision.reply {
        std::borrow::Cow::Borrowed(reply) => Some((answer::prepared(rules, reply)?, decision.rule)),
        std::borrow::Cow::Owned(_) => None,
    }
}

/// Of which nothing left yet.
fn unsent() -> Answer {
    Answer {
        exchange: ExchangeId::default(),
        begun: None,
        done: Timestamp::default(),
        outcome: AnswerOutcome::SenderLeft,
        status: None,
        headers: Headers::new(),
        body: Body::default(),
        rule: String::new(),
        choice: None,
    }
}

/// A request that began and was complete then.
fn sealed(
    peer: SocketAddr,
    parts: Parts,
    (at, complete): (Timestamp, Timestamp),
    incomplete: Option<(String, usize)>,
) -> Request {
    let length_bytes = incomplete.as_ref().map_or(parts.body.len(), |(_, declared)| *declared) as u64;
    Request {
        id: ExchangeId::default(),
        peer: Some(peer),
        body_complete_us: complete.micros_since(at),
        first_byte: at,
        version: HttpVersion::Http11,
        method: parts.method,
        target: parts.target,
        headers: parts.headers,
        pseudo: Headers::new(),
        raw_head: None,
        body: Body { bytes: parts.body, length_bytes },
        trailers: Headers::new(),
        marks: incomplete.into_iter().map(|(reason, _)| Mark::Incomplete { reason }).collect(),
    }
}

/// A request of which the body is not whole. When the listener stops meanwhile, what came is kept all the same.
struct Unfinished<'a, 'b> {
    lane: &'a mut Lane<'b>,
    plain: &'a Plain,
    at: Timestamp,
    bytes: Vec<u8>,
}

impl Unfinished<'_, '_> {
    /// Whether all of it came, soon.
    async fn read_on(&mut self) -> bool {
        let length = self.plain.length_bytes();
        let by = Instant::now() + BODY_WITHIN;
        while self.bytes.len() < length {
            let left = length - self.bytes.len();
            let mut room = (&mut self.bytes).limit(left);
            let read = self.lane.stream.read_buf(&mut room);
            match tokio::time::timeout_at(by, read).await {
                Ok(Ok(1..)) => {}
                Ok(_) => return false,
                // On the way out it is given its time, and then dropped here.
                Err(_) if self.lane.capture.stopping().load(Ordering::Relaxed) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(_) => return false,
            }
        }
        true
    }
}

impl Drop for Unfinished<'_, '_> {
    fn drop(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let capture = self.lane.capture;
        let parts = self.plain.parts(std::mem::take(&mut self.bytes).into());
        let reason = "the listener stopped before the body was whole".to_owned();
        let request = sealed(self.lane.peer, parts, (self.at, clock::now()), Some((reason, self.plain.body_bytes)));
        let answer = Answer { rule: "body incomplete".to_owned(), ..unsent() };
        drop(Unanswered { capture, kept: Some(capture.store().keep(request)), answer });
    }
}

/// A request that is kept, or about to be, and not answered. Dropped, it says that the sender left.
struct Unanswered<'a> {
    capture: &'a Capture,
    /// Until it is kept.
    kept: Option<Kept>,
    answer: Answer,
}

impl Unanswered<'_> {
    /// As [`Kept::durable`].
    async fn kept(&mut self) -> Option<Arc<Request>> {
        let request = match &mut self.kept {
            Some(kept) => kept.durable().await,
            None => None,
        };
        self.kept = None;
        self.answer.exchange = request.as_ref()?.id;
        request
    }

    /// This is about to leave.
    fn leaves(&mut self, prepared: &Prepared) {
        self.answer.status = Some(prepared.status);
        self.answer.headers = prepared.headers.clone();
        self.answer.body = Body::whole(prepared.body.clone());
    }

    /// It left, or did not. Returns when.
    fn left(&mut self, written: &Written) -> Timestamp {
        let now = clock::now();
        let (begun, outcome) = match written {
            Written::Whole(begun) => (*begun, AnswerOutcome::Sent),
            Written::Part(begun, outcome) => (*begun, *outcome),
        };
        self.answer.begun = begun.or((outcome == AnswerOutcome::Sent).then_some(now));
        self.answer.outcome = outcome;
        now
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        // Dropped while it waits for company: it is kept all the same.
        if let Some(request) = self.kept.take().and_then(|kept| kept.now()) {
            self.answer.exchange = request.id;
        }
        if self.answer.exchange != ExchangeId::default() {
            self.answer.done = clock::now();
            self.capture.store().keep_answer(std::mem::replace(&mut self.answer, unsent()));
        }
    }
}

/// How the write of an answer ended, and when its first byte left if that was not in one go with the last.
enum Written {
    Whole(Option<Timestamp>),
    Part(Option<Timestamp>, AnswerOutcome),
}

/// Writes the answer to what was complete then, as far as its sender takes it.
async fn write(
    stream: &mut TcpStream,
    (prepared, complete): (&Prepared, Timestamp),
    limits: &ListenerLimits,
) -> Written {
    let first = poll_fn(|cx| {
        Poll::Ready(answer::written(prepared, complete, |bytes| match Pin::new(&mut *stream).poll_write(cx, bytes) {
            Poll::Ready(Ok(count)) if count == bytes.len() => Ok(None),
            Poll::Ready(Ok(count)) => Ok(Some((bytes.to_vec(), count))),
            Poll::Pending => Ok(Some((bytes.to_vec(), 0))),
            Poll::Ready(Err(_)) => Err(()),
        }))
    })
    .await;
    let (bytes, mut taken) = match first {
        Ok(None) => return Written::Whole(None),
        Ok(Some(rest)) => rest,
        Err(()) => return Written::Part(None, AnswerOutcome::SenderLeft),
    };
    let mut begun = (taken > 0).then(clock::now);
    while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
        match timeout(limits.write_timeout, stream.write(rest)).await {
            Ok(Ok(count @ 1..)) => {
                taken += count;
                begun = begun.or_else(|| Some(clock::now()));
            }
            Ok(_) => return Written::Part(begun, AnswerOutcome::SenderLeft),
            Err(_) => {
                // An ordinary close would leave the system to offer the rest for minutes more.
                let _ = stream.set_zero_linger();
                return Written::Part(begun, AnswerOutcome::Unread);
            }
        }
    }
    Written::Whole(begun)
}

/// What stands in the socket. `None`: nothing does, and the connection is to go.
fn look(stream: &mut TcpStream, cx: &mut Context<'_>, bounds: Bounds, goes: bool) -> Poll<Option<Came>> {
    if let Poll::Ready(came) = poll_read(stream, cx, bounds) {
        // A broken connection says no more than a closed one: nothing was begun.
        return Poll::Ready(Some(came.unwrap_or(Came::End)));
    }
    // Only now: what stood in the socket came in time. It may be our side that took long to look.
    if goes && !stands(stream) { Poll::Ready(None) } else { Poll::Pending }
}

/// Whether something of the sender stands in the socket: also what the runtime has yet to hear of. It has of no connection that is new
/// to it, and hears last where there is much to do.
fn stands(stream: &TcpStream) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut asked = [PollFd::new(stream, PollFlags::IN)];
    poll(&mut asked, Some(&Timespec::default())).is_ok_and(|count| count > 0)
}

/// One read, and what it brought.
fn poll_read(stream: &mut TcpStream, cx: &mut Context<'_>, bounds: Bounds) -> Poll<io::Result<Came>> {
    SCRATCH.with_borrow_mut(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        std::task::ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(Came::of(buffer.filled(), bounds)))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream as StdStream};

    use super::*;

    /// A connection over which this was sent, with the sender's end.
    fn sent(bytes: &[u8]) -> (TcpStream, StdStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = StdStream::connect(listener.local_addr().unwrap()).unwrap();
        sender.write_all(bytes).unwrap();
        let (stream, _) = listener.accept().unwrap();
        // Until it is there.
        assert!(bytes.is_empty() || stream.peek(&mut [0]).unwrap() > 0);
        stream.set_nonblocking(true).unwrap();
        (TcpStream::from_std(stream).unwrap(), sender)
    }

    async fn looked(bytes: &[u8]) -> Option<Came> {
        let (mut stream, _sender) = sent(bytes);
        let bounds = Bounds { head_bytes: 1024, header_count: 10, body_bytes: 1024 };
        poll_fn(|cx| look(&mut stream, cx, bounds, true)).await
    }

    /// The runtime has not heard of what is in the socket of a connection that is new to it.
    #[tokio::test]
    async fn a_request_that_was_sent_is_taken_although_its_connection_was_told_to_go() {
        assert!(matches!(looked(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await, Some(Came::Whole(..))));
        assert!(matches!(looked(b"GET / HT").await, Some(Came::Other(_))));
        assert!(looked(b"").await.is_none());
    }
}
