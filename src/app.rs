//! Floor 2: the shell that joins the interface and the world.

pub mod args;
pub mod capture;
pub mod clock;
pub mod commands;
pub mod config;
pub mod detail_worker;
pub mod effects;
pub mod folders;
pub mod headless;
pub mod index;
pub mod input;
pub mod judge;
pub mod latest;
pub mod logging;
pub mod look;
pub mod panics;
pub mod privacy;
pub mod prompt;
pub mod reach;
pub mod resend;
pub mod runtime;
pub mod saving;
pub mod secrets;
pub mod settings;
pub mod shutdown;
pub mod words;
