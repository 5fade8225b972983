//! How fast Hooksight is: `cargo bench`, or `cargo bench -- load --quick`; `cargo bench -- --help` says what can be asked.
//!
//! It starts the real program, built with the release profile, and compares it with a bare axum handler (`bare.rs`) in
//! alternating rounds of one run: on a machine that others use too, only ratios of the same minutes mean something. There
//! is no benchmark library: what matters here is two servers side by side, which none of them does, and the few pieces
//! that are timed alone need a median and a spread, which are a page of code.

#![cfg_attr(not(target_os = "linux"), allow(unused))]
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a program for developers, who see it on their terminal and may see it fail"
)]

#[cfg(target_os = "linux")]
mod bodies;
#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod forward;
#[cfg(target_os = "linux")]
mod histogram;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod micro;
#[cfg(target_os = "linux")]
mod options;
#[cfg(target_os = "linux")]
mod procfs;
#[cfg(target_os = "linux")]
mod pty;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod stats;
#[cfg(target_os = "linux")]
mod tools;
#[cfg(target_os = "linux")]
mod warm;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    run::run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("the benchmarks read /proc: they run on Linux only");
    ExitCode::SUCCESS
}
