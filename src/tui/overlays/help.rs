//! All keys, as they are bound now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::filter::{FIELDS, SYNTAX, about_field};
use crate::tui::action::{Group, TABLE};
use crate::tui::key::{Key, KeyCode, Mouse, MouseKind};
use crate::tui::keymap::show_key;
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 78;

/// A line of help.
#[derive(Clone, Debug)]
enum Row {
    Heading(&'static str),
    Key { keys: String, words: String },
    Blank,
}

/// Help: sections of keys, made from the table of actions.
#[derive(Clone, Debug)]
pub struct Help {
    rows: Vec<Row>,
    keys_width: u16,
    top: usize,
}

impl Help {
    /// From the bindings in force.
    pub fn new(context: &OverlayContext<'_>) -> Self {
        let mut rows = Vec::new();
        for group in Group::ALL {
            section(&mut rows, group.title());
            for info in TABLE.iter().filter(|info| info.group == group) {
                let keys: Vec<String> = context.keymap.keys(info.action).iter().map(|key| show_key(*key)).collect();
                let keys = if keys.is_empty() { format!(":{}", info.name) } else { keys.join(" ") };
                rows.push(Row::Key { keys, words: info.words.to_owned() });
            }
        }
        section(&mut rows, "Filter");
        rows.extend(
            FIELDS
                .iter()
                .map(|(name, words)| Row::Key { keys: format!("{name}:"), words: about_field(name, words).to_owned() }),
        );
        rows.extend(
            SYNTAX.iter().map(|(term, words)| Row::Key { keys: (*term).to_owned(), words: (*words).to_owned() }),
        );
        let widest = rows.iter().map(|row| if let Row::Key { keys, .. } = row { keys.len() } else { 0 }).max();
        Self { rows, keys_width: u16::try_from(widest.unwrap_or(0)).unwrap_or(0).min(20), top: 0 }
    }

    fn frame(area: Rect) -> Rect {
        frame::place(area, WIDTH, area.height.saturating_sub(2).max(3))
    }

    /// The rows as lines of that width: keys, and words that go on below themselves.
    fn lines(&self, width: u16) -> Vec<(Ui, String, String)> {
        let words_width = width.saturating_sub(self.keys_column(width));
        let mut lines = Vec::new();
        for row in &self.rows {
            match row {
                Row::Blank => lines.push((Ui::Base, String::new(), String::new())),
                Row::Heading(title) => lines.push((Ui::Title, (*title).to_owned(), String::new())),
                Row::Key { keys, words } => {
                    let mut keys = Some(keys.clone());
                    for words in frame::wrap(words, words_width) {
                        lines.push((Ui::KeyHint, keys.take().unwrap_or_default(), words));
                    }
                }
            }
        }
        lines
    }

    /// Columns of the keys and the gap behind them.
    fn keys_column(&self, width: u16) -> u16 {
        (self.keys_width + 2).min(width / 2)
    }

    fn scroll(&mut self, lines: isize, size: (u16, u16)) {
        let room = frame::room(Self::frame(Rect::new(0, 0, size.0, size.1)), &self.hints());
        let last_top = self.lines(room.width).len().saturating_sub(usize::from(room.height));
        self.top = self.top.min(last_top).saturating_add_signed(lines).min(last_top);
    }
}

fn section(rows: &mut Vec<Row>, title: &'static str) {
    if !rows.is_empty() {
        rows.push(Row::Blank);
    }
    rows.push(Row::Heading(title));
}

impl Window for Help {
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        let page = isize::try_from(context.size.1.saturating_sub(5)).unwrap_or(1).max(1);
        let lines = match (key.code, key.ctrl) {
            _ if is_close(key) => return Step::Close,
            (KeyCode::Char('q' | '?') | KeyCode::F(1) | KeyCode::Enter, false) => return Step::Close,
            (KeyCode::Char('j') | KeyCode::Down, false) => 1,
            (KeyCode::Char('k') | KeyCode::Up, false) => -1,
            (KeyCode::Char('d'), true) => page / 2,
            (KeyCode::Char('u'), true) => -page / 2,
            (KeyCode::Char('f'), true) | (KeyCode::PageDown | KeyCode::Char(' '), false) => page,
            (KeyCode::Char('b'), true) | (KeyCode::PageUp, false) => -page,
            (KeyCode::Char('g') | KeyCode::Home, false) => isize::MIN,
            (KeyCode::Char('G') | KeyCode::End, false) => isize::MAX,
            _ => return Step::Stay,
        };
        self.scroll(lines, context.size);
        Step::Stay
    }

    fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        match mouse.kind {
            MouseKind::ScrollUp => self.scroll(-3, context.size),
            MouseKind::ScrollDown => self.scroll(3, context.size),
            _ => {}
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let room = frame::draw(Self::frame(area), buffer, theme, "Help", &self.hints());
        let lines = self.lines(room.width);
        let top = self.top.min(lines.len().saturating_sub(usize::from(room.height)));
        let column = self.keys_column(room.width);
        for (y, (part, keys, words)) in (room.top()..room.bottom()).zip(lines.iter().skip(top)) {
            let width = if *part == Ui::Title { room.width } else { column.saturating_sub(1) };
            frame::put(buffer, room.x, y, width, keys, frame::on_ground(theme, *part));
            let words_width = room.width.saturating_sub(column);
            frame::put(buffer, room.x + column, y, words_width, words, frame::on_ground(theme, Ui::Base));
        }
        frame::scroll_mark(buffer, room, theme, top, lines.len());
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("j k", "scroll"), ("Space", "page"), ("Esc", "close")]
    }
}
