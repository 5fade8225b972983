//! Requests that are ready on one thread in the same moment: their lines are made one behind the other, then they get their numbers
//! together, under one lock, with one write.
//!
//! Each thread has its own: when two threads put lines into one batch, either of them writes what the other has begun to gather.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::domain::exchange::Request;
use crate::domain::record::{self, LineWriter};

use super::Store;

/// Bytes of lines that wait for company.
const GATHERED_BYTES_MAX: usize = 256 * 1024;
/// Memory for lines that a thread keeps.
const KEEP_BYTES: usize = 1024 * 1024;

/// Where a request is found once it has its number and its line is written, or could not be and that was said.
pub(super) type Place = OnceLock<Arc<Request>>;

thread_local! {
    static GATHERED: RefCell<Gathered> = RefCell::default();
}

/// What waits on this thread.
#[derive(Default)]
struct Gathered {
    /// Whose they are; `None` when nothing waits.
    store: Option<Store>,
    /// All lines, with room for their ids.
    lines: LineWriter,
    /// Digits of the ids for which there is room: that of the last one given before, which changes nine times in a billion ids.
    digits: usize,
    requests: Vec<Waiting>,
}

/// A request with its line.
pub(super) struct Waiting {
    pub(super) request: Request,
    /// Where the line stands.
    pub(super) line: Range<usize>,
    pub(super) place: Arc<Place>,
}

/// Has a request wait for company. [`write()`] ends the wait, on the same thread.
pub(super) fn add(store: &Store, request: Request) -> Arc<Place> {
    GATHERED.with_borrow_mut(|gathered| {
        if gathered.store.as_ref().is_some_and(|other| !other.is(store)) {
            gathered.write();
        }
        let start = gathered.lines.bytes().len();
        if start == 0 {
            gathered.digits = record::encode::digits_of(store.next_id());
        }
        record::encode::request_start_without_id(gathered.digits, &mut gathered.lines);
        record::encode::request_rest(&mut gathered.lines, &request);
        let end = gathered.lines.bytes().len();
        let place = Arc::default();
        gathered.requests.push(Waiting { request, line: start..end, place: Arc::clone(&place) });
        gathered.store.get_or_insert_with(|| store.clone());
        if end > GATHERED_BYTES_MAX {
            gathered.write();
        }
        place
    })
}

/// Writes what waits on this thread.
pub(super) fn write() {
    GATHERED.with_borrow_mut(Gathered::write);
}

impl Gathered {
    fn write(&mut self) {
        if let Some(store) = self.store.take() {
            store.keep_all(&mut self.requests, self.lines.bytes_mut(), self.digits);
            self.requests.clear();
            self.lines.clear(KEEP_BYTES);
        }
    }
}
