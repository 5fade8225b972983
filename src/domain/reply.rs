//! What goes back: replies, their text form, and the rules that choose one.

use std::fmt;

use bytes::Bytes;

use super::headers::Headers;

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
}

impl ReplyRules {
    /// The reply for a path, and the words that say which rule chose it (`default`, `all requests`, `path /x`).
    pub fn choose(&self, path: &[u8]) -> (&Reply, String) {
        let _ = path;
        (&self.all, "default".to_owned())
    }
}

/// A reply as it was written, before a body file that it names was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyText {
    /// The reply; its body is empty when `body_file` is given.
    pub reply: Reply,
    /// `body=@FILE`: whoever may read files puts its bytes into the reply.
    pub body_file: Option<String>,
}

/// Why a reply text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (column {column})")]
pub struct ReplyError {
    /// Column of the mistake, from 1, in characters.
    pub column: usize,
    /// What was found and what was expected, with visible text only.
    pub message: String,
}

impl Reply {
    /// Understands a reply text that names no body file.
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        let _ = text;
        Ok(Self::default())
    }

    /// In a few words for the top line: `200`, `503 after 2 s`, `never answer`, `reset`.
    pub fn describe(&self) -> String {
        self.status.to_string()
    }
}

impl fmt::Display for Reply {
    /// The reply in the language of [`Reply::parse`]: parsing it gives the same reply.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)
    }
}

impl ReplyRules {
    /// Puts a reply in force; one for the same scope is replaced.
    pub fn set(&mut self, scope: Scope, reply: Reply) {
        match scope {
            Scope::All => self.all = reply,
            Scope::Path(path) => {
                self.paths.retain(|(known, _)| *known != path);
                self.paths.push((path, reply));
            }
        }
    }
}
