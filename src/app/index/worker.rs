//! The thread: what it works off between two looks at the inbox, in slices.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::app::panics::survive;
use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::record::{Event, Mode};
use crate::domain::summary::AnswerBrief;
use crate::io::inbox::{Batch, Inbox, Notice};

use super::event::{IndexCommand, IndexEvent};
use super::filtering::Filtering;
use super::preload::Preload;
use super::recheck::Recheck;
use super::table::{BATCH_ROWS_MAX, Table};

/// Longest that one piece of work keeps the inbox waiting.
const SLICE: Duration = Duration::from_millis(20);
/// How long to wait for company of a first notice: batches are cheaper, but one that is long in the making keeps a capture thread
/// from its processor for as long as it takes to work off.
const GATHER: Duration = Duration::from_millis(2);
/// How long to wait for a first notice when there is nothing else to do.
const IDLE: Duration = Duration::from_secs(1);
/// How often a session that another program may be writing is looked at.
const FOLLOW: Duration = Duration::from_millis(150);
/// Panics that the thread goes on after.
const PANICS_MAX: u32 = 64;

/// What the thread works with.
pub struct Worker {
    /// What comes.
    pub inbox: Inbox,
    /// What is asked.
    pub commands: Receiver<IndexCommand>,
    /// Whom it tells.
    pub sink: Box<dyn FnMut(IndexEvent) + Send>,
    /// The rows.
    pub table: Table,
    /// A saved session that is read.
    pub preload: Option<Preload>,
    /// The filter in force.
    pub filtering: Option<Filtering>,
    /// Rows that are checked again.
    pub rechecks: VecDeque<Recheck>,
}

impl Worker {
    /// The life of the thread: until the inbox is closed and worked off.
    pub fn run(mut self) {
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
        self.table.recover();
    }

    /// Works off what there is; whether that was the last.
    fn turn(&mut self) -> bool {
        let busy = self.preload.as_ref().is_some_and(|saved| !saved.is_at_end())
            || !self.rechecks.is_empty()
            || self.filtering.as_ref().is_some_and(|filtering| filtering.is_behind(self.table.rows()))
            || self.table.has_autopsies();
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
        self.table.one_autopsy();
        self.emit();
        ended
    }

    fn obey(&mut self, command: IndexCommand) {
        match command {
            IndexCommand::Filter { version, filter } => {
                self.filtering = filter.map(|filter| Filtering::new(version, filter));
            }
            IndexCommand::Recheck { provider, first, told } => {
                self.rechecks.push_back(Recheck::new(provider, first, told, self.table.rows()));
            }
            IndexCommand::Examined(id, look) => self.table.examined(id, look),
            IndexCommand::Attempted(id) => self.table.change(id, |row| row.attempts = row.attempts.saturating_add(1)),
            IndexCommand::Marked(id, marked) => self.table.change(id, |row| row.marked = marked),
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
                Notice::Answered(answer) => self.table.answered(answer),
                Notice::Attempted(attempt) => self.table.attempted(attempt),
                Notice::Recording(state) => (self.sink)(IndexEvent::Recording(state)),
                Notice::Said(text) if text.is_empty() => {}
                Notice::Said(text) => (self.sink)(IndexEvent::Said(text)),
            }
        }
        self.inbox.recycle(batch.notices);
    }

    /// Adds the row of a request, and before it those of exchanges whose notice was dropped or comes later.
    fn arrive(&mut self, request: Arc<Request>) {
        let next = self.table.rows().last_id().0 + 1;
        for id in (next..request.id.0).map(ExchangeId) {
            match self.table.store().exchange(id) {
                Ok(exchange) => {
                    self.add(&exchange.request, true);
                    if let Some(answer) = exchange.answer {
                        self.table.answered(answer);
                    }
                }
                Err(_) => self.table.miss(),
            }
        }
        if request.id > self.table.rows().last_id() {
            self.add(&request, true);
        }
    }

    fn add(&mut self, request: &Arc<Request>, keep_request: bool) {
        self.table.add(request, keep_request);
        if self.table.is_full() {
            self.emit();
        }
    }

    fn emit(&mut self) {
        let fresh = self.table.take_fresh();
        let rows = self.table.rows();
        let new = rows.from(fresh.first_new);
        if !new.is_empty() || fresh.missed > 0 {
            let rows = new.iter().cloned().zip(fresh.requests).collect();
            (self.sink)(IndexEvent::Arrived { rows, missed: fresh.missed });
        }
        if !fresh.changed.is_empty() {
            let changed: Vec<_> = fresh.changed.iter().filter_map(|id| rows.get(*id).cloned()).collect();
            if let Some(filtering) = &mut self.filtering {
                for event in filtering.changed(&changed, rows, self.table.store()) {
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
        self.table.told();
    }

    fn slice_of_filter(&mut self) {
        if let Some(filtering) = &mut self.filtering
            && let Some(event) = filtering.slice(self.table.rows(), self.table.store(), Instant::now() + SLICE)
        {
            (self.sink)(event);
        }
    }

    fn slice_of_recheck(&mut self) {
        let until = Instant::now() + SLICE;
        while let Some(mut recheck) = self.rechecks.pop_front() {
            while let Some(id) = recheck.next(self.table.rows()) {
                let Some(outcome) = self.table.check_again(id) else { continue };
                recheck.count(id, outcome, self.table.rows());
                if Instant::now() >= until {
                    self.rechecks.push_front(recheck);
                    return;
                }
            }
            if let Some(event) = recheck.done() {
                (self.sink)(event);
            }
        }
    }

    fn slice_of_preload(&mut self) {
        let Some(mut preload) = self.preload.take() else { return };
        let until = Instant::now() + SLICE;
        while let Some(event) = preload.next() {
            match event {
                Event::Request(request) if request.id > self.table.rows().last_id() => self.add(&request, false),
                Event::Answer(answer) => {
                    let id = answer.exchange;
                    if let Some(complete) = preload.complete(id) {
                        let brief = AnswerBrief::after(&answer, complete, 0);
                        self.table.set_answer(id, brief, &answer);
                        // Whoever acknowledged it ended before it could go on.
                        if answer.choice.as_ref().is_some_and(|choice| choice.is_queued) {
                            self.table.waits_onward(id);
                        }
                    }
                }
                Event::Attempt(attempt) => self.table.count_attempt(&attempt),
                Event::Mode(mode) if mode.mode == Mode::LISTENING => self.table.lose_answers(preload.left_behind()),
                Event::Mark(mark) => self.table.change(mark.exchange, |row| row.marked = mark.marked),
                _ => {}
            }
            if Instant::now() >= until {
                self.preload = Some(preload);
                return;
            }
        }
        if preload.ends_for_the_first_time() {
            self.table.leave_old_autopsies();
        }
        self.table.lose_answers(preload.left_at_end());
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
