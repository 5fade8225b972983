//! An open connection to a target: one exchange on it after the other.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::connect::{Stream, Target, micros};
use super::patience::{Cut, Patience};
use super::swap::{ANSWER_HEADERS_MAX, AnswerHead, INTERIM_MAX, SeenHandle, Swap};
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, HttpVersion, Mark, Timing};
use crate::domain::headers::Headers;
use crate::domain::printable::{visible_str, visible_within};

type Driver = Connection<TokioIo<Swap<Box<dyn Stream>>>, Empty<Bytes>>;

/// How much of an answer's body is taken.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    /// Of this one.
    pub bytes_max: usize,
    /// Of all that are under way.
    pub budget: Option<&'a Budget>,
}

/// Memory that several share.
#[derive(Debug)]
pub struct Budget {
    left: AtomicUsize,
}

impl Budget {
    /// Of so many bytes.
    pub const fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    /// Takes some, if it is there.
    pub fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    /// Gives them back.
    pub fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What one answer has taken of a budget.
struct Share<'a> {
    budget: Option<&'a Budget>,
    taken: usize,
}

impl Share<'_> {
    fn take(&mut self, bytes: usize) -> bool {
        let Some(budget) = self.budget else { return true };
        let is_taken = budget.take(bytes);
        self.taken += if is_taken { bytes } else { 0 };
        is_taken
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.budget {
            budget.give_back(self.taken);
        }
    }
}

/// The connection. Nothing happens on it but while one of these is awaited: an idle one costs nothing, and what happened to it
/// shows in [`Self::is_ready`].
pub struct Open {
    sender: SendRequest<Empty<Bytes>>,
    /// `None`: it is closed.
    driver: Option<Pin<Box<Driver>>>,
    seen: SeenHandle,
    /// Bytes of the request that was sent last.
    whole_bytes: usize,
}

impl Open {
    /// Over a stream. `is_kept`: for many exchanges; then an answer has 100 header lines at most, because room for more would cost
    /// each of them.
    ///
    /// # Errors
    /// In words.
    pub async fn new(stream: Box<dyn Stream>, target: &Target, is_kept: bool) -> Result<Self, String> {
        let (io, seen) = Swap::new(stream);
        let mut builder = Builder::new();
        if !is_kept {
            builder.max_headers(ANSWER_HEADERS_MAX);
        }
        let (sender, driver) = builder
            .handshake::<_, Empty<Bytes>>(TokioIo::new(io))
            .await
            .map_err(|error| format!("could not begin with {}: {error}", target.shown()))?;
        Ok(Self { sender, driver: Some(Box::pin(driver)), seen, whole_bytes: 0 })
    }

    /// Sends a request and waits for its answer; fills in the last two times of `timing`.
    ///
    /// # Errors
    /// In words: there is no answer, and why.
    pub async fn exchange(
        &mut self,
        target: &Target,
        outgoing: &Outgoing,
        room: Room<'_>,
        patience: &mut Patience,
        timing: &mut Timing,
    ) -> Result<AttemptOutcome, String> {
        let Self { sender, driver, seen, whole_bytes } = self;
        *whole_bytes = outgoing.head.len() + outgoing.body.len();
        seen.arm(outgoing.head.clone(), outgoing.body.clone());
        let words = Words { target, outgoing };
        let exchange = async {
            let answer = match patience.wait(sender.send_request(trigger(&outgoing.head)?)).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return Err(words.no_answer(&error, seen)),
                Err(cut) => return Err(words.cut(cut, seen)),
            };
            let (parts, body) = answer.into_parts();
            let head = seen.lock().head.take().unwrap_or_else(|| head_of(&parts));
            let (body, marks) = read_body(body, room, patience).await;
            let AnswerHead { version, status, reason, headers } = head;
            Ok(AttemptOutcome::Answered { version, status, reason, headers, body, marks })
        };
        let outcome = alongside(driver, exchange).await;
        let seen = seen.lock();
        if let (Some(sent), Some(read)) = (seen.first_sent, seen.first_read) {
            timing.first_byte_us = Some(micros(read.saturating_duration_since(sent)));
            timing.download_us = outcome.is_ok().then(|| micros(read.elapsed()));
        }
        outcome
    }

    /// Whether another exchange can follow: both sides kept it open, and all of the last request was taken.
    pub async fn is_ready(&mut self) -> bool {
        let is_open = poll_fn(|cx| {
            if self.driver.as_mut().is_some_and(|driver| driver.as_mut().poll(cx).is_ready()) {
                self.driver = None;
            }
            Poll::Ready(self.driver.is_some())
        });
        is_open.await && self.sender.is_ready() && self.seen.lock().sent_bytes == self.whole_bytes
    }

    /// Whether the target said nothing at all since the last request began.
    pub fn is_silent(&self) -> bool {
        self.seen.lock().first_read.is_none()
    }
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
async fn alongside<T>(driver: &mut Option<Pin<Box<Driver>>>, exchange: impl Future<Output = T>) -> T {
    let mut exchange = pin!(exchange);
    poll_fn(|cx| {
        // Its failures come out of the exchange too.
        if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(cx).is_ready()) {
            *driver = None;
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
async fn read_body(mut body: Incoming, room: Room<'_>, patience: &mut Patience) -> (Body, Vec<Mark>) {
    let bytes_max = room.bytes_max;
    let mut share = Share { budget: room.budget, taken: 0 };
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
        if !share.take(data.len()) {
            let reason = "answers that are under way take too much memory together".to_owned();
            marks.push(Mark::Incomplete { reason });
            break;
        }
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
