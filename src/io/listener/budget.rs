//! Memory for bodies that are on their way, in or out, all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::limits::ListenerLimits;
use super::pot::{Pot, PotShare, Stay};

/// The part of a body that is read before the budget for larger ones is asked.
pub const SMALL_BYTES: usize = 64 * 1024;
/// What an HTTP/1 body may bring without any share, and the bodies of an HTTP/2 connection together, of which there may be a hundred
/// ([`Free`]): the limit on connections bounds these well enough, and so small a request never waits for others.
pub const FREE_BYTES: usize = 16 * 1024;
/// How long a body may bring less than 16 KiB while others wait: a small one, and a large one, which may come by a bad line.
const SMALL_STALLED_FOR: Duration = Duration::from_secs(1);
const LARGE_STALLED_FOR: Duration = Duration::from_secs(4);
/// HTTP/2 bodies that may wait for memory, however little there is.
const HELD_MIN: usize = 128;
/// An answer that finds no room among those that leave gets 503 after this time: some of these may never be read.
const ROOM_WITHIN: Duration = Duration::from_secs(10);

/// What a body holds of the budget.
#[derive(Debug, Default)]
pub struct Share {
    /// HTTP/2: of what its connection has for nothing.
    pub free: Option<FreeShare>,
    /// For its first [`SMALL_BYTES`], when nobody knew whether more would come.
    pub small: Option<PotShare>,
    /// For the rest, or all of it.
    pub large: Option<PotShare>,
}

/// What the streams of one HTTP/2 connection have without a share of what all connections have.
#[derive(Debug)]
pub struct Free {
    /// In KiB: for bodies that are being read, and for those of answers that were made for one request.
    bodies: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

/// A part of it.
#[derive(Debug)]
pub struct FreeShare(OwnedSemaphorePermit);

impl Free {
    /// Of a new connection.
    pub fn new() -> Self {
        let [bodies, answers] = [(); 2].map(|()| Arc::new(Semaphore::new(FREE_BYTES / 1024)));
        Self { bodies, answers }
    }

    /// For a body of so many bytes; of unknown length, for its begin. `None`: others of this connection have it, or it is larger.
    pub fn body(&self, expected: Option<usize>) -> Option<FreeShare> {
        let bytes = expected.unwrap_or(FREE_BYTES / 4);
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        Arc::clone(&self.bodies).try_acquire_many_owned(kib).ok().map(FreeShare)
    }

    /// For an answer's body. `None` as above.
    pub fn answer(&self, bytes: usize) -> Option<AnswerShare> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        Arc::clone(&self.answers).try_acquire_many_owned(kib).ok().map(AnswerShare)
    }
}

impl FreeShare {
    /// For how many bytes it is.
    pub fn bytes(&self) -> usize {
        self.0.num_permits() * 1024
    }
}

/// The share of a body that is no larger than [`SMALL_BYTES`].
#[derive(Debug)]
pub struct SmallShare(#[expect(dead_code, reason = "it is given back when it is dropped")] PotShare);

/// The share of an answer's own body, until the last byte has left or nobody wants it any more.
#[derive(Debug)]
pub struct AnswerShare(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

/// Memory for the bodies that are being read, all together. Each takes its share in two steps at most, the second from another pot
/// than the first: who has the second never waits, so nobody waits for ever. Who has one, and brings nothing while others wait for
/// it, loses it ([`Stay`]).
#[derive(Debug)]
pub struct Budget {
    /// Small bodies, and the first [`SMALL_BYTES`] of those of unknown length.
    small: Arc<Pot>,
    /// Large ones.
    large: Arc<Pot>,
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
            small: Arc::new(Pot::new(small_kib, SMALL_STALLED_FOR)),
            large: Arc::new(Pot::new(large_kib, LARGE_STALLED_FOR)),
            answers: [small_kib, (large_kib / 2).max(body_kib)].map(|kib| Arc::new(Semaphore::new(kib))),
            answers_large_kib: u32::try_from((large_kib / 2).max(body_kib)).unwrap_or(u32::MAX),
            held: AtomicUsize::new(0),
            held_max: (limits.bodies_bytes / 4 / SMALL_BYTES).max(HELD_MIN),
        }
    }

    /// Waits for a share. What is not read of an HTTP/1 body stays with its sender, but an HTTP/2 stream's window is filled
    /// all the same: only so many of those may wait. `None`: there are too many.
    pub async fn in_line<T>(&self, is_h2: bool, share: impl Future<Output = Option<T>>) -> Option<T> {
        if !is_h2 {
            return share.await;
        }
        let before = self.held.fetch_add(1, Ordering::Relaxed);
        let _held = Held(&self.held);
        if before < self.held_max { share.await } else { None }
    }

    /// The share of a small body, or of the first part of a large one.
    pub async fn small(&self, bytes: usize, stay: &Arc<Stay>) -> Option<PotShare> {
        Some(self.small.share(small_kib(bytes), stay).await)
    }

    /// The share of a small body, if it can be had at once.
    pub fn small_now(&self, bytes: usize) -> Option<SmallShare> {
        self.small.now(small_kib(bytes)).map(SmallShare)
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

    /// The share of a large body.
    pub async fn large(&self, bytes: u64, stay: &Arc<Stay>) -> Option<PotShare> {
        Some(self.large.share(u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX), stay).await)
    }
}

/// What a small body, or the first part of a large one, takes of the budget.
fn small_kib(bytes: usize) -> u32 {
    u32::try_from(bytes.min(SMALL_BYTES).div_ceil(1024)).unwrap_or(u32::MAX)
}
