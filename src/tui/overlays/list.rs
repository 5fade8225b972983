//! A list to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::frame;
use crate::domain::printable;
use crate::tui::key::{Key, KeyCode, Mouse, MouseKind};
use crate::tui::theme::{Theme, Ui};

/// Which row is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// From 0. May be behind the end while the list shrinks; [`Cursor::at`] is not.
    row: usize,
}

/// Whether letters move the cursor or are typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// `j`, `k`, `g`, `G` move.
    Move,
    /// They are typed.
    Type,
}

/// One row as it is drawn: columns from the left, and one at the right.
pub(super) struct Row<'a> {
    /// Text and its columns; the last one takes what is left.
    pub cells: &'a [(&'a str, u16, Ui)],
    /// At the right edge, if there is room.
    pub right: &'a str,
}

impl Cursor {
    /// At a row.
    pub(super) const fn new(row: usize) -> Self {
        Self { row }
    }

    /// The chosen row of a list with so many; 0 when it is empty.
    pub(super) fn at(self, count: usize) -> usize {
        self.row.min(count.saturating_sub(1))
    }

    /// Takes a key; says whether it moved the cursor or would have.
    pub(super) fn update(&mut self, key: Key, count: usize, letters: Letters) -> bool {
        const PAGE: usize = 8;
        let now = self.at(count);
        let is_vi = letters == Letters::Move && !key.ctrl && !key.alt;
        self.row = match key.code {
            KeyCode::Down => now + 1,
            KeyCode::Up => now.saturating_sub(1),
            KeyCode::Char('j') if is_vi => now + 1,
            KeyCode::Char('k') if is_vi => now.saturating_sub(1),
            KeyCode::Char('n') if key.ctrl => now + 1,
            KeyCode::Char('p') if key.ctrl => now.saturating_sub(1),
            KeyCode::PageDown => now + PAGE,
            KeyCode::PageUp => now.saturating_sub(PAGE),
            KeyCode::Char('g') if is_vi => 0,
            KeyCode::Home if letters == Letters::Move => 0,
            KeyCode::Char('G') if is_vi => count,
            KeyCode::End if letters == Letters::Move => count,
            _ => return false,
        };
        self.row = self.at(count);
        true
    }

    /// Takes the wheel.
    pub(super) fn mouse(&mut self, mouse: Mouse, count: usize) {
        let now = self.at(count);
        match mouse.kind {
            MouseKind::ScrollDown => self.row = (now + 1).min(count.saturating_sub(1)),
            MouseKind::ScrollUp => self.row = now.saturating_sub(1),
            _ => {}
        }
    }

    /// The row under the mouse when it was pressed in a list drawn over `area`, which becomes the chosen one.
    pub(super) fn click(&mut self, mouse: Mouse, area: Rect, count: usize) -> bool {
        if mouse.kind != MouseKind::Down || !area.contains((mouse.column, mouse.row).into()) {
            return false;
        }
        let row = frame::first_visible(self.at(count), count, area.height) + usize::from(mouse.row - area.y);
        if row < count {
            self.row = row;
        }
        row < count
    }

    /// Draws the rows that are in sight.
    pub(super) fn view<'a>(
        self,
        area: Rect,
        buffer: &mut Buffer,
        theme: &Theme,
        count: usize,
        mut row: impl FnMut(usize, &mut dyn FnMut(&Row<'_>)) + 'a,
    ) {
        let chosen = self.at(count);
        let first = frame::first_visible(chosen, count, area.height);
        for (y, at) in (area.top()..area.bottom()).zip(first..count) {
            let line = Rect { y, height: 1, ..area };
            row(at, &mut |shown| draw_row(line, buffer, theme, shown, at == chosen));
        }
        frame::scroll_mark(buffer, area, theme, first, count);
    }
}

fn draw_row(area: Rect, buffer: &mut Buffer, theme: &Theme, row: &Row<'_>, chosen: bool) {
    let bar = theme.ui(Ui::Selected);
    let style = |part| match chosen {
        // Reversed colours would paint a patchwork.
        true if bar.add_modifier.contains(Modifier::REVERSED) => frame::on_ground(theme, Ui::Base).patch(bar),
        true => frame::on_ground(theme, part).patch(bar),
        false => frame::on_ground(theme, part),
    };
    for x in area.left()..area.right() {
        frame::put(buffer, x, area.y, 1, " ", style(Ui::Base));
    }
    // The mark shows the choice where there are no colours.
    frame::put(buffer, area.x, area.y, area.width.min(1), if chosen { "▸" } else { " " }, style(Ui::Accent));
    let right_width = u16::try_from(printable::width(row.right)).unwrap_or(u16::MAX);
    let has_right = right_width > 0 && area.width >= right_width.saturating_add(24);
    let end = if has_right { area.right() - right_width - 1 } else { area.right() };
    let mut x = area.x + 2;
    for (at, (text, width, part)) in row.cells.iter().enumerate() {
        let left = end.saturating_sub(x);
        let width = if at + 1 == row.cells.len() { left } else { (*width).min(left) };
        frame::put(buffer, x, area.y, width, text, style(*part));
        x = x.saturating_add(width).saturating_add(1);
    }
    if has_right {
        frame::put(buffer, area.right() - right_width, area.y, right_width, row.right, style(Ui::KeyHint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_row_in_reversed_colours_is_one_bar() {
        for name in ["terminal", "monochrome"] {
            let theme = Theme::builtin(name).expect("compiled in");
            let area = Rect::new(0, 0, 40, 1);
            let mut buffer = Buffer::empty(area);
            let row =
                Row { cells: &[("c", 1, Ui::KeyHint), ("curl", 10, Ui::Base), ("words", 0, Ui::Muted)], right: "y" };
            draw_row(area, &mut buffer, &theme, &row, true);
            let first = buffer.content().first().expect("a cell").style();
            assert!(buffer.content().iter().all(|cell| cell.style() == first), "{name}: {buffer:?}");
        }
    }
}
