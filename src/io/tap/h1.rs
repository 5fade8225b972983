//! HTTP/1 as it comes off the wire: heads and trailers, exactly; body bytes are counted and passed over.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::domain::exchange::HttpVersion;
use crate::domain::headers::{Header, Headers};
use crate::domain::time::Timestamp;

use super::head::{self, Framing, Head, HeadLimits, Refusal};
use super::{LONG_HEAD_BYTES, REFUSED_BYTES_MAX, ROWS_MAX};

use chunks::SizeLine;

pub(in crate::io) mod chunks;

/// Header lines that are read without allocating.
const FEW_HEADERS: usize = 64;
/// The longest line that may hold a chunk's size: hyper refuses longer extensions too.
const CHUNK_LINE_BYTES_MAX: usize = 16 * 1024;
/// Blank lines where a request line should be: so many bytes of them are kept.
const BLANK_BYTES_MAX: usize = 1024;
/// Some senders end a body with a line end that is not part of it (RFC 9112 section 2.2).
const STRAY_LINE_END_BYTES: usize = 2;
/// Long heads (and trailers that are not whole), of all connections of the process: hyper holds about twice as much, until the
/// connection ends. A thousand connections that each send a head up to its limit, whole or not, would take hundreds of MiB.
static LONG_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Beyond this those that grow are closed.
const LONG_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Heads kept that hyper has not asked for: it reads one request after the other, so more than a buffer's worth cannot be.
const HEADS_MAX: usize = 4096;
/// What hyper is given at a time where heads may stand: each of them, parsed, takes many times what it takes as it came.
const HEADS_BYTES: usize = 4 * 1024;
/// And so many of them: the shortest take twenty times as much.
const HEADS_AT_ONCE: usize = 32;
/// Why nothing came of what stood behind a refusal, or behind the last answer.
const BEHIND: &str = "the connection was closed before its turn came";

enum State {
    /// In a head, or between two.
    Head,
    /// So many bytes of a body are to come.
    Body(u64),
    /// In the line that says a chunk's size.
    ChunkSize,
    /// So many bytes of a chunk are to come.
    Chunk(u64),
    /// What is to come of the CR LF behind a chunk.
    ChunkEnd(&'static [u8]),
    /// Behind the last chunk.
    Trailers,
    /// No request can come any more: hyper refuses the head before, or the body went wrong.
    Over,
    /// What came is no head: its first bytes are collected.
    Lost { reason: Option<String>, request_line: Option<(Bytes, Bytes)> },
}

/// The state between two reads.
pub struct Parser {
    limits: HeadLimits,
    state: State,
    /// The unfinished head, chunk size line or trailer section; when lost the first bytes of what cannot be read.
    pending: Vec<u8>,
    pending_since: Timestamp,
    /// Blank lines since the last request, as many as are kept.
    blanks: Vec<u8>,
    /// What is counted in [`LONG_BYTES`]: the longest that was here, as hyper's buffer never shrinks.
    counted_bytes: usize,
    /// The length of the longest whole head.
    longest_bytes: usize,
    is_too_much: bool,
    /// Whether hyper has refused something: what stands behind was never looked at.
    is_refused: bool,
    /// Rows of whole heads that nobody claimed, so far.
    rows: usize,
    broken: Option<&'static str>,
    heads: VecDeque<Head>,
    trailers: VecDeque<(u64, Headers)>,
    sequence: u64,
    /// Of the chunks' size lines of the body that is being read.
    extensions_bytes: usize,
}

impl Parser {
    pub fn new(limits: HeadLimits) -> Self {
        Self::after(0, limits)
    }

    /// Of a connection on which so many requests came before.
    pub fn after(sequence: u64, limits: HeadLimits) -> Self {
        Self {
            limits,
            state: State::Head,
            pending: Vec::new(),
            pending_since: Timestamp::default(),
            blanks: Vec::new(),
            counted_bytes: 0,
            longest_bytes: 0,
            is_too_much: false,
            is_refused: false,
            rows: 0,
            broken: None,
            heads: VecDeque::new(),
            trailers: VecDeque::new(),
            sequence,
            extensions_bytes: 0,
        }
    }

    /// Bytes that came. Returns how many of them hyper is to have: not all when there is something wrong that hyper would let pass.
    pub fn read(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        self.read_heads(bytes, now, usize::MAX)
    }

    /// As [`Self::read`], but stops behind some heads: what is left is to come again.
    pub fn read_some(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        self.read_heads(bytes, now, HEADS_AT_ONCE)
    }

    fn read_heads(&mut self, bytes: &[u8], now: Timestamp, heads_max: usize) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() && self.broken.is_none() {
            if self.heads.len() >= heads_max && rest.len() < bytes.len() {
                break;
            }
            let passed = match &mut self.state {
                State::Body(left) | State::Chunk(left) => {
                    let passed = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= passed as u64;
                    if *left == 0 {
                        let is_body = matches!(self.state, State::Body(_));
                        self.state = if is_body { State::Head } else { State::ChunkEnd(b"\r\n") };
                    }
                    passed
                }
                State::ChunkEnd(left) => match left.split_first() {
                    Some((wanted, then)) if rest.first() == Some(wanted) => {
                        self.state = if then.is_empty() { State::ChunkSize } else { State::ChunkEnd(then) };
                        1
                    }
                    _ => {
                        self.lose_body();
                        rest.len()
                    }
                },
                State::Head => self.read_head(rest, now),
                State::ChunkSize => self.read_chunk_size(rest),
                State::Trailers => self.read_trailers(rest),
                State::Over => rest.len(),
                State::Lost { .. } => {
                    let room = REFUSED_BYTES_MAX.saturating_sub(self.pending.len());
                    self.pending.extend_from_slice(&rest[..rest.len().min(room)]);
                    rest.len()
                }
            };
            rest = rest.get(passed..).unwrap_or_default();
        }
        self.count_long();
        bytes.len() - rest.len()
    }

    /// What is wrong with a body that hyper would let pass.
    pub fn broken(&self) -> Option<&'static str> {
        self.broken
    }

    /// How many bytes hyper is to be given at a time: all that it has room for in a body, few where heads may stand.
    pub fn wanted_bytes(&self) -> usize {
        match self.state {
            State::Body(left) | State::Chunk(left) => {
                usize::try_from(left).unwrap_or(usize::MAX).saturating_add(HEADS_BYTES)
            }
            _ => HEADS_BYTES,
        }
    }

    /// Whether more whole heads wait than get a row each when the connection ends.
    pub fn is_full(&self) -> bool {
        self.heads.len() + self.rows > ROWS_MAX
    }

    /// Whether a long head here was one too many among those of all connections.
    pub fn is_too_much(&self) -> bool {
        self.is_too_much
    }

    /// A small head costs nothing here: only long ones are counted.
    fn count_long(&mut self) {
        let bytes = self.pending.len().max(self.longest_bytes);
        if bytes > LONG_HEAD_BYTES && bytes > self.counted_bytes {
            let more = bytes - self.counted_bytes;
            self.counted_bytes = bytes;
            self.is_too_much |= LONG_BYTES.fetch_add(more, Ordering::Relaxed) + more > LONG_BYTES_MAX;
        }
    }

    /// The head of the request that hyper shows. `None` when the next one here is another one: then nothing that is read
    /// here can be trusted any more.
    pub fn claim(&mut self, request: &http::request::Parts) -> Option<Head> {
        let head = self.next_head()?;
        let fits = head.method == request.method.as_str().as_bytes() && request.headers.len() <= head.headers.len();
        if !fits {
            self.heads.clear();
            self.lose_body();
        }
        fits.then_some(head)
    }

    /// The next head, in the order in which they came.
    pub fn next_head(&mut self) -> Option<Head> {
        let head = self.heads.pop_front()?;
        // The requests before it are done with.
        self.trailers.retain(|(of, _)| *of >= head.sequence);
        Some(head)
    }

    /// The trailers of that head's body.
    pub fn trailers(&mut self, sequence: u64) -> Option<Headers> {
        let at = self.trailers.iter().position(|(of, _)| *of == sequence)?;
        self.trailers.remove(at).map(|(_, trailers)| trailers)
    }

    /// When the head that is not whole yet began.
    pub fn head_begun(&self) -> Option<Timestamp> {
        let collecting = matches!(self.state, State::Head | State::Lost { .. });
        (collecting && !self.pending.is_empty()).then_some(self.pending_since)
    }

    /// Whether more is to come of what has begun, or has come and was not asked for.
    pub fn is_inside(&self) -> bool {
        !matches!(self.state, State::Head) || !self.pending.is_empty() || !self.heads.is_empty()
    }

    /// Whether the rest of the body is to come of the request that hyper has shown.
    pub fn is_in_body(&self) -> bool {
        self.heads.is_empty() && !matches!(self.state, State::Head | State::Over | State::Lost { .. })
    }

    /// What hyper refuses now: the first of what never became a request. What stands behind stays here.
    pub fn refuse(&mut self) -> Option<Refusal> {
        self.is_refused = true;
        if let Some(head) = self.heads.pop_front() {
            let reason = head::refusal_reason(&head);
            return Some(of_head(head, reason));
        }
        let refusal = self.unfinished(None);
        // The rest of it is no further request.
        self.state = State::Over;
        refusal
    }

    /// What never became a request: whole heads that nobody claimed, then the unfinished one.
    pub fn leftovers(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        let mut left = self.left_heads(reason);
        left.extend(self.unfinished(if self.is_refused { Some(BEHIND) } else { reason }));
        left
    }

    /// Whole heads that nobody claimed; more may come.
    pub fn left_heads(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        let mut left: Vec<Refusal> = Vec::new();
        let unsaid = self.heads.split_off(self.heads.len().min(ROWS_MAX.saturating_sub(self.rows)));
        for head in self.heads.drain(..) {
            // The first is what hyper stumbled over; what stands behind it was never looked at.
            let reason = match left.is_empty() && self.rows == 0 && !self.is_refused {
                true => head::refusal_reason(&head).or_else(|| reason.map(str::to_owned)),
                false => Some(BEHIND.to_owned()),
            };
            left.push(of_head(head, reason));
        }
        self.rows += left.len();
        if let Some(rest) = of_the_rest(&unsaid) {
            left.push(rest);
            // What comes still is one of those.
            self.lose_body();
        }
        left
    }

    /// The head that is not whole, what is none, or what came in place of one.
    fn unfinished(&mut self, reason: Option<&str>) -> Option<Refusal> {
        if self.head_begun().is_some() {
            let (known, request_line) = match &mut self.state {
                State::Lost { reason, request_line } => (reason.take(), request_line.take()),
                _ => (None, request_line(&self.pending)),
            };
            // A copy of the right size: a row in memory must not hold room that a head might still have needed.
            let pending = std::mem::take(&mut self.pending);
            return Some(Refusal {
                first_byte: self.pending_since,
                raw: Bytes::copy_from_slice(pending.get(..REFUSED_BYTES_MAX).unwrap_or(&pending)),
                head: None,
                request_line,
                version: HttpVersion::Http11,
                reason: known.or_else(|| reason.map(str::to_owned)),
            });
        }
        let are_many = self.blanks.len() > STRAY_LINE_END_BYTES || (self.sequence == 0 && !self.blanks.is_empty());
        are_many.then(|| Refusal {
            first_byte: self.pending_since,
            raw: std::mem::take(&mut self.blanks).into(),
            head: None,
            request_line: None,
            version: HttpVersion::Http11,
            reason: Some("nothing but blank lines came where a request line should be".to_owned()),
        })
    }

    /// Reads on in a head; returns how many of `bytes` belong to it.
    fn read_head(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        if self.pending.is_empty() {
            // Blank lines before a request line are to be ignored (RFC 9112 section 2.2).
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank > 0 {
                return self.pass_blanks(&bytes[..blank], now);
            }
            self.blanks.clear();
            self.pending_since = now;
            return match parse_head(bytes, self.limits.count) {
                Parsed::Whole(head) => self.accept(*head),
                Parsed::Partial => self.collect(bytes),
                Parsed::Wrong { reason, request_line } => self.lose(bytes, reason, request_line),
            };
        }
        let before = self.pending.len();
        let passed = self.collect(bytes);
        if !ends_somewhere(&self.pending, before) || !matches!(self.state, State::Head) {
            return passed;
        }
        let pending = std::mem::take(&mut self.pending);
        match parse_head(&pending, self.limits.count) {
            Parsed::Whole(head) => self.accept(*head).saturating_sub(before),
            Parsed::Partial => {
                self.pending = pending;
                passed
            }
            Parsed::Wrong { reason, request_line } => self.lose(&pending, reason, request_line).saturating_sub(before),
        }
    }

    /// A flood of blank lines must not be invisible: hyper refuses it like a head that does not end.
    fn pass_blanks(&mut self, blanks: &[u8], now: Timestamp) -> usize {
        if self.blanks.is_empty() {
            self.pending_since = now;
        }
        let room = BLANK_BYTES_MAX.saturating_sub(self.blanks.len());
        self.blanks.extend_from_slice(&blanks[..blanks.len().min(room)]);
        blanks.len()
    }

    /// Keeps an unfinished head, up to twice its limit: hyper gives up before.
    fn collect(&mut self, bytes: &[u8]) -> usize {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() > self.limits.bytes.saturating_mul(2).max(REFUSED_BYTES_MAX) {
            let pending = std::mem::take(&mut self.pending);
            let reason = format!("the head is longer than {} bytes", self.limits.bytes);
            self.lose(&pending, Some(reason), request_line(&pending));
        }
        bytes.len()
    }

    /// A whole head came. Returns its length.
    fn accept(&mut self, mut head: Head) -> usize {
        head.sequence = self.sequence;
        head.first_byte = self.pending_since;
        self.sequence += 1;
        self.extensions_bytes = 0;
        let length = head.raw.len();
        self.longest_bytes = self.longest_bytes.max(length);
        self.state = match head.framing {
            Framing::Length(0) => State::Head,
            Framing::Length(left) => State::Body(left),
            Framing::Chunked => State::ChunkSize,
            Framing::Refused(misframed) if misframed.is_chunked() => State::ChunkSize,
            Framing::Frames | Framing::Refused(_) => State::Over,
        };
        if self.heads.len() >= HEADS_MAX {
            self.state = State::Over;
        } else {
            self.heads.push_back(head);
        }
        length
    }

    fn lose(&mut self, bytes: &[u8], reason: Option<String>, request_line: Option<(Bytes, Bytes)>) -> usize {
        self.pending = bytes[..bytes.len().min(REFUSED_BYTES_MAX)].to_vec();
        self.state = State::Lost { reason, request_line };
        bytes.len()
    }

    /// The body went wrong: hyper ends the connection with an error of the body. Nothing of it is kept.
    fn lose_body(&mut self) {
        self.pending = Vec::new();
        self.state = State::Over;
    }

    fn read_chunk_size(&mut self, bytes: &[u8]) -> usize {
        let before = self.pending.len();
        // A size line is short: what is behind it is not copied.
        let looked = &bytes[..bytes.len().min(CHUNK_LINE_BYTES_MAX)];
        let line: &[u8] = if before == 0 {
            looked
        } else {
            self.pending.extend_from_slice(looked);
            &self.pending
        };
        match chunks::size_line(line) {
            SizeLine::Whole { length, size, extension_bytes } => {
                self.extensions_bytes += extension_bytes;
                if self.extensions_bytes >= chunks::EXTENSIONS_BYTES_MAX {
                    self.lose_body();
                    return bytes.len();
                }
                self.pending.clear();
                self.state = if size == 0 { State::Trailers } else { State::Chunk(size) };
                length.saturating_sub(before)
            }
            SizeLine::Partial if line.len() < CHUNK_LINE_BYTES_MAX => {
                if before == 0 {
                    self.pending.extend_from_slice(looked);
                }
                looked.len()
            }
            SizeLine::Partial | SizeLine::Wrong => {
                self.lose_body();
                bytes.len()
            }
        }
    }

    fn read_trailers(&mut self, bytes: &[u8]) -> usize {
        let before = self.pending.len();
        let section: &[u8] = if before == 0 {
            bytes
        } else {
            self.pending.extend_from_slice(bytes);
            &self.pending
        };
        let end = chunks::trailers_end(section, before);
        let length = end.unwrap_or(section.len());
        if let Some(at) = chunks::bare_lf(&section[..length], before) {
            // hyper takes it for a line's end, others for the end of all: what stands behind it would be hidden.
            self.lose_body();
            self.broken = Some("LF without CR in the trailers: where the body ends is open (RFC 9112 section 7.1.2)");
            return at.saturating_sub(before);
        }
        if length > chunks::TRAILERS_BYTES_MAX {
            self.lose_body();
            return bytes.len();
        }
        if end.is_none() {
            if before == 0 {
                self.pending.extend_from_slice(bytes);
            }
            return bytes.len();
        }
        let Some(trailers) = chunks::trailers(&section[..length], self.limits.count) else {
            self.lose_body();
            return bytes.len();
        };
        if !trailers.is_empty() {
            self.trailers.push_back((self.sequence.saturating_sub(1), trailers));
        }
        self.pending.clear();
        self.state = State::Head;
        length.saturating_sub(before)
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        LONG_BYTES.fetch_sub(self.counted_bytes, Ordering::Relaxed);
    }
}

/// The row of a whole head.
fn of_head(head: Head, reason: Option<String>) -> Refusal {
    Refusal {
        first_byte: head.first_byte,
        raw: Bytes::copy_from_slice(&head.raw[..head.raw.len().min(REFUSED_BYTES_MAX)]),
        version: head.version,
        request_line: None,
        reason,
        head: Some(head),
    }
}

/// One row for the requests that get none each, with the first bytes of the first.
fn of_the_rest(heads: &VecDeque<Head>) -> Option<Refusal> {
    let first = heads.front()?;
    Some(Refusal {
        first_byte: first.first_byte,
        raw: Bytes::copy_from_slice(&first.raw[..first.raw.len().min(REFUSED_BYTES_MAX)]),
        version: first.version,
        request_line: Some((first.method.clone(), first.target.clone())),
        reason: Some(format!(
            "{} more requests or more on this connection were refused like those before",
            heads.len()
        )),
        head: None,
    })
}

enum Parsed {
    Whole(Box<Head>),
    Partial,
    Wrong { reason: Option<String>, request_line: Option<(Bytes, Bytes)> },
}

/// Whether a blank line ends in what came after `before`: asked before each full parse, so that a head that comes byte by
/// byte costs no square of its length.
fn ends_somewhere(bytes: &[u8], before: usize) -> bool {
    let new = bytes.get(before.saturating_sub(3)..).unwrap_or_default();
    memchr::memchr_iter(b'\n', new).any(|at| matches!(new.get(at + 1..), Some([b'\n', ..] | [b'\r', b'\n', ..])))
}

fn parse_head(bytes: &[u8], count_max: usize) -> Parsed {
    let mut request = httparse::Request::new(&mut []);
    let mut few = [const { MaybeUninit::uninit() }; FEW_HEADERS];
    match request.parse_with_uninit_headers(bytes, &mut few) {
        Err(httparse::Error::TooManyHeaders) if count_max > FEW_HEADERS => {
            let mut many = vec![MaybeUninit::uninit(); count_max];
            let mut request = httparse::Request::new(&mut []);
            let result = request.parse_with_uninit_headers(bytes, &mut many);
            head_of(bytes, result, &request)
        }
        result => head_of(bytes, result, &request),
    }
}

fn head_of(bytes: &[u8], result: httparse::Result<usize>, request: &httparse::Request<'_, '_>) -> Parsed {
    let length = match result {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Parsed::Partial,
        Err(error) => {
            return Parsed::Wrong { reason: Some(head::wrong_head(bytes, error)), request_line: request_line(bytes) };
        }
    };
    let raw = Bytes::copy_from_slice(&bytes[..length]);
    // httparse's pieces point into `bytes`; ours share the one copy.
    let base = bytes.as_ptr() as usize;
    let piece = |part: &[u8]| {
        let start = (part.as_ptr() as usize).wrapping_sub(base);
        match start.checked_add(part.len()) {
            Some(end) if end <= raw.len() => raw.slice(start..end),
            _ => Bytes::copy_from_slice(part),
        }
    };
    let headers: Headers = request
        .headers
        .iter()
        .map(|line| Header { name: piece(line.name.as_bytes()), value: piece(line.value) })
        .collect();
    let version = if request.version == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 };
    let method = piece(request.method.unwrap_or_default().as_bytes());
    let target = piece(request.path.unwrap_or_default().as_bytes());
    let is_canonical = head::is_canonical(&raw, &method, &target, version, &headers);
    Parsed::Whole(Box::new(Head {
        sequence: 0,
        first_byte: Timestamp::default(),
        framing: head::framing(version, &headers, &raw, is_canonical),
        is_canonical,
        method,
        target,
        version,
        headers,
        pseudo: Headers::new(),
        raw,
    }))
}

/// Method and target of bytes that are no whole head: whatever stands before the first two blanks of the first line.
fn request_line(bytes: &[u8]) -> Option<(Bytes, Bytes)> {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (method, target) = (words.next()?, words.next()?);
    let is_token = !method.is_empty() && method.len() <= 64 && method.iter().all(u8::is_ascii_graphic);
    (is_token && !target.is_empty()).then(|| (Bytes::copy_from_slice(method), Bytes::copy_from_slice(target)))
}

#[cfg(test)]
mod tests;
