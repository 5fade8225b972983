//! (being written)

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Hint, OverlayContext, Step, Window};
use crate::tui::key::Key;
use crate::tui::theme::Theme;

/// (being written)
#[derive(Clone, Debug)]
pub struct Palette;

impl Palette {
    /// (being written)
    pub fn new(_context: &OverlayContext<'_>) -> Self {
        Self
    }
}

impl Window for Palette {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        if super::is_close(key) { Step::Close } else { Step::Stay }
    }

    fn view(&self, _area: Rect, _buffer: &mut Buffer, _theme: &Theme) {}

    fn hints(&self) -> Vec<Hint> {
        Vec::new()
    }
}
