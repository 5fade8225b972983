//! Plain text: a line a line, control characters visible.

use super::builder::Builder;
use super::document::Role;
use crate::domain::printable::{visible, width};

/// How line ends are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// As a new line; CR LF throughout is said once, in a note.
    Quiet,
    /// As a new line, with `␍` where a CR came.
    Returns,
    /// With the bytes that made them, `␍␊` or `␊`: quiet where they are this usual end, loud where they are not.
    Exact(&'static [u8]),
}

/// The end that a text's lines have; empty when some have another one.
pub(super) fn usual_end(bytes: &[u8]) -> &'static [u8] {
    match memchr::memchr(b'\r', bytes) {
        None => b"\n",
        Some(_) if has_only_crlf(bytes) => b"\r\n",
        Some(_) => b"",
    }
}

/// Columns between tab stops.
const TAB_COLUMNS: usize = 4;

/// Adds text as lines.
pub(super) fn lines(bytes: &[u8], ends: LineEnds, out: &mut Builder) {
    if bytes.is_empty() {
        return;
    }
    if let LineEnds::Exact(usual) = ends {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if out.is_full() {
                out.end_line_always();
                return;
            }
            let text = line.strip_suffix(usual).unwrap_or(line);
            out.push_bytes(Role::Plain, text);
            out.push(Role::Dim, &visible(line.get(text.len()..).unwrap_or_default()));
            out.end_line();
        }
        return;
    }
    let hide_returns = ends == LineEnds::Quiet && has_only_crlf(bytes);
    if hide_returns {
        out.document.note("line ends: CR LF");
    }
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for line in body.split(|byte| *byte == b'\n') {
        if out.is_full() {
            out.end_line_always();
            return;
        }
        let line = if hide_returns { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        push_with_tabs(line, out);
        out.end_line_always();
    }
}

/// Tabs as an arrow and blanks up to the next stop.
fn push_with_tabs(line: &[u8], out: &mut Builder) {
    let mut parts = line.split(|byte| *byte == b'\t').peekable();
    let mut column = 0;
    while let Some(part) = parts.next() {
        let before = out.line.text().len();
        out.push_bytes(Role::Plain, part);
        if parts.peek().is_some() {
            column += out.line.text().get(before..).map_or(0, width);
            let blanks = TAB_COLUMNS - 1 - column % TAB_COLUMNS;
            column += 1 + blanks;
            out.push(Role::Control, "→");
            out.push(Role::Plain, "   ".get(..blanks).unwrap_or_default());
        }
    }
}

/// Every line feed comes after a carriage return, every carriage return before a line feed, and there is one.
fn has_only_crlf(bytes: &[u8]) -> bool {
    let pairs = memchr::memmem::find_iter(bytes, b"\r\n").count();
    pairs > 0
        && memchr::memchr_iter(b'\n', bytes).count() == pairs
        && memchr::memchr_iter(b'\r', bytes).count() == pairs
}

/// Line and column, both from 1, of a byte; columns count characters.
pub(super) fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let column = before.iter().skip(line_start).filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
    (line, column)
}
