//! What several commands take.

use clap::ValueEnum;

/// What may stand for a session.
pub const SESSION: &str = "Path, saved session's name, or `latest`: the newest that holds a request";

/// Whether to colour what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWish {
    /// When stdout is a terminal and `NO_COLOR` is not set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
