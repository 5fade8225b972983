//! The answer on its way out.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::response::Response;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId};
use crate::domain::forward::Forwarded;
use crate::domain::headers::Headers;
use crate::domain::reply::{Choice, ChosenBy, Fault, Reply, Step, Waiting, Wrong};
use crate::io::clock;
use crate::io::forward::ANSWER_BYTES_KEPT;
use crate::io::reply::drip::{self, Drip};
use crate::io::reply::wrong::{self, WrongBody};
use crate::io::tap::Wire;

use super::budget::AnswerShare;
use super::leaving::Leaving;
use super::stream::AppBody;
use super::waits::Waits;

/// Says how an exchange ended when its handler is dropped before it answered: the sender left, or the connection was reset.
pub struct Outstanding {
    wire: Arc<Wire>,
    /// The request's number on its connection, as [`crate::io::tap::Head::sequence`].
    sequence: u64,
    answer: Option<Answer>,
    /// Whether what it says holds a secret: its headers are not kept.
    is_secret: bool,
    /// What the app says of the length of a body that does not follow (HEAD, 304).
    would_be: WouldBe,
    /// What its body takes of the budget.
    share: Option<AnswerShare>,
}

/// The length that an answer without a body says its body would have (RFC 9110 section 8.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WouldBe {
    /// That of the reply's own body.
    #[default]
    Ours,
    /// The app's word, or none.
    Said(Option<u64>),
}

impl Outstanding {
    /// From when the request is kept.
    pub fn new(wire: Arc<Wire>, sequence: u64, exchange: ExchangeId, rule: String) -> Self {
        let answer = Answer {
            exchange,
            begun: None,
            done: clock::now(),
            outcome: AnswerOutcome::SenderLeft,
            status: None,
            headers: Headers::new(),
            body: Body::default(),
            rule,
            choice: None,
        };
        Self { wire, sequence, answer: Some(answer), is_secret: false, would_be: WouldBe::Ours, share: None }
    }

    /// What chose it, and how, and whether what goes back holds a secret.
    pub fn chosen(&mut self, rule: String, choice: Option<Box<Choice>>, is_secret: bool) {
        self.is_secret = is_secret;
        if let Some(answer) = &mut self.answer {
            (answer.rule, answer.choice) = (rule, choice);
        }
    }

    /// The user decided: `rule` says what; `step` is that of a script.
    pub fn by_hand(&mut self, rule: String, note: String, step: Option<Step>) {
        if let Some(answer) = &mut self.answer {
            let choice = answer.choice.get_or_insert_default();
            choice.passed.push(format!("{}: decided by hand", answer.rule));
            choice.notes.push(note);
            (choice.by, choice.step) = (ChosenBy::Hand, step);
            answer.rule = rule;
        }
    }

    /// It goes on behind this.
    pub fn queued(&mut self) {
        if let Some(answer) = &mut self.answer {
            answer.choice.get_or_insert_default().is_queued = true;
        }
    }

    /// It is an app's.
    pub fn by_app(&mut self, forwarded: Forwarded) {
        if let Some(answer) = &mut self.answer {
            let choice = answer.choice.get_or_insert_default();
            if matches!(choice.by, ChosenBy::Reply | ChosenBy::Unmet) {
                choice.by = ChosenBy::App;
            }
            choice.forwarded = Some(Box::new(forwarded));
        }
    }

    /// What the app says of the length of a body that does not follow.
    pub fn would_have(&mut self, bytes: Option<u64>) {
        self.would_be = WouldBe::Said(bytes);
    }

    /// Its body takes this of the budget until it has left, whatever becomes of it.
    pub fn takes(&mut self, share: AnswerShare) {
        self.share = Some(share);
    }

    /// The body on its way: its share goes when the connection has written all of it or lets it go. What is kept of the answer
    /// has a bound of its own, and is no part of this.
    fn leaving(&mut self, data: &Bytes) -> Bytes {
        match self.share.take() {
            Some(share) => Bytes::from_owner(OnItsWay(data.clone(), share)),
            None => data.clone(),
        }
    }

    /// What chose it, in words.
    pub fn rule(&self) -> &str {
        self.answer.as_ref().map_or("", |answer| &answer.rule)
    }

    /// Something more is to be said.
    pub fn note(&mut self, note: String) {
        if let Some(answer) = &mut self.answer {
            answer.choice.get_or_insert_default().notes.push(note);
        }
    }

    /// What is to be said if no answer leaves.
    pub fn ends_as(&mut self, outcome: AnswerOutcome) {
        if let Some(answer) = &mut self.answer {
            answer.outcome = outcome;
        }
    }

    /// It did not wait as long as its rule says.
    pub fn cut_short(&mut self) {
        if let Some(answer) = &mut self.answer {
            answer.rule.push_str("; cut short: the listener stopped");
        }
    }

    /// What is wrong with it on purpose.
    pub fn goes_wrong(&mut self, reply: &Reply) {
        if let (Some(answer), Some(fault)) = (&mut self.answer, reply.fault) {
            let whole_bytes = reply.body.len() as u64;
            answer.choice.get_or_insert_default().wrong = Some(Wrong { fault, whole_bytes });
        }
    }

    /// What leaves is this, wrong on purpose, and written by somebody else.
    pub fn wrong(&mut self, reply: &Reply, data: Bytes) {
        self.goes_wrong(reply);
        let body = kept(&data, self.share.is_none());
        if let Some(answer) = &mut self.answer {
            answer.begun = Some(clock::now());
            answer.status = Some(reply.status);
            answer.headers = if self.is_secret { hidden(&reply.headers) } else { reply.headers.clone() };
            answer.body = body;
        }
    }

    /// HTTP/2: an answer that is wrong on purpose leaves now.
    pub fn send_wrong(mut self, reply: &Reply) -> Response {
        let leaving = Reply { body: self.leaving(&reply.body), ..reply.clone() };
        let mut response = Response::new(axum::body::Body::new(WrongBody::new(&leaving)));
        fill(&mut response, reply);
        let length = match reply.fault {
            Some(Fault::WrongLength(length)) => length,
            _ => reply.body.len() as u64,
        };
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        let left = if reply.fault == Some(Fault::Cut) { wrong::half(&reply.body) } else { &reply.body[..] };
        self.wrong(reply, reply.body.slice_ref(left));
        if let Some(mut answer) = self.answer.take() {
            answer.outcome = AnswerOutcome::Broken;
            answer.done = clock::now();
            self.wire.finished(self.sequence, answer);
        }
        response
    }

    /// The listener's own answer to what it cannot take leaves now; the connection is closed behind it.
    pub fn refuse(self, reply: &Reply, method: &Method) -> Response {
        let is_h2 = self.wire.is_h2();
        let mut response = self.leave(reply, method, false, None);
        if !is_h2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer leaves now. `left`: the sender has closed its half meanwhile. A body that drips ends when the listener
    /// leaves, and is told among those that wait.
    pub fn send(self, reply: &Reply, method: &Method, left: bool, (leaving, waits): (&Leaving, &Waits)) -> Response {
        self.leave(reply, method, left, Some((leaving, waits)))
    }

    /// Which exchange it belongs to.
    pub fn exchange(&self) -> ExchangeId {
        self.answer.as_ref().map_or_else(ExchangeId::default, |answer| answer.exchange)
    }

    /// The answer begins to leave now, and its body leaves as it comes.
    pub fn stream(
        mut self,
        reply: &Reply,
        left: bool,
        body: impl FnOnce(&Arc<Wire>, ExchangeId) -> AppBody,
    ) -> Response {
        let mut response = Response::new(axum::body::Body::empty());
        fill(&mut response, reply);
        if let Some(mut answer) = self.answer.take() {
            answer.status = Some(response.status().as_u16());
            answer.headers = if self.is_secret { hidden(&reply.headers) } else { reply.headers.clone() };
            answer.outcome = if left { AnswerOutcome::SenderLeft } else { AnswerOutcome::Sent };
            answer.done = clock::now();
            // Before the answer is told of: what came of its body is filled into it.
            let body = body(&self.wire, answer.exchange);
            self.wire.answer(self.sequence, answer, false);
            *response.body_mut() = axum::body::Body::new(body);
        }
        response
    }

    fn leave(mut self, reply: &Reply, method: &Method, left: bool, slowly: Option<(&Leaving, &Waits)>) -> Response {
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
        let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let silent = bodiless || method == Method::HEAD || (method == Method::CONNECT && status.is_success());
        let data = if silent { Bytes::new() } else { reply.body.clone() };
        let mut response = Response::new(axum::body::Body::empty());
        fill(&mut response, reply);
        let length = match self.would_be {
            WouldBe::Ours => Some(reply.body.len() as u64).filter(|_| method == Method::HEAD),
            WouldBe::Said(length) => length,
        };
        if let Some(length) = length.filter(|_| status != StatusCode::NO_CONTENT)
            && (method == Method::HEAD || status == StatusCode::NOT_MODIFIED)
        {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
            if method != Method::HEAD {
                // hyper leaves a length out that is not that of the body it knows.
                let nothing = futures_util::stream::empty::<Result<Bytes, Infallible>>();
                *response.body_mut() = axum::body::Body::from_stream(nothing);
            }
        }
        if let Some(mut answer) = self.answer.take() {
            answer.status = Some(status.as_u16());
            answer.headers = if self.is_secret { hidden(&reply.headers) } else { reply.headers.clone() };
            let is_app = answer.choice.as_ref().is_some_and(|choice| choice.forwarded.is_some());
            answer.body = kept(&data, !is_app && self.share.is_none());
            answer.outcome = if left { AnswerOutcome::SenderLeft } else { AnswerOutcome::Sent };
            answer.done = clock::now();
            // Before the answer is told of: how much of it left is filled into it.
            let slowly = match (reply.drip, slowly) {
                // Whoever has gone takes nothing of it, at no rate.
                (Some(rate), Some((leaving, waits))) if !data.is_empty() && !left => {
                    let waiting = drips(answer.rule.clone(), reply, rate, data.len());
                    let dripped = waits.drip(answer.exchange, waiting);
                    Some((rate, leaving.clone(), dripped))
                }
                _ => None,
            };
            self.wire.answer(self.sequence, answer, data.is_empty());
            let wire = self.wire.clone();
            let data = self.leaving(&data);
            *response.body_mut() = match slowly {
                _ if data.is_empty() => return response,
                Some((rate, leaving, dripped)) => {
                    let stopped = async move { leaving.begun().await };
                    axum::body::Body::new(Drip::new(data, rate, stopped, move |step| match step {
                        drip::Step::Took(bytes) => dripped.add(bytes),
                        drip::Step::All => wire.handed(),
                        drip::Step::Stopped => dripped.stop(),
                    }))
                }
                _ => axum::body::Body::new(ReplyBody { wire, data }),
            };
        }
        response
    }
}

/// What is told of a body while it drips.
fn drips(rule: String, reply: &Reply, rate: std::num::NonZeroU32, bytes: usize) -> Waiting {
    let last_us = (bytes as u64).saturating_mul(1_000_000) / u64::from(rate.get());
    let until = clock::now().plus_micros(i64::try_from(last_us).unwrap_or(i64::MAX));
    Waiting { rule, what: format!("{} drips, its last byte", reply.status), until: Some(until) }
}

impl Drop for Outstanding {
    fn drop(&mut self) {
        if let Some(mut answer) = self.answer.take() {
            answer.done = clock::now();
            self.wire.finished(self.sequence, answer);
        }
    }
}

/// A body with its share of the budget.
struct OnItsWay(Bytes, #[expect(dead_code, reason = "it is given back when it is dropped")] AnswerShare);

impl AsRef<[u8]> for OnItsWay {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What is kept of an answer's body: its first MiB, and its length in any case. `is_shared`: it is that of a reply, and stands in memory
/// for as long as that.
fn kept(data: &Bytes, is_shared: bool) -> Body {
    let length_bytes = data.len() as u64;
    let bytes = match data.get(..ANSWER_BYTES_KEPT) {
        Some(_) if is_shared => data.slice(..ANSWER_BYTES_KEPT),
        // A copy: a slice would hold the whole.
        Some(first) => Bytes::copy_from_slice(first),
        None => data.clone(),
    };
    Body { bytes, length_bytes }
}

/// The names of headers without what they say.
fn hidden(headers: &Headers) -> Headers {
    let mut hidden = Headers::new();
    for header in headers {
        hidden.push(header.name.clone(), Bytes::from_static(b"[not kept: a secret]"));
    }
    hidden
}

/// Status and headers of a reply.
fn fill(response: &mut Response, reply: &Reply) {
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    for header in &reply.headers {
        let name = HeaderName::from_bytes(&header.name);
        let value = HeaderValue::from_bytes(&header.value);
        // Replies are checked where they are made; what slips through is left out rather than the whole answer.
        if let (Ok(name), Ok(value)) = (name, value)
            && name != CONTENT_LENGTH
            && name != TRANSFER_ENCODING
        {
            response.headers_mut().append(name, value);
        }
    }
}

/// The reply's bytes, in one piece, that tell when they were taken.
struct ReplyBody {
    wire: Arc<Wire>,
    data: Bytes,
}

impl HttpBody for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.data.is_empty() {
            return Poll::Ready(None);
        }
        let data = std::mem::take(&mut self.data);
        self.wire.handed();
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.len() as u64)
    }
}
