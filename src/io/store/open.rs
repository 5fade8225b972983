//! A session file that goes on.

use std::path::Path;

use crate::io::journal::{self, Journal};
use crate::io::store_error::StoreError;

use super::index::{Index, OpenReport, scan};

/// Locks the file, reads its index, cuts off a torn last line.
pub(super) fn open_journal(path: &Path, backlog_bytes: usize) -> Result<(Journal, Index, OpenReport), StoreError> {
    let mut opened = journal::open_to_append(path)?;
    let (index, report, whole_bytes) = scan(path)?;
    if whole_bytes < opened.length {
        opened.file.set_len(whole_bytes).map_err(|error| {
            StoreError::File(format!("cannot cut the torn last line off {}: {error}", path.display()))
        })?;
        opened.length = whole_bytes;
    }
    Ok((Journal::new(opened, backlog_bytes), index, report))
}
