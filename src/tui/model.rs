//! Everything that the interface knows. Changed by [`super::update`] alone, drawn by [`super::view`].

pub mod detail;
pub mod in_force;
pub mod list;
pub mod need;
pub mod notices;
pub mod rate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Seen;
use crate::domain::probe::NEIGHBOURS_MAX;
use crate::domain::reply::Reply;
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;

use super::keymap::Keymap;
use super::msg::{Forwarding, HeldRow, Identity, KnownSecret, RecordingState, RuleRow};
use super::overlays::{Overlay, OverlayContext};
use super::theme::Theme;

pub use in_force::ReplyInForce;

use detail::Detail;
use list::List;
use notices::Notices;
use rate::Rate;

/// Filters remembered.
pub const FILTER_HISTORY_MAX: usize = 50;

/// Rows on either side of the selected one that are looked at for neighbours.
const NEIGHBOURS_WITHIN: usize = 200;
/// Rows that are looked at for what a filter may ask for: as many as one key may take the time for.
const SEEN_ROWS_MAX: usize = 2_000;

/// What the interface is built from.
#[derive(Clone, Debug)]
pub struct Options {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What time it is.
    pub now: Timestamp,
    /// Seconds to add to UTC for the times in the list.
    pub utc_offset_s: i32,
    /// Themes to choose from, at the terminal's depth of colour; the first one is in force. Empty: [`Theme::default`].
    pub themes: Vec<Theme>,
    /// Bindings.
    pub keymap: Keymap,
    /// Who we are; more may come with [`super::msg::Msg::Identity`].
    pub identity: Identity,
    /// The secrets that are configured.
    pub secrets: Vec<KnownSecret>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size: (80, 24),
            now: Timestamp::default(),
            utc_offset_s: 0,
            themes: Vec::new(),
            keymap: Keymap::default(),
            identity: Identity::default(),
            secrets: Vec::new(),
        }
    }
}

/// The pane that has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The list.
    #[default]
    List,
    /// The detail.
    Detail,
}

/// Rules and replies of which it is counted how many answers they gave, at most.
const ANSWERED_MAX: usize = 1_000;

/// How the room is shared, in thousandths for the list, so that it survives a resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Columns of the list beside the detail.
    pub columns_permille: u16,
    /// Rows of the list above the detail.
    pub rows_permille: u16,
}

impl Default for Split {
    fn default() -> Self {
        Self { columns_permille: 540, rows_permille: 420 }
    }
}

/// Everything that the interface knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The last time that came with a tick.
    pub now: Timestamp,
    /// Seconds to add to UTC for the times in the list.
    pub utc_offset_s: i32,
    /// The theme in force.
    pub theme: Theme,
    /// Themes to choose from.
    pub themes: Vec<Theme>,
    /// Bindings.
    pub keymap: Keymap,
    /// Who we are.
    pub identity: Identity,
    /// Whether the session file takes what comes.
    pub recording: RecordingState,
    /// What is answered, once it is known.
    pub reply: Option<ReplyInForce>,
    /// The rules in force, in their order.
    pub rules: Vec<RuleRow>,
    /// Since when those are, by their numbers, that came or changed after the start.
    pub rules_since: BTreeMap<u32, Timestamp>,
    /// How many answers each rule and reply gave in this run, by what answers call it.
    pub answered: BTreeMap<String, u64>,
    /// Others to the path of the selected request, as of when a probe was asked for.
    pub neighbours: Vec<ExchangeId>,
    /// What requests had when the filter was opened.
    pub seen: Seen,
    /// Whether requests that come are held.
    pub holding: bool,
    /// Requests that wait for the user, the one that runs out first before others.
    pub held: Vec<HeldRow>,
    /// Lines kept for them above the list: as many as ever waited together since none did, so that the list stays where it is.
    pub held_lines: u16,
    /// What is wrong with the configuration while rules of before it stay in force.
    pub configuration: Option<String>,
    /// How forwarding goes.
    pub forwarding: Forwarding,
    /// Requests that their app has not taken: it did not answer, or with a failure.
    pub untaken: BTreeSet<ExchangeId>,
    /// Notices that were dropped because the interface was behind.
    pub missed: u64,
    /// Requests a second.
    pub rate: Rate,
    /// The list.
    pub list: List,
    /// The detail.
    pub detail: Detail,
    /// The pane that has the keys.
    pub focus: Focus,
    /// Whether that pane has the whole screen.
    pub zoom: bool,
    /// How the room is shared.
    pub split: Split,
    /// Whether the line between list and detail is being dragged.
    pub dragging: bool,
    /// Lines shown for some seconds.
    pub notices: Notices,
    /// Overlays, the top one last.
    pub overlays: Vec<Overlay>,
    /// The target that the user gave for a resend.
    pub target: Option<String>,
    /// Exchanges that are being sent again, one for each attempt under way.
    pub sending: Vec<ExchangeId>,
    /// Filters used, newest first.
    pub filter_history: Vec<String>,
    /// What was searched last.
    pub search_last: String,
    /// The secrets that are known.
    pub secrets: Vec<KnownSecret>,
    theme_names: Vec<String>,
}

impl Model {
    /// The interface before anything happened.
    pub fn new(options: Options) -> Self {
        let mut themes = options.themes;
        if themes.is_empty() {
            themes.push(Theme::default());
        }
        let theme = themes.first().cloned().unwrap_or_default();
        let listening = !options.identity.url.is_empty();
        Self {
            size: options.size,
            now: options.now,
            utc_offset_s: options.utc_offset_s,
            theme,
            theme_names: themes.iter().map(|theme| theme.name.clone()).collect(),
            themes,
            keymap: options.keymap,
            identity: options.identity,
            recording: RecordingState::Recording,
            reply: None,
            rules: Vec::new(),
            neighbours: Vec::new(),
            seen: Seen::default(),
            holding: false,
            held: Vec::new(),
            rules_since: BTreeMap::new(),
            answered: BTreeMap::new(),
            held_lines: 0,
            configuration: None,
            forwarding: Forwarding::default(),
            untaken: BTreeSet::new(),
            missed: 0,
            rate: Rate::default(),
            list: List::new(listening),
            detail: Detail::default(),
            focus: Focus::List,
            zoom: false,
            split: Split::default(),
            dragging: false,
            notices: Notices::default(),
            overlays: Vec::new(),
            target: None,
            sending: Vec::new(),
            filter_history: Vec::new(),
            search_last: String::new(),
            secrets: options.secrets,
        }
    }

    /// Whether requests can arrive: not over a saved session.
    pub fn is_listening(&self) -> bool {
        !self.identity.url.is_empty()
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Summary> {
        self.list.row(self.list.selected()?).map(AsRef::as_ref)
    }

    /// The selected exchange when it is being sent again.
    pub fn sends_selected(&self) -> Option<ExchangeId> {
        self.list.selected().filter(|id| self.sending.contains(id))
    }

    /// Other deliveries to the path of the selected request, the nearest in the list first.
    pub fn find_neighbours(&mut self) {
        let path = |row: &Summary| row.target.split('?').next().unwrap_or_default().to_owned();
        self.neighbours.clear();
        let (Some(at), Some(row)) = (self.list.selected_index(), self.selected()) else { return };
        let (wanted, delivery) = (path(row), row.delivery.clone());
        let is_one = |other: &&Arc<Summary>| {
            path(other) == wanted && !other.refused && (other.delivery.is_none() || other.delivery != delivery)
        };
        let around = (1..=NEIGHBOURS_WITHIN).flat_map(|by| [at.checked_sub(by), at.checked_add(by)]).flatten();
        let found = around.filter_map(|index| self.list.row_at(index)).filter(is_one).map(|row| row.id);
        self.neighbours = found.take(NEIGHBOURS_MAX).collect();
    }

    /// What the selected request is compared with, and which one that is in words: the newest of the others that are marked, else the last
    /// one before it of its provider and type, or of its path where nobody knows those.
    pub fn to_compare_with(&self) -> Option<(ExchangeId, &'static str)> {
        let row = self.selected()?;
        let newest_first = || (0..self.list.total()).rev().filter_map(|index| self.list.row_at(index));
        if let Some(marked) = newest_first().find(|other| other.marked && other.id != row.id) {
            return Some((marked.id, "which is marked"));
        }
        let path = |row: &Summary| row.target.split('?').next().map(str::to_owned);
        let wanted = path(row);
        let is_alike = |other: &&Arc<Summary>| match (&row.provider, &row.event_type) {
            (Some(_), Some(_)) => other.provider == row.provider && other.event_type == row.event_type,
            _ => other.method == row.method && path(other) == wanted,
        };
        let before = newest_first().skip_while(|other| other.id >= row.id).find(is_alike)?;
        Some((before.id, "the one before of its kind; marked ones go first"))
    }

    /// Notes what requests have had, the newest of them, for the completion of a filter.
    pub fn find_seen(&mut self) {
        let total = self.list.total();
        let newest = (total.saturating_sub(SEEN_ROWS_MAX)..total).filter_map(|index| self.list.row_at(index));
        self.seen = Seen::of(newest.map(Arc::as_ref));
    }

    /// Another reply is in force, or others are.
    pub fn set_reply(&mut self, all: String, text: String, paths: Vec<(String, Reply)>) {
        let since = match &self.reply {
            None => None,
            Some(before) if before.all == all && before.text == text => before.since,
            Some(_) => Some(self.now),
        };
        self.reply = Some(ReplyInForce { all, text, paths, since });
    }

    /// Other rules are in force, or in another order.
    pub fn set_rules(&mut self, rules: Vec<RuleRow>, is_first: bool) {
        let is_known = |row: &RuleRow| {
            self.rules
                .iter()
                .any(|known| (known.number, known.is_off, &known.written) == (row.number, row.is_off, &row.written))
        };
        let changed: Vec<u32> = rules.iter().filter(|row| !is_first && !is_known(row)).map(|row| row.number).collect();
        self.rules_since.retain(|number, _| rules.iter().any(|row| row.number == *number));
        self.rules_since.extend(changed.into_iter().map(|number| (number, self.now)));
        self.rules = rules;
    }

    /// These answers were given.
    pub fn note_answered(&mut self, by: Vec<(String, u64)>) {
        for (name, count) in by {
            if self.answered.len() < ANSWERED_MAX || self.answered.contains_key(&name) {
                *self.answered.entry(name).or_default() += count;
            }
        }
    }

    /// Whether the held request that a key is for is the selected one.
    pub fn is_held_selected(&self) -> bool {
        self.held_for_action().is_some_and(|held| Some(held.id) == self.list.selected())
    }

    /// The held request that a key is for: the selected one, else the one that runs out first.
    pub fn held_for_action(&self) -> Option<&HeldRow> {
        let selected = self.list.selected();
        self.held.iter().find(|held| Some(held.id) == selected).or(self.held.first())
    }

    /// Keeps lines for requests that are held: one from the moment on that they may come.
    pub fn make_room_for_held(&mut self) {
        let held = u16::try_from(self.held.len()).unwrap_or(u16::MAX);
        self.held_lines = if held == 0 { u16::from(self.holding) } else { self.held_lines.max(held) };
    }

    /// Notes whether their apps took these.
    pub fn note_untaken(&mut self, batch: &[Arc<Summary>]) {
        for row in batch {
            match row.onward {
                Some(onward) if !onward.is_taken() => {
                    self.untaken.insert(row.id);
                }
                _ => {
                    self.untaken.remove(&row.id);
                }
            }
        }
    }

    /// Whether something on screen depends on the clock, so that ticks are needed.
    pub fn wants_ticks(&self) -> bool {
        !self.held.is_empty() || !self.notices.is_empty() || self.rate.is_moving() || self.detail.is_held()
    }

    /// What an overlay may know.
    pub fn overlay_context(&self) -> OverlayContext<'_> {
        OverlayContext {
            size: self.size,
            keymap: &self.keymap,
            identity: &self.identity,
            selected: self.selected(),
            loaded: self.detail.exchange.as_deref(),
            target: self.target.as_deref(),
            filter: self.list.filter().map(|filter| filter.text.as_str()).unwrap_or_default(),
            is_ledger: self.list.is_ledger(),
            neighbours: &self.neighbours,
            rules: &self.rules,
            configuration: self.configuration.as_deref(),
            rules_since: &self.rules_since,
            answered: &self.answered,
            utc_offset_s: self.utc_offset_s,
            reply_all: self.reply.as_ref(),
            path_replies: self.reply.as_ref().map(|reply| reply.paths.as_slice()).unwrap_or_default(),
            now: self.now,
            held: self.held_for_action(),
            seen: &self.seen,
            newest: self.list.newest(SEEN_ROWS_MAX),
            filter_history: &self.filter_history,
            search: &self.search_last,
            secrets: &self.secrets,
            computed: self.detail.computed,
            themes: &self.theme_names,
        }
    }
}
