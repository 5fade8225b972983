//! An exchange as a screen shows it: whole but for the large bodies of attempts that are not the newest.
//!
//! An answer to a resend can have 10 MiB, and one request can be sent again a hundred times: together they would be the
//! memory that everything else is kept from taking.

use std::sync::Arc;

use bytes::Bytes;

use crate::domain::exchange::{Attempt, AttemptOutcome, Exchange, ExchangeId, Request};

use super::{Store, StoreError};

/// Bytes of the answer's body that are kept of an attempt that is not the newest: more than is shown of it.
const OLDER_BODY_BYTES_MAX: usize = 64 * 1024;

impl Store {
    /// As [`Self::exchange`], but of the answers to older attempts the first 64 KiB only. `length_bytes` stays theirs.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub fn exchange_in_brief(&self, id: ExchangeId) -> Result<Exchange, StoreError> {
        self.exchange_with(id, shortened)
    }
}

fn shortened(mut attempt: Arc<Attempt>, request: &Request, is_newest: bool) -> Arc<Attempt> {
    let sends_the_same = !attempt.sent.body.is_empty() && attempt.sent.body == request.body.bytes;
    let is_large = !is_newest && attempt.answer_bytes() > OLDER_BODY_BYTES_MAX;
    if !sends_the_same && !is_large {
        return attempt;
    }
    let short = Arc::make_mut(&mut attempt);
    if sends_the_same {
        // One memory for both.
        short.sent.body = request.body.bytes.clone();
    }
    if is_large && let AttemptOutcome::Answered { body, .. } = &mut short.outcome {
        // A copy: a slice would hold the whole.
        body.bytes = Bytes::copy_from_slice(body.bytes.get(..OLDER_BODY_BYTES_MAX).unwrap_or(&body.bytes));
    }
    attempt
}

#[cfg(test)]
mod tests;
