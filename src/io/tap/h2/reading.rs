//! Frame by frame: what came is followed, and judged before hyper has it.

use bytes::BytesMut;

use crate::domain::headers::Header;
use crate::domain::time::Timestamp;
use crate::io::tap::head::{Head, HeadLimits};

use super::frame::{
    self, Broken, CONTINUATION, Code, DATA, END_HEADERS, END_STREAM, FrameHead, HEAD_BYTES, HEADERS, PADDED, PRIORITY,
    RST_STREAM, SETTINGS, WINDOW_UPDATE, WITH_PRIORITY,
};
use super::streams::{self, Verdict};
use super::{AnswerOutcome, Block, Fault, PREFACE_BYTES, Parser, REFUSED_BYTES_MAX, Step, hpack, rules};

/// What a block may name beyond what it says itself: twice of all that the table holds (RFC 7541 section 4.2). Senders name an
/// entry once; one byte that names four thousand is a way to buy memory and time.
const NAMED_BYTES_MAX: usize = 8 * 1024;
/// Of the fields of such a block.
const FIELDS_SHOWN: usize = 16;
/// What a block may hold beyond twice of the fields that are kept of it, which are pieces of it.
const BESIDE_BYTES_MAX: usize = 1024;

/// Leaves these fields no piece of a block that is much larger: it would stay in memory with them.
fn let_go_of(block: &[u8], fields: &mut [Header]) {
    let bytes: usize = fields.iter().map(|field| field.name.len() + field.value.len()).sum();
    if block.len() <= bytes * 2 + BESIDE_BYTES_MAX {
        return;
    }
    let mut own = BytesMut::with_capacity(bytes);
    for field in fields {
        for piece in [&mut field.name, &mut field.value] {
            own.extend_from_slice(piece);
            *piece = own.split().freeze();
        }
    }
}

impl Parser {
    pub(super) fn step(&mut self, bytes: &[u8], now: Timestamp) -> Result<usize, Broken> {
        match &mut self.step {
            Step::Preface(seen) => {
                let passed = (PREFACE_BYTES - *seen).min(bytes.len());
                *seen += passed;
                if *seen == PREFACE_BYTES {
                    self.step = Step::Head;
                }
                Ok(passed)
            }
            Step::Head => self.read_head(bytes, now),
            Step::Skip(left) => {
                let passed = (*left).min(bytes.len());
                *left -= passed;
                if *left == 0 {
                    self.step = Step::Head;
                }
                Ok(passed)
            }
            Step::Payload(left) => {
                let passed = (*left).min(bytes.len());
                *left -= passed;
                let is_whole = *left == 0;
                self.payload.extend_from_slice(bytes.get(..passed).unwrap_or_default());
                if is_whole {
                    self.end_payload()?;
                }
                Ok(passed)
            }
            Step::Padding => {
                let padding = bytes.first().map_or(0, |byte| usize::from(*byte));
                if padding >= self.frame.length {
                    return Err(Broken::protocol("padding longer than its DATA frame (RFC 9113 section 6.1)"));
                }
                self.step = Step::Data { left: self.frame.length - 1, padding };
                if self.frame.length == 1 {
                    self.end_data(padding);
                }
                Ok(1)
            }
            Step::Data { left, padding } => {
                let passed = (*left).min(bytes.len());
                *left -= passed;
                if *left == 0 {
                    let padding = *padding;
                    self.end_data(padding);
                }
                Ok(passed)
            }
            Step::Fragment(left) => {
                let passed = (*left).min(bytes.len());
                *left -= passed;
                let is_whole = *left == 0;
                if let Some(block) = &mut self.block {
                    block.bytes.extend_from_slice(bytes.get(..passed).unwrap_or_default());
                }
                if is_whole {
                    self.end_fragment()?;
                }
                Ok(passed)
            }
        }
    }

    fn read_head(&mut self, bytes: &[u8], now: Timestamp) -> Result<usize, Broken> {
        if self.head_bytes == 0 {
            self.frame_begun = now;
        }
        let mut passed = 0;
        for (place, byte) in self.head.iter_mut().skip(self.head_bytes).zip(bytes) {
            *place = *byte;
            passed += 1;
        }
        if self.head_bytes + passed < HEAD_BYTES {
            self.head_bytes += passed;
            return Ok(passed);
        }
        self.head_bytes = 0;
        self.turn_frames += 1;
        self.head_passed = passed;
        self.frame = FrameHead::new(self.head);
        self.payload.clear();
        self.begin_frame(now)?;
        Ok(passed)
    }

    fn begin_frame(&mut self, now: Timestamp) -> Result<(), Broken> {
        let frame = self.frame;
        if !self.is_open && (frame.kind != SETTINGS || frame.has(frame::ACK)) {
            return Err(Broken::protocol("no SETTINGS frame behind the preface (RFC 9113 section 3.4)"));
        }
        self.is_open = true;
        frame.check()?;
        match &self.block {
            Some(block) if frame.kind != CONTINUATION || frame.stream != block.frame.stream => {
                let (name, stream, of) = (frame.name(), frame.stream, block.frame.stream);
                let reason =
                    format!("{name} on stream {stream} inside the header block of stream {of} (RFC 9113 section 6.10)");
                return Err(Broken::protocol(reason));
            }
            None if frame.kind == CONTINUATION => {
                return Err(Broken::protocol("CONTINUATION without HEADERS before it (RFC 9113 section 6.10)"));
            }
            _ => {}
        }
        self.meter.came(frame, now)?;
        let is_idle = frame.stream > self.streams.newest || frame.stream.is_multiple_of(2);
        if matches!(frame.kind, DATA | RST_STREAM | WINDOW_UPDATE) && frame.stream > 0 && is_idle {
            let (name, stream) = (frame.name(), frame.stream);
            let reason = format!("{name} on stream {stream}, which was never opened (RFC 9113 section 5.1)");
            return Err(Broken::protocol(reason));
        }
        if matches!(frame.kind, DATA | HEADERS) && !is_idle && self.streams.is_over_for_sender(frame.stream) {
            return Err(Broken { code: Code::STREAM_CLOSED, reason: self.over() });
        }
        match frame.kind {
            DATA if frame.has(PADDED) => self.step = Step::Padding,
            DATA if frame.length == 0 => self.end_data(0),
            DATA => self.step = Step::Data { left: frame.length, padding: 0 },
            HEADERS | CONTINUATION => self.begin_fragment()?,
            RST_STREAM | PRIORITY | SETTINGS | WINDOW_UPDATE if frame.length > 0 => {
                self.step = Step::Payload(frame.length);
            }
            _ if frame.length > 0 => self.step = Step::Skip(frame.length),
            _ => self.step = Step::Head,
        }
        Ok(())
    }

    /// The reason for a frame on a stream that is behind its end.
    fn over(&self) -> String {
        let (name, stream, newest) = (self.frame.name(), self.frame.stream, self.streams.newest);
        format!("{name} on stream {stream}, which is over or was left out, as {newest} is open (RFC 9113 section 5.1)")
    }

    fn begin_fragment(&mut self) -> Result<(), Broken> {
        let frame = self.frame;
        match &mut self.block {
            Some(block) if !frame.has(END_HEADERS) => block.continuations += 1,
            Some(_) => {}
            None => {
                if frame.stream.is_multiple_of(2) {
                    let reason = format!("HEADERS on the even stream {} (RFC 9113 section 5.1.1)", frame.stream);
                    return Err(Broken::protocol(reason));
                }
                if self.streams.is_full() {
                    return Err(Broken::calm("too many streams at a time (RFC 9113 section 5.1.2)"));
                }
                self.block = Some(Block { frame, begun: self.frame_begun, bytes: Vec::new(), continuations: 0 });
            }
        }
        let (bytes_max, continuations_max) = (self.limits.bytes.saturating_mul(2), continuations_max(&self.limits));
        let (bytes, continuations) =
            self.block.as_ref().map_or((0, 0), |block| (block.bytes.len(), block.continuations));
        if bytes + frame.length > bytes_max || continuations > continuations_max {
            let reason = format!(
                "an endless header block: {bytes} bytes in {continuations} CONTINUATION frames (RFC 9113 section 10.5.1)"
            );
            return Err(Broken::calm(reason));
        }
        self.step = Step::Fragment(frame.length);
        if frame.length == 0 { self.end_fragment() } else { Ok(()) }
    }

    /// A short frame is whole.
    fn end_payload(&mut self) -> Result<(), Broken> {
        let frame = self.frame;
        frame.check_payload(&self.payload)?;
        self.step = Step::Head;
        if frame.kind == RST_STREAM {
            self.resets += 1;
            let code = Code(frame::number(&self.payload)).name();
            let now = self.frame_begun;
            if let Some(stream) = self.streams.get_mut(u64::from(frame.stream)) {
                stream.reset.get_or_insert(format!("the sender reset the stream ({code})"));
                stream.left = true;
            }
            self.finished.extend(self.streams.end_answer(frame.stream, now, Some(AnswerOutcome::SenderLeft)));
        }
        Ok(())
    }

    fn end_data(&mut self, padding: usize) {
        let frame = self.frame;
        let framing = if frame.has(PADDED) { 1 + padding } else { 0 };
        self.streams.data(frame.stream, frame.length.saturating_sub(framing), frame.has(END_STREAM));
        self.step = Step::Head;
    }

    /// A frame of the block is whole.
    fn end_fragment(&mut self) -> Result<(), Broken> {
        self.step = Step::Head;
        let frame = self.frame;
        if let (HEADERS, Some(block)) = (frame.kind, &mut self.block) {
            strip(&mut block.bytes, frame)?;
        }
        if frame.has(END_HEADERS)
            && let Some(block) = self.block.take()
        {
            return self.end_block(block);
        }
        Ok(())
    }

    fn end_block(&mut self, block: Block) -> Result<(), Broken> {
        let (mut fields, more, decoded) = self.decode(&block.bytes);
        if let Err(wrong) = decoded {
            let reason = format!("{}; the header block is lost (RFC 9113 section 4.3)", wrong.reason());
            self.part = (!fields.is_empty()).then(|| rules::head_of(block.frame.stream, block.begun, fields));
            self.block = Some(block);
            return Err(Broken { code: Code::COMPRESSION_ERROR, reason });
        }
        if self.named_bytes > NAMED_BYTES_MAX {
            let (length, named) = (block.bytes.len(), self.named_bytes);
            let reason = format!(
                "a header block of {length} bytes that names the same fields again and again: {named} bytes (RFC 9113 section 10.5)"
            );
            fields.truncate(FIELDS_SHOWN);
            let_go_of(&block.bytes, &mut fields);
            self.part = Some(rules::head_of(block.frame.stream, block.begun, fields));
            self.block = Some(block);
            return Err(Broken::calm(reason));
        }
        if let Some(reason) = rules::fatal(&fields) {
            self.part = Some(rules::head_of(block.frame.stream, block.begun, fields));
            self.block = Some(block);
            return Err(Broken::protocol(reason));
        }
        let (stream, ends) = (block.frame.stream, block.frame.has(END_STREAM));
        if stream > self.streams.newest {
            self.open(block, fields, more);
            return Ok(());
        }
        match self.streams.get_mut(u64::from(stream)) {
            Some(known) => {
                known.trouble = known.trouble.take().or(rules::trailers(&fields, ends));
                known.ended |= ends && known.trouble.is_none();
                known.trailers = Some(fields.into_iter().collect());
            }
            // Trailers of a request that was answered early, or a mistake that only hyper can tell from them.
            None => self.suspect = Some(self.over()),
        }
        Ok(())
    }

    /// A header block opened a stream. `more`: its fields were over a limit and are not all here.
    fn open(&mut self, block: Block, mut fields: Vec<Header>, more: Option<String>) {
        let ends = block.frame.has(END_STREAM);
        let over = |reason: String| Verdict { status: 431, reason };
        let refused = |reason: String| Verdict { status: 400, reason };
        let mut verdict = more.map(over).or_else(|| rules::request(&fields, ends).map(refused));
        let bytes = streams::list_bytes(&fields);
        if self.streams.is_over(bytes) {
            let limit = streams::HELD_BYTES_MAX;
            let reason = format!("the open requests of this connection hold more than {limit} bytes of header fields");
            verdict = Some(over(reason));
            fields.truncate(FIELDS_SHOWN);
            let_go_of(&block.bytes, &mut fields);
        }
        self.opened += 1;
        let content_length = rules::content_length(&fields).ok().flatten();
        let bytes = streams::list_bytes(&fields);
        let head = rules::head_of(block.frame.stream, block.begun, fields);
        self.streams.open(head, verdict, content_length, bytes, ends);
    }

    /// The fields of a block within the limits, and what is over them.
    fn decode(&mut self, block: &[u8]) -> (Vec<Header>, Option<String>, Result<(), hpack::Wrong>) {
        let HeadLimits { bytes: bytes_max, count: count_max } = self.limits;
        let (mut bytes, mut count, mut named) = (0usize, 0usize, 0usize);
        let mut fields = Vec::new();
        // What is over the limit is decoded, for the table's sake, and dropped.
        let decoded = self.decoder.decode(block, |name, value| {
            bytes = bytes.saturating_add(name.len() + value.len() + 32);
            named = named.saturating_add(name.len() + value.len());
            count += usize::from(!name.starts_with(b":"));
            if bytes < bytes_max && count <= count_max {
                fields.push(Header { name, value });
            }
        });
        let_go_of(block, &mut fields);
        // Huffman code makes no string twice as long.
        self.named_bytes = named.saturating_sub(block.len().saturating_mul(2));
        let more = if bytes >= bytes_max {
            Some(format!(
                "{bytes} bytes of header fields: fewer than {bytes_max} are allowed (RFC 9113 section 10.5.1)"
            ))
        } else {
            (count > count_max).then(|| format!("{count} header fields: {count_max} are allowed"))
        };
        (fields, more, decoded)
    }

    /// What can be read of a block that is not whole or not valid. The decoder is of no use afterwards.
    pub(super) fn decode_part(&mut self, block: &Block) -> Option<Head> {
        let (fields, ..) = self.decode(&block.bytes);
        (!fields.is_empty()).then(|| rules::head_of(block.frame.stream, block.begun, fields))
    }

    pub(super) fn condemn(&mut self, broken: Broken, rest: &[u8], now: Timestamp) {
        let block = self.block.take();
        let mut raw = self.head.to_vec();
        raw.extend_from_slice(&self.payload);
        if let Some(block) = &block {
            raw.extend_from_slice(&block.bytes);
        } else if self.payload.is_empty() {
            raw.extend_from_slice(rest.get(self.head_passed..).unwrap_or_default());
        }
        raw.truncate(REFUSED_BYTES_MAX);
        let first_byte = block.as_ref().map_or(now, |block| block.begun);
        let head = self.part.take().or_else(|| block.and_then(|block| self.decode_part(&block)));
        self.fault = Some(Fault { broken, stream: self.frame.stream, first_byte, raw, head });
    }
}

/// How many CONTINUATION frames hyper lets a header block have: those its limit needs, and a quarter.
fn continuations_max(limits: &HeadLimits) -> usize {
    let needed = (limits.bytes / frame::PAYLOAD_BYTES_MAX).max(1);
    (needed + needed / 4).max(5)
}
/// Takes padding and priority off the HEADERS frame that `bytes` are (RFC 9113 section 6.2).
fn strip(bytes: &mut Vec<u8>, frame: FrameHead) -> Result<(), Broken> {
    let mut skip = 0;
    if frame.has(PADDED) {
        let padding = bytes.first().map(|padding| usize::from(*padding));
        let end = padding.and_then(|padding| bytes.len().checked_sub(padding)).filter(|end| *end > 0);
        let Some(end) = end else {
            return Err(Broken::protocol("padding longer than its HEADERS frame (RFC 9113 section 6.2)"));
        };
        bytes.truncate(end);
        skip = 1;
    }
    if frame.has(WITH_PRIORITY) {
        let Some(priority) = bytes.get(skip..skip + 5) else {
            return Err(Broken::size("HEADERS too short for its priority (RFC 9113 section 6.2)"));
        };
        if frame::number(priority) & 0x7fff_ffff == frame.stream {
            let reason = format!("stream {} depends on itself (RFC 7540 section 5.3.1)", frame.stream);
            return Err(Broken::protocol(reason));
        }
        skip += 5;
    }
    bytes.drain(..skip);
    Ok(())
}
