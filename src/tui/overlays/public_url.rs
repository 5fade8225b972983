//! The URL that providers call, for schemes that sign it: given once, and everything is checked again.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::printable::visible_str;
use crate::domain::signature::carried::signs_url;
use crate::domain::signature::profiles::Profiles;
use crate::domain::signature::public_url;
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 76;
/// Longest host that a tunnel's header may offer, in bytes: no name in the DNS is longer (RFC 1035 section 2.3.4), nor with its port.
const HOST_BYTES_MAX: usize = 261;

/// Asks for the public URL.
#[derive(Clone, Debug)]
pub struct PublicUrlPrompt {
    id: ExchangeId,
    input: LineInput,
    /// What is in force.
    now: Option<String>,
    /// What stands before the first key, where that is not in force but what a tunnel wrote into the request.
    offered: Option<String>,
    /// The selected request, for what is checked with a URL.
    request: Option<Arc<Request>>,
    /// The provider's title, and whether its scheme signs the URL.
    provider: Option<(String, bool)>,
    mistake: Option<String>,
}

impl PublicUrlPrompt {
    /// For the selected request.
    ///
    /// # Errors
    /// In words, when no request is selected.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        let selected =
            context.selected.ok_or("no request is selected: a URL is checked with one that it was called with")?;
        let now = context.identity.public_url.clone();
        let request = context.exchange().map(|exchange| Arc::clone(&exchange.request));
        let offered = request.as_deref().filter(|_| now.is_none()).and_then(said_by_tunnel);
        let profile = selected.provider.as_deref().and_then(|name| Profiles::builtin().by_name(name));
        Ok(Self {
            id: selected.id,
            input: LineInput::new(now.as_deref().or(offered.as_deref()).unwrap_or_default()),
            now,
            offered,
            request,
            provider: profile.map(|profile| (profile.title.clone(), signs_url(profile))),
            mistake: None,
        })
    }

    /// What the check of the selected request takes, with what is typed.
    fn checked_with(&self, url: &str) -> Option<String> {
        let url = public_url::signed_url(Some(url), self.request.as_deref()?).url;
        Some(visible_str(&String::from_utf8_lossy(&url)).into_owned())
    }

    fn words(&self) -> Vec<(Ui, String)> {
        let mut words = Vec::new();
        if let Some(mistake) = &self.mistake {
            words.push((Ui::Bad, mistake.clone()));
        }
        match parse(self.input.text()) {
            Ok(Some(url)) => {
                if let Some(checked) = self.checked_with(&url) {
                    words.push((Ui::Muted, format!("checked with {checked}")));
                }
            }
            Ok(None) if self.now.is_some() => {
                words.push((Ui::Muted, "nothing: the Host of each request is taken".to_owned()))
            }
            Ok(None) | Err(_) => {}
        }
        if self.offered.as_deref() == Some(self.input.text()) {
            words.push((Ui::Muted, "offered by the request's X-Forwarded-Host: anybody can write it".to_owned()));
        }
        if let Some((title, false)) = &self.provider {
            words.push((
                Ui::Warn,
                format!("{} does not sign the URL: this request is checked without it", visible_str(title)),
            ));
        }
        words.push((Ui::Muted, "The origin is enough: the path of each request is added. Kept until the end; --public-url sets it at the start.".to_owned()));
        words
    }
}

/// The origin by which a tunnel was called, as it says in the headers that most of them write.
fn said_by_tunnel(request: &Request) -> Option<String> {
    let header = |name: &str| request.headers.get_str(name).and_then(|value| value.split(',').next()).map(str::trim);
    let host = header("x-forwarded-host").filter(|host| !host.is_empty() && host.len() <= HOST_BYTES_MAX)?;
    let scheme = header("x-forwarded-proto").filter(|scheme| *scheme == "http").unwrap_or("https");
    parse(&format!("{scheme}://{host}")).ok().flatten()
}

/// Understands a public URL; a host alone gets `https://` put before it. `None`: nothing was typed.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    super::target::parse_target(&whole).map(Some)
}

impl Window for PublicUrlPrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if is_close(key) => return Step::Close,
            KeyCode::Enter => match parse(self.input.text()) {
                Ok(url) if url == self.now => return Step::Close,
                Ok(url) => return Step::done([Effect::SetPublicUrl { url, id: self.id }]),
                Err(mistake) => self.mistake = Some(mistake),
            },
            _ => {
                let is_typed = matches!(key.code, KeyCode::Char(_)) && !key.ctrl && !key.alt;
                if self.offered.take().is_some() && is_typed {
                    self.input.set("");
                }
                self.input.update(key);
                self.mistake = None;
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        // Nobody pastes a URL into the middle of another one.
        self.offered = None;
        self.input.set("");
        self.input.paste(text.trim());
        self.mistake = parse(self.input.text()).err();
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let columns = WIDTH.min(area.width).saturating_sub(4);
        let words = self.words().into_iter().map(|(part, text)| (part, frame::wrap(&text, columns)));
        let words: Vec<_> = words.collect();
        let rows = words.iter().map(|(_, lines)| lines.len()).sum::<usize>() + 3;
        let height = u16::try_from(rows).unwrap_or(u16::MAX);
        let room = frame::draw(frame::place(area, WIDTH, height), buffer, theme, "Public URL", &self.hints());
        self.input.view(Rect { height: room.height.min(1), ..room }, buffer, theme, true);
        let mut row = 1;
        for (part, lines) in words {
            for line in lines {
                frame::line(buffer, room, row, theme, part, &line);
                row += 1;
            }
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let does = match parse(self.input.text()) {
            Ok(None) if self.now.is_none() => return vec![("Esc", "close")],
            Ok(None) => "set none",
            Ok(url) if url == self.now => "keep it",
            _ => "check again",
        };
        vec![("Enter", does), ("Esc", "close")]
    }
}
