//! Keeping what was captured: a number, a line, a place in the ring, a notice.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::exchange::{Answer, ExchangeId, Request};
use crate::domain::record::{self, LineWriter};
use crate::io::inbox::Notice;
use crate::io::journal::Entry;

use super::kept::State;
use super::shared::Place;
use super::{Kept, Store, gathered};

/// Memory that a thread's line writer keeps between two lines.
const LINE_KEEP_BYTES: usize = 1024 * 1024;

thread_local! {
    /// One line writer a thread: lines are made without an allocation.
    static LINE: RefCell<LineWriter> = RefCell::default();
}

impl Store {
    /// Keeps a request: gives it its number, appends its line, tells the inbox. All that has happened, or turned out not to be
    /// possible and was said, before the answer may leave: after [`Kept::durable`].
    pub(in crate::io) fn keep(&self, request: Request) -> Kept {
        let is_large = request.body.bytes.len() > record::encode::LARGE_BODY_BYTES;
        if self.0.shared.waits_for_company && !is_large {
            return Kept(State::Gathered(gathered::add(self, request)));
        }
        // What was there before has the lower number.
        gathered::write();
        self.keep_one(request, is_large)
    }

    /// Keeps several in one write. `lines` are theirs, with room for ids of so many digits.
    pub(super) fn keep_all(&self, requests: &mut Vec<gathered::Waiting>, lines: &mut [u8], digits: usize) {
        let shared = &self.0.shared;
        let (mut arrived, mut evicted) = (Vec::with_capacity(requests.len()), Vec::with_capacity(requests.len()));
        let mut guard = shared.core();
        let core = &mut *guard;
        core.take_answers(&shared.waiting);
        let last = ExchangeId(core.index.last_id().0 + requests.len() as u64);
        // Ids go up: when the last one fits, or none does, all lines can be written as they stand.
        let fits = record::encode::digits_of(ExchangeId(core.index.last_id().0 + 1)) == digits
            && record::encode::digits_of(last) == digits;
        let start = core.batch.text.len();
        for gathered::Waiting { mut request, line, place } in requests.drain(..) {
            let id = core.index.next_id();
            request.id = id;
            let request = Arc::new(request);
            let at = line.start;
            let line = lines.get_mut(line).unwrap_or_default();
            if fits {
                record::encode::fill_in(id, digits, line);
                core.batch.entries.push((Entry::Request(id), start + at));
            } else {
                core.batch.begin(Entry::Request(id));
                record::encode::request_start(id, &mut core.batch.text);
                core.batch.text.extend_from_slice(record::encode::after_id(digits, line));
            }
            evicted.extend(core.ring.push(Arc::clone(&request)));
            arrived.push(Notice::Arrived(Arc::clone(&request)));
            // Nobody else sets it.
            let _ = place.set(request);
        }
        shared.append(core, if fits { lines } else { &[] });
        // Inside the lock, so that notices stand in the order of ids.
        shared.inbox.push_all(arrived);
        let notices = core.take_notices();
        drop(guard);
        drop(evicted);
        shared.say(notices);
    }

    /// The number that the next request would have now.
    pub(super) fn next_id(&self) -> ExchangeId {
        ExchangeId(self.0.shared.written.load(Ordering::Relaxed).saturating_add(1))
    }

    /// Keeps one that waits for no company.
    pub(super) fn keep_one(&self, mut request: Request, is_large: bool) -> Kept {
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
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Keeps what went back. Its line joins the next append, or is written some milliseconds later.
    pub(in crate::io) fn keep_answer(&self, answer: Answer) {
        let answer = Arc::new(answer);
        if self.0.shared.writes {
            // That a request is still to go on is known from this line alone: it does not wait for others.
            let is_queued = answer.choice.as_ref().is_some_and(|choice| choice.is_queued);
            let is_much = LINE.with_borrow_mut(|line| {
                line.clear(LINE_KEEP_BYTES);
                record::encode::answer(line, &answer);
                self.0.shared.waiting.push(answer.clone(), line.bytes())
            });
            if is_much || is_queued {
                self.flush();
            }
        } else {
            self.0.shared.core().ring.answer(answer.clone());
        }
        self.0.shared.inbox.push(Notice::Answered(answer));
    }
}
