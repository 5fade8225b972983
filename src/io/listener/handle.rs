//! From hyper's request to a kept exchange and its answer.
//!
//! ```text
//! claim the head from the tap -> read the body within limits -> keep (the line's write, and sync where wished, return) -> the answer leaves
//! ```

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use axum::response::Response;
use http::header::{CONNECTION, HeaderValue};
use hyper::body::Incoming;

use crate::domain::exchange::{Mark, Request};
use crate::domain::record;
use crate::domain::reply::{Make, Reply};
use crate::io::provoke::provoke;
use crate::io::store::Kept;
use crate::io::tap::{Claim, Head, LONG_HEAD_BYTES, Wire};

use super::answer::Outstanding;
use super::arrival::{Arrival, Arriving};
use super::body::Read;
use super::budget::{FREE_BYTES, Free, Share};
use super::capture::Capture;
use super::echo::Echoed;
use super::seal::{head_from_hyper, seal};
use super::trouble::{Trouble, before_body};
use super::{echo, forward, hold, play};

/// HTTP/2: from so many bytes of header fields on a request has its turn between those of others.
const DEAR_HEAD_BYTES: usize = 2 * 1024;

/// The service of one connection: claims the head while hyper shows requests in order, then handles them. There is one handler
/// for all, so that no router stands between: it would allocate eight times for a request and choose nothing.
pub struct Service {
    capture: Arc<Capture>,
    wire: Arc<Wire>,
    /// HTTP/2: what its streams have without a share of the budget.
    free: Option<Arc<Free>>,
}

impl Service {
    pub fn new(capture: Arc<Capture>, wire: Arc<Wire>) -> Self {
        let free = wire.is_h2().then(|| Arc::new(Free::new()));
        Self { capture, wire, free }
    }
}

impl hyper::service::Service<http::Request<Incoming>> for Service {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let Claim { head, refused } = self.wire.claim(&parts);
        let head = head.unwrap_or_else(|| head_from_hyper(&parts));
        // Of hyper's own copy of the head nothing else is held while the body comes and the answer waits.
        let line = (parts.method, parts.version);
        let (capture, wire, free) = (self.capture.clone(), self.wire.clone(), self.free.clone());
        Box::pin(async move { Ok(handle(capture, (wire, free), (head, refused), line, body).await) })
    }
}

async fn handle(
    capture: Arc<Capture>,
    (wire, free): (Arc<Wire>, Option<Arc<Free>>),
    (head, refused): (Head, Option<(u16, String)>),
    (method, version): (http::Method, http::Version),
    body: Incoming,
) -> Response {
    let declared = http_body::Body::size_hint(&body).exact();
    let refused = refused.map(|(status, reason)| Trouble { mark: Mark::Refused { reason }, status, rule: "refused" });
    let trouble = refused.or_else(|| before_body(&head, declared, capture.limits()));
    let (sequence, is_long) = (head.sequence, head.raw.len() > LONG_HEAD_BYTES);
    let mut arriving = Arriving(Some(Arrival { capture, wire, head, declared, read: Read::default() }));
    // It is there: only the line below takes it.
    let Some(arrival) = &mut arriving.0 else { return Response::default() };
    let trouble = match trouble {
        Some(trouble) => {
            drop(body);
            Some(trouble)
        }
        None => arrival.read_body(body, free.as_deref()).await,
    };
    // Large ones are kept one at a time, and whoever comes next waits without holding its thread up.
    let turn = match (arrival.read.bytes.len() > record::encode::LARGE_BODY_BYTES, version) {
        (true, _) => arrival.capture.turn().await,
        (false, http::Version::HTTP_2) if is_dear(&arrival.head) => arrival.capture.turn_between_others().await,
        _ => None,
    };
    let Some(Arrival { capture, wire, head, declared, mut read }) = arriving.0.take() else {
        return Response::default();
    };
    let share = std::mem::take(&mut read.share);
    let kept = capture.store().keep(seal(&wire, head, declared, read, trouble.as_ref().map(|trouble| &trouble.mark)));
    drop(turn);
    let rule = trouble.as_ref().map(|trouble| trouble.rule);
    let Some(request) = Keeping { capture: &capture, wire: &wire, sequence, rule, kept: Some(kept) }.finish().await
    else {
        // It is not kept: no answer may say that it is.
        wire.reset();
        return std::future::pending().await;
    };
    provoke("capture", &request.target);
    let mut response = respond(&capture, (wire, sequence, free), (request, share), (&method, version), trouble).await;
    if is_long && version != http::Version::HTTP_2 {
        // hyper keeps the memory in which such a head came for as long as the connection is open.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether a head takes long to be kept, for one of which a hundred may come at once.
fn is_dear(head: &Head) -> bool {
    head.headers.iter().map(|header| header.name.len() + header.value.len()).sum::<usize>() > DEAR_HEAD_BYTES
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
            None => self.capture.replies().get().replies.choose(request.path()).rule,
        };
        // Never sent: dropped, it says that the sender left.
        drop(Outstanding::new(self.wire.clone(), self.sequence, request.id, rule));
    }
}

/// Chooses the answer and lets it leave, or not.
async fn respond(
    capture: &Capture,
    (wire, sequence, free): (Arc<Wire>, u64, Option<Arc<Free>>),
    (request, share): (Arc<Request>, Share),
    (method, version): (&http::Method, http::Version),
    trouble: Option<Trouble>,
) -> Response {
    let id = request.id;
    if let Some(trouble) = trouble {
        let reply = Reply { status: trouble.status, ..Reply::default() };
        let outstanding = Outstanding::new(wire, sequence, id, trouble.rule.to_owned());
        return outstanding.refuse(&reply, method);
    }
    let rules = capture.replies().get();
    let mut outstanding = Outstanding::new(wire.clone(), sequence, id, String::new());
    let decision = match capture.replies().is_dear(&rules, &request) {
        false => capture.replies().decide(&rules, &request),
        true => {
            // What is told of a sender that leaves meanwhile.
            outstanding.chosen("none chosen yet".to_owned(), None, false);
            // Boxed: it is rare, and every connection would carry its room.
            Box::pin(capture.replies().decide_aside(Arc::clone(&rules), Arc::clone(&request))).await
        }
    };
    // Those that wait until theirs is chosen stand in memory, whatever else has been forgotten of them.
    drop(share);
    outstanding.chosen(decision.rule, decision.choice, decision.is_secret);
    let (mut reply, mut left) = (decision.reply, false);
    if decision.made_bytes > if free.is_some() { 0 } else { FREE_BYTES } {
        reply = echo::with_room(capture, reply, (decision.made_bytes, free.as_deref()), &mut outstanding);
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
