//! The rows with what changes them: a request that comes, its answer, what is sent on, a second look at its signature. What of
//! that is not told yet is gathered here.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::app::judge::{Judge, Look};
use crate::app::panics::survive;
use crate::domain::body_change::BodyChange;
use crate::domain::exchange::{Answer, Attempt, ExchangeId, Request, after_attempt};
use crate::domain::forward::Onward;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::{AnswerBrief, Summary, Texts};
use crate::io::provoke::provoke;
use crate::io::store::Store;

use super::allowance::Allowance;
use super::rows::Rows;

/// Rows in one event, so that no message is unbounded.
pub const BATCH_ROWS_MAX: usize = 4096;
/// Bytes of the requests in one event, but for the last of them: those that are read back from the file are in no memory
/// but this.
pub const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Failed checks that wait for their autopsy; older ones get it when they are opened.
const AUTOPSIES_MAX: usize = 512;
/// Tries of a delivery whose bodies are compared with the first: a sender that uses one id for everything must not make each
/// arrival dearer.
const COMPARED_MAX: u32 = 64;
/// Autopsies of a saved session that are made before its requests are opened: those of the newest.
const AUTOPSIES_OF_SAVED_MAX: usize = 32;

/// What came up since the last event was sent.
#[derive(Default)]
pub struct Fresh {
    /// Rows at or above this place are new.
    pub first_new: usize,
    /// Requests of the new rows, in order.
    pub requests: Vec<Option<Arc<Request>>>,
    /// Bytes of these.
    bytes: usize,
    /// Rows below that place that changed.
    pub changed: BTreeSet<ExchangeId>,
    /// Answers that left.
    pub answers: Vec<Arc<Answer>>,
    /// What was sent on.
    pub attempts: Vec<Arc<Attempt>>,
    /// Exchanges that nobody can show any more.
    pub missed: u64,
}

/// The rows, and what is known of them.
pub struct Table {
    store: Store,
    judge: Arc<Judge>,
    rows: Rows,
    /// Rows beyond are let go, oldest first, once they were told.
    rows_max: usize,
    autopsies: VecDeque<ExchangeId>,
    /// For searches before a row is told; `None`: they come after it.
    allowance: Option<Allowance>,
    fresh: Fresh,
    texts: Texts,
}

impl Table {
    /// No rows yet.
    pub fn new(store: Store, judge: Arc<Judge>, rows_max: usize) -> Self {
        Self {
            store,
            judge,
            rows: Rows::default(),
            rows_max,
            autopsies: VecDeque::new(),
            allowance: (rows_max < usize::MAX).then(Allowance::default),
            fresh: Fresh::default(),
            texts: Texts::default(),
        }
    }

    /// The rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Where the exchanges are.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether causes of failed checks are still to be searched for.
    pub fn has_autopsies(&self) -> bool {
        !self.autopsies.is_empty()
    }

    /// An exchange that nobody can show any more.
    pub fn miss(&mut self) {
        self.fresh.missed += 1;
    }

    /// Whether what is not told yet fills an event.
    pub fn is_full(&self) -> bool {
        self.fresh.requests.len() >= BATCH_ROWS_MAX || self.fresh.bytes >= BATCH_BYTES_MAX
    }

    /// What is to be told; [`Self::told`] comes after it.
    pub fn take_fresh(&mut self) -> Fresh {
        std::mem::take(&mut self.fresh)
    }

    /// All rows are told.
    pub fn told(&mut self) {
        self.rows.let_go(self.rows_max);
        self.fresh.first_new = self.rows.len();
    }

    /// After a panic: rows that were not told yet still are.
    pub fn recover(&mut self) {
        // 0: it happened while they were being told.
        let first_new = if self.fresh.first_new == 0 { self.rows.len() } else { self.fresh.first_new };
        let requests = vec![None; self.rows.len().saturating_sub(first_new)];
        self.fresh = Fresh { first_new, requests, ..Fresh::default() };
    }

    /// An exchange was examined elsewhere: what came of it.
    pub fn examined(&mut self, id: ExchangeId, look: Look) {
        self.autopsies.retain(|waiting| *waiting != id);
        self.change(id, |row| look.put(row));
    }

    /// Checks a row again: what came of it. `None`: its request is to be had no more.
    pub fn check_again(&mut self, id: ExchangeId) -> Option<Outcome> {
        let request = self.store.request(id).ok()?;
        let verdict = self.judge.quick_verdict(&request);
        if verdict.is_first_look && self.autopsies.len() < AUTOPSIES_MAX {
            self.autopsies.push_front(id);
        }
        self.change(id, |row| Look::of(&verdict).put(row));
        Some(verdict.outcome)
    }

    /// A request of a saved session went on: whoever acknowledged it ended before.
    pub fn waits_onward(&mut self, id: ExchangeId) {
        self.change(id, |row| row.onward = row.onward.or(Some(Onward::Waiting)));
    }

    /// It was sent on, as a saved session says.
    pub fn count_attempt(&mut self, attempt: &Attempt) {
        self.change(attempt.exchange, |row| count_attempt(row, attempt));
    }

    /// The rows of a saved session are old news: their autopsies wait until they are opened, but for the newest.
    pub fn leave_old_autopsies(&mut self) {
        let keep = self.autopsies.len().saturating_sub(AUTOPSIES_OF_SAVED_MAX);
        self.autopsies.drain(..keep);
    }

    /// Adds a row. `keep_request`: the request is told with it.
    pub fn add(&mut self, request: &Arc<Request>, keep_request: bool) {
        let looked = survive(|| {
            provoke("index", &request.target);
            self.judge.first_look(request)
        });
        // A row without its sender is better than none.
        let (recognised, look) = looked.unwrap_or_default();
        let mut row = Summary::after(&mut self.texts, request, &recognised);
        row.may_be_handshake = survive(|| self.judge.may_be_handshake(request)).unwrap_or_default();
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

    /// An answer left.
    pub fn answered(&mut self, answer: Arc<Answer>) {
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
    pub fn attempted(&mut self, attempt: Arc<Attempt>) {
        self.count_attempt(&attempt);
        self.fresh.attempts.push(attempt);
    }

    /// Puts an answer into its row, with what the provider thinks of it.
    pub fn set_answer(&mut self, id: ExchangeId, brief: AnswerBrief, answer: &Answer) {
        let judge = &self.judge;
        if let Some(row) = self.rows.get(id) {
            let number = row.delivery.is_some().then_some(row.delivery_number);
            let given = row.provider.as_deref().zip(brief.given(answer, number));
            let request = || if row.may_be_handshake { self.store.request(id).ok() } else { None };
            let judgement = given.and_then(|(provider, given)| judge.judgement(provider, &given, request));
            self.change(id, |row| {
                (row.answer, row.judgement, row.is_answer_lost) = (Some(brief), judgement, false);
                // A later try may be known already.
                row.onward = row.onward.or(answer.onward());
            });
        }
    }

    /// These get no answer any more.
    pub fn lose_answers(&mut self, ids: Vec<ExchangeId>) {
        for id in ids {
            self.change(id, |row| row.is_answer_lost = row.answer.is_none());
        }
    }

    /// Changes a row.
    pub fn change(&mut self, id: ExchangeId, change: impl FnOnce(&mut Summary)) {
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
    pub fn one_autopsy(&mut self) {
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
}

fn count_attempt(row: &mut Summary, attempt: &Attempt) {
    row.attempts = row.attempts.saturating_add(1);
    row.onward = after_attempt(row.onward, attempt);
}
