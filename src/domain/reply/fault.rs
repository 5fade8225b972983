//! What is wrong with an answer on purpose: each fault with its words. What a fault does to the connection is `io::listener::play`'s.

/// What the connection does instead of carrying the answer, or what is wrong with what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Stay silent until the sender gives up.
    NeverAnswer,
    /// Reset the connection (RST) before a byte of an answer.
    Reset,
    /// Close the connection in order (FIN) before a byte of an answer.
    Close,
    /// Bytes that are no HTTP in place of an answer, then the end of the connection.
    Garbage,
    /// Half of the body, then the end of the connection.
    Cut,
    /// This `Content-Length`, whatever the body's is: all of the body leaves, and then the connection ends.
    WrongLength(u64),
}

/// Which of them, without its figure: what a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// [`Fault::NeverAnswer`].
    NeverAnswer,
    /// [`Fault::Reset`].
    Reset,
    /// [`Fault::Close`].
    Close,
    /// [`Fault::Garbage`].
    Garbage,
    /// [`Fault::Cut`].
    Cut,
    /// [`Fault::WrongLength`].
    WrongLength,
}

impl FaultKind {
    /// The word in the session file and in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeverAnswer => "never",
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Garbage => "garbage",
            Self::Cut => "cut",
            Self::WrongLength => "length",
        }
    }
}

impl Fault {
    /// Which it is.
    pub const fn kind(self) -> FaultKind {
        match self {
            Self::NeverAnswer => FaultKind::NeverAnswer,
            Self::Reset => FaultKind::Reset,
            Self::Close => FaultKind::Close,
            Self::Garbage => FaultKind::Garbage,
            Self::Cut => FaultKind::Cut,
            Self::WrongLength(_) => FaultKind::WrongLength,
        }
    }

    /// Those that need no number, in the order in which they are offered: a reply names them by their words, `fault=cut`.
    pub const NAMED: [Self; 5] = [Self::NeverAnswer, Self::Reset, Self::Close, Self::Garbage, Self::Cut];

    /// The word in replies, in the session file and, as far as it is short, in lists.
    pub const fn as_str(self) -> &'static str {
        self.kind().as_str()
    }

    /// The reverse of [`Self::as_str`], for those of [`Self::NAMED`].
    pub fn named(word: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|fault| fault.as_str() == word)
    }

    /// Whether nothing of the answer's status, headers and body leaves.
    pub const fn is_wordless(self) -> bool {
        matches!(self, Self::NeverAnswer | Self::Reset | Self::Close | Self::Garbage)
    }

    /// What the answer is in a few words, where nothing of it leaves; else what is said behind its own words.
    pub fn brief(self) -> String {
        match self {
            Self::NeverAnswer => "never answer".to_owned(),
            Self::Reset | Self::Close | Self::Garbage => self.as_str().to_owned(),
            Self::Cut => ", cut".to_owned(),
            Self::WrongLength(length) => format!(" as {length} B"),
        }
    }

    /// What became of an answer, in words, behind the status where one left: `cut after 20 of 57 B on purpose`.
    pub fn words(self, sent_bytes: u64, whole_bytes: u64) -> String {
        match self {
            Self::NeverAnswer => "never answered, on purpose".to_owned(),
            Self::Reset => "connection reset on purpose".to_owned(),
            Self::Close => "connection closed without an answer, on purpose".to_owned(),
            Self::Garbage => "bytes that are no HTTP in place of an answer, on purpose".to_owned(),
            Self::Cut => format!("cut after {sent_bytes} of {whole_bytes} B on purpose"),
            Self::WrongLength(length) => {
                format!("with a Content-Length of {length} before {sent_bytes} B, wrong on purpose")
            }
        }
    }
}
