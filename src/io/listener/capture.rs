//! From hyper's request to a kept exchange and its answer.
//!
//! ```text
//! claim the head from the tap -> read the body within limits -> keep (the line's write, and sync where wished, return) -> the answer leaves
//! ```

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use bytes::Bytes;
use hyper::body::Incoming;
use tokio::sync::Semaphore;

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId, HttpVersion, Mark, Request};
use crate::domain::headers::Headers;
use crate::domain::record;
use crate::domain::reply::{Make, Reply};
use crate::io::clock;
use crate::io::forward::behind::Behind;
use crate::io::provoke::provoke;
use crate::io::store::{Kept, Store, StoreError};
use crate::io::tap::{Claim, Framing, Head, Refusal, Wire, Witness};

use super::answer::{Leaving, Outstanding};
use super::body::{self, Budget, End};
use super::desk::Desk;
use super::echo::Echoed;
use super::stream::Streams;
use super::{ListenerLimits, SharedReplies, echo, forward, hold, play};

/// What all connections share.
pub struct Capture {
    store: Store,
    replies: SharedReplies,
    limits: ListenerLimits,
    budget: Budget,
    leaving: Leaving,
    stopping: Arc<AtomicBool>,
    /// Whose turn it is to have a large body kept.
    turns: Arc<Semaphore>,
    /// Whose turn it is to have a request read back.
    readers: Semaphore,
    /// Answers of apps that go back as they come.
    streams: Streams,
}

impl Capture {
    pub fn new(store: Store, replies: SharedReplies, limits: ListenerLimits) -> Self {
        let budget = Budget::new(&limits);
        Self {
            store,
            replies,
            limits,
            budget,
            leaving: Leaving::default(),
            stopping: Arc::default(),
            turns: Arc::new(Semaphore::new(1)),
            readers: Semaphore::new(1),
            streams: Streams::default(),
        }
    }

    /// What releases requests that are held, on the way out.
    pub fn leaving(&self) -> &Leaving {
        &self.leaving
    }

    pub fn limits(&self) -> &ListenerLimits {
        &self.limits
    }

    /// Where requests are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What chooses the answers.
    pub fn replies(&self) -> &SharedReplies {
        &self.replies
    }

    /// Memory for bodies that are being read.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Where requests wait that are held.
    pub fn desk(&self) -> &Desk {
        self.replies.desk()
    }

    /// A request once more, after a time in which nothing but the store held it: from memory or the session file, one at a time.
    ///
    /// # Errors
    /// [`StoreError`]: it is in neither any more.
    pub async fn again(&self, id: ExchangeId) -> Result<Arc<Request>, StoreError> {
        // Never closed.
        let _turn = self.readers.acquire().await;
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || store.request(id)).await {
            Ok(request) => request,
            Err(error) => match error.try_into_panic() {
                // As if it had happened here.
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime leaves: nobody is answered any more.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// Answers of apps that go back as they come.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// What sends requests on to apps.
    pub fn behind(&self) -> Option<&Behind> {
        self.replies.behind()
    }

    /// Whether the listener is stopping: set once.
    pub fn stopping(&self) -> &Arc<AtomicBool> {
        &self.stopping
    }

    /// One line for the user.
    pub fn say(&self, text: String) {
        self.store.say(text);
    }

    /// Who hears what a connection's tap has to say.
    pub fn witness(self: &Arc<Self>, peer: SocketAddr) -> Arc<dyn Witness> {
        Arc::new(Ear { capture: self.clone(), peer })
    }
}

/// The tap's witness: what never became a request is an exchange too.
struct Ear {
    capture: Arc<Capture>,
    peer: SocketAddr,
}

impl Witness for Ear {
    fn refused(&self, refusal: Refusal, status: Option<u16>) {
        let reason = refusal.reason.unwrap_or_else(|| match status {
            Some(431) => format!("the head is larger than the limit of {} bytes", self.capture.limits.head_bytes),
            Some(414) => "the target is too long".to_owned(),
            _ => "it is no valid HTTP request".to_owned(),
        });
        let head = refusal.head;
        let (method, target) = match (&head, refusal.request_line) {
            (Some(head), _) => (head.method.clone(), head.target.clone()),
            (None, Some(line)) => line,
            (None, None) => Default::default(),
        };
        let (headers, pseudo) = head.map(|head| (head.headers, head.pseudo)).unwrap_or_default();
        let kept = self.capture.store.keep(Request {
            id: ExchangeId::default(),
            peer: Some(self.peer),
            body_complete_us: clock::now().micros_since(refusal.first_byte),
            first_byte: refusal.first_byte,
            version: refusal.version,
            method,
            target,
            headers,
            pseudo,
            raw_head: (!refusal.raw.is_empty()).then_some(refusal.raw),
            body: Body::default(),
            trailers: Headers::new(),
            marks: vec![Mark::Refused { reason }],
        });
        // The refusal leaves when this returns.
        let Some(request) = kept.now() else { return };
        // Also when nothing answers: whoever shows rows need not wait for what never comes.
        let now = clock::now();
        self.capture.store.keep_answer(Answer {
            exchange: request.id,
            begun: status.map(|_| now),
            done: now,
            outcome: if status.is_some() { AnswerOutcome::Sent } else { AnswerOutcome::NeverAnswered },
            status,
            headers: Headers::new(),
            body: Body::default(),
            rule: "refused".to_owned(),
            choice: None,
        });
    }

    fn answered(&self, mut answer: Answer) {
        self.capture.streams.fill(&mut answer);
        self.capture.replies.waits().fill(&mut answer);
        self.capture.store.keep_answer(answer);
    }
}

/// The service of one connection: claims the head while hyper shows requests in order, then handles them. There is one handler
/// for all, so that no router stands between: it would allocate eight times for a request and choose nothing.
pub struct Service {
    capture: Arc<Capture>,
    wire: Arc<Wire>,
}

impl Service {
    pub fn new(capture: Arc<Capture>, wire: Arc<Wire>) -> Self {
        Self { capture, wire }
    }
}

impl hyper::service::Service<http::Request<Incoming>> for Service {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let claim = self.wire.claim(&parts);
        let (capture, wire) = (self.capture.clone(), self.wire.clone());
        Box::pin(async move { Ok(handle(capture, wire, claim, parts, body).await) })
    }
}

/// What is wrong with a request that hyper let through, or went wrong while its body came.
struct Trouble {
    mark: Mark,
    status: u16,
    rule: &'static str,
}

async fn handle(
    capture: Arc<Capture>,
    wire: Arc<Wire>,
    claim: Claim,
    parts: http::request::Parts,
    body: Incoming,
) -> Response {
    let Claim { head, refused } = claim;
    let head = head.unwrap_or_else(|| head_from_hyper(&parts));
    let declared = http_body::Body::size_hint(&body).exact();
    let refused = refused.map(|(status, reason)| Trouble { mark: Mark::Refused { reason }, status, rule: "refused" });
    let trouble = refused.or_else(|| before_body(&head, declared, &capture.limits));
    let sequence = head.sequence;
    let mut arriving = Arriving(Some(Arrival { capture, wire, head, declared, read: body::Read::default() }));
    // It is there: only the line below takes it.
    let Some(arrival) = &mut arriving.0 else { return Response::default() };
    let trouble = match trouble {
        Some(trouble) => {
            drop(body);
            Some(trouble)
        }
        None => arrival.read_body(body).await,
    };
    // Large ones are kept one at a time, and whoever comes next waits without holding its thread up.
    let turn = match arrival.read.bytes.len() > record::encode::LARGE_BODY_BYTES {
        true => arrival.capture.turns.clone().acquire_owned().await.ok(),
        false => None,
    };
    let Some(Arrival { capture, wire, head, declared, mut read }) = arriving.0.take() else {
        return Response::default();
    };
    let method = parts.method;
    let share = std::mem::take(&mut read.share);
    let kept = capture.store.keep(seal(&wire, head, declared, read, trouble.as_ref().map(|trouble| &trouble.mark)));
    drop((turn, share));
    let rule = trouble.as_ref().map(|trouble| trouble.rule);
    let Some(request) = Keeping { capture: &capture, wire: &wire, sequence, rule, kept: Some(kept) }.finish().await
    else {
        // It is not kept: no answer may say that it is.
        wire.reset();
        return std::future::pending().await;
    };
    provoke("capture", &request.target);
    respond(&capture, (wire, sequence), request, (&method, parts.version), trouble).await
}

/// A request that waits until it is kept. When its handler is dropped meanwhile, it is kept all the same, without an answer.
struct Keeping<'a> {
    capture: &'a Capture,
    wire: &'a Arc<Wire>,
    sequence: u64,
    /// The rule of the answer when something is wrong with the request.
    rule: Option<&'static str>,
    kept: Option<Kept>,
}

impl Keeping<'_> {
    /// As [`Kept::durable`].
    async fn finish(mut self) -> Option<Arc<Request>> {
        let request = match &mut self.kept {
            Some(kept) => kept.durable().await,
            None => None,
        };
        self.kept = None;
        request
    }
}

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        let Some(request) = self.kept.take().and_then(|kept| kept.now()) else { return };
        let rule = match self.rule {
            Some(rule) => rule.to_owned(),
            None => self.capture.replies.get().replies.choose(request.path()).rule,
        };
        // Never sent: dropped, it says that the sender left.
        drop(Outstanding::new(self.wire.clone(), self.sequence, request.id, rule));
    }
}

/// A request that is counted as in flight and not kept yet.
struct Arrival {
    capture: Arc<Capture>,
    wire: Arc<Wire>,
    head: Head,
    declared: Option<u64>,
    read: body::Read,
}

impl Arrival {
    async fn read_body(&mut self, body: Incoming) -> Option<Trouble> {
        let Capture { limits, budget, .. } = &*self.capture;
        let is_h2 = self.head.version == HttpVersion::Http2;
        if is_h2 && waits(&self.head) {
            // hyper says it in HTTP/1 only.
            self.wire.go_on(self.head.sequence);
        }
        body::read(body, (self.declared, is_h2), limits, budget, &mut self.read).await;
        // hyper says of an HTTP/2 stream only that it is over. The wire knows why, and whether its body had come whole before.
        if matches!(self.read.end, End::Broken(_)) {
            match self.wire.body_end(self.head.sequence, self.read.length_bytes) {
                Some(Ok(())) => self.read.end = End::Whole,
                Some(Err(reason)) => self.read.end = End::Broken(reason),
                None => {}
            }
        }
        after_body(&self.read.end, limits)
    }
}

/// When the handler is dropped in the middle of a body, because an HTTP/2 stream is reset, the connection is over or the
/// listener stops, what came is kept all the same: nobody else knows of it any more.
struct Arriving(Option<Arrival>);

impl Drop for Arriving {
    fn drop(&mut self) {
        let Some(Arrival { capture, wire, head, declared, read }) = self.0.take() else { return };
        let sequence = head.sequence;
        let reason = wire.body_end(sequence, read.length_bytes).and_then(Result::err).unwrap_or_else(|| {
            let what = if capture.stopping.load(Ordering::Relaxed) { "listener stopped" } else { "connection ended" };
            format!("the {what} before the body was whole")
        });
        let mark = Mark::Incomplete { reason };
        let kept = capture.store.keep(seal(&wire, head, declared, read, Some(&mark)));
        if let Some(request) = kept.now() {
            // Never sent: dropped, it says that the sender left.
            drop(Outstanding::new(wire, sequence, request.id, "body incomplete".to_owned()));
        }
    }
}

/// What can be said before the body is read.
fn before_body(head: &Head, declared: Option<u64>, limits: &ListenerLimits) -> Option<Trouble> {
    if let Framing::Refused(misframed) = head.framing {
        let mark = Mark::Refused { reason: misframed.reason().to_owned() };
        return Some(Trouble { mark, status: misframed.status(), rule: "refused" });
    }
    // Without the expectation the body comes anyway: what fits is kept, and then comes the answer.
    declared.filter(|length| waits(head) && *length > limits.body_bytes).map(|_| too_large(limits))
}

/// Whether the sender waits before it sends the body (RFC 9110 section 10.1.1).
fn waits(head: &Head) -> bool {
    head.version != HttpVersion::Http10
        && head.headers.get_str("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue"))
}

fn too_large(limits: &ListenerLimits) -> Trouble {
    Trouble { mark: Mark::Truncated { limit_bytes: limits.body_bytes }, status: 413, rule: "body limit" }
}

fn after_body(end: &End, limits: &ListenerLimits) -> Option<Trouble> {
    let (reason, status, rule) = match end {
        End::Whole => return None,
        End::TooLarge => return Some(too_large(limits)),
        End::Broken(reason) => (reason.as_str(), 400, "body incomplete"),
        End::Stalled(reason) => (reason.as_str(), 408, "body time limit"),
        End::NoRoom => ("other bodies were in the way for too long, or too many waited", 503, "bodies limit"),
    };
    Some(Trouble { mark: Mark::Incomplete { reason: reason.to_owned() }, status, rule })
}

fn seal(wire: &Wire, head: Head, declared: Option<u64>, read: body::Read, mark: Option<&Mark>) -> Request {
    let trailers = match read.trailers {
        Some(shown) => wire.trailers(&head).unwrap_or_else(|| headers_from_hyper(&shown)),
        None => wire.trailers(&head).unwrap_or_default(),
    };
    let refused = matches!(mark, Some(Mark::Refused { .. }));
    let raw_head = (!head.raw.is_empty() && (refused || !head.is_canonical)).then_some(head.raw);
    Request {
        id: ExchangeId::default(),
        peer: Some(wire.peer()),
        body_complete_us: clock::now().micros_since(head.first_byte),
        first_byte: head.first_byte,
        version: head.version,
        method: head.method,
        target: head.target,
        headers: head.headers,
        pseudo: head.pseudo,
        raw_head,
        body: Body { length_bytes: read.length_bytes.max(declared.unwrap_or(0)), bytes: read.bytes.into() },
        trailers,
        marks: mark.into_iter().cloned().collect(),
    }
}

/// Chooses the answer and lets it leave, or not.
async fn respond(
    capture: &Capture,
    (wire, sequence): (Arc<Wire>, u64),
    request: Arc<Request>,
    (method, version): (&http::Method, http::Version),
    trouble: Option<Trouble>,
) -> Response {
    let id = request.id;
    if let Some(trouble) = trouble {
        let reply = Reply { status: trouble.status, ..Reply::default() };
        let outstanding = Outstanding::new(wire, sequence, id, trouble.rule.to_owned());
        return outstanding.refuse(&reply, method);
    }
    let rules = capture.replies.get();
    let mut outstanding = Outstanding::new(wire.clone(), sequence, id, String::new());
    let decision = match capture.replies.is_dear(&rules, &request) {
        false => capture.replies.decide(&rules, &request),
        true => {
            // What is told of a sender that leaves meanwhile.
            outstanding.chosen("none chosen yet".to_owned(), None, false);
            // Boxed: it is rare, and every connection would carry its room.
            Box::pin(capture.replies.decide_aside(Arc::clone(&rules), Arc::clone(&request))).await
        }
    };
    outstanding.chosen(decision.rule, decision.choice, decision.is_secret);
    let (mut reply, mut left) = (decision.reply, false);
    if decision.made_bytes > echo::FREE_BYTES {
        reply = echo::with_room(capture, reply, decision.made_bytes, &mut outstanding).await;
    }
    let body_bytes = request.body.bytes.len();
    let mut request = Some(request);
    if let Some(hold_ms) = decision.hold_ms
        && let Some(held) = request.take()
    {
        // Boxed: not every connection should carry its room.
        let held =
            Box::pin(hold::hold(capture, &wire, held, (reply, decision.captures, hold_ms), &mut outstanding)).await;
        (reply, left, request) = (held.reply, held.sender_left, held.request);
    }
    let mut streaming = None;
    let may_go_on = decision.route.is_some() || reply.make == Make::Forward;
    if let (true, Some(request)) = (may_go_on, &request) {
        // Boxed: not every connection should carry its room.
        let onward = forward::onward(capture, &wire, request, decision.route.as_ref(), reply, &mut outstanding);
        let answered = Box::pin(onward).await;
        (reply, left) = (answered.reply, left || answered.sender_left);
        streaming = answered.streaming.map(|(coming, timing)| (coming, timing, version));
    }
    // What waits must not hold the request in memory.
    let at_hand = request.filter(|_| reply.make == Make::Echo && reply.delay_ms == 0);
    let echoed = Echoed { id, body_bytes, at_hand };
    play::play(capture, &wire, &reply, echoed, method, (outstanding, left), streaming).await
}

/// What is left of the head when the tap could not follow.
fn head_from_hyper(parts: &http::request::Parts) -> Head {
    let version = match parts.version {
        http::Version::HTTP_2 => HttpVersion::Http2,
        http::Version::HTTP_10 => HttpVersion::Http10,
        _ => HttpVersion::Http11,
    };
    let target = match version {
        HttpVersion::Http2 => parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str).to_owned(),
        _ => parts.uri.to_string(),
    };
    let mut pseudo = Headers::new();
    if version == HttpVersion::Http2 {
        if let Some(authority) = parts.uri.authority() {
            pseudo.push(":authority", authority.as_str().to_owned());
        }
        if let Some(scheme) = parts.uri.scheme_str() {
            pseudo.push(":scheme", scheme.to_owned());
        }
    }
    Head {
        sequence: u64::MAX,
        first_byte: clock::now(),
        method: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: target.into(),
        version,
        headers: headers_from_hyper(&parts.headers),
        pseudo,
        raw: Bytes::new(),
        is_canonical: true,
        framing: Framing::Frames,
    }
}

fn headers_from_hyper(map: &http::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(Bytes::copy_from_slice(name.as_str().as_bytes()), Bytes::copy_from_slice(value.as_bytes()));
    }
    headers
}
