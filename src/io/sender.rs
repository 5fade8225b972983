//! The HTTP client of a resend: sends exactly the bytes it is given and reports what came back, and how long each step took.
//!
//! hyper parses the answer; what it would write is swapped for the given bytes ([`swap`]). Ours are the steps before:
//! look-up, connect, TLS (`connect`). No redirect is followed, nothing is tried twice.

pub mod connect;
mod patience;
pub mod swap;

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use tokio::sync::watch;
use tokio::time::Instant as TokioInstant;

use self::connect::{Found, Target, connect, micros};
use self::patience::{Cut, Patience};
use self::swap::{ANSWER_HEADERS_MAX, AnswerHead, INTERIM_MAX, SeenHandle, Swap};
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, HttpVersion, Mark, Timing};
use crate::domain::headers::Headers;
use crate::domain::printable::{visible_str, visible_within};

/// Whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Those that this system believes.
    #[default]
    System,
    /// Those of these authorities only.
    Authorities(Arc<RootCertStore>),
}

/// Bounds of one attempt.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Name look-up, TCP connect and TLS handshake together. Default 10 s.
    pub connect: Duration,
    /// The whole attempt. Default 30 s.
    pub total: Duration,
    /// Body bytes of the answer that are kept. Default 10 MiB.
    pub answer_bytes_max: usize,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// Ends the attempt when it turns true; what came until then is kept.
    pub stop: Option<watch::Receiver<bool>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            answer_bytes_max: 10 << 20,
            trust: Trust::System,
            stop: None,
        }
    }
}

/// Looks the target of an origin (`http://host:port`) up, for [`send_to`].
///
/// # Errors
/// In words: what was tried, what happened, what to do.
pub async fn find(origin: &str, limits: &Limits) -> Result<Found, String> {
    connect::find(Target::parse(origin)?, TokioInstant::now() + limits.connect.min(limits.total)).await
}

/// [`find`] and [`send_to`] together, for targets that need no leave.
pub async fn send(outgoing: &Outgoing, limits: &Limits) -> (AttemptOutcome, Timing) {
    let begun = Instant::now();
    match find(&outgoing.origin, limits).await {
        Ok(found) => send_to(&found, outgoing, limits).await,
        Err(message) => {
            (AttemptOutcome::Failed { message }, Timing { total_us: micros(begun.elapsed()), ..Timing::default() })
        }
    }
}

/// Sends to one of the addresses that were found and waits for the answer. Never looks anything up, never follows a
/// redirect, never retries, never takes longer than the limits.
///
/// Whatever happens is an outcome: there is no error beside it. Dropping the future closes the connection.
pub async fn send_to(found: &Found, outgoing: &Outgoing, limits: &Limits) -> (AttemptOutcome, Timing) {
    let begun = Instant::now();
    let mut timing = Timing::default();
    let outcome = match attempt(found, outgoing, limits, &mut timing).await {
        Ok(outcome) => outcome,
        Err(message) => AttemptOutcome::Failed { message },
    };
    timing.total_us = micros(begun.elapsed()).saturating_add(timing.dns_us.unwrap_or(0));
    (outcome, timing)
}

async fn attempt(
    found: &Found,
    outgoing: &Outgoing,
    limits: &Limits,
    timing: &mut Timing,
) -> Result<AttemptOutcome, String> {
    let mut patience = Patience::new(limits.total, limits.stop.clone());
    let target = found.target();
    let connected_by = TokioInstant::now() + limits.connect.min(limits.total);
    let stream = patience
        .wait(connect(found, &limits.trust, connected_by, timing))
        .await
        .map_err(|cut| format!("no connection to {} {}", target.shown(), cut.words()))??;
    let (io, seen) = Swap::new(stream, outgoing.head.clone(), outgoing.body.clone());
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_headers(ANSWER_HEADERS_MAX)
        .handshake::<_, Empty<Bytes>>(TokioIo::new(io))
        .await
        .map_err(|error| format!("could not begin with {}: {error}", target.shown()))?;
    let words = Words { target, outgoing };
    let exchange = async {
        let answer = match patience.wait(sender.send_request(trigger(&outgoing.head)?)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(words.no_answer(&error, &seen)),
            Err(cut) => return Err(words.cut(cut, &seen)),
        };
        let (parts, body) = answer.into_parts();
        let head = seen.lock().head.take().unwrap_or_else(|| head_of(&parts));
        let (body, marks) = read_body(body, limits.answer_bytes_max, &mut patience).await;
        let AnswerHead { version, status, reason, headers } = head;
        Ok(AttemptOutcome::Answered { version, status, reason, headers, body, marks })
    };
    let outcome = alongside(connection, exchange).await;
    let seen = seen.lock();
    if let (Some(sent), Some(read)) = (seen.first_sent, seen.first_read) {
        timing.first_byte_us = Some(micros(read.saturating_duration_since(sent)));
        timing.download_us = outcome.is_ok().then(|| micros(read.elapsed()));
    }
    outcome
}

/// The request that makes hyper begin. hyper must know of HEAD and CONNECT, whose answers have no body; nothing else of
/// the method matters to it, and of the rest nothing leaves.
fn trigger(head: &[u8]) -> Result<hyper::Request<Empty<Bytes>>, String> {
    let (method, uri) = match head.split(|byte| *byte == b' ').next() {
        Some(b"HEAD") => (hyper::Method::HEAD, "/"),
        Some(b"CONNECT") => (hyper::Method::CONNECT, "target:1"),
        _ => (hyper::Method::GET, "/"),
    };
    hyper::Request::builder()
        .method(method)
        .uri(uri)
        .body(Empty::new())
        .map_err(|error| format!("could not begin the request: {error}"))
}

/// Drives the connection while the exchange runs on it, in one task: dropping that ends both.
async fn alongside<T>(connection: impl Future, exchange: impl Future<Output = T>) -> T {
    let mut connection = pin!(connection);
    let mut exchange = pin!(exchange);
    let mut open = true;
    poll_fn(|cx| {
        // Its failures come out of the exchange too.
        if open && connection.as_mut().poll(cx).is_ready() {
            open = false;
        }
        match exchange.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// The head as hyper knows it, where ours was too long to be watched.
fn head_of(parts: &hyper::http::response::Parts) -> AnswerHead {
    let mut headers = Headers::new();
    for (name, value) in &parts.headers {
        headers.push(name.as_str().to_owned(), value.as_bytes().to_vec());
    }
    let version = if parts.version == hyper::Version::HTTP_10 { HttpVersion::Http10 } else { HttpVersion::Http11 };
    let reason = parts.extensions.get::<hyper::ext::ReasonPhrase>();
    let reason = reason.map(|reason| Bytes::copy_from_slice(reason.as_bytes())).unwrap_or_default();
    AnswerHead { version, status: parts.status.as_u16(), reason, headers }
}

/// Reads up to the limit and as long as there is patience; what came is kept, and a mark says why there is no more.
async fn read_body(mut body: Incoming, bytes_max: usize, patience: &mut Patience) -> (Body, Vec<Mark>) {
    let declared = body.size_hint().exact();
    let mut kept: Vec<u8> = Vec::new();
    let mut came = 0u64;
    let mut marks = Vec::new();
    loop {
        let frame = match patience.wait(body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => {
                marks.push(Mark::Incomplete { reason: "the target closed before the end of the body".to_owned() });
                break;
            }
            Err(cut) => {
                marks.push(Mark::Incomplete { reason: format!("no end of the body {}", cut.words()) });
                break;
            }
        };
        let Ok(data) = frame.into_data() else { continue };
        came = came.saturating_add(data.len() as u64);
        let room = bytes_max.saturating_sub(kept.len());
        kept.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
        if data.len() > room {
            marks.push(Mark::Truncated { limit_bytes: bytes_max as u64 });
            break;
        }
    }
    let length_bytes = declared.unwrap_or(0).max(came);
    kept.shrink_to_fit();
    (Body { bytes: kept.into(), length_bytes }, marks)
}

/// What is needed to say why there is no answer.
struct Words<'a> {
    target: &'a Target,
    outgoing: &'a Outgoing,
}

impl Words<'_> {
    fn sent(&self, seen: &SeenHandle) -> String {
        let whole = self.outgoing.head.len() + self.outgoing.body.len();
        match seen.lock().sent_bytes {
            sent if sent == whole => "the whole request was sent".to_owned(),
            sent => format!("{sent} of {whole} bytes were sent"),
        }
    }

    fn cut(&self, cut: Cut, seen: &SeenHandle) -> String {
        let begun = if seen.lock().begun.is_empty() { "no answer" } else { "no whole answer" };
        format!("{begun} from {} {} ({})", self.target.shown(), cut.words(), self.sent(seen))
    }

    fn no_answer(&self, error: &hyper::Error, seen: &SeenHandle) -> String {
        let (target, sent) = (self.target.shown(), self.sent(seen));
        let (begun, write_error, interim) = {
            let seen = seen.lock();
            (visible_within(seen.begun.get(..60).unwrap_or(&seen.begun), 60), seen.write_error, seen.interim)
        };
        if interim > INTERIM_MAX {
            return format!(
                "{target} sent {INTERIM_MAX} interim answers (1xx) and none that ends the exchange; {sent}"
            );
        }
        if error.is_parse() {
            return format!("what {target} answered is no HTTP/1 ({error}): it begins with {begun}");
        }
        let how = match (write_error, begun.is_empty()) {
            (Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), _) => {
                "took no more and closed without an answer"
            }
            (_, false) => "closed in the middle of its answer's head",
            (_, true) if error.is_incomplete_message() => "closed without an answer",
            (_, true) => return format!("{target} gave no answer: {}; {sent}", visible_str(&cause(error))),
        };
        format!("{target} {how}; {sent}")
    }
}

/// The innermost cause: hyper's own text says only `connection error`.
fn cause(error: &hyper::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
