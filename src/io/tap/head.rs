//! What the tap knows of a request before its body: the head as it was sent.

use bytes::Bytes;

use crate::domain::exchange::HttpVersion;
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

/// Limits of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of a head.
    pub bytes: usize,
    /// Header lines of a head.
    pub count: usize,
}

/// How a body's end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
    /// HTTP/2 frames.
    Frames,
    /// The head contradicts itself: both a length and chunks (RFC 9112 section 6.3).
    Conflict,
    /// The head's framing cannot be followed: hyper refuses it.
    Unknown,
}

/// A request's head as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// HTTP/1: number of the head on its connection, from 0. HTTP/2: its stream.
    pub sequence: u64,
    /// When its first byte was read.
    pub first_byte: Timestamp,
    /// Method as sent.
    pub method: Bytes,
    /// Target as sent.
    pub target: Bytes,
    /// Version as sent.
    pub version: HttpVersion,
    /// Header lines as sent.
    pub headers: Headers,
    /// HTTP/2: `:authority` and `:scheme`.
    pub pseudo: Headers,
    /// HTTP/1: all of its bytes.
    pub raw: Bytes,
    /// Whether `raw` is what `Request::canonical_head` would write.
    pub is_canonical: bool,
    /// How its body ends.
    pub framing: Framing,
}

/// What never became a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// When its first byte was read.
    pub first_byte: Timestamp,
    /// Its first bytes.
    pub raw: Bytes,
    /// The head, when that much of it could be read.
    pub head: Option<Head>,
    /// Method and target, when only the request line could be read.
    pub request_line: Option<(Bytes, Bytes)>,
    /// HTTP/2?
    pub version: HttpVersion,
    /// Why, in a few words; `None`: the status that hyper answers says it.
    pub reason: Option<String>,
}

/// Whether the head's bytes are the plain spelling of what was read from them.
pub fn is_canonical(raw: &[u8], method: &[u8], target: &[u8], version: HttpVersion, headers: &Headers) -> bool {
    let mut rest = raw;
    let mut next = |expected: &[u8]| match rest.strip_prefix(expected) {
        Some(after) => {
            rest = after;
            true
        }
        None => false,
    };
    next(method)
        && next(b" ")
        && next(target)
        && next(b" HTTP/")
        && next(version.as_str().as_bytes())
        && next(b"\r\n")
        && headers.iter().all(|header| next(&header.name) && next(b": ") && next(&header.value) && next(b"\r\n"))
        && next(b"\r\n")
        && rest.is_empty()
}

/// A `Content-Length` as hyper reads it: digits only.
pub fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Whether the last transfer coding named is `chunked`.
pub fn ends_in_chunked(value: &[u8]) -> bool {
    let last = value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
    last.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// Why these bytes are no head, in a few words.
pub fn wrong_head(bytes: &[u8], error: httparse::Error) -> String {
    match (bytes, error) {
        ([0x16, 0x03, ..], _) => "a TLS hello on a port that speaks plain HTTP: use http:// there".to_owned(),
        (_, httparse::Error::HeaderName) => {
            "a header name is not valid, or a header line begins with a blank".to_owned()
        }
        (_, httparse::Error::HeaderValue) => "a header value is not valid".to_owned(),
        (_, httparse::Error::NewLine) => "a line ends in a way that HTTP does not know".to_owned(),
        (_, httparse::Error::Version) => "the HTTP version is none that this listener speaks".to_owned(),
        (_, httparse::Error::TooManyHeaders) => "more header lines than the limit".to_owned(),
        (_, httparse::Error::Token) => "the request line is not valid".to_owned(),
        (_, other) => other.to_string(),
    }
}

/// Why hyper refuses a head that parses, where the head shows it.
pub fn refusal_reason(head: &Head) -> Option<String> {
    if head.framing == Framing::Unknown {
        return Some("Content-Length or Transfer-Encoding is not valid, or there are several that differ".to_owned());
    }
    if head.target.len() > 65_534 {
        return Some("the target is longer than 65,534 bytes".to_owned());
    }
    http::Uri::try_from(&*head.target).err().map(|error| format!("the target is no valid one: {error}"))
}
