//! Which columns the list has in how much room, and what stands in them.

use crate::domain::summary::Summary;
use crate::tui::model::need::Need;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::width;
use crate::tui::widgets::verdict;

/// A column of the list, in the order from left to right.
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

/// A wish for room: that a column be that wide.
struct Wish {
    column: Column,
    columns: u16,
    /// Whether less is of use too.
    is_elastic: bool,
}

const TRIES_COLUMNS: u16 = 3;
/// With the sign that says whether they are open.
const TRIES_COLUMNS_LEDGER: u16 = 4;
const METHOD_COLUMNS_MIN: u16 = 4;
const METHOD_COLUMNS_MAX: u16 = 9;
const PATH_COLUMNS_MIN: u16 = 14;
const PATH_COLUMNS_FAIR: u16 = 20;
const PATH_COLUMNS_GOOD: u16 = 28;
const EVENT_COLUMNS_MIN: u16 = 10;
const EVENT_COLUMNS_SOME: u16 = 14;
const EVENT_COLUMNS_FAIR: u16 = 18;
const EVENT_COLUMNS_MAX: u16 = 28;
const CAUSE_COLUMNS_MAX: u16 = 28;
const SIZE_COLUMNS: u16 = 5;
const TOOK_COLUMNS: u16 = 5;
/// With the state of a script: `500 12/99`.
const ANSWER_COLUMNS_MAX: u16 = 11;
const ANSWER_COLUMNS_MIN: u16 = 3;

/// Columns of the list from left to right with their widths, for so many columns of room, one blank between them.
///
/// What no row needs has no column. Path, verdict, answer and mark always stay; then room is given in one order, so that columns
/// go in one order too. `dated`: the times are with their day. `is_ledger`: a line is a delivery, and its tries open and close.
pub fn fit(columns: u16, need: Need, dated: bool, is_ledger: bool) -> Vec<(Column, u16)> {
    let mut fitted = Fitted { columns, given: Vec::new() };
    let marks = u16::from(need.marks);
    let least = columns.saturating_sub(1 + ANSWER_COLUMNS_MIN + 2 + marks * 2);
    fitted.given.push((Column::Path, need.path_most.clamp(width(Column::Path.title()), PATH_COLUMNS_MIN).min(least)));
    fitted.given.extend([(Column::Verdict, 1), (Column::Answer, ANSWER_COLUMNS_MIN)]);
    if need.marks {
        fitted.given.push((Column::Mark, 1));
    }
    let mut is_short = false;
    for wish in wishes(need, dated, is_ledger) {
        // What is left without these serves those that are there.
        let is_new = !fitted.has(wish.column);
        if !(is_short && is_new) {
            fitted.grant(&wish);
        }
        let is_dear = matches!(wish.column, Column::Method | Column::Time | Column::Event | Column::Tries);
        is_short |= is_dear && is_new && wish.columns > 0 && !fitted.has(wish.column);
    }
    // What is on the right stays there, whatever the paths need.
    fitted.grant(&Wish { column: Column::Path, columns: u16::MAX, is_elastic: true });
    fitted.given.sort_by_key(|(column, _)| *column as u8);
    fitted.given
}

/// What there may be room for, the dearest first.
fn wishes(need: Need, dated: bool, is_ledger: bool) -> Vec<Wish> {
    let whole = |column, columns| Wish { column, columns, is_elastic: false };
    let upto = |column, columns: u16, most: u16| Wish { column, columns: columns.min(most), is_elastic: true };
    let event_min = need.event.clamp(width(Column::Event.title()), EVENT_COLUMNS_MIN);
    let cause = if need.cause > 0 { need.cause.min(CAUSE_COLUMNS_MAX) } else { 0 };
    let then = whole(Column::Then, if need.then > 0 { need.then.max(width(Column::Then.title())) } else { 0 });
    let event = |most: u16| upto(Column::Event, if need.event > 0 { need.event } else { 0 }, most);
    let tries = if is_ledger { TRIES_COLUMNS_LEDGER } else { TRIES_COLUMNS };
    let mut wishes = vec![
        whole(Column::Method, METHOD_COLUMNS_MIN),
        whole(Column::Time, if dated { 11 } else { 8 }),
        whole(Column::Event, if need.event > 0 { event_min } else { 0 }),
        whole(Column::Tries, if need.tries { tries } else { 0 }),
        upto(Column::Method, need.method, METHOD_COLUMNS_MAX),
        whole(Column::Verdict, verdict::WORD_COLUMNS),
        upto(Column::Answer, need.answer, ANSWER_COLUMNS_MAX),
        // Why a signature fails, in place of the word.
        upto(Column::Verdict, if cause > 0 { verdict::CAUSE_ALONE + cause } else { 0 }, u16::MAX),
        event(EVENT_COLUMNS_SOME),
        event(EVENT_COLUMNS_FAIR),
        upto(Column::Path, need.path_most, PATH_COLUMNS_FAIR),
        event(EVENT_COLUMNS_MAX),
        upto(Column::Path, need.path_most, PATH_COLUMNS_GOOD),
        then,
        whole(Column::Size, SIZE_COLUMNS),
        whole(Column::Took, TOOK_COLUMNS),
        upto(Column::Verdict, if cause > 0 { verdict::WORD_AND_CAUSE + cause } else { 0 }, u16::MAX),
        upto(Column::Path, need.path_most, u16::MAX),
        event(u16::MAX),
        upto(Column::Method, width(Column::Method.title()), u16::MAX),
        upto(Column::Answer, width(Column::Answer.title()), u16::MAX),
    ];
    if is_ledger {
        // What the ledger is about: how many tries there were, and what the provider does next.
        let tries = wishes.remove(3);
        wishes.insert(0, tries);
        let then = wishes.remove(13);
        wishes.insert(9, then);
    }
    wishes
}

/// Columns with their widths, in no order.
struct Fitted {
    columns: u16,
    given: Vec<(Column, u16)>,
}

impl Fitted {
    fn left(&self) -> u16 {
        self.columns.saturating_sub(taken(&self.given))
    }

    fn has(&self, column: Column) -> bool {
        self.given.iter().any(|(known, _)| *known == column)
    }

    /// Gives what there is room for; a column that is not there yet comes whole or not at all.
    fn grant(&mut self, wish: &Wish) {
        let left = self.left();
        let known = self.given.iter_mut().find(|(column, _)| *column == wish.column);
        let more = wish.columns.saturating_sub(known.as_ref().map_or(0, |(_, width)| *width));
        match known {
            Some((_, width)) if wish.is_elastic => *width += more.min(left),
            Some((_, width)) if more <= left => *width += more,
            None if !wish.is_elastic && more > 0 && more < left => self.given.push((wish.column, wish.columns)),
            _ => {}
        }
    }
}

fn taken(fitted: &[(Column, u16)]) -> u16 {
    let gaps = u16::try_from(fitted.len().saturating_sub(1)).unwrap_or(0);
    fitted.iter().map(|(_, width)| width).sum::<u16>() + gaps
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
