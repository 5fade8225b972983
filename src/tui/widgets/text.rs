//! Text in cells: measured by the width that terminals give it, and never cut without a sign.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::printable::visible_str;

/// Columns that the text takes.
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// The text in at most `columns_max` columns; what is cut ends in `…`.
pub fn clip(text: &str, columns_max: u16) -> Cow<'_, str> {
    // A text has at least one byte a column, so a short one needs no measuring.
    if text.len() <= usize::from(columns_max) && text.is_ascii() || width(text) <= columns_max {
        return Cow::Borrowed(text);
    }
    if columns_max == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = String::new();
    let mut used = 0u16;
    for grapheme in text.graphemes(true) {
        let columns = width(grapheme);
        if used + columns > columns_max - 1 {
            break;
        }
        kept.push_str(grapheme);
        used += columns;
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// Writes from left to right in one row and stops at its end: the visible form of what it is given, whoever forgot the gate.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    x: u16,
    y: u16,
    end: u16,
}

impl<'a> Pen<'a> {
    /// In the first row of `area`. An area outside the buffer is cut to it.
    pub fn new(buffer: &'a mut Buffer, area: Rect) -> Self {
        let area = area.intersection(buffer.area);
        let end = if area.height == 0 { area.x } else { area.right() };
        Self { buffer, x: area.x, y: area.y, end }
    }

    /// Columns left.
    pub fn left(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// Where the next text goes.
    pub fn x(&self) -> u16 {
        self.x
    }

    /// Writes; what does not fit is cut with `…`.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let left = self.left();
        if left > 0 {
            let text = visible_str(text);
            let shown = clip(&text, left);
            let (x, _) = self.buffer.set_stringn(self.x, self.y, &shown, usize::from(left), style);
            // A wide character may leave a column free behind the sign; nothing follows it.
            self.x = if shown.len() == text.len() { x } else { self.end };
        }
        self
    }

    /// Leaves columns as they are.
    pub fn skip(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// Writes in exactly `columns` columns, to the left.
    pub fn cell(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let next = self.x.saturating_add(columns).min(self.end);
        let text = visible_str(text);
        let text = clip(&text, next - self.x);
        if !text.is_empty() {
            self.buffer.set_stringn(self.x, self.y, &text, usize::from(next - self.x), style);
        }
        self.x = next;
        self
    }

    /// Writes in exactly `columns` columns, to the right.
    pub fn cell_right(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let text = visible_str(text);
        let text = clip(&text, columns);
        let pad = columns.saturating_sub(width(&text));
        self.skip(pad).cell(&text, columns - pad, style)
    }

    /// Repeats one narrow character to the end of the row, `but` some columns.
    pub fn fill(&mut self, symbol: &str, but: u16, style: Style) -> &mut Self {
        while self.left() > but {
            self.buffer.set_stringn(self.x, self.y, symbol, 1, style);
            self.x += 1;
        }
        self
    }
}

/// Gives the area a style and blanks.
pub fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }
}

/// Breaks text at blanks into rows of at most `columns`; a word that is longer is broken where it must be.
pub fn wrap(text: &str, columns: u16) -> Vec<String> {
    let columns = columns.max(2);
    let mut rows = vec![String::new()];
    for word in text.split_whitespace() {
        let mut rest = word;
        loop {
            let Some(row) = rows.last_mut() else { return rows };
            let gap = u16::from(!row.is_empty());
            let left = columns.saturating_sub(width(row) + gap);
            if width(rest) <= left {
                row.push_str(if gap == 1 { " " } else { "" });
                row.push_str(rest);
                break;
            }
            if row.is_empty() {
                let mut used = 0;
                let end = rest.grapheme_indices(true).find_map(|(at, grapheme)| {
                    used += width(grapheme);
                    (used > left && at > 0).then_some(at)
                });
                let (head, tail) = rest.split_at(end.unwrap_or(rest.len()));
                row.push_str(head);
                rest = tail;
                if rest.is_empty() {
                    break;
                }
            }
            rows.push(String::new());
        }
    }
    rows
}
