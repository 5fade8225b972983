//! Round the socket: the bytes as they came, before the HTTP library makes them its own.
//!
//! hyper shows header names in lower case with duplicates grouped, and answers what it refuses by itself. So every byte that it reads
//! passes a parser here (`h1`, `h2`) that never holds body bytes: it keeps each request's head as it was sent, and what
//! never became a request. Every byte written passes too: that is how the times of an answer are known, and how a refusal
//! is recorded before hyper's own answer to it leaves.

// Hidden, but open: the fuzz targets (tests/fuzz) feed the parsers without a socket.
#[doc(hidden)]
pub mod h1;
#[doc(hidden)]
pub mod h2;
mod head;
mod parser;
mod socket;
mod wire;

use crate::domain::exchange::Answer;
use crate::domain::time::Timestamp;

pub use h2::{Code, are_crowded};
pub use head::{Framing, Head, HeadLimits, Refusal};
pub use socket::Tap;
pub use wire::{FOR_ANOTHER, Wire};

/// What an HTTP/2 connection begins with (RFC 9113 section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// First bytes of what never became a request that are kept.
pub const REFUSED_BYTES_MAX: usize = 64 * 1024;
/// HTTP/1: a head from this size on is a long one. All together they have a bound, and the connection is closed behind the answer.
pub const LONG_HEAD_BYTES: usize = 16 * 1024;
/// Rows for the requests that are left when a connection ends, and one for the rest.
const ROWS_MAX: usize = 64;

/// Who is told what happened on the wire.
pub trait Witness: Send + Sync {
    /// What came and is no request, or is one that hyper refuses, in order; with the status that hyper is about to answer.
    fn refused(&self, refusals: Vec<(Refusal, Option<u16>)>);
    /// The answer has left, or the connection ended before it did.
    fn answered(&self, answer: Answer);
}
/// What somebody else asks of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A reset, instead of an answer.
    Reset,
    /// Its end, with what was answered or not.
    Close,
    /// Its place, for another one.
    Leave,
    /// Its memory: what it has begun is too much together with what others have.
    Shrink,
}

/// How long the connection may go on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A request is being handled: others watch it.
    Busy,
    /// All that is under way are bodies of which the sender owes the rest; little came since then.
    Body(Timestamp),
    /// An answer is on its way of which the sender has taken nothing since then.
    Writing(Timestamp),
    /// A head begun then is not whole yet; the first one begins with the connection.
    Head(Timestamp),
    /// Nothing is under way since then.
    Idle(Timestamp),
}

/// What a handler gets of the request that hyper shows it.
#[derive(Debug, Default)]
pub struct Claim {
    /// The head as it was sent. `None`: the tap lost the thread, take what hyper has.
    pub head: Option<Head>,
    /// Why it is to be refused although hyper let it pass, and with which status.
    pub refused: Option<(u16, String)>,
}
