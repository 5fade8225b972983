//! An answer as it comes off the socket: where its head ends, what it says, and where its body does (RFC 9112 section 6.3).
//!
//! Nothing here waits or reads: [`Reader::next`] is given what came and says what that is. Heads are kept as they were sent:
//! order, case, duplicates.

use bytes::{Buf as _, Bytes, BytesMut};

use crate::domain::exchange::HttpVersion;
use crate::domain::headers::Headers;
use crate::io::tap::h1::chunks::{
    EXTENSIONS_BYTES_MAX, SizeLine, TRAILERS_BYTES_MAX, size_line, trailers, trailers_end,
};

/// Header lines in an answer that are understood.
pub const ANSWER_HEADERS_MAX: usize = 1000;
/// Lines that nearly all answers have room in.
const ANSWER_HEADERS_USUAL: usize = 48;
/// Interim answers (1xx) before the final one. A handful is usual.
pub const INTERIM_MAX: usize = 100;
/// Bytes of a head.
const HEAD_BYTES_MAX: usize = 400 << 10;
/// Bytes of a head that is looked at whenever some come: what is no HTTP shows itself there.
const FIRST_BYTES: usize = 64;

/// The head of an answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHead {
    /// As written in its first line.
    pub version: HttpVersion,
    /// Three digits, not below 100.
    pub status: u16,
    /// As sent, also outside ASCII.
    pub reason: Bytes,
    /// In order, with duplicates, in their case.
    pub headers: Headers,
}

/// The request, as far as it decides what its answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Its answers have no body.
    Head,
    /// Its answers of 2xx have none: what follows them is a tunnel.
    Connect,
    /// Any other method.
    Other,
}

impl Asked {
    /// By the first line of a request. Methods have a case (RFC 9110 section 9.1).
    pub fn of(head: &[u8]) -> Self {
        match head.split(|byte| *byte == b' ').next() {
            Some(b"HEAD") => Self::Head,
            Some(b"CONNECT") => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// How the other side ended what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Not yet.
    No,
    /// In order.
    Clean,
    /// By an error.
    Broken,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The head of the final answer.
    Head(AnswerHead),
    /// Some of its body; never empty.
    Piece(Bytes),
    /// The answer is over.
    Over,
    /// It needs more bytes.
    More,
}

/// Why it is no answer, or no whole one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// What came is no HTTP/1: why.
    #[error("{0}")]
    NotHttp(&'static str),
    /// Interim answers and no end of them.
    #[error("{INTERIM_MAX} interim answers")]
    Interim,
    /// It ended before its head was whole.
    #[error("it ended too early")]
    NoHead,
    /// The body ended too early, or its framing is wrong.
    #[error("the target closed before the end of the body")]
    Cut,
}

/// Where an answer stands.
#[derive(Debug)]
pub struct Reader {
    asked: Asked,
    state: State,
    interim: usize,
    /// Whether the connection can be used again behind it, by what its head said.
    keeps: bool,
    declared: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The first `searched` bytes hold no blank line; nothing is tried again below `again_at` without one.
    Head {
        searched: usize,
        again_at: usize,
    },
    Length(u64),
    ChunkSize {
        extension_bytes: usize,
    },
    Chunk {
        left: u64,
        extension_bytes: usize,
    },
    ChunkEnd {
        extension_bytes: usize,
    },
    Trailers {
        searched: usize,
    },
    ToTheEnd,
    Over,
}

const HEAD: State = State::Head { searched: 0, again_at: 0 };

impl Reader {
    /// Of the answer to such a request.
    pub const fn new(asked: Asked) -> Self {
        Self { asked, state: HEAD, interim: 0, keeps: false, declared: None }
    }

    /// Whether all of the answer was given out.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether the other side keeps the connection open behind a whole answer.
    pub const fn keeps_open(&self) -> bool {
        self.keeps
    }

    /// The length of the body, where the head says it.
    pub const fn declared_bytes(&self) -> Option<u64> {
        self.declared
    }

    /// What stands next in what came; it is taken out of `unread`.
    ///
    /// # Errors
    /// What is wrong; there is no more of this answer.
    pub fn next(&mut self, unread: &mut BytesMut, ended: Ended) -> Result<Next, Wrong> {
        loop {
            match self.state {
                State::Head { searched, again_at } => {
                    return self.head(unread, ended, searched, again_at);
                }
                State::Over => return Ok(Next::Over),
                State::Length(0) => self.state = State::Over,
                State::Length(left) => return self.part(unread, ended, left, State::Length),
                State::ToTheEnd => {
                    return match (unread.is_empty(), ended) {
                        (false, _) => Ok(Next::Piece(unread.split().freeze())),
                        (true, Ended::No) => Ok(Next::More),
                        (true, Ended::Clean) => {
                            self.state = State::Over;
                            Ok(Next::Over)
                        }
                        (true, Ended::Broken) => Err(Wrong::Cut),
                    };
                }
                State::Chunk { left: 0, extension_bytes } => self.state = State::ChunkEnd { extension_bytes },
                State::Chunk { left, extension_bytes } => {
                    return self.part(unread, ended, left, |left| State::Chunk { left, extension_bytes });
                }
                State::ChunkSize { .. } | State::ChunkEnd { .. } | State::Trailers { .. } => {
                    if !self.between(unread)? {
                        return if ended == Ended::No { Ok(Next::More) } else { Err(Wrong::Cut) };
                    }
                }
            }
        }
    }

    /// Some of what has a length.
    fn part(
        &mut self,
        unread: &mut BytesMut,
        ended: Ended,
        left: u64,
        then: impl Fn(u64) -> State,
    ) -> Result<Next, Wrong> {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(unread.len());
        match (count, ended) {
            (0, Ended::No) => Ok(Next::More),
            (0, _) => Err(Wrong::Cut),
            _ => {
                self.state = then(left - count as u64);
                Ok(Next::Piece(unread.split_to(count).freeze()))
            }
        }
    }

    /// Steps over what stands between chunks; whether it was there.
    fn between(&mut self, unread: &mut BytesMut) -> Result<bool, Wrong> {
        match self.state {
            State::ChunkEnd { extension_bytes } => {
                if !b"\r\n".starts_with(unread.get(..unread.len().min(2)).unwrap_or_default()) {
                    return Err(Wrong::Cut);
                }
                if unread.len() < 2 {
                    return Ok(false);
                }
                unread.advance(2);
                self.state = State::ChunkSize { extension_bytes };
            }
            State::ChunkSize { extension_bytes } => match size_line(unread) {
                SizeLine::Whole { length, size, extension_bytes: more } => {
                    let extension_bytes = extension_bytes.saturating_add(more);
                    if extension_bytes > EXTENSIONS_BYTES_MAX {
                        return Err(Wrong::Cut);
                    }
                    unread.advance(length);
                    self.state = match size {
                        0 => State::Trailers { searched: 0 },
                        left => State::Chunk { left, extension_bytes },
                    };
                }
                SizeLine::Partial if unread.len() <= EXTENSIONS_BYTES_MAX => return Ok(false),
                SizeLine::Partial | SizeLine::Wrong => return Err(Wrong::Cut),
            },
            State::Trailers { searched } => match trailers_end(unread, searched) {
                Some(end) if end <= TRAILERS_BYTES_MAX => {
                    let section = unread.split_to(end);
                    trailers(&section, ANSWER_HEADERS_MAX).ok_or(Wrong::Cut)?;
                    self.state = State::Over;
                }
                None if unread.len() <= TRAILERS_BYTES_MAX => {
                    self.state = State::Trailers { searched: unread.len() };
                    return Ok(false);
                }
                _ => return Err(Wrong::Cut),
            },
            _ => {}
        }
        Ok(true)
    }

    fn head(&mut self, unread: &mut BytesMut, ended: Ended, searched: usize, again_at: usize) -> Result<Next, Wrong> {
        let (mut searched, mut again_at) = (searched, again_at);
        loop {
            // Blank lines before it are passed over; each would look like its end.
            while let Some(length) =
                [b"\r\n".as_slice(), b"\n"].iter().find(|end| unread.starts_with(end)).map(|end| end.len())
            {
                unread.advance(length);
            }
            let is_due = match blank_line_end(unread, searched) {
                Some(_) => true,
                // A head is looked at when it may be whole, when it has just begun, and each time it has doubled: bytes that
                // dribble in must not be parsed once each.
                None => unread.len() >= again_at || unread.len() <= FIRST_BYTES,
            };
            let parsed = if is_due && !unread.is_empty() { parse_head(unread)? } else { Parsed::Partial };
            match parsed {
                Parsed::Final(head, length) => {
                    unread.advance(length);
                    (self.keeps, self.state) = self.frame(&head)?;
                    return Ok(Next::Head(head));
                }
                Parsed::Interim(length) => {
                    unread.advance(length);
                    self.interim += 1;
                    if self.interim > INTERIM_MAX {
                        return Err(Wrong::Interim);
                    }
                    (searched, again_at) = (0, 0);
                }
                Parsed::Partial if unread.len() > HEAD_BYTES_MAX => {
                    return Err(Wrong::NotHttp("its head is too large"));
                }
                Parsed::Partial if ended != Ended::No => return Err(Wrong::NoHead),
                Parsed::Partial => {
                    // A blank line may be half here.
                    let searched = unread.len().saturating_sub(3);
                    let again_at = if is_due { unread.len() * 2 } else { again_at };
                    self.state = State::Head { searched, again_at };
                    return Ok(Next::More);
                }
            }
        }
    }

    /// How the body ends, and whether another answer can follow on the connection.
    fn frame(&mut self, head: &AnswerHead) -> Result<(bool, State), Wrong> {
        let keeps = keeps_open(head);
        let is_bodiless = self.asked == Asked::Head || matches!(head.status, 204 | 304);
        let is_tunnel = head.status == 101 || self.asked == Asked::Connect && (200..300).contains(&head.status);
        if is_bodiless || is_tunnel {
            return Ok((keeps && !is_tunnel, State::Over));
        }
        let length = length_of(&head.headers);
        if head.headers.get("transfer-encoding").is_some() {
            if head.version == HttpVersion::Http10 {
                return Err(Wrong::NotHttp("HTTP/1.0 with Transfer-Encoding"));
            }
            is_chunked_alone(&head.headers)?;
            // A length beside it may be a try to have somebody read another answer (RFC 9112 section 6.3).
            return Ok((keeps && length == Ok(None), State::ChunkSize { extension_bytes: 0 }));
        }
        self.declared = length?;
        Ok(match self.declared {
            Some(length) => (keeps, State::Length(length)),
            None => (false, State::ToTheEnd),
        })
    }
}

/// Where a blank line ends, behind the first `searched` bytes: a head can only be whole there.
fn blank_line_end(bytes: &[u8], searched: usize) -> Option<usize> {
    let unseen = bytes.get(searched..)?;
    let mut at = 0;
    while let Some(line_end) = memchr::memchr(b'\n', unseen.get(at..)?) {
        let after = at + line_end + 1;
        match unseen.get(after..) {
            Some([b'\n', ..]) => return Some(searched + after + 1),
            Some([b'\r', b'\n', ..]) => return Some(searched + after + 2),
            _ => at = after,
        }
    }
    None
}

enum Parsed {
    Final(AnswerHead, usize),
    Interim(usize),
    Partial,
}

fn parse_head(bytes: &[u8]) -> Result<Parsed, Wrong> {
    // Few have more lines; room for as many as there may be costs more than all the rest.
    let parsed = match parse_head_within(bytes, &mut [httparse::EMPTY_HEADER; ANSWER_HEADERS_USUAL]) {
        Err(httparse::Error::TooManyHeaders) => {
            parse_head_within(bytes, &mut vec![httparse::EMPTY_HEADER; ANSWER_HEADERS_MAX])
        }
        parsed => parsed,
    };
    parsed.map_err(|error| {
        Wrong::NotHttp(match error {
            httparse::Error::HeaderName => "a header's name is wrong",
            httparse::Error::HeaderValue => "a header's value is wrong",
            httparse::Error::NewLine => "a line's end is wrong",
            httparse::Error::Status => "the status is wrong",
            httparse::Error::Token => "its first line is wrong",
            httparse::Error::TooManyHeaders => "it has too many headers",
            httparse::Error::Version => "its first line names no HTTP/1 version",
        })
    })
}

fn parse_head_within<'b>(bytes: &'b [u8], lines: &mut [httparse::Header<'b>]) -> Result<Parsed, httparse::Error> {
    let mut answer = httparse::Response::new(lines);
    let httparse::Status::Complete(length) = answer.parse(bytes)? else { return Ok(Parsed::Partial) };
    let status = answer.code.filter(|status| *status >= 100).ok_or(httparse::Error::Status)?;
    if (100..200).contains(&status) && status != 101 {
        return Ok(Parsed::Interim(length));
    }
    // One copy that all lines share: the buffer itself would be kept as long as they are.
    let head = bytes.get(..length).unwrap_or_default();
    let kept = Bytes::copy_from_slice(head);
    let share = |part: &[u8]| {
        let from = (part.as_ptr() as usize).saturating_sub(head.as_ptr() as usize);
        if part.is_empty() || from + part.len() > kept.len() {
            Bytes::new()
        } else {
            kept.slice(from..from + part.len())
        }
    };
    let headers = answer
        .headers
        .iter()
        .map(|line| crate::domain::headers::Header { name: share(line.name.as_bytes()), value: share(line.value) })
        .collect();
    let version = if answer.version == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 };
    Ok(Parsed::Final(AnswerHead { version, status, reason: reason(head), headers }, length))
}

/// The reason phrase from the first line; httparse leaves one out that is not ASCII.
fn reason(head: &[u8]) -> Bytes {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default() {
        b"OK" => Bytes::from_static(b"OK"),
        other => Bytes::copy_from_slice(other),
    }
}

/// That the body is in chunks and in no other coding. Nobody asked for one (`TE` is not sent on), and its bytes would be taken for the
/// content itself: they are passed on without the header that names their coding (RFC 9112 section 6.1).
fn is_chunked_alone(headers: &Headers) -> Result<(), Wrong> {
    let all = headers.get_all("transfer-encoding").flat_map(|value| value.split(|byte| *byte == b','));
    let mut codings = all.map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty());
    match (codings.next(), codings.next()) {
        (Some(only), None) if only.eq_ignore_ascii_case(b"chunked") => Ok(()),
        (Some(one), Some(two)) if [one, two].iter().all(|coding| coding.eq_ignore_ascii_case(b"chunked")) => {
            Err(Wrong::NotHttp("its Transfer-Encoding says chunked twice"))
        }
        (None, _) => Err(Wrong::NotHttp("its Transfer-Encoding names nothing")),
        _ => Err(Wrong::NotHttp(
            "its Transfer-Encoding names a coding that nobody asked for; only chunked alone is read",
        )),
    }
}

/// What `Content-Length` says: one number, however often it says it.
fn length_of(headers: &Headers) -> Result<Option<u64>, Wrong> {
    let wrong = Wrong::NotHttp("its Content-Length is wrong");
    let mut length = None;
    for part in headers.get_all("content-length").flat_map(|value| value.split(|byte| *byte == b',')) {
        let digits = part.trim_ascii();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(wrong);
        }
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        match (number, length) {
            (None, _) => return Err(wrong),
            (Some(number), Some(before)) if number != before => return Err(wrong),
            (Some(number), _) => length = Some(number),
        }
    }
    Ok(length)
}

/// Whether the connection stays open behind it (RFC 9112 section 9.3). `close` counts wherever it stands.
fn keeps_open(head: &AnswerHead) -> bool {
    let says = |option: &[u8]| {
        let options = head.headers.get_all("connection").flat_map(|value| value.split(|byte| *byte == b','));
        options.map(<[u8]>::trim_ascii).any(|one| one.eq_ignore_ascii_case(option))
    };
    !says(b"close") && (head.version != HttpVersion::Http10 || says(b"keep-alive"))
}

#[cfg(test)]
mod tests;
