//! Text -> Filter -> text; which exchanges a filter lets through.

use super::exchange::Request;
use super::summary::Summary;

/// A filter that has been understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
}

/// Why a filter text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (column {column})")]
pub struct FilterError {
    /// Column of the mistake, from 1, in characters.
    pub column: usize,
    /// What was expected.
    pub message: String,
}

impl Filter {
    /// Understands a text; an empty one lets everything through.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { text: text.to_owned() })
    }

    /// Whether a term looks into headers or the body, so that [`Self::matches`] needs the request.
    pub fn needs_request(&self) -> bool {
        false
    }

    /// Whether this row is let through, when that can be told without its request; `None`: bring the request.
    pub fn decide(&self, summary: &Summary) -> Option<bool> {
        Some(self.matches(summary, None))
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether this row (and its request, when given) is let through.
    pub fn matches(&self, summary: &Summary, request: Option<&Request>) -> bool {
        let _ = (summary, request, &self.text);
        true
    }
}

impl std::fmt::Display for Filter {
    /// The filter in its own language: parsing it gives the same filter.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
