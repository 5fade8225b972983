//! The `hooksight` program: parse what was typed, run it, give its exit code.

use std::process::ExitCode;

use hooksight::app::args::said;
use hooksight::app::commands;
use mimalloc::MiMalloc;

/// Requests are allocated on one thread and let go on another, tens of thousands a second: see docs/decisions/allocator.md.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    said::parse().map_or_else(|code| code, commands::run)
}
