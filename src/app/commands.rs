//! The subcommands, one file each, and what they share. Each is
//! `run(args: &XArgs, console: &mut Console<'_>) -> anyhow::Result<Done>`.

pub mod check;
mod completions;
pub mod explain;
pub mod export;
pub mod listen;
pub mod ls;
pub mod man;
pub mod providers;
pub mod replay;
pub mod resend;
pub mod respond;
pub mod saved;
pub mod send;
pub mod sessions;
pub mod show;
pub mod sign;
pub mod verify;

use std::io::{ErrorKind, IsTerminal as _, Write};
use std::process::ExitCode;

use super::args::{Args, ColorWish, Command};
use super::folders::Folders;
use super::logging;
use super::panics;
use super::settings::merge::{Surroundings, wants_color};
use crate::domain::printable;
use crate::io::terminal;

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

/// Runs what was typed on this process's stdout and stderr.
pub fn run(args: Args) -> ExitCode {
    panics::install();
    let stdout = std::io::stdout();
    let mut warn = |words: &str| to_stderr(words);
    let mut console = Console {
        out_is_terminal: stdout.is_terminal(),
        columns: terminal::columns(),
        no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
        out: &mut std::io::BufWriter::with_capacity(64 << 10, Stdout(stdout)),
        warn: &mut warn,
        has_said_visible: false,
    };
    let result = dispatch(args, &mut console).and_then(|done| {
        console.out.flush()?;
        Ok(done)
    });
    match result {
        Ok(Done::Yes) => ExitCode::SUCCESS,
        Ok(Done::No) => ExitCode::from(1),
        Ok(Done::Interrupted) => ExitCode::from(130),
        Err(error) if is_reader_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            match error.downcast_ref::<Lines>() {
                Some(lines) => lines.to_stderr(),
                None => to_stderr(&format!("{error:#}")),
            }
            ExitCode::from(2)
        }
    }
}

fn dispatch(args: Args, console: &mut Console<'_>) -> anyhow::Result<Done> {
    if let Err(error) = logging::start() {
        (console.warn)(&format!("no log is written: {error:#}"));
    }
    match args.command {
        None => listen::run(&args.listen, console),
        Some(Command::Listen(args)) => listen::run(&args, console),
        Some(Command::Open(args)) => listen::open(&args, console),
        Some(Command::Sessions(args)) => sessions::run(&args, console),
        Some(Command::Ls(args)) => ls::run(&args, console),
        Some(Command::Show(args)) => show::run(&args, console),
        Some(Command::Export(args)) => export::run(&args, console),
        Some(Command::Verify(args)) => verify::run(&args, console),
        Some(Command::Explain(args)) => explain::run(&args, console),
        Some(Command::Sign(args)) => sign::run(&args, console),
        Some(Command::Send(args)) => send::run(&args, console),
        Some(Command::Resend(args)) => resend::run(&args, console),
        Some(Command::Replay(args)) => replay::run(&args, console),
        Some(Command::Providers(args)) => providers::run(&args, console),
        Some(Command::Check(args)) => check::run(&args, console),
        Some(Command::Respond(args)) => respond::run(&args, console),
        Some(Command::Completions(args)) => completions::run(&args, console),
        Some(Command::Man) => man::run(console),
    }
}

/// Stdout, whose failures say that it is stdout.
struct Stdout(std::io::Stdout);

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
    fn to_stderr(&self) {
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
