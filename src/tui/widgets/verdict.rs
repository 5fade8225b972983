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
    Sign { symbol, word: outcome.as_str(), cause: cause.map(Cause::as_str).unwrap_or_default(), part }
}
