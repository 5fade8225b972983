//! How much room the columns of the list need: for the rows that were on screen since something was looked at anew, so that
//! columns grow when a row needs it and none gets narrower under somebody's eyes.

use crate::domain::summary::Summary;
use crate::tui::widgets::answer::answer;
use crate::tui::widgets::judgement;
use crate::tui::widgets::text::width;
use crate::tui::widgets::tries;
use crate::tui::widgets::verdict::sign;

/// What the rows measured so far need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Columns of the longest method.
    pub method: u16,
    /// Columns that hold seven of eight targets of a screen: one long path takes no room from the events of all.
    pub path_most: u16,
    /// Columns of the longest event type.
    pub event: u16,
    /// Whether something was delivered more than once.
    pub tries: bool,
    /// Columns of the longest cause.
    pub cause: u16,
    /// Columns of the longest word for an answer.
    pub answer: u16,
    /// Whether a provider did not just accept an answer.
    pub then: bool,
    /// Columns of the longest delivery id, while lines are deliveries.
    pub delivery: u16,
    /// Whether a row was marked.
    pub marks: bool,
}

/// What the session has for columns, on screen or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Has {
    /// Event types.
    pub events: bool,
    /// Deliveries that came more than once.
    pub tries: bool,
    /// Answers that a provider did not just accept.
    pub then: bool,
    /// Delivery ids, while lines are deliveries.
    pub deliveries: bool,
    /// Marks.
    pub marks: bool,
}

/// A line of the list: what stands in its columns.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// The row.
    pub row: &'a Summary,
    /// The row whose verdict and answer it shows: of a closed delivery that of the newest try.
    pub newest: &'a Summary,
    /// The try before it, when it stands below its delivery.
    pub below: Option<&'a Summary>,
}

/// The least that a column of event types takes: its title.
const EVENT_COLUMNS_MIN: u16 = 5;
/// The least that a column of delivery ids takes.
const DELIVERY_COLUMNS_MIN: u16 = 8;

impl Need {
    /// These columns are wanted whether or not a row on screen has something for them.
    pub fn keep(&mut self, has: Has) {
        self.event = if has.events { self.event.max(EVENT_COLUMNS_MIN) } else { self.event };
        self.delivery = if has.deliveries { self.delivery.max(DELIVERY_COLUMNS_MIN) } else { 0 };
        self.tries |= has.tries;
        self.then |= has.then;
        self.marks |= has.marks;
    }

    /// Takes what is on screen.
    pub fn take<'a>(&mut self, lines: impl Iterator<Item = Drawn<'a>>) {
        let mut paths = Vec::new();
        for Drawn { row, newest, below } in lines {
            let (path, event) = match below {
                Some(before) => (width(&tries::gap(row, before, u16::MAX)), width(&tries::body(row))),
                None if row.refused && row.target.is_empty() => (width(tries::NO_REQUEST), 0),
                None => (width(&row.target), width(&row.event_words_beside_verdict(true))),
            };
            paths.push(path);
            self.event = self.event.max(event);
            self.method = self.method.max(width(&row.method));
            self.cause = self.cause.max(width(sign(newest).cause));
            self.answer = self.answer.max(width(&answer(newest).0));
            self.then |= judgement::is_told(newest);
            if self.delivery > 0 {
                self.delivery = self.delivery.max(row.delivery.as_deref().map_or(0, width));
            }
            self.tries |= row.delivery_count > 1;
            self.marks |= row.marked;
        }
        paths.sort_unstable();
        let most = (paths.len() * 7).div_ceil(8).checked_sub(1).and_then(|at| paths.get(at));
        self.path_most = self.path_most.max(most.copied().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests;
