//! The listener's way out: no new connections, what is held is released, answers in flight finish.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether the listener is on its way out. Clones share it; it is set once.
#[derive(Clone, Debug, Default)]
pub struct Leaving(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    begun: AtomicBool,
    notify: Notify,
}

impl Leaving {
    /// From now on.
    pub fn begin(&self) {
        self.0.begun.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Whether it has begun, for who looks at it in passing.
    pub fn flag(&self) -> &AtomicBool {
        &self.0.begun
    }

    /// Until it begins.
    pub async fn begun(&self) {
        let notified = self.0.notify.notified();
        tokio::pin!(notified);
        // Registered before the flag is read, so that a beginning between the two is not missed.
        notified.as_mut().enable();
        if !self.0.begun.load(Ordering::SeqCst) {
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_and_whoever_comes_later_hears_of_it() {
        let leaving = Leaving::default();
        let heard = leaving.clone();
        let waits = tokio::spawn(async move { heard.begun().await });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        leaving.begin();
        waits.await.unwrap();
        leaving.clone().begun().await;
        assert!(leaving.flag().load(Ordering::SeqCst));
    }
}
