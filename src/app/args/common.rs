//! What several commands take.

use clap::ValueEnum;

/// What may stand for a session.
pub const SESSION: &str = "Path, saved session's name, or `latest`: the newest that holds a request";

/// What changes values of a body.
pub const SET: &str = "Change a value of the body: JSON path (data.items[0].id=7) or form field; again for more";

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
