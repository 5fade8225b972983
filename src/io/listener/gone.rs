//! Senders that had gone before we looked: what they sent is kept, behind everybody who still waits for an answer.
//!
//! Who connects, sends and closes without a pause brings more connections than can be served, and they would all stand before a
//! sender that waits. So only few of them are served at a time. Who leaves hundreds of requests behind at once, or has reset them
//! already, waits for nothing and makes others wait: of those, only so many wait. A delivery is served whoever else there is.

use std::cell::RefCell;
use std::future::Future;
use std::net::TcpStream;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use memchr::memmem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::io::tap::{PREFACE, are_crowded};

/// So many are served at a time. With `disk` they wait for the system's write together.
const TURNS: usize = 16;
/// So many are that bring many requests.
const CROWDED_TURNS: usize = 2;
/// Many are more than so many.
const REQUESTS_MAX: usize = 4;
/// For so long at most has one of them its turn: a sender that closed only its own half may wait for an answer that is held.
const TURN: Duration = Duration::from_millis(20);
/// Connections with many requests that may wait for their turn.
const CROWDED_WAITING_MAX: usize = 64;
/// In the first line of a request, before one digit.
const VERSION: &[u8] = b" HTTP/1.";
/// Of what stands in a socket so much is looked at: more is not taken in before somebody reads.
const LOOK_BYTES: usize = 64 * 1024;

thread_local! {
    /// What stands in the socket that is being looked at.
    static LOOK: RefCell<Box<[u8]>> = RefCell::new(vec![0; LOOK_BYTES].into_boxed_slice());
}

/// All connections of senders that had gone.
#[derive(Debug)]
pub struct Gone {
    turns: Arc<Semaphore>,
    crowded_turns: Arc<Semaphore>,
    crowded_waiting: AtomicUsize,
}

impl Default for Gone {
    fn default() -> Self {
        let turns = |count| Arc::new(Semaphore::new(count));
        Self { turns: turns(TURNS), crowded_turns: turns(CROWDED_TURNS), crowded_waiting: AtomicUsize::new(0) }
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
        let (turns, _counted) = match is_crowded(stream) {
            false => (&self.turns, None),
            true if self.crowded_waiting.load(Ordering::Relaxed) >= CROWDED_WAITING_MAX => return Turn::Never,
            true => (&self.crowded_turns, Some(Counted::new(&self.crowded_waiting))),
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

/// Whether it brings many requests, or some that were reset.
fn is_crowded(stream: &TcpStream) -> bool {
    LOOK.with_borrow_mut(|look| {
        let length = stream.peek(look).unwrap_or_default();
        let bytes = look.get(..length).unwrap_or_default();
        match bytes.strip_prefix(PREFACE) {
            Some(frames) => are_crowded(frames, REQUESTS_MAX),
            None => heads(bytes).nth(REQUESTS_MAX).is_some(),
        }
    })
}

/// Where the first line of an HTTP/1 head ends, as far as it can be told without reading what is before it.
fn heads(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let is_end = |at: &usize| bytes.get(at + VERSION.len() + 1).is_some_and(|next| matches!(next, b'\r' | b'\n'));
    memmem::find_iter(bytes, VERSION).filter(is_end)
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
    /// Kind and payload of a frame that is a request.
    const REQUEST: (u8, &[u8]) = (1, b"\x83\x86\x84\x01\x01x");
    const PING: (u8, &[u8]) = (6, b"12345678");

    /// A connection over which this was sent, with the sender's end while it is open.
    fn sent(listener: &TcpListener, bytes: &[u8], stays: bool) -> (TcpStream, Option<TcpStream>) {
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        sender.write_all(bytes).unwrap();
        let sender = stays.then_some(sender);
        let (stream, _) = listener.accept().unwrap();
        let mut first = vec![0; bytes.len()];
        while stream.peek(&mut first).unwrap() < bytes.len() {}
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

    /// An HTTP/2 connection that brings such frames, each on a stream of its own.
    fn http2(frames: &[(u8, &[u8])]) -> Vec<u8> {
        let frame = |(index, (kind, payload)): (usize, &(u8, &[u8]))| {
            let stream = u32::try_from(index).unwrap() * 2 + 1;
            let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
            [&length[1..], &[*kind, 5], &stream.to_be_bytes(), payload].concat()
        };
        [&PREFACE[..], b"\0\0\0\x04\0\0\0\0\0", &frames.iter().enumerate().flat_map(frame).collect::<Vec<u8>>()]
            .concat()
    }

    #[test]
    fn many_requests_are_a_crowd_and_a_delivery_is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let is_crowded = |bytes: &[u8]| is_crowded(&sent(&listener, bytes, false).0);
        let body = [b'x'; 16 * 1024];
        assert!(!is_crowded(HTTP1) && !is_crowded(&HTTP1.repeat(REQUESTS_MAX)));
        assert!(is_crowded(&HTTP1.repeat(REQUESTS_MAX + 1)));
        assert!(is_crowded(&b"GET / HTTP/1.0\n\n".repeat(REQUESTS_MAX + 1)));
        // Lines of a log.
        assert!(!is_crowded(&[HTTP1, &b"\"GET / HTTP/1.1\" 200\n".repeat(100)].concat()));
        assert!(!is_crowded(&http2(&[REQUEST])) && !is_crowded(&http2(&[REQUEST; REQUESTS_MAX])));
        assert!(is_crowded(&http2(&[REQUEST; REQUESTS_MAX + 1])));
        assert!(is_crowded(&http2(&[REQUEST, (0, &body), (3, b"\0\0\0\x08")])));
        assert!(!is_crowded(&http2(&[REQUEST, (0, &body), (0, &body)])));
        assert!(is_crowded(&http2(&[PING; 40])));
    }

    #[tokio::test]
    async fn of_connections_with_many_requests_that_nobody_reads_only_so_many_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        for many in [HTTP1.repeat(100), http2(&[REQUEST; 100])] {
            let all = Gone::default();
            let (gone, _) = sent(&listener, &many, false);
            let mut turns: Vec<Pin<Box<_>>> =
                (0..CROWDED_TURNS + CROWDED_WAITING_MAX).map(|_| Box::pin(all.turn(&gone))).collect();
            let mut held = Vec::new();
            for turn in &mut turns {
                held.extend(turn.now_or_never());
            }
            assert_eq!(held.len(), CROWDED_TURNS);
            assert!(matches!(all.turn(&gone).now_or_never(), Some(Turn::Never)));
            // Deliveries of senders that do not wait are another matter.
            for delivery in [HTTP1, &http2(&[REQUEST])] {
                let (gone, _) = sent(&listener, delivery, false);
                assert!(matches!(all.turn(&gone).now_or_never(), Some(Turn::Gone(_))));
            }
        }
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
