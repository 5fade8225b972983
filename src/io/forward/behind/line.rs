//! What waits: the requests to one target, in order, and those that wait for their next try.

use std::cmp::Reverse;
use std::collections::VecDeque;

use tokio::time::Instant;

use super::job::Job;
use crate::domain::exchange::AttemptKind;

/// A job with what came of it so far.
pub(super) struct Waiting {
    pub(super) job: Job,
    /// Tries that failed.
    pub(super) failed: u32,
    pub(super) is_in_order: bool,
    pub(super) is_once: bool,
}

/// One that waits for its next try. The earliest is the greatest.
pub(super) struct Later(pub(super) Reverse<(Instant, u64)>, pub(super) Waiting);

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Later {}

impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Later {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// The requests to one target.
#[derive(Default)]
pub(super) struct Line {
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) running: usize,
    /// All of them, those too that wait for their next try.
    pub(super) count: usize,
    pub(super) is_full_said: bool,
}

/// Whose line it is: the app, and whether it gets them as a shadow. One that is both answers in neither's way.
pub(super) type LineKey = (String, bool);

impl Job {
    /// Where it waits.
    pub(super) fn line(&self) -> LineKey {
        (self.to.origin.clone(), self.kind == AttemptKind::Shadow)
    }
}
