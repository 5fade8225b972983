//! What is answered from now on: a preset, or an own reply.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::list::{Cursor, Letters};
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::printable::{self, visible_str};
use crate::domain::reply::{PRESETS, Reply, ReplyText};
use crate::domain::time::Timestamp;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, HandDecision};
use crate::tui::key::{Key, KeyCode, Mouse};
use crate::tui::msg::Msg;
use crate::tui::theme::Theme;

mod choice;
mod choices;
mod list;
mod own;
mod target;

use choice::{Choice, Saved};
use own::OwnReply;
use target::Target;

/// On a wide screen more: an example and what it does stand side by side.
const WIDTH: u16 = 72;
const WIDTH_MAX: u16 = 100;

/// Which page is shown.
#[derive(Clone, Debug)]
enum Page {
    /// The presets.
    List,
    /// An own reply.
    Own(Box<OwnReply>),
}

/// A held request that is to be answered.
#[derive(Clone, Debug)]
struct HeldFor {
    id: ExchangeId,
    /// Which one it is, in words.
    what: String,
    /// What goes back without the user, in words.
    default: String,
    /// When that goes.
    until: Timestamp,
    /// Whole seconds until then, rounded up.
    left_s: u64,
    /// Whether it waits no more: that went, or its sender left.
    is_gone: bool,
}

impl HeldFor {
    /// Which one it is, and what goes back without the user.
    fn words(&self) -> String {
        let Self { id, what, default, left_s, .. } = self;
        match self.is_gone {
            true => format!("Request {id} is held no more: what is chosen here goes nowhere"),
            false => format!("For request {id}: {left_s} s left, then {default} ({what})"),
        }
    }
}

fn seconds_until(until: Timestamp, now: Timestamp) -> u64 {
    until.micros_since(now).div_ceil(1_000_000)
}

/// The list of presets, and the form of an own reply behind its last row.
#[derive(Clone, Debug)]
pub struct ReplyChooser {
    target: Target,
    /// The held request that it is for.
    held: Option<HeldFor>,
    /// Paths that have their own reply, and which.
    own_paths: Vec<(String, Reply)>,
    /// Replies that rules and paths have, for a held request.
    saved: Vec<Saved>,
    /// What is in force for all, in words, and the reply as one types it.
    in_force: (String, String),
    /// What was wrong with the reply when its files were read.
    refused: Option<String>,
    /// Rules that go before whatever is chosen here.
    rules_on: usize,
    typed: LineInput,
    cursor: Cursor,
    page: Page,
}

impl ReplyChooser {
    /// For all requests at first; `Tab` turns to the path of the selected one.
    ///
    /// # Errors
    /// In words, when nothing can arrive.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        Self::open_for(context, selected_path(context))
    }

    /// For a path, or for all.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_for(context: &OverlayContext<'_>, path: Option<String>) -> Result<Self, String> {
        if !context.is_listening() {
            return Err("this is a saved session: nothing arrives that could be answered".to_owned());
        }
        let own = path.as_ref().and_then(|path| context.path_replies.iter().find(|(known, _)| known == path));
        let mut chooser = Self {
            target: Target { only_path: own.is_some(), path: path.clone() },
            held: None,
            own_paths: context.path_replies.to_vec(),
            saved: Vec::new(),
            in_force: in_force(context),
            refused: None,
            rules_on: context.rules.iter().filter(|rule| !rule.is_off).count(),
            typed: LineInput::new(""),
            cursor: Cursor::default(),
            page: Page::List,
        };
        if let Some((_, reply)) = own {
            // What is in force for the path is what its reply begins with.
            match PRESETS.iter().position(|preset| preset.reply() == *reply) {
                Some(at) => chooser.cursor = Cursor::new(chooser.first_preset() + at),
                None => chooser.typed = LineInput::new(as_typed(&reply.to_string())),
            }
        }
        Ok(chooser)
    }

    /// For one held request.
    ///
    /// # Errors
    /// In words, when none is held.
    pub fn open_held(context: &OverlayContext<'_>) -> Result<Self, String> {
        let Some(held) = context.held else { return Err("no request is held".to_owned()) };
        let selected = context.selected.filter(|row| row.id == held.id);
        let what = selected.map_or_else(
            || "runs out first, not selected".to_owned(),
            |row| format!("{} {}, held", row.method, row.target),
        );
        Ok(Self {
            target: Target { only_path: false, path: None },
            held: Some(HeldFor {
                id: held.id,
                what,
                default: held.default.clone(),
                until: held.until,
                left_s: seconds_until(held.until, context.now),
                is_gone: false,
            }),
            own_paths: Vec::new(),
            saved: Saved::all(context),
            in_force: (String::new(), String::new()),
            refused: None,
            rules_on: 0,
            typed: LineInput::new(""),
            cursor: Cursor::default(),
            page: Page::List,
        })
    }

    fn set(&self, reply: Reply) -> Step {
        if let Some(HeldFor { id, .. }) = self.held {
            let decision = HandDecision::Answer(Box::new(reply));
            return Step::done([Effect::Decide { id, decision }]);
        }
        Step::done([Effect::SetReply { scope: self.target.scope(), reply }])
    }

    /// What was typed, as a reply; `None`: nothing was.
    fn typed_reply(&self) -> Option<Result<ReplyText, String>> {
        let text = self.typed.text().trim();
        let parsed = || ReplyText::parse(text).map_err(|error| printable::visible_str(&error.to_string()).into_owned());
        (!text.is_empty()).then(parsed)
    }

    /// A reply that was typed goes as it is; one that names files is read where files can be read.
    fn set_text(&self, text: &ReplyText) -> Step {
        if let Ok(reply) = text.finish(&mut |_| Err(())) {
            return self.set(reply);
        }
        match &self.held {
            // It stays open until the files are read.
            Some(HeldFor { id, .. }) => {
                Step::Do { effects: vec![Effect::DecideText { id: *id, text: text.to_string() }], close: false }
            }
            None => Step::done([Effect::SetReplyText { scope: self.target.scope(), text: text.to_string() }]),
        }
    }

    /// Says that the request waits no more, and keeps what was typed.
    fn refuse_gone(&mut self) -> Option<Step> {
        let held = self.held.as_ref().filter(|held| held.is_gone)?;
        self.refused = Some(format!("request {} is held no more: nothing was sent", held.id));
        Some(Step::Stay)
    }

    fn choose(&mut self) -> Step {
        if let Some(step) = self.refuse_gone() {
            return step;
        }
        match self.chosen() {
            Choice::Preset(preset) => self.set(preset.reply()),
            Choice::Saved(at) => {
                let text = self.saved.get(at).and_then(|saved| ReplyText::parse(&saved.text).ok());
                text.map_or(Step::Stay, |text| self.set_text(&text))
            }
            Choice::AsOthers => match self.held {
                Some(HeldFor { id, .. }) => Step::done([Effect::Decide { id, decision: HandDecision::LetGo }]),
                None => {
                    let path = self.target.path.clone().unwrap_or_default();
                    Step::done([Effect::ClearReply { path }])
                }
            },
            Choice::Own => {
                // What was typed is a whole reply, or a mistake that stands below; nothing typed is the form's.
                match self.typed_reply() {
                    None => self.page = Page::Own(Box::new(OwnReply::new(&Reply::default()))),
                    Some(Ok(text)) => return self.set_text(&text),
                    Some(Err(_)) => {}
                }
                Step::Stay
            }
            Choice::Example(example) => {
                self.typed = LineInput::new(example.text);
                self.cursor = Cursor::default();
                Step::Stay
            }
        }
    }

    fn listing(&mut self, key: Key) -> Step {
        self.refused = None;
        let count = self.count();
        match key.code {
            _ if is_close(key) => Step::Close,
            KeyCode::Enter => self.choose(),
            KeyCode::Tab | KeyCode::BackTab => {
                // The same preset stays chosen: the row above them may come or go.
                let preset = self.cursor.at(count).saturating_sub(self.first_preset());
                self.target.turn();
                self.cursor = Cursor::new(preset + self.first_preset());
                Step::Stay
            }
            KeyCode::Char('r') if key.ctrl && self.held.is_none() => Step::Act(Action::Rules),
            KeyCode::Char('e') if key.ctrl => {
                let start = match self.chosen() {
                    Choice::Preset(preset) => preset.reply(),
                    Choice::Own => Reply::parse(self.typed.text()).ok().filter(Reply::is_simple).unwrap_or_default(),
                    Choice::Saved(at) => {
                        let text = self.saved.get(at).and_then(|saved| Reply::parse(&saved.text).ok());
                        text.filter(Reply::is_simple).unwrap_or_default()
                    }
                    Choice::AsOthers | Choice::Example(_) => Reply::default(),
                };
                self.page = Page::Own(Box::new(OwnReply::new(&start)));
                Step::Stay
            }
            _ => {
                if !self.cursor.update(key, count, Letters::Type) && self.typed.update(key) {
                    self.cursor = Cursor::default();
                }
                Step::Stay
            }
        }
    }

    fn frame(area: Rect) -> Rect {
        let rows = u16::try_from(PRESETS.len()).unwrap_or(u16::MAX).saturating_add(6);
        frame::place(area, frame::wider(area, WIDTH, WIDTH_MAX), rows.min(area.height.saturating_sub(2).max(6)))
    }
}

/// What is in force for all: in words, since when, and how often it answered; and the reply as one types it.
fn in_force(context: &OverlayContext<'_>) -> (String, String) {
    let Some(reply) = context.reply_all else { return (String::new(), String::new()) };
    let since = reply.since.map(|at| format!(", since {}", context.clock(at))).unwrap_or_default();
    let count = match context.answers_by(&["default", "all requests", "forward"]) {
        0 => String::new(),
        count => format!(", {count} answered so"),
    };
    (format!("{}{since}{count}", visible_str(&reply.all)), reply.text.clone())
}

/// A reply's text as one types it: the status needs no name.
fn as_typed(text: &str) -> &str {
    text.strip_prefix("status=").unwrap_or(text)
}

/// The exact path of the selected request: from its bytes when they are loaded, else from its row.
fn selected_path(context: &OverlayContext<'_>) -> Option<String> {
    let exact = |exchange: &Exchange| std::str::from_utf8(exchange.request.path()).ok().map(str::to_owned);
    let row = || context.selected.map(|row| row.target.split('?').next().unwrap_or_default().to_owned());
    let path = match context.exchange() {
        Some(exchange) => exact(exchange),
        None => row(),
    };
    path.filter(|path| path.starts_with('/'))
}

impl Window for ReplyChooser {
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        if let (KeyCode::Char('t'), true, Some(held)) = (key.code, key.ctrl, &self.held) {
            return Step::Do { effects: vec![Effect::HoldLonger { id: held.id }], close: false };
        }
        let hints = self.hints();
        let Page::Own(own) = &mut self.page else { return self.listing(key) };
        let size = frame::room(Self::frame(Rect::new(0, 0, context.size.0, context.size.1)), &hints);
        match own.update(key, (size.width, size.height)) {
            own::Outcome::Stay => Step::Stay,
            own::Outcome::Back => {
                self.page = Page::List;
                Step::Stay
            }
            own::Outcome::TurnScope => {
                self.target.turn();
                Step::Stay
            }
            own::Outcome::Set(reply) => match self.refuse_gone() {
                Some(step) => {
                    // It is said there.
                    self.page = Page::List;
                    step
                }
                None => self.set(reply),
            },
        }
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        match &mut self.page {
            Page::List => self.typed.paste(text),
            Page::Own(own) => own.paste(text),
        }
        Step::Stay
    }

    fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        if let Page::List = self.page {
            let count = self.count();
            let room = frame::room(Self::frame(Rect::new(0, 0, context.size.0, context.size.1)), &self.hints());
            if self.cursor.click(mouse, self.list_area(room), count) {
                return self.choose();
            }
            self.cursor.mouse(mouse, count);
        }
        Step::Stay
    }

    fn tell(&mut self, msg: &Msg, context: &OverlayContext<'_>) -> Step {
        let Some(HeldFor { id: mine, until, left_s, is_gone, .. }) = &mut self.held else { return Step::Stay };
        match msg {
            Msg::Tick(now) => *left_s = seconds_until(*until, *now),
            Msg::Held { held, .. } => match held.iter().find(|held| held.id == *mine) {
                Some(held) => {
                    *until = held.until;
                    *left_s = seconds_until(*until, context.now);
                }
                None => *is_gone = true,
            },
            Msg::Decided { id, result } if id == mine => match result {
                Ok(()) => return Step::Close,
                Err(why) => self.refused = Some(why.clone()),
            },
            _ => {}
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = match &self.page {
            Page::List if self.in_force.0.is_empty() => "Answer with".to_owned(),
            Page::List => format!("Answer with (now {})", self.in_force.0),
            Page::Own(_) if self.held.is_some() => "Answer this request with an own reply".to_owned(),
            Page::Own(_) => "Answer with an own reply".to_owned(),
        };
        let room = frame::draw(Self::frame(area), buffer, theme, &title, &self.hints());
        match &self.page {
            Page::List => self.view_list(room, buffer, theme),
            Page::Own(own) => {
                self.view_target(room, buffer, theme);
                let form = Rect { y: room.y + 1.min(room.height), height: room.height.saturating_sub(1), ..room };
                own.view(form, buffer, theme);
            }
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let scope = self.target.path.as_ref().map(|_| match self.page {
            Page::List if self.target.only_path => ("Tab", "for all"),
            Page::List => ("Tab", "for this path"),
            Page::Own(_) if self.target.only_path => ("^t", "for all"),
            Page::Own(_) => ("^t", "for this path"),
        });
        let (first, last) = match self.page {
            Page::List => ([("Enter", "answer so"), ("^e", "edit a copy")], ("Esc", "close")),
            Page::Own(_) => ([("^s", "answer so"), ("Tab", "next field")], ("Esc", "back")),
        };
        let rules = (matches!(self.page, Page::List) && self.held.is_none()).then_some(("^r", "rules"));
        let longer = self.held.as_ref().filter(|held| !held.is_gone).map(|_| ("^t", "longer"));
        first.into_iter().chain(longer).chain(scope).chain(rules).chain([last]).collect()
    }
}
