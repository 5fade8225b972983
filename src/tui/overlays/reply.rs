//! What is answered from now on: a preset, or an own reply.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::line::LineInput;
use super::list::{Cursor, Letters, Row};
use super::{Hint, OverlayContext, Step, Window, frame};
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::printable;
use crate::domain::reply::{PRESETS, Preset, Reply, Scope};
use crate::tui::effect::{Effect, HandDecision};
use crate::tui::key::{Key, KeyCode, Mouse};
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

/// The list of presets, and the form of an own reply behind its last row.
#[derive(Clone, Debug)]
pub struct ReplyChooser {
    target: Target,
    /// The held request that it is for, and what goes back without the user.
    held: Option<(ExchangeId, String)>,
    /// Paths that have their own reply, and which.
    own_paths: Vec<(String, Reply)>,
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
        if !context.is_listening() {
            return Err("this is a saved session: nothing arrives that could be answered".to_owned());
        }
        let path = selected_path(context);
        let own = path.as_ref().and_then(|path| context.path_replies.iter().find(|(known, _)| known == path));
        let mut chooser = Self {
            target: Target { only_path: own.is_some(), path: path.clone() },
            held: None,
            own_paths: context.path_replies.to_vec(),
            typed: LineInput::new(""),
            cursor: Cursor::default(),
            page: Page::List,
        };
        if let Some((_, reply)) = own {
            // What is in force for the path is what its reply begins with.
            match PRESETS.iter().position(|preset| preset.reply() == *reply) {
                Some(at) => chooser.cursor = Cursor::new(chooser.first_preset() + at),
                None => chooser.typed = LineInput::new(&reply.to_string()),
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
        Ok(Self {
            target: Target { only_path: false, path: None },
            held: Some((held.id, held.default.clone())),
            own_paths: Vec::new(),
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
        self.first_preset() + self.fitting().len() + 1
    }

    /// What a row stands for.
    fn choice(&self, row: usize) -> Choice {
        match row.checked_sub(self.first_preset()) {
            None => Choice::AsOthers,
            Some(at) => self.fitting().get(at).map_or(Choice::Own, |preset| Choice::Preset(preset)),
        }
    }

    fn chosen(&self) -> Choice {
        self.choice(self.cursor.at(self.count()))
    }

    fn set(&self, reply: Reply) -> Step {
        if let Some((id, _)) = self.held {
            let decision = HandDecision::Answer(Box::new(reply));
            return Step::done([Effect::Decide { id, decision }]);
        }
        Step::done([Effect::SetReply { scope: self.target.scope(), reply }])
    }

    fn choose(&mut self) -> Step {
        match self.chosen() {
            Choice::Preset(preset) => self.set(preset.reply()),
            Choice::AsOthers => match self.held {
                Some((id, _)) => Step::done([Effect::Decide { id, decision: HandDecision::LetGo }]),
                None => {
                    let path = self.target.path.clone().unwrap_or_default();
                    Step::done([Effect::ClearReply { path }])
                }
            },
            Choice::Own => {
                // What was typed may be a whole reply already: `503 delay=2s`. The form has no fields for scripts and faults.
                let start = match Reply::parse(self.typed.text()) {
                    Ok(reply) if !reply.is_simple() => return self.set(reply),
                    parsed => parsed.unwrap_or_default(),
                };
                self.page = Page::Own(Box::new(OwnReply::new(&start)));
                Step::Stay
            }
        }
    }

    fn listing(&mut self, key: Key) -> Step {
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
            KeyCode::Char('e') if key.ctrl => {
                let start = match self.chosen() {
                    Choice::Preset(preset) => preset.reply(),
                    Choice::AsOthers | Choice::Own => Reply::default(),
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

    fn list_area(room: Rect) -> Rect {
        Rect { y: room.y + 3.min(room.height), height: room.height.saturating_sub(3), ..room }
    }

    fn view_list(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        match &self.held {
            Some((id, default)) => {
                let words = format!("For request {id}, which is held; without you: {default}");
                frame::line(buffer, room, 0, theme, Ui::Accent, &words);
            }
            None => self.target.view(Rect { height: room.height.min(1), ..room }, buffer, theme),
        }
        let y = room.y + 1.min(room.height);
        let x = frame::put(buffer, room.x, y, room.width, "Find ", frame::on_ground(theme, Ui::Title));
        let field = Rect::new(x, y, room.right().saturating_sub(x), u16::from(room.height > 1));
        self.typed.view(field, buffer, theme, true);
        let own = |(path, reply): &(String, Reply)| {
            format!("{} {}", printable::visible_within(path.as_bytes(), 40), reply.describe())
        };
        let others: Vec<String> = self.own_paths.iter().map(own).collect();
        if !others.is_empty() {
            frame::line(buffer, room, 2, theme, Ui::Muted, &format!("Own replies: {}", others.join(", ")));
        }
        self.cursor.view(Self::list_area(room), buffer, theme, self.count(), |at, draw| match self.choice(at) {
            Choice::AsOthers if self.held.is_some() => draw(&Row {
                cells: &[("as is", 10, Ui::Base), ("let it go with what the rules say", 0, Ui::Muted)],
                right: "",
            }),
            Choice::AsOthers => draw(&Row {
                cells: &[("as all", 10, Ui::Base), ("take back the reply of this path: as all others", 0, Ui::Muted)],
                right: "",
            }),
            Choice::Preset(preset) => {
                draw(&Row { cells: &[(preset.name, 10, Ui::Base), (preset.words, 0, Ui::Muted)], right: "" })
            }
            Choice::Own => draw(&Row {
                cells: &[("own...", 10, Ui::Base), ("status, headers, body and delay as you like", 0, Ui::Muted)],
                right: "",
            }),
        });
    }
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
            if self.cursor.click(mouse, Self::list_area(room), count) {
                return self.choose();
            }
            self.cursor.mouse(mouse, count);
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = if matches!(self.page, Page::List) { "Answer with" } else { "Answer with an own reply" };
        let room = frame::draw(Self::frame(area), buffer, theme, title, &self.hints());
        match &self.page {
            Page::List => self.view_list(room, buffer, theme),
            Page::Own(own) => {
                self.target.view(Rect { height: room.height.min(1), ..room }, buffer, theme);
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
        first.into_iter().chain(scope).chain([last]).collect()
    }
}
