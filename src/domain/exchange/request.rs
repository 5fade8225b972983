//! A captured request, as its bytes came, and what the capture has to say of it.

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::domain::body::Body;
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

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
