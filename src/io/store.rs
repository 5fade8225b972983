//! What was captured, by id: in memory, in the session file, or both.

mod append;
mod brief;
mod follow;
mod gathered;
mod index;
mod keep;
mod keeper;
mod kept;
mod limits;
mod mend;
mod open;
mod read;
mod shared;
mod slots;
mod syncer;
mod waiting;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::domain::exchange::ExchangeId;

use super::inbox::{Inbox, Notice};
use super::journal::{self, Journal};
use super::recording::Recording;
use super::session_file;

pub use super::store_error::StoreError;
pub use follow::Joins;
pub use index::OpenReport;
use index::{Index, scan};
pub(super) use kept::Kept;
pub use limits::StoreLimits;
use open::open_journal;
use shared::{Place, Shared};

/// Everything captured; clones share it. The last clone that goes writes what waits.
#[derive(Clone, Debug)]
pub struct Store(Arc<Owner>);

/// Ends the threads and writes what waits when the last clone goes, before the file and its lock are let go.
#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
    syncer: Option<JoinHandle<()>>,
}

impl Store {
    /// A new session file in `folder` (made with mode 0700 when it is not there), named by date and time.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn create(folder: &Path, limits: StoreLimits, inbox: Inbox) -> Result<Self, StoreError> {
        let opened = journal::create_in(folder)?;
        let journal = Journal::new(opened, limits.backlog_bytes);
        Self::start(Place::File(Box::new(journal)), Index::default(), limits, inbox)
    }

    /// Appends to a session file, which is made when it is not there; ids continue. A torn last line is cut off.
    ///
    /// # Errors
    /// [`StoreError::File`]: another program writes it, it is no session file, a folder, a FIFO, a symbolic link, ...
    pub fn append_to(path: &Path, limits: StoreLimits, inbox: Inbox) -> Result<(Self, OpenReport), StoreError> {
        let (journal, index, report) = open_journal(path, limits.backlog_bytes)?;
        Ok((Self::start(Place::File(Box::new(journal)), index, limits, inbox)?, report))
    }

    /// In memory only (`--no-session`).
    pub fn in_memory(limits: StoreLimits, inbox: Inbox) -> Self {
        Self(Arc::new(Owner::of(Shared::new(Place::Memory, Index::default(), limits, inbox))))
    }

    /// A saved session to look at. Nothing is locked; the first attempt, mark or note that is appended takes the
    /// writer's lock, and fails when a listener has it.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn open(path: &Path) -> Result<(Self, OpenReport), StoreError> {
        let (index, report, known_bytes) = scan(path)?;
        let file = Arc::new(session_file::open_for_reading(path)?);
        let place = Place::Saved { path: path.to_owned(), file, known_bytes };
        let owner = Owner::of(Shared::new(place, index, StoreLimits::default(), Inbox::default()));
        Ok((Self(Arc::new(owner)), report))
    }

    fn start(place: Place, index: Index, limits: StoreLimits, inbox: Inbox) -> Result<Self, StoreError> {
        Self::start_with(place, index, limits, inbox, Arc::new(File::sync_data))
    }

    fn start_with(
        place: Place,
        index: Index,
        limits: StoreLimits,
        inbox: Inbox,
        sync: Arc<syncer::SyncData>,
    ) -> Result<Self, StoreError> {
        journal::survive_file_size_limit();
        let mut owner = Owner::of(Shared::new(place, index, limits, inbox));
        if let Some(syncs) = &owner.shared.syncs {
            let syncer = syncer::start(&owner.shared, syncs, sync).map_err(|error| {
                StoreError::File(format!("cannot start the thread that syncs the session file: {error}"))
            })?;
            owner.syncer = Some(syncer);
            // The new entry of the folder.
            syncs.want();
        }
        owner.keeper = keeper::start(&owner.shared);
        Ok(Self(Arc::new(owner)))
    }

    /// Whether another program writes this session now, as far as can be told: then what has no answer may still get one. Of a
    /// saved session ([`Self::open`]) alone.
    pub fn is_written_elsewhere(&self) -> bool {
        match &self.0.shared.core().place {
            Place::Saved { file, .. } => journal::is_locked(file),
            Place::Memory | Place::File(_) => false,
        }
    }

    /// One line for the user.
    pub(super) fn say(&self, text: String) {
        self.0.shared.inbox.push(Notice::Said(text));
    }

    /// The inbox that hears of everything.
    pub fn inbox(&self) -> &Inbox {
        &self.0.shared.inbox
    }

    /// Number of the newest exchange; 0 when there is none.
    pub fn last_id(&self) -> ExchangeId {
        self.0.shared.core().index.last_id()
    }

    /// Whether the session file takes what comes.
    pub fn recording(&self) -> Recording {
        match &self.0.shared.core().place {
            Place::Memory | Place::Saved { .. } => Recording::Off,
            Place::File(journal) => journal.recording(),
        }
    }

    /// Where the session file is; `None` in memory only.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.0.shared.core().place {
            Place::Memory => None,
            Place::File(journal) => Some(journal.path().to_owned()),
            Place::Saved { path, .. } => Some(path.clone()),
        }
    }

    /// Moves the session file (`:save NAME`); capture goes on into it. Never over another file.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn rename(&self, to: &Path) -> Result<PathBuf, StoreError> {
        let mut core = self.0.shared.core();
        core.make_writable()?;
        match &mut core.place {
            Place::File(journal) => journal.rename(to),
            _ => {
                Err(StoreError::File("nothing to save: this session is kept in memory only (--no-session)".to_owned()))
            }
        }
    }

    /// Removes the session file when it holds no request; nothing is written from then on. For a file that we made
    /// ourselves: whether `path` is still its place, and whether it is gone now.
    pub fn remove_if_empty(&self, path: &Path) -> bool {
        let mut core = self.0.shared.core();
        let Place::File(journal) = &core.place else { return false };
        if core.index.last_id().0 > 0 || journal.path() != path || journal.recording() != Recording::On {
            return false;
        }
        let is_gone = std::fs::remove_file(path).is_ok();
        if is_gone {
            core.place = Place::Memory;
        }
        is_gone
    }

    /// Writes what waits (answers) now. The end of the last clone does it too.
    pub fn flush(&self) {
        self.0.shared.flush();
    }
}

impl Owner {
    /// Without threads.
    fn of(shared: Shared) -> Self {
        Self { shared: Arc::new(shared), keeper: None, syncer: None }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.waiting.close();
        if let Some(keeper) = self.keeper.take() {
            // A keeper that panicked has nothing that the flush below does not write.
            let _ = keeper.join();
        }
        self.shared.flush();
        self.shared.tick();
        if let Some(syncs) = &self.shared.syncs {
            syncs.close();
        }
        if let Some(syncer) = self.syncer.take() {
            // As above: what it had to sync the system writes in its own time.
            let _ = syncer.join();
        }
    }
}

#[cfg(test)]
mod tests;

/// Captures without a socket, for the tests of other rooms. In memory only: no line is made.
#[cfg(test)]
impl Store {
    /// Keeps a request; gives the number that it got.
    pub fn capture(&self, request: crate::domain::exchange::Request) -> ExchangeId {
        self.keep(request).now().unwrap().id
    }

    /// Keeps its answer.
    pub fn answered(&self, answer: crate::domain::exchange::Answer) {
        self.keep_answer(answer);
    }
}
