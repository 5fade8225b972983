//! What the provider thinks of an answer, as a word and a colour.

use crate::domain::judgement::{Says, Then};
use crate::domain::summary::Summary;
use crate::tui::theme::Ui;

use super::numbers;

/// The word for it and its colour; empty where the provider's facts do not say.
pub fn judgement(row: &Summary, utc_offset_s: i32) -> (String, Ui) {
    let Some(judgement) = row.judgement else { return (String::new(), Ui::Muted) };
    let says = match judgement.says {
        Says::Accepted => return ("accepted".to_owned(), Ui::Muted),
        Says::Depends => return ("depends".to_owned(), Ui::Muted),
        Says::Disables => return ("disables".to_owned(), Ui::Bad),
        // What happened since says more than what was to be expected.
        _ if row.delivery_count > row.delivery_number => return ("came again".to_owned(), Ui::Muted),
        Says::TooLate => "too late",
        Says::Redirect => "redirect",
        Says::Failed => "failed",
        Says::NoAnswer => "no answer",
    };
    let word = match judgement.then {
        Then::Retries(Some(at)) => format!("again {}", numbers::clock(at, utc_offset_s)),
        Then::Retries(None) if matches!(judgement.says, Says::Failed) => "tried again".to_owned(),
        _ => says.to_owned(),
    };
    (word, Ui::Warn)
}

/// Columns of its word; 0 when all is well, so that there is no column for it while every answer was accepted.
pub fn columns(row: &Summary) -> u16 {
    let is_well = row.judgement.is_none_or(|judgement| matches!(judgement.says, Says::Accepted | Says::Depends));
    if is_well { 0 } else { super::text::width(&judgement(row, 0).0) }
}

#[cfg(test)]
mod tests;
