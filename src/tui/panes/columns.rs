//! Which columns the list has in how much room, and what stands in them.

use crate::domain::exchange::AnswerOutcome;
use crate::domain::summary::Summary;
use crate::tui::theme::Ui;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::width;
use crate::tui::widgets::verdict::{WORD_COLUMNS, sign};

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// When it came.
    Time,
    /// Method.
    Method,
    /// Target.
    Path,
    /// Event type.
    Event,
    /// How many times it was delivered.
    Tries,
    /// Body length.
    Size,
    /// What the signature check says.
    Verdict,
    /// Status answered.
    Answer,
    /// Time to answer.
    Took,
    /// Marked or not.
    Mark,
}

impl Column {
    /// Its name in the head of the list.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Method => "Method",
            Self::Path => "Path",
            Self::Event => "Event",
            Self::Tries => "",
            Self::Size => "Size",
            Self::Verdict => "Verdict",
            Self::Answer => "Answer",
            Self::Took => "Took",
            Self::Mark => "",
        }
    }

    /// Whether it is written to the right.
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Size | Self::Took)
    }
}

/// Columns that go when there is no room for all, in this order. Path, verdict and answer always stay, and so does the mark.
const DROP_ORDER: [Column; 6] =
    [Column::Took, Column::Size, Column::Tries, Column::Event, Column::Time, Column::Method];

/// Columns that go already when path or event would be cut.
const DROP_FIRST: [Column; 2] = [Column::Took, Column::Size];

const PATH_COLUMNS_MIN: u16 = 14;
const PATH_COLUMNS_FAIR: u16 = 20;
const PATH_COLUMNS_GOOD: u16 = 32;
const EVENT_COLUMNS_MIN: u16 = 10;
const EVENT_COLUMNS_FAIR: u16 = 18;
const EVENT_COLUMNS_MAX: u16 = 28;
const CAUSE_COLUMNS_MAX: u16 = 24;

/// What the rows on screen need, so that no column is wider than what stands in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Columns of the time: with the day when the session is not all of today.
    pub time: u16,
    /// Columns of the longest method.
    pub method: u16,
    /// Columns of the longest target.
    pub path: u16,
    /// Columns of the longest event type.
    pub event: u16,
    /// Whether something was delivered more than once.
    pub tries: bool,
    /// Columns of the longest cause.
    pub cause: u16,
    /// Columns of the longest word for an answer.
    pub answer: u16,
}

impl Need {
    /// What these rows need. Rounded up, so that columns do not jump with every row.
    pub fn of<'a>(rows: impl Iterator<Item = &'a Summary>, dated: bool) -> Self {
        let mut need = Self { time: if dated { 11 } else { 8 }, method: 6, answer: 6, ..Self::default() };
        for row in rows {
            need.method = need.method.max(width(&row.method));
            need.path = need.path.max(width(&row.target));
            need.event = need.event.max(row.event_type.as_deref().map_or(0, width));
            need.cause = need.cause.max(width(sign(row).cause));
            need.tries |= row.delivery_count > 1;
        }
        need.method = need.method.min(9);
        need.event = need.event.next_multiple_of(4);
        need
    }
}

/// Columns of the list from left to right with their widths, for so many columns of room, one blank between them.
pub fn fit(columns: u16, need: Need) -> Vec<(Column, u16)> {
    let mut fitted = vec![
        (Column::Time, need.time),
        (Column::Method, need.method),
        (Column::Path, PATH_COLUMNS_MIN),
        (Column::Event, EVENT_COLUMNS_MIN.min(need.event)),
        (Column::Tries, 3),
        (Column::Size, 5),
        (Column::Verdict, WORD_COLUMNS),
        (Column::Answer, need.answer),
        (Column::Took, 6),
        (Column::Mark, 1),
    ];
    fitted.retain(|(column, _)| match column {
        Column::Event => need.event > 0,
        Column::Tries => need.tries,
        _ => true,
    });
    let fair = need.path.clamp(PATH_COLUMNS_MIN, PATH_COLUMNS_FAIR) - PATH_COLUMNS_MIN
        + need.event.min(EVENT_COLUMNS_FAIR).saturating_sub(EVENT_COLUMNS_MIN);
    for column in DROP_FIRST {
        if taken(&fitted) + fair > columns {
            fitted.retain(|(kept, _)| *kept != column);
        }
    }
    for column in DROP_ORDER {
        if taken(&fitted) <= columns {
            break;
        }
        // Words go before whole columns that tell one request from another.
        if column == Column::Time {
            shrink(&mut fitted, Column::Verdict, 1);
            shrink(&mut fitted, Column::Method, 4);
            shrink(&mut fitted, Column::Answer, 3);
        }
        if taken(&fitted) > columns {
            fitted.retain(|(kept, _)| *kept != column);
        }
    }
    // The name of the column is wider than most of what stands in it.
    if taken(&fitted) + fair > columns {
        shrink(&mut fitted, Column::Answer, 3);
    }
    let mut left = columns.saturating_sub(taken(&fitted));
    let is_worded = fitted.contains(&(Column::Verdict, WORD_COLUMNS));
    let cause = if is_worded && need.cause > 0 { need.cause.min(CAUSE_COLUMNS_MAX) + 2 } else { 0 };
    let upto = |need: u16, most: u16, least: u16| need.min(most).saturating_sub(least);
    let path =
        [upto(need.path, PATH_COLUMNS_FAIR, PATH_COLUMNS_MIN), upto(need.path, PATH_COLUMNS_GOOD, PATH_COLUMNS_FAIR)];
    let event = [
        upto(need.event, EVENT_COLUMNS_FAIR, EVENT_COLUMNS_MIN),
        upto(need.event, EVENT_COLUMNS_MAX, EVENT_COLUMNS_FAIR),
    ];
    for (path, event) in path.into_iter().zip(event) {
        grow(&mut fitted, Column::Path, path, &mut left);
        grow(&mut fitted, Column::Event, event, &mut left);
    }
    grow(&mut fitted, Column::Verdict, cause, &mut left);
    let rest = left;
    grow(&mut fitted, Column::Path, rest, &mut left);
    if let Some(overflow) = taken(&fitted).checked_sub(columns).filter(|overflow| *overflow > 0) {
        for (_, width) in fitted.iter_mut().filter(|(column, _)| *column == Column::Path) {
            *width = width.saturating_sub(overflow);
        }
    }
    fitted
}

fn taken(fitted: &[(Column, u16)]) -> u16 {
    let gaps = u16::try_from(fitted.len().saturating_sub(1)).unwrap_or(0);
    fitted.iter().map(|(_, width)| width).sum::<u16>() + gaps
}

fn shrink(fitted: &mut [(Column, u16)], column: Column, to: u16) {
    for (_, width) in fitted.iter_mut().filter(|(known, _)| *known == column) {
        *width = to.min(*width);
    }
}

fn grow(fitted: &mut [(Column, u16)], column: Column, by: u16, left: &mut u16) {
    for (_, width) in fitted.iter_mut().filter(|(known, _)| *known == column) {
        let more = by.min(*left);
        *width += more;
        *left -= more;
    }
}

/// The word for what went back, and its colour.
pub fn answer(row: &Summary) -> (String, Ui) {
    let Some(answer) = &row.answer else { return ("…".to_owned(), Ui::Muted) };
    match (answer.outcome, answer.status) {
        (AnswerOutcome::SenderLeft, _) => ("left".to_owned(), Ui::Warn),
        (AnswerOutcome::Reset, _) => ("reset".to_owned(), Ui::Warn),
        (AnswerOutcome::NeverAnswered, _) => ("silent".to_owned(), Ui::Warn),
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

/// The time to answer.
pub fn took(row: &Summary) -> String {
    row.answer
        .as_ref()
        .filter(|answer| answer.status.is_some())
        .map_or(String::new(), |a| numbers::duration(a.answer_us))
}
