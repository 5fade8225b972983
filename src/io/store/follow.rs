//! A saved session that another program goes on writing: its lines join the index as their reader comes upon them.

use std::borrow::Cow;

use crate::domain::record::{Event, Peek};

use super::Store;
use super::shared::Place;

/// What a line is to a session that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// It was there when the session was opened, or this program captures itself.
    Known,
    /// It came since.
    New,
    /// It does not count: this program has appended it, and knows; or it cannot be.
    Not,
}

impl Store {
    /// Takes a whole line of the session file into the index, where it has come since [`Self::open`]. For its one reader, which
    /// goes through the file once and in order.
    pub fn joins(&self, event: &Event, offset: u64) -> Joins {
        let mut guard = self.0.shared.core();
        let core = &mut *guard;
        if offset >= core.own_from {
            return Joins::Not;
        }
        match &core.place {
            Place::Saved { known_bytes, .. } if offset >= *known_bytes => {}
            // Whoever took the file over has read it anew.
            Place::Saved { .. } | Place::File(_) | Place::Memory => return Joins::Known,
        }
        let (name, id) = match event {
            Event::Request(request) => ("request", Some(request.id)),
            Event::Answer(answer) => ("answer", Some(answer.exchange)),
            Event::Attempt(attempt) => ("attempt", Some(attempt.exchange)),
            _ => ("", None),
        };
        let peek = Peek { event: Cow::Borrowed(name), id };
        if core.index.found(&peek, offset).is_ok() { Joins::New } else { Joins::Not }
    }
}
