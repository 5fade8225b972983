//! A page of labelled paragraphs for a terminal: labels in a column of their own, words wrapped beside them.

use std::io::Write;

use crate::domain::printable;

/// Columns of the labels.
const LABEL_COLUMNS: usize = 16;
/// The page is never made narrower, whatever the terminal.
const COLUMNS_MIN: usize = 40;
/// The page is never made wider: long lines read badly.
const COLUMNS_MAX: usize = 80;

/// Where the lines of a page go.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    columns: usize,
    color: bool,
}

impl<'a> Page<'a> {
    /// A page for a terminal of so many columns; without a terminal it is 80 wide.
    pub(super) fn new(out: &'a mut dyn Write, columns: Option<usize>, color: bool) -> Self {
        Self { out, columns: columns.unwrap_or(COLUMNS_MAX).clamp(COLUMNS_MIN, COLUMNS_MAX), color }
    }

    /// A heading with a word at the right margin.
    pub(super) fn heading(&mut self, words: &str, right: &str) -> std::io::Result<()> {
        let (words, right) = (printable::visible_str(words), printable::visible_str(right));
        let room = self.columns.saturating_sub(printable::width(&words) + printable::width(&right)).max(2);
        let (on, off) = self.sgr("1");
        writeln!(self.out, "{on}{words}{off}{}{right}", " ".repeat(room))
    }

    /// A line of its own.
    pub(super) fn line(&mut self, words: &str) -> std::io::Result<()> {
        writeln!(self.out, "{}", printable::visible_str(words))
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> std::io::Result<()> {
        writeln!(self.out)
    }

    /// A label and its words; nothing when there are no words.
    pub(super) fn row(&mut self, label: &str, words: &str) -> std::io::Result<()> {
        self.noted(label, words, "")
    }

    /// A label, its words and, dimmed behind them, a note.
    pub(super) fn noted(&mut self, label: &str, words: &str, note: &str) -> std::io::Result<()> {
        if words.is_empty() {
            return Ok(());
        }
        let width = self.columns - LABEL_COLUMNS;
        let mut lines = wrap(&printable::visible_str(words), width);
        let last = lines.last().map_or(0, |line| printable::width(line));
        if !note.is_empty() && last + 1 + printable::width(note) > width {
            lines.push(String::new());
        }
        self.lines(label, lines, note)
    }

    fn lines(&mut self, label: &str, lines: Vec<String>, note: &str) -> std::io::Result<()> {
        let (label_on, label_off) = self.sgr("36");
        let (dim_on, dim_off) = self.sgr("2");
        let count = lines.len();
        for (at, line) in lines.into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let room = " ".repeat(LABEL_COLUMNS.saturating_sub(label.len()));
            let noted = at + 1 == count && !note.is_empty();
            let blank = if line.is_empty() { "" } else { " " };
            let note = if noted { format!("{blank}{dim_on}{note}{dim_off}") } else { String::new() };
            writeln!(self.out, "{label_on}{label}{label_off}{room}{line}{note}")?;
        }
        Ok(())
    }

    /// A label and text in which every character counts: broken wherever a line is full.
    pub(super) fn exact(&mut self, label: &str, text: &str) -> std::io::Result<()> {
        let text = printable::visible_str(text);
        let mut lines = vec![String::new()];
        let mut columns = 0;
        for char in text.chars() {
            let more = printable::width(char.encode_utf8(&mut [0; 4]));
            if columns + more > self.columns - LABEL_COLUMNS {
                lines.push(String::new());
                columns = 0;
            }
            columns += more;
            if let Some(line) = lines.last_mut() {
                line.push(char);
            }
        }
        self.lines(label, lines, "")
    }

    fn sgr(&self, code: &str) -> (String, &'static str) {
        if self.color { (format!("\x1b[{code}m"), "\x1b[0m") } else { (String::new(), "") }
    }
}

/// Words in lines of at most `width` columns. A word that is longer is broken at its braces, dots and commas; a URL stays whole, because
/// a broken one cannot be followed.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut glue = " ";
        for piece in pieces(word, width) {
            let fits = lines.last().is_some_and(|line| {
                line.is_empty() || printable::width(line) + glue.len() + printable::width(piece) <= width
            });
            if !fits {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                if !line.is_empty() {
                    line.push_str(glue);
                }
                line.push_str(piece);
            }
            glue = "";
        }
    }
    lines
}

/// A word that fits as it is, a longer one cut before its `{` and, unless it is a URL, its `.` and `,`.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    if printable::width(word) <= width {
        return vec![word];
    }
    let mut cuts: Vec<usize> = word
        .match_indices(|char| char == '{' || (matches!(char, '.' | ',') && !word.contains("://")))
        .map(|(at, _)| at)
        .filter(|at| *at > 0)
        .collect();
    cuts.push(word.len());
    let mut start = 0;
    let mut out = Vec::new();
    for end in cuts {
        out.extend(word.get(start..end).filter(|piece| !piece.is_empty()));
        start = end;
    }
    out
}

#[cfg(test)]
mod tests;
