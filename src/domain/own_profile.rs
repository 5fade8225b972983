//! A profile of the user's own: read like a compiled-in one, and held to what its types cannot say. What is wrong there would
//! be found out by a sender: as an answer with no status, a head that ends too early, or a check that never does.

use super::ron_text;
use super::signature::handshake::{Handshake, HandshakeKind};
use super::signature::profile::{Profile, ProfileError};
use super::signature::scheme::{Form, Scheme};
use super::signature::template::{Part, Source, SourceField, Template};

/// Filters of one value. Each may make it longer; those that are compiled in have three at most.
const FILTERS_MAX: usize = 8;
/// Pieces of one template.
const PARTS_MAX: usize = 64;
/// Ways to sign of one profile: each is tried for each request.
const SCHEMES_MAX: usize = 32;
/// Handshakes of one profile: each is looked for in each request.
const HANDSHAKES_MAX: usize = 32;
/// The longest value that a handshake signs, in bytes, whatever its digits.
const HEX_DIGITS_MAX: usize = 256;

/// Headers of which the listener alone knows what they say: they tell where an answer ends.
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

/// The path of a field, and what is wrong there.
type Wrong = (String, String);

/// Reads a profile of the user's own. `file` is its name, with or without folders and `.ron`.
///
/// # Errors
/// With file, line and field: what [`Profile::parse`] refuses; a handshake's answer that cannot be sent, whose value cannot be, or
/// that would not end where it seems to; templates and lists without an end in sight.
pub fn read(file: &str, text: &str) -> Result<Profile, ProfileError> {
    let profile = Profile::parse(file, text)?;
    let Err((field, message)) = check(&profile) else { return Ok(profile) };
    let (line, column) = place(text, &field);
    Err(ProfileError { file: file.to_owned(), line, column, message: format!("{field}: {message}") })
}

/// Where a field begins, else what it is in.
fn place(text: &str, field: &str) -> ron_text::Place {
    let mut path = field.to_owned();
    while !path.is_empty() {
        if let Some(place) = ron_text::find(text, &path) {
            return place;
        }
        path = match path.strip_suffix(']').and_then(|item| item.rfind('[')) {
            Some(at) => path.get(..at).unwrap_or_default().to_owned(),
            None => ron_text::parent(&path),
        };
    }
    (1, 1)
}

fn check(profile: &Profile) -> Result<(), Wrong> {
    at_most("schemes", profile.schemes.len(), SCHEMES_MAX)?;
    at_most("handshakes", profile.handshakes.len(), HANDSHAKES_MAX)?;
    templates(&profile.event_type, "event_type")?;
    templates(&profile.delivery_id, "delivery_id")?;
    taken_from(&profile.event_type, "event_type")?;
    taken_from(&profile.delivery_id, "delivery_id")?;
    for (at, one) in profile.schemes.iter().enumerate() {
        scheme(one, &format!("schemes[{at}]"))?;
    }
    for (at, one) in profile.handshakes.iter().enumerate() {
        handshake(one, &format!("handshakes[{at}]"))?;
    }
    for (at, sample) in profile.events.iter().enumerate() {
        value(sample.content_type.as_bytes(), format!("events[{at}].content_type"))?;
        for (number, (name, text)) in sample.headers.iter().enumerate() {
            header(name, format!("events[{at}].headers[{number}]"))?;
            value(text.as_bytes(), format!("events[{at}].headers[{number}]"))?;
        }
    }
    Ok(())
}

fn at_most(field: &str, count: usize, most: usize) -> Result<(), Wrong> {
    if count <= most {
        Ok(())
    } else {
        Err((field.to_owned(), format!("there are {count}, and at most {most} may be")))
    }
}

fn scheme(scheme: &Scheme, path: &str) -> Result<(), Wrong> {
    for (at, SourceField(source)) in scheme.signature.iter().enumerate() {
        if let Source::Header(name) = source {
            header(name, format!("{path}.signature[{at}]"))?;
        }
    }
    for (field, one) in [("message", &scheme.message), ("write", &scheme.write)] {
        one.iter().try_for_each(|one| template(one, format!("{path}.{field}")))?;
    }
    if let Some(message) = &scheme.message
        && message.sources().next().is_none()
    {
        let message = format!(
            "{:?} signs the same text for every request: name what is signed in braces, like \"{{body}}\"",
            message.text
        );
        return Err((format!("{path}.message"), message));
    }
    signature_written(scheme, path)?;
    for (at, guard) in scheme.guards.iter().enumerate() {
        template(&guard.left, format!("{path}.guards[{at}].left"))?;
        template(&guard.right, format!("{path}.guards[{at}].right"))?;
    }
    written(&scheme.write_headers, &format!("{path}.write_headers"))?;
    if let Form::Jwt(jwt) = &scheme.form {
        jwt.write.iter().try_for_each(|(_, one)| template(one, format!("{path}.form")))?;
    }
    Ok(())
}

/// What is written holds the signature, under a name that the check takes.
fn signature_written(scheme: &Scheme, path: &str) -> Result<(), Wrong> {
    let Some(write) = scheme.write.as_ref().filter(|_| scheme.form == Form::Plain) else { return Ok(()) };
    let field = format!("{path}.write");
    if !write.uses(&Source::Signature) {
        let message = format!("{:?} has no {{signature}} in it, so that what is sent would not be signed", write.text);
        return Err((field, message));
    }
    let Some(list) = scheme.list.as_ref().filter(|list| !list.assign.is_empty() && !list.base64_json) else {
        return Ok(());
    };
    let items = write.text.split(list.separator.as_str()).filter(|item| item.contains("{signature"));
    for item in items {
        let Some((name, _)) = item.split_once(list.assign.as_str()) else { continue };
        let name = name.trim();
        // A name out of the request or the secret is not known here.
        if list.accept.is_empty() || name.contains('{') || list.accept.iter().any(|one| one == name) {
            continue;
        }
        let message = format!(
            "the signature is written under `{name}`, and `list.accept` takes {} only: write it under that name, or accept this one",
            list.accept.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")
        );
        return Err((field, message));
    }
    Ok(())
}

/// Templates that are to give something of the request: not the bare name of its place.
fn taken_from(all: &[Template], path: &str) -> Result<(), Wrong> {
    for (at, one) in all.iter().enumerate() {
        let is_bare = one.sources().next().is_none() && one.text.contains(':') && Source::parse(&one.text).is_ok();
        if is_bare {
            let message = format!(
                "expected \"{{{0}}}\", in braces: {1:?} is the same text for every request",
                one.text, one.text
            );
            return Err((format!("{path}[{at}]"), message));
        }
    }
    Ok(())
}

fn handshake(shake: &Handshake, path: &str) -> Result<(), Wrong> {
    for (field, status) in [("status", Some(shake.status)), ("status_invalid", shake.status_invalid)] {
        if let Some(status) = status.filter(|status| !(200..=599).contains(status)) {
            return Err((format!("{path}.{field}"), format!("expected a status from 200 to 599, found {status}")));
        }
    }
    if let Some((least, most)) = shake.hex_digits {
        let field = format!("{path}.hex_digits");
        if least == 0 || least > most || most > HEX_DIGITS_MAX {
            let expected = format!("expected the fewest and the most digits, from 1 to {HEX_DIGITS_MAX}");
            return Err((field, format!("{expected}, found ({least}, {most})")));
        }
        if shake.kind != HandshakeKind::Prove {
            return Err((field, "only a handshake of the kind Prove signs a value, and has a use for it".to_owned()));
        }
    }
    shake.body.iter().try_for_each(|body| template(body, format!("{path}.body")))?;
    written(&shake.headers, &format!("{path}.headers"))
}

/// Headers that we write.
fn written(headers: &[(String, Template)], path: &str) -> Result<(), Wrong> {
    for (at, (name, text)) in headers.iter().enumerate() {
        let field = format!("{path}[{at}]");
        header(name, field.clone())?;
        for part in &text.parts {
            match part {
                Part::Text(fixed) => value(fixed.as_bytes(), field.clone())?,
                Part::Optional(before, _, _, after) => {
                    value(before.as_bytes(), field.clone())?;
                    value(after.as_bytes(), field.clone())?;
                }
                Part::Value(..) => {}
            }
        }
        template(text, field)?;
    }
    Ok(())
}

/// A name that can stand in a head (RFC 9110 section 5.6.2), and says nothing of where the message ends.
fn header(name: &str, field: String) -> Result<(), Wrong> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err((field, format!("{name:?} is no header's name: letters, digits and `-` are")));
    }
    if FRAMING.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err((field, format!("`{name}` says where a message ends, which is not for a profile to say")));
    }
    Ok(())
}

/// A value that ends where it seems to.
fn value(text: &[u8], field: String) -> Result<(), Wrong> {
    if is_header_value(text) {
        return Ok(());
    }
    Err((field, "a header's value holds no line end and no other control character".to_owned()))
}

/// Whether bytes can be a header's value (RFC 9110 section 5.5): no control characters but the tab.
pub fn is_header_value(value: &[u8]) -> bool {
    value.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control())
}

fn templates(all: &[Template], path: &str) -> Result<(), Wrong> {
    all.iter().enumerate().try_for_each(|(at, one)| template(one, format!("{path}[{at}]")))
}

fn template(template: &Template, field: String) -> Result<(), Wrong> {
    let counted = |what: &str, count: usize, most: usize| {
        Err((field.clone(), format!("there are {count} {what}, and at most {most} may be")))
    };
    if template.parts.len() > PARTS_MAX {
        return counted("pieces", template.parts.len(), PARTS_MAX);
    }
    for part in &template.parts {
        if let Part::Value(_, filters) | Part::Optional(_, _, filters, _) = part
            && filters.len() > FILTERS_MAX
        {
            return counted("filters behind one value", filters.len(), FILTERS_MAX);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
