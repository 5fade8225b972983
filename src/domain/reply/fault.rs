//! What is wrong with an answer on purpose.

/// What the connection does instead of carrying the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Stay silent until the sender gives up.
    NeverAnswer,
    /// Reset the connection (RST) before a byte of an answer.
    Reset,
    /// Close the connection in order (FIN) before a byte of an answer.
    Close,
    /// Bytes that are no HTTP in place of an answer, then the end of the connection.
    Garbage,
    /// Half of the body, then the end of the connection.
    Cut,
    /// This `Content-Length`, whatever the body's is: all of the body leaves, and then the connection ends.
    WrongLength(u64),
}

impl Fault {
    /// Whether nothing of the answer's status, headers and body leaves.
    pub const fn is_wordless(self) -> bool {
        matches!(self, Self::NeverAnswer | Self::Reset | Self::Close | Self::Garbage)
    }
}
