//! Handshakes as their provider would send them, and whether the answer is the right one.

use serde_json::Value;

use super::Delivery;
use super::fresh::Fresh;
use super::sample::Payload;
use super::set::Change;
use crate::domain::headers::Headers;
use crate::domain::printable::{visible, visible_within};
use crate::domain::signature::handshake::{Handshake, HandshakeKind, NoAnswer};
use crate::domain::signature::template::{Condition, Part, Source, Test};
use crate::domain::signature::{Profile, Secret, json};

/// The request that the conditions of a handshake describe, with fresh tokens for the values that they only want to be there.
///
/// # Errors
/// In words, when its conditions cannot be met by a request of ours.
pub fn payload(profile: &Profile, handshake: &Handshake, name: &str, fresh: &Fresh) -> Result<Payload, String> {
    let mut payload = Payload {
        name: name.to_owned(),
        method: "POST".to_owned(),
        content_type: String::new(),
        headers: Vec::new(),
        query: Vec::new(),
        body: Vec::new(),
        changes: Vec::new(),
        is_sample: false,
    };
    let mut fields = Vec::new();
    let value =
        handshake.value.iter().map(|value| Condition { source: value.0.clone(), test: Test::Present, negated: false });
    let mut seen: Vec<Source> = Vec::new();
    for condition in handshake.when.iter().cloned().chain(value).filter(|condition| !condition.negated) {
        if seen.contains(&condition.source) {
            continue;
        }
        seen.push(condition.source.clone());
        let text = match &condition.test {
            Test::Present if condition.source.describe().ends_with("_ts") => fresh.now.secs().to_string(),
            Test::Present => fresh.token(&condition.source.describe()),
            Test::Is(text) | Test::Starts(text) | Test::Contains(text) => text.clone(),
            Test::Like(_) => return Err(format!("the handshake {name} cannot be made: {}", condition.describe())),
        };
        match condition.source {
            Source::Method => payload.method = text,
            Source::Header(name) => payload.headers.push((name, text)),
            Source::Query(name) => payload.query.push((name, text)),
            // A token is text, even one of digits.
            Source::Json(path) if condition.test == Test::Present => fields.push((path, format!("\"{text}\""))),
            Source::Json(path) => fields.push((path, text)),
            _ => return Err(format!("the handshake {name} cannot be made: {}", condition.source.describe())),
        }
    }
    if payload.method != "POST" {
        return Ok(payload);
    }
    payload.content_type = "application/json".to_owned();
    match profile.events.first().filter(|_| handshake.kind == HandshakeKind::Visit) {
        // It is an event like the others, but for its type (Amazon SNS).
        Some(sample) => {
            let body = sample.body.clone().into_bytes();
            let parts = profile.schemes.iter().flat_map(|scheme| &scheme.message).flat_map(|message| &message.parts);
            for part in parts {
                if let Part::Value(Source::Json(path), _) = part
                    && json::scalar(&body, path).is_none()
                    && !fields.iter().any(|(known, _)| known == path)
                {
                    let token = fresh.token(&path.join("."));
                    let is_url = path.last().is_some_and(|name| name.ends_with("URL"));
                    let text = if is_url { format!("https://example.com/confirm?token={token}") } else { token };
                    fields.push((path.clone(), text));
                }
            }
            payload.body = body_of(&fields, body)?;
            payload.content_type.clone_from(&sample.content_type);
            let typed = |value: &String| if *value == sample.name { name.to_owned() } else { value.clone() };
            payload.headers.extend(sample.headers.iter().map(|(header, value)| (header.clone(), typed(value))));
            payload.is_sample = true;
        }
        None if !handshake.example.is_empty() => {
            payload.body = body_of(&fields, handshake.example.clone().into_bytes())?;
        }
        None => {
            let is_list = fields.iter().any(|(path, _)| path.first().is_some_and(|step| step.parse::<usize>().is_ok()));
            payload.body = body_of(&fields, if is_list { b"[]".to_vec() } else { b"{}".to_vec() })?;
        }
    }
    Ok(payload)
}

/// A JSON body with these values in it.
fn body_of(fields: &[(Vec<String>, String)], mut body: Vec<u8>) -> Result<Vec<u8>, String> {
    let headers = Headers::from_pairs([("Content-Type", "application/json")]);
    for (path, text) in fields {
        let steps: String = path.iter().map(|step| super::fresh::step_text(step)).collect();
        body = Change::parse(&format!("{}={text}", steps.trim_start_matches('.')))?.apply(&headers, &body)?;
    }
    Ok(body)
}

/// What came of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The answer is what the provider wants.
    Right,
    /// It is not: what is wrong with it.
    Wrong(String),
    /// It cannot be told: why.
    Unknown(String),
}

/// Holds an answer to what the profile says is right. `held`: whether the request's signature was a good one.
pub fn judge(
    handshake: &Handshake,
    profile: &Profile,
    delivery: &Delivery,
    secret: Option<&Secret>,
    held: bool,
    (status, headers, body): (u16, &Headers, &[u8]),
) -> Judged {
    if !held {
        let wanted = handshake.status_invalid.unwrap_or(401);
        return match status {
            status if status == wanted => Judged::Right,
            status => Judged::Wrong(format!("a bad signature wants {wanted}, the answer was {status}")),
        };
    }
    let wanted = match handshake.answer(profile, &delivery.request, secret, Some(&delivery.url)) {
        Ok(wanted) => wanted,
        Err(NoAnswer::NoSecret) => {
            return Judged::Unknown("the right answer is made with the secret: give --secret".into());
        }
        Err(NoAnswer::NoValue) => return Judged::Unknown("the right answer cannot be made here".into()),
    };
    let success = |status: u16| (200..300).contains(&status);
    let status_holds = match handshake.status_invalid {
        Some(_) => status == wanted.status,
        None => status == wanted.status || (success(wanted.status) && success(status)),
    };
    if !status_holds {
        return Judged::Wrong(format!("wanted {}, the answer was {status}", wanted.status));
    }
    // The type of a body is seldom looked at by providers; the values that carry something are.
    let carrying = wanted.headers.iter().filter(|(name, _)| {
        !["content-type", "x-content-type-options", "webhook-allowed-rate"]
            .contains(&name.to_ascii_lowercase().as_str())
    });
    for (name, value) in carrying {
        match headers.get(name) {
            Some(came) if came == value.as_slice() => {}
            Some(came) => {
                let (came, value) = (visible_within(came, 60), visible(value));
                return Judged::Wrong(format!("the header {name} should be {value} and is {came}"));
            }
            None => return Judged::Wrong(format!("the header {name}: {} is missing", visible(value))),
        }
    }
    match (handshake.kind, wanted.body.is_empty()) {
        (HandshakeKind::Confirm | HandshakeKind::BringsSecret | HandshakeKind::Visit, _) | (_, true) => Judged::Right,
        _ if is_body(&wanted.body, body) => Judged::Right,
        _ => {
            let came = if body.is_empty() { "empty".to_owned() } else { visible_within(body, 60) };
            Judged::Wrong(format!("the body should be {} and is {came}", visible_within(&wanted.body, 80)))
        }
    }
}

/// The same text, or the same JSON with perhaps more in it. A blank line at the end of text hurts nobody.
fn is_body(wanted: &[u8], came: &[u8]) -> bool {
    if wanted == came.trim_ascii_end() {
        return true;
    }
    let (Ok(Value::Object(wanted)), Ok(Value::Object(came))) =
        (serde_json::from_slice(wanted), serde_json::from_slice::<Value>(came))
    else {
        return is_challenge_in_json(wanted, came);
    };
    wanted.iter().all(|(name, value)| came.get(name) == Some(value))
}

/// Slack takes its challenge as text, as a form or as a member of a JSON object; so do those that copied it.
fn is_challenge_in_json(wanted: &[u8], came: &[u8]) -> bool {
    let Ok(wanted) = std::str::from_utf8(wanted) else { return false };
    match serde_json::from_slice(came) {
        Ok(Value::Object(members)) => members.get("challenge").and_then(Value::as_str) == Some(wanted),
        Ok(Value::String(text)) => text == wanted,
        _ => came == format!("challenge={wanted}").as_bytes(),
    }
}

#[cfg(test)]
mod tests;
