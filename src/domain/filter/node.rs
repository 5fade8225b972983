//! What a filter is made of.

use super::term::Term;

/// Longest filter text, in characters.
pub const TEXT_CHARS_MAX: usize = 4_000;

/// Deepest nesting of parentheses and negations.
pub const DEPTH_MAX: usize = 32;

/// A filter is a tree of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// All must hold; none at all lets everything through.
    All(Vec<Node>),
    /// One must hold. Never fewer than two.
    Any(Vec<Node>),
    /// Must not hold.
    Not(Box<Node>),
    /// A single test.
    Term(Term),
}

/// Why a filter text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (column {column})")]
pub struct FilterError {
    /// Column of the mistake, from 1, in characters.
    pub column: usize,
    /// What was found and what was expected, with visible text only.
    pub message: String,
}
