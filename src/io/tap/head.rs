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
    /// The head does not say it in the one way that everybody reads alike: it is refused.
    Refused(Misframed),
}

/// Why a head does not say where its body ends, or says it in a way that programs between the sender and us may read
/// differently: what smuggles requests past them (RFC 9112 section 11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misframed {
    /// Both a length and a transfer coding.
    LengthAndCoding,
    /// A length that is not digits only.
    LengthNoNumber,
    /// A length that no 64 bits hold.
    LengthTooLarge,
    /// Several lengths.
    LengthsDiffer,
    /// A transfer coding behind `chunked`, or none.
    ChunkedNotLast,
    /// `chunked` more than once.
    ChunkedTwice,
    /// A coding below `chunked` that we cannot undo.
    CodingUnknown,
    /// HTTP/1.0 has no transfer codings.
    CodingInHttp10,
    /// Lines that end in LF alone, round a body.
    BareLineFeed,
}

impl Misframed {
    /// What it is answered with.
    pub const fn status(self) -> u16 {
        match self {
            // RFC 9112 section 6.1.
            Self::CodingUnknown => 501,
            _ => 400,
        }
    }

    /// Why, in a few words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::LengthAndCoding => {
                "both Content-Length and Transfer-Encoding: where the body ends is open (RFC 9112 section 6.3)"
            }
            Self::LengthNoNumber => "the Content-Length is no plain decimal number (RFC 9110 section 8.6)",
            Self::LengthTooLarge => "the Content-Length is larger than 64 bits leave room for",
            Self::LengthsDiffer => {
                "several values of Content-Length: where the body ends is open (RFC 9112 section 6.3)"
            }
            Self::ChunkedNotLast => {
                "the last Transfer-Encoding is not chunked: where the body ends is open (RFC 9112 section 6.3)"
            }
            Self::ChunkedTwice => "Transfer-Encoding says chunked more than once (RFC 9112 section 6.1)",
            Self::CodingUnknown => {
                "a Transfer-Encoding besides chunked, which this listener does not know (RFC 9112 section 6.1)"
            }
            Self::CodingInHttp10 => "Transfer-Encoding in an HTTP/1.0 request (RFC 9112 section 6.1)",
            Self::BareLineFeed => {
                "a line of the head ends in LF without CR, and a body follows: where the head ends is open \
                 (RFC 9112 section 2.2)"
            }
        }
    }

    /// Whether chunks follow all the same, so that what hides behind them can be shown.
    pub const fn is_chunked(self) -> bool {
        matches!(self, Self::LengthAndCoding | Self::ChunkedTwice | Self::CodingUnknown)
    }
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

/// How the body ends (RFC 9112 section 6.3).
pub fn framing(version: HttpVersion, headers: &Headers, raw: &[u8], is_canonical: bool) -> Framing {
    let (mut length, mut codings) = (None, None);
    for header in headers {
        if header.name.eq_ignore_ascii_case(b"content-length") {
            match (length, decimal(&header.value)) {
                (None, said) => length = Some(said),
                (Some(Ok(before)), Ok(said)) if before != said => length = Some(Err(Misframed::LengthsDiffer)),
                (Some(Ok(_)), Err(wrong)) => length = Some(Err(wrong)),
                _ => {}
            }
        } else if header.name.eq_ignore_ascii_case(b"transfer-encoding") {
            let codings: &mut Codings = codings.get_or_insert_default();
            header.value.split(|byte| *byte == b',').for_each(|coding| codings.add(coding));
        }
    }
    let framing = match (codings, length) {
        (Some(_), _) if version == HttpVersion::Http10 => Framing::Refused(Misframed::CodingInHttp10),
        (Some(codings), length) => codings.framing(length.is_some()),
        (None, Some(Err(wrong))) => Framing::Refused(wrong),
        (None, Some(Ok(length))) => Framing::Length(length),
        (None, None) => Framing::Length(0),
    };
    let has_body = matches!(framing, Framing::Chunked | Framing::Length(1..));
    match has_body && !is_canonical && has_bare_line_feed(raw) {
        true => Framing::Refused(Misframed::BareLineFeed),
        false => framing,
    }
}

/// The transfer codings of a head, all its lines together.
#[derive(Clone, Copy, Debug, Default)]
struct Codings {
    chunked: u32,
    others: u32,
    ends_chunked: bool,
}

impl Codings {
    fn add(&mut self, coding: &[u8]) {
        self.ends_chunked = without_blanks(coding).eq_ignore_ascii_case(b"chunked");
        match self.ends_chunked {
            true => self.chunked += 1,
            false => self.others += 1,
        }
    }

    fn framing(self, has_length: bool) -> Framing {
        match self {
            Self { ends_chunked: false, .. } => Framing::Refused(Misframed::ChunkedNotLast),
            _ if has_length => Framing::Refused(Misframed::LengthAndCoding),
            Self { chunked: 2.., .. } => Framing::Refused(Misframed::ChunkedTwice),
            Self { others: 1.., .. } => Framing::Refused(Misframed::CodingUnknown),
            _ => Framing::Chunked,
        }
    }
}

/// Without blanks and tabs at both ends (RFC 9110 section 5.6.3): no other byte counts as a blank here.
fn without_blanks(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn has_bare_line_feed(raw: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', raw).any(|at| at == 0 || raw.get(at - 1) != Some(&b'\r'))
}

/// A `Content-Length`: digits only.
pub fn decimal(value: &[u8]) -> Result<u64, Misframed> {
    let is_list = value.contains(&b',')
        && value.split(|byte| *byte == b',').all(|one| {
            let one = without_blanks(one);
            !one.is_empty() && one.iter().all(u8::is_ascii_digit)
        });
    if is_list {
        return Err(Misframed::LengthsDiffer);
    }
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Misframed::LengthNoNumber);
    }
    let text = std::str::from_utf8(value).map_err(|_| Misframed::LengthNoNumber)?;
    // The HTTP library keeps the two highest numbers for its own use.
    text.parse().ok().filter(|length| *length <= u64::MAX - 2).ok_or(Misframed::LengthTooLarge)
}

/// Why these bytes are no head, in a few words.
pub fn wrong_head(bytes: &[u8], error: httparse::Error) -> String {
    if let [0x16, 0x03, ..] = bytes {
        return "a TLS hello on a port that speaks plain HTTP: use http:// there".to_owned();
    }
    match error {
        httparse::Error::HeaderName | httparse::Error::HeaderValue | httparse::Error::NewLine => {
            wrong_field(bytes).unwrap_or_else(|| "a line ends in a way that HTTP does not know".to_owned())
        }
        httparse::Error::Version => "the HTTP version is none that this listener speaks".to_owned(),
        httparse::Error::TooManyHeaders => "more header lines than the limit".to_owned(),
        httparse::Error::Token => "the request line is not valid".to_owned(),
        other => other.to_string(),
    }
}

/// What is wrong with the first header line that is. Names bytes by their number: none of them is printed.
fn wrong_field(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let request_line = lines.find(|line| !line.is_empty())?;
    if let Some(byte) = request_line.iter().find(|byte| byte.is_ascii_control()) {
        return Some(format!("the request line holds the byte 0x{byte:02x}"));
    }
    for (number, line) in lines.enumerate().map(|(index, line)| (index + 1, line)) {
        if matches!(line, [b' ' | b'\t', ..]) {
            return Some(format!(
                "header line {number} begins with a blank: folded lines are over (RFC 9112 section 5.2)"
            ));
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(at) => line.split_at(at),
            None => (line, &line[..0]),
        };
        if matches!(name, [.., b' ' | b'\t']) && !value.is_empty() {
            return Some(format!(
                "a blank between header name and colon in header line {number} (RFC 9112 section 5.1)"
            ));
        }
        if let Some(byte) = name.iter().find(|byte| http::HeaderName::from_bytes(&[**byte]).is_err()) {
            return Some(format!("the header name in header line {number} holds the byte 0x{byte:02x}"));
        }
        if name.is_empty() && !value.is_empty() {
            return Some(format!("the header name in header line {number} is empty"));
        }
        if let Some(byte) = value.iter().find(|byte| byte.is_ascii_control() && **byte != b'\t') {
            return Some(format!("the value of header line {number} holds the byte 0x{byte:02x}"));
        }
        if line.is_empty() {
            return None;
        }
    }
    None
}

/// Why hyper refuses a head that parses, where the head shows it.
pub fn refusal_reason(head: &Head) -> Option<String> {
    if let Framing::Refused(misframed) = head.framing {
        return Some(misframed.reason().to_owned());
    }
    if head.target.len() > 65_534 {
        return Some("the target is longer than 65,534 bytes".to_owned());
    }
    http::Uri::try_from(&*head.target).err().map(|error| format!("the target is no valid one: {error}"))
}
