//! A pot of memory from which bodies take shares, and who loses theirs when others wait.
//!
//! Whoever begins a body and falls silent would otherwise keep everybody else out for as long as a body may stall, and some hundred
//! connections are enough for that. So while somebody waits, the share of one that brings nothing is taken back, the one that
//! has brought nothing for longest first. A sender at any useful pace keeps its own.
//!
//! What is free goes to who came last and to who waits for longest, in turn: in one line a sender would wait behind hundreds of
//! bodies that bring nothing once they have their share, each of them for seconds.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How often somebody who waits looks for one of those.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Shares in KiB, and the bodies that hold them.
#[derive(Debug)]
pub struct Pot {
    kib: u32,
    /// How long a body may make no progress while others wait for its share.
    stalled_for: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    free_kib: u32,
    /// Who waits, in the order in which they came. Who was given a share is no longer among them.
    waiting: VecDeque<Arc<Waiter>>,
    /// Whether the next free share is for the newest of them.
    is_for_newest: bool,
    next: u64,
    holders: BTreeMap<u64, (u32, Arc<Stay>)>,
}

/// Somebody who waits.
#[derive(Debug)]
struct Waiter {
    kib: u32,
    is_given: AtomicBool,
    given: Notify,
}

/// A share, given back when this is dropped.
#[derive(Debug)]
pub struct PotShare {
    pot: Arc<Pot>,
    kib: u32,
    /// By which number it is known who holds it; none of one that goes soon in any case.
    number: Option<u64>,
}

/// A wait that may be given up.
struct Wait<'a> {
    pot: &'a Arc<Pot>,
    waiter: Arc<Waiter>,
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
        let kib = u32::try_from(kib).unwrap_or(u32::MAX);
        let inner =
            Inner { free_kib: kib, waiting: VecDeque::new(), is_for_newest: true, next: 0, holders: BTreeMap::new() };
        Self { kib, stalled_for, inner: Mutex::new(inner) }
    }

    /// So many KiB, if they can be had at once: for one that is no holder, because it goes soon in any case.
    pub fn now(self: &Arc<Self>, kib: u32) -> Option<PotShare> {
        let mut inner = self.inner();
        if !inner.waiting.is_empty() || inner.free_kib < kib {
            return None;
        }
        inner.free_kib -= kib;
        Some(PotShare { pot: Arc::clone(self), kib, number: None })
    }

    /// Waits for so many KiB, at most all there are.
    pub async fn share(self: &Arc<Self>, kib: u32, stay: &Arc<Stay>) -> PotShare {
        let kib = kib.min(self.kib);
        let mut share = match self.now(kib) {
            Some(share) => share,
            None => {
                stay.pause();
                self.wait(kib).await
            }
        };
        stay.progress();
        let mut inner = self.inner();
        inner.next += 1;
        let number = inner.next;
        inner.holders.insert(number, (kib, Arc::clone(stay)));
        drop(inner);
        share.number = Some(number);
        share
    }

    async fn wait(self: &Arc<Self>, kib: u32) -> PotShare {
        let waiter = Arc::new(Waiter { kib, is_given: AtomicBool::new(false), given: Notify::new() });
        let wait = Wait { pot: self, waiter: Arc::clone(&waiter) };
        {
            let mut inner = self.inner();
            inner.waiting.push_back(Arc::clone(&waiter));
            // What was free meanwhile.
            inner.give();
        }
        while timeout(LOOK_INTERVAL, waiter.given.notified()).await.is_err() {
            self.take_back(kib);
        }
        wait.taken()
    }

    /// Tells as many to go as hold this together, as far as they may be told.
    fn take_back(&self, kib: u32) {
        let now = Instant::now();
        let inner = self.inner();
        let mut ripe: Vec<_> = inner
            .holders
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

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Gives what is free to those who wait. Whoever's turn it is and needs more than that keeps the turn: small ones must not
    /// keep a large one waiting for ever.
    fn give(&mut self) {
        loop {
            let next = if self.is_for_newest { self.waiting.back() } else { self.waiting.front() };
            let Some(waiter) = next.filter(|waiter| waiter.kib <= self.free_kib) else { return };
            self.free_kib -= waiter.kib;
            waiter.is_given.store(true, Ordering::Relaxed);
            waiter.given.notify_one();
            if self.is_for_newest {
                self.waiting.pop_back()
            } else {
                self.waiting.pop_front()
            };
            self.is_for_newest = !self.is_for_newest;
        }
    }

    fn back(&mut self, kib: u32) {
        self.free_kib = self.free_kib.saturating_add(kib);
        self.give();
    }
}

impl Wait<'_> {
    /// What was given.
    fn taken(self) -> PotShare {
        // It is no longer among those who wait, and is not given back here.
        self.waiter.is_given.store(false, Ordering::Relaxed);
        PotShare { pot: Arc::clone(self.pot), kib: self.waiter.kib, number: None }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut inner = self.pot.inner();
        inner.waiting.retain(|waiter| !Arc::ptr_eq(waiter, &self.waiter));
        match self.waiter.is_given.swap(false, Ordering::Relaxed) {
            true => inner.back(self.waiter.kib),
            // It may have been the one that needed more than there is.
            false => inner.give(),
        }
    }
}

impl Drop for PotShare {
    fn drop(&mut self) {
        let mut inner = self.pot.inner();
        if let Some(number) = self.number {
            inner.holders.remove(&number);
        }
        inner.back(self.kib);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Four that wait for all of it, in the order in which they came.
    #[tokio::test]
    async fn what_is_free_goes_to_the_newest_and_the_oldest_in_turn() {
        let (pot, stay) = (Arc::new(Pot::new(8, Duration::from_secs(60))), Stay::new());
        let first = pot.share(8, &stay).await;
        assert!(pot.now(1).is_none());
        let mut line: Vec<_> = (0..4).map(|_| Box::pin(pot.share(8, &stay))).collect();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(line.iter_mut().all(|waits| waits.as_mut().poll(&mut cx).is_pending()));
        let mut numbers = vec![0, 1, 2, 3];
        let mut held = first;
        for turn in [3, 0, 2] {
            drop(held);
            let given: Vec<_> = line.iter_mut().map(|waits| waits.as_mut().poll(&mut cx)).collect();
            let at = given.iter().position(Poll::is_ready).expect("somebody has it");
            assert_eq!(numbers.remove(at), turn);
            held = given
                .into_iter()
                .find_map(|given| if let Poll::Ready(share) = given { Some(share) } else { None })
                .unwrap();
            drop(line.remove(at));
        }
        // One that gives up is in nobody's way, and what was given to it comes back.
        drop(held);
        drop(line);
        assert!(pot.now(8).is_some());
        let _all = pot.now(8).expect("all of it is back");
        let mut late = pin!(pot.share(8, &stay));
        assert!(late.as_mut().poll(&mut cx).is_pending());
    }
}
