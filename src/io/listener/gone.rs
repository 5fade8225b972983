//! Senders that had gone before we looked: what they sent is kept, behind everybody who still waits for an answer.
//!
//! Who connects, sends and closes without a pause brings more connections than can be served, and they would all stand before a
//! sender that waits. So only few of them are served at a time. A whole HTTP/2 connection that nobody has read a frame of
//! is no delivery, and may hold hundreds of requests that are reset at once: of those, only so many wait.

use std::future::Future;
use std::net::TcpStream;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::io::tap::PREFACE;

/// So many are served at a time. With `disk` they wait for the system's write together.
const TURNS: usize = 16;
/// So many HTTP/2 connections are, each of which may hold a hundred requests.
const HTTP2_TURNS: usize = 2;
/// For so long at most has one of them its turn: a sender that closed only its own half may wait for an answer that is held.
const TURN: Duration = Duration::from_millis(20);
/// HTTP/2 connections of senders that have gone that may wait for their turn.
const HTTP2_WAITING_MAX: usize = 64;

/// All connections of senders that had gone.
#[derive(Debug)]
pub struct Gone {
    turns: Arc<Semaphore>,
    http2_turns: Arc<Semaphore>,
    http2_waiting: AtomicUsize,
}

impl Default for Gone {
    fn default() -> Self {
        let turns = |count| Arc::new(Semaphore::new(count));
        Self { turns: turns(TURNS), http2_turns: turns(HTTP2_TURNS), http2_waiting: AtomicUsize::new(0) }
    }
}

/// When a connection is served.
#[derive(Debug)]
pub enum Turn {
    /// At once: its sender is there.
    Now,
    /// Now, while others of its kind wait.
    Gone(Its),
    /// Not at all: too many of its kind wait.
    Never,
}

/// The turn of a connection whose sender has gone.
#[derive(Debug)]
pub struct Its {
    permit: OwnedSemaphorePermit,
}

impl Its {
    /// Serves it, and lets the next one come when that is done or takes long.
    pub async fn beside(self, serve: impl Future<Output = ()>) {
        let mut serve = pin!(serve);
        if tokio::time::timeout(TURN, &mut serve).await.is_err() {
            drop(self.permit);
            serve.await;
        }
    }
}

impl Gone {
    /// Waits for a new connection's turn.
    pub async fn turn(&self, stream: &TcpStream) -> Turn {
        if !has_closed(stream) {
            return Turn::Now;
        }
        let (turns, _counted) = match is_http2(stream) {
            false => (&self.turns, None),
            true if self.http2_waiting.load(Ordering::Relaxed) >= HTTP2_WAITING_MAX => return Turn::Never,
            true => (&self.http2_turns, Some(Counted::new(&self.http2_waiting))),
        };
        match turns.clone().acquire_owned().await {
            Ok(permit) => Turn::Gone(Its { permit }),
            // Never closed.
            Err(_) => Turn::Now,
        }
    }
}

/// Counts one that waits, until this is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether the sender has closed its half.
#[cfg(target_os = "linux")]
fn has_closed(stream: &TcpStream) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut asked = [PollFd::new(stream, PollFlags::RDHUP)];
    poll(&mut asked, Some(&Timespec::default())).is_ok_and(|count| count > 0)
}

/// Whether the sender has closed its half: not to be seen here before all that it sent is read.
#[cfg(not(target_os = "linux"))]
fn has_closed(_: &TcpStream) -> bool {
    false
}

fn is_http2(stream: &TcpStream) -> bool {
    let mut first = [0; PREFACE.len()];
    stream.peek(&mut first).is_ok() && first == *PREFACE
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::pin::Pin;

    use futures_util::FutureExt as _;

    use super::*;

    const HTTP1: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";

    /// A connection over which this was sent, with the sender's end while it is open.
    fn sent(listener: &TcpListener, bytes: &[u8], stays: bool) -> (TcpStream, Option<TcpStream>) {
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        sender.write_all(bytes).unwrap();
        let sender = stays.then_some(sender);
        let (stream, _) = listener.accept().unwrap();
        let mut first = [0; PREFACE.len()];
        while stream.peek(&mut first).unwrap() < PREFACE.len() {}
        stream.set_nonblocking(true).unwrap();
        // The end comes behind the bytes.
        while !stays && !has_closed(&stream) {}
        (stream, sender)
    }

    #[tokio::test]
    async fn who_waits_for_an_answer_comes_before_those_who_have_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let all = Gone::default();
        let (gone, _) = sent(&listener, HTTP1, false);
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push(all.turn(&gone).now_or_never().unwrap());
        }
        let mut waits = pin!(all.turn(&gone));
        assert!((&mut waits).now_or_never().is_none());
        let (there, _sender) = sent(&listener, HTTP1, true);
        assert!(matches!(all.turn(&there).now_or_never(), Some(Turn::Now)));
        turns.pop();
        assert!(matches!(waits.await, Turn::Gone(_)));
    }

    #[tokio::test]
    async fn of_http2_connections_that_nobody_reads_only_so_many_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let all = Gone::default();
        let (gone, _) = sent(&listener, PREFACE, false);
        let mut turns: Vec<Pin<Box<_>>> =
            (0..HTTP2_TURNS + HTTP2_WAITING_MAX).map(|_| Box::pin(all.turn(&gone))).collect();
        let mut held = Vec::new();
        for turn in &mut turns {
            held.extend(turn.now_or_never());
        }
        assert_eq!(held.len(), HTTP2_TURNS);
        assert!(matches!(all.turn(&gone).now_or_never(), Some(Turn::Never)));
        // Deliveries of senders that do not wait are another matter.
        let (gone, _) = sent(&listener, HTTP1, false);
        assert!(matches!(all.turn(&gone).now_or_never(), Some(Turn::Gone(_))));
    }

    #[tokio::test]
    async fn a_turn_that_takes_long_keeps_nobody_waiting() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let all = Gone::default();
        let (gone, _) = sent(&listener, HTTP1, false);
        for _ in 0..TURNS {
            let Some(Turn::Gone(turn)) = all.turn(&gone).now_or_never() else { panic!("no turn") };
            tokio::spawn(turn.beside(std::future::pending()));
        }
        assert!(matches!(all.turn(&gone).await, Turn::Gone(_)));
    }
}
