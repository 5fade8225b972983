//! The exchanges that a session file holds already, read in slices before those that arrive.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::record::Event;
use crate::domain::time::Timestamp;
use crate::io::session_file::SessionReader;

/// A session file being read.
pub struct Preload {
    reader: SessionReader,
    last: ExchangeId,
    /// When the bodies of requests without an answer yet were complete: answers are timed from there.
    complete: HashMap<ExchangeId, Timestamp>,
    /// The newest request that arrived meanwhile; those between are in the store.
    later: Option<Arc<Request>>,
}

impl Preload {
    /// Reads up to exchange `last`; what has a higher id arrives by the inbox. `None` when the file cannot be opened:
    /// whoever opened the store has said so.
    pub fn open(path: &Path, last: ExchangeId) -> Option<Self> {
        let reader = SessionReader::open(path).ok()?;
        Some(Self { reader, last, complete: HashMap::new(), later: None })
    }

    /// The last exchange that comes from the file.
    pub fn last_id(&self) -> ExchangeId {
        self.last
    }

    /// The next event; `None` at the end. Lines that cannot be read were reported when the store was opened.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            let line = self.reader.next_line().ok()??;
            match line.event {
                Ok(Event::Request(request)) => {
                    if request.id <= self.last {
                        let us = i64::try_from(request.body_complete_us).unwrap_or(i64::MAX);
                        self.complete.insert(request.id, request.first_byte.plus_micros(us));
                        return Some(Event::Request(request));
                    }
                }
                Ok(event) => return Some(event),
                Err(_) => {}
            }
        }
    }

    /// When the body of an exchange was complete; once.
    pub fn complete(&mut self, id: ExchangeId) -> Option<Timestamp> {
        self.complete.remove(&id)
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
