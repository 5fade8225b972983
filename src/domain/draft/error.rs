//! Mistakes in an edited text.

/// Why a draft text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct DraftError {
    /// Line of the mistake, from 1.
    pub line: usize,
    /// What was found and what was expected, with visible text only.
    pub message: String,
}
