//! What each detail tab says of an exchange: one file a tab, each a pure function to a document.

mod answer;
mod attempts;
mod body;
mod changes;
mod compared;
mod context;
mod forward;
mod headers;
mod lines;
mod overview;
mod raw;
mod signature;
mod timing;
mod tries;

use super::exchange::Exchange;
use super::pretty::Document;

pub use context::{DetailContext, ProviderWords, Reader};

/// A detail tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Anatomy: url, event id, type, token, payload, answer.
    #[default]
    Overview,
    /// The body.
    Body,
    /// The headers.
    Headers,
    /// The signature.
    Signature,
    /// What went back.
    Answer,
    /// What was sent again.
    Attempts,
    /// The bytes.
    Raw,
}

impl Tab {
    /// In the order of the keys `1` to `7`.
    pub const ALL: [Self; 7] =
        [Self::Overview, Self::Body, Self::Headers, Self::Signature, Self::Answer, Self::Attempts, Self::Raw];

    /// The word on the tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Body => "Body",
            Self::Headers => "Headers",
            Self::Signature => "Signature",
            Self::Answer => "Answer",
            Self::Attempts => "Attempts",
            Self::Raw => "Raw",
        }
    }
}

/// The document of a tab, not wrapped yet. Never fails.
pub fn document(tab: Tab, exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    match tab {
        Tab::Overview => overview::document(exchange, context),
        Tab::Body => body::document(exchange, context),
        Tab::Headers => headers::document(exchange),
        Tab::Signature => signature::document(context.verdict, context.explanation),
        Tab::Answer => answer::document(exchange, context),
        Tab::Attempts => attempts::document(exchange, context),
        Tab::Raw => raw::document(exchange, context),
    }
}

#[cfg(test)]
mod tests;
