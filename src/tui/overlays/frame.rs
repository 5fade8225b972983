//! Frames, lines of text and lists: how every overlay looks. Nothing here can be made to draw outside the buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::window::Hint;
use crate::domain::printable;
use crate::tui::theme::{Theme, Ui};

/// Where an overlay of that size goes: in the middle, cut to the screen.
pub(super) fn place(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// The width of an overlay that shows more where there is more room: something of the screen below stays in sight at both sides.
pub(super) fn wider(area: Rect, width: u16, most: u16) -> u16 {
    area.width.saturating_sub(16).clamp(width, most)
}

/// Where a prompt goes: over the last lines.
pub(super) fn place_at_bottom(area: Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    Rect::new(area.x, area.bottom() - height, area.width, height)
}

/// Clears the frame's ground, draws the frame with its title and the hints in its lower border, and gives the room inside.
/// Hints that the border has no room for stand in the row above it, when the frame can spare one. A frame too small for a
/// border is all room.
pub(super) fn draw(frame: Rect, buffer: &mut Buffer, theme: &Theme, title: &str, hints: &[Hint]) -> Rect {
    let ground = theme.ui(Ui::Overlay);
    for y in frame.top()..frame.bottom() {
        for x in frame.left()..frame.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(ground);
            }
        }
    }
    if frame.width < 4 || frame.height < 3 {
        return frame;
    }
    border(frame, buffer, ground.patch(theme.ui(Ui::OverlayBorder)));
    let room = frame.width - 4;
    let title = printable::clip(title, usize::from(room.saturating_sub(2)));
    put(buffer, frame.x + 2, frame.y, room, &format!(" {title} "), ground.patch(theme.ui(Ui::Title)));
    let (inside, more) = divide(hints, room);
    draw_hints(buffer, Rect::new(frame.x + 2, frame.bottom() - 1, room, 1), theme, &inside);
    let left = self::room(frame, hints);
    if left.height < room_inside(frame).height {
        draw_hints(buffer, Rect::new(frame.x + 2, frame.bottom() - 2, room, 1), theme, &more);
    }
    left
}

/// The room inside a frame with these hints.
pub(super) fn room(frame: Rect, hints: &[Hint]) -> Rect {
    if frame.width < 4 || frame.height < 3 {
        return frame;
    }
    let room = room_inside(frame);
    let has_more = room.height >= ROOM_ROWS_SPARED_MIN && !divide(hints, room.width).1.is_empty();
    Rect { height: room.height - u16::from(has_more), ..room }
}

/// From so many rows of room on, one may be given to hints.
const ROOM_ROWS_SPARED_MIN: u16 = 4;

fn room_inside(frame: Rect) -> Rect {
    Rect::new(frame.x + 2, frame.y + 1, frame.width - 4, frame.height - 2)
}

fn hint_width((key, words): &Hint) -> usize {
    printable::width(key) + printable::width(words) + 3
}

/// The hints that fit in so many columns, from the first, with the last one, the way out, before all others; and the rest.
fn divide(hints: &[Hint], columns: u16) -> (Vec<Hint>, Vec<Hint>) {
    let Some((way_out, others)) = hints.split_last() else { return Default::default() };
    let Some(mut room) = usize::from(columns).checked_sub(hint_width(way_out)) else {
        return (Vec::new(), hints.to_vec());
    };
    let fits = |hint: &&Hint| {
        let left = room.checked_sub(hint_width(hint));
        room = left.unwrap_or(room);
        left.is_some()
    };
    let count = others.iter().take_while(fits).count();
    let (inside, more) = others.split_at(count);
    (inside.iter().chain([way_out]).copied().collect(), more.to_vec())
}

fn border(frame: Rect, buffer: &mut Buffer, style: Style) {
    let (right, bottom) = (frame.right() - 1, frame.bottom() - 1);
    for x in frame.left()..frame.right() {
        put(buffer, x, frame.y, 1, "─", style);
        put(buffer, x, bottom, 1, "─", style);
    }
    for y in frame.top()..frame.bottom() {
        put(buffer, frame.x, y, 1, "│", style);
        put(buffer, right, y, 1, "│", style);
    }
    for (x, y, corner) in [(frame.x, frame.y, "╭"), (right, frame.y, "╮"), (frame.x, bottom, "╰"), (right, bottom, "╯")]
    {
        put(buffer, x, y, 1, corner, style);
    }
}

/// Hints in one row, as many as there is room for.
fn draw_hints(buffer: &mut Buffer, area: Rect, theme: &Theme, hints: &[Hint]) {
    let ground = theme.ui(Ui::Overlay);
    let mut x = area.x;
    for (key, words) in hints {
        if usize::from(area.right().saturating_sub(x)) < hint_width(&(key, words)) {
            break;
        }
        x = put(buffer, x, area.y, 1, " ", ground);
        x = put(buffer, x, area.y, area.right().saturating_sub(x), key, ground.patch(theme.ui(Ui::KeyHint)));
        x = put(buffer, x, area.y, 1, " ", ground);
        x = put(buffer, x, area.y, area.right().saturating_sub(x), words, ground.patch(theme.ui(Ui::KeyHintText)));
        x = put(buffer, x, area.y, 1, " ", ground);
    }
}

/// Writes visible text in at most `width` columns, with `…` where it is cut; gives the column behind it. Whole graphemes
/// only: a wide one that does not fit is left out.
pub(super) fn put(buffer: &mut Buffer, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
    let text = printable::visible_str(text);
    let text = printable::clip(&text, usize::from(width));
    let end = x.saturating_add(width).min(buffer.area.right());
    let mut at = x;
    for grapheme in text.graphemes(true) {
        let columns = u16::try_from(grapheme.width()).unwrap_or(u16::MAX);
        if columns == 0 {
            continue;
        }
        if at.saturating_add(columns) > end {
            break;
        }
        if let Some(cell) = buffer.cell_mut((at, y)) {
            cell.set_symbol(grapheme);
            // A bold frame must not make the words in it bold.
            cell.modifier = Modifier::empty();
            cell.set_style(style);
        }
        for hidden in at + 1..at + columns {
            if let Some(cell) = buffer.cell_mut((hidden, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
        at += columns;
    }
    at
}

/// A style on the overlay's ground. Plain text has that ground too, and not the one of the screen below.
pub(super) fn on_ground(theme: &Theme, part: Ui) -> Style {
    let ground = theme.ui(Ui::Overlay);
    if part == Ui::Base { ground } else { ground.patch(theme.ui(part)) }
}

/// The style of what is written in a field. Where a line to write on marks the field, it goes on behind the text: under the text it
/// would hide underscores.
pub(super) fn written(theme: &Theme) -> Style {
    let style = on_ground(theme, Ui::Input);
    Style { add_modifier: style.add_modifier - Modifier::UNDERLINED, ..style }
}

/// Writes a line of text in a style of the theme, over the whole row.
pub(super) fn line(buffer: &mut Buffer, area: Rect, row: u16, theme: &Theme, part: Ui, text: &str) {
    if row < area.height {
        put(buffer, area.x, area.y + row, area.width, text, on_ground(theme, part));
    }
}

/// Wraps visible text at blanks to `width` columns; longer words are cut. At least one line.
pub(super) fn wrap(text: &str, width: u16) -> Vec<String> {
    let width = usize::from(width.max(1));
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let mut columns = printable::width(word);
        if used > 0 && used + 1 + columns > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(mut line) = lines.last_mut() else { break };
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        if columns <= width {
            line.push_str(word);
            used += columns;
            continue;
        }
        for grapheme in word.graphemes(true) {
            columns = grapheme.width();
            if used + columns > width && used > 0 {
                lines.push(String::new());
                used = 0;
                let Some(next) = lines.last_mut() else { return lines };
                line = next;
            }
            line.push_str(grapheme);
            used += columns;
        }
    }
    lines
}

/// The first row of a list to show so that `selected` is in sight, the same for the same selection.
pub(super) fn first_visible(selected: usize, count: usize, rows: u16) -> usize {
    let rows = usize::from(rows.max(1));
    selected.saturating_sub(rows / 2).min(count.saturating_sub(rows))
}

/// Draws the scroll mark in the frame, behind the blank column right of `area`, when a list is longer than its room: no word touches it.
pub(super) fn scroll_mark(buffer: &mut Buffer, area: Rect, theme: &Theme, first: usize, count: usize) {
    let rows = usize::from(area.height);
    if rows == 0 || count <= rows {
        return;
    }
    let at = first * (rows - 1) / (count - rows).max(1);
    let y = area.y + u16::try_from(at.min(rows - 1)).unwrap_or(0);
    put(buffer, area.right().saturating_add(1), y, 1, "▐", on_ground(theme, Ui::OverlayBorder));
}
