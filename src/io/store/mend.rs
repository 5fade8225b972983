//! After another program has changed the session file: where the lines are now, and those written again that it destroyed and
//! memory still has.

use crate::domain::exchange::ExchangeId;
use crate::domain::record::{self, Event};
use crate::domain::ring::Ring;
use crate::io::journal::{Batch, Entry, Journal};
use crate::io::session_file::{SessionReader, peek_whole};

use super::index::Index;
use super::shared::{Core, Place};
use super::waiting::Waiting;
use crate::io::store_error::StoreError;

/// Written again at a time.
const STEP_BYTES: usize = 256 * 1024;

impl Core {
    /// Does nothing unless the file was changed. When it cannot be read now it is tried again the next time.
    pub fn mend(&mut self, waiting: &Waiting) {
        self.take_answers(waiting);
        let Place::File(journal) = &mut self.place else { return };
        let Some(from) = journal.unsure_from() else { return };
        // Nothing of ours may wait while it is found out what is missing.
        write(journal, &mut self.batch, &mut self.index);
        if !journal.is_on() {
            return;
        }
        let known = self.index.placed();
        if read_places(journal, from, &self.ring, &mut self.index).is_err() {
            return;
        }
        journal.is_sure();
        let mut again = 0;
        for id in in_memory(self.index.last_id(), self.ring.len()) {
            let Some(request) = self.ring.get(id) else { continue };
            if self.index.request(id).is_none() {
                again += 1;
                add(&mut self.batch, Entry::Request(id), &Event::Request(request.clone()));
            }
            if let Some(answer) = self.ring.get_answer(id).filter(|_| self.index.answer(id).is_none()) {
                add(&mut self.batch, Entry::Answer(id), &Event::Answer(answer.clone()));
            }
            if self.batch.text.len() > STEP_BYTES {
                write(journal, &mut self.batch, &mut self.index);
            }
        }
        write(journal, &mut self.batch, &mut self.index);
        let lost = known.saturating_sub(self.index.placed());
        if journal.is_on() && again + lost > 0 {
            journal.say(format!("requests that were taken out of it: {again} written again from memory, {lost} lost"));
        }
    }
}

/// Ids that the ring can hold: the newest, one after the other.
fn in_memory(last: ExchangeId, count: usize) -> impl Iterator<Item = ExchangeId> {
    (last.0.saturating_sub(count as u64) + 1..=last.0).map(ExchangeId)
}

fn add(batch: &mut Batch, entry: Entry, event: &Event) {
    batch.begin(entry);
    batch.text.extend_from_slice(&record::encode(event));
}

fn write(journal: &mut Journal, batch: &mut Batch, index: &mut Index) {
    if !batch.is_empty() {
        journal.append(batch, &[], &mut |entry, offset| index.place(entry, offset));
    }
}

/// Reads from `from` on where the lines are; what was known of that part is forgotten.
fn read_places(journal: &Journal, from: u64, ring: &Ring, index: &mut Index) -> Result<(), StoreError> {
    let mut reader = SessionReader::open(journal.path())?;
    reader.seek(from, 1)?;
    index.forget_places(from);
    while let Some((offset, _, text)) = reader.next_text()? {
        let Ok(peek) = peek_whole(text) else { continue };
        // Half a line may look well to its end, by chance. What memory could write again is read whole.
        if peek.id.is_none_or(|id| ring.get(id).is_none()) || record::decode(text).is_ok() {
            index.found_again(&peek, offset);
        }
    }
    Ok(())
}
