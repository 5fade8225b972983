//! How much room the columns of the list need: facts of all its rows that only grow, so that no column comes, goes or moves
//! while one scrolls.

use crate::domain::summary::Summary;
use crate::tui::widgets::answer::answer;
use crate::tui::widgets::judgement;
use crate::tui::widgets::text::width;
use crate::tui::widgets::verdict::sign;

/// What all rows taken so far need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
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
    /// Columns of the longest word for what the provider thinks of it.
    pub then: u16,
    /// Whether a row was marked.
    pub marks: bool,
}

impl Need {
    /// Takes a row that came or changed.
    pub fn take(&mut self, row: &Summary) {
        self.method = self.method.max(width(&row.method));
        self.path = self.path.max(width(&row.target));
        self.event = self.event.max(width(&row.event_words()));
        self.cause = self.cause.max(width(sign(row).cause));
        self.answer = self.answer.max(width(&answer(row).0));
        self.then = self.then.max(judgement::columns(row));
        self.tries |= row.delivery_count > 1;
        self.marks |= row.marked;
    }
}
