//! HTTP/2 as it comes off the wire: header blocks in the order in which their fields were sent (RFC 9113, RFC 7541), and
//! which rule was broken when no request comes of them.
//!
//! Rules that end a connection are judged here, before hyper sees the frame: it gets the bytes before it and no more, so
//! what was sent before still becomes requests, and the reason is ours to tell. A request that is refused by its fields is
//! hyper's to judge; what it did is read from the frames that it writes (`written`).

mod frame;
mod hpack;
mod meter;
mod rules;
mod streams;
mod written;

use bytes::Bytes;

use crate::domain::exchange::{Answer, AnswerOutcome, HttpVersion};
use crate::domain::headers::{Header, Headers};
use crate::domain::time::Timestamp;

use super::Claim;
use super::head::{Head, HeadLimits, Refusal};
pub use frame::Code;
use frame::{
    Broken, CONTINUATION, DATA, END_HEADERS, END_STREAM, FrameHead, HEAD_BYTES, HEADERS, PADDED, PRIORITY, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, WITH_PRIORITY,
};
use meter::Meter;
use streams::{Stage, Stream, Streams, Verdict};
use written::{Writer, Written};

const PREFACE_BYTES: usize = 24;
/// First bytes of what ended a connection that are kept.
const REFUSED_BYTES_MAX: usize = 4096;
/// Of a reason that is told to the sender.
const GOAWAY_TEXT_BYTES_MAX: usize = 200;
/// Refusals of a connection that get a row each; those after them are counted, and told in one.
const ROWS_MAX: usize = 64;

/// A header block that is being collected.
struct Block {
    frame: FrameHead,
    begun: Timestamp,
    bytes: Vec<u8>,
    /// CONTINUATION frames that did not end it.
    continuations: usize,
}

enum Step {
    Preface(usize),
    Head,
    /// A payload of which nothing is kept.
    Skip(usize),
    /// A short payload that is read when it is whole.
    Payload(usize),
    /// The length of a DATA frame's padding.
    Padding,
    /// DATA: so many bytes are to come.
    Data {
        left: usize,
        padding: usize,
    },
    /// A frame of a header block: so many bytes are to come.
    Fragment(usize),
}

/// Why the connection is over.
struct Fault {
    broken: Broken,
    stream: u32,
    first_byte: Timestamp,
    raw: Vec<u8>,
    head: Option<Head>,
}

/// What was sent on a connection, what hyper made of it, and what is still to be told.
pub struct Parser {
    limits: HeadLimits,
    step: Step,
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    /// Bytes of the read at hand that are in `head`.
    head_passed: usize,
    frame: FrameHead,
    frame_begun: Timestamp,
    payload: Vec<u8>,
    /// Whether the first SETTINGS frame came.
    is_open: bool,
    block: Option<Block>,
    /// What could be read of a block that is not valid.
    part: Option<Head>,
    decoder: hpack::Decoder,
    streams: Streams,
    meter: Meter,
    writer: Writer,
    fault: Option<Fault>,
    /// The rule that hyper is about to find broken.
    suspect: Option<String>,
    /// The GOAWAY that hyper sent.
    gone: Option<Code>,
    /// Whether the end of the connection was told.
    is_told: bool,
    newest_claimed: u32,
    resets: usize,
    opened: usize,
    rows: usize,
    unsaid: usize,
    /// Answers that are over, for whoever waits for their end.
    finished: Vec<Answer>,
    /// The last time that it was told.
    now: Timestamp,
}

impl Parser {
    pub fn new(limits: HeadLimits) -> Self {
        Self {
            limits,
            step: Step::Preface(0),
            head: [0; HEAD_BYTES],
            head_bytes: 0,
            head_passed: 0,
            frame: FrameHead::default(),
            frame_begun: Timestamp::default(),
            payload: Vec::new(),
            is_open: false,
            block: None,
            part: None,
            decoder: hpack::Decoder::new(),
            streams: Streams::default(),
            meter: Meter::new(),
            writer: Writer::new(),
            fault: None,
            suspect: None,
            gone: None,
            is_told: false,
            newest_claimed: 0,
            resets: 0,
            opened: 0,
            rows: 0,
            unsaid: 0,
            finished: Vec::new(),
            now: Timestamp::default(),
        }
    }

    /// Bytes that came; how many of them hyper is to have. When it is not all, the connection is over: see
    /// [`Self::condemned`].
    pub fn read(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        self.now = now;
        let mut passed = 0;
        while self.fault.is_none()
            && let Some(rest) = bytes.get(passed..).filter(|rest| !rest.is_empty())
        {
            self.head_passed = 0;
            match self.step(rest, now) {
                Ok(count) => passed += count,
                Err(broken) => self.condemn(broken, rest, now),
            }
        }
        passed
    }

    /// Why the connection is to be ended: its code, and the reason.
    pub fn condemned(&self) -> Option<(Code, &str)> {
        self.fault.as_ref().map(|fault| (fault.broken.code, &*fault.broken.reason))
    }

    /// The head of the request that hyper shows, and requests before it that hyper did not let pass.
    pub fn claim(&mut self, request: &http::request::Parts) -> (Claim, Vec<Refusal>) {
        let is_method = |head: &Head| head.method == request.method.as_str().as_bytes();
        let id = self
            .streams
            .find_waiting(|head, verdict| {
                rules::fits(head, request, verdict.is_some_and(|verdict| verdict.status == 431))
            })
            // In the order in which they came, if hyper spells something in its own way.
            .or_else(|| self.streams.find_waiting(|head, verdict| verdict.is_none() && is_method(head)))
            .or_else(|| self.streams.find_waiting(|head, _| is_method(head)));
        let Some(id) = id else { return (Claim::default(), Vec::new()) };
        let passed_over = self.streams.take_waiting_below(id);
        let passed_over = passed_over.into_iter().filter_map(|stream| self.refuse(stream, None)).collect();
        self.newest_claimed = self.newest_claimed.max(id);
        let (head, verdict) = self.streams.claim(id).map_or((None, None), |(head, verdict)| (Some(head), verdict));
        (Claim { head, refused: verdict.map(|verdict| (verdict.status, verdict.reason)) }, passed_over)
    }

    /// The trailers of a request that is kept now.
    pub fn trailers(&mut self, stream: u64) -> Option<Headers> {
        let stream = self.streams.get_mut(stream)?;
        stream.stage = Stage::Sealed;
        stream.trailers.take()
    }

    /// How the body of so many bytes ended that hyper says broke off: `Ok` when it came whole.
    pub fn body_end(&self, stream: u64, bytes: u64) -> Option<Result<(), String>> {
        let stream = self.streams.get(stream)?;
        if let Some(trouble) = &stream.trouble {
            return Some(Err(trouble.clone()));
        }
        if stream.ended && stream.data_bytes == bytes {
            return Some(Ok(()));
        }
        let fault = self.fault.as_ref().map(|fault| &fault.broken.reason);
        let of_hyper = self.suspect.as_ref().filter(|_| self.gone.is_some_and(|code| code != Code::NO_ERROR));
        stream.reset.as_ref().or(fault).or(of_hyper).cloned().map(Err)
    }

    /// The answer of a stream may leave now. Given back when nothing of it will be seen leaving.
    pub fn answer(&mut self, stream: u64, answer: Answer) -> Option<Answer> {
        self.streams.answer(stream, answer)
    }

    /// Nothing more will happen to that stream.
    pub fn forget(&mut self, stream: u64) {
        self.streams.remove(stream);
    }

    /// Answers that are over since the last call.
    pub fn take_finished(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.finished)
    }

    /// When the header block that is not whole yet began.
    pub fn head_begun(&self) -> Option<Timestamp> {
        self.block.as_ref().map(|block| block.begun)
    }

    /// Since when the slowest answer on its way made no progress.
    pub fn slowest_answer(&self) -> Option<Timestamp> {
        self.streams.slowest_answer()
    }

    /// A frame that asks for the body of a stream of which nothing came yet: `:status` is 100, as a literal that leaves the
    /// tables of hyper's coder alone (RFC 7541 section 6.2.2).
    pub fn go_on(&self, stream: u64) -> Option<Vec<u8>> {
        let stream = self.streams.get(stream)?;
        let is_waiting = matches!(stream.stage, Stage::Claimed) && !stream.ended && stream.data_bytes == 0;
        (is_waiting && stream.reset.is_none()).then(|| {
            let mut frame = vec![0, 0, 5, HEADERS, END_HEADERS];
            frame.extend_from_slice(&stream.id.to_be_bytes());
            frame.extend_from_slice(b"\x08\x03100");
            frame
        })
    }

    /// Whether a frame of another may be written now.
    pub fn is_between_frames(&self) -> bool {
        self.writer.is_between_frames()
    }

    /// A GOAWAY frame to end the connection with, if one can be written now and none was (RFC 9113 section 6.8).
    pub fn goaway(&mut self, code: Code, text: &str) -> Option<Vec<u8>> {
        if !self.writer.is_between_frames() || self.gone.is_some_and(|gone| gone != Code::NO_ERROR) {
            return None;
        }
        self.gone = Some(code);
        let text = text.as_bytes().get(..GOAWAY_TEXT_BYTES_MAX).unwrap_or(text.as_bytes());
        let length = u8::try_from(text.len() + 8).unwrap_or(u8::MAX);
        let mut frame = vec![0, 0, length, frame::GOAWAY, 0, 0, 0, 0, 0];
        frame.extend_from_slice(&self.newest_claimed.to_be_bytes());
        frame.extend_from_slice(&code.0.to_be_bytes());
        frame.extend_from_slice(text);
        Some(frame)
    }

    /// Whether a GOAWAY with an error was sent: the sender is to have time to read it.
    pub fn is_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// hyper is about to write these bytes: what it refuses by them, and the status where it answers.
    pub fn before_write<'a>(&mut self, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<(Refusal, Option<u16>)> {
        let mut probe = self.writer.clone();
        let mut refusals = Vec::new();
        for piece in pieces {
            probe.write(piece, |written| self.about_to_write(written, &mut refusals));
        }
        refusals
    }

    /// So much of it was written.
    pub fn after_write<'a>(&mut self, pieces: impl Iterator<Item = &'a [u8]>, mut count: usize, now: Timestamp) {
        self.now = now;
        let Self { writer, streams, meter, finished, gone, .. } = self;
        for piece in pieces {
            let piece = piece.get(..count.min(piece.len())).unwrap_or_default();
            count -= piece.len();
            writer.write(piece, |written| match written {
                Written::Headers { stream, bytes, ends } | Written::Data { stream, bytes, ends } => {
                    meter.data_left();
                    if let Some(answer) = streams.answered(stream, bytes, ends, now) {
                        meter.answered();
                        finished.push(answer);
                    }
                }
                Written::Reset { stream, .. } => {
                    finished.extend(streams.end_answer(stream, now, Some(AnswerOutcome::SenderLeft)));
                }
                Written::GoAway { code, .. } => *gone = Some(code),
            });
        }
    }

    /// The connection is over: answers on their way do not arrive.
    pub fn end_answers(&mut self, outcome: AnswerOutcome) {
        self.finished.extend(self.streams.take_answers(self.now, outcome));
    }

    /// The connection is over: what was never told. `reason` is why it ended, for what has no better one.
    pub fn leftovers(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let block = self.block.take();
        let reason = self.fault.as_ref().map(|fault| &*fault.broken.reason).or(reason).map(str::to_owned);
        // The reason is told with the request of the stream, where it has one to come.
        let is_told = self.is_told
            || self.fault.as_ref().is_some_and(|fault| {
                let stream = self.streams.get(u64::from(fault.stream));
                let is_to_come = |stream: &Stream| match stream.stage {
                    Stage::Waiting { .. } => true,
                    Stage::Claimed => !stream.ended,
                    Stage::Sealed | Stage::Answering { .. } => false,
                };
                fault.broken.code != Code::ENHANCE_YOUR_CALM && stream.is_some_and(is_to_come)
            });
        for stream in self.streams.take_waiting_below(u32::MAX) {
            refusals.extend(self.refuse(stream, reason.as_deref()));
        }
        if let Some(fault) = self.fault.as_mut().filter(|_| !is_told) {
            let (raw, head) = (std::mem::take(&mut fault.raw), fault.head.take());
            let (first_byte, broken) = (fault.first_byte, fault.broken.clone());
            let reason = self.with_counts(broken);
            refusals.push(of_connection(first_byte, raw, head, reason));
        } else if let Some(block) = block.filter(|_| !is_told) {
            let why = reason.unwrap_or_else(|| "the sender closed the connection".to_owned());
            let reason = format!("{why}: the header block is not whole (RFC 9113 section 4.3)");
            let head = self.decode_part(&block);
            refusals.push(of_connection(block.begun, cut(&block.bytes), head, reason));
        }
        self.is_told = true;
        if self.unsaid > 0 {
            let (unsaid, first_byte) = (std::mem::take(&mut self.unsaid), self.frame_begun);
            let reason = format!("{unsaid} more requests on this connection were refused like those before");
            refusals.push(of_connection(first_byte, Vec::new(), None, reason));
        }
        refusals
    }

    fn step(&mut self, bytes: &[u8], now: Timestamp) -> Result<usize, Broken> {
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
        let (fields, more, decoded) = self.decode(&block.bytes);
        if let Err(wrong) = decoded {
            let reason = format!("{}; the header block is lost (RFC 9113 section 4.3)", wrong.reason());
            self.part = (!fields.is_empty()).then(|| rules::head_of(block.frame.stream, block.begun, fields));
            self.block = Some(block);
            return Err(Broken { code: Code::COMPRESSION_ERROR, reason });
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
            fields.truncate(16);
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
        let (mut bytes, mut count) = (0usize, 0usize);
        let mut fields = Vec::new();
        // What is over the limit is decoded, for the table's sake, and dropped.
        let decoded = self.decoder.decode(block, |name, value| {
            bytes = bytes.saturating_add(name.len() + value.len() + 32);
            count += usize::from(!name.starts_with(b":"));
            if bytes < bytes_max && count <= count_max {
                fields.push(Header { name, value });
            }
        });
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
    fn decode_part(&mut self, block: &Block) -> Option<Head> {
        let (fields, ..) = self.decode(&block.bytes);
        (!fields.is_empty()).then(|| rules::head_of(block.frame.stream, block.begun, fields))
    }

    fn condemn(&mut self, broken: Broken, rest: &[u8], now: Timestamp) {
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

    fn about_to_write(&mut self, written: Written, refusals: &mut Vec<(Refusal, Option<u16>)>) {
        let (stream, code, status) = match written {
            Written::Reset { stream, code } => (stream, code, None),
            Written::Headers { stream, .. } => (stream, Code::REFUSED_STREAM, Some(431)),
            Written::GoAway { code, text } if code != Code::NO_ERROR && !self.is_told => {
                self.is_told = true;
                refusals.extend(self.lost(code, &text).into_iter().map(|refusal| (refusal, None)));
                return;
            }
            _ => return,
        };
        let Some(known) = self.streams.get_mut(u64::from(stream)) else { return };
        match &known.stage {
            // One that hyper takes up later all the same is told then.
            Stage::Waiting { verdict, .. } if verdict.is_some() || code == Code::REFUSED_STREAM => {}
            _ => {
                let reason = || format!("the stream was reset: {}", code.name());
                known.reset.get_or_insert_with(reason);
                return;
            }
        }
        let reason = match status {
            Some(_) => "the head is larger than the limit",
            None => "more streams at a time than allowed: it may be sent again (RFC 9113 section 5.1.2)",
        };
        if let Some(known) = self.streams.remove(u64::from(stream)) {
            refusals.extend(self.refuse(known, Some(reason)).map(|refusal| (refusal, status)));
        }
    }

    /// hyper ends the connection.
    fn lost(&mut self, code: Code, text: &str) -> Vec<Refusal> {
        let flood = match text {
            "too_many_resets" => Some("a rapid reset: too many streams were reset before they were taken up"),
            "too_many_internal_resets" => Some("too many streams broke a rule and had to be reset"),
            "too_many_data_frames" => Some("a flood of small DATA frames"),
            "too_many_continuations" => Some("a flood of CONTINUATION frames"),
            _ => None,
        };
        let reason = match (flood, self.suspect.take(), code) {
            (Some(flood), ..) => format!("{flood} (RFC 9113 section 10.5)"),
            (None, Some(suspect), _) => suspect,
            (None, None, Code::FLOW_CONTROL_ERROR) if matches!(self.frame.kind, WINDOW_UPDATE | SETTINGS) => {
                "a flow-control window over 2,147,483,647 bytes (RFC 9113 section 6.9.1)".to_owned()
            }
            (None, None, Code::FLOW_CONTROL_ERROR) => {
                "more bytes than the flow-control window allows (RFC 9113 section 6.9.1)".to_owned()
            }
            _ => format!("the HTTP/2 connection was ended: {} {text}", code.name()).trim_end().to_owned(),
        };
        let waiting = self.streams.take_waiting_below(u32::MAX);
        let is_verdict = |stream: &Stream| matches!(&stream.stage, Stage::Waiting { verdict: Some(_), .. });
        let is_explained = flood.is_none() && (waiting.iter().any(is_verdict) || self.streams.is_troubled());
        let mut refusals: Vec<Refusal> =
            waiting.into_iter().filter_map(|stream| self.refuse(stream, Some(&reason))).collect();
        self.suspect = Some(reason.clone());
        if !is_explained {
            let raw = [&self.head[..], &self.payload].concat();
            let reason = self.with_counts(Broken { code, reason });
            refusals.push(of_connection(self.frame_begun, cut(&raw), None, reason));
        }
        refusals
    }

    /// The reason for the row of a connection: for a flood with what there was of it.
    fn with_counts(&self, Broken { code, reason }: Broken) -> String {
        match code {
            Code::ENHANCE_YOUR_CALM => {
                let Self { opened, resets, .. } = self;
                format!("{reason}; {opened} streams were opened and {resets} resets sent on this connection")
            }
            _ => reason,
        }
    }

    /// A request that hyper never showed. `None` when there were many already: it is counted.
    fn refuse(&mut self, stream: Stream, reason: Option<&str>) -> Option<Refusal> {
        let Stage::Waiting { head, verdict } = stream.stage else { return None };
        self.rows += 1;
        if self.rows > ROWS_MAX {
            self.unsaid += 1;
            return None;
        }
        let behind_head = || stream.trouble.or(stream.reset.map(|reset| format!("{reset} before it was taken up")));
        let reason = verdict
            .map(|verdict| verdict.reason)
            .or_else(behind_head)
            .or_else(|| reason.map(str::to_owned))
            .unwrap_or_else(|| "the connection ended before the request was taken up".to_owned());
        Some(of_connection(head.first_byte, Vec::new(), Some(*head), reason))
    }
}

/// How many CONTINUATION frames hyper lets a header block have: those its limit needs, and a quarter.
fn continuations_max(limits: &HeadLimits) -> usize {
    let needed = (limits.bytes / frame::PAYLOAD_BYTES_MAX).max(1);
    (needed + needed / 4).max(5)
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..REFUSED_BYTES_MAX).unwrap_or(bytes).to_vec()
}

fn of_connection(first_byte: Timestamp, raw: Vec<u8>, head: Option<Head>, reason: String) -> Refusal {
    let raw = Bytes::from(raw);
    Refusal { first_byte, raw, version: HttpVersion::Http2, request_line: None, reason: Some(reason), head }
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

#[cfg(test)]
mod tests;
