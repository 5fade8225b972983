//! The bytes of a request, as one would send them.

use super::super::exchange::Request;

/// Head and body as HTTP/1 bytes: the head as it came, the body framed again where the head says chunked.
pub fn bytes(request: &Request) -> Vec<u8> {
    let mut bytes = request.head_bytes();
    bytes.extend_from_slice(&request.body.bytes);
    bytes
}
