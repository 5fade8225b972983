//! Reading back what was captured, from memory or from the file.

use std::sync::Arc;

use crate::domain::exchange::{Attempt, Exchange, ExchangeId, Request};
use crate::domain::record::Event;
use crate::io::session_file;

use super::index::AttemptPlace;
use super::{Store, StoreError};

impl Store {
    /// The request of that id, from memory or from the file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn request(&self, id: ExchangeId) -> Result<Arc<Request>, StoreError> {
        self.0.shared.settle();
        let (file, offset) = {
            let core = self.0.shared.core();
            if let Some(request) = core.ring.get(id) {
                return Ok(request.clone());
            }
            if !core.index.knows(id) {
                return Err(StoreError::NoSuch(id));
            }
            let offset = core.index.request(id).ok_or(StoreError::Gone(id))?;
            (core.file().ok_or(StoreError::Gone(id))?, offset)
        };
        match session_file::read_at(&file, offset)? {
            Event::Request(request) if request.id == id => Ok(request),
            _ => Err(StoreError::File(format!("the session file was changed: exchange {id} is not where it was"))),
        }
    }

    /// Request, answer and attempts of that id. Reads the file for what is not in memory: call it off the interface's
    /// thread.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exchange(&self, id: ExchangeId) -> Result<Exchange, StoreError> {
        self.exchange_with(id, |attempt, _, _| attempt)
    }

    /// As [`Self::exchange`], with what `take` makes of each attempt, of the request, and of whether it is the newest.
    pub(super) fn exchange_with(
        &self,
        id: ExchangeId,
        mut take: impl FnMut(Arc<Attempt>, &Request, bool) -> Arc<Attempt>,
    ) -> Result<Exchange, StoreError> {
        let request = self.request(id)?;
        // An answer moves from `waiting` to the index: looked for in this order it cannot be missed.
        let waiting = self.0.shared.waiting.answer(id);
        let (file, known, offset, attempts) = {
            let core = self.0.shared.core();
            let known = waiting.or_else(|| core.ring.get_answer(id).cloned());
            (core.file(), known, core.index.answer(id), core.index.attempts(id))
        };
        let mut unread = Vec::new();
        let mut read = |offset: u64, what: &dyn Fn() -> String| {
            let why = match session_file::read_at(file.as_ref()?, offset) {
                Ok(event) if is_about(&event, id) => return Some(event),
                Ok(_) => "the session file was changed".to_owned(),
                Err(error) => error.to_string(),
            };
            unread.push(format!("{}: {why}", what()));
            None
        };
        let answer = known.or_else(|| match read(offset?, &|| "its answer".to_owned())? {
            Event::Answer(answer) => Some(answer),
            _ => None,
        });
        let newest = attempts.len();
        let attempts = attempts.into_iter().enumerate().filter_map(|(index, attempt)| {
            let attempt = match attempt {
                AttemptPlace::Memory(attempt) => attempt,
                AttemptPlace::File(offset) => match read(offset, &|| format!("attempt {}", index + 1))? {
                    Event::Attempt(attempt) => attempt,
                    _ => return None,
                },
            };
            Some(take(attempt, &request, index + 1 == newest))
        });
        let attempts = attempts.collect();
        Ok(Exchange { request, answer, attempts, unread })
    }
}

fn is_about(event: &Event, id: ExchangeId) -> bool {
    match event {
        Event::Answer(answer) => answer.exchange == id,
        Event::Attempt(attempt) => attempt.exchange == id,
        _ => false,
    }
}
