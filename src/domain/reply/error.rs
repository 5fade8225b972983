//! Why a reply text was not understood: where, and in words.

/// Why a reply text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (column {column})")]
pub struct ReplyError {
    /// Column of the mistake, from 1, in characters.
    pub column: usize,
    /// What was found and what was expected, with visible text only.
    pub message: String,
}

impl ReplyError {
    pub(super) fn new(column: usize, message: impl Into<String>) -> Self {
        Self { column, message: message.into() }
    }

    /// The same mistake, in a text that begins at this column of a longer one.
    pub(super) fn behind(self, column: usize) -> Self {
        Self { column: column + self.column - 1, ..self }
    }
}

/// Text of the user in a message: without anything that a terminal would obey, and not endless.
pub(super) fn visible(bytes: &[u8]) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let text = String::from_utf8_lossy(bytes);
    let mut out: String =
        text.chars().take(SHOWN_CHARS_MAX).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        out.push_str("...");
    }
    out
}
