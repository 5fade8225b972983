//! The newest exchanges in memory, bounded by count and by bytes; everything by id.

use std::sync::Arc;

use super::exchange::{ExchangeId, Request};

/// Bounds of a [`Ring`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingLimits {
    /// Requests at most.
    pub count: usize,
    /// Bytes at most, by [`Request::kept_bytes`].
    pub bytes: usize,
}

impl Default for RingLimits {
    /// 10,000 requests, 64 MiB.
    fn default() -> Self {
        Self { count: 10_000, bytes: 64 * 1024 * 1024 }
    }
}

/// The newest requests. The newest one always stays, whatever its size.
#[derive(Debug, Default)]
pub struct Ring {
    limits: RingLimits,
}

impl Ring {
    /// An empty one.
    pub fn new(limits: RingLimits) -> Self {
        Self { limits }
    }

    /// Adds a request; its id must be above all before. Evicts the oldest ones that no longer fit.
    pub fn push(&mut self, request: Arc<Request>) {
        let _ = (request, self.limits);
    }

    /// The request of that id while it is kept.
    pub fn get(&self, id: ExchangeId) -> Option<&Arc<Request>> {
        let _ = id;
        None
    }
}
