//! One connection: the fast lane, then hyper over the tap for whatever is not plain, with a watchdog, until it is over.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::tap::{Ask, Code, FOR_ANOTHER, HeadLimits, PREFACE, Pace, Tap, Wire};

use super::capture::Capture;
use super::handle::Service;
use super::lane::{self, Given, Pulse};
use super::limits::ListenerLimits;
use super::refused::Ear;
use super::seats::Seat;
use super::watch::{Late, Watch, interval};

/// HTTP/2 streams of a connection at a time. Not below 100: senders open as many before they have read our settings.
const STREAMS_MAX: u32 = 128;
/// Bytes that a stream may send before somebody reads them. The connection may send as much for each stream and one more:
/// streams whose bodies wait for memory hold theirs back, and those that have it must not starve behind them.
const STREAM_WINDOW_BYTES: u32 = 64 * 1024;
/// The smallest that the protocol allows (RFC 9113 section 6.5.2); the tap counts on it.
const FRAME_BYTES_MAX: u32 = 16 * 1024;
/// What HPACK may remember (RFC 7541 section 4.2); the tap counts on it.
const HEADER_TABLE_BYTES: u32 = 4096;
/// Streams that the sender may reset before they are taken up (CVE-2023-44487).
const PENDING_RESETS_MAX: usize = 20;
/// Streams that may have to be reset for their sender's mistakes (CVE-2025-8671).
const ERROR_RESETS_MAX: usize = 1024;
/// Bytes of an answer that hyper takes before the sender opens its window.
const SEND_BYTES_MAX: usize = 64 * 1024;

/// Why there is no more of what was still coming then.
const STOPPED: &str = "the listener stopped before it was whole";

/// Why nobody looked at what came behind the last answer.
const BEHIND: &str = "the connection was closed before its turn came";

/// How a connection ended.
enum End {
    Done,
    Failed(String),
    /// What came is no request, in hyper's eyes.
    Wrong(String),
    TimedOut(&'static str),
    Unread,
    /// HTTP/2: a rule was broken that ends the connection.
    Refused(Code, String),
    Asked(Ask),
}

/// Says that the connection is over, also when its task is dropped because the listener stops.
struct Over<'a>(&'a Wire);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.ended(Some(STOPPED));
    }
}

/// Serves a connection until it is over: what is plain on the fast lane, the rest with the HTTP library.
pub async fn serve(mut stream: TcpStream, peer: SocketAddr, capture: &Arc<Capture>, seat: &Seat) {
    let limits = capture.limits();
    let (opened, opened_at) = (Instant::now(), clock::now());
    // Only a matter of latency when it fails.
    let _ = stream.set_nodelay(true);
    let pulse = Arc::new(Pulse::default());
    seat.enters(&pulse);
    let stays = || seat.stays(&pulse);
    let Some(given) = lane::serve(&mut stream, peer, (opened, opened_at), capture, &pulse, &stays).await else {
        return;
    };
    // One that was told to go meanwhile goes, with what came shown.
    let within = if seat.is_between() { limits.head_timeout } else { Duration::ZERO };
    let first = tokio::select! {
        // What was read is there, whatever else happens.
        biased;
        first = sniff(&mut stream, given, within) => first,
        () = capture.leaving().begun() => return,
        () = seat.told_to_leave() => return,
    };
    let head_limits = HeadLimits { bytes: limits.head_bytes, count: limits.header_count };
    let witness = Arc::new(Ear { capture: capture.clone(), peer });
    let began = if first.served { first.at } else { opened_at };
    let wire =
        Wire::new(stream, (peer, began), (first.bytes, first.at, first.served), first.is_h2, head_limits, witness);
    seat.speaks(&wire);
    let _over = Over(&wire);
    let watchdog = Box::pin(sleep_until(opened + interval(limits)));
    let service = Service::new(capture.clone(), wire.clone());
    let io = TokioIo::new(Tap::new(wire.clone()));
    let stopping = capture.stopping();
    let watch = Watch::new(if first.served { Instant::now() } else { opened });
    let mut driver =
        Driver { wire: &wire, limits, stopping, polled: false, told: false, parting: false, watchdog, watch };
    let end = if first.is_h2 {
        let connection = http2_builder(limits).serve_connection(io, service);
        let mut connection = pin!(connection);
        poll_fn(|cx| {
            driver.poll(cx, |cx, tell| {
                if tell {
                    connection.as_mut().graceful_shutdown();
                }
                connection.as_mut().poll(cx)
            })
        })
        .await
    } else {
        let mut connection = http1_builder(limits).serve_connection(io, service);
        poll_fn(|cx| {
            driver.poll(cx, |cx, tell| {
                if tell {
                    Pin::new(&mut connection).graceful_shutdown();
                }
                connection.poll_without_shutdown(cx)
            })
        })
        .await
        // Handlers still running are dropped here, with their connection.
    };
    finish(&wire, &end, limits, stopping.load(Ordering::Relaxed)).await;
}

/// What is left to do on a connection that is over.
async fn finish(wire: &Wire, end: &End, limits: &ListenerLimits, is_stopping: bool) {
    let is_over = match end {
        End::Done | End::Failed(_) | End::Wrong(_) => true,
        End::TimedOut(_) | End::Refused(..) => wire.is_h2() && !is_stopping,
        End::Unread | End::Asked(_) => false,
    };
    // HTTP/1: what still comes meanwhile belongs to what is told of the rest.
    let lingers_first = is_over && !wire.is_h2() && !is_stopping;
    if lingers_first {
        if let End::Wrong(_) = end {
            wire.refuse_unsaid();
        }
        if wire.needs_linger() {
            wire.tell_unheard(if let End::Failed(reason) = end { reason } else { BEHIND });
            linger(wire, limits).await;
        }
    }
    tell(wire, end, is_stopping);
    if is_over && !lingers_first {
        linger(wire, limits).await;
    }
}

/// Gives the sender time to read the last answer.
async fn linger(wire: &Wire, limits: &ListenerLimits) {
    if wire.needs_linger() {
        let _ = timeout(limits.linger_timeout, wire.linger(limits.linger_bytes)).await;
    }
}

/// Tells what came of everything on a connection that is over, and says good-bye where its protocol has a word for it.
fn tell(wire: &Wire, end: &End, is_stopping: bool) {
    match end {
        End::Done => {
            let reason = match is_stopping {
                true => STOPPED,
                false => BEHIND,
            };
            wire.ended((!wire.is_h2()).then_some(reason));
            // hyper leaves without a word when a CONNECT request has a length.
            wire.part_unless_gone(Code::PROTOCOL_ERROR, "the request cannot be handled");
        }
        End::Failed(reason) => wire.ended(Some(reason)),
        End::Wrong(reason) => {
            wire.refuse_unsaid();
            wire.ended(Some(reason));
        }
        End::TimedOut(reason) => {
            wire.ended(Some(reason));
            wire.part(Code::NO_ERROR, reason);
        }
        End::Unread => wire.unread("the sender did not take the answer before"),
        End::Refused(code, reason) => {
            wire.ended(Some(reason));
            wire.part(*code, reason);
        }
        End::Asked(Ask::Reset) => wire.ended(Some("the connection was reset, as the reply before asked")),
        End::Asked(Ask::Close) => wire.ended(Some("the connection was closed, as the reply before asked")),
        End::Asked(Ask::Shrink) => {
            let reason = match wire.is_h2() {
                true => "closed: too much is unfinished of the HTTP/2 requests of all connections together",
                false => "closed: too much is unfinished of the heads of all connections together",
            };
            wire.ended(Some(reason));
            wire.part(Code::ENHANCE_YOUR_CALM, reason);
        }
        End::Asked(Ask::Leave) => {
            match wire.pace() {
                Pace::Writing(_) => wire.unread(FOR_ANOTHER),
                _ => wire.ended(Some(FOR_ANOTHER)),
            }
            wire.part(Code::NO_ERROR, FOR_ANOTHER);
        }
    }
}

fn http1_builder(limits: &ListenerLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // The watchdog sees to slow heads: hyper's own timer would be made anew for every request.
        .header_read_timeout(None)
        .max_headers(limits.header_count)
        .max_buf_size(limits.head_bytes.max(8 * 1024))
        // A sender that closes its half after the request still gets its answer.
        .half_close(true);
    builder
}

fn http2_builder(limits: &ListenerLimits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(STREAM_WINDOW_BYTES * (STREAMS_MAX + 1))
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .header_table_size(HEADER_TABLE_BYTES)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(ERROR_RESETS_MAX)
        .max_send_buf_size(SEND_BYTES_MAX);
    builder
}

/// What the HTTP library begins with.
struct First {
    bytes: Vec<u8>,
    at: Timestamp,
    /// Whether requests were served before.
    served: bool,
    is_h2: bool,
}

/// Reads on until the bytes differ from the HTTP/2 preface or are it. It opens a connection or is none.
async fn sniff(stream: &mut TcpStream, given: Given, within: Duration) -> First {
    let Given { mut bytes, at, served } = given;
    let deadline = Instant::now() + within;
    while !served && bytes.len() < PREFACE.len() && PREFACE.starts_with(&bytes) {
        // What came so far is shown as what it is: no whole head.
        match tokio::time::timeout_at(deadline - within / 10, stream.read_buf(&mut bytes)).await {
            Ok(Ok(count)) if count > 0 => {}
            _ => break,
        }
    }
    let is_h2 = !served && bytes.starts_with(PREFACE);
    bytes.shrink_to_fit();
    First { bytes, at, served, is_h2 }
}

/// Polls hyper's connection, and looks at everything else that can end it.
struct Driver<'a> {
    wire: &'a Wire,
    limits: &'a ListenerLimits,
    stopping: &'a AtomicBool,
    /// Whether hyper had its first turn.
    polled: bool,
    /// Whether hyper was told to shut down gracefully.
    told: bool,
    /// Whether the connection is seen to be over because a rule was broken.
    parting: bool,
    /// Set anew only when it fires: a request costs no timer.
    watchdog: Pin<Box<Sleep>>,
    watch: Watch,
}

impl Driver<'_> {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut connection: impl FnMut(&mut Context<'_>, bool) -> Poll<hyper::Result<()>>,
    ) -> Poll<End> {
        // Before hyper is polled, so that a handler that asks for a reset in this very poll finds whom to wake.
        if let Some(ask) = self.wire.asked(cx) {
            return Poll::Ready(End::Asked(ask));
        }
        // What was read already comes before the news that the listener stops: of a request that hyper has begun nothing is lost.
        loop {
            let tell = self.polled && !self.told && self.stopping.load(Ordering::Relaxed);
            self.told |= tell;
            match connection(cx, tell) {
                Poll::Ready(Ok(())) => return Poll::Ready(End::Done),
                Poll::Ready(Err(error)) if error.is_parse() => return Poll::Ready(End::Wrong(in_words(&error))),
                Poll::Ready(Err(error)) => return Poll::Ready(End::Failed(in_words(&error))),
                Poll::Pending if std::mem::replace(&mut self.polled, true) => break,
                Poll::Pending => {}
            }
        }
        // Only now: hyper has shown every request that came before.
        if let Some((code, reason)) = self.wire.condemned() {
            if self.parting {
                return Poll::Ready(End::Refused(code, reason));
            }
            // Their handlers have their turn, and hyper writes the answers that are ready.
            self.parting = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.watchdog.as_mut().poll(cx).is_ready() {
            match self.watch.look(self.wire.pace(), self.limits) {
                Ok(next) => self.watchdog.as_mut().reset(Instant::now() + next),
                Err(Late::TimedOut(reason)) => return Poll::Ready(End::TimedOut(reason)),
                Err(Late::Unread) => return Poll::Ready(End::Unread),
            }
        }
        Poll::Pending
    }
}

/// hyper's error with its causes.
fn in_words(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "the sender closed the connection before its head was whole".to_owned();
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
