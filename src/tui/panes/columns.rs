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
    /// The provider's delivery id.
    Delivery,
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
            Self::Delivery => "Id",
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
            Self::Delivery => "Delivery",
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
}

const TRIES_COLUMNS: u16 = 3;
/// With the sign that says whether they are open.
const TRIES_COLUMNS_LEDGER: u16 = 4;
const METHOD_COLUMNS_MIN: u16 = 4;
const METHOD_COLUMNS_MAX: u16 = 9;
const PATH_COLUMNS_MIN: u16 = 14;
/// `└ 2 +8.0s`
const PATH_COLUMNS_MIN_LEDGER: u16 = 9;
const PATH_COLUMNS_FAIR: u16 = 20;
const PATH_COLUMNS_GOOD: u16 = 28;
const EVENT_COLUMNS_MIN: u16 = 10;
const EVENT_COLUMNS_SOME: u16 = 14;
const EVENT_COLUMNS_FAIR: u16 = 18;
const EVENT_COLUMNS_MAX: u16 = 28;
const DELIVERY_COLUMNS_MIN: u16 = 8;
/// An id of Stripe; a UUID has 36.
const DELIVERY_COLUMNS_GOOD: u16 = 28;
const CAUSE_COLUMNS_SOME: u16 = 16;
const CAUSE_COLUMNS_MAX: u16 = 28;
const SIZE_COLUMNS: u16 = 5;
const TOOK_COLUMNS: u16 = 5;
/// With the state of a script: `500 12/99`, or what a guard would say: `200 (403)`.
const ANSWER_COLUMNS_MAX: u16 = 11;
/// `500 2/3`
const ANSWER_COLUMNS_SOME: u16 = 7;
const ANSWER_COLUMNS_MIN: u16 = 3;
/// `again 14:02`
const THEN_COLUMNS_MIN: u16 = 11;
/// `again 14:02:11`
const THEN_COLUMNS: u16 = 14;

/// Columns of the list from left to right with their widths, for so many columns of room, one blank between them.
///
/// Which ones there are follows from the room and from what the session has, never from the rows on screen, and the room of those that
/// matter is kept before they are needed: so none that is shown goes while rows arrive. What is over is then given by what
/// rows on screen need. `dated`: the times are with their day. `is_ledger`: a line is a delivery, and its tries open and close.
pub fn fit(columns: u16, need: Need, dated: bool, is_ledger: bool) -> Vec<(Column, u16)> {
    let mut fitted = Fitted { columns, given: Vec::new() };
    let marks = u16::from(need.marks);
    let least = columns.saturating_sub(1 + ANSWER_COLUMNS_MIN + 2 + marks * 2);
    let path_min = if is_ledger { PATH_COLUMNS_MIN_LEDGER } else { PATH_COLUMNS_MIN };
    fitted.given.extend([
        (Column::Path, path_min.min(least)),
        (Column::Verdict, 1),
        (Column::Answer, ANSWER_COLUMNS_MIN),
    ]);
    for Wish { column, columns } in kept(dated, is_ledger) {
        if !fitted.widen(column, columns) {
            break;
        }
    }
    fitted.given.retain(|(column, _)| is_of_use(*column, need));
    if need.marks {
        fitted.given.push((Column::Mark, 1));
    }
    let width_of_path = width(Column::Path.title());
    // What was kept for what may come is lent to those that rows need.
    for (column, width) in &mut fitted.given {
        match column {
            Column::Verdict => *width = (*width).min(verdict::WORD_COLUMNS),
            Column::Event => *width = (*width).min(EVENT_COLUMNS_MIN),
            Column::Path => *width = (*width).min(need.path_most.clamp(width_of_path, path_min)),
            Column::Answer => *width = ANSWER_COLUMNS_MIN,
            _ => {}
        }
    }
    fitted.make_fit();
    let (dear, others) = wishes(need);
    dear.iter().for_each(|wish| fitted.grow(wish));
    // A narrow screen kept no room for the word of the verdict: where there is some, it is worth more than the end of a path.
    fitted.widen(Column::Verdict, verdict::WORD_COLUMNS);
    others.iter().for_each(|wish| fitted.grow(wish));
    // What is on the right stays there, whatever the paths need.
    fitted.grow(&Wish { column: Column::Path, columns: u16::MAX });
    fitted.given.sort_by_key(|(column, _)| *column as u8);
    fitted.given
}

/// Whether something of the session stands in it.
const fn is_of_use(column: Column, need: Need) -> bool {
    match column {
        Column::Event => need.event > 0,
        Column::Tries => need.tries,
        Column::Then => need.then,
        Column::Delivery => need.delivery > 0,
        _ => true,
    }
}

/// What room is kept for, the dearest first; from the first on that has none, nothing has.
fn kept(dated: bool, is_ledger: bool) -> Vec<Wish> {
    let wish = |column, columns| Wish { column, columns };
    let time = wish(Column::Time, if dated { 11 } else { 8 });
    let tries = wish(Column::Tries, if is_ledger { TRIES_COLUMNS_LEDGER } else { TRIES_COLUMNS });
    // How many tries there were is what the ledger is about.
    let mut kept = if is_ledger { vec![tries, time] } else { vec![time, tries] };
    kept.extend([
        wish(Column::Event, EVENT_COLUMNS_MIN),
        wish(Column::Verdict, verdict::WORD_COLUMNS),
        wish(Column::Answer, ANSWER_COLUMNS_SOME),
        wish(Column::Then, THEN_COLUMNS_MIN),
    ]);
    kept.extend(is_ledger.then(|| wish(Column::Delivery, DELIVERY_COLUMNS_MIN)));
    kept.extend([
        wish(Column::Method, METHOD_COLUMNS_MIN),
        wish(Column::Event, EVENT_COLUMNS_FAIR),
        wish(Column::Path, PATH_COLUMNS_FAIR),
        wish(Column::Verdict, CAUSE_COLUMNS_SOME),
        wish(Column::Size, SIZE_COLUMNS),
        wish(Column::Took, TOOK_COLUMNS),
    ]);
    kept
}

/// How wide the columns that are there should be, the dearest first: those before and behind the word of the verdict.
fn wishes(need: Need) -> (Vec<Wish>, Vec<Wish>) {
    let upto = |column, columns: u16, most: u16| Wish { column, columns: columns.min(most) };
    let cause = need.cause.min(CAUSE_COLUMNS_MAX);
    let with_cause = |more: u16| upto(Column::Verdict, if cause > 0 { more + cause } else { 0 }, u16::MAX);
    let event = |most: u16| upto(Column::Event, need.event, most);
    let path = |most: u16| upto(Column::Path, need.path_most, most);
    let dear = vec![
        upto(Column::Method, need.method, METHOD_COLUMNS_MAX),
        upto(Column::Answer, need.answer, ANSWER_COLUMNS_MAX),
        // Why a signature fails, in place of the word.
        with_cause(verdict::CAUSE_ALONE),
        event(EVENT_COLUMNS_SOME),
        event(EVENT_COLUMNS_FAIR),
        // The seconds of the next try: its minute is there without them.
        upto(Column::Then, THEN_COLUMNS, THEN_COLUMNS),
        path(PATH_COLUMNS_FAIR),
    ];
    let others = vec![
        event(EVENT_COLUMNS_MAX),
        path(PATH_COLUMNS_GOOD),
        upto(Column::Delivery, need.delivery, DELIVERY_COLUMNS_GOOD),
        with_cause(verdict::WORD_AND_CAUSE),
        path(u16::MAX),
        event(u16::MAX),
        upto(Column::Delivery, need.delivery, u16::MAX),
        upto(Column::Method, width(Column::Method.title()), u16::MAX),
        upto(Column::Answer, width(Column::Answer.title()), u16::MAX),
    ];
    (dear, others)
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

    /// Makes a column that wide, or adds it; whether there was room.
    fn widen(&mut self, column: Column, columns: u16) -> bool {
        let left = self.left();
        match self.given.iter_mut().find(|(known, _)| *known == column) {
            Some((_, width)) => {
                let more = columns.saturating_sub(*width);
                *width += if more <= left { more } else { 0 };
                more <= left
            }
            None => {
                let has_room = columns < left;
                self.given.extend(has_room.then_some((column, columns)));
                has_room
            }
        }
    }

    /// Gives a column of those that are there as much of what it asks for as there is.
    fn grow(&mut self, wish: &Wish) {
        let left = self.left();
        if let Some((_, width)) = self.given.iter_mut().find(|(column, _)| *column == wish.column) {
            *width += wish.columns.saturating_sub(*width).min(left);
        }
    }

    /// Takes from the path what a mark needs.
    fn make_fit(&mut self) {
        let over = taken(&self.given).saturating_sub(self.columns);
        if let Some((_, width)) = self.given.iter_mut().find(|(column, _)| *column == Column::Path) {
            *width = width.saturating_sub(over);
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
