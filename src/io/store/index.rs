//! Where each exchange's lines are in the session file: 16 bytes an exchange, and a list for the few that have attempts.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::domain::exchange::{Attempt, ExchangeId};
use crate::domain::record::{Peek, RecordError};
use crate::io::journal::Entry;
use crate::io::session_file::SessionReader;

use crate::io::store_error::StoreError;

use super::slots::Slots;

/// What a session file turned out to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Requests in it.
    pub requests: u64,
    /// What had to be skipped, one line each for the user: a torn last line, an unreadable line with its number.
    pub said: Vec<String>,
}

/// No line yet: no file reaches this length.
const NONE: u64 = u64::MAX;
/// The widest gap between two ids that is believed; a wider one is a damaged line, not a reason for gigabytes of index.
const GAP_MAX: u64 = 1_000_000;
/// Attempts that are kept in memory because no file has them; the oldest leave first.
const MEMORY_ATTEMPTS_MAX: usize = 1000;
/// Bytes that they sent and got, together; the newest stays however large it is.
const MEMORY_ATTEMPTS_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Unreadable lines that are told one by one.
const SAID_MAX: usize = 20;

#[derive(Clone, Copy, Debug)]
struct Slot {
    request: u64,
    answer: u64,
}

/// Where an attempt is.
#[derive(Clone, Debug)]
pub enum AttemptPlace {
    /// Not in the file, or not yet.
    Memory(Arc<Attempt>),
    /// At this offset.
    File(u64),
}

/// The index.
#[derive(Debug, Default)]
pub struct Index {
    slots: Slots<Slot>,
    attempts: HashMap<ExchangeId, Vec<(u32, AttemptPlace)>>,
    /// Which attempts are in memory, with their bytes, oldest first.
    in_memory: std::collections::VecDeque<(ExchangeId, u32, usize)>,
}

impl Index {
    pub fn last_id(&self) -> ExchangeId {
        ExchangeId(self.slots.len() as u64)
    }

    /// A number never used before.
    pub fn next_id(&mut self) -> ExchangeId {
        self.slots.push(Slot { request: NONE, answer: NONE });
        self.last_id()
    }

    /// Whether that number was given.
    pub fn knows(&self, id: ExchangeId) -> bool {
        self.slot(id).is_some()
    }

    /// Offset of the request's line.
    pub fn request(&self, id: ExchangeId) -> Option<u64> {
        self.slot(id).map(|slot| slot.request).filter(|offset| *offset != NONE)
    }

    /// Offset of the answer's line.
    pub fn answer(&self, id: ExchangeId) -> Option<u64> {
        self.slot(id).map(|slot| slot.answer).filter(|offset| *offset != NONE)
    }

    pub fn attempts(&self, id: ExchangeId) -> Vec<AttemptPlace> {
        self.attempts.get(&id).into_iter().flatten().map(|(_, place)| place.clone()).collect()
    }

    pub fn next_attempt(&self, id: ExchangeId) -> u32 {
        self.attempts.get(&id).and_then(|list| list.last()).map_or(0, |(number, _)| *number).saturating_add(1)
    }

    pub fn add_attempt(&mut self, attempt: Arc<Attempt>) {
        let (id, number) = (attempt.exchange, attempt.number);
        self.in_memory.push_back((id, number, attempt.sent.body.len() + attempt.answer_bytes()));
        self.attempts.entry(id).or_default().push((number, AttemptPlace::Memory(attempt)));
        while self.in_memory.len() > MEMORY_ATTEMPTS_MAX || self.in_memory.len() > 1 && self.memory_is_full() {
            let Some((id, number, _)) = self.in_memory.pop_front() else { return };
            if let Some(list) = self.attempts.get_mut(&id) {
                list.retain(|(other, place)| *other != number || matches!(place, AttemptPlace::File(_)));
            }
        }
    }

    fn memory_is_full(&self) -> bool {
        self.in_memory.iter().map(|(_, _, bytes)| bytes).sum::<usize>() > MEMORY_ATTEMPTS_BYTES_MAX
    }

    /// A line was written at `offset`.
    pub fn place(&mut self, entry: Entry, offset: u64) {
        match entry {
            Entry::Request(id) => {
                if let Some(slot) = self.slot_mut(id) {
                    slot.request = offset;
                }
            }
            Entry::Answer(id) => {
                if let Some(slot) = self.slot_mut(id) {
                    slot.answer = offset;
                }
            }
            Entry::Attempt(id, number) => {
                self.in_memory.retain(|(other, no, _)| (*other, *no) != (id, number));
                let list = self.attempts.entry(id).or_default();
                match list.iter_mut().find(|(other, _)| *other == number) {
                    Some((_, place)) => *place = AttemptPlace::File(offset),
                    None => list.push((number, AttemptPlace::File(offset))),
                }
            }
            Entry::Other => {}
        }
    }

    /// A line that a file holds. `Err`: it cannot be, and why.
    pub fn found(&mut self, peek: &Peek, offset: u64) -> Result<(), String> {
        let Some(id) = peek.id else { return Ok(()) };
        match peek.event.as_ref() {
            "request" => {
                if id.0 == 0 || id.0 > self.last_id().0 + GAP_MAX {
                    return Err(format!("it is skipped: it has the id {id}, which cannot follow {}", self.last_id()));
                }
                if self.request(id).is_some() {
                    return Err(format!("it is skipped: it repeats the id {id}"));
                }
                while self.last_id() < id {
                    self.next_id();
                }
                self.place(Entry::Request(id), offset);
            }
            "answer" if self.knows(id) => self.place(Entry::Answer(id), offset),
            "attempt" if self.knows(id) => self.place(Entry::Attempt(id, self.next_attempt(id)), offset),
            _ => {}
        }
        Ok(())
    }

    /// How many requests have a line.
    pub fn placed(&self) -> usize {
        self.slots.iter().filter(|slot| slot.request != NONE).count()
    }

    /// No line behind `from` is where it was; the numbers stay given.
    pub fn forget_places(&mut self, from: u64) {
        let forget = |place: &mut u64| {
            if *place >= from {
                *place = NONE;
            }
        };
        for slot in self.slots.iter_mut() {
            forget(&mut slot.request);
            forget(&mut slot.answer);
        }
        for list in self.attempts.values_mut() {
            list.retain(|(_, place)| !matches!(place, AttemptPlace::File(offset) if *offset >= from));
        }
    }

    /// A line that the file holds after all. Ids that we did not give do not count.
    pub fn found_again(&mut self, peek: &Peek, offset: u64) {
        let Some(id) = peek.id.filter(|id| self.knows(*id)) else { return };
        match peek.event.as_ref() {
            "request" => self.place(Entry::Request(id), offset),
            "answer" => self.place(Entry::Answer(id), offset),
            "attempt" => self.place(Entry::Attempt(id, self.next_attempt(id)), offset),
            _ => {}
        }
    }

    fn slot(&self, id: ExchangeId) -> Option<&Slot> {
        self.slots.get(usize::try_from(id.0.checked_sub(1)?).ok()?)
    }

    fn slot_mut(&mut self, id: ExchangeId) -> Option<&mut Slot> {
        self.slots.get_mut(usize::try_from(id.0.checked_sub(1)?).ok()?)
    }
}

/// Reads the index of a file: index, what had to be skipped, bytes of its whole lines.
///
/// # Errors
/// [`StoreError::File`]: it cannot be read, it was written by a later version, or no line of it is a session's.
pub fn scan(path: &Path) -> Result<(Index, OpenReport, u64), StoreError> {
    let mut reader = SessionReader::open(path)?;
    let mut index = Index::default();
    let mut report = OpenReport::default();
    let (mut readable, mut skipped) = (0u64, 0usize);
    while let Some(line) = reader.next_peek()? {
        let told = match &line.peek {
            Ok(peek) if replaces_a_cut_line(&reader, &index, peek) => {
                index.found_again(peek, line.offset);
                Err("it takes the place of an earlier one with its id, which was cut".to_owned())
            }
            Ok(peek) => index.found(peek, line.offset).map(|()| {
                readable += 1;
                report.requests += u64::from(peek.event == "request");
            }),
            Err(error @ RecordError::Version(_)) => {
                return Err(StoreError::File(format!("cannot read {}: line {}: {error}", path.display(), line.number)));
            }
            Err(error) => Err(format!("it is skipped: {error}")),
        };
        if let Err(why) = told {
            skipped += 1;
            if skipped <= SAID_MAX {
                report.said.push(format!("line {} of {}: {why}", line.number, path.display()));
            }
        }
    }
    if skipped > SAID_MAX {
        report.said.push(format!("{} more lines are skipped", skipped - SAID_MAX));
    }
    let torn = reader.torn();
    if readable == 0 && (skipped > 0 || torn.is_some_and(|_| !starts_like_a_session(path))) {
        return Err(StoreError::File(format!(
            "{} is no session file of hooksight: choose another file",
            path.display()
        )));
    }
    if let Some(torn) = reader.torn() {
        report.said.push(format!("the last line ({}) of {} is torn and is skipped", torn.number, path.display()));
    }
    Ok((index, report, reader.offset()))
}

/// Whether this is a request that was written again after another program had cut its first line.
fn replaces_a_cut_line(reader: &SessionReader, index: &Index, peek: &Peek) -> bool {
    let earlier = peek.id.filter(|_| peek.event == "request").and_then(|id| index.request(id));
    earlier.is_some_and(|offset| reader.event_at(offset).is_err())
}

/// Whether a file with a single torn line can be one of ours.
fn starts_like_a_session(path: &Path) -> bool {
    use std::io::Read as _;
    const START: &[u8] = b"{\"v\":";
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(START.len() as u64).read_to_end(&mut start));
    read.is_ok() && START.starts_with(&start)
}
