//! Whether an answer gives a handshake what it asks for. A status of success is not enough there: an app that does not know the
//! handshake answers it like any other request, and the provider then never sends anything.

use serde_json::Value;

use super::{Fit, Given, Judgement, Says, Then};
use crate::domain::exchange::Request;
use crate::domain::signature::handshake::{Handshake, HandshakeKind};
use crate::domain::signature::material::Material;
use crate::domain::signature::template::{Part, Template};

/// A body above this is not looked into for a value that JSON writes another way, in bytes: answers to handshakes are small.
const JSON_BYTES_MAX: usize = 1 << 16;

/// Whether an answer with a status of success has what else the handshake asks for, as far as that can be told without the secret.
pub fn met(handshake: &Handshake, request: &Request, given: &Given) -> Fit {
    match handshake.kind {
        HandshakeKind::Confirm | HandshakeKind::Visit => Fit::Yes,
        HandshakeKind::Prove | HandshakeKind::Probe => Fit::Depends,
        HandshakeKind::Echo | HandshakeKind::BringsSecret => echoed(handshake, request, given),
    }
}

fn echoed(handshake: &Handshake, request: &Request, given: &Given) -> Fit {
    let material = Material::new(request);
    let wanted = |template: &Template| -> Vec<Vec<u8>> {
        let values = template.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(source, _) | Part::Optional(_, source, _, _) => material.value(source),
        });
        values.map(|value| value.into_owned()).filter(|value| !value.is_empty()).collect()
    };
    let stands_in_head = |value: &Vec<u8>| given.headers.iter().any(|header| holds(&header.value, value));
    let in_head: Vec<_> = handshake.headers.iter().flat_map(|(_, template)| wanted(template)).collect();
    let in_body: Vec<_> = handshake.body.iter().flat_map(wanted).collect();
    match &given.body {
        None if !in_body.is_empty() => Fit::Depends,
        Some(body) if !in_body.iter().all(|value| is_in(body, value)) => Fit::No,
        // Some take another value of a header too, as `*` for an origin.
        _ if !in_head.iter().all(stands_in_head) => Fit::Depends,
        _ => Fit::Yes,
    }
}

fn holds(text: &[u8], value: &[u8]) -> bool {
    memchr::memmem::find(text, value).is_some()
}

/// Whether a value stands in a body: as it is, or as a string of its JSON that is written with escapes.
fn is_in(body: &[u8], value: &[u8]) -> bool {
    let in_json = || {
        let read = || serde_json::from_slice::<Value>(body).ok();
        let parsed = (body.len() <= JSON_BYTES_MAX).then(read).flatten();
        parsed.is_some_and(|parsed| has_string(&parsed, value))
    };
    holds(body, value) || in_json()
}

fn has_string(json: &Value, wanted: &[u8]) -> bool {
    match json {
        Value::String(text) => text.as_bytes() == wanted,
        Value::Array(items) => items.iter().any(|item| has_string(item, wanted)),
        Value::Object(members) => members.values().any(|value| has_string(value, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Judgement {
    /// What becomes of it when it is the answer to a handshake that has or lacks what that asks for. A schedule of retries is for
    /// deliveries: of handshakes it says nothing.
    #[must_use]
    pub fn of_handshake(self, fit: Fit) -> Self {
        match fit {
            Fit::Yes => self,
            Fit::Depends => Self { says: Says::Depends, then: Then::Done },
            Fit::No => Self { says: Says::Failed, then: Then::Unknown },
        }
    }

    /// In words, for an answer that would be a success if this were no handshake: `a failure: Slack's handshake wants a value of the
    /// request back, which is not in the answer`. `title`: the provider's name, visible text.
    pub fn handshake_words(&self, title: &str, handshake: &Handshake) -> String {
        let wants = handshake.kind.words();
        match self.says {
            Says::Accepted if matches!(handshake.kind, HandshakeKind::Echo | HandshakeKind::BringsSecret) => {
                format!("accepted: {title}'s handshake has back what it asks for")
            }
            Says::Accepted => format!("accepted: {title}'s handshake {wants}"),
            Says::Failed => {
                format!(
                    "a failure: {title}'s handshake {wants}, which is not in the answer; nothing else comes before it is"
                )
            }
            _ => format!("accepted if the rest is right: {title}'s handshake {wants}"),
        }
    }
}

#[cfg(test)]
mod tests;
