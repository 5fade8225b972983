//! Why an answer was given: what chose it, what was passed over and why, and what else is to be said.

use super::fault::Fault;
use crate::domain::forward::Forwarded;

/// What chose an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChosenBy {
    /// The replies by path or for all, the listener's limits: what the answer's rule says in words.
    #[default]
    Reply,
    /// A rule of the configuration.
    Rule,
    /// A guard turned the sender away.
    Guard,
    /// The handshake of the sender's provider, answered by itself.
    Handshake,
    /// What goes to any other request: it is a handshake that could not be answered.
    Unmet,
    /// A step of a script.
    Script,
    /// The user, by hand.
    Hand,
    /// The user's app: the request was forwarded.
    App,
}

impl ChosenBy {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Reply, Self::Rule, Self::Guard, Self::Handshake, Self::Unmet, Self::Script, Self::Hand, Self::App];

    /// The word in the session file and in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Rule => "rule",
            Self::Guard => "guard",
            Self::Handshake => "handshake",
            Self::Unmet => "handshake-unanswered",
            Self::Script => "script",
            Self::Hand => "hand",
            Self::App => "app",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

/// Where a script stands with one answer: which step of how many, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// This answer's.
    pub number: u32,
    /// How many the script has, each repetition counted.
    pub of: u32,
}

/// How an answer was chosen, when there is more to say than its rule's name. Text is not gated yet: it may quote a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What chose it.
    pub by: ChosenBy,
    /// Where its script stands.
    pub step: Option<Step>,
    /// The rules before it, and why each did not reply.
    pub passed: Vec<String>,
    /// What else the user should know: a secret that is missing, who would have been refused.
    pub notes: Vec<String>,
    /// How the app came to give it, when it is the app's.
    pub forwarded: Option<Box<Forwarded>>,
    /// Whether the request goes on to the app behind it: what came of that is an attempt, unless the program ended before.
    pub is_queued: bool,
    /// What was wrong with it on purpose.
    pub wrong: Option<Wrong>,
}

/// What was wrong with an answer on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wrong {
    /// What.
    pub fault: Fault,
    /// Bytes of the whole body, of which half left when it was cut.
    pub whole_bytes: u64,
}

impl Wrong {
    /// The word in the session file and, as far as it is short, in lists.
    pub const fn as_str(self) -> &'static str {
        self.fault.as_str()
    }

    /// From the word, the bytes of the whole body, and the `Content-Length` that was told.
    pub fn parse(word: &str, whole_bytes: u64, length: Option<u64>) -> Option<Self> {
        let told = || length.map(Fault::WrongLength).filter(|fault| fault.as_str() == word);
        Some(Self { fault: Fault::named(word).or_else(told)?, whole_bytes })
    }

    /// In words, behind the status where one left: `cut after 20 of 57 B on purpose`. `sent_bytes`: of the body.
    pub fn words(self, sent_bytes: u64) -> String {
        self.fault.words(sent_bytes, self.whole_bytes)
    }
}

/// How the note of a guard begins that only says who would be refused.
const WOULD_REFUSE: &str = "would be refused with ";

impl Choice {
    /// The note of a guard that turns nobody away.
    pub fn note_would_refuse(status: u16, why: &str) -> String {
        format!("{WOULD_REFUSE}{status}: {why}")
    }

    /// Whether a note says that a guard would have refused the request.
    pub fn is_would_refuse(note: &str) -> bool {
        note.starts_with(WOULD_REFUSE)
    }

    /// What the request would have been refused with, if its guard turned anybody away.
    pub fn would_refuse(&self) -> Option<u16> {
        self.notes.iter().find_map(|note| note.strip_prefix(WOULD_REFUSE)?.split(':').next()?.parse().ok())
    }

    /// Whether there is nothing to say.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
