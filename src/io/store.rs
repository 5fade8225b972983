//! What was captured, by id: in memory, in the session file, or both.

mod brief;
mod gathered;
mod index;
mod keeper;
mod kept;
mod mend;
mod syncer;
mod waiting;

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use thiserror::Error;

use crate::domain::durability::Durability;
use crate::domain::exchange::{Answer, Attempt, Exchange, ExchangeId, Request};
use crate::domain::record::{self, Event, LineWriter, Marked, Mode, Note};
use crate::domain::ring::{Ring, RingLimits};

use super::clock;
use super::inbox::{Inbox, Notice};
use super::journal::{self, Batch, Entry, Journal, Recording, SyncJob, Synced};
use super::session_file;

use index::{AttemptPlace, Index, scan};
pub(super) use kept::Kept;
use kept::State;
use syncer::Syncs;
use waiting::Waiting;

/// Bytes of lines that wait for each other with [`Durability::None`]; longer ones are written at once.
const GATHER_BYTES_MAX: usize = 256 * 1024;

/// Memory that a thread's line writer keeps between two lines.
const LINE_KEEP_BYTES: usize = 1024 * 1024;

thread_local! {
    /// One line writer a thread: lines are made without an allocation.
    static LINE: RefCell<LineWriter> = RefCell::default();
}

/// Bounds of a [`Store`], and how firmly it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Requests kept in memory.
    pub ring: RingLimits,
    /// Bytes of lines that wait in memory while the session file cannot be written; the oldest are given up beyond.
    pub backlog_bytes: usize,
    /// What must have happened to a line before the answer leaves.
    pub durability: Durability,
}

impl Default for StoreLimits {
    /// The ring's defaults, 64 MiB, a write for each request.
    fn default() -> Self {
        Self { ring: RingLimits::default(), backlog_bytes: 64 * 1024 * 1024, durability: Durability::default() }
    }
}

/// Why something cannot be had from the store. The text says what was tried, what happened and what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No exchange has that number.
    #[error("no exchange {0} in this session")]
    NoSuch(ExchangeId),
    /// It was captured while the session file could not be written, and memory no longer has it.
    #[error("exchange {0} is gone: it left memory while the session file could not be written")]
    Gone(ExchangeId),
    /// The session file cannot be used.
    #[error("{0}")]
    File(String),
}

/// What a session file turned out to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Requests in it.
    pub requests: u64,
    /// What had to be skipped, one line each for the user: a torn last line, an unreadable line with its number.
    pub said: Vec<String>,
}

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

#[derive(Debug)]
struct Shared {
    /// Whether lines go to a file; without one, answers go to the ring at once.
    writes: bool,
    /// Whether the lines of requests that are ready in the same moment are written together ([`Durability::Process`]).
    waits_for_company: bool,
    /// Whether lines wait for each other ([`Durability::None`]).
    gathers: bool,
    /// Who waits for a sync ([`Durability::Disk`]).
    syncs: Option<Arc<Syncs>>,
    /// The lines of requests up to this id have left the batch.
    written: AtomicU64,
    core: Mutex<Core>,
    /// Answers that wait for the next append; the lock is never held over a write.
    waiting: Waiting,
    inbox: Inbox,
}

/// What is behind the one lock: held for a write and a few pushes, never over an await.
#[derive(Debug)]
struct Core {
    place: Place,
    index: Index,
    ring: Ring,
    /// Kept from append to append for its memory.
    batch: Batch,
}

/// Where lines go.
#[derive(Debug)]
enum Place {
    Memory,
    File(Box<Journal>),
    /// A saved session: read, and not locked before something is to be appended.
    Saved {
        path: PathBuf,
        file: Arc<File>,
    },
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
        let (index, report, _) = scan(path)?;
        let file = Arc::new(session_file::open_for_reading(path)?);
        let place = Place::Saved { path: path.to_owned(), file };
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

    /// Keeps a request: gives it its number, appends its line, tells the inbox. All that has happened, or turned out not to be
    /// possible and was said, before the answer may leave: after [`Kept::durable`].
    pub(super) fn keep(&self, request: Request) -> Kept {
        let is_large = request.body.bytes.len() > record::encode::LARGE_BODY_BYTES;
        if self.0.shared.waits_for_company && !is_large {
            return Kept(State::Gathered(gathered::add(self, request)));
        }
        // What was there before has the lower number.
        gathered::write();
        self.keep_one(request, is_large)
    }

    /// Keeps several in one write. `lines` are theirs, each from after its id on.
    fn keep_all(&self, requests: &mut Vec<gathered::Waiting>, lines: &[u8]) {
        let shared = &self.0.shared;
        let (mut arrived, mut evicted) = (Vec::with_capacity(requests.len()), Vec::with_capacity(requests.len()));
        let mut guard = shared.core();
        let core = &mut *guard;
        core.take_answers(&shared.waiting);
        let mut tail: &[u8] = &[];
        for gathered::Waiting { mut request, line, place } in requests.drain(..) {
            let id = core.index.next_id();
            request.id = id;
            let request = Arc::new(request);
            core.batch.text.extend_from_slice(tail);
            core.batch.begin(Entry::Request(id));
            record::encode::request_start(id, &mut core.batch.text);
            // The last one is not copied.
            tail = lines.get(line).unwrap_or_default();
            evicted.extend(core.ring.push(Arc::clone(&request)));
            arrived.push(Notice::Arrived(Arc::clone(&request)));
            // Nobody else sets it.
            let _ = place.set(request);
        }
        shared.append(core, tail);
        // Inside the lock, so that notices stand in the order of ids.
        shared.inbox.push_all(arrived);
        let notices = core.take_notices();
        drop(guard);
        drop(evicted);
        shared.say(notices);
    }

    /// Keeps one that waits for no company.
    fn keep_one(&self, mut request: Request, is_large: bool) -> Kept {
        let shared = &self.0.shared;
        LINE.with_borrow_mut(|line| {
            line.clear(LINE_KEEP_BYTES);
            match (shared.writes, is_large) {
                (false, _) => {}
                (true, false) => record::encode::request_rest(line, &request),
                (true, true) => record::encode::request_head(line, &request),
            }
            let mut guard = shared.core();
            let core = &mut *guard;
            let id = core.index.next_id();
            request.id = id;
            let request = Arc::new(request);
            let is_first = core.batch.is_empty();
            let mut durable = None;
            if matches!(core.place, Place::File(_)) {
                core.batch.begin(Entry::Request(id));
                record::encode::request_start(id, &mut core.batch.text);
                if is_large {
                    core.batch.text.extend_from_slice(line.bytes());
                    shared.append_large(core, &mut |give| record::encode::body_in_pieces(line, &request.body, give));
                    durable = shared.enlist(core);
                } else if shared.gathers && core.has_room_for(line.bytes()) {
                    core.batch.text.extend_from_slice(line.bytes());
                } else {
                    shared.append(core, line.bytes());
                    durable = shared.enlist(core);
                }
            }
            let evicted = core.ring.push(Arc::clone(&request));
            // Inside the lock, as above.
            shared.inbox.push(Notice::Arrived(Arc::clone(&request)));
            let notices = core.take_notices();
            let is_gathered = !core.batch.is_empty();
            drop(guard);
            drop(evicted);
            shared.say(notices);
            if shared.gathers && is_gathered && is_first {
                shared.waiting.ring();
            }
            Kept(match durable {
                Some(durable) => State::Syncing(request, durable),
                None => State::Written(request),
            })
        })
    }

    /// Whether both are the same.
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Keeps what went back. Its line joins the next append, or is written some milliseconds later.
    pub(super) fn keep_answer(&self, answer: Answer) {
        let answer = Arc::new(answer);
        if self.0.shared.writes {
            LINE.with_borrow_mut(|line| {
                line.clear(LINE_KEEP_BYTES);
                record::encode::answer(line, &answer);
                self.0.shared.waiting.push(answer.clone(), line.bytes());
            });
        } else {
            self.0.shared.core().ring.answer(answer.clone());
        }
        self.0.shared.inbox.push(Notice::Answered(answer));
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

    /// The request of that id, from memory or from the file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn request(&self, id: ExchangeId) -> Result<Arc<Request>, StoreError> {
        self.0.shared.settle();
        let (file, offset) = {
            let core = self.0.shared.core();
            if let Some(request) = core.ring.get(id) {
                return Ok(request.clone());
            }
            if !core.index.knows(id) {
                return Err(StoreError::NoSuch(id));
            }
            let offset = core.index.request(id).ok_or(StoreError::Gone(id))?;
            (core.file().ok_or(StoreError::Gone(id))?, offset)
        };
        match session_file::read_at(&file, offset)? {
            Event::Request(request) if request.id == id => Ok(request),
            _ => Err(StoreError::File(format!("the session file was changed: exchange {id} is not where it was"))),
        }
    }

    /// Request, answer and attempts of that id. Reads the file for what is not in memory: call it off the interface's
    /// thread.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exchange(&self, id: ExchangeId) -> Result<Exchange, StoreError> {
        self.exchange_with(id, |attempt, _, _| attempt)
    }

    /// As [`Self::exchange`], with what `take` makes of each attempt, of the request, and of whether it is the newest.
    fn exchange_with(
        &self,
        id: ExchangeId,
        mut take: impl FnMut(Arc<Attempt>, &Request, bool) -> Arc<Attempt>,
    ) -> Result<Exchange, StoreError> {
        let request = self.request(id)?;
        // An answer moves from `waiting` to the index: looked for in this order it cannot be missed.
        let waiting = self.0.shared.waiting.answer(id);
        let (file, known, offset, attempts) = {
            let core = self.0.shared.core();
            let known = waiting.or_else(|| core.ring.get_answer(id).cloned());
            (core.file(), known, core.index.answer(id), core.index.attempts(id))
        };
        let read = |offset: u64| file.as_ref().and_then(|file| session_file::read_at(file, offset).ok());
        let answer = known.or_else(|| match offset.and_then(read) {
            Some(Event::Answer(answer)) if answer.exchange == id => Some(answer),
            _ => None,
        });
        let newest = attempts.len();
        let attempts = attempts.into_iter().enumerate().filter_map(|(index, attempt)| {
            let attempt = match attempt {
                AttemptPlace::Memory(attempt) => attempt,
                AttemptPlace::File(offset) => match read(offset) {
                    Some(Event::Attempt(attempt)) if attempt.exchange == id => attempt,
                    _ => return None,
                },
            };
            Some(take(attempt, &request, index + 1 == newest))
        });
        let attempts = attempts.collect();
        Ok(Exchange { request, answer, attempts })
    }

    /// Keeps an attempt under its exchange and gives it the next number there (`attempt.number` is ignored).
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; [`StoreError::File`] for a saved session that another program writes. A failed write is no
    /// error but shows in [`Self::recording`].
    pub fn append_attempt(&self, mut attempt: Attempt) -> Result<Arc<Attempt>, StoreError> {
        let id = attempt.exchange;
        self.append_with(Some(id), |core| {
            attempt.number = core.index.next_attempt(id);
            let attempt = Arc::new(attempt);
            core.index.add_attempt(attempt.clone());
            (Entry::Attempt(id, attempt.number), Event::Attempt(attempt.clone()), attempt)
        })
    }

    /// Sets or takes away the mark of an exchange.
    ///
    /// # Errors
    /// As [`Self::append_attempt`].
    pub fn append_mark(&self, id: ExchangeId, marked: bool) -> Result<(), StoreError> {
        let event = Event::Mark(Marked { exchange: id, at: clock::now(), marked });
        self.append_with(Some(id), |_| (Entry::Other, event, ()))
    }

    /// Keeps a note about an exchange or about the session.
    ///
    /// # Errors
    /// As [`Self::append_attempt`].
    pub fn append_note(&self, id: Option<ExchangeId>, text: &str) -> Result<(), StoreError> {
        let event = Event::Note(Note { exchange: id, at: clock::now(), text: text.to_owned() });
        self.append_with(id, |_| (Entry::Other, event, ()))
    }

    /// Keeps a change of mode: `listening` with the URL, `reply` with the reply in words, `stopped`.
    ///
    /// # Errors
    /// As [`Self::append_attempt`].
    pub fn append_mode(&self, mode: &str, detail: &str) -> Result<(), StoreError> {
        let event = Event::Mode(Mode { at: clock::now(), mode: mode.to_owned(), detail: detail.to_owned() });
        self.append_with(None, |_| (Entry::Other, event, ()))
    }

    /// One line of something that is not a request.
    fn append_with<T>(
        &self,
        id: Option<ExchangeId>,
        make: impl FnOnce(&mut Core) -> (Entry, Event, T),
    ) -> Result<T, StoreError> {
        let mut guard = self.0.shared.core();
        let core = &mut *guard;
        if let Some(id) = id.filter(|id| !core.index.knows(*id)) {
            return Err(StoreError::NoSuch(id));
        }
        core.make_writable()?;
        let (entry, event, made) = make(core);
        core.take_answers(&self.0.shared.waiting);
        if matches!(core.place, Place::File(_)) {
            core.batch.begin(entry);
            self.0.shared.append_event(core, &event);
        }
        let notices = core.take_notices();
        drop(guard);
        self.0.shared.say(notices);
        Ok(made)
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

impl Shared {
    fn new(place: Place, index: Index, limits: StoreLimits, inbox: Inbox) -> Self {
        let writes = matches!(place, Place::File(_));
        let durability = if writes { limits.durability } else { Durability::Process };
        Self {
            writes,
            waits_for_company: writes && durability == Durability::Process,
            gathers: durability == Durability::None,
            syncs: (durability == Durability::Disk).then(Arc::default),
            written: AtomicU64::new(0),
            core: Mutex::new(Core { place, index, ring: Ring::new(limits.ring), batch: Batch::default() }),
            waiting: Waiting::default(),
            inbox,
        }
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, notices: Vec<Notice>) {
        for notice in notices {
            self.inbox.push(notice);
        }
    }

    /// Writes the lines that wait.
    fn flush(&self) {
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
    fn append(&self, core: &mut Core, tail: &[u8]) {
        if let Place::File(journal) = &mut core.place {
            let index = &mut core.index;
            journal.append(&mut core.batch, tail, &mut |entry, offset| index.place(entry, offset));
        }
        self.written.store(core.index.last_id().0, Ordering::Release);
    }

    /// [`Self::append`] of a batch whose last line goes on in pieces.
    fn append_large(&self, core: &mut Core, pieces: &mut journal::Pieces<'_>) {
        if let Place::File(journal) = &mut core.place {
            let index = &mut core.index;
            journal.append_large(&mut core.batch, pieces, &mut |entry, offset| index.place(entry, offset));
        }
        self.written.store(core.index.last_id().0, Ordering::Release);
    }

    /// The line of an event; a large answer to a resend in pieces, as a large request.
    fn append_event(&self, core: &mut Core, event: &Event) {
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
    fn enlist(&self, core: &Core) -> Option<syncer::Durable> {
        let is_on = matches!(&core.place, Place::File(journal) if journal.is_on());
        self.syncs.as_ref().filter(|_| is_on).and_then(|syncs| syncs.enlist())
    }

    /// Writes lines that wait for each other, so that they are found in the file.
    fn settle(&self) {
        if self.written.load(Ordering::Acquire) < self.core().index.last_id().0 {
            self.flush();
        }
    }

    /// Looks after the file, see [`Journal::tick`].
    fn tick(&self) {
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

    fn sync_job(&self) -> Option<SyncJob> {
        self.with_journal(|journal, index| journal.sync_job(index)).flatten()
    }

    fn synced(&self, job: SyncJob, result: std::io::Result<()>) -> Option<Synced> {
        self.with_journal(|journal, index| journal.synced(job, result, index))
    }

    /// Does something with the file and tells what came of it.
    fn with_journal<T>(&self, act: impl FnOnce(&mut Journal, &mut dyn FnMut(Entry, u64)) -> T) -> Option<T> {
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

impl Core {
    /// Whether the batch stays short with that behind it.
    fn has_room_for(&self, rest: &[u8]) -> bool {
        self.batch.text.len() + rest.len() <= GATHER_BYTES_MAX
    }

    /// Answers that wait join the batch, and the ring.
    fn take_answers(&mut self, waiting: &Waiting) {
        for answer in waiting.take_into(&mut self.batch) {
            self.ring.answer(answer);
        }
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        match &mut self.place {
            Place::File(journal) => journal.take_notices(),
            _ => Vec::new(),
        }
    }

    fn file(&self) -> Option<Arc<File>> {
        match &self.place {
            Place::Memory => None,
            Place::File(journal) => Some(journal.file()),
            Place::Saved { file, .. } => Some(file.clone()),
        }
    }

    /// A saved session becomes one that is written to.
    fn make_writable(&mut self) -> Result<(), StoreError> {
        if let Place::Saved { path, .. } = &self.place {
            let (journal, index, _) = open_journal(path, StoreLimits::default().backlog_bytes)?;
            self.index = index;
            self.place = Place::File(Box::new(journal));
        }
        Ok(())
    }
}

/// Locks the file, reads its index, cuts off a torn last line.
fn open_journal(path: &Path, backlog_bytes: usize) -> Result<(Journal, Index, OpenReport), StoreError> {
    let mut opened = journal::open_to_append(path)?;
    let (index, report, whole_bytes) = scan(path)?;
    if whole_bytes < opened.length {
        opened.file.set_len(whole_bytes).map_err(|error| {
            StoreError::File(format!("cannot cut the torn last line off {}: {error}", path.display()))
        })?;
        opened.length = whole_bytes;
    }
    Ok((Journal::new(opened, backlog_bytes), index, report))
}

#[cfg(test)]
mod tests;

/// Captures without a socket, for the tests of other rooms. In memory only: no line is made.
#[cfg(test)]
impl Store {
    /// Keeps a request; gives the number that it got.
    pub fn capture(&self, request: Request) -> ExchangeId {
        self.keep(request).now().unwrap().id
    }

    /// Keeps its answer.
    pub fn answered(&self, answer: Answer) {
        self.keep_answer(answer);
    }
}
