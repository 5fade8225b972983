//! Bounds of a store.

use crate::domain::durability::Durability;
use crate::domain::ring::RingLimits;

/// Bounds of a [`Store`](super::Store), and how firmly it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Requests kept in memory.
    pub ring: RingLimits,
    /// Bytes of lines that wait in memory while the session file cannot be written; the oldest are given up beyond.
    pub backlog_bytes: usize,
    /// What must have happened to a line before the answer leaves.
    pub durability: Durability,
}

impl Default for StoreLimits {
    /// The ring's defaults, 64 MiB, a write for each request.
    fn default() -> Self {
        Self { ring: RingLimits::default(), backlog_bytes: 64 * 1024 * 1024, durability: Durability::default() }
    }
}
