//! Hooksight: the webhook inspector that lives in the terminal.
//!
//! # The floors
//!
//! ```text
//! main -> app -> { io, tui } -> domain
//! ```
//!
//! * [`domain`]: what a webhook is. Pure: no clock, file, socket, terminal or environment.
//! * [`io`]: the world, one resource a file: listener, session file, sender, clipboard, ...
//! * [`tui`]: the interface as a pure program: `update(&mut Model, Msg) -> Vec<Effect>` and `view(&Model, &mut Frame)`.
//! * [`app`]: the shell that joins them: arguments, settings, the loop, the subcommands.
//!
//! `io` and `tui` never see each other: they meet in `app` as [`tui::effect::Effect`] going out and
//! [`tui::msg::Msg`] coming in. A test reads every path under `src/` and holds the code to this.

pub mod app;
pub mod domain;
pub mod io;
pub mod tui;
