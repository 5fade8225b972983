//! Which facts a profile states, and where each of them comes from.

use super::{Fact, Profile, SourceOf};

impl Fact {
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
