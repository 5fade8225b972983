//! The exchanges that a session file holds already, read in slices before those that arrive; and those that another program
//! appends to a saved session while it is looked at.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::record::Event;
use crate::domain::time::Timestamp;
use crate::io::session_file::SessionReader;
use crate::io::store::{Joins, Store};

use super::follow::Follow;

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
    follow: Follow,
    is_followed: bool,
    /// Whether all that was written so far has been read.
    is_at_end: bool,
    has_ended: bool,
}

impl Preload {
    /// Reads up to [`Saved::last`], what the file held before anything could arrive; what has a higher id comes by the inbox. A file that is
    /// followed is read on without an end. `None` when the file cannot be opened: whoever opened the store has said so.
    pub fn open(saved: &Saved, store: Store) -> Option<Self> {
        // Before it is read: whoever ends meanwhile has written its last line.
        let is_written = store.is_written_elsewhere();
        let reader = SessionReader::open(&saved.path).ok()?;
        let last = if saved.is_followed { ExchangeId(u64::MAX) } else { saved.last };
        Some(Self {
            reader,
            store,
            last,
            next: ExchangeId(1),
            held: None,
            complete: HashMap::new(),
            later: None,
            follow: Follow::new(is_written),
            is_followed: saved.is_followed,
            is_at_end: false,
            has_ended: false,
        })
    }

    /// Whether the file is read on behind what was written so far.
    pub fn is_followed(&self) -> bool {
        self.is_followed
    }

    /// Whether all that was written so far has been read: there may be more later.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Whether the file was read to its end, for the first time; once.
    pub fn ends_for_the_first_time(&mut self) -> bool {
        !std::mem::replace(&mut self.has_ended, true)
    }

    /// Whether lines came that were not there when the session was opened; once.
    pub fn grows_for_the_first_time(&mut self) -> bool {
        self.follow.grows_for_the_first_time()
    }

    /// The last exchange that comes from the file.
    pub fn last_id(&self) -> ExchangeId {
        self.last
    }

    /// The next event, the ids of requests going up; `None` at the end of what is written so far. Lines that cannot be read were
    /// reported when the store was opened.
    pub fn next(&mut self) -> Option<Event> {
        let event = self.next_event();
        self.is_at_end = event.is_none();
        if self.is_at_end && self.is_followed {
            self.pause();
        }
        event
    }

    fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Some(request) = self.next_up_to_held() {
                let us = i64::try_from(request.body_complete_us).unwrap_or(i64::MAX);
                self.complete.insert(request.id, request.first_byte.plus_micros(us));
                return Some(Event::Request(request));
            }
            let line = self.reader.next_line().ok()??;
            let Ok(event) = line.event else { continue };
            match self.store.joins(&event, line.offset) {
                Joins::Known => {}
                Joins::New => self.follow.grow(),
                Joins::Not => continue,
            }
            match event {
                Event::Request(request) => {
                    self.held = (self.next..=self.last).contains(&request.id).then_some(request);
                }
                event => return Some(event),
            }
        }
    }

    /// At the end of what is written so far.
    fn pause(&mut self) {
        // Half a line is read again as a whole one: whoever goes on behind a writer that died cuts it off first.
        if let Some(half) = self.reader.torn() {
            // Reading it says what is wrong with the file.
            let _ = self.reader.seek(half.offset, half.number);
        }
        self.follow.look(|| self.store.is_written_elsewhere());
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
        if self.follow.is_written() { Vec::new() } else { self.left_behind() }
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
