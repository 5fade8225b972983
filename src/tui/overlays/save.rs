//! Under which name the session is kept.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::printable;
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 64;
const NAME_BYTES_MAX: usize = 100;

/// Asks for the session's name.
#[derive(Clone, Debug)]
pub struct SavePrompt {
    input: LineInput,
    now: String,
    mistake: Option<String>,
}

impl SavePrompt {
    /// Empty, with the present name shown.
    pub fn new(context: &OverlayContext<'_>) -> Self {
        Self { input: LineInput::new(""), now: context.identity.session.clone(), mistake: None }
    }
}

/// Whether a name can be that of a session: it becomes a file's name.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a name is needed".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(format!("at most {NAME_BYTES_MAX} bytes"));
    }
    if name.starts_with(['.', '-']) {
        return Err("a name cannot begin with . or -".to_owned());
    }
    match name.chars().find(|char| !char.is_alphanumeric() && !"-_. ".contains(*char)) {
        Some(char) => {
            let shown = printable::visible(char.to_string().as_bytes());
            Err(format!("`{shown}` cannot be in a name: letters, digits, blank, - _ . can"))
        }
        None => Ok(()),
    }
}

impl Window for SavePrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if is_close(key) => return Step::Close,
            KeyCode::Enter => {
                let name = self.input.text().trim().to_owned();
                match check_name(&name) {
                    Ok(()) => return Step::done([Effect::SaveSession { name }]),
                    Err(mistake) => self.mistake = Some(mistake),
                }
            }
            _ => {
                self.input.update(key);
                let name = self.input.text().trim();
                self.mistake = if name.is_empty() { None } else { check_name(name).err() };
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        self.input.paste(text);
        self.mistake = check_name(self.input.text().trim()).err();
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let room = frame::draw(frame::place(area, WIDTH, 6), buffer, theme, "Name this session", &self.hints());
        let now = match self.now.as_str() {
            "" => "It is in memory only (--no-session): there is no file to name".to_owned(),
            now => format!("Recorded already, as {now}"),
        };
        frame::line(buffer, room, 0, theme, Ui::Muted, &now);
        let x = frame::put(buffer, room.x, room.y + 1, room.width, "Name ", frame::on_ground(theme, Ui::Title));
        if room.height > 1 {
            self.input.view(Rect::new(x, room.y + 1, room.right() - x, 1), buffer, theme, true);
        }
        if let Some(mistake) = &self.mistake {
            for (row, line) in (2..).zip(frame::wrap(mistake, room.width)) {
                frame::line(buffer, room, row, theme, Ui::Bad, &line);
            }
        } else {
            let name = self.input.text().trim();
            let name = if name.is_empty() { "NAME" } else { name };
            let words = format!("`hooksight open {}` finds it then", printable::visible_str(name));
            frame::line(buffer, room, 2, theme, Ui::Muted, &words);
        }
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Enter", "keep it so"), ("Esc", "close")]
    }
}
