//! What each detail tab says of an exchange: one file a tab, each a pure function to a document.

use super::exchange::Exchange;
use super::pretty::{BodyView, Document, Limits};
use super::signature::Verdict;
use super::summary::Summary;
use super::time::Timestamp;

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

/// What the tabs need beside the exchange itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct DetailContext<'a> {
    /// What the signature check says, when it has run.
    pub verdict: Option<&'a Verdict>,
    /// The row: provider, event type, delivery id and how many times it came, mark.
    pub summary: Option<&'a Summary>,
    /// What the profile of the provider says of itself.
    pub provider: Option<ProviderWords<'a>>,
    /// How bodies are shown.
    pub view: BodyView,
    /// `http://127.0.0.1:7070`: put in front of the target when the sender named no host. Empty for a saved session.
    pub base_url: &'a str,
    /// The time to tell ages from.
    pub now: Timestamp,
    /// Bounds on what is made of bodies; its width is that of the screen.
    pub limits: Limits,
}

/// Words from a provider's profile. Ours, not a stranger's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderWords<'a> {
    /// As the provider writes itself: `GitHub`.
    pub title: &'a str,
    /// Where its webhooks are documented; empty when not known.
    pub docs_url: &'a str,
    /// How long it waits for an answer, in words; empty when not known.
    pub deadline: &'a str,
    /// When it tries again, in words; empty when not known.
    pub retries: &'a str,
}

/// The document of a tab, not wrapped yet. Never fails.
pub fn document(tab: Tab, exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let _ = (exchange, context);
    Document { lines: vec![super::pretty::Line::of(super::pretty::Role::Heading, tab.title())], ..Document::new() }
}
