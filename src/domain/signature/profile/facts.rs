//! What a profile says beside the signature: what the provider does with an answer, and where each fact comes from.

use serde::Deserialize;

/// What a provider does with the answer to a delivery; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// How long it waits for an answer, in milliseconds.
    pub deadline_ms: Option<u32>,
    /// Which answers count as success, in words: `2xx`, `200 or 204 with an empty body`.
    pub success: String,
    /// When it tries again, in words.
    pub retries: String,
    /// What it makes of a redirect, in words.
    pub redirects: String,
    /// When it stops delivering, in words.
    pub disabled: String,
    /// Where those of these facts come from that `source_of` does not name.
    pub source: String,
}

impl Delivery {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        let Self { deadline_ms, success, retries, redirects, disabled, source: _ } = self;
        deadline_ms.is_none() && [success, retries, redirects, disabled].iter().all(|text| text.is_empty())
    }
}

/// A fact that a profile can state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Fact {
    /// How the provider is recognised.
    Recognition,
    /// How it signs.
    Scheme,
    /// What the secret is and where the user finds it.
    Secret,
    /// How old a delivery may be.
    Tolerance,
    /// Where the event type is.
    EventType,
    /// Where the delivery id is.
    DeliveryId,
    /// How it asks whether the endpoint is the user's.
    Handshake,
    /// How long it waits for an answer.
    Deadline,
    /// Which answers count as success.
    Success,
    /// When it tries again.
    Retries,
    /// What it makes of a redirect.
    Redirects,
    /// When it stops delivering.
    Disabled,
}

impl Fact {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Recognition,
        Self::Scheme,
        Self::Secret,
        Self::Tolerance,
        Self::EventType,
        Self::DeliveryId,
        Self::Handshake,
        Self::Deadline,
        Self::Success,
        Self::Retries,
        Self::Redirects,
        Self::Disabled,
    ];

    /// The word for it in `providers --json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recognition => "recognition",
            Self::Scheme => "scheme",
            Self::Secret => "secret",
            Self::Tolerance => "tolerance",
            Self::EventType => "event-type",
            Self::DeliveryId => "delivery-id",
            Self::Handshake => "handshake",
            Self::Deadline => "deadline",
            Self::Success => "success",
            Self::Retries => "retries",
            Self::Redirects => "redirects",
            Self::Disabled => "disabled",
        }
    }

    /// Whether it is about what the provider does with an answer.
    pub const fn is_of_delivery(self) -> bool {
        matches!(self, Self::Deadline | Self::Success | Self::Retries | Self::Redirects | Self::Disabled)
    }

    /// What it is called where a page lists facts.
    pub const fn label(self) -> &'static str {
        match self {
            Self::EventType => "event type",
            Self::DeliveryId => "delivery id",
            Self::Disabled => "gives up",
            other => other.as_str(),
        }
    }
}

/// Some facts and where they come from: `([Deadline, Retries], "Example documentation, Retries, https://example.com/docs")`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SourceOf(pub Vec<Fact>, pub String);
