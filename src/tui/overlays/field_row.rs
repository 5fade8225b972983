//! How a field of one line is drawn, whatever it holds.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::frame;
use crate::domain::printable;
use crate::tui::theme::{Theme, Ui};

/// Draws visible text over one row, cut where the cursor would not be seen, with `…` on that side. `focused`: with the cursor between
/// `before` and `after`.
pub(super) fn draw(area: Rect, buffer: &mut Buffer, theme: &Theme, (before, after): (&str, &str), focused: bool) {
    if area.is_empty() {
        return;
    }
    let style = frame::on_ground(theme, Ui::Input);
    for x in area.left()..area.right() {
        frame::put(buffer, x, area.y, 1, " ", style);
    }
    let written = frame::written(theme);
    // One column is for the cursor when it is behind the text.
    let room = usize::from(area.width.saturating_sub(1));
    let mut x = area.x;
    let mut head = tail_within(before, room);
    if head.len() < before.len() && room > 1 {
        x = frame::put(buffer, x, area.y, 1, "…", written);
        head = tail_within(before, room - 1);
    }
    let x = frame::put(buffer, x, area.y, area.right().saturating_sub(x), head, written);
    frame::put(buffer, x, area.y, area.right().saturating_sub(x), after, written);
    if focused && x < area.right() {
        let under = after.graphemes(true).next().unwrap_or(" ");
        let cursor = written.patch(theme.ui(Ui::Cursor));
        if frame::put(buffer, x, area.y, area.right() - x, under, cursor) == x {
            frame::put(buffer, x, area.y, 1, " ", cursor);
        }
    }
}

/// The end of a visible text that fits in so many columns.
fn tail_within(text: &str, columns_max: usize) -> &str {
    let mut columns = 0;
    let mut start = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        columns += printable::width(grapheme);
        if columns > columns_max {
            break;
        }
        start = at;
    }
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::*;

    fn drawn(width: u16, before: &str, after: &str) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        draw(area, &mut buffer, &Theme::default(), (before, after), true);
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn what_is_cut_is_marked_on_its_side() {
        assert_eq!(drawn(8, "1234567", ""), "1234567 ");
        assert_eq!(drawn(8, "12345678", ""), "…345678 ");
        assert_eq!(drawn(8, "", "123456789"), "1234567…");
        assert_eq!(drawn(8, "12345678", "9"), "…3456789");
        assert_eq!(drawn(8, "a日本語b", "x"), "…本 語 bx ", "whole graphemes only");
        assert_eq!(drawn(2, "123", ""), "3 ");
        assert_eq!(drawn(1, "123", ""), " ");
    }

    /// In themes whose fields are lines to write on, an underscore would be lost in such a line.
    #[test]
    fn the_line_to_write_on_is_behind_the_text_and_not_under_it() {
        for name in ["terminal", "monochrome"] {
            let theme = Theme::builtin(name).expect("compiled in");
            let area = Rect::new(0, 0, 8, 1);
            let mut buffer = Buffer::empty(area);
            draw(area, &mut buffer, &theme, ("a_", "_b"), true);
            let lined: Vec<bool> =
                buffer.content().iter().map(|cell| cell.modifier.contains(Modifier::UNDERLINED)).collect();
            assert_eq!(lined, [false, false, false, false, true, true, true, true], "{name}");
        }
    }
}
