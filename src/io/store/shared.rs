//! What all clones of a store share: the one lock, and what is done under it.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::durability::Durability;
use crate::domain::record::{self, Event, LineWriter};
use crate::domain::ring::Ring;
use crate::io::inbox::{Inbox, Notice};
use crate::io::journal::{self, Batch, Entry, Journal, SyncJob, Synced};

use super::index::Index;
use super::limits::StoreLimits;
use super::open::open_journal;
use super::syncer::{self, Syncs};
use super::waiting::Waiting;
use crate::io::store_error::StoreError;

/// Bytes of lines that wait for each other with [`Durability::None`]; longer ones are written at once.
pub(super) const GATHER_BYTES_MAX: usize = 256 * 1024;

#[derive(Debug)]
pub(super) struct Shared {
    /// Whether lines go to a file; without one, answers go to the ring at once.
    pub(super) writes: bool,
    /// Whether the lines of requests that are ready in the same moment are written together ([`Durability::Process`]).
    pub(super) waits_for_company: bool,
    /// Whether lines wait for each other ([`Durability::None`]).
    pub(super) gathers: bool,
    /// Who waits for a sync ([`Durability::Disk`]).
    pub(super) syncs: Option<Arc<Syncs>>,
    /// The lines of requests up to this id have left the batch.
    pub(super) written: AtomicU64,
    pub(super) core: Mutex<Core>,
    /// Answers that wait for the next append; the lock is never held over a write.
    pub(super) waiting: Waiting,
    pub(super) inbox: Inbox,
}

impl Shared {
    pub(super) fn new(place: Place, index: Index, limits: StoreLimits, inbox: Inbox) -> Self {
        let writes = matches!(place, Place::File(_));
        let durability = if writes { limits.durability } else { Durability::Process };
        Self {
            writes,
            waits_for_company: writes && durability == Durability::Process,
            gathers: durability == Durability::None,
            syncs: (durability == Durability::Disk).then(Arc::default),
            written: AtomicU64::new(0),
            core: Mutex::new(Core {
                place,
                index,
                ring: Ring::new(limits.ring),
                batch: Batch::default(),
                own_from: u64::MAX,
            }),
            waiting: Waiting::default(),
            inbox,
        }
    }

    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn say(&self, notices: Vec<Notice>) {
        for notice in notices {
            self.inbox.push(notice);
        }
    }

    /// Writes the lines that wait.
    pub(super) fn flush(&self) {
        let mut guard = self.core();
        let core = &mut *guard;
        core.take_answers(&self.waiting);
        if !core.batch.is_empty() {
            self.append(core, &[]);
        }
        let notices = core.take_notices();
        drop(guard);
        self.say(notices);
    }

    /// Writes the batch, the last line of which goes on in `tail`.
    pub(super) fn append(&self, core: &mut Core, tail: &[u8]) {
        if let Place::File(journal) = &mut core.place {
            let index = &mut core.index;
            journal.append(&mut core.batch, tail, &mut |entry, offset| index.place(entry, offset));
        }
        self.written.store(core.index.last_id().0, Ordering::Release);
    }

    /// [`Self::append`] of a batch whose last line goes on in pieces.
    pub(super) fn append_large(&self, core: &mut Core, pieces: &mut journal::Pieces<'_>) {
        if let Place::File(journal) = &mut core.place {
            let index = &mut core.index;
            journal.append_large(&mut core.batch, pieces, &mut |entry, offset| index.place(entry, offset));
        }
        self.written.store(core.index.last_id().0, Ordering::Release);
    }

    /// The line of an event; a large answer to a resend in pieces, as a large request.
    pub(super) fn append_event(&self, core: &mut Core, event: &Event) {
        if let Event::Attempt(attempt) = event
            && attempt.answer_bytes() > record::encode::LARGE_BODY_BYTES
        {
            let mut line = LineWriter::default();
            if let Some(body) = record::encode::attempt_head(&mut line, attempt) {
                core.batch.text.extend_from_slice(line.bytes());
                return self.append_large(core, &mut |give| record::encode::body_in_pieces(&mut line, body, give));
            }
        }
        self.append(core, &record::encode(event));
    }

    /// The wait for a sync of what was just written.
    pub(super) fn enlist(&self, core: &Core) -> Option<syncer::Durable> {
        let is_on = matches!(&core.place, Place::File(journal) if journal.is_on());
        self.syncs.as_ref().filter(|_| is_on).and_then(|syncs| syncs.enlist())
    }

    /// Writes lines that wait for each other, so that they are found in the file.
    pub(super) fn settle(&self) {
        if self.written.load(Ordering::Acquire) < self.core().index.last_id().0 {
            self.flush();
        }
    }

    /// Looks after the file, see [`Journal::tick`].
    pub(super) fn tick(&self) {
        self.with_journal(|journal, index| journal.tick(index));
        let mut core = self.core();
        core.mend(&self.waiting);
        let notices = core.take_notices();
        drop(core);
        self.say(notices);
        let wants_sync = self.with_journal(|journal, _| journal.wants_sync());
        if let Some(syncs) = self.syncs.as_ref().filter(|_| wants_sync == Some(true)) {
            syncs.want();
        }
    }

    pub(super) fn sync_job(&self) -> Option<SyncJob> {
        self.with_journal(|journal, index| journal.sync_job(index)).flatten()
    }

    pub(super) fn synced(&self, job: SyncJob, result: std::io::Result<()>) -> Option<Synced> {
        self.with_journal(|journal, index| journal.synced(job, result, index))
    }

    /// Does something with the file and tells what came of it.
    pub(super) fn with_journal<T>(&self, act: impl FnOnce(&mut Journal, &mut dyn FnMut(Entry, u64)) -> T) -> Option<T> {
        let mut guard = self.core();
        let core = &mut *guard;
        let Place::File(journal) = &mut core.place else { return None };
        let index = &mut core.index;
        let done = act(journal, &mut |entry, offset| index.place(entry, offset));
        let notices = core.take_notices();
        drop(guard);
        self.say(notices);
        Some(done)
    }
}

/// What is behind the one lock: held for a write and a few pushes, never over an await.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) place: Place,
    pub(super) index: Index,
    pub(super) ring: Ring,
    /// Kept from append to append for its memory.
    pub(super) batch: Batch,
    /// Of a saved session: where the lines begin that this program has appended to it.
    pub(super) own_from: u64,
}

impl Core {
    /// Whether the batch stays short with that behind it.
    pub(super) fn has_room_for(&self, rest: &[u8]) -> bool {
        self.batch.text.len() + rest.len() <= GATHER_BYTES_MAX
    }

    /// Answers that wait join the batch, and the ring.
    pub(super) fn take_answers(&mut self, waiting: &Waiting) {
        for answer in waiting.take_into(&mut self.batch) {
            self.ring.answer(answer);
        }
    }

    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        match &mut self.place {
            Place::File(journal) => journal.take_notices(),
            _ => Vec::new(),
        }
    }

    pub(super) fn file(&self) -> Option<Arc<File>> {
        match &self.place {
            Place::Memory => None,
            Place::File(journal) => Some(journal.file()),
            Place::Saved { file, .. } => Some(file.clone()),
        }
    }

    /// A saved session becomes one that is written to.
    pub(super) fn make_writable(&mut self) -> Result<(), StoreError> {
        if let Place::Saved { path, .. } = &self.place {
            let (journal, index, _) = open_journal(path, StoreLimits::default().backlog_bytes)?;
            self.index = index;
            self.own_from = journal.length();
            self.place = Place::File(Box::new(journal));
        }
        Ok(())
    }
}

/// Where lines go.
#[derive(Debug)]
pub(super) enum Place {
    Memory,
    File(Box<Journal>),
    /// A saved session: read, and not locked before something is to be appended.
    Saved {
        path: PathBuf,
        file: Arc<File>,
        /// Bytes of the lines that were there when it was opened.
        known_bytes: u64,
    },
}
