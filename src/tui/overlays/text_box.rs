//! A field of many lines. Editing is the text area's; drawing is ours: long lines are wrapped, nothing is hidden, and what
//! cannot be shown stands there in its visible form while the text keeps its own characters.

use std::fmt;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use super::frame;
use crate::domain::printable;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

/// A text with a cursor and its undo steps.
#[derive(Clone)]
pub(super) struct TextBox {
    area: TextArea<'static>,
}

impl fmt::Debug for TextBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextBox({} lines)", self.area.lines().len())
    }
}

/// Largest text: each key costs time in proportion to it.
const TEXT_BYTES_MAX: usize = 200 * 1024;

/// Most lines, and most bytes in a line: the text area numbers places with 16 bits, and the line with the cursor is wrapped
/// anew for each frame.
const LINE_MAX: usize = 60_000;

/// Whether a text can be edited in a [`TextBox`].
pub(super) fn fits(text: &str) -> bool {
    text.len() <= TEXT_BYTES_MAX
        && text.split('\n').all(|line| line.len() <= LINE_MAX)
        && text.bytes().filter(|byte| *byte == b'\n').count() < LINE_MAX
}

/// A row on the screen: a part of a line.
struct Row {
    /// Its line.
    line: usize,
    /// What is drawn, with the character of the line that each piece stands for and the columns that it takes.
    pieces: Vec<(usize, String, usize)>,
    /// One past its last character.
    end: usize,
    /// Whether the line goes on below.
    continues: bool,
}

impl TextBox {
    /// With this text, cursor before it.
    pub(super) fn new(text: &str) -> Self {
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_max_histories(100);
        Self { area }
    }

    /// The whole text, lines parted by LF.
    pub(super) fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// How many bytes the text has.
    pub(super) fn size_bytes(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + 1).sum::<usize>().saturating_sub(1)
    }

    /// Line and character of the cursor, from 1.
    pub(super) fn position(&self) -> (usize, usize) {
        let (row, column) = self.cursor();
        (row + 1, column + 1)
    }

    fn cursor(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }

    /// Takes a key; `size` is the room that it is drawn in. Says whether the text changed.
    pub(super) fn update(&mut self, key: Key, size: (u16, u16)) -> bool {
        let page = isize::try_from(size.1.max(2) - 1).unwrap_or(1);
        let plain = !key.ctrl && !key.alt && !key.shift;
        match key.code {
            KeyCode::Up if plain => self.rows_down(-1, size.0),
            KeyCode::Down if plain => self.rows_down(1, size.0),
            KeyCode::PageUp => self.rows_down(-page, size.0),
            KeyCode::PageDown => self.rows_down(page, size.0),
            KeyCode::Home if key.ctrl => self.jump(0, 0),
            KeyCode::End if key.ctrl => {
                self.area.move_cursor(CursorMove::Bottom);
                self.area.move_cursor(CursorMove::End);
            }
            _ => return area_key(key.code).is_some_and(|code| self.area.input(input(key, code))),
        }
        false
    }

    /// Puts pasted text at the cursor; CRLF and CR become line ends.
    pub(super) fn paste(&mut self, text: &str) {
        self.area.insert_str(text.replace("\r\n", "\n").replace('\r', "\n"));
    }

    /// Moves over rows as they are on the screen.
    fn rows_down(&mut self, rows: isize, width: u16) {
        let (line, column) = self.cursor();
        let here = self.rows_of(line, width);
        let at = row_with(&here, column);
        let x = here.get(at).map_or(0, |row| column_of(row, column));
        let (mut line, mut at, mut rows_of_line) = (line, at, here);
        for _ in 0..rows.unsigned_abs() {
            if rows > 0 && at + 1 < rows_of_line.len() {
                at += 1;
            } else if rows > 0 && line + 1 < self.area.lines().len() {
                line += 1;
                at = 0;
                rows_of_line = self.rows_of(line, width);
            } else if rows < 0 && at > 0 {
                at -= 1;
            } else if rows < 0 && line > 0 {
                line -= 1;
                rows_of_line = self.rows_of(line, width);
                at = rows_of_line.len().saturating_sub(1);
            } else {
                break;
            }
        }
        let target = rows_of_line.get(at).map_or(0, |row| character_at(row, x));
        self.jump(line, target);
    }

    /// Places behind 65 535, which the text area cannot jump to, are cut to it: see [`fits`].
    fn jump(&mut self, line: usize, column: usize) {
        let near = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(near(line), near(column)));
    }

    fn rows_of(&self, line: usize, width: u16) -> Vec<Row> {
        let text = self.area.lines().get(line).map_or("", String::as_str);
        wrap(line, text, usize::from(width.max(2)) - 1)
    }

    /// Rows that the text takes in a box of that width, as far as `most`.
    pub(super) fn rows_len(&self, width: u16, most: u16) -> u16 {
        let lines = 0..self.area.lines().len().min(usize::from(most));
        let rows: usize = lines.map(|line| self.rows_of(line, width).len()).sum();
        u16::try_from(rows).unwrap_or(most).min(most)
    }

    /// Draws the rows round the cursor. The cursor's row is in the middle as soon as there are enough rows above it.
    pub(super) fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme, focused: bool) {
        if area.is_empty() {
            return;
        }
        let (line, column) = self.cursor();
        let rows = self.rows_round(line, column, area);
        // Ruled like paper, a page of text could not be read.
        let style = if area.height == 1 { frame::on_ground(theme, Ui::Input) } else { frame::written(theme) };
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                frame::put(buffer, x, y, 1, " ", style);
            }
        }
        for (y, row) in (area.top()..area.bottom()).zip(&rows) {
            let has_cursor = focused && row.line == line && holds(row, column);
            draw_row(row, Rect { y, height: 1, ..area }, buffer, theme, has_cursor.then_some(column));
        }
    }

    /// How many lines there are; a text without a line end has one.
    pub(super) fn lines(&self) -> usize {
        self.area.lines().len()
    }

    /// Of how many rows, and from which on, those are drawn that [`Self::view`] draws: as far as that is known without wrapping all.
    pub(super) fn seen(&self, area: Rect) -> (usize, usize) {
        let (line, column) = self.cursor();
        let rows = self.rows_round(line, column, area);
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return (0, 0) };
        (self.area.lines().len() + rows.len() - (last.line + 1 - first.line), first.line)
    }

    fn rows_round(&self, line: usize, column: usize, area: Rect) -> Vec<Row> {
        let height = usize::from(area.height);
        let mut rows = self.rows_of(line, area.width);
        let mut cursor_at = row_with(&rows, column);
        let mut first = line;
        while cursor_at < height && first > 0 {
            first -= 1;
            let mut above = self.rows_of(first, area.width);
            cursor_at += above.len();
            above.append(&mut rows);
            rows = above;
        }
        let mut last = line;
        while rows.len() - cursor_at <= height && last + 1 < self.area.lines().len() {
            last += 1;
            rows.append(&mut self.rows_of(last, area.width));
        }
        let top = cursor_at.saturating_sub(height / 2).min(rows.len().saturating_sub(height));
        rows.drain(..top);
        rows.truncate(height);
        rows
    }
}

fn draw_row(row: &Row, area: Rect, buffer: &mut Buffer, theme: &Theme, cursor: Option<usize>) {
    let style = frame::written(theme);
    let mut x = area.x;
    let mut is_drawn = false;
    for (at, shown, width) in &row.pieces {
        let columns = u16::try_from(*width).unwrap_or(u16::MAX);
        let is_cursor = !is_drawn && cursor.is_some_and(|cursor| *at >= cursor);
        is_drawn |= is_cursor;
        let style = if is_cursor { style.patch(theme.ui(Ui::Cursor)) } else { style };
        x = frame::put(buffer, x, area.y, columns.min(area.right().saturating_sub(x)), shown, style);
    }
    if cursor.is_some() && !is_drawn {
        frame::put(buffer, x, area.y, area.right().saturating_sub(x).min(1), " ", style.patch(theme.ui(Ui::Cursor)));
    }
    if row.continues {
        frame::put(buffer, area.right() - 1, area.y, 1, "↩", style.patch(theme.ui(Ui::Muted)));
    }
}

/// Cuts a line into rows of at most `width` columns. At least one row.
fn wrap(line: usize, text: &str, width: usize) -> Vec<Row> {
    let width = width.max(1);
    let mut rows = vec![Row { line, pieces: Vec::new(), end: 0, continues: false }];
    let mut used = 0;
    let mut at = 0;
    for grapheme in text.graphemes(true) {
        let shown = printable::visible_str(grapheme);
        let columns = printable::width(&shown);
        if used + columns > width && used > 0 {
            if let Some(row) = rows.last_mut() {
                row.continues = true;
            }
            rows.push(Row { line, pieces: Vec::new(), end: at, continues: false });
            used = 0;
        }
        let Some(row) = rows.last_mut() else { break };
        row.pieces.push((at, shown.into_owned(), columns));
        at += grapheme.chars().count();
        row.end = at;
        used += columns;
    }
    rows
}

/// Whether the cursor before this character is drawn in this row.
fn holds(row: &Row, column: usize) -> bool {
    let start = row.pieces.first().map_or(0, |(at, _, _)| *at);
    start <= column && (column < row.end || !row.continues)
}

fn row_with(rows: &[Row], column: usize) -> usize {
    rows.iter().position(|row| holds(row, column)).unwrap_or(0)
}

/// The screen column of a character in its row.
fn column_of(row: &Row, character: usize) -> usize {
    row.pieces.iter().take_while(|(at, _, _)| *at < character).map(|(_, _, width)| width).sum()
}

/// The character at a screen column of a row.
fn character_at(row: &Row, x: usize) -> usize {
    let mut used = 0;
    for (at, _, width) in &row.pieces {
        if used + width > x {
            return *at;
        }
        used += width;
    }
    // Behind the last character of a row that goes on is the next row.
    if row.continues { row.pieces.last().map_or(0, |(at, _, _)| *at) } else { row.end }
}

fn input(key: Key, code: AreaKey) -> Input {
    Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift }
}

fn area_key(code: KeyCode) -> Option<AreaKey> {
    Some(match code {
        KeyCode::Char(char) => AreaKey::Char(char),
        KeyCode::Enter => AreaKey::Enter,
        KeyCode::Backspace => AreaKey::Backspace,
        KeyCode::Delete => AreaKey::Delete,
        KeyCode::Left => AreaKey::Left,
        KeyCode::Right => AreaKey::Right,
        KeyCode::Up => AreaKey::Up,
        KeyCode::Down => AreaKey::Down,
        KeyCode::Home => AreaKey::Home,
        KeyCode::End => AreaKey::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
