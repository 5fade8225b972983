//! What was captured, by id: in memory, in the session file, or both.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::domain::exchange::{Attempt, Exchange, ExchangeId, Request};
use crate::domain::ring::RingLimits;

use super::inbox::Inbox;
use super::journal::Recording;

/// Bounds of a [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Requests kept in memory.
    pub ring: RingLimits,
    /// Bytes of lines that wait in memory while the session file cannot be written; the oldest are given up beyond.
    pub backlog_bytes: usize,
}

impl Default for StoreLimits {
    /// The ring's defaults, 64 MiB.
    fn default() -> Self {
        Self { ring: RingLimits::default(), backlog_bytes: 64 * 1024 * 1024 }
    }
}

/// Why something cannot be had from the store. The text says what was tried, what happened and what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No exchange has that number.
    #[error("no exchange {0} in this session")]
    NoSuch(ExchangeId),
    /// It was captured while the session file could not be written, and memory no longer has it.
    #[error("exchange {0} is gone: it left memory while the session file could not be written")]
    Gone(ExchangeId),
    /// The session file cannot be used.
    #[error("{0}")]
    File(String),
}

/// What a session file turned out to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Requests in it.
    pub requests: u64,
    /// What had to be skipped, one line each for the user: a torn last line, an unreadable line with its number.
    pub said: Vec<String>,
}

/// Everything captured; clones share it.
#[derive(Clone, Debug)]
pub struct Store {}

impl Store {
    /// A new session file in `folder` (made with mode 0700 when it is not there), named by date and time.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn create(folder: &Path, limits: StoreLimits, inbox: Inbox) -> Result<Self, StoreError> {
        let _ = (folder, limits, inbox);
        Ok(Self {})
    }

    /// Appends to a session file, which is made when it is not there; ids continue.
    ///
    /// # Errors
    /// [`StoreError::File`]: another program writes it, it is no session file, a folder, a FIFO, a symbolic link, ...
    pub fn append_to(path: &Path, limits: StoreLimits, inbox: Inbox) -> Result<(Self, OpenReport), StoreError> {
        let _ = (path, limits, inbox);
        Ok((Self {}, OpenReport::default()))
    }

    /// In memory only (`--no-session`).
    pub fn in_memory(limits: StoreLimits, inbox: Inbox) -> Self {
        let _ = (limits, inbox);
        Self {}
    }

    /// A saved session to look at. Nothing is locked; the first attempt, mark or note that is appended takes the
    /// writer's lock, and fails when a listener has it.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn open(path: &Path) -> Result<(Self, OpenReport), StoreError> {
        let _ = path;
        Ok((Self {}, OpenReport::default()))
    }

    /// Number of the newest exchange; 0 when there is none.
    pub fn last_id(&self) -> ExchangeId {
        ExchangeId(0)
    }

    /// The request of that id, from memory or from the file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn request(&self, id: ExchangeId) -> Result<Arc<Request>, StoreError> {
        Err(StoreError::NoSuch(id))
    }

    /// Request, answer and attempts of that id. Reads the file for what is not in memory: call it off the interface's
    /// thread.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exchange(&self, id: ExchangeId) -> Result<Exchange, StoreError> {
        Err(StoreError::NoSuch(id))
    }

    /// Keeps an attempt under its exchange and gives it the next number there (`attempt.number` is ignored).
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; a failed write is no error but shows in [`Self::recording`].
    pub fn append_attempt(&self, attempt: Attempt) -> Result<Arc<Attempt>, StoreError> {
        Err(StoreError::NoSuch(attempt.exchange))
    }

    /// Sets or takes away the mark of an exchange.
    ///
    /// # Errors
    /// As [`Self::append_attempt`].
    pub fn append_mark(&self, id: ExchangeId, marked: bool) -> Result<(), StoreError> {
        let _ = marked;
        Err(StoreError::NoSuch(id))
    }

    /// Keeps a note about an exchange or about the session.
    ///
    /// # Errors
    /// As [`Self::append_attempt`].
    pub fn append_note(&self, id: Option<ExchangeId>, text: &str) -> Result<(), StoreError> {
        let _ = (id, text);
        Ok(())
    }

    /// Keeps a change of mode: `listening` with the URL, `reply` with the reply in words, `stopped`.
    ///
    /// # Errors
    /// As [`Self::append_attempt`].
    pub fn append_mode(&self, mode: &str, detail: &str) -> Result<(), StoreError> {
        let _ = (mode, detail);
        Ok(())
    }

    /// Whether the session file takes what comes.
    pub fn recording(&self) -> Recording {
        Recording::Off
    }

    /// Where the session file is; `None` in memory only.
    pub fn path(&self) -> Option<PathBuf> {
        None
    }

    /// Moves the session file (`:save NAME`); capture goes on into it. Never over another file.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn rename(&self, to: &Path) -> Result<PathBuf, StoreError> {
        Err(StoreError::File(to.display().to_string()))
    }

    /// Writes what waits (answers) now. Called at the end too.
    pub fn flush(&self) {}
}
