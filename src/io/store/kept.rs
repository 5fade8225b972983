//! A request that has its number, and what has to happen before its answer may leave.

use std::sync::Arc;
use std::task::Poll;

use crate::domain::exchange::Request;

use super::{Store, syncer};

/// A request that has its number.
#[derive(Debug)]
pub(in crate::io) struct Kept {
    /// The request.
    pub request: Arc<Request>,
    pub(super) until: Until,
}

/// What has to happen before the answer may leave.
#[derive(Debug)]
pub(super) enum Until {
    /// Nothing.
    Now,
    /// Its line joins those of other requests that are ready in the same moment.
    Written(Store),
    /// A sync.
    Synced(syncer::Durable),
}

impl Kept {
    /// Returns when the request is kept as firmly as was asked for, or when that failed and was said: only now may its
    /// answer leave.
    pub(in crate::io) async fn durable(&mut self) {
        if matches!(self.until, Until::Written(_)) {
            // Nothing is taken out before: a handler that is dropped here still has its line written.
            after_the_others().await;
        }
        match std::mem::replace(&mut self.until, Until::Now) {
            Until::Now => {}
            Until::Written(store) => store.write(self.request.id),
            Until::Synced(durable) => {
                // Done, or the syncer is gone: either way there is nothing to wait for.
                let _ = durable.await;
            }
        }
    }
}

impl Drop for Kept {
    /// For whoever cannot wait, and for a handler that is dropped while it does.
    fn drop(&mut self) {
        if let Until::Written(store) = &self.until {
            store.write(self.request.id);
        }
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
