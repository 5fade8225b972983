//! A verdict as a sign, a word and a colour: never by colour alone.

use std::borrow::Cow;

use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::Summary;
use crate::tui::theme::Ui;

use super::text::width;

/// What the list and the tab say of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// One column.
    pub symbol: &'static str,
    /// At most 8 columns; may be empty.
    pub word: &'static str,
    /// More, when there is more to say: the cause.
    pub cause: &'static str,
    /// Whether the cause says all of it, and the word is for where there is no room for it.
    pub is_cause_all: bool,
    /// Its colour.
    pub part: Ui,
}

/// Columns of symbol and word with the blank between them.
pub const WORD_COLUMNS: u16 = 10;
/// Columns that a cause takes besides its own when it stands in place of the word.
pub const CAUSE_ALONE: u16 = 2;
/// Columns from which on a cause that is cut says more than the word: `✗ timestamp…`.
pub const CAUSE_CUT_COLUMNS: u16 = 12;
/// Columns that it takes when it stands behind the word.
pub const WORD_AND_CAUSE: u16 = 11;

impl Sign {
    /// What there is room for: symbol, word and cause, else symbol and cause (a colour and a sign say the word), else symbol
    /// and word, else the symbol. `cause_columns`: the longest cause of those that stand below each other, so that all do alike.
    pub fn within(&self, columns: u16, cause_columns: u16) -> Cow<'static, str> {
        let cause = width(self.cause);
        if columns < WORD_COLUMNS {
            return Cow::Borrowed(self.symbol);
        }
        let text = match self.cause {
            "" => format!("{} {}", self.symbol, self.word),
            words if !self.is_cause_all && WORD_AND_CAUSE + cause.max(cause_columns) <= columns => {
                format!("{} {}: {words}", self.symbol, self.word)
            }
            // Cut, a cause of which little is left says less than the word.
            words if CAUSE_ALONE + cause <= columns || CAUSE_CUT_COLUMNS <= columns => {
                format!("{} {words}", self.symbol)
            }
            _ => format!("{} {}", self.symbol, self.word),
        };
        Cow::Owned(text)
    }
}

/// The sign of a row.
pub fn sign(row: &Summary) -> Sign {
    let plain = |symbol, word, part| Sign { symbol, word, cause: "", is_cause_all: false, part };
    if row.refused {
        return plain("!", "refused", Ui::Warn);
    }
    if row.is_unanswered() {
        // A handshake: until the provider has its answer, nothing else comes.
        return Sign { cause: "unanswered", is_cause_all: true, ..plain("!", "unmet", Ui::Warn) };
    }
    let Some((outcome, cause)) = row.verdict else { return plain("·", "", Ui::Muted) };
    let (symbol, part) = match (outcome, cause) {
        (Outcome::Valid, _) => (outcome.symbol(), Ui::Good),
        (Outcome::Invalid, _) => (outcome.symbol(), Ui::Bad),
        (Outcome::Unsigned, _) => (outcome.symbol(), Ui::Muted),
        // Nobody asked for a check: no question is open.
        (Outcome::Unknown, Some(Cause::NoProvider) | None) => return plain("·", outcome.as_str(), Ui::Muted),
        (Outcome::Unknown, Some(Cause::NoSecret)) => (outcome.symbol(), Ui::Info),
        (Outcome::Unknown, Some(_)) => (outcome.symbol(), Ui::Warn),
    };
    // What the first look says is not shown for a moment and then taken back.
    // That it is unsigned says enough, unless it was to be, or is not this provider's at all.
    let is_told = |cause: &Cause| match outcome {
        Outcome::Valid => false,
        Outcome::Unsigned => matches!(cause, Cause::Handshake | Cause::OtherProvider),
        Outcome::Invalid | Outcome::Unknown => true,
    };
    let cause = cause.filter(|cause| is_told(cause) && !row.is_first_look);
    Sign { cause: cause.map(Cause::as_str).unwrap_or_default(), ..plain(symbol, outcome.as_str(), part) }
}
