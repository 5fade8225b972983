//! A body as a program writes it after reading it.

/// Bodies above this are not written again, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A body as one program writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// What writes it so: `JSON.stringify (JavaScript)`.
    pub by: &'static str,
    /// What it writes.
    pub bytes: Vec<u8>,
}
