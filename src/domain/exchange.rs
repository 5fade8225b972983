//! An exchange: one captured request, the answer it got, and the attempts made from it since.

use std::sync::Arc;

use super::forward::Onward;
pub use super::timing::Timing;

mod answer;
mod attempt;
mod one_request;
mod request;

pub use answer::{Answer, AnswerOutcome};
pub use attempt::{Attempt, AttemptKind, AttemptOutcome, SignatureChoice, after_attempt};
pub use request::{ExchangeId, HttpVersion, Mark, Request};

/// One captured request with the answer it got and what was done with it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The request, sealed.
    pub request: Arc<Request>,
    /// The answer, once it is known.
    pub answer: Option<Arc<Answer>>,
    /// Its attempts, oldest first.
    pub attempts: Vec<Arc<Attempt>>,
    /// Lines of the session file that cannot be read: of what, and why.
    pub unread: Vec<String>,
}

impl Exchange {
    /// What bringing it to the user's app came to; `None`: it was not to be brought there.
    pub fn onward(&self) -> Option<Onward> {
        let answer = self.answer.as_deref();
        let queued = answer.is_some_and(|answer| answer.choice.as_ref().is_some_and(|choice| choice.is_queued));
        let first = answer.and_then(Answer::onward).or(queued.then_some(Onward::Waiting));
        self.attempts.iter().fold(first, |before, attempt| after_attempt(before, attempt))
    }
}
