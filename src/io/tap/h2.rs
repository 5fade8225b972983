//! HTTP/2 as it comes off the wire: header blocks in the order in which their fields were sent (RFC 9113 section 4, RFC 7541).

use std::collections::VecDeque;

use bytes::Bytes;
use loona_hpack::Decoder;

use crate::domain::exchange::HttpVersion;
use crate::domain::headers::{Header, Headers};
use crate::domain::time::Timestamp;

use super::head::{Framing, Head, HeadLimits, Refusal};

const PREFACE_BYTES: usize = 24;
const FRAME_HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;
/// The size of the dynamic table that hyper grants (RFC 9113 section 6.5.2).
const TABLE_BYTES_MAX: usize = 4096;
/// Heads that nobody claimed, and trailers that nobody asked for.
const UNCLAIMED_MAX: usize = 256;

/// A header block that is being collected.
struct Block {
    stream: u64,
    begun: Timestamp,
    bytes: Vec<u8>,
    /// Padding to cut off its first frame, and bytes of priority to skip.
    flags: u8,
    done: bool,
}

enum State {
    Preface(usize),
    FrameHead,
    /// A frame of which nothing is kept.
    Skip(usize),
    /// A frame of a header block: so many bytes are to come.
    Fragment {
        left: usize,
        start: usize,
        first: bool,
    },
    Lost,
}

/// The state between two reads.
pub struct Parser {
    limits: HeadLimits,
    state: State,
    frame_head: Vec<u8>,
    frame_begun: Timestamp,
    block: Option<Block>,
    decoder: Decoder<'static>,
    /// Streams whose first header block came: a second one is trailers. Only the newest number is needed, since streams are
    /// opened in rising order.
    newest_stream: u64,
    heads: VecDeque<Head>,
    trailers: VecDeque<(u64, Headers)>,
}

impl Parser {
    pub fn new(limits: HeadLimits) -> Self {
        let mut decoder = Decoder::new();
        decoder.set_max_allowed_table_size(TABLE_BYTES_MAX);
        Self {
            limits,
            state: State::Preface(0),
            frame_head: Vec::with_capacity(FRAME_HEAD_BYTES),
            frame_begun: Timestamp::default(),
            block: None,
            decoder,
            newest_stream: 0,
            heads: VecDeque::new(),
            trailers: VecDeque::new(),
        }
    }

    /// Bytes that came.
    pub fn read(&mut self, mut bytes: &[u8], now: Timestamp) {
        while !bytes.is_empty() {
            let passed = match &mut self.state {
                State::Preface(seen) => {
                    let passed = (PREFACE_BYTES - *seen).min(bytes.len());
                    *seen += passed;
                    if *seen == PREFACE_BYTES {
                        self.state = State::FrameHead;
                    }
                    passed
                }
                State::FrameHead => self.read_frame_head(bytes, now),
                State::Skip(left) => {
                    let passed = (*left).min(bytes.len());
                    *left -= passed;
                    if *left == 0 {
                        self.state = State::FrameHead;
                    }
                    passed
                }
                State::Fragment { left, start, first } => {
                    let passed = (*left).min(bytes.len());
                    *left -= passed;
                    let (done, start, first) = (*left == 0, *start, *first);
                    if let Some(block) = &mut self.block {
                        block.bytes.extend_from_slice(&bytes[..passed]);
                    }
                    if done {
                        self.end_fragment(start, first);
                    }
                    passed
                }
                State::Lost => return,
            };
            bytes = bytes.get(passed..).unwrap_or_default();
        }
    }

    /// The head of the request that hyper shows. Heads before it that do not fit it were refused: they are given out too.
    pub fn claim(&mut self, request: &http::request::Parts) -> (Option<Head>, Vec<Refusal>) {
        let Some(at) = self.heads.iter().position(|head| fits(head, request)) else { return (None, Vec::new()) };
        let passed_over = self.heads.drain(..at).map(refusal).collect();
        (self.heads.pop_front(), passed_over)
    }

    /// The trailers of that stream.
    pub fn trailers(&mut self, stream: u64) -> Option<Headers> {
        let at = self.trailers.iter().position(|(of, _)| *of == stream)?;
        self.trailers.remove(at).map(|(_, trailers)| trailers)
    }

    /// When the header block that is not whole yet began.
    pub fn head_begun(&self) -> Option<Timestamp> {
        self.block.as_ref().map(|block| block.begun)
    }

    /// Heads that nobody claimed.
    pub fn leftovers(&mut self, _: Option<&str>) -> Vec<Refusal> {
        self.heads.drain(..).map(refusal).collect()
    }

    fn read_frame_head(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        if self.frame_head.is_empty() {
            self.frame_begun = now;
        }
        let passed = (FRAME_HEAD_BYTES - self.frame_head.len()).min(bytes.len());
        self.frame_head.extend_from_slice(&bytes[..passed]);
        let &[l0, l1, l2, kind, flags, s0, s1, s2, s3] = self.frame_head.as_slice() else { return passed };
        self.frame_head.clear();
        let length = u32::from_be_bytes([0, l0, l1, l2]) as usize;
        let stream = u64::from(u32::from_be_bytes([s0, s1, s2, s3]) & 0x7fff_ffff);
        let starts = kind == HEADERS;
        if starts && self.block.is_none() {
            let done = flags & END_HEADERS != 0;
            self.block = Some(Block { stream, begun: self.frame_begun, bytes: Vec::new(), flags, done });
        } else if let (CONTINUATION, Some(block)) = (kind, &mut self.block) {
            block.done = flags & END_HEADERS != 0;
        } else if self.block.is_some() || starts || kind == CONTINUATION {
            // A header block must not be interrupted (RFC 9113 section 6.10): hyper ends the connection.
            self.state = State::Lost;
            return passed;
        } else {
            debug_assert!(kind == DATA || kind != HEADERS);
            self.state = if length == 0 { State::FrameHead } else { State::Skip(length) };
            return passed;
        }
        let start = self.block.as_ref().map_or(0, |block| block.bytes.len());
        if start + length > self.limits.bytes.saturating_mul(4) {
            self.state = State::Lost;
            self.block = None;
            return passed;
        }
        self.state = State::Fragment { left: length, start, first: starts };
        if length == 0 {
            self.end_fragment(start, starts);
        }
        passed
    }

    /// A frame of the block is whole.
    fn end_fragment(&mut self, start: usize, first: bool) {
        self.state = State::FrameHead;
        let Some(block) = &mut self.block else { return };
        if first && !strip(&mut block.bytes, start, block.flags) {
            self.state = State::Lost;
            self.block = None;
            return;
        }
        if block.done
            && let Some(block) = self.block.take()
        {
            self.end_block(block);
        }
    }

    fn end_block(&mut self, block: Block) {
        let (bytes_max, count_max) = (self.limits.bytes.saturating_mul(2), self.limits.count);
        let mut fields = Vec::new();
        let mut bytes = 0usize;
        // A small block can name large table entries many times: what goes over the limit is decoded and dropped.
        let decoded = self.decoder.decode_with_cb(&block.bytes, |name, value| {
            bytes = bytes.saturating_add(name.len() + value.len() + 32);
            if bytes <= bytes_max && fields.len() <= count_max {
                fields.push(Header { name: Bytes::from(name.into_owned()), value: Bytes::from(value.into_owned()) });
            }
        });
        if decoded.is_err() {
            self.state = State::Lost;
            return;
        }
        if block.stream <= self.newest_stream {
            self.trailers.push_back((block.stream, fields.into_iter().collect()));
            if self.trailers.len() > UNCLAIMED_MAX {
                self.trailers.pop_front();
            }
            return;
        }
        self.newest_stream = block.stream;
        self.heads.push_back(head_of(block.stream, block.begun, fields));
        if self.heads.len() > UNCLAIMED_MAX {
            self.heads.pop_front();
        }
    }
}

/// Takes padding and priority off the frame that begins at `start`.
fn strip(bytes: &mut Vec<u8>, start: usize, flags: u8) -> bool {
    let mut skip = 0;
    if flags & PADDED != 0 {
        let Some(padding) = bytes.get(start) else { return false };
        let end = bytes.len().checked_sub(usize::from(*padding));
        let Some(end) = end.filter(|end| *end > start) else { return false };
        bytes.truncate(end);
        skip += 1;
    }
    if flags & PRIORITY != 0 {
        skip += 5;
    }
    if start + skip > bytes.len() {
        return false;
    }
    bytes.drain(start..start + skip);
    true
}

fn head_of(stream: u64, first_byte: Timestamp, fields: Vec<Header>) -> Head {
    let mut head = Head {
        sequence: stream,
        first_byte,
        method: Bytes::new(),
        target: Bytes::new(),
        version: HttpVersion::Http2,
        headers: Headers::new(),
        pseudo: Headers::new(),
        raw: Bytes::new(),
        is_canonical: true,
        framing: Framing::Frames,
    };
    for field in fields {
        match &*field.name {
            b":method" => head.method = field.value,
            b":path" => head.target = field.value,
            name if name.starts_with(b":") => head.pseudo.push(field.name, field.value),
            _ => head.headers.push(field.name, field.value),
        }
    }
    if head.target.is_empty()
        && let Some(authority) = head.pseudo.get(":authority")
    {
        // CONNECT has no path (RFC 9113 section 8.5).
        head.target = Bytes::copy_from_slice(authority);
    }
    head
}

/// Whether hyper's request can be this head: method, path, and every field's name and value.
fn fits(head: &Head, request: &http::request::Parts) -> bool {
    let path = request.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    // h2 joins several cookie fields into one (RFC 9113 section 8.2.3) and may spell an empty path in its own way.
    let is_cookie = |header: &&Header| header.name.as_ref() == b"cookie";
    let sent = head.headers.iter().filter(|header| !is_cookie(header));
    let shown = request.headers.iter().filter(|(name, _)| *name != http::header::COOKIE);
    head.method == request.method.as_str().as_bytes()
        && (head.target == path.as_bytes() || head.method == "CONNECT" || head.target == "*")
        && sent.clone().count() == shown.count()
        && sent.into_iter().all(|header| {
            std::str::from_utf8(&header.name)
                .is_ok_and(|name| request.headers.get_all(name).iter().any(|value| value.as_bytes() == &*header.value))
        })
}

fn refusal(head: Head) -> Refusal {
    let reason = match has_valid_fields(&head) {
        true => "the HTTP/2 stream ended before it was taken up",
        false => "the HTTP/2 stream was refused: its fields are not valid (RFC 9113 section 8.2)",
    };
    Refusal {
        first_byte: head.first_byte,
        raw: Bytes::new(),
        version: HttpVersion::Http2,
        request_line: None,
        reason: Some(reason.to_owned()),
        head: Some(head),
    }
}

/// Whether the fields follow the rules by which streams are refused one by one.
fn has_valid_fields(head: &Head) -> bool {
    const OF_THE_CONNECTION: [&[u8]; 5] =
        [b"connection", b"transfer-encoding", b"upgrade", b"keep-alive", b"proxy-connection"];
    let is_valid = |header: &Header| {
        !OF_THE_CONNECTION.contains(&&*header.name)
            && !header.name.iter().any(u8::is_ascii_uppercase)
            && http::HeaderName::from_bytes(&header.name).is_ok()
            && (header.name != "te" || header.value == "trailers")
    };
    let is_connect = head.method == "CONNECT";
    !head.method.is_empty()
        && (is_connect || (head.pseudo.get(":scheme").is_some() && http::Uri::try_from(&*head.target).is_ok()))
        && head.headers.iter().all(is_valid)
}

#[cfg(test)]
mod tests;
