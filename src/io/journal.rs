//! The session file as its one writer sees it.
//!
//! ```text
//! On --a write fails, the file is gone--> Not{reason} --every line goes to the backlog, tried again--> On, with a note
//! ```
//!
//! Each append is one `writev(2)` (with a large body several) on a descriptor opened with `O_APPEND`; a failed or short one is
//! cut back, so that the next record never stands behind a torn one. What a failed sync leaves in doubt is written again, see
//! `journal::sync`.

mod backlog;
mod file;
mod look;
mod sync;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use crate::domain::record::{self, Event, Note};
use crate::domain::time::Timestamp;

use super::clock;
use super::inbox::Notice;
use super::recording::Recording;
use super::store_error::StoreError;

use backlog::{Backlog, requests_in};
pub(super) use backlog::{Batch, Entry};
pub(super) use file::{Opened, create_in, is_locked, open_to_append};
pub(super) use sync::{SyncJob, Synced};

/// How often an append looks whether the file is still where it was.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// How often, at most, a file that cannot be written is tried again by appends.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Writing beyond the process's file size limit (`ulimit -f`) raises SIGXFSZ, which kills unless it is handled; handled, the
/// write fails like one on a full disk. Call it before the first write.
pub(super) fn survive_file_size_limit() {
    static ONCE: Once = Once::new();
    // The way to a handler without unsafe code leads through a runtime, on a thread of its own because the caller may be in one;
    // the handler stays when they go. Where it cannot be had the limit kills as it always did.
    ONCE.call_once(|| {
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(handle_file_size_limit);
        let _ = thread.map(std::thread::JoinHandle::join);
    });
}

fn handle_file_size_limit() {
    let number = rustix::process::Signal::XFSZ.as_raw();
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
        let _ =
            runtime.block_on(async { tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(number)) });
    }
}

/// Gives out the pieces of a line in their order, to be called once or twice; fails as who takes them fails.
pub(super) type Pieces<'a> = dyn FnMut(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> + 'a;

#[derive(Debug)]
enum State {
    On,
    Not { reason: String, since: Timestamp, tried: Instant, trouble: Trouble },
}

/// What does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// A write: tried again by appends and ticks.
    Write,
    /// A sync: tried again by the syncer alone.
    Sync,
}

/// The open session file with its lock.
#[derive(Debug)]
pub(super) struct Journal {
    file: Arc<File>,
    path: PathBuf,
    /// Bytes of whole lines in the file.
    length: u64,
    /// Bytes of them that are known to be on the disk. Nobody keeps it but a syncer.
    synced: u64,
    /// The length when the file was last looked at and right.
    looked_length: u64,
    /// From where on another program's change may have moved or destroyed lines.
    unsure_from: Option<u64>,
    /// Folders with entries of the file that are to be synced with it.
    folders: Vec<PathBuf>,
    state: State,
    backlog: Backlog,
    backlog_bytes_max: usize,
    looked: Instant,
    notices: Vec<Notice>,
}

impl Journal {
    pub(super) fn new(opened: Opened, backlog_bytes_max: usize) -> Self {
        Self {
            file: Arc::new(opened.file),
            path: opened.path,
            length: opened.length,
            // What another program left there may not be on the disk, but nobody was told that it is.
            synced: opened.length,
            looked_length: opened.length,
            unsure_from: None,
            folders: opened.folders,
            state: State::On,
            backlog: Backlog::default(),
            backlog_bytes_max,
            looked: Instant::now(),
            notices: Vec::new(),
        }
    }

    /// The descriptor, for reading lines at their offsets.
    pub(super) fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    /// Bytes of the file, without what waits in memory.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_on(&self) -> bool {
        matches!(self.state, State::On)
    }

    pub(super) fn recording(&self) -> Recording {
        match &self.state {
            State::On => Recording::On,
            State::Not { reason, .. } => {
                Recording::Not { reason: reason.clone(), unrecorded: self.backlog.requests + self.backlog.lost }
            }
        }
    }

    /// What is to be said since the last call.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Appends the lines of `batch` (the last one goes on in `tail`) in one write, and tells `index` where each begins.
    /// When that fails they wait in memory. The batch is empty afterwards.
    pub(super) fn append(&mut self, batch: &mut Batch, tail: &[u8], index: &mut (impl FnMut(Entry, u64) + ?Sized)) {
        let now = Instant::now();
        if self.may_write(now) && self.write(batch, tail, index, now) {
            return batch.clear();
        }
        batch.text.extend_from_slice(tail);
        self.postpone(batch, index, now);
    }

    /// As [`Self::append`], but what the last line goes on with comes in pieces, so that it never stands in memory whole (but
    /// when the file cannot be written). Several writes: a kill between them leaves a torn line, of which nobody was told that it
    /// is kept.
    pub(super) fn append_large(
        &mut self,
        batch: &mut Batch,
        pieces: &mut Pieces<'_>,
        index: &mut (impl FnMut(Entry, u64) + ?Sized),
    ) {
        let now = Instant::now();
        if self.may_write(now) {
            let file = self.file.clone();
            let mut bytes = batch.text.len();
            let written = file::write_all(&file, &batch.text, &[]).and_then(|()| {
                pieces(&mut |piece| {
                    bytes += piece.len();
                    file::write_all(&file, piece, &[])
                })
            });
            if self.written(batch, written.map(|()| bytes), index, now) {
                return batch.clear();
            }
        }
        // Nothing fails here.
        let _ = pieces(&mut |piece| {
            batch.text.extend_from_slice(piece);
            Ok(())
        });
        self.postpone(batch, index, now);
    }

    /// Looks after the file now and then; whether it takes what comes.
    fn may_write(&mut self, now: Instant) -> bool {
        if matches!(self.state, State::On) && now.duration_since(self.looked) >= LOOK_INTERVAL {
            self.look(now);
        }
        matches!(self.state, State::On)
    }

    /// The lines wait in memory. The batch is empty afterwards.
    fn postpone(&mut self, batch: &mut Batch, index: &mut (impl FnMut(Entry, u64) + ?Sized), now: Instant) {
        let text = std::mem::take(&mut batch.text);
        let block = Batch { text, entries: std::mem::take(&mut batch.entries) };
        self.backlog.push(block, self.backlog_bytes_max);
        if let State::Not { tried, trouble: Trouble::Write, .. } = &self.state
            && now.duration_since(*tried) >= RETRY_INTERVAL
        {
            self.retry(index);
        }
    }

    /// What a timer does every half second: notices that the file went away, tries again when it cannot be written.
    pub(super) fn tick(&mut self, index: &mut (impl FnMut(Entry, u64) + ?Sized)) {
        match self.state {
            State::On => self.look(Instant::now()),
            State::Not { trouble, .. } => {
                if trouble == Trouble::Write {
                    self.retry(index);
                }
                if matches!(self.state, State::Not { .. }) {
                    self.notices.push(Notice::Recording(self.recording()));
                }
            }
        }
    }

    /// Moves the file to another path in the same file system, never over another file.
    pub(super) fn rename(&mut self, to: &Path) -> Result<PathBuf, StoreError> {
        file::rename_exclusively(&self.path, to)?;
        self.sync_folder_of(&self.path.clone());
        self.sync_folder_of(to);
        self.path = to.to_owned();
        Ok(self.path.clone())
    }

    /// One write. On failure the file is cut back and the state changes.
    fn write(
        &mut self,
        batch: &Batch,
        tail: &[u8],
        index: &mut (impl FnMut(Entry, u64) + ?Sized),
        now: Instant,
    ) -> bool {
        let bytes = batch.text.len() + tail.len();
        let written = file::write_all(&self.file, &batch.text, tail).map(|()| bytes);
        self.written(batch, written, index, now)
    }

    /// Takes note of how a write of so many bytes went.
    fn written(
        &mut self,
        batch: &Batch,
        written: io::Result<usize>,
        index: &mut (impl FnMut(Entry, u64) + ?Sized),
        now: Instant,
    ) -> bool {
        match written {
            Ok(bytes) => {
                for (entry, at) in &batch.entries {
                    index(*entry, self.length + *at as u64);
                }
                self.length += bytes as u64;
                true
            }
            Err(error) => {
                let cut = self.file.set_len(self.length);
                let mut reason = format!("cannot write {}: {error}", self.path.display());
                if let Err(error) = cut {
                    reason = format!("{reason}; nor cut it back to its whole lines: {error}");
                }
                self.fail(reason, now, Trouble::Write);
                false
            }
        }
    }

    fn fail(&mut self, reason: String, now: Instant, trouble: Trouble) {
        match &mut self.state {
            State::On => {
                self.state = State::Not { reason, since: clock::now(), tried: now, trouble };
                self.notices.push(Notice::Recording(self.recording()));
            }
            // The syncer's trouble stays its own: only a sync ends it.
            State::Not { reason: known, tried, trouble: of, .. } => {
                *known = reason;
                *tried = now;
                if trouble == Trouble::Sync {
                    *of = trouble;
                }
            }
        }
    }

    /// Tries again to write.
    fn retry(&mut self, index: &mut (impl FnMut(Entry, u64) + ?Sized)) {
        let now = Instant::now();
        if self.make_ready(now) {
            self.resume(index, now);
        }
    }

    /// Whether the file is there and ends with its whole lines.
    fn make_ready(&mut self, now: Instant) -> bool {
        if !self.put_file_back(now) {
            return false;
        }
        // What a failed write could not cut back is cut now, or nothing is written behind it.
        match file::cut_to(&self.file, self.length) {
            Ok(()) => true,
            Err(error) => {
                let reason = format!("cannot cut {} back to its whole lines: {error}", self.path.display());
                self.fail(reason, now, Trouble::Write);
                false
            }
        }
    }

    /// Writes the oldest block of the backlog; `false`: it cannot be.
    fn write_oldest(&mut self, index: &mut (impl FnMut(Entry, u64) + ?Sized), now: Instant) -> bool {
        let Some(block) = self.backlog.pop() else { return true };
        if !self.write(&block, &[], index, now) {
            self.backlog.put_back(block);
            return false;
        }
        self.backlog.late += requests_in(&block);
        true
    }

    /// Writes the backlog, oldest first; when all of it is written recording is on again and a note in the file says what
    /// happened.
    fn resume(&mut self, index: &mut (impl FnMut(Entry, u64) + ?Sized), now: Instant) {
        while !self.backlog.blocks.is_empty() {
            if !self.write_oldest(index, now) {
                return;
            }
        }
        let State::Not { reason, since, .. } = &self.state else { return };
        let late = std::mem::take(&mut self.backlog.late);
        let lost = std::mem::take(&mut self.backlog.lost);
        let text = format!("not recorded since {}: {reason}. Recorded late: {late}. Lost: {lost}.", since.to_rfc3339());
        self.state = State::On;
        self.say(text);
        self.notices.push(Notice::Recording(Recording::On));
    }

    /// A note in the file and for the user.
    pub(super) fn say(&mut self, text: String) {
        let note = record::encode(&Event::Note(Note { exchange: None, at: clock::now(), text: text.clone() }));
        let batch = Batch { text: note, entries: vec![(Entry::Other, 0)] };
        self.write(&batch, &[], &mut |_, _| {}, Instant::now());
        self.notices.push(Notice::Said(text));
    }
}
