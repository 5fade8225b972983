//! What each detail tab says of an exchange: one file a tab, each a pure function to a document.

use super::exchange::Exchange;
use super::pretty::{BodyView, Document, Limits};
use super::signature::{Profile, Verdict};
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
    /// The profile that recognised it or that its endpoint names.
    pub profile: Option<&'a Profile>,
    /// How bodies are shown.
    pub view: BodyView,
    /// `http://127.0.0.1:7070`: put in front of the target when the sender named no host. Empty for a saved session.
    pub base_url: &'a str,
    /// The time to tell ages from.
    pub now: Timestamp,
    /// Bounds on what is made of bodies; its width is that of the screen.
    pub limits: Limits,
}

/// The document of a tab, not wrapped yet. Never fails.
pub fn document(tab: Tab, exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let _ = (exchange, context);
    Document { lines: vec![super::pretty::Line::of(super::pretty::Role::Heading, tab.title())], ..Document::new() }
}
