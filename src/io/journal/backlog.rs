//! Lines on their way to the file, and those that could not be written yet.

use std::collections::VecDeque;

use crate::domain::exchange::ExchangeId;

/// Text of small lines that wait for an append, kept allocated.
const BATCH_KEEP_BYTES: usize = 256 * 1024;

/// What a line is, for the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::io) enum Entry {
    Request(ExchangeId),
    Answer(ExchangeId),
    Attempt(ExchangeId, u32),
    Other,
}

/// Lines to be written together, with what each is and where it begins in the text.
#[derive(Debug, Default)]
pub(in crate::io) struct Batch {
    pub(in crate::io) text: Vec<u8>,
    pub(in crate::io) entries: Vec<(Entry, usize)>,
}

impl Batch {
    pub(in crate::io) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Says that a line begins at the end of the text.
    pub(in crate::io) fn begin(&mut self, entry: Entry) {
        self.entries.push((entry, self.text.len()));
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
        self.text.shrink_to(BATCH_KEEP_BYTES);
    }
}

/// Lines that could not be written yet.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    pub(super) blocks: VecDeque<Batch>,
    bytes: usize,
    /// Requests in it.
    pub(super) requests: u64,
    /// Requests that left it into the file.
    pub(super) late: u64,
    /// Requests given up because it was full.
    pub(super) lost: u64,
}

impl Backlog {
    pub(super) fn push(&mut self, block: Batch, bytes_max: usize) {
        self.bytes += block.text.len();
        self.requests += requests_in(&block);
        self.blocks.push_back(block);
        while self.bytes > bytes_max {
            let Some(dropped) = self.pop() else { break };
            self.lost += requests_in(&dropped);
        }
    }

    pub(super) fn put_back(&mut self, block: Batch) {
        self.bytes += block.text.len();
        self.requests += requests_in(&block);
        self.blocks.push_front(block);
    }

    pub(super) fn pop(&mut self) -> Option<Batch> {
        let block = self.blocks.pop_front()?;
        self.bytes -= block.text.len();
        self.requests -= requests_in(&block);
        Some(block)
    }
}

pub(super) fn requests_in(block: &Batch) -> u64 {
    block.entries.iter().filter(|(entry, _)| matches!(entry, Entry::Request(_))).count() as u64
}
