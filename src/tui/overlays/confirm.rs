//! Yes or no, before something that cannot be taken back.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::window::{Hint, OverlayContext, Step, Window};
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 60;

/// A question with what follows a yes.
#[derive(Clone, Debug)]
pub struct Confirm {
    title: String,
    words: String,
    yes: Box<Step>,
}

impl Confirm {
    /// Asks; a yes comes to this step. Both texts are visible text.
    pub fn new(title: impl Into<String>, words: impl Into<String>, yes: Step) -> Self {
        Self { title: title.into(), words: words.into(), yes: Box::new(yes) }
    }

    /// Asks before leaving.
    pub fn quit(words: impl Into<String>) -> Self {
        Self::new("Leave?", words, Step::done([Effect::Quit]))
    }
}

impl Window for Confirm {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key {
            Key { ctrl: true, code: KeyCode::Char('c'), .. } => Step::Close,
            Key { code: KeyCode::Char('y' | 'Y') | KeyCode::Enter, ctrl: false, alt: false, .. } => {
                std::mem::replace(&mut *self.yes, Step::Close)
            }
            Key { code: KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc, .. } => Step::Close,
            _ => Step::Stay,
        }
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let width = WIDTH.min(area.width);
        let lines = frame::wrap(&self.words, width.saturating_sub(4));
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let room = frame::draw(frame::place(area, width, height), buffer, theme, &self.title, &self.hints());
        for (row, text) in (0..).zip(&lines) {
            frame::line(buffer, room, row, theme, Ui::Base, text);
        }
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("y", "yes"), ("n", "no")]
    }
}
