//! What the templates of one answer may cost together, and what they have cost so far.

use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::{Error, ErrorKind};

/// Bytes that all filters and operators of one answer may go over and make. At some nanoseconds a byte that is less than half a second, and as
/// it counts what is made, no answer holds more.
const WORK_BYTES_MAX: u64 = 64 << 20;

/// Instructions that all templates of one answer may cost together. They take less than a tenth of a second.
pub(super) const FUEL: u64 = 400_000;

/// What one template has done so far.
#[derive(Debug, Default)]
pub(super) struct Work {
    done_bytes: AtomicU64,
}

impl Work {
    /// Adds to what was done.
    ///
    /// # Errors
    /// It is too much.
    pub(super) fn charge(&self, bytes: u64) -> Result<(), Error> {
        let before = self.done_bytes.fetch_add(bytes.min(WORK_BYTES_MAX + 1), Ordering::Relaxed);
        if before.saturating_add(bytes) > WORK_BYTES_MAX {
            let words = format!(
                "its filters and operators go over more than {WORK_BYTES_MAX} bytes: loop over less, or look names up in an object in place of a list"
            );
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
        Ok(())
    }
}
