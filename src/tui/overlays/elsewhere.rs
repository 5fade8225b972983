//! Whether a resend may leave this machine: the host, its addresses, and what would log somebody in there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::target_rules::Approval;
use crate::tui::effect::{Effect, SendWish};
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::Elsewhere;
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 76;
/// Addresses that are shown; all of them are meant.
const ADDRESSES_MAX: usize = 4;

/// Asks about one resend.
#[derive(Clone, Debug)]
pub struct ElsewherePrompt {
    asked: Elsewhere,
    sends_credentials: bool,
}

impl ElsewherePrompt {
    /// Asks.
    pub fn new(asked: Elsewhere) -> Self {
        Self { sends_credentials: asked.wish.sends_credentials, asked }
    }

    fn send(&self, remember: bool) -> Step {
        let Elsewhere { wish, host, addresses, .. } = &self.asked;
        let approval = Approval { host: host.clone(), addresses: addresses.clone(), remember };
        Step::done([Effect::Send(SendWish {
            approval: Some(approval),
            sends_credentials: self.sends_credentials,
            ..wish.clone()
        })])
    }

    fn lines(&self, width: u16) -> Vec<(Ui, String)> {
        let Elsewhere { wish, origin, addresses, zone, credentials, .. } = &self.asked;
        let mut shown: Vec<String> = addresses.iter().take(ADDRESSES_MAX).map(ToString::to_string).collect();
        if addresses.len() > ADDRESSES_MAX {
            shown.push(format!("{} more", addresses.len() - ADDRESSES_MAX));
        }
        let mut said = vec![
            (Ui::Title, format!("Request {} would go to {origin}", wish.id)),
            (
                Ui::Base,
                match shown.is_empty() {
                    true => {
                        "It is not this machine, and the configuration does not name it. Nothing has been looked up \
                             yet: that tells its name server."
                            .to_owned()
                    }
                    false => format!(
                        "That is {}, {zone}, not this machine, and the configuration does not name it.",
                        shown.join(", ")
                    ),
                },
            ),
        ];
        if !credentials.is_empty() {
            let names = credentials.join(", ");
            said.push(match self.sends_credentials {
                true => (Ui::Warn, format!("{names} go with it, though the sender meant them for another host")),
                false => (Ui::Base, format!("{names} stay here: the sender meant them for another host")),
            });
        }
        let wrapped =
            said.iter().flat_map(|(part, text)| frame::wrap(text, width).into_iter().map(|line| (*part, line)));
        wrapped.collect()
    }
}

impl Window for ElsewherePrompt {
    /// No `Enter`: what leaves the machine needs a letter of its own.
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key {
            _ if is_close(key) => Step::Close,
            Key { code: KeyCode::Char('y' | 'Y'), ctrl: false, alt: false, .. } => self.send(false),
            Key { code: KeyCode::Char('s'), ctrl: false, alt: false, .. } => self.send(true),
            Key { code: KeyCode::Char('c'), ctrl: false, alt: false, .. } if !self.asked.credentials.is_empty() => {
                self.sends_credentials = !self.sends_credentials;
                Step::Stay
            }
            Key { code: KeyCode::Char('n' | 'N' | 'q'), .. } => Step::Close,
            _ => Step::Stay,
        }
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let width = WIDTH.min(area.width);
        let lines = self.lines(width.saturating_sub(4));
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let title = "Send it out of this machine?";
        let room = frame::draw(frame::place(area, width, height), buffer, theme, title, &self.hints());
        for (row, (part, text)) in (0..).zip(&lines) {
            frame::line(buffer, room, row, theme, *part, text);
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("y", "send once"), ("s", "and all this session"), ("n", "no")];
        if !self.asked.credentials.is_empty() {
            hints.push(("c", if self.sends_credentials { "keep logins here" } else { "send logins too" }));
        }
        hints
    }
}
