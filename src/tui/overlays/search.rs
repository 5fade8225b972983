//! What to find in the open tab.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

/// Asks for the text to find. Without capitals both cases are found.
#[derive(Clone, Debug)]
pub struct SearchPrompt {
    input: LineInput,
    before: String,
}

impl SearchPrompt {
    /// Empty; Enter on nothing repeats the last search.
    pub fn new(context: &OverlayContext<'_>) -> Self {
        Self { input: LineInput::new(""), before: context.search.to_owned() }
    }
}

impl Window for SearchPrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if is_close(key) => Step::Close,
            KeyCode::Enter if self.input.text().is_empty() => Step::Search(self.before.clone()),
            KeyCode::Enter => Step::Search(self.input.text().to_owned()),
            KeyCode::Up if !self.before.is_empty() => {
                self.input.set(&self.before.clone());
                Step::Stay
            }
            _ => {
                self.input.update(key);
                Step::Stay
            }
        }
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        // A document is searched line by line: what is behind the first line cannot be found with it.
        self.input.paste(text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default());
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let room = frame::draw(frame::place_at_bottom(area, 3), buffer, theme, "Search", &self.hints());
        let x = frame::put(buffer, room.x, room.y, room.width.min(2), "/ ", frame::on_ground(theme, Ui::Accent));
        self.input.view(Rect { x, width: room.right() - x, height: room.height.min(1), ..room }, buffer, theme, true);
    }

    fn hints(&self) -> Vec<Hint> {
        let again = if self.before.is_empty() { None } else { Some(("Up", "last search")) };
        [("Enter", "find")].into_iter().chain(again).chain([("Esc", "close")]).collect()
    }
}
