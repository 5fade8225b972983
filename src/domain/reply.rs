//! What goes back: replies, their text form, and the rules that choose one.

use bytes::Bytes;

use super::headers::Headers;

mod choice;
mod preset;
mod rules;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use choice::{Choice, ChosenBy, Step};
pub use preset::{PRESETS, Preset};
pub use text::{ReplyError, ReplyText, parse_delay, parse_header, show_delay};

/// The longest delay, in milliseconds: an hour.
pub const DELAY_MS_MAX: u64 = 3_600_000;

/// What the connection does instead of carrying the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Stay silent until the sender gives up.
    NeverAnswer,
    /// Reset the connection (RST) before a byte of an answer.
    Reset,
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
    /// Wait so long before it, in milliseconds.
    pub delay_ms: u64,
    /// Instead of it.
    pub fault: Option<Fault>,
}

impl Default for Reply {
    /// 200 with an empty body, at once.
    fn default() -> Self {
        Self { status: 200, headers: Headers::new(), body: Bytes::new(), delay_ms: 0, fault: None }
    }
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
