//! An edited copy of the selected request: its text, where it goes, and which signature goes out.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::target::parse_target;
use super::text_box::{TextBox, fits};
use super::window::{Hint, OverlayContext, Step, Window};
use crate::domain::credentials;
use crate::domain::draft::{Changes, Draft, DraftError};
use crate::domain::exchange::{ExchangeId, Request, SignatureChoice};
use crate::domain::printable;
use crate::domain::signature::carried::{Changed, is_signed_part_changed};
use crate::tui::action::Action;
use crate::tui::effect::{Effect, SendWish};
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::Msg;
use crate::tui::theme::{Theme, Ui};
use crate::tui::widgets::scroll;

mod panel;
mod signer;

use signer::Signer;

/// Rows of the panel below the text, without the one for credentials.
const PANEL_ROWS: u16 = 4;

/// The same where the text would have no room beside it: one row says what matters most.
const PANEL_ROWS_LOW: u16 = 1;
/// Rows from which on there is room for the text and the whole panel.
const ROOM_ROWS_FAIR: u16 = 11;

const LABEL_COLUMNS: u16 = 11;

/// The text, as far as it can be edited here.
#[derive(Clone, Debug)]
enum Text {
    /// Edited here.
    Here(Box<TextBox>),
    /// Too large: as it came back from $EDITOR.
    Elsewhere(String),
}

/// What has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    Text,
    Target,
}

/// The editor of a draft.
#[derive(Clone, Debug)]
pub struct DraftEditor {
    request: Arc<Request>,
    text: Text,
    target: LineInput,
    focus: Focus,
    /// Which signature the user wants; `None`: the one that fits what was changed.
    choice: Option<SignatureChoice>,
    signer: Signer,
    /// Headers that log somebody in.
    credentials: Vec<&'static str>,
    sends_credentials: bool,
    draft: Result<Draft, DraftError>,
    /// Whether one `Esc` was pressed over unsent changes.
    leaving: bool,
    mistake: Option<String>,
}

impl DraftEditor {
    /// Over the captured request.
    ///
    /// # Errors
    /// In words, when the request cannot be edited here.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        let request = loaded(context)?;
        let text = Draft::from_request(&request).to_text();
        if !fits(&text) {
            let key = context.keymap.hint(Action::EditInEditor);
            return Err(format!(
                "{} kB, or a line of it, are too much to edit here: press {key} for $EDITOR",
                text.len() / 1024
            ));
        }
        Ok(Self::new(request, &text, context))
    }

    /// Over a text that came back from $EDITOR.
    ///
    /// # Errors
    /// In words, when its request is not the selected one any more.
    pub fn with_text(id: ExchangeId, text: &str, context: &OverlayContext<'_>) -> Result<Self, String> {
        let request = loaded(context)?;
        if request.id != id {
            return Err(format!("request {id} is not the selected one any more: select it and edit again"));
        }
        Ok(Self::new(request, text, context))
    }

    fn new(request: Arc<Request>, text: &str, context: &OverlayContext<'_>) -> Self {
        let draft = Draft::from_text(text, &request);
        Self {
            text: Self::text_of(text),
            target: LineInput::new(context.resend_target().unwrap_or_default()),
            focus: Focus::Text,
            choice: None,
            signer: Signer::new(context),
            credentials: credentials::carried(&request.headers),
            sends_credentials: false,
            draft,
            leaving: false,
            mistake: None,
            request,
        }
    }

    fn text_of(text: &str) -> Text {
        if fits(text) { Text::Here(Box::new(TextBox::new(text))) } else { Text::Elsewhere(text.to_owned()) }
    }

    fn text(&self) -> String {
        match &self.text {
            Text::Here(text) => text.text(),
            Text::Elsewhere(text) => text.clone(),
        }
    }

    fn changes(&self) -> Changes {
        self.draft.as_ref().map(|draft| draft.changes(&self.request)).unwrap_or_default()
    }

    /// The next choice of those that are possible.
    fn turn_signature(&mut self) {
        let choices: &[SignatureChoice] = match (&self.signer, self.signer.obstacle()) {
            (Signer::NoSignature, _) => &[SignatureChoice::Kept],
            (_, Some(_)) => &[SignatureChoice::Kept, SignatureChoice::Broken],
            (_, None) => &[SignatureChoice::Kept, SignatureChoice::Resigned, SignatureChoice::Broken],
        };
        let now = self.signature();
        let at = choices.iter().position(|choice| *choice == now).unwrap_or(0);
        self.choice = choices.get((at + 1) % choices.len()).copied();
    }

    /// Whether something changed that is signed, so that the captured signature cannot hold any more.
    fn is_stale(&self) -> bool {
        let Ok(draft) = &self.draft else { return false };
        let changes = self.changes();
        match &self.signer {
            Signer::NoSignature => false,
            Signer::Provider { profile: None, .. } => changes.body,
            Signer::Provider { profile: Some(profile), .. } => {
                let changed = Changed {
                    body: changes.body,
                    url: changes.url,
                    method: changes.method,
                    headers: changes.headers.then_some(&draft.headers),
                };
                is_signed_part_changed(profile, &self.request, &changed)
            }
        }
    }

    /// Which signature goes out: the user's choice, else made anew where the old one cannot hold and a new one can be made.
    fn signature(&self) -> SignatureChoice {
        let fitting = if self.is_stale() && self.signer.obstacle().is_none() {
            SignatureChoice::Resigned
        } else {
            SignatureChoice::Kept
        };
        self.choice.unwrap_or(fitting)
    }

    /// What is said of the signature that goes out.
    fn signature_words(&self) -> (Ui, String) {
        let Signer::Provider { name, .. } = &self.signer else {
            return (Ui::Muted, "none: the request carries no signature that is known".to_owned());
        };
        match (self.signature(), self.is_stale(), self.signer.obstacle()) {
            (SignatureChoice::Resigned, ..) => (Ui::Good, format!("re-signed now with the secret of {name}")),
            (SignatureChoice::Broken, ..) => (Ui::Warn, "broken on purpose: the target should refuse it".to_owned()),
            (SignatureChoice::Kept, true, Some(why)) => (Ui::Warn, format!("kept: it will not hold, and {why}")),
            (SignatureChoice::Kept, true, None) => {
                (Ui::Warn, "kept by your choice: it will not hold for what was changed".to_owned())
            }
            (SignatureChoice::Kept, false, _) if self.changes().any() => {
                (Ui::Base, "kept: what it signs was not changed".to_owned())
            }
            (SignatureChoice::Kept, false, _) => (Ui::Base, "kept as it came".to_owned()),
        }
    }

    fn send(&mut self) -> Step {
        let draft = match &self.draft {
            Ok(draft) => draft,
            Err(_) => return Step::Stay,
        };
        let names_host = !draft.url.starts_with(b"/") && &draft.url[..] != b"*";
        let target = match parse_target(self.target.text()) {
            Ok(target) => target,
            // The text says where to.
            Err(_) if names_host && self.target.text().trim().is_empty() => {
                String::from_utf8_lossy(&draft.url).into_owned()
            }
            Err(mistake) => {
                self.focus = Focus::Target;
                self.mistake = Some(mistake);
                return Step::Stay;
            }
        };
        let draft = draft.changes(&self.request).any().then(|| self.text());
        Step::done([Effect::Send(SendWish {
            id: self.request.id,
            target,
            draft,
            signature: self.choice,
            sends_credentials: self.sends_credentials,
            ..SendWish::default()
        })])
    }

    fn edit(&mut self, key: Key, context: &OverlayContext<'_>) {
        if self.focus == Focus::Target {
            self.target.update(key);
            return;
        }
        let area = frame::room(Self::frame(Rect::new(0, 0, context.size.0, context.size.1)), &self.hints());
        let area = text_area(area, self.panel_rows(area));
        if let Text::Here(text) = &mut self.text {
            let before = text.size_bytes();
            if text.update(key, (area.width, area.height)) || text.size_bytes() != before {
                self.read();
            }
        }
    }

    fn read(&mut self) {
        self.draft = Draft::from_text(&self.text(), &self.request);
    }

    fn frame(area: Rect) -> Rect {
        let margin = if area.width > 100 { 8 } else { 0 };
        frame::place(area, area.width.saturating_sub(margin), area.height.saturating_sub(2).max(6))
    }

    fn panel_rows(&self, room: Rect) -> u16 {
        let rows = match room.height < ROOM_ROWS_FAIR {
            // A mistake is worth a row of the text.
            true if self.urgent().is_some_and(|(_, words)| frame::wrap(&words, room.width).len() > 1) => {
                PANEL_ROWS_LOW + 1
            }
            true => PANEL_ROWS_LOW,
            false => PANEL_ROWS,
        };
        rows + u16::from(!self.credentials.is_empty())
    }
}

/// The selected request, whole.
fn loaded(context: &OverlayContext<'_>) -> Result<Arc<Request>, String> {
    if context.selected.is_none() {
        return Err("no request is selected".to_owned());
    }
    let exchange = context.exchange().ok_or("the request is still being loaded: try again")?;
    if let Some(reason) = exchange.request.refused() {
        return Err(format!(
            "this never became a request ({}): there is nothing to edit",
            printable::visible_str(reason)
        ));
    }
    Ok(Arc::clone(&exchange.request))
}

fn text_area(room: Rect, panel_rows: u16) -> Rect {
    Rect { height: room.height.saturating_sub(panel_rows + 1).max(room.height.min(1)), ..room }
}

impl Window for DraftEditor {
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        let leaving = std::mem::replace(&mut self.leaving, false);
        self.mistake = None;
        match key.code {
            KeyCode::Esc => {
                if leaving || !(self.changes().any() || self.draft.is_err()) {
                    return Step::Close;
                }
                self.leaving = true;
            }
            KeyCode::Char('c') if key.ctrl && !key.alt => return Step::Close,
            KeyCode::Char('s') if key.ctrl => return self.send(),
            KeyCode::Enter if key.ctrl => return self.send(),
            KeyCode::Enter if self.focus == Focus::Target => return self.send(),
            KeyCode::Char('g') if key.ctrl => self.turn_signature(),
            KeyCode::Char('t') if key.ctrl && !self.credentials.is_empty() => {
                self.sends_credentials = !self.sends_credentials;
            }
            KeyCode::Char('o') if key.ctrl => {
                let effect = Effect::OpenEditor { id: self.request.id, text: Some(self.text()) };
                return Step::Do { effects: vec![effect], close: false };
            }
            KeyCode::Tab | KeyCode::BackTab => {
                self.focus = if self.focus == Focus::Text { Focus::Target } else { Focus::Text };
            }
            _ => self.edit(key, context),
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        self.leaving = false;
        match (self.focus, &mut self.text) {
            (Focus::Target, _) => self.target.paste(text.trim()),
            (Focus::Text, Text::Here(area)) => {
                if !fits(&format!("{}{text}", area.text())) {
                    self.mistake = Some("the text would be too large to edit here: ^o opens $EDITOR".to_owned());
                } else {
                    area.paste(text);
                    self.read();
                }
            }
            (Focus::Text, Text::Elsewhere(_)) => {}
        }
        Step::Stay
    }

    fn awaits_edited(&self) -> bool {
        true
    }

    fn tell(&mut self, msg: &Msg, _context: &OverlayContext<'_>) -> Step {
        if let Msg::Edited { id, result } = msg
            && *id == self.request.id
        {
            match result {
                Ok(text) => {
                    self.text = Self::text_of(text);
                    self.read();
                }
                Err(reason) => self.mistake = Some(printable::visible_str(reason).into_owned()),
            }
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = format!("Edit a copy of request {}", self.request.id);
        let room = frame::draw(Self::frame(area), buffer, theme, &title, &self.hints());
        let text_room = text_area(room, self.panel_rows(room));
        match &self.text {
            Text::Here(text) => {
                text.view(text_room, buffer, theme, self.focus == Focus::Text);
                // In the frame: no character of the text is hidden by it.
                let (rows, top) = text.seen(text_room);
                let bar = Rect { width: text_room.width + 2, ..text_room };
                scroll::draw(buffer, bar, rows, top, frame::on_ground(theme, Ui::Accent));
            }
            Text::Elsewhere(text) => {
                let words = format!(
                    "{} kB: too much to edit here. ^o opens it in $EDITOR again, ^s sends it.",
                    text.len() / 1024
                );
                for (row, line) in (0..).zip(frame::wrap(&words, room.width)) {
                    frame::line(buffer, text_room, row, theme, Ui::Base, &line);
                }
            }
        }
        let panel_y = (text_room.bottom() + 1).min(room.bottom());
        let panel = Rect { y: panel_y, height: room.bottom() - panel_y, ..room };
        if text_room.bottom() < room.bottom() {
            let rule = "─".repeat(usize::from(room.width));
            frame::put(
                buffer,
                room.x,
                text_room.bottom(),
                room.width,
                &rule,
                frame::on_ground(theme, Ui::OverlayBorder),
            );
        }
        self.view_panel(panel, buffer, theme);
    }

    fn hints(&self) -> Vec<Hint> {
        let focus = if self.focus == Focus::Text { ("Tab", "target") } else { ("Tab", "text") };
        vec![("^s", "send"), ("^g", "signature"), focus, ("^o", "$EDITOR"), ("^u", "undo"), ("Esc", "close")]
    }
}
