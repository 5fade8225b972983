//! Why a session cannot be read or written.

use thiserror::Error;

use crate::domain::exchange::ExchangeId;

/// Why something cannot be had from the store. The text says what was tried, what happened and what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No exchange has that number.
    #[error("no exchange {0} in this session")]
    NoSuch(ExchangeId),
    /// It was captured while the session file could not be written, and memory no longer has it.
    #[error("exchange {0} is gone: it left memory while the session file could not be written")]
    Gone(ExchangeId),
    /// A line of the session file is not what it was: where it begins, in bytes, and why it cannot be read.
    #[error("the session file cannot be read at {0}: {1}")]
    Line(u64, String),
    /// The session file cannot be used.
    #[error("{0}")]
    File(String),
}
