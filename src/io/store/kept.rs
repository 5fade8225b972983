//! A request that is being kept, and what has to happen before its answer may leave.

use std::sync::Arc;
use std::task::Poll;

use crate::domain::exchange::Request;

use super::gathered::{self, Place};
use super::syncer;

/// A request that is being kept. Dropped, it is kept all the same: a handler's end is no reason to lose it.
#[derive(Debug)]
pub(in crate::io) struct Kept(pub(super) State);

#[derive(Debug)]
pub(super) enum State {
    /// Its line waits for those of other requests that are ready in the same moment.
    Gathered(Arc<Place>),
    /// It has its number, and its line is written.
    Written(Arc<Request>),
    /// As before, and a sync is to come.
    Syncing(Arc<Request>, syncer::Durable),
}

impl Kept {
    /// Returns the request when it is kept as firmly as was asked for, or when that failed and was said: only now may its
    /// answer leave. `None`: keeping it panicked, and it is not kept.
    pub(in crate::io) async fn durable(&mut self) -> Option<Arc<Request>> {
        match &mut self.0 {
            State::Gathered(place) => {
                if place.get().is_none() {
                    after_the_others().await;
                }
            }
            State::Written(_) => {}
            // Done, or the syncer is gone: either way there is nothing to wait for.
            State::Syncing(request, durable) => {
                let _ = durable.await;
                self.0 = State::Written(Arc::clone(request));
            }
        }
        self.now()
    }

    /// The request, without waiting for company or a sync. `None` as in [`Self::durable`].
    pub(in crate::io) fn now(&self) -> Option<Arc<Request>> {
        match &self.0 {
            State::Gathered(place) => {
                if place.get().is_none() {
                    gathered::write();
                }
                place.get().cloned()
            }
            State::Written(request) | State::Syncing(request, _) => Some(Arc::clone(request)),
        }
    }
}

impl Drop for Kept {
    /// For a handler that is dropped while it waits.
    fn drop(&mut self) {
        let _ = self.now();
    }
}

/// Lets what is ready on this thread have its turn first. Unlike tokio's `yield_now` it does not ask the system for more.
async fn after_the_others() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
