//! Session files as their readers see them: events with offsets, tolerant, also while a listener writes.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::record::{self, Event, Peek, RecordError};

use super::store_error::StoreError;

/// Read at a step.
const CHUNK_BYTES: usize = 256 * 1024;
/// The longest line that is read. A body at the largest limit that a listener takes, escaped in the worst way, is below.
const LINE_BYTES_MAX: usize = 1 << 30;
/// The longest that is read of what does not begin as a line of ours does: holes that a crash of the system left are shorter.
const NO_LINE_BYTES_MAX: usize = 64 << 20;

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

/// The start of a line: for an index.
#[derive(Clone, Debug, PartialEq)]
pub struct PeekedLine {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its number, from 1.
    pub number: u64,
    /// What its start says.
    pub peek: Result<Peek, RecordError>,
}

/// A line as it stands: its offset, its number, its bytes without the newline.
pub type LineText<'a> = (u64, u64, &'a [u8]);

/// Reads a session file from its start.
#[derive(Debug)]
pub struct SessionReader {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    /// Where the unread part of `buffer` begins.
    from: usize,
    /// Up to where `buffer` was searched for a newline already.
    searched: usize,
    /// Offset in the file of `buffer[from]`.
    offset: u64,
    lines: u64,
}

impl SessionReader {
    /// Opens a session file for reading. Folders, FIFOs and devices are refused; a symbolic link is followed.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = open_for_reading(path)?;
        Ok(Self { path: path.to_owned(), file, buffer: Vec::new(), from: 0, searched: 0, offset: 0, lines: 0 })
    }

    /// The next line; `None` at the end of what is written so far: call again later to follow the writer. A last line
    /// without its newline is not given here, see [`Self::torn`].
    ///
    /// # Errors
    /// [`StoreError::File`] when the file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<Line>, StoreError> {
        let Some((offset, number, text)) = self.next_text()? else { return Ok(None) };
        let event = record::decode(text).map_err(whole_line);
        Ok(Some(Line { offset, number, event }))
    }

    /// As [`Self::next_line`], but looks at the line's start and end only, where nothing speaks for a damaged line.
    ///
    /// # Errors
    /// As [`Self::next_line`].
    pub fn next_peek(&mut self) -> Result<Option<PeekedLine>, StoreError> {
        let Some((offset, number, text)) = self.next_text()? else { return Ok(None) };
        let peek = peek_whole(text).map_err(whole_line);
        Ok(Some(PeekedLine { offset, number, peek }))
    }

    /// The next line as it stands.
    ///
    /// # Errors
    /// As [`Self::next_line`].
    pub fn next_text(&mut self) -> Result<Option<LineText<'_>>, StoreError> {
        let end = loop {
            if let Some(at) = self.buffer.get(self.searched..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                break self.searched + at;
            }
            self.searched = self.buffer.len();
            if !self.fill()? {
                return Ok(None);
            }
        };
        let (offset, start) = (self.offset, self.from);
        self.lines += 1;
        self.from = end + 1;
        self.searched = self.from;
        self.offset += (end + 1 - start) as u64;
        Ok(Some((offset, self.lines, self.buffer.get(start..end).unwrap_or_default())))
    }

    /// Whether the file ends, as far as it was read, in a line without its newline: torn by a writer's death, or being
    /// written now. Its event is [`RecordError::Torn`].
    pub fn torn(&self) -> Option<Line> {
        (self.from < self.buffer.len()).then_some(Line {
            offset: self.offset,
            number: self.lines + 1,
            event: Err(RecordError::Torn),
        })
    }

    /// The event whose line begins at `offset`; reading on is not disturbed.
    ///
    /// # Errors
    /// [`StoreError::File`] when the file cannot be read there or what stands there is no event.
    pub fn event_at(&self, offset: u64) -> Result<Event, StoreError> {
        read_at(&self.file, offset)
    }

    /// Offset in bytes up to which whole lines were read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads on from a known line: its offset and its number.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn seek(&mut self, offset: u64, number: u64) -> Result<(), StoreError> {
        self.file.seek(SeekFrom::Start(offset)).map_err(|error| self.failed(&error))?;
        self.buffer.clear();
        (self.from, self.searched, self.offset, self.lines) = (0, 0, offset, number.saturating_sub(1));
        Ok(())
    }

    /// Reads one chunk more; `false` at the end of the file.
    fn fill(&mut self) -> Result<bool, StoreError> {
        if self.from > 0 {
            self.buffer.drain(..self.from);
            self.searched -= self.from;
            self.from = 0;
        }
        let bytes_max = if self.buffer.first() == Some(&b'{') { LINE_BYTES_MAX } else { NO_LINE_BYTES_MAX };
        if self.buffer.len() > bytes_max {
            return Err(StoreError::File(format!(
                "line {} of {} is longer than {} MiB: this is no session file",
                self.lines + 1,
                self.path.display(),
                bytes_max >> 20
            )));
        }
        let start = self.buffer.len();
        self.buffer.resize(start + CHUNK_BYTES, 0);
        let read = loop {
            match self.file.read(&mut self.buffer[start..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        match read {
            Ok(count) => {
                self.buffer.truncate(start + count);
                Ok(count > 0)
            }
            Err(error) => {
                self.buffer.truncate(start);
                Err(self.failed(&error))
            }
        }
    }

    fn failed(&self, error: &std::io::Error) -> StoreError {
        StoreError::File(format!("cannot read {}: {error}", self.path.display()))
    }
}

/// Whether somebody writes a session file now.
pub fn is_being_written(path: &Path) -> bool {
    open_for_reading(path).is_ok_and(|file| super::journal::is_locked(&file))
}

/// The start of a line that is whole, as far as can be told without decoding it: half a line looks well from its start, alone
/// and with another one glued to it. What looks odd is decoded.
pub(super) fn peek_whole(text: &[u8]) -> Result<Peek, RecordError> {
    /// Inside a line this stands nowhere: quotes are escaped in texts, and no inner object of ours begins so.
    const START: &[u8] = b"{\"v\":";
    let peek = record::peek(text)?;
    let is_whole = text.trim_ascii_end().ends_with(b"}")
        && memchr::memmem::find(text.get(START.len()..).unwrap_or_default(), START).is_none();
    if is_whole { Ok(peek) } else { record::decode(text).map(|_| peek) }
}

/// A line that has its newline was not torn by a writer's death: something else made it unreadable.
fn whole_line(error: RecordError) -> RecordError {
    match error {
        RecordError::Torn => RecordError::Malformed("its JSON ends too early".to_owned()),
        other => other,
    }
}

/// The event whose line begins at `offset`.
///
/// # Errors
/// [`StoreError::File`] when the file cannot be read there or what stands there is no event.
pub(super) fn read_at(file: &File, offset: u64) -> Result<Event, StoreError> {
    let line = line_at(file, offset)
        .map_err(|error| StoreError::File(format!("the session file cannot be read at {offset}: {error}")))?;
    record::decode(&line).map_err(|error| StoreError::Line(offset, error.to_string()))
}

/// The line that begins at `offset`, without its newline; what there is of it where the file ends first.
///
/// The end of a long one is looked for before there is memory for it: a vector that grows with what is read would take that of a
/// line of 60 MiB several times over, as long as the allocator holds back what it left.
fn line_at(file: &File, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut piece = vec![0; LINE_PIECE_BYTES];
    let mut length = 0;
    let length = loop {
        let count = read_some_at(file, &mut piece, offset + length as u64)?;
        let read = piece.get(..count).unwrap_or_default();
        match memchr::memchr(b'\n', read) {
            Some(end) if length == 0 => {
                piece.truncate(end);
                return Ok(piece);
            }
            Some(end) => break length + end,
            None if count == 0 || length > LINE_BYTES_MAX => break length,
            None => length += count,
        }
        if piece.len() < LONG_LINE_PIECE_BYTES {
            piece.resize(LONG_LINE_PIECE_BYTES, 0);
        }
    };
    drop(piece);
    let mut line = vec![0; length];
    file.read_exact_at(&mut line, offset)?;
    Ok(line)
}

/// Read at once of a line: nearly all are shorter.
const LINE_PIECE_BYTES: usize = 8 * 1024;
/// Of a longer one.
const LONG_LINE_PIECE_BYTES: usize = 256 * 1024;

fn read_some_at(file: &File, piece: &mut [u8], offset: u64) -> std::io::Result<usize> {
    loop {
        match file.read_at(piece, offset) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The number, from 1, of the line that begins at an offset. Goes through the file up to there.
///
/// # Errors
/// [`StoreError::File`].
pub fn line_number(path: &Path, offset: u64) -> Result<u64, StoreError> {
    let failed = |error| StoreError::File(format!("cannot read {}: {error}", path.display()));
    let mut before = open_for_reading(path)?.take(offset);
    let (mut chunk, mut number) = (vec![0; CHUNK_BYTES], 1);
    loop {
        match before.read(&mut chunk) {
            Ok(0) => return Ok(number),
            Ok(count) => number += memchr::memchr_iter(b'\n', chunk.get(..count).unwrap_or_default()).count() as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

/// Opens a regular file for reading, without ever waiting for the other end of a FIFO.
pub(super) fn open_for_reading(path: &Path) -> Result<File, StoreError> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(path)
        .map_err(|error| StoreError::File(format!("cannot open the session file {}: {error}", path.display())))?;
    let kind = file
        .metadata()
        .map_err(|error| StoreError::File(format!("cannot look at {}: {error}", path.display())))?
        .file_type();
    if kind.is_file() {
        return Ok(file);
    }
    let what = if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else {
        "no regular file"
    };
    Err(StoreError::File(format!("{} is {what}: a session is a file of JSON lines", path.display())))
}

#[cfg(test)]
mod tests;
