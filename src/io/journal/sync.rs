//! Syncs of the session file (`--durability disk`), as the journal sees them.
//!
//! After a failed `fdatasync(2)` the kernel may have thrown away what it could not write and call the pages clean: a second
//! sync would succeed without having written them (fsync(2), "Errors"; LWN 752063). So a failed sync moves all lines since the last
//! good one back into memory, and they count as recorded only when they were written and synced once more.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::domain::record::{self, Peek};

use super::{Batch, Entry, Journal, State, Trouble, file};

/// What is to be synced: done without the lock.
#[derive(Debug)]
pub struct SyncJob {
    pub file: Arc<File>,
    /// Folders with new entries.
    pub folders: Vec<PathBuf>,
    /// Bytes of whole lines that the file had.
    length: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// What was in the file is on the disk.
    Done,
    /// The file was made anew meanwhile, and the new one is not synced.
    OtherFile,
    /// It is not, and that is known.
    Failed,
}

impl Journal {
    /// What is not on the disk yet. After a failed sync: what is in doubt, written again.
    pub(in crate::io) fn sync_job(&mut self, index: &mut (impl FnMut(Entry, u64) + ?Sized)) -> Option<SyncJob> {
        if let State::Not { trouble: Trouble::Sync, .. } = self.state {
            let now = Instant::now();
            if !self.make_ready(now) || !self.write_oldest(index, now) {
                return None;
            }
        } else if self.synced == self.length && self.folders.is_empty() {
            return None;
        }
        let folders = std::mem::take(&mut self.folders);
        Some(SyncJob { file: self.file.clone(), folders, length: self.length })
    }

    /// Whether a sync would have something to do.
    pub(in crate::io) fn wants_sync(&self) -> bool {
        self.synced != self.length
            || !self.folders.is_empty()
            || matches!(self.state, State::Not { trouble: Trouble::Sync, .. })
    }

    /// Takes note of how a job went.
    pub(in crate::io) fn synced(
        &mut self,
        job: SyncJob,
        result: io::Result<()>,
        index: &mut (impl FnMut(Entry, u64) + ?Sized),
    ) -> Synced {
        let is_same = Arc::ptr_eq(&job.file, &self.file);
        match result {
            _ if !is_same => Synced::OtherFile,
            Ok(()) => {
                // Another program may have cut the file meanwhile.
                self.synced = job.length.min(self.length);
                if let State::Not { trouble: Trouble::Sync, .. } = self.state {
                    self.resume(index, Instant::now());
                }
                Synced::Done
            }
            Err(error) => {
                self.folders.extend(job.folders);
                self.take_back(&error);
                Synced::Failed
            }
        }
    }

    pub(super) fn sync_folder_of(&mut self, path: &Path) {
        let folder = file::folder_of(path);
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
    }

    /// Lines since the last good sync go to the front of the backlog. They stay in the file, where readers find them, until
    /// they are written again in their places.
    fn take_back(&mut self, error: &io::Error) {
        let mut reason = format!("cannot sync {} to the disk: {error}", self.path.display());
        match file::read_range(&self.file, self.synced, self.length) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => self.backlog.put_back(batch_of(text)),
            Err(error) => {
                let bytes = self.length - self.synced;
                reason =
                    format!("{reason}; the last {bytes} bytes of it may be lost: they cannot be read back: {error}");
                self.synced = self.length;
            }
        }
        self.length = self.synced;
        self.fail(reason, Instant::now(), Trouble::Sync);
    }
}

/// Lines as a batch, each with what it is.
fn batch_of(text: Vec<u8>) -> Batch {
    let mut entries = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let entry = record::peek(line.strip_suffix(b"\n").unwrap_or(line)).map_or(Entry::Other, |peek| entry_of(&peek));
        entries.push((entry, at));
        at += line.len();
    }
    Batch { text, entries }
}

/// An attempt stays known at the place that it had, which is the place that it gets again.
fn entry_of(peek: &Peek) -> Entry {
    match (peek.event.as_ref(), peek.id) {
        ("request", Some(id)) => Entry::Request(id),
        ("answer", Some(id)) => Entry::Answer(id),
        _ => Entry::Other,
    }
}
