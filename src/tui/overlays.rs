//! Overlays: a stack of one sum type; the top one gets the keys. One file an overlay under `overlays/`.
//!
//! An overlay is opened with [`Overlay::open`], told keys with [`Overlay::update`] and messages with [`Overlay::tell`],
//! and answers with a [`Step`] that the interface takes. It keeps what it needs of the context that it was opened in.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::filter::Filter;
use crate::domain::reply::Reply;
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;

use super::action::Action;
use super::effect::Effect;
use super::key::{Key, KeyCode, Mouse};
use super::keymap::Keymap;
use super::model::in_force::ReplyInForce;
use super::msg::{HeldRow, Identity, KnownSecret, Msg, RuleRow};
use super::theme::Theme;

mod computed;
mod confirm;
mod copy;
mod draft;
mod elsewhere;
mod filter;
mod frame;
mod help;
mod line;
mod list;
mod palette;
mod probe;
mod reply;
mod rules;
mod save;
mod search;
mod secret;
mod target;
mod text_box;

#[cfg(test)]
mod tests;

pub use computed::ComputedPrompt;
pub use confirm::Confirm;
pub use copy::CopyMenu;
pub use draft::DraftEditor;
pub use elsewhere::ElsewherePrompt;
pub use filter::FilterPrompt;
pub use help::Help;
pub use palette::Palette;
pub use probe::Probe;
pub use reply::ReplyChooser;
pub use rules::Rules;
pub use save::SavePrompt;
pub use search::SearchPrompt;
pub use secret::SecretPrompt;
pub use target::TargetPrompt;

/// What an overlay may know of the interface when it is opened or told something.
#[derive(Clone, Copy, Debug)]
pub struct OverlayContext<'a> {
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Bindings in force.
    pub keymap: &'a Keymap,
    /// Who we are; its `forward` is the target of a resend that was configured.
    pub identity: &'a Identity,
    /// The selected row.
    pub selected: Option<&'a Summary>,
    /// The loaded exchange; used only when it is the selected one.
    pub loaded: Option<&'a Exchange>,
    /// The target that the user gave for a resend in this run; goes before [`Identity::forward`].
    pub target: Option<&'a str>,
    /// The filter text in force; empty: none.
    pub filter: &'a str,
    /// Whether the ledger is shown.
    pub is_ledger: bool,
    /// Other requests to the path of the selected one that stand next to it in the list.
    pub neighbours: &'a [ExchangeId],
    /// The rules in force, in their order.
    pub rules: &'a [RuleRow],
    /// What is wrong with the configuration's file, while rules of before it stay in force; visible text.
    pub configuration: Option<&'a str>,
    /// Since when those are, by their numbers, that came or changed after the start.
    pub rules_since: &'a BTreeMap<u32, Timestamp>,
    /// How many answers each rule and reply gave in this run, by what answers call it.
    pub answered: &'a BTreeMap<String, u64>,
    /// Seconds to add to UTC for times.
    pub utc_offset_s: i32,
    /// What is answered where nothing else has a say.
    pub reply_all: Option<&'a ReplyInForce>,
    /// Paths that have a reply of their own, and which.
    pub path_replies: &'a [(String, Reply)],
    /// The held request that an answer by hand is for.
    pub held: Option<&'a HeldRow>,
    /// Filters used before, newest first.
    pub filter_history: &'a [String],
    /// What was searched last; empty: nothing.
    pub search: &'a str,
    /// The secrets that are known.
    pub secrets: &'a [KnownSecret],
    /// The exchange for which a digest was pasted last, while it is open.
    pub computed: Option<ExchangeId>,
    /// Names of the themes.
    pub themes: &'a [String],
}

impl<'a> OverlayContext<'a> {
    /// The whole selected exchange, once it is loaded.
    pub fn exchange(&self) -> Option<&'a Exchange> {
        let selected = self.selected?.id;
        self.loaded.filter(|exchange| exchange.request.id == selected)
    }

    /// Where a resend goes, when that is known.
    pub fn resend_target(&self) -> Option<&'a str> {
        let configured = || self.identity.target_of(&self.selected?.target);
        self.target.or_else(configured).or(self.identity.forward.as_deref())
    }

    /// Whether a secret is known that requests of this provider are checked with.
    pub fn knows_secret_of(&self, provider: &str) -> bool {
        self.secrets.iter().any(|known| known.provider.as_deref().is_none_or(|name| name == provider))
    }

    /// What is answered where nothing else has a say, in a few words.
    pub fn reply_words(&self) -> &'a str {
        self.reply_all.map(|reply| reply.all.as_str()).unwrap_or_default()
    }

    /// How many answers were chosen by what has one of these names.
    pub fn answers_by(&self, names: &[&str]) -> u64 {
        names.iter().filter_map(|name| self.answered.get(*name)).sum()
    }

    /// `14:02:11`, a time of today as the list writes it.
    pub fn clock(&self, at: Timestamp) -> String {
        let local = at.plus_micros(i64::from(self.utc_offset_s) * 1_000_000);
        local.to_rfc3339().get(11..19).unwrap_or_default().to_owned()
    }

    /// Whether requests can arrive.
    pub fn is_listening(&self) -> bool {
        !self.identity.url.is_empty()
    }
}

/// What comes of a key.
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing more.
    Stay,
    /// The overlay is done.
    Close,
    /// The overlay is done; do this as if its key had been pressed.
    Act(Action),
    /// Wishes; afterwards the overlay is done or stays. The target of an [`Effect::Send`] among them is to be remembered.
    Do {
        /// In order.
        effects: Vec<Effect>,
        /// Whether the overlay is done.
        close: bool,
    },
    /// Another overlay on top.
    Open(Box<Overlay>),
    /// Another overlay instead.
    Replace(Box<Overlay>),
    /// The overlay is done: this filter from now on (`None`: none); the text goes into the history.
    Filter {
        /// As it was typed.
        text: String,
        /// What it means.
        filter: Option<Filter>,
    },
    /// The overlay is done: find this in the open tab (empty: stop searching).
    Search(String),
    /// The overlay is done: use this theme.
    Theme(String),
    /// The overlay is done: send again to this URL from now on.
    Target(String),
    /// The overlay is done, or was not opened: say why.
    Refuse(String),
}

impl Step {
    /// These wishes, and the overlay is done.
    pub fn done(effects: impl IntoIterator<Item = Effect>) -> Self {
        Self::Do { effects: effects.into_iter().collect(), close: true }
    }
}

/// A key and what it does, for the line in the frame.
pub type Hint = (&'static str, &'static str);

/// An overlay.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// All keys.
    Help(Help),
    /// Any action by its words.
    Palette(Palette),
    /// What is answered.
    Reply(ReplyChooser),
    /// The rules in force.
    Rules(Box<Rules>),
    /// One delivery sent several times.
    Probe(Box<Probe>),
    /// The secret of a provider.
    Secret(SecretPrompt),
    /// A digest that the user's code computed.
    Computed(ComputedPrompt),
    /// What is copied.
    Copy(CopyMenu),
    /// Which requests are shown.
    Filter(FilterPrompt),
    /// What is found in a document.
    Search(SearchPrompt),
    /// Where a resend goes.
    Target(TargetPrompt),
    /// An edited copy of a request.
    Draft(Box<DraftEditor>),
    /// The name of the session.
    Save(SavePrompt),
    /// Yes or no.
    Confirm(Confirm),
    /// Whether a resend may leave this machine.
    Elsewhere(ElsewherePrompt),
}

/// What every overlay can do.
trait Window {
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step;

    fn paste(&mut self, _text: &str, _context: &OverlayContext<'_>) -> Step {
        Step::Stay
    }

    fn mouse(&mut self, _mouse: Mouse, _context: &OverlayContext<'_>) -> Step {
        Step::Stay
    }

    fn tell(&mut self, _msg: &Msg, _context: &OverlayContext<'_>) -> Step {
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme);

    fn hints(&self) -> Vec<Hint>;
}

impl Overlay {
    /// What an action comes to that needs an overlay: mostly [`Step::Open`], or [`Step::Refuse`] when it cannot be opened
    /// now. `None`: the action needs none.
    pub fn open(action: Action, context: &OverlayContext<'_>) -> Option<Step> {
        let overlay = match action {
            Action::Help => Self::Help(Help::new(context)),
            Action::Palette => Self::Palette(Palette::new(context)),
            Action::Search => Self::Search(SearchPrompt::new(context)),
            Action::Filter => Self::Filter(FilterPrompt::new(context)),
            Action::Save => Self::Save(SavePrompt::new(context)),
            Action::Decide => return Some(open_or_refuse(ReplyChooser::open_held(context).map(Self::Reply))),
            Action::Reply => return Some(open_or_refuse(ReplyChooser::open(context).map(Self::Reply))),
            Action::Rules => {
                return Some(open_or_refuse(Rules::open(context).map(|rules| Self::Rules(Box::new(rules)))));
            }
            Action::Probe => {
                return Some(open_or_refuse(Probe::open(context).map(|probe| Self::Probe(Box::new(probe)))));
            }
            Action::Secret => return Some(open_or_refuse(SecretPrompt::open(context).map(Self::Secret))),
            Action::Computed => return Some(open_or_refuse(ComputedPrompt::open(context).map(Self::Computed))),
            Action::Copy => return Some(open_or_refuse(CopyMenu::open(context).map(Self::Copy))),
            Action::Edit => {
                return Some(open_or_refuse(DraftEditor::open(context).map(|editor| Self::Draft(Box::new(editor)))));
            }
            Action::Target => Self::Target(TargetPrompt::choose(context)),
            Action::Resend => return Some(TargetPrompt::resend(context)),
            _ => return None,
        };
        Some(Step::Open(Box::new(overlay)))
    }

    /// The editor over a text that came back from $EDITOR, so that what goes out is seen before it does.
    pub fn edited(id: ExchangeId, text: &str, context: &OverlayContext<'_>) -> Step {
        let editor = DraftEditor::with_text(id, text, context);
        open_or_refuse(editor.map(|editor| Self::Draft(Box::new(editor))))
    }

    fn window(&self) -> &dyn Window {
        match self {
            Self::Help(window) => window,
            Self::Palette(window) => window,
            Self::Reply(window) => window,
            Self::Rules(window) => window.as_ref(),
            Self::Probe(window) => window.as_ref(),
            Self::Secret(window) => window,
            Self::Computed(window) => window,
            Self::Copy(window) => window,
            Self::Filter(window) => window,
            Self::Search(window) => window,
            Self::Target(window) => window,
            Self::Draft(window) => window.as_ref(),
            Self::Save(window) => window,
            Self::Confirm(window) => window,
            Self::Elsewhere(window) => window,
        }
    }

    fn window_mut(&mut self) -> &mut dyn Window {
        match self {
            Self::Help(window) => window,
            Self::Palette(window) => window,
            Self::Reply(window) => window,
            Self::Rules(window) => window.as_mut(),
            Self::Probe(window) => window.as_mut(),
            Self::Secret(window) => window,
            Self::Computed(window) => window,
            Self::Copy(window) => window,
            Self::Filter(window) => window,
            Self::Search(window) => window,
            Self::Target(window) => window,
            Self::Draft(window) => window.as_mut(),
            Self::Save(window) => window,
            Self::Confirm(window) => window,
            Self::Elsewhere(window) => window,
        }
    }

    /// A key was pressed while this is on top.
    pub fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        self.window_mut().update(key, context)
    }

    /// Text was pasted while this is on top.
    pub fn paste(&mut self, text: &str, context: &OverlayContext<'_>) -> Step {
        self.window_mut().paste(text, context)
    }

    /// The mouse did something while this is on top.
    pub fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        self.window_mut().mouse(mouse, context)
    }

    /// Something happened that an open overlay may wait for (the result of a secret, text from $EDITOR). Every overlay of
    /// the stack may be told every message.
    pub fn tell(&mut self, msg: &Msg, context: &OverlayContext<'_>) -> Step {
        self.window_mut().tell(msg, context)
    }

    /// Draws it over `area`, the whole screen. Changes nothing outside its own frame.
    pub fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        self.window().view(area.intersection(buffer.area), buffer, theme);
    }

    /// The keys that work in it.
    pub fn hints(&self) -> Vec<Hint> {
        self.window().hints()
    }
}

fn open_or_refuse(overlay: Result<Overlay, String>) -> Step {
    match overlay {
        Ok(overlay) => Step::Open(Box::new(overlay)),
        Err(reason) => Step::Refuse(reason),
    }
}

/// Whether a key closes any overlay.
fn is_close(key: Key) -> bool {
    key.code == KeyCode::Esc || (key.ctrl && matches!(key.code, KeyCode::Char('c' | '[')))
}
