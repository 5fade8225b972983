//! What comes after an answer.

use crate::domain::time::Timestamp;

/// What a provider does after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the delivery is done.
    Done,
    /// It tries again; when, as far as its documentation says so.
    Retries(Option<Timestamp>),
    /// It does not try again.
    GivesUp,
    /// Its documentation does not say.
    Unknown,
}

impl Then {
    /// The stable word in JSON; `None` where there is nothing to say.
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Retries(_) => Some("expected"),
            Self::GivesUp => Some("none"),
            Self::Unknown => Some("unknown"),
        }
    }

    /// When the next try is to be expected.
    pub const fn next(self) -> Option<Timestamp> {
        match self {
            Self::Retries(at) => at,
            Self::Done | Self::GivesUp | Self::Unknown => None,
        }
    }
}
