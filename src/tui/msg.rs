//! Everything that can happen to the interface. Closed, plain data.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::durability::Durability;
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::forward::{Course, Routes};
use crate::domain::pretty::Document;
use crate::domain::probe::{Probed, Recorded};
use crate::domain::reply::Reply;
use crate::domain::rule::{Origin, Written};
use crate::domain::search::Hit;
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;

use super::effect::{RenderKey, SendWish};
use super::key::{Key, Mouse};

/// Something happened. Time comes in with [`Msg::Tick`].
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted in one piece.
    Paste(String),
    /// The terminal has this size now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The clock, about four times a second while something on screen depends on it.
    Tick(Timestamp),
    /// New exchanges, in order of id.
    Arrived {
        /// Their rows.
        batch: Vec<Arc<Summary>>,
        /// Notices dropped since the last batch because the interface was behind (their rows come later from the file).
        missed: u64,
    },
    /// Rows that changed: an answer, a verdict, an attempt.
    Changed {
        /// The new rows.
        batch: Vec<Arc<Summary>>,
    },
    /// All ids that the filter of that version lets through so far.
    Filtered {
        /// As in [`super::effect::Effect::Filter`].
        version: u64,
        /// In order of id.
        ids: Vec<ExchangeId>,
    },
    /// More ids that the filter lets through, since [`Msg::Filtered`].
    FilterMatched {
        /// As in [`super::effect::Effect::Filter`].
        version: u64,
        /// In order of id, all above those known.
        ids: Vec<ExchangeId>,
    },
    /// A whole exchange that was asked for with [`super::effect::Effect::Load`], or that changed while it is the loaded one.
    Loaded {
        /// Which.
        id: ExchangeId,
        /// It, or why it cannot be read.
        result: Result<Box<Exchange>, String>,
    },
    /// A document that was asked for with [`super::effect::Effect::Render`]. May come twice: plain first, coloured later.
    Rendered {
        /// What for; stale ones are dropped by it.
        key: RenderKey,
        /// The document, wrapped to the width of the key.
        document: Arc<Document>,
    },
    /// Hits of a search in a document.
    Found {
        /// The document.
        key: RenderKey,
        /// What was searched.
        needle: String,
        /// Where, from the top.
        hits: Vec<Hit>,
    },
    /// The secret for a provider was accepted or refused.
    SecretSet {
        /// Profile name.
        provider: String,
        /// How many exchanges are valid with it out of how many checked so far, or what is wrong with it.
        result: Result<(u64, u64), String>,
    },
    /// What secrets are known, whenever that changed or was asked for.
    Secrets(Vec<KnownSecret>),
    /// The URL that schemes which sign it are checked with from now on; `None`: none.
    PublicUrl(Option<String>),
    /// Rows were checked again with it.
    PublicUrlChecked {
        /// Profile name of the request that was looked at; empty where none is known.
        provider: String,
        /// How many of its requests are valid now.
        valid: u64,
        /// Of how many that were checked.
        checked: u64,
    },
    /// A resend waits for a word of the user, because its target is not this machine and nothing names it.
    Elsewhere(Box<Elsewhere>),
    /// Sending has begun: one attempt is under way for this exchange.
    AttemptBegun {
        /// Its exchange.
        id: ExchangeId,
        /// Where to, visible text.
        to: String,
    },
    /// Nothing was sent for this exchange: its target cannot be found, or is never sent to.
    NotSent {
        /// Its exchange.
        id: ExchangeId,
        /// Why, visible text.
        reason: String,
    },
    /// An attempt ended; its exchange comes as [`Msg::Loaded`] too when it is open.
    AttemptDone {
        /// Its exchange.
        id: ExchangeId,
        /// One line for the notice, visible text: `200 OK in 12 ms`, or what went wrong.
        result: Result<String, String>,
    },
    /// A copy was accepted by a method, or by none.
    Copied {
        /// What, in words: `curl command`.
        what: String,
        /// What took it, or a file that holds it instead.
        result: Result<CopiedTo, String>,
    },
    /// $EDITOR came back with this draft text.
    Edited {
        /// The exchange the draft was made from.
        id: ExchangeId,
        /// Whole text, or what went wrong.
        result: Result<String, String>,
    },
    /// The session was saved under a name.
    Saved {
        /// Where it is, or what went wrong.
        result: Result<SavedAs, String>,
    },
    /// The replies in force changed; one line that says what they are.
    ReplyInForce {
        /// For all, visible text: `200`, `500 after 2 s`.
        all: String,
        /// The same as one types it; empty where it is long.
        text: String,
        /// Paths that have their own, and which.
        paths: Vec<(String, Reply)>,
    },
    /// A probe begins.
    ProbeBegun {
        /// What is probed.
        id: ExchangeId,
        /// The answer that was recorded when it came, if there is one.
        recorded: Option<Recorded>,
    },
    /// One answer of a probe.
    Probed {
        /// What is probed.
        id: ExchangeId,
        /// What came back.
        row: Probed,
    },
    /// A probe is over.
    ProbeDone {
        /// What was probed.
        id: ExchangeId,
        /// Why it was not begun, or not gone on with; visible text.
        refused: Option<String>,
    },
    /// The rules in force changed, or were arranged in another way.
    Rules(Vec<RuleRow>),
    /// A held request was answered by hand, or why not.
    Decided {
        /// Which.
        id: ExchangeId,
        /// What is wrong with the reply, visible text.
        result: Result<(), String>,
    },
    /// So many answers were chosen by these, by what the answers call them.
    Answered(Vec<(String, u64)>),
    /// A rule was put in force, or why not.
    RulePut {
        /// What is wrong, by the field of the rule.
        result: Result<(), String>,
    },
    /// What is held for the user, and whether more will be.
    Held {
        /// Whether requests that come are held.
        holding: bool,
        /// Those that wait.
        held: Vec<HeldRow>,
    },
    /// What is wrong with the configuration as its file stands now, so that the rules of before stay in force, visible text; `None`:
    /// nothing any more.
    Configuration(Option<String>),
    /// Where requests are forwarded to, and how that goes.
    Forwarding(Forwarding),
    /// Whether the session file takes what comes.
    Recording(RecordingState),
    /// Something to tell the user.
    Notice(Notice),
    /// The listener or a saved file says who it is: the top line.
    Identity(Identity),
}

/// How forwarding goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarding {
    /// The app whose answers go back, or that gets what was acknowledged: URL, visible text. `None`: only paths have one.
    pub app: Option<String>,
    /// Other targets: of paths, further ones, shadows.
    pub others: usize,
    /// What its last answer took, in microseconds, while it answers; `None`: nothing went there yet, or it does not.
    pub up_us: Option<u64>,
    /// Those that do not answer: URL and why, visible text.
    pub down: Vec<(String, String)>,
    /// Those that took a request and did not answer in time: URL and what it was, visible text.
    pub slow: Vec<(String, String)>,
    /// Requests that wait to go on.
    pub waiting: usize,
    /// How far requests are that go on in order.
    pub course: Option<Course>,
    /// Which requests go where.
    pub routes: Routes,
}

impl Forwarding {
    /// Whether anything is forwarded.
    pub const fn is_on(&self) -> bool {
        self.app.is_some() || self.others > 0
    }
}

/// A request that waits for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// Which.
    pub id: ExchangeId,
    /// Since when.
    pub since: Timestamp,
    /// When its default goes.
    pub until: Timestamp,
    /// The default in a few words.
    pub default: String,
}

/// A secret that checks are made with; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSecret {
    /// By which it is forgotten or replaced; stays the same in this run.
    pub number: u32,
    /// Profile name of the provider whose requests it is for; `None`: whatever is recognised.
    pub provider: Option<String>,
    /// Where it came from, in words: `typed here`, `--secret`.
    pub origin: String,
    /// How many requests it fitted so far.
    pub fitted: u64,
    /// Whether it was typed while the program runs.
    pub is_typed: bool,
}

/// What a resend waits to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The resend.
    pub wish: SendWish,
    /// `http://host:port`, visible text.
    pub origin: String,
    /// The host as the target spells it, visible text.
    pub host: String,
    /// Its addresses; empty: a name that has not been looked up, because that tells a name server.
    pub addresses: Vec<IpAddr>,
    /// Where they are, in words: `on the internet`.
    pub zone: &'static str,
    /// Headers of the request that log somebody in, and that the sender meant for another host.
    pub credentials: Vec<&'static str>,
}

/// Where a copy went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopiedTo {
    /// A method accepted it; its name.
    Method(String),
    /// It was written to the terminal, which does not say whether it takes it.
    Terminal,
    /// No method did: it is in this file.
    File(PathBuf),
}

/// Whether the session file takes what comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingState {
    /// It does.
    Recording,
    /// `--no-session`: by wish.
    Off,
    /// It does not, and why: shown in red.
    NotRecording {
        /// What happened, visible text.
        reason: String,
        /// Exchanges that are in memory only.
        unrecorded: u64,
    },
}

/// A rule in force, for the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// By which it is known.
    pub number: u32,
    /// As answers call it.
    pub name: String,
    /// Its texts.
    pub written: Written,
    /// What goes back, in a few words.
    pub reply: String,
    /// Whether it is passed over.
    pub is_off: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It worked.
    Good,
    /// For information.
    Info,
    /// It did not work.
    Bad,
}

/// A line that is shown for some seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub level: Level,
    /// Visible text.
    pub text: String,
}

/// What the top line says of this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `http://127.0.0.1:7070`; empty when a saved session is open.
    pub url: String,
    /// Whether the address is not loopback: said in the top line.
    pub exposed: bool,
    /// Session name, visible text; empty with `--no-session`.
    pub session: String,
    /// How firmly requests are kept in it.
    pub durability: Durability,
    /// Default target of a resend, when there is one.
    pub forward: Option<String>,
    /// Targets of endpoints: path (exact, or its beginning where it ends in `*`) and URL. The first that fits is used.
    pub targets: Vec<(String, String)>,
    /// Names of the provider profiles, for choosing one when a secret is given.
    pub providers: Vec<String>,
    /// Where providers call us, as far as it was given: an origin or a whole URL.
    pub public_url: Option<String>,
}

/// What a name of its own came to for the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAs {
    /// The file that has the name.
    pub path: PathBuf,
    /// The session's name from now on, visible text; `None` for a copy: what comes still goes where it went.
    pub session: Option<String>,
}

impl Identity {
    /// Where a resend of this request target (visible text) goes by configuration: its endpoint's, else the default one.
    pub fn target_of(&self, request_target: &str) -> Option<&str> {
        let path = request_target.split('?').next().unwrap_or_default();
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => path == pattern,
        };
        let of_endpoint = self.targets.iter().find(|(pattern, _)| fits(pattern)).map(|(_, url)| url.as_str());
        of_endpoint.or(self.forward.as_deref())
    }
}
