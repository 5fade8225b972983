//! An answer that has not gone yet: what chose it, what goes, and when.

use crate::domain::time::Timestamp;

/// An answer that waits. Text is not gated yet: it may quote a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What chose it, in a few words.
    pub rule: String,
    /// What goes, in a few words.
    pub what: String,
    /// When, or when it is over at the latest; `None`: nobody knows.
    pub until: Option<Timestamp>,
}
