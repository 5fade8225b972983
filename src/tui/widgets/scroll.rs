//! The mark at the right that says which part of a long text is seen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Which rows of a bar of `rows` are marked when `shown` of `total` lines are seen from `top` on. `None`: all is seen.
pub fn thumb(rows: usize, total: usize, shown: usize, top: usize) -> Option<(usize, usize)> {
    if rows == 0 || total <= shown || shown == 0 {
        return None;
    }
    let length = (rows * shown / total).clamp(1, rows);
    let free = rows - length;
    let last = total - shown;
    let from = if top >= last { free } else { (free * top / last).min(free.saturating_sub(1)) };
    Some((from, length))
}

/// Draws it into the last column of `area`.
pub fn draw(buffer: &mut Buffer, area: Rect, total: usize, top: usize, style: Style) {
    let area = area.intersection(buffer.area);
    let rows = usize::from(area.height);
    let Some((from, length)) = thumb(rows, total, rows, top) else { return };
    if area.width == 0 {
        return;
    }
    for row in from..from + length {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        buffer.set_stringn(area.right() - 1, y, "▐", 1, style);
    }
}
