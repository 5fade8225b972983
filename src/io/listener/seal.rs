//! Sealing: the request that is kept, from the head that the tap has, or hyper where the tap could not follow, and what was read.

use bytes::Bytes;

use crate::domain::body::Body;
use crate::domain::exchange::{ExchangeId, HttpVersion, Mark, Request};
use crate::domain::headers::Headers;
use crate::io::clock;
use crate::io::tap::{Framing, Head, Wire};

use super::body::Read;

/// The request as it is kept.
pub fn seal(wire: &Wire, head: Head, declared: Option<u64>, read: Read, mark: Option<&Mark>) -> Request {
    let trailers = match read.trailers {
        Some(shown) => wire.trailers(&head).unwrap_or_else(|| headers_from_hyper(&shown)),
        None => wire.trailers(&head).unwrap_or_default(),
    };
    let refused = matches!(mark, Some(Mark::Refused { .. }));
    let raw_head = (!head.raw.is_empty() && (refused || !head.is_canonical)).then_some(head.raw);
    Request {
        id: ExchangeId::default(),
        peer: Some(wire.peer()),
        body_complete_us: clock::now().micros_since(head.first_byte),
        first_byte: head.first_byte,
        version: head.version,
        method: head.method,
        target: head.target,
        headers: head.headers,
        pseudo: head.pseudo,
        raw_head,
        body: Body { length_bytes: read.length_bytes.max(declared.unwrap_or(0)), bytes: read.bytes.into() },
        trailers,
        marks: mark.into_iter().cloned().collect(),
    }
}

/// What is left of the head when the tap could not follow.
pub fn head_from_hyper(parts: &http::request::Parts) -> Head {
    let version = match parts.version {
        http::Version::HTTP_2 => HttpVersion::Http2,
        http::Version::HTTP_10 => HttpVersion::Http10,
        _ => HttpVersion::Http11,
    };
    let target = match version {
        HttpVersion::Http2 => parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str).to_owned(),
        _ => parts.uri.to_string(),
    };
    let mut pseudo = Headers::new();
    if version == HttpVersion::Http2 {
        if let Some(authority) = parts.uri.authority() {
            pseudo.push(":authority", authority.as_str().to_owned());
        }
        if let Some(scheme) = parts.uri.scheme_str() {
            pseudo.push(":scheme", scheme.to_owned());
        }
    }
    Head {
        sequence: u64::MAX,
        first_byte: clock::now(),
        method: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: target.into(),
        version,
        headers: headers_from_hyper(&parts.headers),
        pseudo,
        raw: Bytes::new(),
        is_canonical: true,
        framing: Framing::Frames,
    }
}

fn headers_from_hyper(map: &http::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(Bytes::copy_from_slice(name.as_str().as_bytes()), Bytes::copy_from_slice(value.as_bytes()));
    }
    headers
}
