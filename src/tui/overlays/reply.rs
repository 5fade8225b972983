//! What is answered from now on: a preset, or an own reply.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::line::LineInput;
use super::list::{Cursor, Letters, Row};
use super::{Hint, Overlay, OverlayContext, Rules, Step, Window, frame};
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::printable::{self, visible_str};
use crate::domain::quantity::counted;
use crate::domain::reply::{EXAMPLES, Example, PRESETS, Preset, Reply, ReplyText, Scope};
use crate::tui::effect::{Effect, HandDecision};
use crate::tui::key::{Key, KeyCode, Mouse};
use crate::tui::msg::Msg;
use crate::tui::theme::{Theme, Ui};

mod own;

use own::OwnReply;

const WIDTH: u16 = 72;

/// Which requests it is for.
#[derive(Clone, Debug)]
struct Target {
    /// The path of the selected request, when there is one.
    path: Option<String>,
    /// Whether it is for this path alone.
    only_path: bool,
}

impl Target {
    fn scope(&self) -> Scope {
        match &self.path {
            Some(path) if self.only_path => Scope::Path(path.clone()),
            _ => Scope::All,
        }
    }

    fn turn(&mut self) {
        self.only_path = self.path.is_some() && !self.only_path;
    }

    /// One line: both choices, the one in force marked.
    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        if area.is_empty() {
            return;
        }
        let mut x = frame::put(buffer, area.x, area.y, area.width, "For ", frame::on_ground(theme, Ui::Title));
        let path = self.path.as_deref().map(|path| printable::visible_within(path.as_bytes(), 40));
        let choices = [(Some("all requests".to_owned()), !self.only_path), (path, self.only_path)];
        for (words, is_chosen) in choices.into_iter().filter_map(|(words, chosen)| Some((words?, chosen))) {
            let (mark, part) = if is_chosen { ("(•) ", Ui::Accent) } else { ("( ) ", Ui::Muted) };
            let text = format!("{mark}{words}  ");
            x = frame::put(buffer, x, area.y, area.right().saturating_sub(x), &text, frame::on_ground(theme, part));
        }
    }
}

/// What a row of the list stands for.
#[derive(Clone, Copy, Debug)]
enum Choice {
    /// The path is answered as all others again.
    AsOthers,
    /// A preset.
    Preset(&'static Preset),
    /// A reply that a rule or a path has, by its number among those.
    Saved(usize),
    /// An example of a kind, to be typed on.
    Example(&'static Example),
    /// The form of an own reply.
    Own,
}

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
    /// Which one it is, in words, and what goes back without the user.
    words: String,
}

/// A reply that something has already.
#[derive(Clone, Debug)]
struct Saved {
    /// What has it: `rule first try fails`, `path /x`.
    name: String,
    /// The reply as one types it.
    text: String,
}

impl Saved {
    /// Those of the rules, in their order, then those of paths that can be read as text.
    fn all(context: &OverlayContext<'_>) -> Vec<Self> {
        let of_rules = context
            .rules
            .iter()
            .map(|rule| Self { name: format!("rule {}", rule.name), text: rule.written.reply.clone() });
        let short = context.path_replies.iter().filter(|(_, reply)| reply.is_short());
        let of_paths = short.map(|(path, reply)| Self { name: format!("path {path}"), text: reply.to_string() });
        of_rules.chain(of_paths).collect()
    }
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
                words: format!("For request {} ({what}); without you: {}", held.id, held.default),
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

    fn fitting(&self) -> Vec<&'static Preset> {
        let typed = self.typed.text().to_ascii_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let fits = |preset: &&Preset| {
            let words_of = preset.words.to_ascii_lowercase();
            words.iter().all(|word| preset.name.starts_with(word) || words_of.contains(word))
        };
        PRESETS.iter().filter(fits).collect()
    }

    /// Examples of kinds that fit what was typed; all of them where nothing is.
    fn examples(&self) -> Vec<&'static Example> {
        let typed = self.typed.text().to_ascii_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        // What is a reply already needs none to begin with.
        if !words.is_empty() && ReplyText::parse(&typed).is_ok() {
            return Vec::new();
        }
        let fits =
            |example: &&Example| words.iter().all(|word| example.words.contains(word) || example.text.contains(word));
        EXAMPLES.iter().filter(fits).collect()
    }

    /// Replies of rules and paths that fit what was typed.
    fn fitting_saved(&self) -> Vec<usize> {
        let typed = self.typed.text().to_ascii_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let fits = |saved: &Saved| {
            let text = format!("{} {}", saved.name, saved.text).to_ascii_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        self.saved.iter().enumerate().filter(|(_, saved)| fits(saved)).map(|(at, _)| at).collect()
    }

    /// Whether the path that it is for has a reply of its own that can be taken back.
    fn can_clear(&self) -> bool {
        if self.held.is_some() {
            return true;
        }
        let own = |path: &String| self.own_paths.iter().any(|(known, _)| known == path);
        self.target.only_path && self.target.path.as_ref().is_some_and(own)
    }

    /// The row of the first preset: behind the one that takes the path's reply back.
    fn first_preset(&self) -> usize {
        usize::from(self.can_clear() && self.typed.text().is_empty())
    }

    /// The row that takes the path's reply back, presets that fit, and the row for an own reply.
    fn count(&self) -> usize {
        self.first_preset() + self.fitting().len() + self.fitting_saved().len() + 1 + self.examples().len()
    }

    /// What a row stands for.
    fn choice(&self, row: usize) -> Choice {
        match row.checked_sub(self.first_preset()) {
            None => Choice::AsOthers,
            Some(at) => {
                let presets = self.fitting().into_iter().map(Choice::Preset);
                let saved = self.fitting_saved().into_iter().map(Choice::Saved);
                // The user's own come first, but a status that is typed means the preset.
                let both: Vec<Choice> = match self.typed.text().is_empty() {
                    true => saved.chain(presets).collect(),
                    false => presets.chain(saved).collect(),
                };
                if let Some(choice) = both.get(at) {
                    return *choice;
                }
                let behind = (at - both.len()).checked_sub(1);
                let examples = self.examples();
                behind.and_then(|at| examples.get(at).copied()).map_or(Choice::Own, Choice::Example)
            }
        }
    }

    fn chosen(&self) -> Choice {
        self.choice(self.cursor.at(self.count()))
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

    fn choose(&mut self) -> Step {
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

    fn listing(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        self.refused = None;
        let count = self.count();
        match key.code {
            _ if super::is_close(key) => Step::Close,
            KeyCode::Enter => self.choose(),
            KeyCode::Tab | KeyCode::BackTab => {
                // The same preset stays chosen: the row above them may come or go.
                let preset = self.cursor.at(count).saturating_sub(self.first_preset());
                self.target.turn();
                self.cursor = Cursor::new(preset + self.first_preset());
                Step::Stay
            }
            KeyCode::Char('r') if key.ctrl && self.held.is_none() => match Rules::open(context) {
                Ok(rules) => Step::Replace(Box::new(Overlay::Rules(Box::new(rules)))),
                Err(why) => Step::Refuse(why),
            },
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
        frame::place(area, WIDTH, rows.min(area.height.saturating_sub(2).max(6)))
    }

    /// What is wrong with what was typed, or with the files that it names.
    fn mistake(&self) -> Option<String> {
        let typed = || self.typed_reply().and_then(Result::err);
        self.refused.clone().or_else(|| typed().filter(|_| self.count() == self.first_preset() + 1))
    }

    /// The lines above the list: two, and one for words, or as many as a mistake needs.
    fn list_area(&self, room: Rect) -> Rect {
        let words = self.mistake().map_or(1, |mistake| frame::wrap(&mistake, room.width).len());
        let top = u16::try_from(words).unwrap_or(1).saturating_add(2).min(room.height.saturating_sub(1));
        Rect { y: room.y + top, height: room.height - top, ..room }
    }

    /// The first line: which requests it is for, or which one.
    fn view_target(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        match &self.held {
            Some(held) => frame::line(buffer, room, 0, theme, Ui::Accent, &visible_str(&held.words)),
            None => self.target.view(Rect { height: room.height.min(1), ..room }, buffer, theme),
        }
    }

    fn view_list(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
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
                let words = "a preset, or type a reply: 503 delay=2s; all kinds stand at the end";
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

/// What was typed, as it is understood: in a few words, and with every setting where these leave one out.
fn understood(text: &ReplyText) -> String {
    let (words, typed) = (text.describe(), text.to_string());
    match as_typed(&typed) {
        typed if typed == words => format!("what you typed: {words}"),
        typed => format!("what you typed: {words} ({typed})"),
    }
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
        let hints = self.hints();
        let Page::Own(own) = &mut self.page else { return self.listing(key, context) };
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
            own::Outcome::Set(reply) => self.set(reply),
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

    fn tell(&mut self, msg: &Msg, _context: &OverlayContext<'_>) -> Step {
        let Some(HeldFor { id: mine, .. }) = &self.held else { return Step::Stay };
        match msg {
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
        first.into_iter().chain(scope).chain(rules).chain([last]).collect()
    }
}
