//! A field of one line.

use std::fmt;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::{Input, InputRequest};

use super::field_row;
use crate::domain::printable;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::Theme;

/// Longest text of a field, in characters.
pub(super) const CHARS_MAX: usize = 8_000;

/// A field of one line with its cursor. What is typed stays as it is; only what is drawn is made visible.
#[derive(Clone, Default)]
pub(super) struct LineInput {
    input: Input,
}

impl fmt::Debug for LineInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is typed is the user's own.
        f.write_str("LineInput(..)")
    }
}

impl LineInput {
    /// With this text, cursor behind it.
    pub(super) fn new(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()) }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        self.input.value()
    }

    /// Other text, cursor behind it.
    pub(super) fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Takes a key; says whether the key belonged here.
    pub(super) fn update(&mut self, key: Key) -> bool {
        let Some(request) = request(key) else { return false };
        let full = self.text().len() >= CHARS_MAX;
        if !(full && matches!(request, InputRequest::InsertChar(_))) {
            self.input.handle(request);
        }
        true
    }

    /// Puts pasted text at the cursor. Line ends round it are dropped, those inside become blanks.
    pub(super) fn paste(&mut self, text: &str) {
        let text = text.trim_matches(['\r', '\n']).replace("\r\n", " ").replace(['\r', '\n'], " ");
        self.insert(&text);
    }

    /// Puts text at the cursor as it is.
    pub(super) fn insert(&mut self, text: &str) {
        for char in text.chars().take(CHARS_MAX.saturating_sub(self.text().len())) {
            self.input.handle(InputRequest::InsertChar(char));
        }
    }

    /// Draws the field over one row; the part round the cursor when it is too long. `focused`: with the cursor.
    pub(super) fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme, focused: bool) {
        let before: String = self.text().chars().take(self.input.cursor()).collect();
        let after = self.text().get(before.len()..).unwrap_or_default();
        let (before, after) = (printable::visible_str(&before), printable::visible_str(after));
        field_row::draw(area, buffer, theme, (&before, &after), focused);
    }
}

fn request(key: Key) -> Option<InputRequest> {
    use InputRequest as R;
    use KeyCode as K;
    Some(match (key.code, key.ctrl, key.alt) {
        (K::Char(char), false, false) => R::InsertChar(char),
        (K::Char('a'), true, false) | (K::Home, ..) => R::GoToStart,
        (K::Char('e'), true, false) | (K::End, ..) => R::GoToEnd,
        (K::Char('b'), false, true) | (K::Left, true, _) | (K::Left, _, true) => R::GoToPrevWord,
        (K::Char('f'), false, true) | (K::Right, true, _) | (K::Right, _, true) => R::GoToNextWord,
        (K::Char('b'), true, false) | (K::Left, ..) => R::GoToPrevChar,
        (K::Char('f'), true, false) | (K::Right, ..) => R::GoToNextChar,
        (K::Char('w'), true, false) | (K::Backspace, true, _) | (K::Backspace, _, true) => R::DeletePrevWord,
        (K::Char('d'), false, true) | (K::Delete, true, _) => R::DeleteNextWord,
        (K::Char('h'), true, false) | (K::Backspace, ..) => R::DeletePrevChar,
        (K::Char('d'), true, false) | (K::Delete, ..) => R::DeleteNextChar,
        (K::Char('u'), true, false) => R::DeleteFromStart,
        (K::Char('k'), true, false) => R::DeleteTillEnd,
        (K::Char('y'), true, false) => R::Yank,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
