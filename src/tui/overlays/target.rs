//! Where a resend goes: asked once, and changed when that is wanted.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::printable;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, SendWish};
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 72;

/// Asks for the target of a resend, and sends; or only for the target.
#[derive(Clone, Debug)]
pub struct TargetPrompt {
    input: LineInput,
    /// What to send; `None`: only the target is chosen.
    wish: Option<SendWish>,
    /// Whether the text is still the one that was offered: what is typed takes its place.
    offered: bool,
    path: String,
    /// The key that changes the target later, as the user would type it.
    key: String,
    mistake: Option<String>,
}

impl TargetPrompt {
    /// The selected request goes out at once when the target is known; else it is asked for.
    pub(super) fn resend(context: &OverlayContext<'_>) -> Step {
        let Some(selected) = context.selected else {
            return Step::Refuse("no request is selected".to_owned());
        };
        let wish = SendWish { id: selected.id, ..SendWish::default() };
        match context.resend_target() {
            Some(target) => Step::done([Effect::Send(SendWish { target: target.to_owned(), ..wish })]),
            None => Step::open(Ok(Self::new(Some(wish), context))),
        }
    }

    /// Asks for the target of what is sent later.
    pub(super) fn choose(context: &OverlayContext<'_>) -> Self {
        Self::new(None, context)
    }

    fn new(wish: Option<SendWish>, context: &OverlayContext<'_>) -> Self {
        let text = context.resend_target().unwrap_or("http://127.0.0.1:3000");
        let path = context.selected.map(|row| row.target.to_string()).unwrap_or_default();
        let key = match context.keymap.hint(Action::Target) {
            key if key.is_empty() => ":target".to_owned(),
            key => key,
        };
        Self { input: LineInput::new(text), wish, offered: true, path, key, mistake: None }
    }
}

/// Understands a target: a URL, or a host with a port that gets `http://` put before it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse_target(text: &str) -> Result<String, String> {
    let text = text.trim();
    let with_scheme = match text {
        "" => return Err("a URL is needed: http://127.0.0.1:3000".to_owned()),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("http://127.0.0.1:{text}"),
        _ if text.contains("://") => text.to_owned(),
        _ => format!("http://{text}"),
    };
    let url = url::Url::parse(&with_scheme).map_err(|error| format!("this is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{}:// is not HTTP: http:// or https:// is needed", printable::visible_str(url.scheme())));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("the URL names no host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL holds a login: give it as a header of the request instead".to_owned());
    }
    if with_scheme.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err("a URL holds neither blanks nor control characters".to_owned());
    }
    Ok(with_scheme)
}

impl Window for TargetPrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if is_close(key) => return Step::Close,
            KeyCode::Enter => match parse_target(self.input.text()) {
                Ok(target) => {
                    return match self.wish.clone() {
                        Some(wish) => Step::done([Effect::Send(SendWish { target, ..wish })]),
                        None => Step::Target(target),
                    };
                }
                Err(mistake) => self.mistake = Some(mistake),
            },
            _ => {
                let is_typed = matches!(key.code, KeyCode::Char(_)) && !key.ctrl && !key.alt;
                if std::mem::take(&mut self.offered) && is_typed {
                    self.input.set("");
                }
                self.input.update(key);
                self.mistake = None;
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        if std::mem::take(&mut self.offered) {
            self.input.set("");
        }
        self.input.paste(text.trim());
        self.mistake = parse_target(self.input.text()).err();
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let room = frame::draw(frame::place(area, WIDTH, 6), buffer, theme, "Send again to", &self.hints());
        self.input.view(Rect { height: room.height.min(1), ..room }, buffer, theme, true);
        match (&self.mistake, parse_target(self.input.text())) {
            (Some(mistake), _) => frame::line(buffer, room, 1, theme, Ui::Bad, mistake),
            (None, Ok(target)) => {
                let shown = printable::visible_str(&target).into_owned();
                let whole = url::Url::parse(&target).is_ok_and(|url| url.path() != "/" || target.ends_with('/'));
                let path = if whole { "" } else { &self.path };
                frame::line(buffer, room, 1, theme, Ui::Muted, &format!("goes to {shown}{path}"));
            }
            (None, Err(mistake)) => frame::line(buffer, room, 1, theme, Ui::Warn, &mistake),
        }
        let mut words = match self.wish {
            Some(_) => format!("Asked once: {} changes it later, --forward sets it at the start.", self.key),
            None => "--forward sets it at the start.".to_owned(),
        };
        if self.offered {
            words.push_str(" Typing replaces this URL.");
        }
        for (row, line) in (2..).zip(frame::wrap(&words, room.width)) {
            frame::line(buffer, room, row, theme, Ui::Muted, &line);
        }
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Enter", if self.wish.is_some() { "send" } else { "use" }), ("Esc", "close")]
    }
}
