//! What the clones of a forwarder share: the gate, connections, what is known of apps, and room for requests on their way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::health::Healths;
use super::pool::Pool;
use crate::io::sender::Limits;
use crate::io::sender::connect::Found;
use crate::io::sender::open::Budget;

/// Requests that wait for apps at once.
pub const UNDER_WAY_MAX: usize = 1024;
/// Bytes of their bodies together.
const BODIES_BYTES_MAX: usize = 128 << 20;
/// Bytes of answers that are being read, together.
const ANSWERS_BYTES_MAX: usize = 40 << 20;

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
        }
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
        if taken >= UNDER_WAY_MAX {
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
