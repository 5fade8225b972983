//! Session files as their readers see them: events with offsets, tolerant, also while a listener writes.

use std::path::Path;

use crate::domain::record::{Event, RecordError};

use super::store::StoreError;

/// One line of a session file.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its number, from 1.
    pub number: u64,
    /// What it says, or why it cannot be read. [`RecordError::Torn`] on the last line only: a writer may still be at it.
    pub event: Result<Event, RecordError>,
}

/// Reads a session file from its start.
#[derive(Debug)]
pub struct SessionReader {}

impl SessionReader {
    /// Opens a session file for reading. Folders and FIFOs are refused.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let _ = path;
        Ok(Self {})
    }

    /// The next line; `None` at the end of what is written so far: call again later to follow the writer. A last line
    /// without its newline is not given here, see [`Self::torn`].
    ///
    /// # Errors
    /// [`StoreError::File`] when the file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<Line>, StoreError> {
        Ok(None)
    }

    /// Whether the file ends, as far as it was read, in a line without its newline: torn by a writer's death, or being
    /// written now.
    pub fn torn(&self) -> Option<Line> {
        None
    }
}
