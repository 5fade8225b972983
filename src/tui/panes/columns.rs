//! Which columns the list has in how much room, and what stands in them.

use crate::domain::summary::Summary;
use crate::tui::model::need::Need;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::width;
use crate::tui::widgets::verdict::WORD_COLUMNS;

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
    /// What the provider thinks of it, and does then.
    Then,
    /// Time to answer.
    Took,
    /// Marked or not.
    Mark,
}

impl Column {
    /// Its name in a head that narrow; empty when none fits, because a part of a name says less than none.
    pub fn title_within(self, columns: u16) -> &'static str {
        let short = match self {
            Self::Answer => "Ans",
            _ => "",
        };
        [self.title(), short].into_iter().find(|title| width(title) <= columns).unwrap_or_default()
    }

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
            Self::Then => "Then",
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
const DROP_ORDER: [Column; 7] =
    [Column::Then, Column::Took, Column::Size, Column::Tries, Column::Event, Column::Time, Column::Method];

/// Columns that go already when less than so many would be left for path and event.
const DROP_FIRST: [(Column, u16, u16); 3] = [(Column::Then, 20, 18), (Column::Took, 16, 14), (Column::Size, 14, 11)];

/// The same in the ledger, where what a provider does next is what one looks for.
const DROP_ORDER_LEDGER: [Column; 7] =
    [Column::Took, Column::Size, Column::Then, Column::Tries, Column::Event, Column::Time, Column::Method];
const DROP_FIRST_LEDGER: [(Column, u16, u16); 3] =
    [(Column::Took, 20, 18), (Column::Size, 20, 18), (Column::Then, 14, 11)];

const TRIES_COLUMNS: u16 = 3;
/// With the sign that says whether they are open.
const TRIES_COLUMNS_LEDGER: u16 = 4;
/// From so many columns on the ledger shows how many tries there were, whatever else goes.
const LEDGER_COLUMNS_MIN: u16 = 34;
const METHOD_COLUMNS_MIN: u16 = 4;
const METHOD_COLUMNS_MAX: u16 = 9;
const PATH_COLUMNS_MIN: u16 = 14;
const PATH_COLUMNS_FAIR: u16 = 20;
const PATH_COLUMNS_GOOD: u16 = 32;
const EVENT_COLUMNS_MIN: u16 = 10;
const EVENT_COLUMNS_FAIR: u16 = 18;
const EVENT_COLUMNS_MAX: u16 = 28;
const CAUSE_COLUMNS_MAX: u16 = 24;
const ANSWER_COLUMNS: u16 = 6;
/// With the state of a script: `500 12/99`.
const ANSWER_COLUMNS_MAX: u16 = 11;
const ANSWER_COLUMNS_MIN: u16 = 3;

/// Columns of the list from left to right with their widths, for so many columns of room, one blank between them.
///
/// Only the room and [`Need`] decide, never the rows in view. `dated`: the times are with their day. `is_ledger`: a line is a
/// delivery, and its tries open and close.
pub fn fit(columns: u16, need: Need, dated: bool, is_ledger: bool) -> Vec<(Column, u16)> {
    let method = need.method.clamp(METHOD_COLUMNS_MIN, METHOD_COLUMNS_MAX);
    let answer = need.answer.clamp(ANSWER_COLUMNS_MIN, ANSWER_COLUMNS_MAX);
    let path_min = need.path_most.clamp(width(Column::Path.title()), PATH_COLUMNS_MIN);
    let event_min = need.event.clamp(width(Column::Event.title()), EVENT_COLUMNS_MIN);
    let mut fitted = vec![
        (Column::Time, if dated { 11 } else { 8 }),
        (Column::Method, method),
        (Column::Path, path_min),
        (Column::Event, event_min),
        (Column::Tries, if is_ledger { TRIES_COLUMNS_LEDGER } else { TRIES_COLUMNS }),
        (Column::Size, 5),
        (Column::Verdict, WORD_COLUMNS),
        (Column::Answer, answer),
        (Column::Then, need.then.max(width(Column::Then.title()))),
        (Column::Took, 5),
        (Column::Mark, 1),
    ];
    fitted.retain(|(column, _)| match column {
        Column::Event => need.event > 0,
        Column::Then => need.then > 0,
        Column::Tries => need.tries,
        Column::Mark => need.marks,
        _ => true,
    });
    let (drop_first, drop_order) =
        if is_ledger { (DROP_FIRST_LEDGER, DROP_ORDER_LEDGER) } else { (DROP_FIRST, DROP_ORDER) };
    for (column, path, event) in drop_first {
        // Why a signature fails is more than what comes of the answer.
        let cause = if column == Column::Then && need.cause > 0 { need.cause.min(CAUSE_COLUMNS_MAX) + 2 } else { 0 };
        let wanted =
            need.path_most.min(path).saturating_sub(path_min) + need.event.min(event).saturating_sub(event_min) + cause;
        if taken(&fitted) + wanted > columns {
            fitted.retain(|(kept, _)| *kept != column);
        }
    }
    for column in drop_order {
        if taken(&fitted) <= columns {
            break;
        }
        // What the ledger is about goes last.
        if is_ledger && column == Column::Tries && columns >= LEDGER_COLUMNS_MIN {
            continue;
        }
        // Words go before whole columns that tell one request from another.
        if column == Column::Time {
            shrink(&mut fitted, Column::Verdict, 1);
            shrink(&mut fitted, Column::Method, METHOD_COLUMNS_MIN);
            shrink(&mut fitted, Column::Answer, ANSWER_COLUMNS_MIN);
        }
        if taken(&fitted) > columns {
            fitted.retain(|(kept, _)| *kept != column);
        }
    }
    let mut left = columns.saturating_sub(taken(&fitted));
    let is_worded = fitted.contains(&(Column::Verdict, WORD_COLUMNS));
    let cause = if is_worded && need.cause > 0 { need.cause.min(CAUSE_COLUMNS_MAX) + 2 } else { 0 };
    let upto = |need: u16, most: u16, least: u16| need.min(most).saturating_sub(least);
    let path =
        [upto(need.path_most, PATH_COLUMNS_FAIR, path_min), upto(need.path_most, PATH_COLUMNS_GOOD, PATH_COLUMNS_FAIR)];
    let event =
        [upto(need.event, EVENT_COLUMNS_FAIR, event_min), upto(need.event, EVENT_COLUMNS_MAX, EVENT_COLUMNS_FAIR)];
    for (round, (path, event)) in path.into_iter().zip(event).enumerate() {
        grow(&mut fitted, Column::Path, path, &mut left);
        grow(&mut fitted, Column::Event, event, &mut left);
        if round == 0 {
            // Why a signature fails goes before the ends of long names.
            grow(&mut fitted, Column::Verdict, cause, &mut left);
        }
    }
    // Names of columns that are longer than what stands in them.
    grow(&mut fitted, Column::Method, width(Column::Method.title()).saturating_sub(method), &mut left);
    grow(&mut fitted, Column::Answer, ANSWER_COLUMNS.saturating_sub(answer), &mut left);
    // What is left goes where something is still cut: the event before the path, whose end says least.
    grow(&mut fitted, Column::Event, need.event.saturating_sub(EVENT_COLUMNS_MAX), &mut left);
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

/// The time to answer.
pub fn took(row: &Summary) -> String {
    row.answer
        .as_ref()
        .filter(|answer| answer.status.is_some())
        .map_or(String::new(), |a| numbers::duration(a.answer_us))
}

#[cfg(test)]
mod tests;
