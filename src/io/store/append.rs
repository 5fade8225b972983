//! Keeping what is no request: attempts, marks, notes, changes of mode.

use std::sync::Arc;

use crate::domain::exchange::{Attempt, ExchangeId};
use crate::domain::record::{Event, Marked, Mode, Note};
use crate::io::clock;
use crate::io::journal::Entry;

use super::shared::{Core, Place};
use super::{Store, StoreError};

impl Store {
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
    pub(super) fn append_with<T>(
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
}
