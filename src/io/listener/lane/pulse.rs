//! What others see of a connection on the fast lane: whether it is at work, and since when it is not; and how they tell it to go.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Waker};

use crate::domain::time::Timestamp;
use crate::io::clock;

/// A request is being read or answered.
const BUSY: i64 = i64::MAX;
/// It was told to go.
const TOLD: i64 = i64::MIN;
/// Nobody has looked yet whether anything came.
const UNSEEN: i64 = i64::MIN + 1;
/// Not a byte came yet.
const SILENT: i64 = i64::MIN + 2;

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nobody has looked yet whether anything came: its thread has other things to do.
    Unseen,
    /// Not a byte came when that was looked at first.
    Silent(Timestamp),
    /// Between two requests, since then.
    Idle(Timestamp),
    /// At work, or on its way out.
    None,
}

/// One connection's.
#[derive(Debug)]
pub struct Pulse {
    /// One of the constants, or since when it is idle, in microseconds.
    state: AtomicI64,
    /// When that was looked at first, in microseconds.
    silent_since: AtomicI64,
    woken: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Default for Pulse {
    /// Of a connection on which not a byte came.
    fn default() -> Self {
        let (state, silent_since) = (AtomicI64::new(UNSEEN), AtomicI64::new(0));
        Self { state, silent_since, woken: AtomicBool::new(false), waker: Mutex::default() }
    }
}

impl Pulse {
    /// Bytes came. `false`: it was told to go meanwhile, which these bytes take back.
    pub fn begin(&self) -> bool {
        self.state.swap(BUSY, Ordering::AcqRel) != TOLD
    }

    /// Nothing is there, as was seen now.
    pub fn found_nothing(&self) {
        if self.state.load(Ordering::Acquire) == UNSEEN {
            self.silent_since.store(clock::now().micros(), Ordering::Release);
            // One that was told to go meanwhile goes.
            let _ = self.state.compare_exchange(UNSEEN, SILENT, Ordering::AcqRel, Ordering::Acquire);
        }
    }

    /// The request is answered.
    pub fn rest(&self, since: Timestamp) {
        self.state.store(since.micros().clamp(SILENT + 1, BUSY - 1), Ordering::Release);
    }

    /// Where it stands.
    pub fn get(&self) -> Rest {
        match self.state.load(Ordering::Acquire) {
            BUSY | TOLD => Rest::None,
            UNSEEN => Rest::Unseen,
            SILENT => Rest::Silent(Timestamp::from_micros(self.silent_since.load(Ordering::Acquire))),
            since => Rest::Idle(Timestamp::from_micros(since)),
        }
    }

    /// Tells it to go. `false`: it is at work.
    pub fn leave(&self) -> bool {
        let tell = |state| (state != BUSY && state != TOLD).then_some(TOLD);
        let told = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, tell).is_ok();
        if told {
            self.wake();
        }
        told
    }

    /// Whether it was told to go.
    pub fn is_told(&self) -> bool {
        self.state.load(Ordering::Acquire) == TOLD
    }

    /// Has the connection look round.
    pub fn wake(&self) {
        if let Some(waker) = self.waker.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            waker.wake_by_ref();
        }
    }

    /// Whom to wake. A connection is one task, so that the first one is the one.
    pub fn wakes(&self, cx: &Context<'_>) {
        if !self.woken.swap(true, Ordering::Relaxed) {
            *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_works_is_not_told_to_go() {
        let pulse = Pulse::default();
        assert_eq!(pulse.get(), Rest::Unseen);
        assert!(pulse.begin());
        assert!(!pulse.leave() && !pulse.is_told());
        pulse.rest(Timestamp::from_secs(7));
        assert_eq!(pulse.get(), Rest::Idle(Timestamp::from_secs(7)));
        assert!(pulse.leave() && pulse.is_told());
        assert!(!pulse.leave(), "once");
        assert!(!pulse.begin() && !pulse.is_told(), "what was there before it went is work");
    }
}
