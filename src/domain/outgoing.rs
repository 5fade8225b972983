//! What leaves, byte for byte.

use bytes::Bytes;

/// What goes out on the wire, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to connect: `http://host:port` or `https://host:port`. Path and query are those in `head`.
    pub origin: String,
    /// The head's bytes, request line to blank line.
    pub head: Bytes,
    /// The body's bytes, framed already where the head says chunked.
    pub body: Bytes,
}
