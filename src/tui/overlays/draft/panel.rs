//! What stands below the text of an edited copy: where it goes, its signature, logins, what was changed, and what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame;
use super::{DraftEditor, Focus, LABEL_COLUMNS, PANEL_ROWS, Text};
use crate::tui::theme::{Theme, Ui};

impl DraftEditor {
    pub(super) fn view_panel(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let label = |buffer: &mut Buffer, row: u16, text: &str, focused: bool| {
            let part = if focused { Ui::Accent } else { Ui::Title };
            if row < area.height {
                let width = area.width.min(LABEL_COLUMNS - 1);
                frame::put(buffer, area.x, area.y + row, width, text, frame::on_ground(theme, part));
            }
        };
        let value = |row: u16| {
            let x = area.x + LABEL_COLUMNS.min(area.width);
            Rect::new(x, area.y + row.min(area.height), area.right() - x, u16::from(row < area.height))
        };
        let extra = u16::from(!self.credentials.is_empty());
        let is_low = area.height < PANEL_ROWS;
        if is_low {
            let mut rows = 1;
            match self.urgent() {
                Some((part, words)) => {
                    let lines = frame::wrap(&words, area.width);
                    rows = area.height.saturating_sub(extra).max(1);
                    for (row, line) in (0..rows).zip(&lines) {
                        // What has no room is marked as cut by the frame's line.
                        let line = if row + 1 == rows {
                            lines.get(usize::from(row)..).unwrap_or_default().join(" ")
                        } else {
                            line.clone()
                        };
                        frame::line(buffer, area, row, theme, part, &line);
                    }
                }
                None if self.focus == Focus::Target => {
                    label(buffer, 0, "Send to", true);
                    self.target.view(value(0), buffer, theme, true);
                }
                None => {
                    label(buffer, 0, "Signature", false);
                    let (part, words) = self.signature_words();
                    frame::line(buffer, value(0), 0, theme, part, &words);
                }
            }
            self.view_logins(rows, &label, &value, buffer, theme);
            return;
        }
        label(buffer, 0, "Send to", self.focus == Focus::Target);
        let has_target = self.focus == Focus::Target || !self.target.text().is_empty();
        if has_target {
            self.target.view(value(0), buffer, theme, self.focus == Focus::Target);
        } else {
            frame::line(buffer, value(0), 0, theme, Ui::Muted, "asked for when it is sent (Tab writes it now)");
        }
        label(buffer, 1, "Signature", false);
        let (part, words) = self.signature_words();
        frame::line(buffer, value(1), 0, theme, part, &words);
        self.view_logins(2, &label, &value, buffer, theme);
        label(buffer, 2 + extra, "Changed", false);
        let changed = self.changes();
        let words = match &self.draft {
            Err(_) => "cannot be read yet".to_owned(),
            Ok(_) if changed.any() => changed.words(),
            Ok(_) => "nothing: goes out as it came".to_owned(),
        };
        frame::line(buffer, value(2 + extra), 0, theme, Ui::Base, &words);
        let Some((part, words)) = self.last_line() else { return };
        let mut lines = frame::wrap(&words, area.width);
        if lines.len() > 1 && area.height >= PANEL_ROWS + extra {
            // Long words take the row above too: a mistake matters more than what was changed.
            let row = Rect { y: area.y + 2 + extra, height: 1, ..area };
            frame::line(buffer, row, 0, theme, part, &format!("{:1$}", lines.remove(0), usize::from(area.width)));
            lines = vec![lines.join(" ")];
        }
        let row = Rect { y: area.y + (3 + extra).min(area.height), height: u16::from(area.height > 3 + extra), ..area };
        frame::line(buffer, row, 0, theme, part, lines.first().map_or("", String::as_str));
    }

    /// Whom the logins go to, in that row of the panel; nothing where there are none.
    fn view_logins(
        &self,
        row: u16,
        label: &impl Fn(&mut Buffer, u16, &str, bool),
        value: &impl Fn(u16) -> Rect,
        buffer: &mut Buffer,
        theme: &Theme,
    ) {
        if self.credentials.is_empty() {
            return;
        }
        label(buffer, row, "Logins", false);
        let names = self.credentials.join(", ");
        let (part, words) = match self.sends_credentials {
            true => (Ui::Warn, format!("{names} go to whatever host it is; ^t keeps them back")),
            false => (Ui::Base, format!("{names} go to this machine and the sender's host only; ^t sends them")),
        };
        frame::line(buffer, value(row), 0, theme, part, &words);
    }

    /// What must be said, however little room there is.
    pub(super) fn urgent(&self) -> Option<(Ui, String)> {
        self.last_line().filter(|(part, _)| *part != Ui::Muted)
    }

    /// What is most urgent to say.
    fn last_line(&self) -> Option<(Ui, String)> {
        if self.leaving {
            return Some((
                Ui::Warn,
                "The changes are not sent: Esc again drops them, any other key goes on".to_owned(),
            ));
        }
        if let Err(error) = &self.draft {
            return Some((Ui::Bad, error.to_string()));
        }
        if let Some(mistake) = &self.mistake {
            return Some((Ui::Bad, format!("Send to: {mistake}")));
        }
        if let Text::Here(text) = &self.text {
            let (line, column) = text.position();
            return Some((Ui::Muted, format!("line {line} of {}, column {column}", text.lines())));
        }
        None
    }
}
