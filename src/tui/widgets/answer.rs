//! What went back, as a word and a colour.

use crate::domain::exchange::AnswerOutcome;
use crate::domain::forward::Onward;
use crate::domain::judgement::Says;
use crate::domain::reply::{ChosenBy, FaultKind};
use crate::domain::summary::{AnswerBrief, Summary};
use crate::tui::theme::Ui;

/// The word for what went back, and its colour.
pub fn answer(row: &Summary) -> (String, Ui) {
    let Some(answer) = &row.answer else {
        return if row.is_answer_lost { ("not known".to_owned(), Ui::Warn) } else { ("…".to_owned(), Ui::Muted) };
    };
    let (word, part) = outcome(row, answer);
    let word = match answer.step {
        Some(step) => format!("{word} {}/{}", step.number, step.of),
        None => word,
    };
    let (word, part) = match answer.would_refuse {
        // A guard that turns nobody away must not look as if there were none.
        Some(status) => (format!("{word} ({status})"), Ui::Warn),
        None => (word, judged(row, part)),
    };
    match row.onward {
        // The app's answer is the one that went back.
        Some(Onward::Answered(status)) if answer.by == ChosenBy::App && answer.status == Some(status) => (word, part),
        Some(Onward::Failed) if answer.by == ChosenBy::App => (word, part),
        Some(Onward::Answered(status)) => (format!("{word}→{status}"), status_part(status)),
        Some(Onward::Failed) => (format!("{word}→✗"), Ui::Bad),
        Some(Onward::Waiting) => (format!("{word}→…"), Ui::Warn),
        None => (word, part),
    }
}

/// The colour by what the provider thinks of it, where that is worse than the status looks: the word for it may have no column.
fn judged(row: &Summary, part: Ui) -> Ui {
    match row.judgement.map(|judgement| judgement.says) {
        Some(Says::Disables) => Ui::Bad,
        Some(Says::Failed | Says::TooLate | Says::Redirect | Says::NoAnswer) if matches!(part, Ui::Good | Ui::Info) => {
            Ui::Warn
        }
        _ => part,
    }
}

fn outcome(row: &Summary, answer: &AnswerBrief) -> (String, Ui) {
    match (answer.outcome, answer.status) {
        (AnswerOutcome::SenderLeft, _) => ("left".to_owned(), Ui::Warn),
        (AnswerOutcome::Reset, _) => ("reset".to_owned(), Ui::Warn),
        (AnswerOutcome::Unread, _) => ("unread".to_owned(), Ui::Warn),
        (AnswerOutcome::NeverAnswered, _) if row.refused => ("–".to_owned(), Ui::Muted),
        (AnswerOutcome::NeverAnswered, _) => ("silent".to_owned(), Ui::Warn),
        (AnswerOutcome::Broken, _) => (answer.wrong.map_or("broken", FaultKind::as_str).to_owned(), Ui::Warn),
        (AnswerOutcome::Sent, None) => ("–".to_owned(), Ui::Muted),
        (AnswerOutcome::Sent, Some(status)) => (status.to_string(), status_part(status)),
    }
}

/// The colour of a status.
pub const fn status_part(status: u16) -> Ui {
    match status {
        0..300 => Ui::Good,
        300..400 => Ui::Info,
        400..500 => Ui::Warn,
        _ => Ui::Bad,
    }
}

#[cfg(test)]
mod tests;
