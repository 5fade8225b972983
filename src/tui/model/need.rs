//! How much room the columns of the list need: facts of all its rows, so that no column comes, goes or moves while one
//! scrolls.

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
    /// Columns that hold seven of eight targets: one long path takes no room from the events of all.
    pub path_most: u16,
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
    /// How many targets have how many columns.
    paths: Widths,
}

/// How many texts have how many columns, in steps of four; what is longer is in the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Widths([u32; STEPS]);

const STEP_COLUMNS: u16 = 4;
const STEPS: usize = 16;

impl Widths {
    fn take(&mut self, columns: u16) {
        let step = usize::from(columns.saturating_sub(1) / STEP_COLUMNS).min(STEPS - 1);
        if let Some(count) = self.0.get_mut(step) {
            *count = count.saturating_add(1);
        }
    }

    /// Columns that hold at least seven of eight; `most` when these are among the longest.
    fn most(&self, most: u16) -> u16 {
        let all: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        let mut held = 0;
        let is_enough = |count: &u32| {
            held += u64::from(*count);
            held * 8 >= all * 7
        };
        let step = self.0.iter().position(is_enough).unwrap_or(STEPS - 1);
        if step + 1 == STEPS { most } else { most.min((step as u16 + 1) * STEP_COLUMNS) }
    }
}

impl Need {
    /// Takes a row that came or changed.
    pub fn take(&mut self, row: &Summary) {
        self.method = self.method.max(width(&row.method));
        let path = width(&row.target);
        self.path = self.path.max(path);
        self.paths.take(path);
        self.path_most = self.paths.most(self.path);
        self.event = self.event.max(width(&row.event_words()));
        self.cause = self.cause.max(width(sign(row).cause));
        self.answer = self.answer.max(width(&answer(row).0));
        self.then = self.then.max(judgement::columns(row));
        self.tries |= row.delivery_count > 1;
        self.marks |= row.marked;
    }
}

#[cfg(test)]
mod tests;
