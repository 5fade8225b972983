//! The HTTP listener: accepts, captures, answers.

mod accept;
mod answer;
mod arrival;
mod body;
mod budget;
mod capture;
mod connection;
mod descriptors;
pub mod desk;
mod echo;
mod forward;
mod gone;
mod handle;
mod hold;
mod lane;
mod leaving;
mod limits;
mod memory;
mod play;
mod port;
mod pot;
mod refused;
mod replies;
mod seal;
mod seats;
mod shed;
mod stream;
mod trouble;
mod waits;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use super::store::Store;

use capture::Capture;
pub use limits::ListenerLimits;
pub use port::{Bound, DEFAULT_PORT, ListenError, PortChoice, bind};
pub use replies::SharedReplies;

/// A running listener. Dropping it stops it at once, without grace.
#[derive(Debug)]
pub struct Listener {
    threads: accept::Threads,
    store: Store,
}

impl Listener {
    /// Starts accepting on the listener's own threads. Each captured request goes to the store (line first, then the
    /// answer) and from there to the store's inbox.
    ///
    /// # Errors
    /// [`ListenError`] when the threads or the socket cannot be set up.
    pub fn start(
        bound: Bound,
        store: Store,
        replies: SharedReplies,
        limits: ListenerLimits,
    ) -> Result<Self, ListenError> {
        let capture = Capture::new(store.clone(), replies, limits);
        let threads = accept::start(bound, Arc::new(capture))?;
        Ok(Self { threads, store })
    }

    /// Open connections now.
    pub fn connections(&self) -> usize {
        self.threads.connections()
    }

    /// Senders that were turned away because all connections were at work.
    pub fn turned_away(&self) -> u64 {
        self.threads.turned_away()
    }

    /// Stops accepting, lets answers in flight finish for up to `grace`, ends the threads and flushes the store. Blocks.
    pub fn shutdown(self, grace: Duration) {
        self.threads.stop(grace);
        self.store.flush();
    }
}
