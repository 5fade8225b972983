//! XML indented from its events; names, attributes, references and comments keep their bytes. Nothing is expanded.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::builder::Builder;
use super::document::Role;
use super::text;
use super::text::position;

/// Deeper lines keep the indent of this depth.
const INDENT_DEPTH_MAX: usize = 32;
const BLANKS: &str = "                                                                ";

/// A whole XML document: the fault, if there is one, is said, and the rest shown as text.
pub(super) fn document(bytes: &[u8], is_cut: bool, out: &mut Builder) {
    let mut printer = Printer { out, depth: 0, before: Before::Nothing };
    let fault = printer.run(bytes);
    printer.out.end_line();
    let Some((offset, reason)) = fault else {
        out.document.note("indented: blanks between elements are not as they came");
        return;
    };
    let rest = bytes.get(offset..).unwrap_or_default();
    if !is_cut {
        let (line, column) = position(bytes, offset);
        let words = format!("not well-formed from line {line}, column {column}: {reason}");
        out.say(Role::Bad, &format!("── {words}"));
        out.document.note(words);
    }
    text::lines(rest, text::LineEnds::Quiet, out);
}

/// What stands at the end of the line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// A start tag: text and an end tag may follow on its line.
    Start,
    /// Text after a start tag: the end tag may follow on its line.
    Inline,
}

struct Printer<'b> {
    out: &'b mut Builder,
    depth: usize,
    before: Before,
}

impl Printer<'_> {
    /// Offset and reason of the fault.
    fn run(&mut self, bytes: &[u8]) -> Option<(usize, String)> {
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().allow_dangling_amp = true;
        let mut start = 0;
        loop {
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let offset = usize::try_from(reader.error_position()).unwrap_or(start);
                    let words = crate::domain::printable::visible_within(error.to_string().as_bytes(), 160);
                    return Some((offset.clamp(start, bytes.len()), words));
                }
            };
            let end = usize::try_from(reader.buffer_position()).unwrap_or(bytes.len());
            let raw = bytes.get(start..end).unwrap_or_default();
            start = end;
            match event {
                Event::Eof if self.depth > 0 => {
                    return Some((bytes.len(), format!("it ends with {} elements open", self.depth)));
                }
                Event::Eof => return None,
                event => self.event(&event, raw),
            }
            if self.out.is_full() {
                self.out.end_line_always();
                return None;
            }
        }
    }

    fn event(&mut self, event: &Event<'_>, raw: &[u8]) {
        match event {
            Event::Start(_) => {
                self.new_line();
                self.tag(raw);
                self.depth += 1;
                self.before = Before::Start;
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                if self.before == Before::Nothing {
                    self.new_line();
                }
                self.tag(raw);
                self.before = Before::Nothing;
            }
            Event::Empty(_) => {
                self.new_line();
                self.tag(raw);
                self.before = Before::Nothing;
            }
            Event::Text(_) => self.text(raw, Role::Plain),
            Event::CData(_) => self.text(raw, Role::Text),
            Event::GeneralRef(_) => self.text(raw, Role::Literal),
            Event::Comment(_) => self.block(raw, Role::Comment),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) => self.block(raw, Role::Dim),
            Event::Eof => {}
        }
    }

    fn new_line(&mut self) {
        self.out.end_line();
        let blanks = self.depth.min(INDENT_DEPTH_MAX) * 2;
        self.out.push(Role::Plain, BLANKS.get(..blanks).unwrap_or(BLANKS));
    }

    /// Text inside an element: on the line of its tag when it is one line itself.
    fn text(&mut self, raw: &[u8], role: Role) {
        let trimmed = raw.trim_ascii();
        let is_one_line = memchr::memchr(b'\n', raw).is_none();
        // Text comes in pieces round its references: the blanks between the pieces count.
        if self.before == Before::Inline && is_one_line {
            self.out.push_bytes(role, raw);
            return;
        }
        if trimmed.is_empty() {
            return;
        }
        if self.before != Before::Nothing && memchr::memchr(b'\n', trimmed).is_none() {
            self.out.push_bytes(role, if is_one_line { raw } else { trimmed });
            self.before = Before::Inline;
            return;
        }
        self.block(trimmed, role);
    }

    /// Lines of their own.
    fn block(&mut self, raw: &[u8], role: Role) {
        for line in raw.trim_ascii().split(|byte| *byte == b'\n') {
            self.new_line();
            self.out.push_bytes(role, line.trim_ascii());
        }
        self.before = Before::Nothing;
    }

    /// A tag with its attributes; blanks between them become one.
    fn tag(&mut self, raw: &[u8]) {
        let name_start = raw.iter().position(|byte| !matches!(byte, b'<' | b'/')).unwrap_or(raw.len());
        let (open, rest) = raw.split_at(name_start);
        self.out.push_bytes(Role::Punctuation, open);
        let name_end = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
        let (name, mut rest) = rest.split_at(name_end.unwrap_or(rest.len()));
        self.out.push_bytes(Role::Keyword, name);
        while let Some(first) = rest.first() {
            let (role, length) = match first {
                b'"' | b'\'' => {
                    let end = memchr::memchr(*first, rest.get(1..).unwrap_or_default());
                    (Role::Text, end.map_or(rest.len(), |end| end + 2))
                }
                b'=' | b'/' | b'>' | b'?' => (Role::Punctuation, 1),
                byte if byte.is_ascii_whitespace() => {
                    let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                    rest = rest.get(blanks..).unwrap_or_default();
                    if !matches!(rest.first(), Some(b'>' | b'=')) {
                        self.out.push(Role::Plain, " ");
                    }
                    continue;
                }
                _ => {
                    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"=/>\"'".contains(byte);
                    (Role::Key, rest.iter().position(ends).unwrap_or(rest.len()))
                }
            };
            let (piece, after) = rest.split_at(length.min(rest.len()));
            self.out.push_bytes(role, piece);
            rest = after;
        }
    }
}

/// Whether it looks like XML without being declared: a declaration, or a tag that HTML does not begin with.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    bytes.starts_with(b"<?xml")
        || (matches!(bytes, [b'<', first, ..] if first.is_ascii_alphabetic() || *first == b'_')
            && !looks_like_html(bytes))
}

/// Whether it begins as an HTML page does.
pub(super) fn looks_like_html(bytes: &[u8]) -> bool {
    let head = bytes.trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body"]
        .iter()
        .any(|start| head.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}
