//! What other programs do to the file: it is looked at now and then, and made anew when it is gone.

use std::sync::Arc;
use std::time::Instant;

use super::{Batch, Journal, Trouble, file};

impl Journal {
    /// Whether the file is still where it was and as long as it was.
    pub(super) fn look(&mut self, now: Instant) {
        self.looked = now;
        match file::state_of(&self.file, &self.path) {
            file::Whereabouts::There { length } if length == self.length => self.looked_length = length,
            file::Whereabouts::There { length } => {
                let was = self.length;
                self.accept_length(length, now);
                let path = self.path.display();
                self.say(format!("{path} was changed by another program (from {was} to {length} bytes)"));
            }
            file::Whereabouts::Gone | file::Whereabouts::Replaced => {
                self.put_file_back(now);
            }
        }
    }

    /// Another program has made the file this long.
    fn accept_length(&mut self, length: u64, now: Instant) {
        // What was added moved only what came after the last look; what is shorter may have been cut anywhere.
        let from = if length > self.length { self.looked_length } else { 0 };
        self.unsure_from = Some(self.unsure_from.map_or(from, |known| known.min(from)));
        self.length = length;
        self.looked_length = length;
        self.synced = self.synced.min(length);
        // Behind half a line the next one would be lost too.
        if !file::ends_a_line(&self.file, length) {
            let newline = Batch { text: b"\n".to_vec(), entries: Vec::new() };
            self.write(&newline, &[], &mut |_, _| {}, now);
        }
    }

    /// From where on another program's change may have moved or destroyed lines, until [`Self::is_sure`].
    pub(in crate::io) fn unsure_from(&self) -> Option<u64> {
        self.unsure_from.filter(|_| self.is_on())
    }

    /// It is known again where the lines are.
    pub(in crate::io) fn is_sure(&mut self) {
        self.unsure_from = None;
    }

    /// Makes the file anew when it was removed or replaced, with everything that the open descriptor still has.
    /// `false`: it cannot be; the state says why.
    pub(super) fn put_file_back(&mut self, now: Instant) -> bool {
        let path = match file::state_of(&self.file, &self.path) {
            file::Whereabouts::There { .. } => return true,
            file::Whereabouts::Gone => self.path.clone(),
            file::Whereabouts::Replaced => file::free_name_beside(&self.path),
        };
        // Cut before it was removed: no more can be had.
        if let Ok(length) = self.file.metadata().map(|metadata| metadata.len()).map(|length| length.min(self.length))
            && length < self.length
        {
            self.accept_length(length, now);
        }
        match file::copy_whole_lines(&self.file, self.length, &path) {
            Ok((copy, folders)) => {
                let text = if path == self.path {
                    format!("{} was removed: made again with all its lines", path.display())
                } else {
                    let was = self.path.display();
                    format!("{was} was replaced by another file: the session goes on in {}", path.display())
                };
                self.file = Arc::new(copy);
                self.folders = folders;
                (self.synced, self.looked_length) = (0, self.length);
                self.path = path;
                self.say(text);
                true
            }
            Err(error) => {
                let reason = format!("{} is gone and cannot be made again: {error}", self.path.display());
                self.fail(reason, now, Trouble::Write);
                false
            }
        }
    }
}
