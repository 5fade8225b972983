//! What the clones of a forwarder share: the gate, connections, what is known of apps, and room for requests on their way.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::health::Healths;
use super::pool::{Kept, Pool};
use crate::io::sender::Limits;
use crate::io::sender::connect::Found;
use crate::io::sender::open::Budget;

/// Requests that wait for apps at once.
pub const UNDER_WAY_MAX: usize = 1024;
/// Bytes of their bodies together.
const BODIES_BYTES_MAX: usize = 128 << 20;
/// Bytes of answers that are being read, together.
const ANSWERS_BYTES_MAX: usize = 40 << 20;

/// How long a sender may take nothing of an answer that is there, when its place is wanted.
const UNREAD_FOR: Duration = Duration::from_secs(1);

/// Who says where a target is, and whether it may be sent to.
pub trait Gate: Send + Sync {
    /// Looks an origin (`http://host:port`) up; the addresses that may be connected to.
    ///
    /// # Errors
    /// In words: it cannot be found, or must not be sent to.
    fn way<'a>(&'a self, origin: &'a str, limits: &'a Limits) -> Way<'a>;
}

/// What a [`Gate`] comes to say.
pub type Way<'a> = Pin<Box<dyn Future<Output = Result<Found, String>> + Send + 'a>>;

/// What all clones of a forwarder share.
pub(super) struct Inner {
    pub(super) gate: Arc<dyn Gate>,
    pub(super) pool: Pool,
    pub(super) healths: Healths,
    pub(super) under_way: AtomicUsize,
    /// Room for bodies that wait until their app answers.
    pub(super) bodies: Budget,
    /// Room for answers that are being read.
    pub(super) answers: Arc<Budget>,
    /// Answers that go back as they come.
    under_way_back: Mutex<Vec<Weak<Back>>>,
}

impl Inner {
    pub(super) fn new(gate: Arc<dyn Gate>) -> Self {
        Self {
            gate,
            pool: Pool::default(),
            healths: Healths::default(),
            under_way: AtomicUsize::new(0),
            bodies: Budget::new(BODIES_BYTES_MAX),
            answers: Arc::new(Budget::new(ANSWERS_BYTES_MAX)),
            under_way_back: Mutex::default(),
        }
    }

    /// The place and the connection of the answer of which nothing was taken for longest are free again. `false`: all are taken.
    fn let_one_go(&self) -> bool {
        let all = lock(&self.under_way_back).clone();
        let unread = all.iter().filter_map(Weak::upgrade).filter_map(|back| {
            let since = back.lock().unread_since()?;
            Some((since, back))
        });
        let Some((_, back)) = unread.min_by_key(|(since, _)| *since) else { return false };
        let mut state = back.lock();
        let held = (state.kept.take(), state.place.take());
        state.is_told = true;
        drop(state);
        drop(held);
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer that goes back as it comes: what it holds, until it is over or others need it more.
pub(super) struct Back(Mutex<BackState>);

/// What that is.
pub(super) struct BackState {
    /// The connection to the app.
    pub(super) kept: Option<Kept>,
    place: Option<Place>,
    /// When its sender had the last piece; `None`: it waits for the next.
    given: Option<Instant>,
    /// Whether it was taken away.
    pub(super) is_told: bool,
}

impl Back {
    /// Of an answer of which something is there.
    pub(super) fn new(kept: Kept, place: Place) -> Arc<Self> {
        let inner = Arc::clone(&place.inner);
        Self::add(
            &inner,
            BackState { kept: Some(kept), place: Some(place), given: Some(Instant::now()), is_told: false },
        )
    }

    fn add(inner: &Inner, state: BackState) -> Arc<Self> {
        let back = Arc::new(Self(Mutex::new(state)));
        let mut all = lock(&inner.under_way_back);
        if all.len() == all.capacity() {
            all.retain(|back| back.strong_count() > 0);
        }
        all.push(Arc::downgrade(&back));
        back
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BackState> {
        lock(&self.0)
    }
}

impl BackState {
    /// Its sender has a piece, or asks for one that is not there.
    pub(super) fn gave(&mut self, is_there: bool) {
        self.given = is_there.then(Instant::now);
    }

    fn unread_since(&self) -> Option<Instant> {
        self.given.filter(|given| !self.is_told && given.elapsed() >= UNREAD_FOR)
    }
}

/// A place among the requests that wait for apps.
pub(super) struct Place {
    inner: Arc<Inner>,
    body_bytes: usize,
}

impl Place {
    pub(super) fn take(inner: &Arc<Inner>, body_bytes: usize) -> Result<Self, String> {
        if !inner.bodies.take(body_bytes) {
            return Err("the bodies that wait for apps take too much memory together: try again later".to_owned());
        }
        let taken = inner.under_way.fetch_add(1, Ordering::Relaxed);
        let place = Self { inner: Arc::clone(inner), body_bytes };
        if taken >= UNDER_WAY_MAX && !inner.let_one_go() {
            return Err(format!("{UNDER_WAY_MAX} requests wait for apps already"));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.inner.under_way.fetch_sub(1, Ordering::Relaxed);
        self.inner.bodies.give_back(self.body_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Gate for Nobody {
        fn way<'a>(&'a self, _: &'a str, _: &'a Limits) -> Way<'a> {
            Box::pin(async { Err("nobody is asked".to_owned()) })
        }
    }

    #[test]
    fn an_answer_that_nobody_reads_makes_way_for_the_next_request() {
        let inner = Arc::new(Inner::new(Arc::new(Nobody)));
        let long_ago = Instant::now().checked_sub(2 * UNREAD_FOR).expect("an earlier time");
        let back = |given| {
            let place = Place::take(&inner, 1000).ok();
            Back::add(&inner, BackState { kept: None, place, given, is_told: false })
        };
        // Its sender waits for the app, has just had a piece, or has taken nothing for a while.
        let mut all: Vec<_> = (0..UNDER_WAY_MAX - 2).map(|_| back(None)).collect();
        all.push(back(Some(Instant::now())));
        all.push(back(Some(long_ago)));
        let told = || all.iter().filter(|back| back.lock().is_told).count();
        let next = Place::take(&inner, 1000).expect("a place");
        assert!(told() == 1 && all.last().unwrap().lock().is_told);
        let refused = Place::take(&inner, 1000).err().expect("no place");
        assert!(refused.contains("wait for apps already"), "{refused}");
        assert_eq!((told(), inner.under_way.load(Ordering::Relaxed)), (1, UNDER_WAY_MAX));
        drop(next);
        assert!(Place::take(&inner, 1000).is_ok());
    }
}
