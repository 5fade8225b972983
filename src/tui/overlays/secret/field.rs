//! The field that a secret is typed into. Its text is zeroed when it goes, and never leaves copies behind when it grows or
//! is edited: that is why it is no [`super::super::line::LineInput`], whose library keeps what was cut, and lets go of old
//! memory as it is.

use std::fmt;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;
use zeroize::{Zeroize as _, Zeroizing};

use super::super::field_row;
use super::super::line::CHARS_MAX;
use crate::domain::printable;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::Theme;

/// Room from the start: only a key in PEM needs more.
const ROOM_BYTES: usize = 1024;

/// Text with a cursor. Grapheme by grapheme: nobody edits a secret by words.
pub(super) struct SecretField {
    text: Zeroizing<String>,
    /// Bytes before the cursor.
    cursor: usize,
    /// Whether dots stand for the characters.
    pub(super) masked: bool,
}

impl fmt::Debug for SecretField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretField(..)")
    }
}

impl Clone for SecretField {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.insert(&self.text);
        Self { cursor: self.cursor, masked: self.masked, ..copy }
    }
}

impl SecretField {
    /// Empty, masked.
    pub(super) fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(ROOM_BYTES)), cursor: 0, masked: true }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Puts text at the cursor as it is, as far as it fits.
    pub(super) fn insert(&mut self, text: &str) {
        let room = CHARS_MAX.saturating_sub(self.text.chars().count());
        let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
        let text = text.get(..end).unwrap_or_default();
        let (before, after) = self.parts();
        let bytes = self.text.len() + text.len();
        // A new place whenever it grows: the old one is zeroed as it goes, which a string that grows by itself does not do.
        let mut grown = Zeroizing::new(String::with_capacity(bytes.next_power_of_two().max(ROOM_BYTES)));
        grown.push_str(before);
        grown.push_str(text);
        grown.push_str(after);
        self.text = grown;
        self.cursor += text.len();
    }

    /// Takes a key; says whether the key belonged here.
    pub(super) fn update(&mut self, key: Key) -> bool {
        let (before, after) = self.parts();
        let previous = before.graphemes(true).next_back().map_or(0, str::len);
        let next = after.graphemes(true).next().map_or(0, str::len);
        match (key.code, key.ctrl, key.alt) {
            (KeyCode::Char(char), false, false) => {
                let mut utf8 = [0; 4];
                self.insert(char.encode_utf8(&mut utf8));
                utf8.zeroize();
            }
            (KeyCode::Home, ..) | (KeyCode::Char('a'), true, _) => self.cursor = 0,
            (KeyCode::End, ..) | (KeyCode::Char('e'), true, _) => self.cursor = self.text.len(),
            (KeyCode::Left, ..) | (KeyCode::Char('b'), true, _) => self.cursor -= previous,
            (KeyCode::Right, ..) | (KeyCode::Char('f'), true, _) => self.cursor += next,
            (KeyCode::Backspace, ..) | (KeyCode::Char('h'), true, _) => {
                self.cut(self.cursor - previous, self.cursor);
            }
            (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, _) => self.cut(self.cursor, self.cursor + next),
            (KeyCode::Char('u'), true, _) => self.cut(0, self.cursor),
            (KeyCode::Char('k'), true, _) => self.cut(self.cursor, self.text.len()),
            _ => return false,
        }
        true
    }

    fn parts(&self) -> (&str, &str) {
        self.text.split_at_checked(self.cursor).unwrap_or((&self.text, ""))
    }

    /// Cuts bytes out: what is left is moved, and the old place zeroed.
    fn cut(&mut self, start: usize, end: usize) {
        let mut left = Zeroizing::new(String::with_capacity(self.text.capacity()));
        left.push_str(self.text.get(..start).unwrap_or_default());
        left.push_str(self.text.get(end..).unwrap_or_default());
        self.text = left;
        self.cursor = start;
    }

    /// Draws the field over one row; the part before the cursor when it is too long. `focused`: with the cursor.
    pub(super) fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme, focused: bool) {
        let (before, after) = self.parts();
        field_row::draw(area, buffer, theme, (&self.shown(before), &self.shown(after)), focused);
    }

    fn shown(&self, text: &str) -> Zeroizing<String> {
        Zeroizing::new(match self.masked {
            true => "•".repeat(text.graphemes(true).count()),
            false => printable::visible_str(text).into_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
