//! What a handler sees that parses the body and writes it again before it checks: the bytes that the common programs
//! write, and where they part from what came. The check on such bytes fails however right the secret is.

mod form;
mod numbers;
mod tree;
mod write;

use super::scheme::{Form, GuardSubject, Scheme};
use super::template::Source;
use crate::domain::body::media_type;
use crate::domain::exchange::Request;
use crate::domain::printable::{visible, visible_within};

/// Bodies above this are not written again, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A body as one program writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// What writes it so: `JSON.stringify (JavaScript)`.
    pub by: &'static str,
    /// What it writes.
    pub bytes: Vec<u8>,
}

/// What comes of a check on a body that was parsed and written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// What writes it: `JSON.stringify (JavaScript)`.
    pub by: &'static str,
    /// Where its bytes part from those that came; `None`: they are the same, and the check holds.
    pub differs: Option<Difference>,
}

/// Where two bodies part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Bytes that are the same before it.
    pub at_byte: usize,
    /// What came from there on, visible text, a few columns.
    pub came: String,
    /// What is written instead, visible text, a few columns.
    pub written: String,
}

/// What stands for the blank that begins a side of a difference, where nobody would see it.
const BLANK: &str = "␣";
/// Columns of either side of a difference.
const EXCERPT_COLUMNS: usize = 12;

impl Difference {
    /// The first difference; `None` when both are the same.
    pub fn between(came: &[u8], written: &[u8]) -> Option<Self> {
        if came == written {
            return None;
        }
        let at_byte = came.iter().zip(written).take_while(|(one, other)| one == other).count();
        // From the start of a character, so that an excerpt is readable.
        let start = character_start(came, at_byte);
        let excerpt = |bytes: &[u8]| {
            let rest = bytes.get(start..).unwrap_or_default();
            let part = rest.get(..EXCERPT_COLUMNS * 4).unwrap_or(rest);
            if part.is_empty() {
                return "(its end)".to_owned();
            }
            let mut shown = visible_within(part, EXCERPT_COLUMNS);
            // The first character is the one that differs.
            if shown.starts_with(' ') {
                shown.replace_range(..1, BLANK);
            }
            // A blank at the very end is not seen.
            let blanks = bytes.get(at_byte..).filter(|rest| !rest.is_empty() && rest.trim_ascii().is_empty());
            match blanks.and_then(|_| named(bytes, at_byte)) {
                Some(name) => format!("{shown} ({name} at its end)"),
                None => shown,
            }
        };
        Some(Self { at_byte, came: excerpt(came), written: excerpt(written) })
    }
}

/// Characters that are not seen, or look like others.
const INVISIBLE: &[(&[u8], &str)] = &[
    (b" ", "a space"),
    (b"\t", "a tab"),
    (b"\r\n", "a line end (CRLF)"),
    (b"\n", "a line end (LF)"),
    (b"\r", "a carriage return (CR)"),
    (b"\0", "a zero byte"),
    ("\u{a0}".as_bytes(), "a no-break space (U+00A0)"),
    ("\u{202f}".as_bytes(), "a narrow no-break space (U+202F)"),
    ("\u{200b}".as_bytes(), "a zero-width space (U+200B)"),
    ("\u{feff}".as_bytes(), "a byte order mark (U+FEFF)"),
];

fn invisible(bytes: &[u8], at_byte: usize) -> Option<&'static str> {
    let rest = bytes.get(character_start(bytes, at_byte)..)?;
    INVISIBLE.iter().find(|(text, _)| rest.starts_with(text)).map(|(_, name)| *name)
}

/// Where the character begins that this byte is of.
fn character_start(bytes: &[u8], at_byte: usize) -> usize {
    (at_byte.saturating_sub(3)..=at_byte)
        .rev()
        .find(|at| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80))
        .unwrap_or(at_byte)
}

/// Whether what stands at this byte is not seen.
pub fn is_invisible(bytes: &[u8], at_byte: usize) -> bool {
    invisible(bytes, at_byte).is_some()
}

/// What stands at this byte, in words: a name for what is not seen, else the character.
pub fn named(bytes: &[u8], at_byte: usize) -> Option<String> {
    if at_byte >= bytes.len() {
        return Some("nothing".to_owned());
    }
    let rest = bytes.get(character_start(bytes, at_byte)..)?;
    let character = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    let shown = match character {
        Some(one) => visible(one.encode_utf8(&mut [0; 4]).as_bytes()),
        None => visible(rest.get(..1)?),
    };
    Some(invisible(bytes, at_byte).map_or_else(|| format!("`{shown}`"), str::to_owned))
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
