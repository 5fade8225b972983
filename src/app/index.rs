//! The thread that makes the rows of the list: it drains the inbox, recognises senders, checks signatures and applies the
//! filter, so that neither capture nor the interface ever waits for that.
//!
//! Everything that can take long is done in slices of `SLICE` between two looks at the inbox: reading a saved session,
//! filtering a million rows, checking all of them again with a new secret, and the autopsies of failed checks.

mod allowance;
mod filtering;
mod preload;
mod recheck;
mod rows;

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::domain::body_change::BodyChange;
use crate::domain::exchange::{Answer, Attempt, ExchangeId, Request, after_attempt};
use crate::domain::filter::Filter;
use crate::domain::forward::Onward;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::{AnswerBrief, Summary, Texts};
use crate::io::inbox::{Batch, Inbox, Notice};
use crate::io::provoke::provoke;
use crate::io::recording::Recording;
use crate::io::store::Store;

use super::judge::{Judge, Look};
use super::panics::survive;

use allowance::Allowance;
use filtering::Filtering;
use preload::Preload;
use recheck::Recheck;
use rows::Rows;

/// Longest that one piece of work keeps the inbox waiting.
const SLICE: Duration = Duration::from_millis(20);
/// How long to wait for company of a first notice: batches are cheaper, but one that is long in the making keeps a capture thread
/// from its processor for as long as it takes to work off.
const GATHER: Duration = Duration::from_millis(2);
/// How long to wait for a first notice when there is nothing else to do.
const IDLE: Duration = Duration::from_secs(1);
/// How often a session that another program may be writing is looked at.
const FOLLOW: Duration = Duration::from_millis(150);
/// Rows in one event, so that no message is unbounded.
const BATCH_ROWS_MAX: usize = 4096;
/// Bytes of the requests in one event, but for the last of them: those that are read back from the file are in no memory
/// but this.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Failed checks that wait for their autopsy; older ones get it when they are opened.
const AUTOPSIES_MAX: usize = 512;
/// Tries of a delivery whose bodies are compared with the first: a sender that uses one id for everything must not make each
/// arrival dearer.
const COMPARED_MAX: u32 = 64;
/// Panics that the thread goes on after.
const PANICS_MAX: u32 = 64;

/// What the index tells. The interface turns it into messages, the headless printer into lines.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexEvent {
    /// New exchanges in order of id.
    Arrived {
        /// Their rows with their requests; `None` for rows read back from a saved session.
        rows: Vec<(Arc<Summary>, Option<Arc<Request>>)>,
        /// Exchanges that nobody can show any more: gone from memory while the session file could not be written.
        missed: u64,
    },
    /// Rows that changed.
    Changed(Vec<Arc<Summary>>),
    /// Answers that left, after the rows they belong to.
    Answered(Vec<Arc<Answer>>),
    /// What went on to apps, behind its answer or later, and calls that rules asked for.
    Attempted(Vec<Arc<Attempt>>),
    /// All ids that the filter of that version lets through so far. Comes again when rows ceased to fit.
    Filtered {
        /// As in [`IndexCommand::Filter`].
        version: u64,
        /// In order.
        ids: Vec<ExchangeId>,
    },
    /// More of them.
    FilterMatched {
        /// As in [`IndexCommand::Filter`].
        version: u64,
        /// In order among themselves; a row whose answer or verdict came later may be older than the last one known.
        ids: Vec<ExchangeId>,
    },
    /// All rows were checked with a new secret.
    Rechecked {
        /// Profile name.
        provider: String,
        /// Rows of that provider that are valid now.
        valid: u64,
        /// Rows of that provider.
        checked: u64,
    },
    /// Whether the session file takes what comes.
    Recording(Recording),
    /// A line for the user.
    Said(String),
}

/// What the index is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexCommand {
    /// Use this filter from now on.
    Filter {
        /// Counts up.
        version: u64,
        /// `None`: none.
        filter: Option<Filter>,
    },
    /// Secrets came or went: check rows again, this exchange first.
    Recheck {
        /// Profile name of the rows; `None`: all.
        provider: Option<String>,
        /// Where the user is.
        first: ExchangeId,
        /// Whether [`IndexEvent::Rechecked`] says what came of it.
        told: bool,
    },
    /// An exchange was examined elsewhere: what came of it.
    Examined(ExchangeId, Look),
    /// An exchange was sent again.
    Attempted(ExchangeId),
    /// An exchange was marked or unmarked.
    Marked(ExchangeId, bool),
}

/// A session file whose exchanges come first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The file.
    pub path: PathBuf,
    /// The last exchange in it, as of before anything could arrive.
    pub last: ExchangeId,
    /// Whether nothing arrives but by this file, which another program may go on writing: it is read on, and `last` is no end.
    pub is_followed: bool,
}

/// The running index.
#[derive(Debug)]
pub struct Index {
    handle: IndexHandle,
    thread: Option<JoinHandle<()>>,
}

/// A way to ask the index; clones share it.
#[derive(Clone, Debug)]
pub struct IndexHandle {
    commands: Sender<IndexCommand>,
    inbox: Inbox,
}

impl IndexHandle {
    /// Asks for something.
    pub fn tell(&self, command: IndexCommand) {
        // The thread only ends once the inbox is closed: then nobody needs the answer.
        let _ = self.commands.send(command);
        // An empty line wakes the thread and is not shown.
        self.inbox.push(Notice::Said(String::new()));
    }
}

impl Index {
    /// Starts the thread and keeps all rows. `saved`: a session file whose exchanges come first. `sink` is called on the thread; while it
    /// blocks, notices gather in the inbox, which is bounded.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        store: Store,
        inbox: Inbox,
        judge: Arc<Judge>,
        saved: Option<Saved>,
        sink: impl FnMut(IndexEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::start_bounded(store, inbox, judge, saved, usize::MAX, sink)
    }

    /// As [`Self::start`], but keeps the newest `rows_max` rows (and at times as many more): for a sink that prints and
    /// forgets. Deliveries are counted among these; there are no filters and no rechecks then, and the cause of a failed check
    /// is searched for before its row is told, not after.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_bounded(
        store: Store,
        inbox: Inbox,
        judge: Arc<Judge>,
        saved: Option<Saved>,
        rows_max: usize,
        sink: impl FnMut(IndexEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, received) = channel();
        let preload = saved.and_then(|saved| Preload::open(&saved, store.clone()));
        let worker = Worker {
            store,
            inbox: inbox.clone(),
            judge,
            commands: received,
            sink: Box::new(sink),
            rows: Rows::default(),
            rows_max,
            preload,
            filtering: None,
            recheck: None,
            autopsies: VecDeque::new(),
            allowance: (rows_max < usize::MAX).then(Allowance::default),
            fresh: Fresh::default(),
            texts: Texts::default(),
        };
        let thread = std::thread::Builder::new().name("index".into()).spawn(move || worker.run())?;
        Ok(Self { handle: IndexHandle { commands, inbox }, thread: Some(thread) })
    }

    /// Asks for something.
    pub fn tell(&self, command: IndexCommand) {
        self.handle.tell(command);
    }

    /// A way to ask from elsewhere.
    pub fn handle(&self) -> IndexHandle {
        self.handle.clone()
    }

    /// Lets it work off what is in the (closed) inbox, and ends it.
    pub fn finish(mut self) {
        self.handle.inbox.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What came up since the last event was sent.
#[derive(Default)]
struct Fresh {
    /// Rows at or above this place are new.
    first_new: usize,
    /// Requests of the new rows, in order.
    requests: Vec<Option<Arc<Request>>>,
    /// Bytes of these.
    bytes: usize,
    changed: BTreeSet<ExchangeId>,
    answers: Vec<Arc<Answer>>,
    attempts: Vec<Arc<Attempt>>,
    missed: u64,
}

struct Worker {
    store: Store,
    inbox: Inbox,
    judge: Arc<Judge>,
    commands: Receiver<IndexCommand>,
    sink: Box<dyn FnMut(IndexEvent) + Send>,
    rows: Rows,
    /// Rows beyond are let go, oldest first, once they were told.
    rows_max: usize,
    preload: Option<Preload>,
    filtering: Option<Filtering>,
    recheck: Option<Recheck>,
    autopsies: VecDeque<ExchangeId>,
    /// For searches before a row is told; `None`: they come after it.
    allowance: Option<Allowance>,
    fresh: Fresh,
    texts: Texts,
}

impl Worker {
    fn run(mut self) {
        let mut panics = 0;
        loop {
            match survive(|| self.turn()) {
                Some(true) => return,
                Some(false) => {}
                // It has been told. What it worked on is left out: the requests are in the session file, and the rows of
                // those that got none come with the next one that arrives.
                None => {
                    panics += 1;
                    if panics == PANICS_MAX {
                        return;
                    }
                    self.recover();
                }
            }
        }
    }

    /// Drops what was under way; rows that were not told yet still are.
    fn recover(&mut self) {
        self.filtering = None;
        // 0: it happened while they were being told.
        let first_new = if self.fresh.first_new == 0 { self.rows.len() } else { self.fresh.first_new };
        let requests = vec![None; self.rows.len().saturating_sub(first_new)];
        self.fresh = Fresh { first_new, requests, ..Fresh::default() };
    }

    /// Works off what there is; whether that was the last.
    fn turn(&mut self) -> bool {
        let busy = self.preload.as_ref().is_some_and(|saved| !saved.is_at_end())
            || self.recheck.is_some()
            || self.filtering.as_ref().is_some_and(|filtering| filtering.is_behind(&self.rows))
            || !self.autopsies.is_empty();
        let (wait, gather) = match (busy, &self.preload) {
            (true, _) => (Duration::ZERO, Duration::ZERO),
            (false, Some(_)) => (FOLLOW, GATHER),
            (false, None) => (IDLE, GATHER),
        };
        let batch = self.inbox.recv_batch(wait, gather);
        let ended = self.inbox.is_closed() && batch.notices.is_empty();
        while let Ok(command) = self.commands.try_recv() {
            self.obey(command);
        }
        self.take(batch);
        self.slice_of_preload();
        self.emit();
        self.slice_of_recheck();
        self.slice_of_filter();
        self.one_autopsy();
        self.emit();
        ended
    }

    fn obey(&mut self, command: IndexCommand) {
        match command {
            IndexCommand::Filter { version, filter } => {
                self.filtering = filter.map(|filter| Filtering::new(version, filter));
            }
            IndexCommand::Recheck { provider, first, told } => {
                self.recheck = Some(Recheck::new(provider, first, told, &self.rows));
            }
            IndexCommand::Examined(id, look) => {
                self.autopsies.retain(|waiting| *waiting != id);
                self.change(id, |row| look.put(row));
            }
            IndexCommand::Attempted(id) => self.change(id, |row| row.attempts = row.attempts.saturating_add(1)),
            IndexCommand::Marked(id, marked) => self.change(id, |row| row.marked = marked),
        }
    }

    fn take(&mut self, mut batch: Batch) {
        for notice in batch.notices.drain(..) {
            match notice {
                // The rows of a saved session come first: ids must go up.
                Notice::Arrived(request)
                    if self.preload.as_ref().is_some_and(|saved| request.id <= saved.last_id()) => {}
                Notice::Arrived(request) => {
                    if let Some(preload) = &mut self.preload {
                        preload.later(request);
                    } else {
                        self.arrive(request);
                    }
                }
                Notice::Answered(answer) => self.answered(answer),
                Notice::Attempted(attempt) => self.attempted(attempt),
                Notice::Recording(state) => (self.sink)(IndexEvent::Recording(state)),
                Notice::Said(text) if text.is_empty() => {}
                Notice::Said(text) => (self.sink)(IndexEvent::Said(text)),
            }
        }
        self.inbox.recycle(batch.notices);
    }

    /// Adds the row of a request, and before it those of exchanges whose notice was dropped or comes later.
    fn arrive(&mut self, request: Arc<Request>) {
        let next = self.rows.last_id().0 + 1;
        for id in (next..request.id.0).map(ExchangeId) {
            match self.store.exchange(id) {
                Ok(exchange) => {
                    self.add(&exchange.request, true);
                    if let Some(answer) = exchange.answer {
                        self.answered(answer);
                    }
                }
                Err(_) => self.fresh.missed += 1,
            }
        }
        if request.id > self.rows.last_id() {
            self.add(&request, true);
        }
    }

    fn add(&mut self, request: &Arc<Request>, keep_request: bool) {
        let looked = survive(|| {
            provoke("index", &request.target);
            self.judge.first_look(request)
        });
        // A row without its sender is better than none.
        let (recognised, look) = looked.unwrap_or_default();
        let mut row = Summary::after(&mut self.texts, request, &recognised);
        if let Some(look) = look.map(|look| self.second_look(request, look)) {
            look.put(&mut row);
        }
        if row.is_first_look && self.allowance.is_none() {
            self.autopsies.push_back(row.id);
            if self.autopsies.len() > AUTOPSIES_MAX {
                self.autopsies.pop_front();
            }
        }
        self.fresh.requests.push(keep_request.then(|| Arc::clone(request)));
        self.fresh.bytes += if keep_request { request.kept_bytes() } else { 0 };
        let first_new = self.fresh.first_new;
        let id = row.id;
        for sibling in self.rows.push(row) {
            if self.rows.place(sibling).is_some_and(|place| place < first_new) {
                self.fresh.changed.insert(sibling);
            }
        }
        self.compare_with_first(id, request);
        if self.fresh.requests.len() >= BATCH_ROWS_MAX || self.fresh.bytes >= BATCH_BYTES_MAX {
            self.emit();
        }
    }

    /// Whether a delivery that came again has the body that it had at first.
    fn compare_with_first(&mut self, id: ExchangeId, request: &Request) {
        let Some((number, first)) = self.rows.get(id).map(|row| (row.delivery_number, row.delivery_first)) else {
            return;
        };
        if !(2..=COMPARED_MAX).contains(&number) {
            return;
        }
        let Ok(before) = self.store.request(first) else { return };
        if before.is_whole() && request.is_whole() {
            let change = BodyChange::between(&before, request);
            self.change(id, |row| (row.same_body, row.body_change) = (Some(change.is_none()), change));
        }
    }

    fn answered(&mut self, answer: Arc<Answer>) {
        let id = answer.exchange;
        let Some(row) = self.rows.get(id) else {
            if self.rows.was_let_go(id) {
                self.fresh.answers.push(answer);
            }
            return;
        };
        if row.answer.is_some() {
            return;
        }
        let brief = AnswerBrief::after(&answer, row.at, row.complete_us);
        self.set_answer(id, brief, &answer);
        self.fresh.answers.push(answer);
    }

    /// It went on to an app.
    fn attempted(&mut self, attempt: Arc<Attempt>) {
        self.change(attempt.exchange, |row| count_attempt(row, &attempt));
        self.fresh.attempts.push(attempt);
    }

    /// Puts an answer into its row, with what the provider thinks of it.
    fn set_answer(&mut self, id: ExchangeId, brief: AnswerBrief, answer: &Answer) {
        let judge = &self.judge;
        if let Some(row) = self.rows.get(id) {
            let number = row.delivery.is_some().then_some(row.delivery_number);
            let given = row.provider.as_deref().zip(brief.given(answer, number));
            let judgement = given.and_then(|(provider, given)| judge.judgement(provider, &given));
            self.change(id, |row| {
                (row.answer, row.judgement, row.is_answer_lost) = (Some(brief), judgement, false);
                // A later try may be known already.
                row.onward = row.onward.or(answer.onward());
            });
        }
    }

    fn lose_answers(&mut self, ids: Vec<ExchangeId>) {
        for id in ids {
            self.change(id, |row| row.is_answer_lost = row.answer.is_none());
        }
    }

    fn change(&mut self, id: ExchangeId, change: impl FnOnce(&mut Summary)) {
        if let Some(place) = self.rows.change(id, change)
            && place < self.fresh.first_new
        {
            self.fresh.changed.insert(id);
        }
    }

    /// For a sink that prints a row once and for all: the cause of a failed check, as long as such searches do not take too
    /// much of the time.
    fn second_look(&mut self, request: &Request, look: Look) -> Look {
        let Some(allowance) = self.allowance.as_mut().filter(|_| look.is_first) else { return look };
        let begun = Instant::now();
        if !allowance.is_left(begun) {
            return look;
        }
        let verdict = survive(|| self.judge.verdict(request, &self.store));
        if let Some(allowance) = &mut self.allowance {
            allowance.spend(begun.elapsed());
        }
        verdict.filter(|_| !self.judge.is_stopped()).map_or(look, |verdict| Look::of(&verdict))
    }

    /// The cause of one failed check, newest first: that is the one that the user looks at.
    fn one_autopsy(&mut self) {
        let Some(id) = self.autopsies.pop_back() else { return };
        let Ok(request) = self.store.request(id) else { return };
        let Some(verdict) = survive(|| self.judge.verdict(&request, &self.store)) else { return };
        if self.judge.is_stopped() {
            return;
        }
        self.change(id, |row| Look::of(&verdict).put(row));
        // Bodies are mixed up in pairs, and the first of the two was examined before the second came.
        let is_open = |row: &Arc<Summary>| row.verdict == Some((Outcome::Invalid, Some(Cause::SignatureMismatch)));
        if let Some(other) = verdict.belongs_to.filter(|other| self.rows.get(*other).is_some_and(is_open))
            && !self.autopsies.contains(&other)
        {
            self.autopsies.push_back(other);
        }
    }

    fn emit(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let new = self.rows.from(fresh.first_new);
        if !new.is_empty() || fresh.missed > 0 {
            let rows = new.iter().cloned().zip(fresh.requests).collect();
            (self.sink)(IndexEvent::Arrived { rows, missed: fresh.missed });
        }
        if !fresh.changed.is_empty() {
            let changed: Vec<_> = fresh.changed.iter().filter_map(|id| self.rows.get(*id).cloned()).collect();
            if let Some(filtering) = &mut self.filtering {
                for event in filtering.changed(&changed, &self.rows, &self.store) {
                    (self.sink)(event);
                }
            }
            for rows in changed.chunks(BATCH_ROWS_MAX) {
                (self.sink)(IndexEvent::Changed(rows.to_vec()));
            }
        }
        if !fresh.answers.is_empty() {
            (self.sink)(IndexEvent::Answered(fresh.answers));
        }
        if !fresh.attempts.is_empty() {
            (self.sink)(IndexEvent::Attempted(fresh.attempts));
        }
        self.rows.let_go(self.rows_max);
        self.fresh.first_new = self.rows.len();
    }

    fn slice_of_filter(&mut self) {
        if let Some(filtering) = &mut self.filtering
            && let Some(event) = filtering.slice(&self.rows, &self.store, Instant::now() + SLICE)
        {
            (self.sink)(event);
        }
    }

    fn slice_of_recheck(&mut self) {
        let Some(mut recheck) = self.recheck.take() else { return };
        let until = Instant::now() + SLICE;
        while let Some(id) = recheck.next(&self.rows) {
            let Ok(request) = self.store.request(id) else { continue };
            let verdict = self.judge.quick_verdict(&request);
            recheck.count(verdict.outcome);
            if verdict.is_first_look && self.autopsies.len() < AUTOPSIES_MAX {
                self.autopsies.push_front(id);
            }
            self.change(id, |row| Look::of(&verdict).put(row));
            if Instant::now() >= until {
                self.recheck = Some(recheck);
                return;
            }
        }
        if let Some(event) = recheck.done() {
            (self.sink)(event);
        }
    }

    fn slice_of_preload(&mut self) {
        let Some(mut preload) = self.preload.take() else { return };
        let until = Instant::now() + SLICE;
        while let Some(event) = preload.next() {
            use crate::domain::record::{Event, Mode};
            match event {
                Event::Request(request) if request.id > self.rows.last_id() => self.add(&request, false),
                Event::Answer(answer) => {
                    let id = answer.exchange;
                    if let Some(complete) = preload.complete(id) {
                        let brief = AnswerBrief::after(&answer, complete, 0);
                        self.set_answer(id, brief, &answer);
                        // Whoever acknowledged it ended before it could go on.
                        if answer.choice.as_ref().is_some_and(|choice| choice.is_queued) {
                            self.change(id, |row| row.onward = row.onward.or(Some(Onward::Waiting)));
                        }
                    }
                }
                Event::Attempt(attempt) => self.change(attempt.exchange, |row| count_attempt(row, &attempt)),
                Event::Mode(mode) if mode.mode == Mode::LISTENING => self.lose_answers(preload.left_behind()),
                Event::Mark(mark) => self.change(mark.exchange, |row| row.marked = mark.marked),
                _ => {}
            }
            if Instant::now() >= until {
                self.preload = Some(preload);
                return;
            }
        }
        if preload.ends_for_the_first_time() {
            // Those of a saved session are old news: their autopsies wait until they are opened, but for the newest.
            let keep = self.autopsies.len().saturating_sub(32);
            self.autopsies.drain(..keep);
        }
        self.lose_answers(preload.left_at_end());
        if preload.grows_for_the_first_time() {
            let words = "another hooksight is writing this session: what it captures is shown as it comes";
            (self.sink)(IndexEvent::Said(words.to_owned()));
        }
        if preload.is_followed() {
            self.preload = Some(preload);
        } else if let Some(request) = preload.into_later() {
            self.arrive(request);
        }
    }
}

fn count_attempt(row: &mut Summary, attempt: &Attempt) {
    row.attempts = row.attempts.saturating_add(1);
    row.onward = after_attempt(row.onward, attempt);
}

#[cfg(test)]
mod tests;
