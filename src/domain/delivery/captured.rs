//! A delivery as its receiver would keep it.

use bytes::Bytes;

use crate::domain::body::Body;
use crate::domain::exchange::{ExchangeId, HttpVersion, Request};
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

/// A request as the capture of its receiver would keep it.
pub(super) fn request(method: &str, target: &str, headers: Headers, body: Vec<u8>, now: Timestamp) -> Request {
    Request {
        id: ExchangeId::default(),
        peer: None,
        first_byte: now,
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: Bytes::copy_from_slice(method.as_bytes()),
        target: Bytes::copy_from_slice(target.as_bytes()),
        headers,
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(body),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}
