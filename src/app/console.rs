//! What a command prints with, how it ends, and words on stderr.

use std::io::{ErrorKind, Write};

use super::args::ColorWish;
use super::folders::Folders;
use super::settings::merge::{Surroundings, wants_color};
use crate::domain::printable;

/// How a command ended, when it could run at all. What could not run is an `Err` and exit code 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// 0: done.
    Yes,
    /// 1: the answer is no.
    No,
    /// 130: stopped by Ctrl-C.
    Interrupted,
}

/// What a command prints with: data to `out`, words to `warn`. A test gives its own.
pub struct Console<'a> {
    /// Data. A reader that went away ends the command quietly.
    pub out: &'a mut dyn Write,
    /// Words for people, one line each, without line end; stderr.
    pub warn: &'a mut dyn FnMut(&str),
    /// Whether `out` is a terminal.
    pub out_is_terminal: bool,
    /// Columns of the terminal that `out` is, when it is one and says so.
    pub columns: Option<usize>,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// Whether it was said that bytes are not shown as they are.
    pub has_said_visible: bool,
}

impl Console<'_> {
    /// Whether to colour what goes to `out`.
    pub fn colors(&self, wish: ColorWish) -> bool {
        wants_color(wish, self.no_color, self.out_is_terminal)
    }

    /// Prints a stranger's bytes as they are; on a terminal, which would obey some of them, in their visible form, line by
    /// line, and says so once when that is not the same.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn exact(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if !self.out_is_terminal {
            return self.out.write_all(bytes);
        }
        let mut differs = false;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let shown = printable::visible(line);
            differs |= shown.as_bytes() != line;
            writeln!(self.out, "{shown}")?;
        }
        if differs && !std::mem::replace(&mut self.has_said_visible, true) {
            self.out.flush()?;
            (self.warn)(
                "bytes that a terminal would obey are shown in a visible form: redirect stdout for the exact ones",
            );
        }
        Ok(())
    }

    /// What settings are made with.
    pub fn surroundings<'a>(&'a mut self, folders: &'a Folders) -> Surroundings<'a> {
        Surroundings { folders, stdout_is_terminal: self.out_is_terminal, no_color: self.no_color, warn: self.warn }
    }
}

/// Stdout, whose failures say that it is stdout.
pub struct Stdout(pub std::io::Stdout);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes).map_err(stdout_error)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush().map_err(stdout_error)
    }
}

/// An error of a write to stdout, of the same kind, with words that say where it happened.
pub fn stdout_error(error: std::io::Error) -> std::io::Error {
    if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) {
        return error;
    }
    std::io::Error::new(error.kind(), format!("cannot write to stdout: {error}"))
}

/// Whether the reader of our output went away (`hooksight ls latest | head`): no reason for words.
pub fn is_reader_gone(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

/// Says words on stderr, in visible form and on one line: they may quote a file that a stranger wrote, whose line end must not
/// begin a line that looks like ours. When even that fails there is nobody to tell.
pub fn to_stderr(words: &str) {
    let _ = writeln!(std::io::stderr(), "hooksight: {}", printable::visible_str(words));
}

/// An error that is told on several lines, all of them ours.
#[derive(Debug)]
pub struct Lines(pub Vec<String>);

impl Lines {
    /// Says them on stderr.
    pub fn to_stderr(&self) {
        let mut lines = self.0.iter();
        lines.next().into_iter().for_each(|line| to_stderr(line));
        for line in lines {
            let _ = writeln!(std::io::stderr(), "{}", printable::visible_str(line));
        }
    }
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Lines {}
