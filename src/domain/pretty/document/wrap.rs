//! Breaking lines to a width: ours, because a terminal library's wrapping can be made to panic or to lose glyphs by the
//! content, and the content is a stranger's.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Document, Line, NO_BREAK, Role};

/// Lines that wrapping makes at most: at one column a body of megabytes would become as many lines.
pub const WRAPPED_LINES_MAX: usize = 250_000;

/// Memory that wrapped lines take at most.
pub const WRAPPED_BYTES_MAX: usize = 32 << 20;

/// Stands for a glyph that is wider than the whole screen.
const TOO_WIDE: &str = "▯";

/// Behind a part of a word that goes on in the next line, as in text that is edited.
const GOES_ON: &str = "↩";

/// On narrower lines every column is needed, and words break where the edge is.
const MARKED_COLUMNS_MIN: usize = 8;

impl Document {
    /// This document with no line wider than `width` columns (taken as 1 when 0). Breaks between graphemes; a wide glyph
    /// never straddles the edge; a glyph wider than the whole screen becomes `▯`. Continuation lines are flagged and keep
    /// the indent as far as it leaves half the width. Ends with a note after [`WRAPPED_LINES_MAX`] lines
    /// or [`WRAPPED_BYTES_MAX`] bytes. What
    /// [`Self::syntax`] names does not fit the broken lines and is dropped: colour first, then wrap.
    pub fn wrap(self, width: u16) -> Self {
        let width = usize::from(width.max(1));
        let mut wrapped = Document { lines: Vec::with_capacity(self.lines.len()), ..Document::new() };
        wrapped.notes = self.notes;
        let mut held_bytes = 0;
        for line in self.lines {
            let first = wrapped.lines.len();
            wrap_line(line, width, &mut wrapped.lines);
            held_bytes += wrapped.lines.iter().skip(first).map(Line::held_bytes).sum::<usize>();
            let lines = wrapped.lines.len();
            if lines >= WRAPPED_LINES_MAX || held_bytes >= WRAPPED_BYTES_MAX {
                wrapped.push(Line::of(Role::Note, "…"));
                wrapped.note(format!("the rest is left out: more than {lines} lines at {width} columns"));
                break;
            }
        }
        wrapped
    }

    /// Breaks sentences at blanks and leaves all other lines as they are, for a terminal that breaks lines itself, in the middle
    /// of words.
    pub fn wrap_prose(self, width: usize) -> Self {
        let mut wrapped = Document { lines: Vec::with_capacity(self.lines.len()), ..Document::new() };
        wrapped.notes = self.notes;
        for line in self.lines {
            match line.prose {
                true => wrap_line(line, width.max(1), &mut wrapped.lines),
                false => wrapped.lines.push(line),
            }
        }
        wrapped
    }
}

/// Pushes the line, or the lines that it becomes. A line that fits is moved, not copied.
fn wrap_line(line: Line, width: usize, out: &mut Vec<Line>) {
    // Bytes bound columns: every visible character takes at least as many bytes as half its columns, and ASCII, by far
    // the most, exactly as many.
    if line.text.len() <= width && line.text.is_ascii() {
        out.push(line);
        return;
    }
    let indent = line.text.bytes().take_while(|byte| *byte == b' ').count();
    let hang = if line.continues { indent } else { indent.max(usize::from(line.hang)) };
    let mut breaker = Breaker {
        out,
        line: Line { continues: line.continues, ..Line::new() },
        column: 0,
        width,
        hang: hang.min(width / 2),
    };
    // A deep indent gives way on a narrow screen: the text matters more.
    let surplus = indent.saturating_sub(width / 2);
    let mut skip = surplus;
    let mut words = Vec::new();
    for span in line.spans() {
        let cut = skip.min(span.text.len());
        skip -= cut;
        let text = span.text.get(cut..).unwrap_or_default();
        if line.prose { words.push((span.role, text)) } else { breaker.push(span.role, text) }
    }
    breaker.push_words(&words);
    breaker.finish();
}

struct Breaker<'a> {
    out: &'a mut Vec<Line>,
    line: Line,
    column: usize,
    width: usize,
    hang: usize,
}

impl Breaker<'_> {
    fn push(&mut self, role: Role, text: &str) {
        let mut parts = text.split(NO_BREAK);
        self.push_text(role, parts.next().unwrap_or_default());
        for part in parts {
            self.push_text(role, " ");
            self.push_text(role, part);
        }
    }

    fn push_text(&mut self, role: Role, text: &str) {
        let mut rest = text;
        while !rest.is_empty() && self.out.len() < WRAPPED_LINES_MAX {
            let ascii = rest.bytes().take_while(u8::is_ascii).count();
            // The last ASCII character may begin a cluster with what follows.
            let ascii = if ascii == rest.len() { ascii } else { ascii.saturating_sub(1) };
            if ascii > 0 {
                let (run, after) = rest.split_at(ascii);
                self.push_ascii(role, run);
                rest = after;
            } else {
                let Some(grapheme) = rest.graphemes(true).next() else { return };
                rest = rest.get(grapheme.len()..).unwrap_or_default();
                self.push_grapheme(role, grapheme);
            }
        }
    }

    /// Breaks at blanks. A word may be of several roles: what came of a signature, as far as it is right and from there on.
    fn push_words(&mut self, spans: &[(Role, &str)]) {
        let mut word: Vec<(Role, &str)> = Vec::new();
        for (role, text) in spans {
            for part in text.split_inclusive(' ') {
                word.push((*role, part));
                if part.ends_with(' ') {
                    self.push_word(&word);
                    word.clear();
                }
            }
        }
        self.push_word(&word);
    }

    /// Breaks before a word that does not fit the line but would fit one of its own, and within one that fits none.
    fn push_word(&mut self, word: &[(Role, &str)]) {
        let columns: usize = word.iter().map(|(_, part)| part.trim_end_matches(' ').width()).sum();
        let own_line = self.width.saturating_sub(self.hang);
        if columns > own_line && self.column + columns > self.width && own_line >= MARKED_COLUMNS_MIN {
            self.push_long(word);
            return;
        }
        if self.column > self.hang && self.column + columns > self.width && columns <= own_line {
            self.break_line(columns);
        }
        for (role, part) in word {
            // The blank after a word that ends at the edge would begin the next line.
            let fits = self.column + part.width() <= self.width;
            self.push(*role, if fits { part } else { part.trim_end_matches(' ') });
        }
    }

    /// A URL or another long value: broken behind what separates its parts, else where the edge is, with a mark that it goes on,
    /// so that nobody takes one half for the whole.
    fn push_long(&mut self, word: &[(Role, &str)]) {
        let own_line = self.width.saturating_sub(self.hang);
        let is_url = is_url(word);
        let parts = |text| if is_url { pieces(text).collect() } else { vec![text] };
        let pieces: Vec<(Role, &str)> = word
            .iter()
            .flat_map(|(role, part)| parts(part.trim_end_matches(' ')).into_iter().map(|piece| (*role, piece)))
            .collect();
        let mut is_begun = false;
        for (at, (role, piece)) in pieces.iter().enumerate() {
            // The last column of a line that does not end the word is the mark's.
            let is_last = at + 1 == pieces.len();
            let width = self.width - usize::from(!is_last);
            let columns = piece.width();
            if self.column > self.hang && self.column + columns > width && columns < own_line {
                self.go_on(is_begun, columns);
            }
            if self.column + columns <= width {
                self.push(*role, piece);
                is_begun = true;
                continue;
            }
            let glyphs: Vec<&str> = piece.graphemes(true).collect();
            for (number, glyph) in glyphs.iter().enumerate() {
                let ends = usize::from(!(is_last && number + 1 == glyphs.len()));
                if self.column > self.hang && self.column + glyph.width() + ends > self.width {
                    self.go_on(is_begun, glyph.width());
                }
                self.push(*role, glyph);
                is_begun = true;
            }
        }
        let fits = self.column < self.width;
        if let Some((role, _)) = word.last().filter(|(_, part)| part.ends_with(' ') && fits) {
            self.push(*role, " ");
        }
    }

    /// Begins the next line, within a word with the mark for that.
    fn go_on(&mut self, is_within: bool, columns: usize) {
        if is_within && self.column < self.width {
            self.line.push(Role::Note, GOES_ON);
        }
        self.break_line(columns);
    }

    /// ASCII takes a column a byte.
    fn push_ascii(&mut self, role: Role, mut run: &str) {
        while !run.is_empty() && self.out.len() < WRAPPED_LINES_MAX {
            if self.column >= self.width {
                self.break_line(1);
            }
            let (head, tail) = run.split_at(run.len().min(self.width - self.column));
            self.line.push(role, head);
            self.column += head.len();
            run = tail;
        }
    }

    fn push_grapheme(&mut self, role: Role, grapheme: &str) {
        let columns = grapheme.width();
        if columns <= self.width {
            self.place(role, grapheme, columns);
            return;
        }
        // Some clusters have no bound (conjuncts, Hangul jamo): what does not fit the screen goes by character.
        let mut is_replaced = false;
        for char in grapheme.chars() {
            let columns = char.width().unwrap_or(0);
            if columns > self.width {
                self.place(Role::Control, TOO_WIDE, 1);
                is_replaced = true;
            } else if columns > 0 || !is_replaced {
                is_replaced = false;
                self.place(role, char.encode_utf8(&mut [0; 4]), columns);
            }
        }
    }

    /// Puts it on this line when it fits, else on the next.
    fn place(&mut self, role: Role, text: &str, columns: usize) {
        if self.column + columns > self.width {
            self.break_line(columns);
        }
        self.line.push(role, text);
        self.column += columns;
    }

    /// Begins the next line with as much of the indent as leaves room for `columns`.
    fn break_line(&mut self, columns: usize) {
        let hang = self.hang.min(self.width.saturating_sub(columns));
        let mut next = Line { continues: true, ..Line::new() };
        next.push(Role::Plain, &" ".repeat(hang));
        next.hang = u16::try_from(hang).unwrap_or(u16::MAX);
        self.column = hang;
        self.out.push(std::mem::replace(&mut self.line, next));
    }

    fn finish(self) {
        self.out.push(self.line);
    }
}

/// Whether a word is a URL or a part of one. Base64 has `/` and `=` as well, and is broken like any other digest, so that two of
/// them that stand one below the other can be compared.
fn is_url(word: &[(Role, &str)]) -> bool {
    let has = |mark: &str| word.iter().any(|(_, part)| part.contains(mark));
    has("://") || has("?") || has("&") || word.first().is_some_and(|(_, part)| part.starts_with('/'))
}

/// The parts of a long word, each with the separators behind it.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let is_separator = |byte: u8| matches!(byte, b'/' | b'?' | b'&' | b'=' | b',' | b';' | b'|');
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let first = bytes.iter().position(|byte| is_separator(*byte)).unwrap_or(bytes.len());
        let behind = bytes.iter().skip(first).take_while(|byte| is_separator(**byte)).count();
        let (piece, after) = rest.split_at(first + behind);
        rest = after;
        Some(piece)
    })
}
