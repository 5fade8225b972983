//! A pot of memory from which bodies take shares, and who loses theirs when others wait.
//!
//! Whoever begins a body and falls silent would otherwise keep everybody else out for as long as a body may stall, and some hundred
//! connections are enough for that. So while somebody waits, the share of one that brings nothing is taken back, the one that
//! has brought nothing for longest first. A sender at any useful pace keeps its own.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// How often somebody who waits looks for one of those.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Shares in KiB, and the bodies that hold them.
#[derive(Debug)]
pub struct Pot {
    room: Arc<Semaphore>,
    kib: u32,
    /// How long a body may make no progress while others wait for its share.
    stalled_for: Duration,
    holders: Mutex<Holders>,
}

#[derive(Debug, Default)]
struct Holders {
    next: u64,
    all: BTreeMap<u64, (u32, Arc<Stay>)>,
}

/// A share, given back when this is dropped.
#[derive(Debug)]
pub struct PotShare {
    pot: Arc<Pot>,
    number: u64,
    #[expect(dead_code, reason = "it is given back when it is dropped")]
    permit: OwnedSemaphorePermit,
}

/// How a body that holds shares comes on.
#[derive(Debug)]
pub struct Stay {
    /// Since when it makes no progress. `None`: it waits for us.
    stalled_since: Mutex<Option<Instant>>,
    is_told: AtomicBool,
    told: Notify,
}

impl Stay {
    /// Of a body that begins now.
    pub fn new() -> Arc<Self> {
        let stalled_since = Mutex::new(Some(Instant::now()));
        Arc::new(Self { stalled_since, is_told: AtomicBool::new(false), told: Notify::new() })
    }

    /// It came on: who was about to be told to go is forgiven. It may be our side that was slow.
    pub fn progress(&self) {
        *self.since() = Some(Instant::now());
        self.is_told.store(false, Ordering::Relaxed);
    }

    /// It does not wait for its sender, until it comes on again.
    pub fn pause(&self) {
        *self.since() = None;
    }

    /// Until its share is wanted by others, and it has not come on meanwhile.
    pub async fn told(&self) {
        loop {
            self.told.notified().await;
            if self.is_told.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    /// Since when it makes no progress, if it was not told of that.
    fn stalled_since(&self) -> Option<Instant> {
        self.since().filter(|_| !self.is_told.load(Ordering::Relaxed))
    }

    fn tell(&self) {
        self.is_told.store(true, Ordering::Relaxed);
        self.told.notify_one();
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.stalled_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pot {
    /// Of so many KiB, and with so much patience.
    pub fn new(kib: usize, stalled_for: Duration) -> Self {
        let kib = kib.min(Semaphore::MAX_PERMITS);
        Self {
            room: Arc::new(Semaphore::new(kib)),
            kib: u32::try_from(kib).unwrap_or(u32::MAX),
            stalled_for,
            holders: Mutex::default(),
        }
    }

    /// So many KiB, if they can be had at once: for one that is no holder, because it goes soon in any case.
    pub fn now(&self, kib: u32) -> Option<OwnedSemaphorePermit> {
        self.room.clone().try_acquire_many_owned(kib).ok()
    }

    /// Waits for so many KiB, at most all there are. `None`: never.
    pub async fn share(self: &Arc<Self>, kib: u32, stay: &Arc<Stay>) -> Option<PotShare> {
        let kib = kib.min(self.kib);
        let permit = match self.now(kib) {
            Some(permit) => permit,
            None => {
                stay.pause();
                let mut room = pin!(self.room.clone().acquire_many_owned(kib));
                loop {
                    match timeout(LOOK_INTERVAL, room.as_mut()).await {
                        Ok(permit) => break permit.ok()?,
                        Err(_) => self.take_back(kib),
                    }
                }
            }
        };
        stay.progress();
        let mut holders = self.holders();
        holders.next += 1;
        let number = holders.next;
        holders.all.insert(number, (kib, Arc::clone(stay)));
        drop(holders);
        Some(PotShare { pot: Arc::clone(self), number, permit })
    }

    /// Tells as many to go as hold this together, as far as they may be told.
    fn take_back(&self, kib: u32) {
        let now = Instant::now();
        let holders = self.holders();
        let mut ripe: Vec<_> = holders
            .all
            .values()
            .filter_map(|(kib, stay)| Some((stay.stalled_since()?, *kib, stay)))
            .filter(|(since, ..)| now.duration_since(*since) >= self.stalled_for)
            .collect();
        ripe.sort_by_key(|(since, ..)| *since);
        let mut wanted = kib;
        for (_, kib, stay) in ripe {
            if wanted == 0 {
                return;
            }
            stay.tell();
            wanted = wanted.saturating_sub(kib);
        }
    }

    fn holders(&self) -> MutexGuard<'_, Holders> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PotShare {
    fn drop(&mut self) {
        self.pot.holders().all.remove(&self.number);
    }
}
