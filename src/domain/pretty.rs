//! From bytes to lines that can be shown. Never fails: what cannot be read as its type is shown as text or hex, and said.

use super::headers::Headers;

mod wrap;

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
    /// Bytes that a compressed body may grow to; the rest is said in a note.
    pub decoded_bytes_max: usize,
    /// Columns of the screen, for forms that depend on it (hex). 0: not known.
    pub width: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { shown_bytes_max: 4 << 20, lines_max: 200_000, decoded_bytes_max: 8 << 20, width: 0 }
    }
}

/// Lines that wrapping makes at most: at one column a body of megabytes would become as many lines.
pub const WRAPPED_LINES_MAX: usize = 400_000;

/// A body as a document: content codings undone, then shown by its media type, or by what it looks like when the type is
/// missing or wrong. Never fails: what cannot be read is shown as text or hex and said in a note.
pub fn body(bytes: &[u8], headers: &Headers, view: BodyView, limits: Limits) -> Document {
    let _ = (headers, view, limits);
    Document { lines: vec![Line::new().with_bytes(Role::Plain, bytes)], ..Document::new() }
}

impl Line {
    /// An empty line.
    pub const fn new() -> Self {
        Self { text: String::new(), runs: Vec::new(), continues: false }
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

    /// Columns that it takes on a screen.
    pub fn width(&self) -> usize {
        super::printable::width(&self.text)
    }
}

impl Document {
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
        if !self.notes.contains(&note) {
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
    /// the indent as far as it leaves half the width. Ends with a note after [`WRAPPED_LINES_MAX`] lines.
    pub fn wrap(self, width: u16) -> Self {
        wrap::wrap(self, width)
    }
}
