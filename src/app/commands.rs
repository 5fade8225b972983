//! The subcommands, one file each. Each is
//! `run(args: &XArgs, console: &mut Console<'_>) -> anyhow::Result<Done>`.

pub mod check;
mod completions;
pub mod explain;
pub mod export;
mod given;
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
pub mod wait;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use super::args::{Args, Command};
use super::console::{Console, Done, Lines, Stdout, is_reader_gone, to_stderr};
use super::logging;
use super::panics;
use crate::io::terminal;

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
                None => to_stderr(&in_words(&error)),
            }
            ExitCode::from(2)
        }
    }
}

/// What was tried, what happened, and what to do where that is the same for everything that can fail so.
fn in_words(error: &anyhow::Error) -> String {
    let words = format!("{error:#}");
    // In words, because some causes are no more than that when they come here.
    let no_descriptors = format!("(os error {})", rustix::io::Errno::MFILE.raw_os_error());
    match words.contains(&no_descriptors) {
        true => format!("{words}; raise the limit on open files (`ulimit -n 1024` in the shell that starts it)"),
        false => words,
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
        Some(Command::Wait(args)) => wait::run(&args, console),
        Some(Command::Check(args)) => check::run(&args, console),
        Some(Command::Respond(args)) => respond::run(&args, console),
        Some(Command::Completions(args)) => completions::run(&args, console),
        Some(Command::Man) => man::run(console),
    }
}
