//! `completions SHELL`

use clap::CommandFactory as _;

use crate::app::args::{Args, CompletionsArgs};
use crate::app::console::{Console, Done};

/// Prints the completion script of a shell.
pub fn run(args: &CompletionsArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    // The generator panics when its writer fails: give it memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "hooksight", &mut script);
    console.out.write_all(&script)?;
    Ok(Done::Yes)
}
