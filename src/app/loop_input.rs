//! What comes to the loop from the other threads.

use crate::tui::msg::Msg;

/// What comes to the loop from the other threads.
#[derive(Debug)]
pub enum Input {
    /// For the interface.
    Msg(Msg),
    /// A copy that the terminal takes by an escape sequence.
    Osc52 {
        /// What is copied, in words.
        what: String,
        /// The sequence.
        sequence: Vec<u8>,
    },
    /// The terminal hung up.
    HungUp,
}
