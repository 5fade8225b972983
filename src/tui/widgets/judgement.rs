//! What the provider thinks of an answer, as a word and a colour.

use crate::domain::judgement::{Says, Then};
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;
use crate::tui::theme::Ui;

use super::numbers;

/// The word for it in so many columns at that time, and its colour; empty where the provider's facts do not say.
pub fn judgement(row: &Summary, now: Timestamp, utc_offset_s: i32, columns: u16) -> (String, Ui) {
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
        Then::Retries(Some(at)) => {
            let clock = numbers::clock(at, utc_offset_s);
            // Without the seconds rather than with half a number.
            let minute = clock.get(..5).unwrap_or(&clock);
            match (at < now, columns < AGAIN_COLUMNS) {
                (false, true) => format!("again {minute}"),
                (false, false) => format!("again {clock}"),
                // It has not come, or not here.
                (true, true) => "was due".to_owned(),
                (true, false) => format!("was due {minute}"),
            }
        }
        Then::Retries(None) if matches!(judgement.says, Says::Failed) => "comes again".to_owned(),
        _ => says.to_owned(),
    };
    (word, Ui::Warn)
}

/// Columns of `again 14:02:11`.
const AGAIN_COLUMNS: u16 = 14;

/// Whether there is more to say than that all is well.
pub fn is_told(row: &Summary) -> bool {
    row.judgement.is_some_and(|judgement| !matches!(judgement.says, Says::Accepted | Says::Depends))
}

#[cfg(test)]
mod tests;
