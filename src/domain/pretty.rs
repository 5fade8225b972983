//! From bytes to lines that can be shown. Never fails: what cannot be read as its type is shown as text or hex, and said.

use super::body::{Body, content_codings};
use super::headers::Headers;
use super::printable::visible;
use super::{decoding, quantity};

use builder::{Builder, Part};
use kind::Kind;

pub use builder::Limits;
pub use document::{Document, Line, NO_BREAK, Role, Span, Syntax, WRAPPED_BYTES_MAX, WRAPPED_LINES_MAX};
pub use view::BodyView;

mod builder;
mod charset;
mod document;
mod form;
mod hex;
mod json;
mod kind;
mod multipart;
mod text;
mod view;
mod xml;

/// A body as a document: content codings undone, then shown by its media type, or by what it looks like when the type is
/// missing or wrong. Never fails: what cannot be read is shown as text or hex and said in a note.
///
/// [`BodyView::Hex`] shows the bytes as they came, content codings and all.
pub fn body(body: &Body, headers: &Headers, view: BodyView, limits: Limits) -> Document {
    let bytes: &[u8] = &body.bytes;
    let came_cut = body.length_bytes > bytes.len() as u64;
    let codings = content_codings(headers);
    let mut out = Builder::within(limits);
    if view == BodyView::Hex {
        if !codings.is_empty() {
            out.document.note(format!("as it came, {} not decoded", visible(codings.join(", ").as_bytes())));
        }
        let (shown, _) = shown(bytes, limits, &mut out);
        hex::lines(shown, limits.width, &mut out);
        return out.finish();
    }
    let decoded = decoding::decode(bytes, &codings, limits.decoded_bytes_max);
    if let Some(note) = &decoded.note {
        out.document.note(note);
    }
    let (bytes, is_cut) = shown(&decoded.bytes, limits, &mut out);
    let content_type = String::from_utf8_lossy(headers.get("content-type").unwrap_or_default()).into_owned();
    let part = Part { bytes, content_type: &content_type, is_cut: is_cut || came_cut || !decoded.is_whole, level: 0 };
    match view {
        BodyView::Raw => raw(&part, limits, &mut out),
        _ => pretty(&part, limits, &mut out),
    }
    out.finish()
}

/// Bytes with all that is in them visible, line ends too; hex when they are no text. Line ends are quiet where all are the same.
pub fn exact(bytes: &[u8], limits: Limits) -> Document {
    exact_with(bytes, text::usual_end(bytes), limits)
}

/// The same for a head, whose lines end with CR LF: any other end is loud.
pub fn exact_head(bytes: &[u8], limits: Limits) -> Document {
    exact_with(bytes, b"\r\n", limits)
}

fn exact_with(bytes: &[u8], end: &'static [u8], limits: Limits) -> Document {
    let mut out = Builder::within(limits);
    let (shown, _) = shown(bytes, limits, &mut out);
    if kind::looks_binary(shown) {
        hex::lines(shown, limits.width, &mut out);
    } else {
        text::lines(shown, text::LineEnds::Exact(end), &mut out);
    }
    out.finish()
}

/// What is shown of the bytes, and whether that is not all.
fn shown<'a>(bytes: &'a [u8], limits: Limits, out: &mut Builder) -> (&'a [u8], bool) {
    match bytes.get(..limits.shown_bytes_max) {
        Some(some) if some.len() < bytes.len() => {
            let (shown, all) = (quantity::size(some.len() as u64), quantity::size(bytes.len() as u64));
            out.document.note(format!("the first {shown} of {all}"));
            (some, true)
        }
        _ => (bytes, false),
    }
}

/// As text, but for what cannot be text.
fn raw(part: &Part<'_>, limits: Limits, out: &mut Builder) {
    let (text, note) = charset::to_utf8(part.bytes, part.content_type);
    if kind::looks_binary(&text) {
        binary(part, limits, out);
        return;
    }
    if let Some(note) = note {
        out.document.note(note);
    }
    text::lines(&text, text::LineEnds::Returns, out);
}

/// By its type.
fn pretty(part: &Part<'_>, limits: Limits, out: &mut Builder) {
    if part.bytes.is_empty() {
        return;
    }
    let (text, charset_note) = charset::to_utf8(part.bytes, part.content_type);
    let (kind, note) = kind::choose(part.content_type, &text, part.level);
    if let Some(note) = note {
        out.document.note(note);
    }
    if let (Some(note), false) = (charset_note, matches!(kind, Kind::Multipart(_) | Kind::Binary)) {
        out.document.note(note);
    }
    match kind {
        Kind::Json => json::document(&text, part.is_cut, out),
        Kind::Form => form::lines(&text, out),
        Kind::Multipart(boundary) => multipart::lines(part, &boundary, limits, pretty, out),
        Kind::Xml => xml::document(&text, part.is_cut, out),
        Kind::Text(language) => {
            let first = out.document.lines.len();
            text::lines(&text, text::LineEnds::Quiet, out);
            if let (Some(language), 0) = (language, part.level) {
                out.document.syntax = Some(Syntax { language, lines: first..out.document.lines.len() });
            }
        }
        Kind::Binary => binary(part, limits, out),
    }
}

/// As hex, with what its first bytes say it is.
fn binary(part: &Part<'_>, limits: Limits, out: &mut Builder) {
    if let Some(found) = infer::get(part.bytes) {
        out.document.note(format!("{} by its first bytes", found.mime_type()));
    }
    if part.level == 0 {
        hex::lines(part.bytes, limits.width, out);
        return;
    }
    let some = part.bytes.get(..PART_HEX_BYTES_MAX).unwrap_or(part.bytes);
    hex::lines(some, limits.width, out);
    if some.len() < part.bytes.len() {
        let more = quantity::size((part.bytes.len() - some.len()) as u64);
        out.say(Role::Note, &format!("… {more} more"));
    }
}

/// Bytes of a binary part that are shown: the parts after it matter too.
const PART_HEX_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests;
