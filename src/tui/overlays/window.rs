//! What every overlay can do, what it may know of the interface, and what comes of a key in it.
//!
//! The overlays know this file and the fields that they are made of; which overlays there are is known to [`super`] alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::filter::{Filter, Seen};
use crate::domain::reply::Reply;
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode, Mouse};
use crate::tui::keymap::Keymap;
use crate::tui::model::in_force::ReplyInForce;
use crate::tui::msg::{HeldRow, Identity, KnownSecret, Msg, RuleRow};
use crate::tui::theme::Theme;

/// What every overlay can do.
pub trait Window: fmt::Debug {
    /// A key was pressed while this is on top.
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step;

    /// Text was pasted while this is on top.
    fn paste(&mut self, _text: &str, _context: &OverlayContext<'_>) -> Step {
        Step::Stay
    }

    /// The mouse did something while this is on top.
    fn mouse(&mut self, _mouse: Mouse, _context: &OverlayContext<'_>) -> Step {
        Step::Stay
    }

    /// Something happened that an open overlay may wait for (the result of a secret, text from $EDITOR). Every overlay of the
    /// stack may be told every message.
    fn tell(&mut self, _msg: &Msg, _context: &OverlayContext<'_>) -> Step {
        Step::Stay
    }

    /// Draws it over `area`, the whole screen. Changes nothing outside its own frame.
    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme);

    /// The keys that work in it.
    fn hints(&self) -> Vec<Hint>;

    /// Whether it waits for the text of a request that comes back from $EDITOR.
    fn awaits_edited(&self) -> bool {
        false
    }
}

/// A window that can be copied without its type being known.
trait AnyWindow: Window {
    fn copied(&self) -> Box<dyn AnyWindow>;
}

impl<W: Window + Clone + 'static> AnyWindow for W {
    fn copied(&self) -> Box<dyn AnyWindow> {
        Box::new(self.clone())
    }
}

/// An overlay: any window.
#[derive(Debug)]
pub struct Overlay(Box<dyn AnyWindow>);

impl Clone for Overlay {
    fn clone(&self) -> Self {
        Self(self.0.copied())
    }
}

impl Overlay {
    /// This window, as one of the stack.
    pub fn of(window: impl Window + Clone + 'static) -> Self {
        Self(Box::new(window))
    }

    /// Whether it waits for the text of a request that comes back from $EDITOR.
    pub fn awaits_edited(&self) -> bool {
        self.0.awaits_edited()
    }

    /// A key was pressed while this is on top.
    pub fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        self.0.update(key, context)
    }

    /// Text was pasted while this is on top.
    pub fn paste(&mut self, text: &str, context: &OverlayContext<'_>) -> Step {
        self.0.paste(text, context)
    }

    /// The mouse did something while this is on top.
    pub fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        self.0.mouse(mouse, context)
    }

    /// Something happened that an open overlay may wait for (the result of a secret, text from $EDITOR). Every overlay of
    /// the stack may be told every message.
    pub fn tell(&mut self, msg: &Msg, context: &OverlayContext<'_>) -> Step {
        self.0.tell(msg, context)
    }

    /// Draws it over `area`, the whole screen. Changes nothing outside its own frame.
    pub fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        self.0.view(area.intersection(buffer.area), buffer, theme);
    }

    /// The keys that work in it.
    pub fn hints(&self) -> Vec<Hint> {
        self.0.hints()
    }
}

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
    /// The time, as of the last tick.
    pub now: Timestamp,
    /// The held request that an answer by hand is for.
    pub held: Option<&'a HeldRow>,
    /// What requests have had, for the completion of a filter.
    pub seen: &'a Seen,
    /// The newest rows, for what a filter would let through.
    pub newest: &'a [Arc<Summary>],
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
    Open(Overlay),
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
    /// This window on top, or why not.
    pub fn open<W: Window + Clone + 'static>(window: Result<W, String>) -> Self {
        match window {
            Ok(window) => Self::Open(Overlay::of(window)),
            Err(reason) => Self::Refuse(reason),
        }
    }

    /// These wishes, and the overlay is done.
    pub fn done(effects: impl IntoIterator<Item = Effect>) -> Self {
        Self::Do { effects: effects.into_iter().collect(), close: true }
    }
}

/// A key and what it does, for the line in the frame.
pub type Hint = (&'static str, &'static str);

/// Whether a key closes any overlay.
pub fn is_close(key: Key) -> bool {
    key.code == KeyCode::Esc || (key.ctrl && matches!(key.code, KeyCode::Char('c' | '[')))
}
