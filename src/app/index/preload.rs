//! The exchanges that a session file holds already, read in slices before those that arrive.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::record::Event;
use crate::domain::time::Timestamp;
use crate::io::session_file::SessionReader;
use crate::io::store::Store;

/// A session file being read.
pub struct Preload {
    reader: SessionReader,
    store: Store,
    last: ExchangeId,
    /// The lowest id that was not given out or passed over.
    next: ExchangeId,
    /// A request that waits for those below it.
    held: Option<Arc<Request>>,
    /// When the bodies of requests without an answer yet were complete: answers are timed from there.
    complete: HashMap<ExchangeId, Timestamp>,
    /// The newest request that arrived meanwhile; those between are in the store.
    later: Option<Arc<Request>>,
    /// Whether somebody else still answers what the file holds.
    is_written: bool,
}

impl Preload {
    /// Reads up to `last`, what the file held before anything could arrive; what has a higher id comes by the inbox. `None` when the
    /// file cannot be opened: whoever opened the store has said so.
    pub fn open(path: &Path, store: Store, last: ExchangeId) -> Option<Self> {
        // Before it is read: whoever ends meanwhile has written its last line.
        let is_written = store.is_written_elsewhere();
        let reader = SessionReader::open(path).ok()?;
        let (next, complete) = (ExchangeId(1), HashMap::new());
        Some(Self { reader, store, last, next, held: None, complete, later: None, is_written })
    }

    /// The last exchange that comes from the file.
    pub fn last_id(&self) -> ExchangeId {
        self.last
    }

    /// The next event, the ids of requests going up; `None` at the end. Lines that cannot be read were reported when the
    /// store was opened.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(request) = self.next_up_to_held() {
                let us = i64::try_from(request.body_complete_us).unwrap_or(i64::MAX);
                self.complete.insert(request.id, request.first_byte.plus_micros(us));
                return Some(Event::Request(request));
            }
            let line = self.reader.next_line().ok()??;
            match line.event {
                Ok(Event::Request(request)) => {
                    self.held = (self.next..=self.last).contains(&request.id).then_some(request);
                }
                Ok(event) => return Some(event),
                Err(_) => {}
            }
        }
    }

    /// A line that another program cut was written again behind newer ones: the store knows where, and a gap in the ids says
    /// when to ask it.
    fn next_up_to_held(&mut self) -> Option<Arc<Request>> {
        let held = self.held.as_ref()?.id;
        while self.next < held {
            let id = self.next;
            self.next = ExchangeId(id.0 + 1);
            if let Ok(request) = self.store.request(id) {
                return Some(request);
            }
        }
        self.next = ExchangeId(held.0.saturating_add(1));
        self.held.take()
    }

    /// When the body of an exchange was complete; once.
    pub fn complete(&mut self, id: ExchangeId) -> Option<Timestamp> {
        self.complete.remove(&id)
    }

    /// The exchanges read so far that have no answer, and will have none, because another listener began behind them.
    pub fn left_behind(&mut self) -> Vec<ExchangeId> {
        self.complete.drain().map(|(id, _)| id).collect()
    }

    /// As [`Self::left_behind`], at the end of the file: none while somebody else writes it.
    pub fn left_at_end(&mut self) -> Vec<ExchangeId> {
        if self.is_written { Vec::new() } else { self.left_behind() }
    }

    /// Keeps a request that arrived while the file is read.
    pub fn later(&mut self, request: Arc<Request>) {
        self.later = Some(request);
    }

    /// The newest request that arrived while the file was read.
    pub fn into_later(self) -> Option<Arc<Request>> {
        self.later
    }
}
