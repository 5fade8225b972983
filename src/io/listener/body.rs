//! Reading a body within its limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::ListenerLimits;
use super::memory::{Memory, OWN_BYTES};

/// The part of a body that is read before the budget for larger ones is asked.
pub const SMALL_BYTES: usize = 64 * 1024;
/// HTTP/2 bodies that may wait for memory, however little there is.
const HELD_MIN: usize = 128;
/// Room that is made at once for a large body of unknown length.
const ROOM_BYTES_MAX: usize = 64 * 1024 * 1024;
/// An answer that finds no room among those that leave gets 503 after this time: some of these may never be read.
const ROOM_WITHIN: Duration = Duration::from_secs(10);
/// Less than this within [`ListenerLimits::body_idle_timeout`] is no progress: a byte a second would hold its share of the
/// budget for as long as a whole body may take.
const PROGRESS_BYTES: u64 = 16 * 1024;

/// How a body ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Whole.
    #[default]
    Whole,
    /// It went over the limit.
    TooLarge,
    /// The sender left or broke the framing.
    Broken(String),
    /// It stalled, or took too long.
    Stalled(String),
    /// Larger ones were in the way for too long, or too many waited.
    NoRoom,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// What came, up to the limit.
    pub bytes: Memory,
    /// How many bytes came.
    pub length_bytes: u64,
    /// How it ended.
    pub end: End,
    /// Trailers as hyper has them.
    pub trailers: Option<HeaderMap>,
    /// Its share of the budget, to be given back when the body is kept.
    pub share: Share,
}

/// What a body holds of the budget.
#[derive(Debug, Default)]
pub struct Share {
    small: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
}

/// The share of a body that is no larger than [`SMALL_BYTES`].
#[derive(Debug)]
pub struct SmallShare(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

/// The share of an answer's own body, until the last byte has left or nobody wants it any more.
#[derive(Debug)]
pub struct AnswerShare(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

/// Memory for the bodies that are being read, all together. Each takes its share in two steps, the second from another pot
/// than the first: who has both never waits, so nobody waits for ever.
#[derive(Debug)]
pub struct Budget {
    /// The first [`SMALL_BYTES`] of each body, in KiB.
    small: Arc<Semaphore>,
    /// The rest of large ones, in KiB.
    large: Arc<Semaphore>,
    large_kib: u32,
    /// The bodies of answers that were made for one request, small and large ones, in KiB. Not out of the pots above: a sender that
    /// does not read its answer would keep others from being captured.
    answers: [Arc<Semaphore>; 2],
    answers_large_kib: u32,
    /// HTTP/2 bodies that wait for their share, and how many may.
    held: AtomicUsize,
    held_max: usize,
}

/// One place among the HTTP/2 bodies that wait.
struct Held<'a>(&'a AtomicUsize);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Budget {
    /// A quarter is for small bodies; a body at the limit always fits into the rest.
    pub fn new(limits: &ListenerLimits) -> Self {
        let small_kib = (limits.bodies_bytes / 4).max(SMALL_BYTES) / 1024;
        let body_kib = usize::try_from(limits.body_bytes.div_ceil(1024)).unwrap_or(usize::MAX);
        let large_kib = (limits.bodies_bytes / 4 * 3 / 1024).max(body_kib).min(Semaphore::MAX_PERMITS);
        Self {
            small: Arc::new(Semaphore::new(small_kib)),
            large: Arc::new(Semaphore::new(large_kib)),
            large_kib: u32::try_from(large_kib).unwrap_or(u32::MAX),
            answers: [small_kib, (large_kib / 2).max(body_kib)].map(|kib| Arc::new(Semaphore::new(kib))),
            answers_large_kib: u32::try_from((large_kib / 2).max(body_kib)).unwrap_or(u32::MAX),
            held: AtomicUsize::new(0),
            held_max: (limits.bodies_bytes / 4 / SMALL_BYTES).max(HELD_MIN),
        }
    }

    /// Waits for a share. What is not read of an HTTP/1 body stays with its sender, but an HTTP/2 stream's window is filled
    /// all the same: only so many of those may wait. `None`: there are too many.
    async fn in_line<T>(&self, is_h2: bool, share: impl Future<Output = Option<T>>) -> Option<T> {
        if !is_h2 {
            return share.await;
        }
        let before = self.held.fetch_add(1, Ordering::Relaxed);
        let _held = Held(&self.held);
        if before < self.held_max { share.await } else { None }
    }

    async fn small(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        self.small.clone().acquire_many_owned(small_kib(bytes)).await.ok()
    }

    /// The share of a small body, if it can be had at once.
    pub fn small_now(&self, bytes: usize) -> Option<SmallShare> {
        self.small.clone().try_acquire_many_owned(small_kib(bytes)).ok().map(SmallShare)
    }

    /// The share of an answer's body, if it can be had at once.
    pub fn answer_now(&self, bytes: usize) -> Option<AnswerShare> {
        let (pot, kib) = self.answer_pot(bytes);
        pot.try_acquire_many_owned(kib).ok().map(AnswerShare)
    }

    /// As [`Self::answer_now`], with some patience. `None`: others took too long to leave.
    pub async fn answer(&self, bytes: usize) -> Option<AnswerShare> {
        let (pot, kib) = self.answer_pot(bytes);
        timeout(ROOM_WITHIN, pot.acquire_many_owned(kib)).await.ok()?.ok().map(AnswerShare)
    }

    fn answer_pot(&self, bytes: usize) -> (Arc<Semaphore>, u32) {
        let [small, large] = &self.answers;
        match bytes <= SMALL_BYTES {
            true => (Arc::clone(small), small_kib(bytes)),
            false => {
                let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
                (Arc::clone(large), kib.min(self.answers_large_kib))
            }
        }
    }

    async fn large(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(self.large_kib);
        self.large.clone().acquire_many_owned(kib).await.ok()
    }
}

/// Reads a body into `read`, up to the limit: what came is there also when this future is dropped. `declared` is its length
/// where the head says it; it may be over the limit.
pub async fn read(
    mut body: Incoming,
    (declared, is_h2): (Option<u64>, bool),
    limits: &ListenerLimits,
    budget: &Budget,
    read: &mut Read,
) {
    if declared == Some(0) {
        return;
    }
    let wanted = declared.map(|length| length.min(limits.body_bytes));
    let expected = wanted.and_then(|length| usize::try_from(length).ok());
    let all_by = Instant::now() + limits.body_timeout;
    let large_bytes = wanted.unwrap_or(limits.body_bytes);
    read.share.small = budget.in_line(is_h2, budget.small(expected.unwrap_or(SMALL_BYTES))).await;
    if read.share.small.is_none() {
        read.end = End::NoRoom;
        return;
    }
    let large = || timeout_at(all_by, budget.in_line(is_h2, budget.large(large_bytes)));
    if wanted.is_some_and(|length| length > SMALL_BYTES as u64) {
        read.share.large = large().await.ok().flatten();
        if read.share.large.is_none() {
            read.end = End::NoRoom;
            return;
        }
    }
    // A large one has its share of the budget already.
    read.bytes.make_room(expected.unwrap_or(2048));
    let mut idle_by = Instant::now() + limits.body_idle_timeout;
    let mut progress_bytes = 0;
    loop {
        // At the limit of a body that is known to be longer there is nothing to wait for.
        if declared > wanted && read.bytes.len() as u64 >= limits.body_bytes {
            read.end = End::TooLarge;
            break;
        }
        let frame = match timeout_at(idle_by.min(all_by), body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                read.end = End::Broken(in_words(&error));
                break;
            }
            Ok(None) => break,
            Err(_) => {
                read.end = End::Stalled("the body stalled past the time limit".to_owned());
                break;
            }
        };
        match frame.into_data() {
            Ok(data) => {
                read.length_bytes += data.len() as u64;
                if read.length_bytes - progress_bytes >= PROGRESS_BYTES {
                    progress_bytes = read.length_bytes;
                    idle_by = Instant::now() + limits.body_idle_timeout;
                }
                let room = limits.body_bytes.saturating_sub(read.bytes.len() as u64);
                let take = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
                if read.share.large.is_none() && read.bytes.len() + take > SMALL_BYTES {
                    read.share.large = large().await.ok().flatten();
                    if read.share.large.is_none() {
                        read.end = End::NoRoom;
                        break;
                    }
                    // Nobody said how much comes; what is not filled takes no memory.
                    read.bytes
                        .make_room(usize::try_from(large_bytes).unwrap_or(usize::MAX).clamp(OWN_BYTES, ROOM_BYTES_MAX));
                    idle_by = Instant::now() + limits.body_idle_timeout;
                }
                read.bytes.extend(data.get(..take).unwrap_or_default());
                if take < data.len() {
                    read.end = End::TooLarge;
                    break;
                }
            }
            Err(frame) => read.trailers = frame.into_trailers().ok(),
        }
    }
}

/// What a small body, or the first part of a large one, takes of the budget.
fn small_kib(bytes: usize) -> u32 {
    u32::try_from(bytes.min(SMALL_BYTES).div_ceil(1024)).unwrap_or(u32::MAX)
}

/// The error with its causes.
fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::UnexpectedEof) => {
            "the sender closed the connection before the body was whole".to_owned()
        }
        _ => format!("the body broke off: {cause}"),
    }
}
