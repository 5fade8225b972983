//! The streams of a connection that somebody has still to be told about.
//!
//! A stream is in the table from its header block until its request is answered, or told as refused. Its numbers rise, so
//! the table is in order.

use std::collections::VecDeque;

use crate::domain::exchange::{Answer, AnswerOutcome};
use crate::domain::headers::{Header, Headers};
use crate::domain::time::Timestamp;
use crate::io::tap::head::Head;

use super::crowd::Place;

/// Streams at a time. hyper lets 128 be open; what it refuses, or what the sender takes back, leaves the table soon.
pub const STREAMS_MAX: usize = 2048;
/// Streams that were answered before their end, and are remembered.
const UNENDED_MAX: usize = 256;
/// What has to leave of an answer to count as progress: a sender that opens its window by a byte at a time makes none.
const PROGRESS_BYTES: usize = 1024;
/// Header bytes of the requests of a connection that are not kept yet. A block of a few bytes can name large fields of the
/// table, so this cannot be left to what the sender has to send for it.
pub const HELD_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How far a stream has come.
#[derive(Debug)]
pub enum Stage {
    /// hyper has not shown its request yet. `verdict`: why it will be refused, as far as its fields tell.
    Waiting { head: Box<Head>, verdict: Option<Verdict> },
    /// A handler has it.
    Claimed,
    /// It is kept.
    Sealed,
    /// Its answer is on its way; `progress`: when it last came on, `bytes`: what left since.
    Answering { answer: Box<Answer>, progress: Timestamp, bytes: usize },
}

/// Why a request is refused by its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// For the case that hyper lets it pass.
    pub status: u16,
    pub reason: String,
}

#[derive(Debug)]
pub struct Stream {
    pub id: u32,
    pub stage: Stage,
    /// `END_STREAM` came.
    pub ended: bool,
    /// It was reset, by the sender or by hyper: the words for it.
    pub reset: Option<String>,
    /// The sender reset it.
    pub left: bool,
    /// The rule that was broken behind the head.
    pub trouble: Option<String>,
    pub trailers: Option<Headers>,
    pub data_bytes: u64,
    content_length: Option<u64>,
    held_bytes: usize,
}

#[derive(Debug, Default)]
pub struct Streams {
    table: VecDeque<Stream>,
    /// The highest number that opened a stream.
    pub newest: u32,
    held_bytes: usize,
    /// What they hold, among those of all connections.
    pub place: Place,
    /// Streams that left the table before their sender had ended them: it may go on with them for a while.
    unended: VecDeque<u32>,
    /// Whether there were more of them than are remembered.
    is_forgetful: bool,
}

/// What a head needs in memory, as the protocol counts it (RFC 9113 section 6.5.2).
pub fn list_bytes(fields: &[Header]) -> usize {
    fields.iter().map(|field| field.name.len() + field.value.len() + 32).sum()
}

impl Streams {
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Stream> {
        let at = self.place(id)?;
        self.table.get_mut(at)
    }

    pub fn get(&self, id: u64) -> Option<&Stream> {
        self.table.get(self.place(id)?)
    }

    fn place(&self, id: u64) -> Option<usize> {
        self.table.binary_search_by_key(&id, |stream| u64::from(stream.id)).ok()
    }

    /// Whether a request that is being read broke a rule behind its head.
    pub fn is_troubled(&self) -> bool {
        self.table.iter().any(|stream| stream.trouble.is_some() && matches!(stream.stage, Stage::Claimed))
    }

    pub fn is_full(&self) -> bool {
        self.table.len() >= STREAMS_MAX
    }

    /// Whether one more head of that size is too much to hold.
    pub fn is_over(&self, bytes: usize) -> bool {
        self.held_bytes + bytes > HELD_BYTES_MAX
    }

    /// A header block opened a stream. Its number is over all others.
    pub fn open(
        &mut self,
        head: Head,
        verdict: Option<Verdict>,
        content_length: Option<u64>,
        bytes: usize,
        ends: bool,
    ) {
        let Ok(id) = u32::try_from(head.sequence) else { return };
        self.newest = id;
        self.held_bytes += bytes;
        self.place.add(bytes, head.first_byte);
        self.table.push_back(Stream {
            id,
            stage: Stage::Waiting { head: Box::new(head), verdict },
            ended: ends,
            reset: None,
            left: false,
            trouble: None,
            trailers: None,
            data_bytes: 0,
            content_length,
            held_bytes: bytes,
        });
    }

    /// The first waiting stream that is right.
    pub fn find_waiting(&self, mut is_right: impl FnMut(&Head, Option<&Verdict>) -> bool) -> Option<u32> {
        self.table.iter().find_map(|stream| match &stream.stage {
            Stage::Waiting { head, verdict } if is_right(head, verdict.as_ref()) => Some(stream.id),
            _ => None,
        })
    }

    /// A handler takes it over.
    pub fn claim(&mut self, id: u32) -> Option<(Head, Option<Verdict>)> {
        let stream = self.get_mut(u64::from(id))?;
        match std::mem::replace(&mut stream.stage, Stage::Claimed) {
            Stage::Waiting { head, verdict } => Some((*head, verdict)),
            other => {
                stream.stage = other;
                None
            }
        }
    }

    /// Takes out those that still wait and are below `id`.
    pub fn take_waiting_below(&mut self, id: u32) -> Vec<Stream> {
        let is_waiting = |stream: &Stream| stream.id < id && matches!(stream.stage, Stage::Waiting { .. });
        if !self.table.iter().any(is_waiting) {
            return Vec::new();
        }
        let (taken, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.table).into_iter().partition(is_waiting);
        self.table = kept.into();
        for stream in &taken {
            self.left(stream);
        }
        taken
    }

    /// It is told, nothing more will be said of it.
    pub fn remove(&mut self, id: u64) -> Option<Stream> {
        let at = self.place(id)?;
        let stream = self.table.remove(at)?;
        self.left(&stream);
        Some(stream)
    }

    /// A stream left the table.
    fn left(&mut self, stream: &Stream) {
        self.held_bytes -= stream.held_bytes;
        self.place.sub(stream.held_bytes);
        if stream.ended || stream.left {
            return;
        }
        self.unended.push_back(stream.id);
        if self.unended.len() > UNENDED_MAX {
            self.unended.pop_front();
            self.is_forgetful = true;
        }
    }

    /// Whether the sender must not send DATA or HEADERS on a stream that was opened, or left out, before.
    pub fn is_over_for_sender(&self, id: u32) -> bool {
        match self.get(u64::from(id)) {
            Some(stream) => stream.ended || stream.left,
            None => !self.is_forgetful && !self.unended.contains(&id),
        }
    }

    /// DATA of so many bytes, without padding.
    pub fn data(&mut self, id: u32, bytes: usize, ends: bool) {
        let Some(stream) = self.get_mut(u64::from(id)) else { return };
        stream.data_bytes += bytes as u64;
        let sent = stream.data_bytes;
        stream.ended |= ends;
        let trouble = match stream.content_length {
            Some(declared) if sent > declared => Some(format!("more DATA than content-length says, {declared} bytes")),
            Some(declared) if ends && sent < declared => {
                Some(format!("{sent} bytes of DATA where content-length says {declared}"))
            }
            _ => None,
        };
        if stream.trouble.is_none() {
            stream.trouble = trouble.map(|text| format!("{text} (RFC 9113 section 8.1.1)"));
        }
    }

    /// The answer of a request may leave; what is to be said at once is given back: nobody waits for its end.
    pub fn answer(&mut self, id: u64, mut answer: Answer) -> Option<Answer> {
        let Some(stream) = self.get_mut(id) else {
            answer.begun = Some(answer.done);
            return Some(answer);
        };
        if stream.reset.is_some() {
            answer.outcome = AnswerOutcome::SenderLeft;
            self.remove(id);
            return Some(answer);
        }
        let progress = answer.done;
        stream.stage = Stage::Answering { answer: Box::new(answer), progress, bytes: 0 };
        None
    }

    /// A frame of an answer left; with its last one the answer is given back.
    pub fn answered(&mut self, id: u32, frame_bytes: usize, ends: bool, now: Timestamp) -> Option<Answer> {
        let stream = self.get_mut(u64::from(id))?;
        let Stage::Answering { answer, progress, bytes } = &mut stream.stage else { return None };
        answer.begun.get_or_insert(now);
        *bytes += frame_bytes;
        if *bytes >= PROGRESS_BYTES {
            (*progress, *bytes) = (now, 0);
        }
        if !ends {
            return None;
        }
        self.end_answer(id, now, None)
    }

    /// The answer is over; `outcome` where it is another than planned.
    pub fn end_answer(&mut self, id: u32, now: Timestamp, outcome: Option<AnswerOutcome>) -> Option<Answer> {
        let stream = self.get_mut(u64::from(id)).filter(|stream| matches!(stream.stage, Stage::Answering { .. }))?;
        let id = u64::from(stream.id);
        let Stage::Answering { mut answer, .. } = self.remove(id)?.stage else { return None };
        self.place.came_on(now);
        answer.done = now;
        answer.outcome = outcome.unwrap_or(answer.outcome);
        Some(*answer)
    }

    /// Takes out all answers on their way: the connection is over.
    pub fn take_answers(&mut self, now: Timestamp, outcome: AnswerOutcome) -> Vec<Answer> {
        let ids: Vec<u32> = self.table.iter().map(|stream| stream.id).collect();
        ids.into_iter().filter_map(|id| self.end_answer(id, now, Some(outcome))).collect()
    }

    /// Whether the rest of each body is to come.
    pub fn owe_bodies(&self) -> bool {
        let owes = |stream: &Stream| matches!(stream.stage, Stage::Claimed) && !stream.ended && stream.reset.is_none();
        !self.table.is_empty() && self.table.iter().all(owes)
    }

    /// Since when the slowest answer made no progress.
    pub fn slowest_answer(&self) -> Option<Timestamp> {
        self.table
            .iter()
            .filter_map(|stream| match &stream.stage {
                Stage::Answering { progress, .. } => Some(*progress),
                _ => None,
            })
            .min()
    }
}
