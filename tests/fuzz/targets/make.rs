//! Requests and events out of any bytes.

use std::sync::Arc;

use bytes::Bytes;
use hooksight::domain::body::Body;
use hooksight::domain::exchange::{Answer, AnswerOutcome, Exchange, ExchangeId, HttpVersion, Mark, Request};
use hooksight::domain::headers::Headers;
use hooksight::domain::time::Timestamp;

/// When all requests here came: `t=` of the recorded deliveries is near it.
pub const NOW_SECS: i64 = 1_700_000_000;

/// A reader that never runs dry: behind the end come zeros and empty texts.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((byte, rest)) => {
                self.0 = rest;
                *byte
            }
            None => 0,
        }
    }

    pub fn number(&mut self) -> u64 {
        let length = self.byte() % 9;
        (0..length).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    /// Up to 255 bytes, said by the first.
    pub fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        piece
    }

    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.piece()).into_owned()
    }

    pub fn headers(&mut self) -> Headers {
        let mut headers = Headers::new();
        for _ in 0..self.byte() % 8 {
            headers.push(self.piece().to_vec(), self.piece().to_vec());
        }
        headers
    }

    pub fn time(&mut self) -> Timestamp {
        // What RFC 3339 can write: years 0000 to 9999.
        let micros = i64::from_ne_bytes(self.number().to_ne_bytes());
        Timestamp::from_micros(micros.clamp(-62_167_219_200_000_000, 253_402_300_799_999_999))
    }

    pub fn body(&mut self) -> Body {
        let bytes = Bytes::copy_from_slice(self.piece());
        let length_bytes = self.number().max(bytes.len() as u64);
        Body { bytes, length_bytes }
    }

    pub fn marks(&mut self) -> Vec<Mark> {
        let mark = |input: &mut Self| match input.byte() % 3 {
            0 => Mark::Truncated { limit_bytes: input.number() },
            1 => Mark::Incomplete { reason: input.text() },
            _ => Mark::Refused { reason: input.text() },
        };
        (0..self.byte() % 3).map(|_| mark(self)).collect()
    }
}

/// A request as people would write it: `METHOD TARGET`, `Name: value` lines, a blank line, the body. Lines that begin with
/// `%` say what has no place in it: `%h2`, `%http1.0`, `%refused WHY`, `%truncated`, `%incomplete WHY`, `%raw HEAD`,
/// `%trailer Name: value`.
pub fn request(text: &[u8]) -> Request {
    let (head, body) = split_once(text, b"\n\n").or_else(|| split_once(text, b"\r\n\r\n")).unwrap_or((text, b""));
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let first = first.strip_suffix(b" HTTP/1.1").unwrap_or(first);
    let (method, target) = split_once(first, b" ").unwrap_or((first, b"/"));
    let copy = Bytes::copy_from_slice;
    let mut request = Request {
        id: ExchangeId(1),
        peer: Some(([127, 0, 0, 1], 40_000).into()),
        first_byte: Timestamp::from_secs(NOW_SECS),
        body_complete_us: 1500,
        version: HttpVersion::Http11,
        method: copy(method),
        target: copy(target),
        headers: Headers::new(),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(copy(body)),
        trailers: Headers::new(),
        marks: Vec::new(),
    };
    for line in lines {
        let Some(order) = line.strip_prefix(b"%") else {
            // `:authority: x` begins with its own colon.
            let colon = line.iter().skip(1).position(|byte| *byte == b':').map_or(line.len(), |at| at + 1);
            let (name, value) = line.split_at(colon.min(line.len()));
            let into = if line.starts_with(b":") { &mut request.pseudo } else { &mut request.headers };
            into.push(copy(name), copy(value.strip_prefix(b":").unwrap_or(value).trim_ascii()));
            continue;
        };
        let (word, rest) = split_once(order, b" ").unwrap_or((order, b""));
        let reason = || String::from_utf8_lossy(rest).into_owned();
        match word {
            b"h2" => request.version = HttpVersion::Http2,
            b"http1.0" => request.version = HttpVersion::Http10,
            b"refused" => request.marks.push(Mark::Refused { reason: reason() }),
            b"truncated" => request.marks.push(Mark::Truncated { limit_bytes: body.len() as u64 }),
            b"incomplete" => request.marks.push(Mark::Incomplete { reason: reason() }),
            b"raw" => request.raw_head = Some(copy(rest)),
            b"trailer" => {
                let (name, value) = split_once(rest, b":").unwrap_or((rest, b""));
                request.trailers.push(copy(name), copy(value.trim_ascii()));
            }
            _ => {}
        }
    }
    request
}

/// That request, answered.
pub fn exchange(text: &[u8]) -> Exchange {
    let request = request(text);
    let answer = Answer {
        exchange: request.id,
        begun: Some(request.first_byte),
        done: request.first_byte.plus_micros(2500),
        outcome: AnswerOutcome::Sent,
        status: Some(200),
        headers: request.headers.clone(),
        body: request.body.clone(),
        rule: String::from_utf8_lossy(&request.target).into_owned(),
        choice: None,
    };
    Exchange { request: Arc::new(request), answer: Some(Arc::new(answer)), attempts: Vec::new(), unread: Vec::new() }
}

/// What stands before and behind the first `between`.
pub fn split_once<'a>(bytes: &'a [u8], between: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(bytes, between)?;
    Some((&bytes[..at], &bytes[at + between.len()..]))
}
