//! The subcommands, one file each, and what they share. Each is
//! `run(args: &XArgs, console: &mut Console<'_>) -> anyhow::Result<Done>`.

use std::io::Write;

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
    /// Data.
    pub out: &'a mut dyn Write,
    /// Words for people, one line each, without line end; stderr.
    pub warn: &'a mut dyn FnMut(&str),
    /// Whether `out` may be coloured.
    pub color: bool,
}
