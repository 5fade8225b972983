//! Text ready to be shown: lines of runs, each run with what it is. What it looks like is the theme's business.

use crate::domain::printable::{Piece, gate, width};

pub use wrap::{WRAPPED_BYTES_MAX, WRAPPED_LINES_MAX};

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
    /// The text, without line ends. Visible text: it came through [`crate::domain::printable`] or is ours.
    pub text: &'a str,
}

/// Where a run ends in the text of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    role: Role,
    end: u32,
}

/// A blank of our own at which no line breaks. Wrapping makes an ordinary blank of it, so that none leaves for a terminal; one of a
/// stranger comes through the gate as `⟨U+00A0⟩`.
pub const NO_BREAK: &str = "\u{a0}";

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

/// Notes of one document at most: each of ten thousand parts may have something to say.
pub(super) const NOTES_MAX: usize = 12;

/// What an allocator adds to a piece of memory.
const ALLOCATION_BYTES: usize = 16;

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

    /// The same as [`Self::push_bytes`], for a line that is being made.
    pub fn with_bytes(mut self, role: Role, bytes: &[u8]) -> Self {
        self.push_bytes(role, bytes);
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

    /// Adds a stranger's bytes through the gate: ordinary text in `role`, stand-ins in [`Role::Control`].
    pub fn push_bytes(&mut self, role: Role, bytes: &[u8]) {
        gate(bytes, |piece| match piece {
            Piece::Plain(text) => self.push(role, text),
            Piece::StandIn(text) => self.push(Role::Control, text),
        });
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
        width(&self.text)
    }

    /// What it holds now as a line of its own, in exactly the memory that it must have; this one is empty afterwards and keeps its
    /// memory, up to `kept_bytes_max` of text, for the next.
    pub(super) fn take(&mut self, kept_bytes_max: usize) -> Self {
        let line = Self { text: self.text.as_str().into(), runs: self.runs.clone(), ..Self::new() };
        self.clear(kept_bytes_max);
        line
    }

    /// Empties it; its memory is kept, up to `kept_bytes_max` of text.
    pub(super) fn clear(&mut self, kept_bytes_max: usize) {
        self.text.clear();
        self.runs.clear();
        if self.text.capacity() > kept_bytes_max {
            *self = Self::new();
        }
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
}
