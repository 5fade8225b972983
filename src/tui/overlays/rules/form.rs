//! The form of one rule: name, when, reply, callbacks, each as the configuration writes it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame;
use super::super::line::LineInput;
use super::super::text_box::TextBox;
use super::super::window::{OverlayContext, is_close};
use crate::domain::printable::visible_str;
use crate::domain::reply::{EXAMPLES, ReplyText};
use crate::domain::rule::Written;
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::RuleRow;
use crate::tui::theme::{Theme, Ui};

const LABEL_COLUMNS: u16 = 10;
/// Rows of `when` and of the calls, at least and at most.
const WHEN_ROWS: (u16, u16) = (1, 8);
const CALLS_ROWS: (u16, u16) = (1, 5);
/// Rows for words below the fields.
const HELP_ROWS: u16 = 3;
/// Rows of words below a field that was refused.
const REFUSED_ROWS_MAX: u16 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    When,
    Reply,
    Calls,
}

const FIELDS: [(Field, &str); 4] =
    [(Field::Name, "Name"), (Field::When, "When"), (Field::Reply, "Reply"), (Field::Calls, "Calls")];

/// What `when` may hold, one example each; `^x` goes through them.
const WHENS: &[&str] = &[
    r#"path: "/hooks/{tenant}/*""#,
    r#"method: ["POST", "PUT"]"#,
    r#"nth: "1..2""#,
    r#"event: "billing.**""#,
    r#"json: {"$.items[?@.quantity > 100]": "*"}"#,
    r#"headers: {"x-test": "*"}, query: {"page": "2"}"#,
    r#"form: {"command": "/deploy"}"#,
    r#"provider: "stripe", verdict: ["invalid", "unsigned"]"#,
    r#"from: ["10.0.0.0/8", "127.0.0.1"]"#,
];

const CALLS: &[&str] =
    &[r#"(url: "{{ request.form.response_url }}", after: "3s", body: "done", hosts: ["hooks.slack.com"])"#];

/// What comes of a key.
pub(super) enum Outcome {
    Stay,
    Back,
    Put(Option<u32>, Written),
}

/// The form.
#[derive(Clone, Debug)]
pub(super) struct RuleForm {
    number: Option<u32>,
    focus: Field,
    name: LineInput,
    when: TextBox,
    reply: LineInput,
    calls: TextBox,
    refused: Option<String>,
    example: usize,
}

impl RuleForm {
    /// For a new rule, which begins with the path of the selected request.
    pub(super) fn new(context: &OverlayContext<'_>) -> Self {
        let path = context.selected.map(|row| row.target.split('?').next().unwrap_or_default().to_owned());
        let path = path.filter(|path| path.starts_with('/'));
        Self { focus: Field::Reply, ..Self::with(None, &begun(path.as_deref())) }
    }

    /// For one that is there.
    pub(super) fn of(rule: &RuleRow) -> Self {
        Self::with(Some(rule.number), &rule.written)
    }

    fn with(number: Option<u32>, written: &Written) -> Self {
        let reply = written.reply.strip_prefix("status=").unwrap_or(&written.reply);
        Self {
            number,
            focus: Field::Reply,
            name: LineInput::new(&written.name),
            when: TextBox::new(&written.when),
            reply: LineInput::new(reply),
            calls: TextBox::new(&written.callbacks),
            refused: None,
            example: 0,
        }
    }

    pub(super) const fn is_new(&self) -> bool {
        self.number.is_none()
    }

    /// It was not put in force: why.
    pub(super) fn refuse(&mut self, why: &str) {
        let starts = |name: &str| why.starts_with(name);
        self.focus = match () {
            () if starts("when") => Field::When,
            () if starts("callbacks") => Field::Calls,
            () if starts("name") => Field::Name,
            () if starts("reply") => Field::Reply,
            () => self.focus,
        };
        self.refused = Some(visible_str(why).into_owned());
    }

    fn written(&self) -> Written {
        Written {
            name: self.name.text().to_owned(),
            when: self.when.text(),
            reply: self.reply.text().to_owned(),
            callbacks: self.calls.text(),
        }
    }

    pub(super) fn update(&mut self, key: Key, room: (u16, u16)) -> Outcome {
        let (when, calls) = self.heights(room);
        let width = room.0.saturating_sub(LABEL_COLUMNS);
        let is_line = matches!(self.focus, Field::Name | Field::Reply);
        match key.code {
            _ if is_close(key) => return Outcome::Back,
            KeyCode::Char('s') if key.ctrl => return self.put(),
            KeyCode::Enter if key.ctrl || self.focus == Field::Reply => return self.put(),
            KeyCode::Char('x') if key.ctrl => self.put_example(),
            KeyCode::Tab => self.turn(1),
            KeyCode::BackTab => self.turn(FIELDS.len() - 1),
            KeyCode::Enter | KeyCode::Down if is_line => self.turn(1),
            KeyCode::Up if self.focus == Field::Reply => self.turn(FIELDS.len() - 1),
            _ => {
                self.refused = None;
                match self.focus {
                    Field::Name => drop(self.name.update(key)),
                    Field::Reply => drop(self.reply.update(key)),
                    Field::When => drop(self.when.update(key, (width, when))),
                    Field::Calls => drop(self.calls.update(key, (width, calls))),
                }
            }
        }
        Outcome::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.refused = None;
        match self.focus {
            Field::Name => self.name.paste(text.trim()),
            Field::Reply => self.reply.paste(text.trim()),
            Field::When => self.when.paste(text.trim_end_matches(['\r', '\n'])),
            Field::Calls => self.calls.paste(text.trim_end_matches(['\r', '\n'])),
        }
    }

    fn turn(&mut self, by: usize) {
        let at = FIELDS.iter().position(|(field, _)| *field == self.focus).unwrap_or(0);
        if let Some((field, _)) = FIELDS.get((at + by) % FIELDS.len()) {
            self.focus = *field;
        }
    }

    fn put(&mut self) -> Outcome {
        if let Some(mistake) = self.mistake() {
            self.focus = Field::Reply;
            self.refused = Some(mistake);
            return Outcome::Stay;
        }
        Outcome::Put(self.number, self.written())
    }

    /// What is wrong with the reply, as far as that can be seen here.
    fn mistake(&self) -> Option<String> {
        let error = ReplyText::parse(self.reply.text()).err()?;
        Some(format!("reply: {}", visible_str(&error.to_string())))
    }

    /// The next example takes the place of what stands in the field.
    fn put_example(&mut self) {
        let at = self.example;
        self.example = self.example.wrapping_add(1);
        self.refused = None;
        let of = |list: &[&'static str]| list.get(at % list.len().max(1)).copied().unwrap_or_default();
        match self.focus {
            Field::Name => self.name.set("first try fails"),
            Field::When => self.when = TextBox::new(of(WHENS)),
            Field::Calls => self.calls = TextBox::new(of(CALLS)),
            Field::Reply => {
                let text = EXAMPLES.get(at % EXAMPLES.len().max(1)).map_or("", |example| example.text);
                self.reply.set(text);
            }
        }
    }

    /// What is said of the field, while nothing is wrong.
    fn help(&self) -> String {
        match self.focus {
            Field::Name => "What answers call it; it may be empty.".to_owned(),
            Field::When => format!(
                "All of it must hold; empty: any request. Fields: method, path, headers, query, form, json, provider, event, verdict, from, \
                 nth. For example {}",
                WHENS.iter().take(3).copied().collect::<Vec<_>>().join(", ")
            ),
            Field::Reply => match ReplyText::parse(self.reply.text()) {
                _ if self.reply.text().is_empty() => {
                    "A status or preset, then settings: 503 retry-after=5s; ^x goes through all kinds.".to_owned()
                }
                Ok(text) => format!("{}. Enter puts it in force.", text.describe()),
                Err(error) => visible_str(&error.to_string()).into_owned(),
            },
            Field::Calls => {
                "URLs to call behind the answer: a list of (url: ..., after: ..., body: ..., hosts: [...]), or empty."
                    .to_owned()
            }
        }
    }

    /// Rows of the window with the form in it, when its room has so many columns.
    pub(super) fn height(&self, columns: u16) -> u16 {
        let (when, calls) = self.wished(columns);
        let refused = u16::try_from(self.refused_lines(columns).len()).unwrap_or(0);
        // Two lines of text, a blank, and the frame.
        2 + when + calls + refused + 1 + HELP_ROWS + 2
    }

    /// Rows of `when` and of the calls that their texts ask for.
    fn wished(&self, columns: u16) -> (u16, u16) {
        let width = columns.saturating_sub(LABEL_COLUMNS);
        let rows = |text: &TextBox, (least, most): (u16, u16)| text.rows_len(width, most).max(least);
        (rows(&self.when, WHEN_ROWS), rows(&self.calls, CALLS_ROWS))
    }

    /// The same in a room of that size; the last rows are for words.
    fn heights(&self, (columns, rows): (u16, u16)) -> (u16, u16) {
        let (when, calls) = self.wished(columns);
        let refused = u16::try_from(self.refused_lines(columns).len()).unwrap_or(0);
        let free = rows.saturating_sub(2 + HELP_ROWS.max(refused));
        let calls = calls.min((free / 3).max(1));
        (when.min(free.saturating_sub(calls).max(1)), calls)
    }

    fn refused_lines(&self, columns: u16) -> Vec<String> {
        let Some(why) = &self.refused else { return Vec::new() };
        let mut lines = frame::wrap(why, columns.saturating_sub(LABEL_COLUMNS));
        lines.truncate(usize::from(REFUSED_ROWS_MAX));
        lines
    }

    pub(super) fn view(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let (when, calls) = self.heights((room.width, room.height));
        let refused = self.refused_lines(room.width);
        let mut y = room.y;
        for ((field, label), height) in FIELDS.into_iter().zip([1, when, 1, calls]) {
            let height = height.min(room.bottom().saturating_sub(y));
            if height == 0 {
                break;
            }
            let focused = field == self.focus;
            let part = if focused { Ui::Accent } else { Ui::Title };
            let label = if focused { format!("▸{label}") } else { format!(" {label}") };
            frame::put(buffer, room.x, y, room.width.min(LABEL_COLUMNS - 1), &label, frame::on_ground(theme, part));
            let x = room.x + LABEL_COLUMNS.min(room.width);
            let area = Rect::new(x, y, room.right() - x, height);
            match field {
                Field::Name => self.name.view(area, buffer, theme, focused),
                Field::When => self.when.view(area, buffer, theme, focused),
                Field::Reply => self.reply.view(area, buffer, theme, focused),
                Field::Calls => self.calls.view(area, buffer, theme, focused),
            }
            y += height;
            // What is wrong stands below its field.
            for line in refused.iter().filter(|_| focused) {
                if y < room.bottom() {
                    frame::put(buffer, x, y, room.right() - x, line, frame::on_ground(theme, Ui::Bad));
                    y += 1;
                }
            }
        }
        // What is wrong is not said twice.
        let help = if refused.is_empty() || self.focus != Field::Reply { self.help() } else { String::new() };
        let lines = frame::wrap(&help, room.width);
        let first = (y + 1).min(room.bottom().saturating_sub(1).max(y));
        for (y, line) in (first..room.bottom()).zip(&lines) {
            frame::line(buffer, room, y - room.y, theme, Ui::Muted, line);
        }
    }
}

/// An empty rule for this path, to begin with.
fn begun(path: Option<&str>) -> Written {
    let when = path.map(|path| format!("path: {path:?}")).unwrap_or_default();
    Written { when, ..Written::default() }
}
