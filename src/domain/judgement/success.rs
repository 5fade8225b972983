//! Whether an answer is a success for a provider, by the words of its profile: `2xx`, `200, 201 or 204; 410 means that no more are
//! wanted`, `200 with empty body`, `200 with body {"code":"SUCCESS"}`, `204 for an event; 200 with a type for an interaction`. One
//! reader for what is captured here and for what `send` is answered.

use serde_json::Value;

use super::words::{holds, statuses};
use crate::domain::printable::visible_str;

/// Which answers are a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    statuses: Vec<(u16, u16)>,
    /// Statuses that are one for requests of another kind.
    also: Vec<(u16, u16)>,
    body: Body,
}

/// What the body of an answer has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    Any,
    Empty,
    /// It holds this text.
    Holds(String),
    /// It is a JSON object with these members.
    Members(Value),
    /// It is JSON.
    Json,
    /// Something that only a person can compare.
    Special,
}

/// Whether an answer is a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It is for some kinds of requests, or with some bodies.
    Depends,
}

impl Success {
    /// From words; `None` when they do not begin with statuses.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix("a status ").unwrap_or(text);
        let (first, rest) = statuses(text)?;
        let rest = rest.trim_start();
        // What begins with another success is said of another kind of request.
        let clauses = text.split(';').skip(1).filter_map(|clause| statuses(clause.trim_start()));
        let is_success = |range: &(u16, u16)| (200..300).contains(&range.0) && range.1 < 300;
        let also = clauses.flat_map(|(codes, _)| codes).filter(is_success).collect();
        let body = match rest {
            _ if rest.starts_with("with empty body") || rest.starts_with("with an empty body") => Body::Empty,
            _ if rest.starts_with("with body ") => Body::read(rest.get("with body ".len()..).unwrap_or_default()),
            _ if rest.starts_with("with ") => Body::Special,
            _ if rest.contains("the body must be valid JSON") => Body::Json,
            _ => Body::Any,
        };
        Some(Self { statuses: first, also, body })
    }

    /// The same; where the words do not say it, any 2xx is one.
    pub fn read_or_2xx(text: &str) -> Self {
        Self::read(text).unwrap_or(Self { statuses: vec![(200, 299)], also: Vec::new(), body: Body::Any })
    }

    /// Whether an answer is a success. `body`: `None` where it is not known.
    pub fn fit(&self, status: u16, body: Option<&[u8]>) -> Fit {
        if holds(&self.statuses, status) {
            return match body {
                None if self.body != Body::Any => Fit::Depends,
                None => Fit::Yes,
                Some(body) => self.body.fit(body),
            };
        }
        if holds(&self.also, status) { Fit::Depends } else { Fit::No }
    }

    /// Whether this status is one of success, for whatever kind of request.
    pub fn takes(&self, status: u16) -> bool {
        holds(&self.statuses, status) || holds(&self.also, status)
    }
}

/// What the provider wants, in the words of its profile.
pub fn wants(words: &str) -> String {
    format!("the provider wants {}", visible_str(if words.is_empty() { "2xx" } else { words }))
}

impl Body {
    fn read(text: &str) -> Self {
        match text.chars().next() {
            // The object is followed by more words in some.
            Some('{') => {
                let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
                first.and_then(Result::ok).map_or(Self::Special, Self::Members)
            }
            Some('[') => Self::Holds(text.split(' ').next().unwrap_or_default().to_owned()),
            _ => Self::Special,
        }
    }

    fn fit(&self, body: &[u8]) -> Fit {
        let holds = match self {
            Self::Any => true,
            Self::Empty => body.is_empty(),
            Self::Holds(part) => memchr::memmem::find(body, part.as_bytes()).is_some(),
            Self::Members(wanted) => {
                serde_json::from_slice::<Value>(body).is_ok_and(|value| has_members(&value, wanted))
            }
            Self::Json => serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok(),
            Self::Special => return Fit::Depends,
        };
        if holds { Fit::Yes } else { Fit::No }
    }
}

/// Whether all members of `wanted`, at any depth, are in `value`.
fn has_members(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(have), Value::Object(want)) => {
            want.iter().all(|(name, wanted)| have.get(name).is_some_and(|value| has_members(value, wanted)))
        }
        _ => value == wanted,
    }
}

#[cfg(test)]
mod tests;
