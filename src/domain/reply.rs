//! What goes back: replies, their text form, and the rules that choose one.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;

use super::headers::Headers;

mod choice;
mod delay;
mod error;
mod fault;
mod header_line;
mod make;
mod one;
mod preset;
mod rules;
mod script;
mod text;
mod waiting;
mod words;
mod written;

#[cfg(test)]
mod tests;

pub use choice::{Choice, ChosenBy, Step, Wrong};
pub use delay::{
    DELAY_MS_MAX, Spread, draw as draw_delay, parse as parse_wait, parse_delay, show as show_wait, show_delay,
};
pub use error::ReplyError;
pub use fault::{Fault, FaultKind};
pub use header_line::parse_header;
pub use preset::{EXAMPLES, Example, PRESETS, Preset};
pub use text::{ReplyText, StepText};
pub use waiting::Waiting;

/// How the body comes about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Make {
    /// It is the reply's, byte for byte.
    #[default]
    Exact,
    /// It is the request's, with its content type.
    Echo,
    /// The reply's body and the values of its headers are templates (see [`super::template`]).
    Template,
    /// The whole answer is the one of the user's app (see [`super::forward`]); only the delay is the reply's.
    Forward,
}

/// An answer to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub status: u16,
    /// Headers, in order. `content-length` is ours.
    pub headers: Headers,
    /// Body, exactly.
    pub body: Bytes,
    /// How the body comes about.
    pub make: Make,
    /// Wait so long before it, in milliseconds: always, at least, or as the median, as `spread` says.
    pub delay_ms: u64,
    /// How the delay differs from one answer to the next.
    pub spread: Spread,
    /// So many bytes of the body a second; `None`: as fast as they are taken.
    pub drip: Option<NonZeroU32>,
    /// Instead of it, or what is wrong with it.
    pub fault: Option<Fault>,
    /// In place of all of that: another reply each time.
    pub script: Option<Arc<Script>>,
}

impl Default for Reply {
    /// 200 with an empty body, at once.
    fn default() -> Self {
        Self {
            status: 200,
            headers: Headers::new(),
            body: Bytes::new(),
            make: Make::Exact,
            delay_ms: 0,
            spread: Spread::None,
            drip: None,
            fault: None,
            script: None,
        }
    }
}

/// Steps in order. The last one goes on for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// At least one.
    pub steps: Vec<ScriptStep>,
}

/// One step of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptStep {
    /// What goes back. Never a script itself.
    pub reply: Reply,
    /// How many times, at least once.
    pub times: u32,
}

/// Where a reply applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every request that no path rule fits.
    All,
    /// Requests whose path is this, exactly, or begins with it where it ends in `*`.
    Path(String),
}

/// The replies in force. A path rule wins over the one for all; the longest pattern wins among path rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyRules {
    /// For all.
    pub all: Reply,
    /// For one path each.
    pub paths: Vec<(String, Reply)>,
    /// For the paths of endpoints: what deliveries there get, unless `paths` says otherwise as exactly.
    pub endpoints: Vec<(String, Reply)>,
}

/// The reply that the rules choose for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// The reply.
    pub reply: &'a Reply,
    /// The words that say which rule chose it: `default`, `all requests`, `path /x`, `endpoint /x`.
    pub rule: String,
    /// Whether it was chosen for the path alone, and neither for an endpoint nor for all.
    pub is_own: bool,
}
