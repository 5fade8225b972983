//! An exchange: one captured request, the answer it got, and the attempts made from it since.

mod one_request;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;

use super::body::Body;
use super::forward::Onward;
use super::headers::Headers;
use super::outgoing::Outgoing;
use super::reply::Choice;
use super::time::Timestamp;
pub use super::timing::Timing;

/// Number of an exchange in its session, from 1, in the order in which bodies were complete. Never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(pub u64);

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The protocol version that the sender spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
}

impl HttpVersion {
    /// `1.0`, `1.1` or `2`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1.0" => Some(Self::Http10),
            "1.1" => Some(Self::Http11),
            "2" => Some(Self::Http2),
            _ => None,
        }
    }
}

/// What the capture has to say beside the data. Never written into the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The body went over the limit: what came up to it is kept.
    Truncated {
        /// The limit in force.
        limit_bytes: u64,
    },
    /// The sender left, or stalled past the time limit, before the body was whole.
    Incomplete {
        /// Why, in a few words.
        reason: String,
    },
    /// It never became a request: `raw_head` holds its first bytes.
    Refused {
        /// Why, in a few words.
        reason: String,
    },
    /// Of an attempt: what else is to be known of how it came about.
    Note {
        /// In words.
        text: String,
    },
}

/// A request as it came, sealed once and shared as `Arc`. Nothing changes it afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number in the session.
    pub id: ExchangeId,
    /// The sender's address; `None` when imported.
    pub peer: Option<SocketAddr>,
    /// When its first byte was read.
    pub first_byte: Timestamp,
    /// Microseconds from the first byte to the last one of the body.
    pub body_complete_us: u64,
    /// Protocol version.
    pub version: HttpVersion,
    /// Method as sent (any token, RFC 9110 section 9.1).
    pub method: Bytes,
    /// Request target as sent: origin, absolute, authority or asterisk form; may hold bytes outside ASCII.
    pub target: Bytes,
    /// Header lines as sent. HTTP/2: the regular fields; `:authority` and `:scheme` are in `pseudo`.
    pub headers: Headers,
    /// HTTP/2 only: `:authority` and `:scheme` as sent.
    pub pseudo: Headers,
    /// The head's exact bytes, blank line included, when they are not what [`Request::canonical_head`] would write; for a
    /// refused request its first bytes.
    pub raw_head: Option<Bytes>,
    /// The body.
    pub body: Body,
    /// Trailer lines of a chunked or HTTP/2 body.
    pub trailers: Headers,
    /// What the capture has to say.
    pub marks: Vec<Mark>,
}

impl Request {
    /// The head written the plain way: `METHOD TARGET HTTP/x\r\n`, `Name: value\r\n`..., `\r\n`.
    pub fn canonical_head(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(64 + self.headers.size_bytes() + 4 * self.headers.len());
        head.extend_from_slice(&self.method);
        head.push(b' ');
        head.extend_from_slice(&self.target);
        head.extend_from_slice(b" HTTP/");
        head.extend_from_slice(self.version.as_str().as_bytes());
        head.extend_from_slice(b"\r\n");
        for header in &self.headers {
            head.extend_from_slice(&header.name);
            head.extend_from_slice(b": ");
            head.extend_from_slice(&header.value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// The head's bytes as they came (HTTP/2: written as HTTP/1 would).
    pub fn head_bytes(&self) -> Vec<u8> {
        match &self.raw_head {
            Some(raw) => raw.to_vec(),
            None => self.canonical_head(),
        }
    }

    /// The path of the target without its query; the whole target when it has no path.
    pub fn path(&self) -> &[u8] {
        match self.path_and_query().split(|byte| *byte == b'?').next() {
            // An absolute target may have a query and no path, which is the root then (RFC 9112 section 3.2.1).
            Some(b"") if !self.target.is_empty() => b"/",
            path => path.unwrap_or_default(),
        }
    }

    /// The query of the target, without the question mark.
    pub fn query(&self) -> Option<&[u8]> {
        let path = self.path_and_query();
        path.iter().position(|byte| *byte == b'?').map(|at| &path[at + 1..])
    }

    /// The target from its path on: an absolute form loses scheme and authority.
    pub fn path_and_query(&self) -> &[u8] {
        let target: &[u8] = &self.target;
        if target.first() == Some(&b'/') {
            return target;
        }
        let Some(scheme_end) = target.windows(3).position(|window| window == b"://") else {
            return target;
        };
        let rest = &target[scheme_end + 3..];
        match rest.iter().position(|byte| matches!(byte, b'/' | b'?')) {
            Some(at) => &rest[at..],
            None => b"/",
        }
    }

    /// The host that the sender named: `Host`, or `:authority`, or the authority of an absolute target.
    pub fn host(&self) -> Option<&str> {
        self.headers.get_str("host").or_else(|| self.pseudo.get_str(":authority"))
    }

    /// The reason when this never became a request.
    pub fn refused(&self) -> Option<&str> {
        self.marks.iter().find_map(|mark| match mark {
            Mark::Refused { reason } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Whether the kept body is all that the sender meant to send.
    pub fn is_whole(&self) -> bool {
        self.marks.is_empty()
    }

    /// Bytes that keeping it in memory takes, near enough to bound a ring.
    pub fn kept_bytes(&self) -> usize {
        256 + self.method.len()
            + self.target.len()
            + self.body.bytes.len()
            + self.raw_head.as_ref().map_or(0, Bytes::len)
            + [&self.headers, &self.pseudo, &self.trailers]
                .iter()
                .map(|headers| headers.size_bytes() + headers.len() * 80)
                .sum::<usize>()
    }
}

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

/// Which signature an attempt carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureChoice {
    /// The bytes that came, untouched.
    Kept,
    /// Made anew with the configured secret.
    Resigned,
    /// Made wrong on purpose.
    Broken,
}

impl SignatureChoice {
    /// The word in the session file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Resigned => "re-signed",
            Self::Broken => "broken",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Kept, Self::Resigned, Self::Broken].into_iter().find(|choice| choice.as_str() == text)
    }
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The target answered.
    Answered {
        /// Protocol version of the answer.
        version: HttpVersion,
        /// Status code.
        status: u16,
        /// Reason phrase as sent.
        reason: Bytes,
        /// Headers as sent.
        headers: Headers,
        /// Body as sent, up to the limit.
        body: Body,
        /// What the sender has to say: truncated, incomplete.
        marks: Vec<Mark>,
    },
    /// No answer.
    Failed {
        /// What was tried, what happened, what to do.
        message: String,
    },
}

/// Why an attempt was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AttemptKind {
    /// The user sent it again.
    #[default]
    Resend,
    /// It went on to the app: behind our own answer, or later, when the app could not be reached at first.
    Forward,
    /// It went on to a further target.
    Copy,
    /// It went on to a further target whose answer is compared with the app's.
    Shadow,
    /// A rule asked for it behind its answer; it is another request than the exchange's.
    Callback,
    /// The user sent it several times to compare the answers.
    Probe,
}

impl AttemptKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Resend, Self::Forward, Self::Copy, Self::Shadow, Self::Callback, Self::Probe];

    /// Whether it went on to an app, with the exchange's own body.
    pub const fn is_forwarded(self) -> bool {
        matches!(self, Self::Forward | Self::Copy | Self::Shadow)
    }

    /// The word in the session file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Forward => "forward",
            Self::Copy => "copy",
            Self::Shadow => "shadow",
            Self::Callback => "callback",
            Self::Probe => "probe",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One resend of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The exchange it was made from.
    pub exchange: ExchangeId,
    /// Number under its exchange, from 1.
    pub number: u32,
    /// When it was begun.
    pub at: Timestamp,
    /// Why it was made.
    pub kind: AttemptKind,
    /// What was sent. The body of what was forwarded is the exchange's, and is not repeated here.
    pub sent: Outgoing,
    /// Which signature it carried.
    pub signature: SignatureChoice,
    /// What it came to.
    pub outcome: AttemptOutcome,
    /// Where the time went.
    pub timing: Timing,
}

impl Attempt {
    /// What it came to, if it brought the request to the user's app.
    pub fn onward(&self) -> Option<Onward> {
        match (self.kind, &self.outcome) {
            (AttemptKind::Forward, AttemptOutcome::Answered { status, .. }) => Some(Onward::Answered(*status)),
            (AttemptKind::Forward, AttemptOutcome::Failed { .. }) => Some(Onward::Failed),
            _ => None,
        }
    }

    /// What it came to, if the user sent it by hand and the other side took it (2xx).
    pub fn taken_by_hand(&self) -> Option<Onward> {
        match (self.kind, &self.outcome) {
            (AttemptKind::Resend | AttemptKind::Probe, AttemptOutcome::Answered { status: status @ 200..=299, .. }) => {
                Some(Onward::Answered(*status))
            }
            _ => None,
        }
    }

    /// Bytes of the answer's body that were kept; 0 without an answer.
    pub fn answer_bytes(&self) -> usize {
        match &self.outcome {
            AttemptOutcome::Answered { body, .. } => body.bytes.len(),
            AttemptOutcome::Failed { .. } => 0,
        }
    }
}

/// One captured request with the answer it got and what was done with it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The request, sealed.
    pub request: Arc<Request>,
    /// The answer, once it is known.
    pub answer: Option<Arc<Answer>>,
    /// Its attempts, oldest first.
    pub attempts: Vec<Arc<Attempt>>,
}

impl Exchange {
    /// What bringing it to the user's app came to; `None`: it was not to be brought there.
    pub fn onward(&self) -> Option<Onward> {
        let answer = self.answer.as_deref();
        let queued = answer.is_some_and(|answer| answer.choice.as_ref().is_some_and(|choice| choice.is_queued));
        let first = answer.and_then(Answer::onward).or(queued.then_some(Onward::Waiting));
        self.attempts.iter().fold(first, |before, attempt| after_attempt(before, attempt))
    }
}

/// What bringing a request to the user's app has come to, once this attempt is known.
pub fn after_attempt(before: Option<Onward>, attempt: &Attempt) -> Option<Onward> {
    match (attempt.onward(), before) {
        (Some(onward), _) => Some(onward),
        // Sent by hand, and taken: it need not go on once more.
        (None, Some(before)) if !before.is_taken() => attempt.taken_by_hand().or(Some(before)),
        (None, before) => before,
    }
}
