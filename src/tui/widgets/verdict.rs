//! A verdict as a sign, a word and a colour: never by colour alone.

use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::Summary;
use crate::tui::theme::Ui;

/// What the list and the tab say of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// One column.
    pub symbol: &'static str,
    /// At most 8 columns; may be empty.
    pub word: &'static str,
    /// More, when there is more to say: the cause.
    pub cause: &'static str,
    /// Its colour.
    pub part: Ui,
}

/// Columns of symbol and word with the blank between them.
pub const WORD_COLUMNS: u16 = 10;

/// The sign of a row.
pub fn sign(row: &Summary) -> Sign {
    let plain = |symbol, word, part| Sign { symbol, word, cause: "", part };
    if row.refused {
        return plain("!", "refused", Ui::Warn);
    }
    match row.verdict {
        None => plain("·", "", Ui::Muted),
        Some((Outcome::Valid, _)) => plain("✓", "valid", Ui::Good),
        Some((Outcome::Invalid, cause)) => {
            Sign { symbol: "✗", word: "invalid", cause: cause.map(Cause::as_str).unwrap_or_default(), part: Ui::Bad }
        }
        Some((Outcome::Unsigned, _)) => plain("–", "unsigned", Ui::Muted),
        Some((Outcome::Unknown, Some(Cause::NoSecret))) => plain("?", "press s", Ui::Info),
        Some((Outcome::Unknown, Some(Cause::NoProvider) | None)) => plain("·", "unknown", Ui::Muted),
        Some((Outcome::Unknown, Some(cause))) => {
            Sign { symbol: "?", word: "unknown", cause: cause.as_str(), part: Ui::Warn }
        }
    }
}
