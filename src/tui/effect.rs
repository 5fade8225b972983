//! Everything that the interface can wish of the world. Closed, plain data; `app::effects` does it and answers with a `Msg`.

use std::time::Duration;

use bytes::Bytes;

use crate::domain::detail::Tab;
use crate::domain::exchange::{ExchangeId, SignatureChoice};
use crate::domain::export::Shape;
use crate::domain::filter::Filter;
use crate::domain::pretty::BodyView;
use crate::domain::probe::Order;
use crate::domain::reply::{Reply, Scope};
use crate::domain::rule::Written;
use crate::domain::signature::Secret;
use crate::domain::target_rules::Approval;

/// How much longer a held request waits at a time.
pub const HELD_LONGER: Duration = Duration::from_secs(60);

/// Which document: stale results are dropped by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RenderKey {
    /// The exchange.
    pub id: ExchangeId,
    /// The tab.
    pub tab: Tab,
    /// How bodies are shown.
    pub view: BodyView,
    /// Columns to wrap to.
    pub width: u16,
    /// The exchange that it is compared with, which the overview shows.
    pub compared: Option<ExchangeId>,
    /// Counts up when the exchange changed, so that an old document does not stand for the new state.
    pub revision: u64,
}

/// What `y` copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyWhat {
    /// The whole request in a shape: a command that sends it, its bytes.
    Shape(&'static Shape),
    /// Header lines.
    Headers,
    /// The body's bytes.
    Body,
    /// The value of the header line with this index (names repeat).
    HeaderValue(usize),
    /// The URL.
    Url,
}

/// A resend as the user wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendWish {
    /// The exchange it is made from.
    pub id: ExchangeId,
    /// Where to; the captured path is added when this has none.
    pub target: String,
    /// The edited text (see `domain::draft`), or the captured bytes when `None`.
    pub draft: Option<String>,
    /// Which signature goes out; `None`: kept for the captured bytes, re-signed for an edited body when a secret is known.
    pub signature: Option<SignatureChoice>,
    /// What the user said when asked about its target.
    pub approval: Option<Approval>,
    /// Whether Authorization and cookies go to whatever host it is.
    pub sends_credentials: bool,
}

/// What the user decides about a held request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandDecision {
    /// This goes back.
    Answer(Box<Reply>),
    /// What the rules say goes back.
    LetGo,
    /// The connection is reset.
    Kill,
}

/// A probe as the user wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeWish {
    /// What is sent several times.
    pub id: ExchangeId,
    /// Where to.
    pub target: String,
    /// How often.
    pub times: u32,
    /// In which order.
    pub order: Order,
    /// What is sent between, once each.
    pub neighbours: Vec<ExchangeId>,
}

/// What becomes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleChange {
    /// It is passed over from now on, or no more.
    Switch,
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// It goes.
    Delete,
}

/// A wish towards the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Bring an exchange: [`super::msg::Msg::Loaded`]. The last one asked for is kept fresh until another is.
    Load {
        /// Which.
        id: ExchangeId,
    },
    /// Make a document of the loaded exchange: [`super::msg::Msg::Rendered`]. Newest wins.
    Render(RenderKey),
    /// Search in a document: [`super::msg::Msg::Found`]. Newest wins.
    Search {
        /// The document.
        key: RenderKey,
        /// What to find.
        needle: String,
    },
    /// Use this filter from now on: [`super::msg::Msg::Filtered`]. `None`: none.
    Filter {
        /// Counts up.
        version: u64,
        /// The filter.
        filter: Option<Filter>,
    },
    /// Remember this secret for the provider, in memory, and check again.
    SetSecret {
        /// Profile name.
        provider: String,
        /// The exchange it was given for.
        id: ExchangeId,
        /// The secret.
        secret: Secret,
        /// The number of a known secret that it takes the place of.
        replaces: Option<u32>,
    },
    /// Forget the secret of that number, and check again: [`super::msg::Msg::Secrets`].
    ForgetSecret {
        /// Its number among [`super::msg::KnownSecret`].
        number: u32,
        /// The exchange that the user looks at.
        id: ExchangeId,
    },
    /// Say what secrets are known: [`super::msg::Msg::Secrets`].
    ListSecrets,
    /// Take this for the URL that providers call, in memory, and check again: [`super::msg::Msg::PublicUrl`], then
    /// [`super::msg::Msg::PublicUrlChecked`].
    SetPublicUrl {
        /// An origin or a whole URL; `None`: none.
        url: Option<String>,
        /// The exchange that the user looks at.
        id: ExchangeId,
    },
    /// Say in the Signature tab of this exchange where a digest comes from that the user's code computed; `None`: no more.
    Computed {
        /// The exchange.
        id: ExchangeId,
        /// As it was pasted.
        value: Option<String>,
    },
    /// Answer so from now on.
    SetReply {
        /// Where.
        scope: Scope,
        /// How.
        reply: Reply,
    },
    /// Answer so from now on, with a body from a file.
    SetReplyText {
        /// Where.
        scope: Scope,
        /// The text of the reply, which names the file.
        text: String,
    },
    /// Put a rule in force: [`super::msg::Msg::RulePut`].
    PutRule {
        /// The rule whose place it takes; `None`: before all others.
        number: Option<u32>,
        /// Its texts.
        written: Written,
    },
    /// Change a rule that is in force.
    ChangeRule {
        /// Which.
        number: u32,
        /// What becomes of it.
        change: RuleChange,
    },
    /// Hold requests from now on, or hold no more.
    Hold {
        /// Which of the two.
        on: bool,
        /// Those that it lets through; `None`: all.
        filter: Option<Filter>,
    },
    /// Let a held request go.
    Decide {
        /// Which.
        id: ExchangeId,
        /// How.
        decision: HandDecision,
    },
    /// Answer a held request with this reply text, once the files that it names are read: [`super::msg::Msg::Decided`].
    DecideText {
        /// Which.
        id: ExchangeId,
        /// The reply.
        text: String,
    },
    /// Let a held request wait [`HELD_LONGER`] more.
    HoldLonger {
        /// Which.
        id: ExchangeId,
    },
    /// Let all held requests go with what the rules say.
    ReleaseAll,
    /// Scripts begin anew.
    ResetScripts,
    /// Take the reply of a path back: it is answered as all others.
    ClearReply {
        /// The path, as its rule names it.
        path: String,
    },
    /// Send again.
    Send(SendWish),
    /// Let these go on to the app, in this order, each when the one before was answered.
    Forward {
        /// Which.
        ids: Vec<ExchangeId>,
    },
    /// Send one several times: [`super::msg::Msg::Probed`] for each answer, then [`super::msg::Msg::ProbeDone`].
    Probe(ProbeWish),
    /// Wait no longer for what is being sent again of this exchange.
    StopSending {
        /// The exchange.
        id: ExchangeId,
    },
    /// Copy.
    Copy {
        /// The exchange.
        id: ExchangeId,
        /// What of it.
        what: CopyWhat,
    },
    /// Copy text that is on screen.
    CopyText {
        /// In words, for the notice.
        what: String,
        /// The bytes.
        text: Bytes,
    },
    /// Give the terminal to $EDITOR with the draft text: [`super::msg::Msg::Edited`].
    OpenEditor {
        /// The exchange.
        id: ExchangeId,
        /// The draft text to begin with; `None`: the captured request's.
        text: Option<String>,
    },
    /// Save the session under a name.
    SaveSession {
        /// The name.
        name: String,
    },
    /// Mark or unmark an exchange (kept in the session file).
    SetMark {
        /// Which.
        id: ExchangeId,
        /// Marked or not.
        marked: bool,
    },
    /// Draw everything anew.
    Redraw,
    /// Stop as Ctrl-Z does, and come back.
    Suspend,
    /// Leave.
    Quit,
}
