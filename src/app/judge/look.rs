//! What the list shows of a verdict.

use crate::domain::signature::{Cause, Outcome, Verdict};
use crate::domain::summary::Summary;

/// The list's part of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Outcome and cause.
    pub brief: (Outcome, Option<Cause>),
    /// Whether the search for the cause has not run.
    pub is_first: bool,
}

impl Look {
    /// Of a verdict.
    pub fn of(verdict: &Verdict) -> Self {
        Self { brief: (verdict.outcome, verdict.cause), is_first: verdict.is_first_look }
    }

    /// Where there was nothing to check with.
    pub(super) const fn without_check(cause: Cause) -> Self {
        Self { brief: (Outcome::Unknown, Some(cause)), is_first: false }
    }

    /// Puts it into a row.
    pub fn put(self, row: &mut Summary) {
        (row.verdict, row.is_first_look) = (Some(self.brief), self.is_first);
    }
}
