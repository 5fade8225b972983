//! A digest that the user's own code computed: the Signature tab says what it was made from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::ExchangeId;
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 76;

const WORDS: &str = "Paste what your code got: hex, base64 or base64url, with or without a prefix, whole or only its beginning. The Signature tab \
                     says which secret, bytes, algorithm and encoding it came from.";

/// Asks for a digest.
#[derive(Clone, Debug)]
pub struct ComputedPrompt {
    id: ExchangeId,
    input: LineInput,
    /// Whether there is one to forget.
    has_last: bool,
}

impl ComputedPrompt {
    /// For the selected request.
    ///
    /// # Errors
    /// In words, when no request is selected.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        let selected = context.selected.ok_or("no request is selected: a digest is compared with one request's")?;
        Ok(Self { id: selected.id, input: LineInput::new(""), has_last: context.computed == Some(selected.id) })
    }
}

impl Window for ComputedPrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if is_close(key) => return Step::Close,
            KeyCode::Enter if self.input.text().trim().is_empty() && !self.has_last => {}
            KeyCode::Enter => {
                let value = Some(self.input.text().trim().to_owned()).filter(|value| !value.is_empty());
                return Step::done([Effect::Computed { id: self.id, value }]);
            }
            _ => {
                self.input.update(key);
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        self.input.paste(text);
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let room = frame::draw(frame::place(area, WIDTH, 7), buffer, theme, "Computed digest", &self.hints());
        let mut row = 0;
        for line in frame::wrap(WORDS, room.width) {
            frame::line(buffer, room, row, theme, Ui::Muted, &line);
            row += 1;
        }
        // On a small screen the field stays, and the words give way.
        let row = row.min(room.height.saturating_sub(1));
        let field = Rect::new(room.x, room.y.saturating_add(row), room.width, room.height.min(1));
        self.input.view(field, buffer, theme, true);
    }

    fn hints(&self) -> Vec<Hint> {
        match (self.input.text().trim().is_empty(), self.has_last) {
            (false, _) => vec![("Enter", "say what it is"), ("Esc", "close")],
            (true, true) => vec![("Enter", "forget the last one"), ("Esc", "close")],
            (true, false) => vec![("Esc", "close")],
        }
    }
}
