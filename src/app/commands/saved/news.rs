//! A session that is read while it is written: what came since the last look.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judged, Past, Saved, Tries};
use crate::domain::exchange::ExchangeId;
use crate::domain::record::Event;
use crate::io::session_file::SessionReader;
use crate::io::store::{Joins, StoreError};

/// A saved session with its reader.
pub struct News {
    saved: Saved,
    reader: SessionReader,
    tries: Tries,
    /// Which try each request is, once that was counted.
    numbers: BTreeMap<ExchangeId, Option<u32>>,
    last: ExchangeId,
}

impl News {
    /// From the beginning of a session.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn of(saved: Saved) -> Result<Self, StoreError> {
        let reader = SessionReader::open(&saved.path)?;
        let (saved, last) = (Saved { past: Past::default(), ..saved }, ExchangeId::default());
        Ok(Self { saved, reader, tries: Tries::default(), numbers: BTreeMap::new(), last })
    }

    /// The exchanges that came since the last look, or of which something did. Lines that cannot be read are passed over.
    ///
    /// # Errors
    /// [`StoreError::File`] when the file cannot be read.
    pub fn look(&mut self) -> Result<BTreeSet<ExchangeId>, StoreError> {
        let mut changed = BTreeSet::new();
        while let Some(line) = self.reader.next_line()? {
            let Ok(event) = line.event else { continue };
            let joins = self.saved.store.joins(&event, line.offset);
            if joins == Joins::Not {
                continue;
            }
            // Somebody writes, whatever was seen when the session was opened.
            self.saved.is_written |= joins == Joins::New;
            match &event {
                Event::Request(request) => {
                    self.last = self.last.max(request.id);
                    changed.insert(request.id);
                }
                Event::Answer(answer) => drop(changed.insert(answer.exchange)),
                Event::Attempt(attempt) => drop(changed.insert(attempt.exchange)),
                Event::Mark(mark) => drop(changed.insert(mark.exchange)),
                _ => {}
            }
            self.saved.past.take(Some(event), self.last);
        }
        // Half a line is read again as a whole one: whoever goes on behind a writer that died cuts it off first.
        if let Some(half) = self.reader.torn() {
            self.reader.seek(half.offset, half.number)?;
        }
        Ok(changed)
    }

    /// An exchange with its row, as they are now. `None`: it cannot be read.
    pub fn judged(&mut self, id: ExchangeId) -> Option<Judged> {
        let Self { saved, tries, numbers, .. } = self;
        let exchange = saved.store.exchange(id).ok()?;
        let number = |recognised: &_| *numbers.entry(id).or_insert_with(|| tries.count(recognised));
        Some(saved.judge_exchange(id, exchange, number, None))
    }
}
