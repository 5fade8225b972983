//! What all connections share: where requests are kept, what answers them, and the bounds of it all.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::exchange::{ExchangeId, Request};
use crate::io::forward::behind::Behind;
use crate::io::store::{Store, StoreError};

use super::budget::Budget;
use super::desk::Desk;
use super::gone::Gone;
use super::leaving::Leaving;
use super::limits::ListenerLimits;
use super::replies::SharedReplies;
use super::stream::Streams;

/// What all connections share.
pub struct Capture {
    store: Store,
    replies: SharedReplies,
    limits: ListenerLimits,
    budget: Budget,
    leaving: Leaving,
    /// Whose turn it is to have a large body kept.
    turns: Arc<Semaphore>,
    /// Whose turn it is to have an HTTP/2 request with many header bytes kept.
    heads: Arc<Semaphore>,
    /// Whose turn it is to have a request read back.
    readers: Semaphore,
    /// Connections whose senders had gone before we looked.
    gone: Gone,
    /// Answers of apps that go back as they come.
    streams: Streams,
}

impl Capture {
    /// With nothing on its way.
    pub fn new(store: Store, replies: SharedReplies, limits: ListenerLimits) -> Self {
        let budget = Budget::new(&limits);
        Self {
            store,
            replies,
            limits,
            budget,
            leaving: Leaving::default(),
            turns: Arc::new(Semaphore::new(1)),
            heads: Arc::new(Semaphore::new(1)),
            readers: Semaphore::new(1),
            gone: Gone::default(),
            streams: Streams::default(),
        }
    }

    /// The listener's way out.
    pub fn leaving(&self) -> &Leaving {
        &self.leaving
    }

    /// What bounds it.
    pub fn limits(&self) -> &ListenerLimits {
        &self.limits
    }

    /// Where requests are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What chooses the answers.
    pub fn replies(&self) -> &SharedReplies {
        &self.replies
    }

    /// Memory for bodies that are being read.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Where requests wait that are held.
    pub fn desk(&self) -> &Desk {
        self.replies.desk()
    }

    /// A request once more, after a time in which nothing but the store held it: from memory or the session file, one at a time.
    ///
    /// # Errors
    /// [`StoreError`]: it is in neither any more.
    pub async fn again(&self, id: ExchangeId) -> Result<Arc<Request>, StoreError> {
        // Never closed.
        let _turn = self.readers.acquire().await;
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || store.request(id)).await {
            Ok(request) => request,
            Err(error) => match error.try_into_panic() {
                // As if it had happened here.
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime leaves: nobody is answered any more.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// Connections whose senders had gone before we looked.
    pub fn gone(&self) -> &Gone {
        &self.gone
    }

    /// Answers of apps that go back as they come.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// What sends requests on to apps.
    pub fn behind(&self) -> Option<&Behind> {
        self.replies.behind()
    }

    /// Whether the listener is stopping: set once.
    pub fn stopping(&self) -> &AtomicBool {
        self.leaving.flag()
    }

    /// Whose turn it is to have a large body kept: one at a time, and whoever comes next waits without holding its thread up.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().acquire_owned().await.ok()
    }

    /// Whose turn it is to have an HTTP/2 request with many header bytes kept: one at a time, with everybody else's turn between
    /// two of them. A connection brings a hundred of these in one read, and a sender on another one would wait behind them all.
    pub async fn turn_between_others(&self) -> Option<OwnedSemaphorePermit> {
        let turn = self.heads.clone().acquire_owned().await.ok();
        tokio::task::yield_now().await;
        turn
    }

    /// One line for the user.
    pub fn say(&self, text: String) {
        self.store.say(text);
    }
}
