//! What a line of a session says.

use std::borrow::Cow;
use std::sync::Arc;

use thiserror::Error;

use crate::domain::exchange::{Answer, Attempt, ExchangeId, Request};
use crate::domain::time::Timestamp;

/// One event of a session: one line of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request came.
    Request(Arc<Request>),
    /// It was answered.
    Answer(Arc<Answer>),
    /// It was sent again.
    Attempt(Arc<Attempt>),
    /// Something was said, by the user about an exchange or by the program about the session.
    Note(Note),
    /// The user marked or unmarked an exchange.
    Mark(Marked),
    /// The session changed its mode: listening began or ended, the replies in force changed.
    Mode(Mode),
    /// An event that this version does not know; kept in the file, skipped when reading.
    Unknown {
        /// Its name.
        event: String,
    },
}

/// Words beside the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The exchange they are about; `None`: the session.
    pub exchange: Option<ExchangeId>,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
}

/// A mark set or taken away; the last one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Which exchange.
    pub exchange: ExchangeId,
    /// When.
    pub at: Timestamp,
    /// Set or taken away.
    pub marked: bool,
}

/// A change of the session's mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// When.
    pub at: Timestamp,
    /// One word: `listening`, `stopped`, `reply`.
    pub mode: String,
    /// What it is now: the URL, the reply in words.
    pub detail: String,
}

impl Mode {
    /// The mode of a session whose listener has just begun.
    pub const LISTENING: &str = "listening";
}

/// The start of a line: enough for an index, without decoding the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    /// Name of the event.
    pub event: Cow<'static, str>,
    /// The exchange it belongs to, where the event has one.
    pub id: Option<ExchangeId>,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The line ends before its JSON does: the writer died in the middle.
    #[error("the line is cut off")]
    Torn,
    /// Written by a later version.
    #[error("the line has format version {0}, this program reads version 1: use a newer hooksight")]
    Version(u64),
    /// Not a line of a session file.
    #[error("not a line of a session file: {0}")]
    Malformed(String),
}
