//! What went back to the sender of a request, and how that ended.

use super::request::ExchangeId;
use crate::domain::body::Body;
use crate::domain::forward::Onward;
use crate::domain::headers::Headers;
use crate::domain::reply::Choice;
use crate::domain::time::Timestamp;

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// Every byte was handed to the socket.
    Sent,
    /// The sender closed the connection first.
    SenderLeft,
    /// The rule asked for a connection reset.
    Reset,
    /// The sender did not take it in time: the connection was reset.
    Unread,
    /// The rule asked for silence, and the connection ended with none; or what came was refused where nothing can be answered.
    NeverAnswered,
    /// The rule asked for an answer that is wrong on purpose, or for the connection's end without one; or the app's answer broke
    /// off while it went back.
    Broken,
}

impl AnswerOutcome {
    /// The word in the session file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::SenderLeft => "sender-left",
            Self::Reset => "reset",
            Self::Unread => "unread",
            Self::NeverAnswered => "never-answered",
            Self::Broken => "broken",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sent, Self::SenderLeft, Self::Reset, Self::Unread, Self::NeverAnswered, Self::Broken]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// What went back to the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The exchange it belongs to.
    pub exchange: ExchangeId,
    /// When its first byte was handed to the socket.
    pub begun: Option<Timestamp>,
    /// When its last byte was, or when the connection ended.
    pub done: Timestamp,
    /// How it ended.
    pub outcome: AnswerOutcome,
    /// The status; `None` when no byte of an answer left.
    pub status: Option<u16>,
    /// The headers that were asked for (the protocol adds `date` and `content-length`).
    pub headers: Headers,
    /// The body that was sent.
    pub body: Body,
    /// What chose it: `default`, `all requests`, `path /x`, `body limit`, ...
    pub rule: String,
    /// How it was chosen, when there is more to say than that.
    pub choice: Option<Box<Choice>>,
}

impl Answer {
    /// What bringing the request to the user's app came to, if the answer is the app's.
    pub fn onward(&self) -> Option<Onward> {
        let forwarded = self.choice.as_ref()?.forwarded.as_ref()?;
        Some(match (self.status, &forwarded.error) {
            (Some(status), None) => Onward::Answered(status),
            _ => Onward::Failed,
        })
    }
}
