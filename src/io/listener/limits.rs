//! What bounds the listener: sizes, counts and times, each a setting.

use std::time::Duration;

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
