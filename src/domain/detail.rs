//! What each detail tab says of an exchange: one file a tab, each a pure function to a document.

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
