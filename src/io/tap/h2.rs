//! HTTP/2 as it comes off the wire: header blocks in the order in which their fields were sent (RFC 9113, RFC 7541), and
//! which rule was broken when no request comes of them.
//!
//! Rules that end a connection are judged here, before hyper sees the frame: it gets the bytes before it and no more, so
//! what was sent before still becomes requests, and the reason is ours to tell. A request that is refused by its fields is
//! hyper's to judge; what it did is read from the frames that it writes (`written`).

mod crowd;
mod frame;
mod hpack;
mod meter;
mod reading;
mod rules;
mod streams;
mod telling;
mod written;

use std::task::Waker;

use crate::domain::exchange::{Answer, AnswerOutcome};
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

use super::Claim;
use super::head::{Head, HeadLimits, Refusal};
use frame::{Broken, END_HEADERS, FrameHead, HEAD_BYTES, HEADERS};
pub use frame::{Code, are_crowded};
use meter::Meter;
use streams::{Stage, Streams};
use written::{Writer, Written};

const PREFACE_BYTES: usize = crate::io::tap::PREFACE.len();
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

/// Frames of one connection before others on its thread have their turn. Each may be a request.
const TURN_FRAMES_MAX: usize = 64;
/// Bytes that are read at once where frames may begin: hundreds of the shortest stand in a few thousand.
const FRAMES_BYTES: usize = 1024;

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
    /// Frames that came in the connection's turn.
    turn_frames: usize,
    payload: Vec<u8>,
    /// Whether the first SETTINGS frame came.
    is_open: bool,
    block: Option<Block>,
    /// What could be read of a block that is not valid.
    part: Option<Head>,
    decoder: hpack::Decoder,
    /// What the last block named of the tables, as far as that is more than it says itself.
    named_bytes: usize,
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
            turn_frames: 0,
            payload: Vec::new(),
            is_open: false,
            block: None,
            part: None,
            decoder: hpack::Decoder::new(),
            named_bytes: 0,
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

    /// Whether the connection is to go, because the requests of all connections hold too much together; also remembers whom to
    /// wake when it is.
    pub fn is_one_too_many(&self, driver: &Waker) -> bool {
        self.streams.place.is_told(driver)
    }

    /// The connection has its turn among others.
    pub fn begin_turn(&mut self) {
        self.turn_frames = 0;
    }

    /// How many bytes hyper is to be given at a time; none when others have their turn, or have yet to go.
    pub fn wanted_bytes(&self) -> usize {
        if self.turn_frames >= TURN_FRAMES_MAX {
            return 0;
        }
        let left = match self.step {
            Step::Data { left, .. } | Step::Skip(left) => left,
            _ => 0,
        };
        self.streams.place.wanted_bytes().min(left + FRAMES_BYTES)
    }

    /// When the header block that is not whole yet began.
    pub fn head_begun(&self) -> Option<Timestamp> {
        self.block.as_ref().map(|block| block.begun)
    }

    /// Whether of each request that is under way the sender owes the rest of the body.
    pub fn owes_bodies(&self) -> bool {
        self.streams.owe_bodies()
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
}

#[cfg(test)]
mod tests;
