//! The secret of a provider: typed or pasted, never shown unless asked, checked at once.

mod field;
mod known;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::list::{Cursor, Letters, Row};
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::ExchangeId;
use crate::domain::nearest::nearest;
use crate::domain::printable;
use crate::domain::signature::Secret;
use crate::domain::signature::profile::Profile;
use crate::domain::signature::profiles::Profiles;
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::{KnownSecret, Msg};
use crate::tui::theme::{Theme, Ui};

use field::SecretField;

const WIDTH: u16 = 76;

/// Where the prompt stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// What is known: take one's place, forget one, or give one more.
    Known,
    /// Which provider.
    Choose,
    /// The secret is being typed.
    Type,
    /// It is being checked.
    Wait,
    /// It cannot be used.
    Refused(String),
}

/// Asks for a secret.
#[derive(Clone, Debug)]
pub struct SecretPrompt {
    id: ExchangeId,
    providers: Vec<String>,
    known: Vec<KnownSecret>,
    /// The row of the list of what is known.
    known_cursor: Cursor,
    /// The known secret that what is typed takes the place of.
    replaces: Option<KnownSecret>,
    typed: LineInput,
    cursor: Cursor,
    provider: String,
    profile: Option<Arc<Profile>>,
    input: SecretField,
    line_end_dropped: bool,
    stage: Stage,
}

impl SecretPrompt {
    /// For the provider of the selected request; when none was recognised, it is chosen first.
    ///
    /// # Errors
    /// In words, when no request is selected.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        let Some(selected) = context.selected else {
            return Err("no request is selected: a secret is given for the provider of a request".to_owned());
        };
        let mut prompt = Self {
            id: selected.id,
            providers: context.identity.providers.clone(),
            known: context.secrets.to_vec(),
            known_cursor: Cursor::default(),
            replaces: None,
            typed: LineInput::new(""),
            cursor: Cursor::default(),
            provider: String::new(),
            profile: None,
            input: SecretField::new(),
            line_end_dropped: false,
            stage: Stage::Choose,
        };
        if let Some(provider) = &selected.provider {
            prompt.choose(provider);
        } else if prompt.providers.is_empty() {
            return Err("no provider recognises this request, and no profile is known".to_owned());
        }
        if prompt.kept().next().is_some() {
            prompt.stage = Stage::Known;
        }
        Ok(prompt)
    }

    fn choose(&mut self, provider: &str) {
        provider.clone_into(&mut self.provider);
        self.profile = Profiles::builtin().by_name(provider).cloned();
        self.stage = Stage::Type;
    }

    /// The providers that fit what was typed, by their names or titles; where none does, those that were likely meant.
    fn fitting(&self) -> Vec<&String> {
        let typed = self.typed.text().trim().to_ascii_lowercase();
        let fits = |name: &&String| name.contains(&typed) || title(name).to_ascii_lowercase().contains(&typed);
        let fitting: Vec<&String> = self.providers.iter().filter(fits).collect();
        if !fitting.is_empty() {
            return fitting;
        }
        let near = nearest(&typed, self.providers.iter().map(String::as_str));
        near.into_iter().filter_map(|near| self.providers.iter().find(|name| *name == near)).collect()
    }

    fn choosing(&mut self, key: Key) -> Step {
        let fitting = self.fitting();
        let count = fitting.len();
        if key.code == KeyCode::Enter {
            if let Some(provider) = fitting.get(self.cursor.at(count)).map(|name| (*name).clone()) {
                self.choose(&provider);
            }
            return Step::Stay;
        }
        if !self.cursor.update(key, count, Letters::Type) && self.typed.update(key) {
            self.cursor = Cursor::default();
        }
        Step::Stay
    }

    fn typing(&mut self, key: Key) -> Step {
        match key.code {
            KeyCode::Enter if !self.input.text().is_empty() => {
                self.stage = Stage::Wait;
                let secret = Secret::new(self.input.text().as_bytes());
                let replaces = self.replaces.as_ref().map(|known| known.number);
                let effect = Effect::SetSecret { provider: self.provider.clone(), id: self.id, secret, replaces };
                return Step::Do { effects: vec![effect], close: false };
            }
            KeyCode::Char('r') if key.ctrl => self.input.masked = !self.input.masked,
            KeyCode::Tab if !self.providers.is_empty() => self.stage = Stage::Choose,
            KeyCode::Up if !self.known.is_empty() => self.stage = Stage::Known,
            _ => {
                if self.input.update(key) {
                    self.stage = Stage::Type;
                }
            }
        }
        Step::Stay
    }

    /// What looks wrong with the text before it is tried.
    fn warnings(&self) -> Vec<String> {
        let text = self.input.text();
        let mut warnings = Vec::new();
        if text.is_empty() {
            return warnings;
        }
        if self.line_end_dropped {
            warnings.push("a line end behind the pasted text was left out".to_owned());
        }
        if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            warnings.push("it begins or ends with a blank".to_owned());
        }
        let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
        if quoted('"') || quoted('\'') {
            warnings.push("it stands in quotes: they become part of it".to_owned());
        }
        if text.chars().any(|char| char.is_control() && char != '\n') {
            warnings.push("it holds a control character".to_owned());
        }
        let Some(facts) = self.profile.as_ref().map(|profile| &profile.secret) else { return warnings };
        if let Some((start, what)) = facts.wrong.iter().find(|(start, _)| text.starts_with(start.as_str())) {
            warnings.push(format!("{start}... is {what}"));
        } else if !facts.prefixes.is_empty() && !facts.prefixes.iter().any(|start| text.starts_with(start.as_str())) {
            warnings.push(format!("the {} begins with {}", called(facts.called.as_str()), facts.prefixes.join(" or ")));
        }
        warnings
    }

    fn frame(&self, area: Rect) -> Rect {
        let height = match self.stage {
            Stage::Choose => u16::try_from(self.providers.len()).unwrap_or(u16::MAX).clamp(3, 16).saturating_add(4),
            Stage::Known => u16::try_from(self.known.len()).unwrap_or(u16::MAX).clamp(3, 16).saturating_add(6),
            _ => 11,
        };
        frame::place(area, WIDTH, height)
    }

    fn view_choice(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let words = match (self.provider.is_empty(), room.width) {
            (true, 60..) => "No provider recognises it. Whose is it? ",
            (true, _) => "Whose is it? ",
            (false, _) => "Provider ",
        };
        let x = frame::put(buffer, room.x, room.y, room.width, words, frame::on_ground(theme, Ui::Title));
        let field = Rect::new(x, room.y, room.right().saturating_sub(x), room.height.min(1));
        self.typed.view(field, buffer, theme, true);
        let fitting = self.fitting();
        let list = Rect { y: room.y + 2.min(room.height), height: room.height.saturating_sub(2), ..room };
        self.cursor.view(list, buffer, theme, fitting.len(), |at, draw| {
            let Some(name) = fitting.get(at) else { return };
            let is_known = self.known.iter().any(|known| known.provider.as_ref() == Some(*name));
            let right = if is_known { "secret known" } else { "" };
            draw(&Row { cells: &[(name, 20, Ui::Base), (&title(name), 0, Ui::Muted)], right });
        });
        if fitting.is_empty() {
            let words = format!(
                "No provider is called {}. Backspace shows all; a scheme of your own is described by --scheme or in the configuration.",
                printable::visible_within(self.typed.text().trim().as_bytes(), 40)
            );
            for (row, line) in (0..).zip(frame::wrap(&words, list.width)) {
                frame::line(buffer, list, row, theme, Ui::Warn, &line);
            }
        }
    }

    fn view_field(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let facts = self.profile.as_ref().map(|profile| &profile.secret);
        let called = called(facts.map_or("", |facts| facts.called.as_str()));
        let mut row = 0;
        let mut say = |buffer: &mut Buffer, part, text: &str| {
            for line in frame::wrap(text, room.width) {
                frame::line(buffer, room, row, theme, part, &line);
                row += 1;
            }
        };
        say(buffer, Ui::Title, &format!("The {called} of {}.{}", self.provider, self.beside()));
        if let Some(facts) = facts.filter(|facts| !facts.find.is_empty()) {
            say(buffer, Ui::Muted, &facts.find);
        }
        let field = Rect::new(room.x, room.y.saturating_add(row), room.width, u16::from(row < room.height));
        self.input.view(field, buffer, theme, self.stage != Stage::Wait);
        row += 1;
        let characters = self.input.text().chars().count();
        let mut say = |buffer: &mut Buffer, part, text: &str| {
            for line in frame::wrap(text, room.width) {
                frame::line(buffer, room, row, theme, part, &line);
                row += 1;
            }
        };
        say(buffer, Ui::Muted, &format!("{characters} characters; kept in memory only"));
        for warning in self.warnings() {
            say(buffer, Ui::Warn, &format!("! {warning}"));
        }
        match &self.stage {
            Stage::Known | Stage::Choose | Stage::Type => {}
            Stage::Wait => say(buffer, Ui::Info, "checking..."),
            Stage::Refused(reason) => say(buffer, Ui::Bad, reason),
        }
    }
}

/// How a provider writes itself.
fn title(name: &str) -> String {
    Profiles::builtin().by_name(name).map(|profile| profile.title.clone()).unwrap_or_default()
}

fn called(name: &str) -> &str {
    if name.is_empty() { "secret" } else { name }
}

impl Window for SecretPrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        if is_close(key) {
            return self.step_back();
        }
        match &self.stage {
            Stage::Known => self.among_known(key),
            Stage::Choose => self.choosing(key),
            Stage::Wait => Step::Stay,
            Stage::Type | Stage::Refused(_) => self.typing(key),
        }
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        match self.stage {
            Stage::Choose => self.typed.paste(text),
            Stage::Wait | Stage::Known => {}
            _ => {
                // A key in PEM has line ends inside; those behind are an accident of copying.
                let bare = text.trim_end_matches(['\r', '\n']);
                self.line_end_dropped = bare.len() < text.len();
                self.input.insert(bare);
                self.stage = Stage::Type;
            }
        }
        Step::Stay
    }

    fn tell(&mut self, msg: &Msg, _context: &OverlayContext<'_>) -> Step {
        if let Msg::Secrets(known) = msg {
            self.known.clone_from(known);
        }
        if let Msg::SecretSet { provider, result } = msg
            && self.stage == Stage::Wait
            && *provider == self.provider
        {
            match result {
                // Valid or not, the notice and the tab below say it: what is pressed next is meant for them.
                Ok(_) => return Step::Close,
                Err(reason) => self.stage = Stage::Refused(printable::visible_str(reason).into_owned()),
            }
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = if self.stage == Stage::Known { "Secrets" } else { "Secret" };
        let room = frame::draw(self.frame(area), buffer, theme, title, &self.hints());
        match self.stage {
            Stage::Known => self.view_known(room, buffer, theme),
            Stage::Choose => self.view_choice(room, buffer, theme),
            _ => self.view_field(room, buffer, theme),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let reveal = if self.input.masked { ("^r", "show it") } else { ("^r", "hide it") };
        match &self.stage {
            Stage::Known => self.known_hints(),
            Stage::Choose => vec![("Enter", "choose"), ("Up Down", "move"), ("Esc", self.way_back())],
            Stage::Wait => vec![("Esc", "close")],
            _ if self.known.is_empty() => {
                vec![("Enter", "check"), reveal, ("Tab", "other provider"), ("Esc", self.way_back())]
            }
            _ => {
                let known = ("Up", "what is known");
                vec![("Enter", "check"), reveal, known, ("Tab", "other provider"), ("Esc", self.way_back())]
            }
        }
    }
}
