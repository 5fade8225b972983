//! The HTTP listener: accepts, captures, answers.

mod accept;
mod answer;
mod body;
mod capture;
mod connection;
mod descriptors;
pub mod desk;
mod echo;
mod forward;
mod hold;
mod lane;
mod memory;
mod play;
mod port;
mod replies;
mod seats;
mod shed;
mod stream;
mod waits;
mod watch;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::store::Store;

use capture::Capture;
pub use port::bind;
pub use replies::SharedReplies;

/// Limits of the listener. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerLimits {
    /// Runtimes, each on its own thread; 0: one a core.
    pub threads: usize,
    /// Longest body that is kept whole.
    pub body_bytes: u64,
    /// Longest head (request line and headers).
    pub head_bytes: usize,
    /// Most header lines of a head.
    pub header_count: usize,
    /// From a head's first byte (or the connection's start) to its end.
    pub head_timeout: Duration,
    /// An open connection without a request.
    pub keep_alive_timeout: Duration,
    /// Within which a body must make progress, by 16 KiB or to its end.
    pub body_idle_timeout: Duration,
    /// For a whole body.
    pub body_timeout: Duration,
    /// For a whole answer to be taken, as long as some of it is: without any progress for so long the connection is reset.
    pub write_timeout: Duration,
    /// Open connections. At the limit the one that is idle for longest is closed for a new one; when all are at work the new one gets 503.
    pub connections: usize,
    /// Bodies being read, all together; more wait.
    pub bodies_bytes: usize,
    /// Read and dropped after an answer that came before the sender was done (413, 400), so that it can read that answer.
    pub linger_bytes: usize,
    /// For how long at most.
    pub linger_timeout: Duration,
}

impl Default for ListenerLimits {
    fn default() -> Self {
        Self {
            threads: 0,
            body_bytes: 10 * 1024 * 1024,
            head_bytes: 128 * 1024,
            header_count: 1000,
            head_timeout: Duration::from_secs(15),
            keep_alive_timeout: Duration::from_secs(75),
            body_idle_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(300),
            write_timeout: Duration::from_secs(30),
            connections: 1024,
            bodies_bytes: 64 * 1024 * 1024,
            linger_bytes: 16 * 1024 * 1024,
            linger_timeout: Duration::from_secs(3),
        }
    }
}

/// The port when none is asked for.
pub const DEFAULT_PORT: u16 = 7070;

/// Which port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortChoice {
    /// [`DEFAULT_PORT`], or the next free one.
    Default,
    /// This one or none.
    Explicit(u16),
    /// Any free one.
    Any,
}

/// A bound socket that does not accept yet.
#[derive(Debug)]
pub struct Bound {
    /// The socket.
    pub listener: TcpListener,
    /// Where it is bound.
    pub addr: SocketAddr,
    /// Whether the default port was taken and the next free one was used.
    pub moved: bool,
}

/// Why the listener cannot listen.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ListenError(pub String);

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
