//! What a handler sees that parses the body and writes it again before it checks: the bytes that the common programs
//! write, and where they part from what came. The check on such bytes fails however right the secret is.

mod difference;
mod form;
mod numbers;
mod rewritten;
mod tree;
mod write;

use super::scheme::{Form, GuardSubject, Scheme};
use super::template::Source;
use crate::domain::body::media_type;
use crate::domain::exchange::Request;

pub use difference::{Difference, is_invisible, named};
pub use rewritten::{BODY_BYTES_MAX, Rewritten};

/// What comes of a check on a body that was parsed and written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// What writes it: `JSON.stringify (JavaScript)`.
    pub by: &'static str,
    /// Where its bytes part from those that came; `None`: they are the same, and the check holds.
    pub differs: Option<Difference>,
}

/// What the common programs make of JSON: named, in order of how often they are met. None when it is no JSON that they
/// would read, or larger than [`BODY_BYTES_MAX`].
pub fn json(body: &[u8]) -> Vec<Rewritten> {
    let Some(parsed) = tree::parse(body) else { return Vec::new() };
    write::ALL.iter().filter_map(|writer| Some(Rewritten { by: writer.name, bytes: writer.write(&parsed)? })).collect()
}

/// What they make of it when they are told to sort the members; nobody's default, so for the search alone.
pub fn json_sorted(body: &[u8]) -> Vec<Rewritten> {
    let Some(parsed) = tree::parse(body) else { return Vec::new() };
    let written = |writer: &write::Writer| Some(Rewritten { by: writer.name, bytes: writer.write(&parsed)? });
    write::SORTED.iter().filter_map(written).collect()
}

/// What the common programs make of a form.
pub fn form(body: &[u8]) -> Vec<Rewritten> {
    if body.len() > BODY_BYTES_MAX {
        return Vec::new();
    }
    form::all(body)
}

/// What a handler that parses this body and writes it again comes to, program by program. Empty when the body is neither
/// JSON nor a form, or when no signature of the scheme covers its bytes.
pub fn of(scheme: &Scheme, request: &Request) -> Vec<Handler> {
    if !covers_body_bytes(scheme) || !request.is_whole() {
        return Vec::new();
    }
    let body = &request.body.bytes;
    let all = match media_type(&request.headers) {
        media if media == "application/x-www-form-urlencoded" => form(body),
        _ => json(body),
    };
    let judged = all.into_iter();
    judged.map(|one| Handler { by: one.by, differs: Difference::between(body, &one.bytes) }).collect()
}

/// Whether the very bytes of the body are signed, or their digest.
pub fn covers_body_bytes(scheme: &Scheme) -> bool {
    let is_body = |source: &Source| matches!(source, Source::Body);
    let signed = scheme.message.iter().flat_map(|message| message.sources()).any(is_body);
    let guarded = scheme.guards.iter().filter(|guard| guard.about == GuardSubject::Body);
    let digested = guarded.flat_map(|guard| guard.left.sources().chain(guard.right.sources())).any(is_body);
    // What a message signature covers is its sender's choice, and its digest of the body is a guard once it is opened.
    signed || digested || matches!(scheme.form, Form::HttpMessage(_))
}

#[cfg(test)]
mod tests;
