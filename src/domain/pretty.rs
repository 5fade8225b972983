//! From bytes to lines that can be shown. Never fails: what cannot be read as its type is shown as text or hex, and said.

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

/// A run of text of one role. The text is visible text: it came through [`super::printable`] or is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub role: Role,
    /// The text, without line ends.
    pub text: String,
}

/// One line of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Runs from left to right.
    pub spans: Vec<Span>,
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

impl Line {
    /// A line of one run.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self { spans: vec![Span { role, text: text.into() }], continues: false }
    }

    /// Adds a run.
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        self.spans.push(Span { role, text: text.into() });
        self
    }

    /// The text without roles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}
