//! The few dozen bytes that the list needs of each exchange, and how they are made.

use std::sync::Arc;

use super::exchange::{AnswerOutcome, ExchangeId};
use super::signature::{Cause, Outcome};
use super::time::Timestamp;

/// One row of the list. All text has been through [`super::printable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its exchange.
    pub id: ExchangeId,
    /// When the first byte came.
    pub at: Timestamp,
    /// Method, visible form. Empty for a refused request that has none.
    pub method: Arc<str>,
    /// Target as sent (path and query), visible form.
    pub target: Arc<str>,
    /// Sender's address without port, visible form.
    pub peer: Arc<str>,
    /// Body length that the sender declared or sent.
    pub size_bytes: u64,
    /// Whether it never became a request.
    pub refused: bool,
    /// Whether the kept body is not all of it.
    pub cut: bool,
    /// Name of the provider profile that recognised it or that its endpoint names.
    pub provider: Option<Arc<str>>,
    /// Event type in the provider's words, visible form.
    pub event_type: Option<Arc<str>>,
    /// The provider's delivery id, visible form.
    pub delivery: Option<Arc<str>>,
    /// How many exchanges of this session carry the same delivery id, this one included; 1 without an id.
    pub delivery_count: u32,
    /// What the signature check says; `None` until it has run.
    pub verdict: Option<(Outcome, Option<Cause>)>,
    /// What went back; `None` until it has.
    pub answer: Option<AnswerBrief>,
    /// How many times it was sent again.
    pub attempts: u32,
    /// Marked by the user.
    pub marked: bool,
}

/// The answer as the list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerBrief {
    /// Status sent.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: AnswerOutcome,
    /// Microseconds from the request's last byte to the answer's last byte.
    pub answer_us: u64,
}
