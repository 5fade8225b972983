//! A document while it is made, within its bounds.

use super::document::{Document, Line, Role};
use crate::domain::printable::begins_with_a_base;

/// Bounds on what is made of a body, so that no body takes unbounded time or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body that are shown; the rest is said in a note.
    pub shown_bytes_max: usize,
    /// Lines that are made; the rest is said in a note.
    pub lines_max: usize,
    /// Memory that the lines may take ([`Document::held_bytes`]); the rest is said in a note. A byte may become thirteen
    /// (`⟨U+E0001⟩`), a hex row a dozen runs: bytes and lines alone bound no memory.
    pub held_bytes_max: usize,
    /// Bytes that a compressed body may grow to; the rest is said in a note.
    pub decoded_bytes_max: usize,
    /// Columns of the screen, for forms that depend on it (hex). 0: not known.
    pub width: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            shown_bytes_max: 4 << 20,
            lines_max: 200_000,
            held_bytes_max: 16 << 20,
            decoded_bytes_max: 8 << 20,
            width: 0,
        }
    }
}

/// A body or a part of one, with its content codings undone.
pub(super) struct Part<'a> {
    pub(super) bytes: &'a [u8],
    /// The whole header value; empty when there is none.
    pub(super) content_type: &'a str,
    /// Whether more bytes would follow that we do not have.
    pub(super) is_cut: bool,
    /// How deep in multipart bodies it is.
    pub(super) level: u8,
}

/// A document while it is made, within its bounds.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) document: Document,
    pub(super) line: Line,
    lines_max: usize,
    held_bytes_max: usize,
    /// What the lines take so far, without the one under way.
    held_bytes: usize,
    is_cut: bool,
    /// Whether a line is not whole.
    is_line_cut: bool,
}

/// A stranger's bytes go into a line in such pieces, so that one line cannot take all memory before anybody looks.
const PIECE_BYTES: usize = 64 << 10;

impl Builder {
    pub(super) const fn new(lines_max: usize, held_bytes_max: usize) -> Self {
        Self {
            document: Document::new(),
            line: Line::new(),
            lines_max,
            held_bytes_max,
            held_bytes: 0,
            is_cut: false,
            is_line_cut: false,
        }
    }

    /// An empty one with the room that this one has left, but for `lines` lines; to be appended.
    pub(super) fn inner(&self, lines: usize) -> Self {
        let lines_left = self.lines_max.saturating_sub(self.document.lines.len() + lines);
        Self::new(lines_left, self.held_bytes_max.saturating_sub(self.held_bytes))
    }

    pub(super) const fn within(limits: Limits) -> Self {
        Self::new(limits.lines_max, limits.held_bytes_max)
    }

    /// Whether a bound is reached: what is added from here on is lost.
    pub(super) fn is_full(&self) -> bool {
        self.document.lines.len() >= self.lines_max || self.held_bytes >= self.held_bytes_max
    }

    /// Whether the line under way may grow; when not, it is noted as cut.
    pub(super) fn has_room(&mut self) -> bool {
        // The bound itself counts for whole lines: one that begins within it may have this much.
        let has_room = self.held_bytes + self.line.held_bytes() < self.held_bytes_max + PIECE_BYTES;
        self.is_line_cut |= !has_room && !self.is_full();
        has_room
    }

    /// Adds visible text to the line.
    pub(super) fn push(&mut self, role: Role, text: &str) {
        if self.has_room() {
            self.line.push(role, text);
        }
    }

    /// Adds a stranger's bytes to the line.
    pub(super) fn push_bytes(&mut self, role: Role, bytes: &[u8]) {
        let mut rest = bytes;
        while rest.len() > PIECE_BYTES {
            if !self.has_room() {
                return;
            }
            let (piece, after) = rest.split_at(seam(rest));
            self.line.push_bytes(role, piece);
            rest = after;
        }
        if self.has_room() {
            self.line.push_bytes(role, rest);
        }
    }

    /// Ends the line when there is something in it.
    pub(super) fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.end_line_always();
        }
    }

    /// Ends the line, empty or not.
    pub(super) fn end_line_always(&mut self) {
        if self.is_full() {
            self.is_cut = true;
            self.line.clear(PIECE_BYTES);
        } else {
            let line = self.line.take(PIECE_BYTES);
            self.held_bytes += line.held_bytes();
            self.document.lines.push(line);
        }
    }

    /// A line of our own words.
    pub(super) fn say(&mut self, role: Role, text: &str) {
        self.end_line();
        self.push(role, text);
        self.end_line();
    }

    /// Adds the lines and notes of another one at the end.
    pub(super) fn append(&mut self, other: Self) {
        self.is_cut |= other.is_cut;
        self.is_line_cut |= other.is_line_cut;
        self.held_bytes += other.held_bytes;
        self.document.append(other.document);
    }

    pub(super) fn finish(mut self) -> Document {
        self.end_line();
        let lines = self.document.lines.len();
        if self.is_cut {
            self.document.note(format!("the first {lines} lines"));
        }
        if self.is_line_cut {
            self.document.note("a line is cut: shown, it would take too much memory");
        }
        self.document
    }
}

/// Where bytes longer than [`PIECE_BYTES`] may be parted: where no character and no cluster with its marks is, if there is
/// such a place near.
fn seam(bytes: &[u8]) -> usize {
    let head = bytes.get(..PIECE_BYTES).unwrap_or(bytes);
    let near = head.len().saturating_sub(PIECE_BYTES / 4);
    let starts = |at: &usize| {
        let byte = head.get(*at).copied().unwrap_or_default();
        // A character with its own columns: the marks on the one before it are all in front of it.
        byte < 0x80 || (byte >= 0xc0 && bytes.get(*at..).is_some_and(begins_with_a_base))
    };
    (near.max(1)..head.len()).rev().find(starts).unwrap_or(head.len())
}
