//! Multipart bodies: each part with its own headers as sent, then its own body by its own type.
//!
//! Walked by hand over the boundary (RFC 2046 section 5.1), not by `multer`: that is made for servers that accept a form,
//! needs an executor, takes only `form-data`, and gives header names lower-cased in a map, where this must show every
//! part of any multipart type as it came, also when it is broken.

use memchr::memmem;

use super::builder::{Builder, Limits, Part};
use super::document::Role;
use super::text;
use crate::domain::body::parameter;
use crate::domain::printable::visible_within;
use crate::domain::quantity::{counted, size};

/// How the body of a part is shown: handed down, because it may be multipart again.
type Show = fn(&Part<'_>, Limits, &mut Builder);

/// Adds the parts.
pub(super) fn lines(whole: &Part<'_>, boundary: &str, limits: Limits, show: Show, out: &mut Builder) {
    let (parts, is_closed) = split(whole.bytes, boundary.as_bytes());
    let Some((preamble, parts)) = parts.split_first() else { return };
    if parts.is_empty() {
        out.document.note("the declared boundary is not in the body");
        text::lines(whole.bytes, text::LineEnds::Quiet, out);
        return;
    }
    out.document.note(counted(parts.len(), "part"));
    if !preamble.trim_ascii().is_empty() {
        out.say(Role::Heading, "before the first part");
        text::lines(preamble, text::LineEnds::Quiet, out);
    }
    let last = parts.len() - 1;
    for (index, bytes) in parts.iter().enumerate() {
        if out.is_full() {
            out.end_line_always();
            return;
        }
        if index > 0 {
            out.end_line_always();
        }
        let is_cut = index == last && !is_closed;
        let own = own_part(bytes, index + 1, out);
        let level = whole.level + 1;
        show(&Part { bytes: own.body, content_type: &own.content_type, is_cut, level }, limits, out);
    }
    if !is_closed && !whole.is_cut {
        let words = "the closing boundary is missing";
        out.say(Role::Bad, &format!("── {words}"));
        out.document.note(words);
    }
}

/// What a part says of itself.
struct Own<'a> {
    body: &'a [u8],
    content_type: String,
}

/// Adds the heading and the headers of a part; its body is left to be shown.
fn own_part<'a>(bytes: &'a [u8], number: usize, out: &mut Builder) -> Own<'a> {
    let (head, body) = split_head(bytes);
    let mut content_type = String::new();
    let mut disposition = String::new();
    for line in head_lines(head) {
        let (name, value) = split_header(line);
        let value = String::from_utf8_lossy(value);
        if name.eq_ignore_ascii_case(b"content-type") {
            content_type = value.into_owned();
        } else if name.eq_ignore_ascii_case(b"content-disposition") {
            disposition = value.into_owned();
        }
    }
    out.end_line();
    out.push(Role::Heading, &format!("part {number}"));
    if let Some(name) = parameter(&disposition, "name") {
        out.push(Role::Heading, &format!("  {}", visible_within(name.as_bytes(), 60)));
    }
    if let Some(file) = parameter(&disposition, "filename") {
        out.push(Role::Plain, &format!("  {}", visible_within(file.as_bytes(), 60)));
    }
    out.push(Role::Dim, &format!("  {}", size(body.len() as u64)));
    out.end_line();
    for line in head_lines(head) {
        let (name, value) = split_header(line);
        out.push(Role::Plain, "  ");
        out.push_bytes(Role::Key, name);
        out.push(Role::Punctuation, ": ");
        out.push_bytes(Role::Plain, value);
        out.end_line();
    }
    Own { body, content_type }
}

/// The bytes before the first boundary, then those of each part; and whether the closing boundary is there.
fn split<'a>(bytes: &'a [u8], boundary: &[u8]) -> (Vec<&'a [u8]>, bool) {
    let mut delimiter = Vec::with_capacity(boundary.len() + 2);
    delimiter.extend_from_slice(b"--");
    delimiter.extend_from_slice(boundary);
    let mut parts = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(bytes, &delimiter) {
        let before = bytes.get(..at).unwrap_or_default();
        let after = bytes.get(at + delimiter.len()..).unwrap_or_default();
        // A delimiter is a line of its own; what only looks like one inside a part is not.
        if at < start || !(before.is_empty() || before.ends_with(b"\n")) || !ends_line(after) {
            continue;
        }
        let end = before.strip_suffix(b"\r\n").or_else(|| before.strip_suffix(b"\n")).unwrap_or(before).len();
        parts.push(bytes.get(start..end.max(start)).unwrap_or_default());
        if after.starts_with(b"--") {
            return (parts, true);
        }
        let line_end = memchr::memchr(b'\n', after).map_or(after.len(), |end| end + 1);
        start = at + delimiter.len() + line_end;
    }
    parts.push(bytes.get(start..).unwrap_or_default());
    (parts, false)
}

/// Whether only blanks, or the two hyphens of the last one, stand between a delimiter and its line's end.
fn ends_line(after: &[u8]) -> bool {
    let after = match after.strip_prefix(b"--") {
        Some(after) => after,
        None if after.is_empty() => return false,
        None => after,
    };
    let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    matches!(after.get(blanks), None | Some(b'\n'))
}

/// Head and body of a part; the head is empty when the part begins with the blank line, or has none.
fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    for blank in [b"\r\n".as_slice(), b"\n"] {
        if let Some(body) = bytes.strip_prefix(blank) {
            return (b"", body);
        }
    }
    for end in [b"\r\n\r\n".as_slice(), b"\n\n"] {
        if let Some(at) = memmem::find(bytes, end) {
            return (bytes.get(..at).unwrap_or_default(), bytes.get(at + end.len()..).unwrap_or_default());
        }
    }
    (b"", bytes)
}

fn head_lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
}

fn split_header(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', line) {
        Some(at) => (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default().trim_ascii()),
        None => (line, b""),
    }
}
