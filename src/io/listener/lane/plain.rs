//! What a request must look like to be served on the fast lane: the spelling that nearly every sender uses, whole after a read
//! or two. Anything else is left to the HTTP library, which knows all the others.

use std::mem::MaybeUninit;
use std::ops::Range;

use bytes::Bytes;

use crate::domain::headers::{Header, Headers};

use super::known;

/// Header lines of a plain head at most.
const HEADERS_MAX: usize = 64;
/// Bytes of a plain head at most: a `u16` reaches further.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// What a plain request may be, from the listener's limits.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a head.
    pub head_bytes: usize,
    /// Header lines of a head.
    pub header_count: usize,
    /// Bytes of a body.
    pub body_bytes: usize,
}

/// Where a plain head's pieces stand in it, and how long the request is.
#[derive(Debug)]
pub struct Plain {
    method: Piece,
    target: Piece,
    lines: [(Piece, Piece); HEADERS_MAX],
    lines_count: usize,
    /// Bytes of the head.
    pub head_bytes: usize,
    /// Bytes of the body.
    pub body_bytes: usize,
}

/// From where to where, within a plain head.
type Piece = (u16, u16);

/// The parts of a request, in one piece of memory.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts {
    /// The method.
    pub method: Bytes,
    /// The target.
    pub target: Bytes,
    /// The header lines.
    pub headers: Headers,
    /// The body, or what came of it.
    pub body: Bytes,
    /// All of it, as it came.
    pub all: Bytes,
}

impl Plain {
    /// Reads the head at the start of `bytes`. `None`: it is not whole, not plain, or beyond the bounds.
    pub fn read(bytes: &[u8], bounds: Bounds) -> Option<Self> {
        let head = bytes.get(..bytes.len().min(HEAD_BYTES_MAX).min(bounds.head_bytes))?;
        let mut lines = [const { MaybeUninit::uninit() }; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut []);
        let Ok(httparse::Status::Complete(head_bytes)) = request.parse_with_uninit_headers(head, &mut lines) else {
            return None;
        };
        if request.version != Some(1) || request.headers.len() > bounds.header_count {
            return None;
        }
        let (method, target) = (request.method?, request.path?);
        if !is_plain_method(method) || !is_plain_target(target.as_bytes()) {
            return None;
        }
        let mut spelling = Spelling { head, at: 0 };
        let mut plain = Self {
            method: spelling.piece(method.as_bytes(), b" ")?,
            target: spelling.piece(target.as_bytes(), b" HTTP/1.1\r\n")?,
            lines: [((0, 0), (0, 0)); HEADERS_MAX],
            lines_count: request.headers.len(),
            head_bytes,
            body_bytes: 0,
        };
        let mut length = None;
        for (line, place) in request.headers.iter().zip(&mut plain.lines) {
            let name = spelling.piece(line.name.as_bytes(), b": ")?;
            *place = (name, spelling.piece(line.value, b"\r\n")?);
            match said_by(line)? {
                Said::Nothing => {}
                // Twice is somebody else's business, also when both are the same.
                Said::Length(bytes) => {
                    if length.replace(bytes).is_some() {
                        return None;
                    }
                }
            }
        }
        plain.body_bytes = length.unwrap_or(0);
        let is_whole = spelling.at + 2 == head_bytes && head.get(spelling.at..head_bytes) == Some(b"\r\n");
        (is_whole && plain.body_bytes <= bounds.body_bytes).then_some(plain)
    }

    /// Bytes of head and body.
    pub fn length_bytes(&self) -> usize {
        self.head_bytes + self.body_bytes
    }

    /// Its parts, from the bytes that were read: head and body, or as much of it as came.
    pub fn parts(&self, bytes: Bytes) -> Parts {
        let piece = |(start, end): Piece| bytes.slice(usize::from(start)..usize::from(end));
        // Counting who holds the one piece of memory costs: what is known by heart needs none of it.
        let word = |at: Piece| {
            let word = bytes.get(usize::from(at.0)..usize::from(at.1)).unwrap_or_default();
            known::word(word).map_or_else(|| piece(at), Bytes::from_static)
        };
        let lines = self.lines.get(..self.lines_count).unwrap_or_default();
        Parts {
            method: word(self.method),
            target: piece(self.target),
            headers: lines.iter().map(|(name, value)| Header { name: word(*name), value: piece(*value) }).collect(),
            body: bytes.slice(self.head_bytes.min(bytes.len())..),
            all: bytes,
        }
    }
}

/// Follows the head's bytes from piece to piece: what stands between them must be the usual.
struct Spelling<'a> {
    head: &'a [u8],
    at: usize,
}

impl Spelling<'_> {
    /// Where a piece of the head stands, when it stands here and `behind` stands behind it.
    fn piece<const N: usize>(&mut self, part: &[u8], behind: &[u8; N]) -> Option<Piece> {
        let start = (part.as_ptr() as usize).wrapping_sub(self.head.as_ptr() as usize);
        let Range { start, end } = start..start.checked_add(part.len())?;
        // An empty value may be said to stand anywhere.
        if start != self.at && !part.is_empty() {
            return None;
        }
        let end = if part.is_empty() { self.at } else { end };
        let start = self.at;
        if self.head.get(end..)?.first_chunk() != Some(behind) {
            return None;
        }
        self.at = end + N;
        Some((u16::try_from(start).ok()?, u16::try_from(end).ok()?))
    }
}

/// What a header line has to say about how the request is to be served.
enum Said {
    Nothing,
    Length(usize),
}

/// `None`: something that is not plain.
fn said_by(line: &httparse::Header<'_>) -> Option<Said> {
    let is = |name: &str| line.name.eq_ignore_ascii_case(name);
    match line.name.len() {
        14 if is("content-length") => return length(line.value).map(Said::Length),
        17 if is("transfer-encoding") => return None,
        10 if is("connection") && !line.value.eq_ignore_ascii_case(b"keep-alive") => return None,
        6 if is("expect") => return None,
        7 if is("upgrade") => return None,
        _ => {}
    }
    Some(Said::Nothing)
}

/// A `Content-Length` of so few digits that it is surely a number that fits.
fn length(value: &[u8]) -> Option<usize> {
    let is_short = matches!(value.len(), 1..=9);
    if !is_short || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}

/// Methods whose answer has a body, and that ask for nothing else.
fn is_plain_method(method: &str) -> bool {
    !matches!(method, "HEAD" | "CONNECT" | "PRI") && method.len() <= 32
}

/// A path, maybe with a query, of bytes about which all libraries agree.
fn is_plain_target(target: &[u8]) -> bool {
    target.first() == Some(&b'/')
        && target.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/?&=%+:@,;!*()$".contains(byte))
}

#[cfg(test)]
mod tests;
