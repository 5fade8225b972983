//! How the list of replies looks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame;
use super::super::list::Row;
use super::choice::Choice;
use super::{ReplyChooser, as_typed};
use crate::domain::printable::{self, visible_str};
use crate::domain::quantity::counted;
use crate::domain::reply::{Reply, ReplyText};
use crate::tui::theme::{Theme, Ui};

/// What was typed, as it is understood: in a few words, and with every setting where these leave one out.
fn understood(text: &ReplyText) -> String {
    let (words, typed) = (text.describe(), text.to_string());
    match as_typed(&typed) {
        typed if typed == words => format!("what you typed: {words}"),
        typed => format!("what you typed: {words} ({typed})"),
    }
}

impl ReplyChooser {
    /// What is wrong with what was typed, or with the files that it names.
    fn mistake(&self) -> Option<String> {
        let typed = || self.typed_reply().and_then(Result::err);
        self.refused.clone().or_else(|| typed().filter(|_| self.count() == self.first_preset() + 1))
    }

    /// The lines above the list: two, and one for words, or as many as a mistake needs.
    pub(super) fn list_area(&self, room: Rect) -> Rect {
        let words = self.mistake().map_or(1, |mistake| frame::wrap(&mistake, room.width).len());
        let top = u16::try_from(words).unwrap_or(1).saturating_add(2).min(room.height.saturating_sub(1));
        Rect { y: room.y + top, height: room.height - top, ..room }
    }

    /// The first line: which requests it is for, or which one.
    pub(super) fn view_target(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        match &self.held {
            Some(held) => {
                let part = if held.is_gone { Ui::Bad } else { Ui::Accent };
                frame::line(buffer, room, 0, theme, part, &visible_str(&held.words()));
            }
            None => self.target.view(Rect { height: room.height.min(1), ..room }, buffer, theme),
        }
    }

    pub(super) fn view_list(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        self.view_target(room, buffer, theme);
        let y = room.y + 1.min(room.height);
        let x = frame::put(buffer, room.x, y, room.width, "Find ", frame::on_ground(theme, Ui::Title));
        let field = Rect::new(x, y, room.right().saturating_sub(x), u16::from(room.height > 1));
        self.typed.view(field, buffer, theme, true);
        let own = |(path, reply): &(String, Reply)| {
            format!("{} {}", printable::visible_within(path.as_bytes(), 40), reply.describe())
        };
        let others: Vec<String> = self.own_paths.iter().map(own).collect();
        match (self.mistake(), others.is_empty(), self.rules_on) {
            (Some(mistake), ..) => {
                for (row, line) in (2..room.height.saturating_sub(1)).zip(frame::wrap(&mistake, room.width)) {
                    frame::line(buffer, room, row, theme, Ui::Bad, &line);
                }
            }
            (None, _, 1..) => {
                let rules = counted(self.rules_on, "rule");
                frame::line(
                    buffer,
                    room,
                    2,
                    theme,
                    Ui::Warn,
                    &format!("{rules} in force may reply before this: ^r lists them"),
                );
            }
            (None, false, 0) => {
                frame::line(buffer, room, 2, theme, Ui::Muted, &format!("Own replies: {}", others.join(", ")));
            }
            (None, true, 0) if self.typed.text().is_empty() => {
                let words = "a preset, or type a reply: 503 delay=2s; all kinds are at the end";
                frame::line(buffer, room, 2, theme, Ui::Muted, words);
            }
            (None, true, 0) => {}
        }
        self.cursor.view(self.list_area(room), buffer, theme, self.count(), |at, draw| match self.choice(at) {
            Choice::AsOthers if self.held.is_some() => draw(&Row {
                cells: &[("as is", 10, Ui::Base), ("let it go with what the rules say", 0, Ui::Muted)],
                right: "",
            }),
            Choice::AsOthers => draw(&Row {
                cells: &[("as all", 10, Ui::Base), ("take back the reply of this path: as all others", 0, Ui::Muted)],
                right: "",
            }),
            Choice::Preset(preset) => {
                let is_in_force = !self.target.only_path && preset.reply().to_string() == self.in_force.1;
                draw(&Row {
                    cells: &[(preset.name, 10, Ui::Base), (preset.words, 0, Ui::Muted)],
                    right: if is_in_force { "● in force" } else { "" },
                });
            }
            Choice::Saved(at) => {
                let Some(saved) = self.saved.get(at) else { return };
                let (name, text) = (visible_str(&saved.name), visible_str(as_typed(&saved.text)));
                draw(&Row { cells: &[(&name, 24, Ui::Base), (&text, 0, Ui::Muted)], right: "" });
            }
            Choice::Own => {
                let words = match self.typed_reply() {
                    None => "status, headers, body and delay as you like".to_owned(),
                    Some(Ok(text)) => understood(&text),
                    Some(Err(_)) => "what you typed is no reply yet".to_owned(),
                };
                let name = if self.typed.text().is_empty() { "own..." } else { "typed" };
                draw(&Row { cells: &[(name, 10, Ui::Base), (&words, 0, Ui::Muted)], right: "" });
            }
            Choice::Example(example) => draw(&Row {
                cells: &[("type", 10, Ui::Muted), (example.text, 36, Ui::Base), (example.words, 0, Ui::Muted)],
                right: "",
            }),
        });
    }
}
