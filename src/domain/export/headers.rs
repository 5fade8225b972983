//! Header lines as bytes.

use super::super::exchange::Request;

/// All header lines as they came, each ended by a newline (not CRLF: they are for an editor or a message).
pub fn lines(request: &Request) -> Vec<u8> {
    let mut lines = Vec::with_capacity(request.headers.size_bytes() + 3 * request.headers.len());
    for header in &request.headers {
        lines.extend_from_slice(&header.name);
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(&header.value);
        lines.push(b'\n');
    }
    lines
}

/// The value of the header line with this index.
pub fn value(request: &Request, index: usize) -> Option<&[u8]> {
    request.headers.iter().nth(index).map(|header| header.value.as_ref())
}
