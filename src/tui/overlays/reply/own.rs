//! The form of an own reply: status, delay, headers, body.

use bytes::Bytes;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame;
use super::super::line::LineInput;
use super::super::text_box::TextBox;
use super::super::window::is_close;
use crate::domain::headers::Headers;
use crate::domain::printable;
use crate::domain::reply::{self, Reply, parse_delay, show_delay};
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const LABEL_COLUMNS: u16 = 9;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Status,
    Delay,
    Headers,
    Body,
}

const FIELDS: [(Field, &str); 4] =
    [(Field::Status, "Status"), (Field::Delay, "Delay"), (Field::Headers, "Headers"), (Field::Body, "Body")];

/// What comes of a key.
pub(super) enum Outcome {
    Stay,
    Back,
    TurnScope,
    Set(Reply),
}

/// The form.
#[derive(Clone, Debug)]
pub(super) struct OwnReply {
    focus: Field,
    status: LineInput,
    delay: LineInput,
    headers: TextBox,
    body: TextBox,
    /// The body that it began with, when it is not text: kept while the field is left empty.
    binary: Option<Bytes>,
}

impl OwnReply {
    /// Filled in from a reply.
    pub(super) fn new(start: &Reply) -> Self {
        let lines: Vec<String> = start
            .headers
            .iter()
            .map(|header| format!("{}: {}", printable::visible(&header.name), printable::visible(&header.value)))
            .collect();
        let text = std::str::from_utf8(&start.body).ok();
        Self {
            focus: Field::Status,
            status: LineInput::new(&start.status.to_string()),
            delay: LineInput::new(&if start.delay_ms > 0 { show_delay(start.delay_ms, "") } else { String::new() }),
            headers: TextBox::new(&lines.join("\n")),
            body: TextBox::new(text.unwrap_or_default()),
            binary: text.is_none().then(|| start.body.clone()),
        }
    }

    pub(super) fn update(&mut self, key: Key, room: (u16, u16)) -> Outcome {
        let (headers, body) = heights(room.1.saturating_sub(1));
        let width = room.0.saturating_sub(LABEL_COLUMNS);
        match key.code {
            _ if is_close(key) => return Outcome::Back,
            KeyCode::Char('s') if key.ctrl => return self.finish(),
            KeyCode::Enter if key.ctrl => return self.finish(),
            KeyCode::Char('t') if key.ctrl => return Outcome::TurnScope,
            KeyCode::Tab => self.turn(1),
            KeyCode::BackTab => self.turn(FIELDS.len() - 1),
            KeyCode::Enter | KeyCode::Down if matches!(self.focus, Field::Status | Field::Delay) => self.turn(1),
            KeyCode::Up if self.focus == Field::Delay => self.turn(FIELDS.len() - 1),
            _ => match self.focus {
                Field::Status => {
                    self.status.update(key);
                }
                Field::Delay => {
                    self.delay.update(key);
                }
                Field::Headers => {
                    self.headers.update(key, (width, headers));
                }
                Field::Body => {
                    self.body.update(key, (width, body));
                }
            },
        }
        Outcome::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        match self.focus {
            Field::Status => self.status.paste(text.trim()),
            Field::Delay => self.delay.paste(text.trim()),
            Field::Headers => self.headers.paste(text.trim_end_matches(['\r', '\n'])),
            Field::Body => self.body.paste(text),
        }
    }

    fn is_empty(&self, field: Field) -> bool {
        match field {
            Field::Status => self.status.text().is_empty(),
            Field::Delay => self.delay.text().is_empty(),
            Field::Headers => self.headers.text().is_empty(),
            Field::Body => self.body.text().is_empty() && self.binary.is_none(),
        }
    }

    fn turn(&mut self, by: usize) {
        let at = FIELDS.iter().position(|(field, _)| *field == self.focus).unwrap_or(0);
        if let Some((field, _)) = FIELDS.get((at + by) % FIELDS.len()) {
            self.focus = *field;
        }
    }

    fn finish(&mut self) -> Outcome {
        match self.reply() {
            Ok(reply) => Outcome::Set(reply),
            Err((field, _)) => {
                self.focus = field;
                Outcome::Stay
            }
        }
    }

    /// The reply, or the first field that is wrong and what is wrong with it.
    fn reply(&self) -> Result<Reply, (Field, String)> {
        let text = self.status.text().trim();
        let status = match text.parse::<u16>() {
            Ok(status) if (200..=599).contains(&status) => status,
            _ => return Err((Field::Status, "a status is a number from 200 to 599".to_owned())),
        };
        let delay_ms = match self.delay.text().trim() {
            "" => 0,
            text => parse_delay(text).map_err(|message| (Field::Delay, message))?,
        };
        let mut headers = Headers::new();
        for line in self.headers.text().lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, value) = reply::parse_header(line).map_err(|message| (Field::Headers, message))?;
            headers.push(name, value);
        }
        let text = self.body.text();
        let body = match &self.binary {
            Some(bytes) if text.is_empty() => bytes.clone(),
            _ => Bytes::from(text),
        };
        let reply = Reply { status, headers, body, delay_ms, ..Reply::default() };
        reply.check().map_err(|message| (Field::Body, message))?;
        Ok(reply)
    }

    pub(super) fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let (headers, body) = heights(area.height);
        let mistake = self.reply().err();
        let mut y = area.y;
        for ((field, label), height) in FIELDS.into_iter().zip([1, 1, headers, body]) {
            let height = height.min(area.bottom().saturating_sub(y));
            if height == 0 {
                break;
            }
            let focused = field == self.focus;
            let part = if focused { Ui::Accent } else { Ui::Title };
            let label = if focused { format!("▸{label}") } else { format!(" {label}") };
            frame::put(buffer, area.x, y, area.width.min(LABEL_COLUMNS - 1), &label, frame::on_ground(theme, part));
            let x = area.x + LABEL_COLUMNS.min(area.width);
            let room = Rect::new(x, y, area.right() - x, height);
            match field {
                Field::Status => self.status.view(room, buffer, theme, focused),
                Field::Delay => self.delay.view(room, buffer, theme, focused),
                Field::Headers => self.headers.view(room, buffer, theme, focused),
                Field::Body => self.body.view(room, buffer, theme, focused),
            }
            if self.is_empty(field) {
                // Behind the cursor, in the colour of what is not there.
                let style = frame::written(theme).patch(theme.ui(Ui::Muted));
                frame::put(buffer, x + 2, y, room.width.saturating_sub(2), example(field), style);
            }
            y += height;
        }
        let Some(last) = area.height.checked_sub(1) else { return };
        match mistake {
            Some((field, message)) => {
                let name = FIELDS.iter().find(|(known, _)| *known == field).map_or("", |(_, name)| name);
                // Whole, over the last rows of the body: what is wrong goes before what is right.
                let lines = frame::wrap(&format!("{name}: {message}"), area.width);
                let first = area.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(1)).max(4.min(last));
                for (row, line) in (first..area.height).zip(&lines) {
                    let blank = " ".repeat(usize::from(area.width));
                    frame::line(buffer, area, row, theme, Ui::Bad, &blank);
                    frame::line(buffer, area, row, theme, Ui::Bad, line);
                }
            }
            None => {
                let words = self
                    .reply()
                    .map(|reply| {
                        // As the documentation writes it: the status needs no name.
                        let text = reply.to_string();
                        format!("In one line: {}", text.strip_prefix("status=").unwrap_or(&text))
                    })
                    .unwrap_or_default();
                frame::line(buffer, area, last, theme, Ui::Muted, &words);
            }
        }
    }
}

/// What may stand in a field that is empty.
const fn example(field: Field) -> &'static str {
    match field {
        Field::Status => "200 to 599",
        Field::Delay => "none; 2s, 250ms or 1m",
        Field::Headers => "one a line: Retry-After: 5",
        Field::Body => "empty; anything, for example {\"ok\":true}",
    }
}

/// Rows of the headers and of the body in a form of that height; the last row is for what is wrong.
fn heights(form: u16) -> (u16, u16) {
    let free = form.saturating_sub(3);
    let headers = (free / 3).clamp(1, 5);
    (headers, free.saturating_sub(headers))
}
