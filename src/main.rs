//! The `hooksight` program: parse what was typed, run it, give its exit code.

use std::process::ExitCode;

use clap::Parser as _;
use hooksight::app::args::Args;
use hooksight::app::commands;

fn main() -> ExitCode {
    commands::run(Args::parse())
}
