//! From bytes to lines that can be shown. Never fails: what cannot be read as its type is shown as text or hex, and said.

use super::body::{Body, content_codings};
use super::headers::Headers;
use super::printable::visible;
use super::{decoding, quantity};

use kind::Kind;

mod charset;
mod form;
mod hex;
mod json;
mod kind;
mod multipart;
mod text;
mod wrap;
mod xml;

/// What a piece of text is, for the theme to colour. The theme knows roles, never colours of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// Less important text: labels, separators.
    Dim,
    /// A heading inside a document.
    Heading,
    /// A label or field name in front of a value.
    Label,
    /// A JSON or form key, a header name, an XML attribute name.
    Key,
    /// A string.
    Text,
    /// A number.
    Number,
    /// true, false, null and other literals.
    Literal,
    /// Brackets, commas, equal signs.
    Punctuation,
    /// A keyword or an XML tag name.
    Keyword,
    /// A comment.
    Comment,
    /// The visible form of something that is not: a control character, an invalid byte.
    Control,
    /// What we say beside the data: truncated, decoded, cut.
    Note,
    /// It is right.
    Good,
    /// It is wrong.
    Bad,
    /// Look here.
    Warn,
    /// Hex offset column.
    Offset,
    /// A URL or another thing that can be followed.
    Link,
}

/// A run of text of one role, as [`Line::spans`] gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// What it is.
    pub role: Role,
    /// The text, without line ends. Visible text: it came through [`super::printable`] or is ours.
    pub text: &'a str,
}

/// Where a run ends in the text of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    role: Role,
    end: u32,
}

/// One line of a document: one text and the runs of roles over it (a body has hundreds of thousands of lines; one string
/// a run would cost several times the memory and the time).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    runs: Vec<Run>,
    /// Of a continuation: blanks in front of it that are not in the text it continues. Of another line: the columns that
    /// its continuations are to be set in.
    hang: u16,
    /// Whether it breaks between words. Only for our own words: a stranger's text breaks where the edge is, so that every
    /// byte of it stands where it stood.
    prose: bool,
    /// Whether this is the continuation of the line above, which was too wide.
    pub continues: bool,
}

/// Text ready to be shown: what each detail tab is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The lines.
    pub lines: Vec<Line>,
    /// What must be said about it as a whole, one short phrase each: `gzip, decoded`, `first 1 MiB of 8 MiB`.
    pub notes: Vec<String>,
    /// Lines that a grammar could colour, for `io::highlighter`; they are readable without it.
    pub syntax: Option<Syntax>,
}

/// Text in a language that our own tokens do not colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// The language as a file extension: `html`, `yaml`.
    pub language: &'static str,
    /// The lines that are in it.
    pub lines: std::ops::Range<usize>,
}

/// How a body is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BodyView {
    /// Indented and coloured by its type.
    #[default]
    Pretty,
    /// The text as it came, control characters visible.
    Raw,
    /// Offset, hex, characters.
    Hex,
}

/// Bounds on what is made of a body, so that no body takes unbounded time or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body that are shown; the rest is said in a note.
    pub shown_bytes_max: usize,
    /// Lines that are made; the rest is said in a note.
    pub lines_max: usize,
    /// Memory that the lines may take ([`Document::held_bytes`]); the rest is said in a note. A byte may become thirteen
    /// (`⟨U+E0001⟩`), a hex row a dozen runs: bytes and lines alone bound no memory.
    pub held_bytes_max: usize,
    /// Bytes that a compressed body may grow to; the rest is said in a note.
    pub decoded_bytes_max: usize,
    /// Columns of the screen, for forms that depend on it (hex). 0: not known.
    pub width: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            shown_bytes_max: 4 << 20,
            lines_max: 200_000,
            held_bytes_max: 16 << 20,
            decoded_bytes_max: 8 << 20,
            width: 0,
        }
    }
}

/// A document while it is made, within its bounds.
#[derive(Debug)]
struct Builder {
    document: Document,
    line: Line,
    lines_max: usize,
    held_bytes_max: usize,
    /// What the lines take so far, without the one under way.
    held_bytes: usize,
    is_cut: bool,
    /// Whether a line is not whole.
    is_line_cut: bool,
}

/// A stranger's bytes go into a line in such pieces, so that one line cannot take all memory before anybody looks.
const PIECE_BYTES: usize = 64 << 10;

impl Builder {
    const fn new(lines_max: usize, held_bytes_max: usize) -> Self {
        Self {
            document: Document::new(),
            line: Line::new(),
            lines_max,
            held_bytes_max,
            held_bytes: 0,
            is_cut: false,
            is_line_cut: false,
        }
    }

    const fn within(limits: Limits) -> Self {
        Self::new(limits.lines_max, limits.held_bytes_max)
    }

    /// Whether a bound is reached: what is added from here on is lost.
    fn is_full(&self) -> bool {
        self.document.lines.len() >= self.lines_max || self.held_bytes >= self.held_bytes_max
    }

    /// Whether the line under way may grow; when not, it is noted as cut.
    fn has_room(&mut self) -> bool {
        // The bound itself counts for whole lines: one that begins within it may have this much.
        let has_room = self.held_bytes + self.line.held_bytes() < self.held_bytes_max + PIECE_BYTES;
        self.is_line_cut |= !has_room && !self.is_full();
        has_room
    }

    /// Adds visible text to the line.
    fn push(&mut self, role: Role, text: &str) {
        if self.has_room() {
            self.line.push(role, text);
        }
    }

    /// Adds a stranger's bytes to the line.
    fn push_bytes(&mut self, role: Role, bytes: &[u8]) {
        let mut rest = bytes;
        while rest.len() > PIECE_BYTES {
            if !self.has_room() {
                return;
            }
            let (piece, after) = rest.split_at(seam(rest));
            super::printable::push(&mut self.line, role, piece);
            rest = after;
        }
        if self.has_room() {
            super::printable::push(&mut self.line, role, rest);
        }
    }

    /// Ends the line when there is something in it.
    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.end_line_always();
        }
    }

    /// Ends the line, empty or not.
    fn end_line_always(&mut self) {
        if self.is_full() {
            self.is_cut = true;
        } else {
            // The line under way keeps its memory; what is kept is exactly as long as it must be.
            let line = Line { text: self.line.text.as_str().into(), runs: self.line.runs.clone(), ..Line::new() };
            self.held_bytes += line.held_bytes();
            self.document.lines.push(line);
        }
        self.line.text.clear();
        self.line.runs.clear();
        if self.line.text.capacity() > PIECE_BYTES {
            self.line = Line::new();
        }
    }

    /// A line of our own words.
    fn say(&mut self, role: Role, text: &str) {
        self.end_line();
        self.push(role, text);
        self.end_line();
    }

    /// Adds the lines and notes of another one at the end.
    fn append(&mut self, other: Self) {
        self.is_cut |= other.is_cut;
        self.is_line_cut |= other.is_line_cut;
        self.held_bytes += other.held_bytes;
        self.document.append(other.document);
    }

    fn finish(mut self) -> Document {
        self.end_line();
        let lines = self.document.lines.len();
        if self.is_cut {
            self.document.note(format!("the first {lines} lines"));
        }
        if self.is_line_cut {
            self.document.note("a line is cut: shown, it would take too much memory");
        }
        self.document
    }
}

/// Where bytes longer than [`PIECE_BYTES`] may be parted: where no character and no cluster with its marks is, if there is
/// such a place near.
fn seam(bytes: &[u8]) -> usize {
    let head = bytes.get(..PIECE_BYTES).unwrap_or(bytes);
    let near = head.len().saturating_sub(PIECE_BYTES / 4);
    let starts = |at: &usize| {
        let byte = head.get(*at).copied().unwrap_or_default();
        // A character with its own columns: the marks on the one before it are all in front of it.
        byte < 0x80 || (byte >= 0xc0 && bytes.get(*at..).is_some_and(super::printable::begins_with_a_base))
    };
    (near.max(1)..head.len()).rev().find(starts).unwrap_or(head.len())
}

/// Notes of one document at most: each of ten thousand parts may have something to say.
const NOTES_MAX: usize = 12;

/// Lines that wrapping makes at most: at one column a body of megabytes would become as many lines.
pub const WRAPPED_LINES_MAX: usize = 250_000;

/// Memory that wrapped lines take at most.
pub const WRAPPED_BYTES_MAX: usize = 32 << 20;

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

/// Bytes with all that is in them visible, line ends too; hex when they are no text.
pub fn exact(bytes: &[u8], limits: Limits) -> Document {
    let mut out = Builder::within(limits);
    let (shown, _) = shown(bytes, limits, &mut out);
    if kind::looks_binary(shown) {
        hex::lines(shown, limits.width, &mut out);
    } else {
        text::lines(shown, text::LineEnds::Exact, &mut out);
    }
    out.finish()
}

/// A body or a part of one, with its content codings undone.
struct Part<'a> {
    bytes: &'a [u8],
    /// The whole header value; empty when there is none.
    content_type: &'a str,
    /// Whether more bytes would follow that we do not have.
    is_cut: bool,
    /// How deep in multipart bodies it is.
    level: u8,
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
        Kind::Multipart(boundary) => multipart::lines(part, &boundary, limits, out),
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

/// What an allocator adds to a piece of memory.
const ALLOCATION_BYTES: usize = 16;

/// Bytes of a binary part that are shown: the parts after it matter too.
const PART_HEX_BYTES_MAX: usize = 1024;

impl Line {
    /// An empty line.
    pub const fn new() -> Self {
        Self { text: String::new(), runs: Vec::new(), hang: 0, prose: false, continues: false }
    }

    /// A line of one run. The text must be visible text.
    pub fn of(role: Role, text: impl AsRef<str>) -> Self {
        Self::new().with(role, text)
    }

    /// Adds a run of visible text.
    pub fn with(mut self, role: Role, text: impl AsRef<str>) -> Self {
        self.push(role, text.as_ref());
        self
    }

    /// Adds a stranger's bytes through the gate; what is not ordinary text in them gets [`Role::Control`].
    pub fn with_bytes(mut self, role: Role, bytes: &[u8]) -> Self {
        super::printable::push(&mut self, role, bytes);
        self
    }

    /// This line, to be broken between words where it is too wide, its continuations as far in as it is.
    pub fn prose(mut self) -> Self {
        self.prose = true;
        self
    }

    /// Adds a run of visible text; joins the run before when that has the same role.
    pub fn push(&mut self, role: Role, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        match self.runs.last_mut() {
            Some(last) if last.role == role => last.end = end,
            _ => self.runs.push(Run { role, end }),
        }
    }

    /// Gives plain text other roles: pairs of a run's end in the text and its role, in order. What has a role already
    /// keeps it; an end that is inside a character is left out.
    pub fn colour(&mut self, roles: &[(usize, Role)]) {
        let mut runs: Vec<Run> = Vec::with_capacity(roles.len() + self.runs.len());
        let mut roles = roles.iter().filter(|(end, _)| self.text.is_char_boundary(*end)).peekable();
        let mut start = 0;
        for old in &self.runs {
            while start < old.end {
                while roles.peek().is_some_and(|(end, _)| *end <= start as usize) {
                    roles.next();
                }
                let (end, role) = match roles.peek() {
                    Some((end, role)) => (old.end.min(u32::try_from(*end).unwrap_or(u32::MAX)), *role),
                    None => (old.end, Role::Plain),
                };
                let role = if old.role == Role::Plain { role } else { old.role };
                match runs.last_mut() {
                    Some(last) if last.role == role => last.end = end,
                    _ => runs.push(Run { role, end }),
                }
                start = end;
            }
        }
        self.runs = runs;
    }

    /// The runs from left to right.
    pub fn spans(&self) -> impl Iterator<Item = Span<'_>> + '_ {
        let mut start = 0;
        self.runs.iter().map(move |run| {
            let end = run.end as usize;
            let text = self.text.get(start..end).unwrap_or_default();
            start = end;
            Span { role: run.role, text }
        })
    }

    /// The text without roles.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes of blanks that wrapping put in front of a continuation; the rest of the text is the sender's.
    pub fn hang(&self) -> usize {
        if self.continues { usize::from(self.hang) } else { 0 }
    }

    /// Sets continuations of this line in by what it is wide now: they stand under what is added next.
    pub fn hang_here(&mut self) {
        self.hang = u16::try_from(self.width()).unwrap_or(u16::MAX);
    }

    /// Columns that it takes on a screen.
    pub fn width(&self) -> usize {
        super::printable::width(&self.text)
    }

    /// Bytes of memory that it takes, with what an allocator adds to two pieces.
    pub fn held_bytes(&self) -> usize {
        self.text.capacity() + self.runs.capacity() * size_of::<Run>() + size_of::<Self>() + 2 * ALLOCATION_BYTES
    }
}

impl Document {
    /// Bytes of memory that its lines take.
    pub fn held_bytes(&self) -> usize {
        self.lines.iter().map(Line::held_bytes).sum()
    }

    /// No lines.
    pub const fn new() -> Self {
        Self { lines: Vec::new(), notes: Vec::new(), syntax: None }
    }

    /// Adds a line at the end.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Adds a phrase about the whole, unless it is there already.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Adds the lines and notes of another document at the end.
    pub fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
        for note in other.notes {
            self.note(note);
        }
    }

    /// The text of all lines, each ended by a line feed: for pipes and tests.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(line.text());
            text.push('\n');
        }
        text
    }

    /// This document with no line wider than `width` columns (taken as 1 when 0). Breaks between graphemes; a wide glyph
    /// never straddles the edge; a glyph wider than the whole screen becomes `▯`. Continuation lines are flagged and keep
    /// the indent as far as it leaves half the width. Ends with a note after [`WRAPPED_LINES_MAX`] lines
    /// or [`WRAPPED_BYTES_MAX`] bytes. What
    /// [`Self::syntax`] names does not fit the broken lines and is dropped: colour first, then wrap.
    pub fn wrap(self, width: u16) -> Self {
        wrap::wrap(self, width)
    }

    /// Breaks sentences at blanks and leaves all other lines as they are, for a terminal that breaks lines itself, in the middle
    /// of words.
    pub fn wrap_prose(self, width: usize) -> Self {
        wrap::wrap_prose(self, width)
    }
}

#[cfg(test)]
mod tests;
