//! Any action by its words, and commands with an argument.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::line::LineInput;
use super::list::{Cursor, Letters, Row};
use super::target::parse_target;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use super::{frame, public_url, save};
use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Filter;
use crate::domain::reply::{Reply, Scope};
use crate::tui::action::{Action, Group, TABLE, When};
use crate::tui::effect::{Effect, SendWish};
use crate::tui::key::{Key, KeyCode, Mouse};
use crate::tui::keymap::show_key;
use crate::tui::theme::{Theme, Ui};

/// On a wide screen more: whole sentences say what is done.
const WIDTH: u16 = 76;
const WIDTH_MAX: u16 = 100;
const ROWS_MAX: u16 = 16;

/// A command that takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Save,
    Theme,
    Filter,
    Search,
    Respond,
    Resend,
    PublicUrl,
}

const COMMANDS: [(Command, &str, &str, &str); 7] = [
    (Command::Save, "save", "NAME", "Keep the session under this name"),
    (Command::Theme, "theme", "NAME", "Use this theme"),
    (Command::Filter, "filter", "FILTER", "Show only requests that fit"),
    (Command::Search, "search", "TEXT", "Find this in the open tab"),
    (Command::Respond, "respond", "REPLY", "Answer so: 503, 200-json, 503 delay=2s body='no'"),
    (Command::Resend, "resend", "URL", "Send the request again to this URL"),
    (Command::PublicUrl, "public-url", "URL", "Providers call this URL: check signatures that cover it again"),
];

/// What a row does.
#[derive(Clone, Debug)]
enum Does {
    /// An action of the table, and why it does nothing now.
    Action(Action, Option<&'static str>),
    /// A theme.
    Theme(String),
    /// A command: the row puts its word into the field.
    Command(&'static str),
}

/// A row of the palette.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    words: String,
    keys: String,
    does: Does,
}

/// The palette.
#[derive(Clone, Debug)]
pub struct Palette {
    input: LineInput,
    entries: Vec<Entry>,
    /// Places in `entries` that fit what was typed, best first.
    fitting: Vec<usize>,
    cursor: Cursor,
    themes: Vec<String>,
    selected: Option<ExchangeId>,
    is_listening: bool,
    mistake: Option<String>,
}

impl Palette {
    /// Every action with its keys, the themes, the commands.
    pub fn new(context: &OverlayContext<'_>) -> Self {
        // What is done with requests first: nobody looks for an arrow key here.
        let groups = [Group::Act, Group::Find, Group::Program, Group::Detail, Group::Move];
        let mut entries: Vec<Entry> = groups
            .into_iter()
            .flat_map(|group| TABLE.iter().filter(move |info| info.group == group))
            .filter(|info| info.action != Action::Palette)
            .map(|info| Entry {
                name: info.name.to_owned(),
                words: info.words.to_owned(),
                keys: context.keymap.keys(info.action).first().map(|key| show_key(*key)).unwrap_or_default(),
                does: Does::Action(info.action, idle_reason(info.when, context)),
            })
            .collect();
        entries.extend(COMMANDS.iter().map(|(_, name, argument, words)| Entry {
            name: format!("{name} {argument}"),
            words: (*words).to_owned(),
            keys: String::new(),
            does: Does::Command(name),
        }));
        entries.extend(context.themes.iter().map(|theme| Entry {
            name: format!("theme {theme}"),
            words: format!("Use the theme {theme}"),
            keys: String::new(),
            does: Does::Theme(theme.clone()),
        }));
        // What works now comes first.
        entries.sort_by_key(|entry| matches!(entry.does, Does::Action(_, Some(_))));
        let mut palette = Self {
            input: LineInput::new(""),
            fitting: Vec::new(),
            entries,
            cursor: Cursor::default(),
            themes: context.themes.to_vec(),
            selected: context.selected.map(|row| row.id),
            is_listening: context.is_listening(),
            mistake: None,
        };
        palette.find();
        palette
    }

    /// A command with its argument, once a blank is typed behind its word.
    fn command(&self) -> Option<(Command, &str)> {
        let (word, argument) = self.input.text().trim_start().split_once(' ')?;
        let argument = argument.trim();
        let (command, ..) = COMMANDS.iter().find(|(_, name, ..)| *name == word)?;
        // A part of a theme's name chooses among the rows.
        let is_theme_part = *command == Command::Theme && !self.themes.iter().any(|theme| theme == argument);
        (!is_theme_part).then_some((*command, argument))
    }

    fn find(&mut self) {
        self.cursor = Cursor::default();
        let typed = self.input.text().trim().to_lowercase();
        if typed.is_empty() {
            self.fitting = (0..self.entries.len()).collect();
            return;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(&typed, CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut scored: Vec<(bool, u32, usize)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let text = format!("{} {}", entry.name, entry.words);
            let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) else { continue };
            scored.push((entry.name.starts_with(&typed), score, at));
        }
        scored.sort_by_key(|(begins, score, at)| (std::cmp::Reverse((*begins, *score)), *at));
        self.fitting = scored.into_iter().map(|(_, _, at)| at).collect();
    }

    fn run(&mut self) -> Step {
        if let Some((command, argument)) = self.command().map(|(command, text)| (command, text.to_owned())) {
            return match self.run_command(command, &argument) {
                Ok(step) => step,
                Err(mistake) => {
                    self.mistake = Some(mistake);
                    Step::Stay
                }
            };
        }
        let entry = self.fitting.get(self.cursor.at(self.fitting.len())).and_then(|at| self.entries.get(*at));
        match entry.map(|entry| entry.does.clone()) {
            None => Step::Stay,
            Some(Does::Action(action, None)) => Step::Act(action),
            Some(Does::Action(_, Some(reason))) => {
                self.mistake = Some(reason.to_owned());
                Step::Stay
            }
            Some(Does::Theme(name)) => Step::Theme(name),
            Some(Does::Command(word)) => {
                self.input.set(&format!("{word} "));
                self.find();
                Step::Stay
            }
        }
    }

    fn run_command(&self, command: Command, argument: &str) -> Result<Step, String> {
        Ok(match command {
            Command::Save => {
                save::check_name(argument)?;
                Step::done([Effect::SaveSession { name: argument.to_owned() }])
            }
            Command::Theme => Step::Theme(argument.to_owned()),
            Command::Filter => {
                let filter = Filter::parse(argument).map_err(|error| error.to_string())?;
                Step::Filter { text: argument.to_owned(), filter: Some(filter).filter(|filter| !filter.is_empty()) }
            }
            Command::Search => Step::Search(argument.to_owned()),
            Command::Respond if !self.is_listening => return Err("this is a saved session: nothing arrives".to_owned()),
            Command::Respond => {
                let reply = Reply::parse(argument).map_err(|error| error.to_string())?;
                Step::done([Effect::SetReply { scope: Scope::All, reply }])
            }
            Command::PublicUrl => {
                let id = self.selected.ok_or("no request is selected")?;
                Step::done([Effect::SetPublicUrl { url: public_url::parse(argument)?, id }])
            }
            Command::Resend => {
                let id = self.selected.ok_or("no request is selected")?;
                let target = parse_target(argument)?;
                Step::done([Effect::Send(SendWish { id, target, ..SendWish::default() })])
            }
        })
    }

    fn frame(&self, area: Rect) -> Rect {
        frame::place(area, frame::wider(area, WIDTH, WIDTH_MAX), ROWS_MAX + 4)
    }

    fn list_area(room: Rect) -> Rect {
        Rect { y: room.y + 2.min(room.height), height: room.height.saturating_sub(2), ..room }
    }

    /// What is said below the field.
    fn view_line(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        if let Some(mistake) = &self.mistake {
            frame::line(buffer, room, 1, theme, Ui::Bad, mistake);
        } else if let Some((command, argument)) = self.command() {
            let found = COMMANDS.iter().find(|(known, ..)| *known == command);
            if let Some((_, name, shape, words)) = found {
                let problem = (!argument.is_empty()).then(|| self.run_command(command, argument).err()).flatten();
                match problem {
                    Some(problem) => frame::line(buffer, room, 1, theme, Ui::Warn, &problem),
                    None => frame::line(buffer, room, 1, theme, Ui::Muted, &format!("{name} {shape}: {words}")),
                }
            }
        }
    }
}

/// Why an action does nothing now.
fn idle_reason(when: When, context: &OverlayContext<'_>) -> Option<&'static str> {
    match when {
        When::Request if context.selected.is_none() => Some("no request is selected"),
        When::Search if context.search.is_empty() => Some("nothing is searched"),
        When::Filter if context.filter.is_empty() => Some("no filter is on"),
        When::Ledger if !context.is_ledger => Some("the deliveries are not shown"),
        When::Held if context.held.is_none() => Some("no request is held"),
        When::Listening if !context.is_listening() => Some("this is a saved session: nothing arrives"),
        _ => None,
    }
}

impl Window for Palette {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        if is_close(key) {
            return Step::Close;
        }
        self.mistake = None;
        match key.code {
            KeyCode::Enter => return self.run(),
            KeyCode::Backspace if self.input.text().is_empty() => return Step::Close,
            KeyCode::Tab => {
                let chosen = self.fitting.get(self.cursor.at(self.fitting.len())).and_then(|at| self.entries.get(*at));
                let text = chosen.map(|entry| match entry.does {
                    Does::Command(word) => format!("{word} "),
                    _ => entry.name.clone(),
                });
                if let Some(text) = text {
                    self.input.set(&text);
                    self.find();
                }
            }
            _ => {
                if !self.cursor.update(key, self.fitting.len(), Letters::Type) && self.input.update(key) {
                    self.find();
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        self.input.paste(text);
        self.find();
        Step::Stay
    }

    fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        let room = frame::room(self.frame(Rect::new(0, 0, context.size.0, context.size.1)), &self.hints());
        if self.cursor.click(mouse, Self::list_area(room), self.fitting.len()) {
            return self.run();
        }
        self.cursor.mouse(mouse, self.fitting.len());
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let room = frame::draw(self.frame(area), buffer, theme, "Palette", &self.hints());
        let x = frame::put(buffer, room.x, room.y, room.width.min(2), ": ", frame::on_ground(theme, Ui::Accent));
        let field = Rect::new(x, room.y, room.right().saturating_sub(x), room.height.min(1));
        self.input.view(field, buffer, theme, true);
        self.view_line(room, buffer, theme);
        if self.command().is_some() {
            return;
        }
        self.cursor.view(Self::list_area(room), buffer, theme, self.fitting.len(), |at, draw| {
            let Some(entry) = self.fitting.get(at).and_then(|at| self.entries.get(*at)) else { return };
            let is_idle = matches!(entry.does, Does::Action(_, Some(_)));
            let part = if is_idle { Ui::Muted } else { Ui::Base };
            draw(&Row { cells: &[(&entry.name, 18, part), (&entry.words, 0, Ui::Muted)], right: &entry.keys });
        });
        if self.fitting.is_empty() {
            frame::line(buffer, Self::list_area(room), 0, theme, Ui::Muted, "no action fits");
        }
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Enter", "do"), ("Up Down", "choose"), ("Tab", "complete"), ("Esc", "close")]
    }
}
