//! What a profile says beside the signature: what the provider does with an answer, and where each fact comes from.

use serde::Deserialize;

use super::Profile;

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

    /// Whether the profile states it.
    pub fn is_in(self, profile: &Profile) -> bool {
        let delivery = &profile.delivery;
        match self {
            Self::Recognition | Self::Scheme | Self::Secret => true,
            Self::Tolerance => {
                let mut clocks = profile.schemes.iter().filter_map(|scheme| scheme.timestamp.as_ref());
                clocks.any(|clock| clock.past_s.is_some() || clock.future_s.is_some())
            }
            Self::EventType => !profile.event_type.is_empty(),
            Self::DeliveryId => !profile.delivery_id.is_empty(),
            Self::Handshake => !profile.handshakes.is_empty(),
            Self::Deadline => delivery.deadline_ms.is_some(),
            Self::Success => !delivery.success.is_empty(),
            Self::Retries => !delivery.retries.is_empty(),
            Self::Redirects => !delivery.redirects.is_empty(),
            Self::Disabled => !delivery.disabled.is_empty(),
        }
    }
}

/// Some facts and where they come from: `([Deadline, Retries], "Example documentation, Retries, https://example.com/docs")`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SourceOf(pub Vec<Fact>, pub String);

impl Profile {
    /// Where a fact comes from: what `source_of` says of it, else, of what is done with answers, `delivery.source`, else
    /// `sources`.
    pub fn sources_of(&self, fact: Fact) -> Vec<&str> {
        let named = self.source_of.iter().filter(|SourceOf(facts, _)| facts.contains(&fact));
        let named: Vec<&str> = named.map(|SourceOf(_, source)| source.as_str()).collect();
        match (named.is_empty(), fact.is_of_delivery()) {
            (false, _) => named,
            (true, true) => {
                Some(self.delivery.source.as_str()).filter(|source| !source.is_empty()).into_iter().collect()
            }
            (true, false) => self.sources.iter().map(String::as_str).collect(),
        }
    }

    /// Where it was looked for in vain, when the provider's documentation says nothing of a fact.
    pub fn not_documented_by(&self, fact: Fact) -> Option<&str> {
        let silent = self.not_documented.iter().find(|SourceOf(facts, _)| facts.contains(&fact));
        silent.map(|SourceOf(_, source)| source.as_str())
    }

    /// All sources, each once, in the order of the file.
    pub fn all_sources(&self) -> Vec<&str> {
        let named = self.source_of.iter().chain(&self.not_documented).map(|SourceOf(_, source)| source);
        let delivery = Some(&self.delivery.source).filter(|source| !source.is_empty());
        let mut all: Vec<&str> = Vec::new();
        for source in self.sources.iter().chain(named).chain(delivery) {
            if !all.contains(&source.as_str()) {
                all.push(source);
            }
        }
        all
    }

    /// What is wrong with `source_of`, in words.
    pub(super) fn wrong_source(&self) -> Option<String> {
        self.source_of.iter().find_map(|SourceOf(facts, source)| {
            if source.trim().is_empty() || facts.is_empty() {
                return Some("an entry of `source_of` must name facts and their source".to_owned());
            }
            let absent = facts.iter().find(|fact| !fact.is_in(self))?;
            Some(format!("`source_of` names {absent:?}, and the profile does not say that"))
        })
    }

    /// What is wrong with `not_documented`, in words.
    pub(super) fn wrong_silence(&self) -> Option<String> {
        self.not_documented.iter().find_map(|SourceOf(facts, source)| {
            if source.trim().is_empty() || facts.is_empty() {
                return Some("an entry of `not_documented` must name facts and the page that was read".to_owned());
            }
            let wrong = facts.iter().find(|fact| !fact.is_of_delivery() || fact.is_in(self))?;
            Some(match wrong.is_of_delivery() {
                true => format!("`not_documented` names {wrong:?}, and `delivery` says it"),
                false => format!("`not_documented` is for facts of `delivery`, and {wrong:?} is none"),
            })
        })
    }
}
