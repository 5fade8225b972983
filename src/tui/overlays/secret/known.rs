//! The page of the secrets that are known: whose, where from, how many requests each fitted; never what they are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::confirm::Confirm;
use super::super::frame;
use super::super::list::{Letters, Row};
use super::super::window::{Hint, Step};
use super::{SecretPrompt, Stage};
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::KnownSecret;
use crate::tui::theme::{Theme, Ui};
use crate::tui::widgets::numbers::count;

impl SecretPrompt {
    /// Those for this request's provider first, in the order in which they are tried.
    fn listed(&self) -> Vec<&KnownSecret> {
        let is_own = |known: &&KnownSecret| known.provider.as_ref().is_none_or(|name| *name == self.provider);
        let (own, others): (Vec<_>, Vec<_>) = self.known.iter().partition(is_own);
        own.into_iter().chain(others).collect()
    }

    /// Those that requests of this provider are checked with and that stay when one more is given; all, while it is not
    /// known whose the request is. A guess that fitted nothing makes room for the next.
    pub(super) fn kept(&self) -> impl Iterator<Item = &KnownSecret> {
        let is_own = |known: &KnownSecret| known.provider.as_ref().is_none_or(|name| *name == self.provider);
        let is_guess = |known: &KnownSecret| known.is_typed && known.fitted == 0;
        self.known.iter().filter(move |known| (self.provider.is_empty() || is_own(known)) && !is_guess(known))
    }

    /// The known secret under the cursor; `None`: the row for one more, which is the first.
    fn chosen_known(&self) -> Option<&KnownSecret> {
        let listed = self.listed();
        self.known_cursor.at(listed.len() + 1).checked_sub(1).and_then(|at| listed.get(at).copied())
    }

    pub(super) fn among_known(&mut self, key: Key) -> Step {
        let chosen = self.chosen_known().cloned();
        match (key.code, chosen) {
            (KeyCode::Enter | KeyCode::Char('r'), Some(known)) => {
                if let Some(provider) = known.provider.clone() {
                    self.choose(&provider);
                }
                self.begin(Some(known));
            }
            (KeyCode::Enter, None) | (KeyCode::Char('a'), _) => self.begin(None),
            (KeyCode::Char('d') | KeyCode::Delete, Some(known)) => {
                let whose = whose(&known);
                let back = if known.is_typed { "" } else { " It comes back with the next start." };
                let words = format!(
                    "The secret of {whose} ({}), which fitted {}, is forgotten, and its requests are checked again.{back}",
                    known.origin,
                    requests(known.fitted)
                );
                let yes = Step::done([Effect::ForgetSecret { number: known.number, id: self.id }]);
                return Step::open(Ok(Confirm::new("Forget this secret?", words, yes)));
            }
            _ => {
                let count = self.known.len() + 1;
                self.known_cursor.update(key, count, Letters::Move);
            }
        }
        Step::Stay
    }

    /// To the field, or to the choice of the provider when it is not known whose the secret is.
    fn begin(&mut self, replaces: Option<KnownSecret>) {
        self.replaces = replaces;
        self.stage = if self.provider.is_empty() { Stage::Choose } else { Stage::Type };
    }

    /// One page back; from the first one, out.
    pub(super) fn step_back(&mut self) -> Step {
        self.stage = match self.stage {
            Stage::Choose if !self.provider.is_empty() => Stage::Type,
            Stage::Choose | Stage::Type | Stage::Refused(_) if !self.known.is_empty() => Stage::Known,
            _ => return Step::Close,
        };
        Step::Stay
    }

    /// What `Esc` does, in a word.
    pub(super) fn way_back(&self) -> &'static str {
        let has_page_before = !self.known.is_empty() || self.stage == Stage::Choose && !self.provider.is_empty();
        if has_page_before { "back" } else { "close" }
    }

    /// What becomes of the secrets that are known for the provider when one more is given.
    pub(super) fn beside(&self) -> String {
        if let Some(known) = &self.replaces {
            return format!(" It takes the place of the one {}.", from(known));
        }
        match self.kept().count() {
            0 => String::new(),
            1 => " One is known and stays beside it: either may fit.".to_owned(),
            more => format!(" {more} are known and stay beside it: any may fit."),
        }
    }

    pub(super) fn view_known(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let words = "Kept in memory only; a signature may be made with any of its provider's.";
        let mut row = 0;
        for line in frame::wrap(words, room.width) {
            frame::line(buffer, room, row, theme, Ui::Muted, &line);
            row += 1;
        }
        let top = row.min(room.height);
        let list = Rect { y: room.y + top, height: room.height - top, ..room };
        let listed = self.listed();
        let new =
            if self.provider.is_empty() { "one more".to_owned() } else { format!("one more, of {}", self.provider) };
        self.known_cursor.view(list, buffer, theme, listed.len() + 1, |at, draw| {
            let Some(known) = at.checked_sub(1).and_then(|at| listed.get(at)) else {
                return draw(&Row { cells: &[("+", 1, Ui::Accent), (&new, 0, Ui::Base)], right: "" });
            };
            let fitted = match known.fitted {
                0 => "fitted none".to_owned(),
                number => format!("fitted {}", count(number)),
            };
            let cells: &[_] = match room.width {
                0..48 => &[(whose(known), 16, Ui::Base), (fitted.as_str(), 0, Ui::Muted)],
                _ => &[
                    (whose(known), 18, Ui::Base),
                    (known.origin.as_str(), 24, Ui::Muted),
                    (fitted.as_str(), 0, Ui::Muted),
                ],
            };
            draw(&Row { cells, right: "" });
        });
    }

    pub(super) fn known_hints(&self) -> Vec<Hint> {
        match self.chosen_known() {
            Some(_) => vec![("Enter", "replace"), ("d", "forget"), ("a", "one more"), ("Esc", "close")],
            None => vec![("Enter", "give it"), ("Up Down", "move"), ("Esc", "close")],
        }
    }
}

fn whose(known: &KnownSecret) -> &str {
    known.provider.as_deref().unwrap_or("any provider")
}

fn from(known: &KnownSecret) -> String {
    match known.is_typed {
        true => "typed here".to_owned(),
        false => format!("from {}", known.origin),
    }
}

fn requests(number: u64) -> String {
    match number {
        0 => "no request".to_owned(),
        1 => "1 request".to_owned(),
        more => format!("{} requests", count(more)),
    }
}
