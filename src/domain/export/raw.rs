//! The bytes of a request as they go over an HTTP/1 connection.

use std::borrow::Cow;

use bytes::Bytes;

use super::super::exchange::{HttpVersion, Request};
use super::super::headers::Headers;
use super::shape::Shape;

/// As its bytes.
pub static SHAPE: Shape = Shape {
    name: "raw",
    help: "The request's exact bytes",
    words: "raw request",
    about: "head and body, byte for byte",
    key: 'r',
    is_command: false,
    make: |request, _| Ok(bytes(request)),
    print: |request, _| Ok(bytes(request)),
    caveats: |_| Vec::new(),
};

/// Head and body: the head as it came, the body framed again where the head says chunked.
///
/// The sizes of the chunks are not kept: the body is one chunk. HTTP/2 is written as HTTP/1.1 ([`head`]). A refused
/// request gives the first bytes that came.
pub fn bytes(request: &Request) -> Vec<u8> {
    let (mut bytes, headers) = head(request);
    if request.refused().is_none() {
        bytes.extend_from_slice(&framed(&headers, &request.body.bytes, &request.trailers));
    }
    bytes
}

/// The head's bytes, request line to blank line, and the header lines in it.
///
/// HTTP/1: as it came. HTTP/2 becomes HTTP/1.1: `host` is `:authority` (RFC 9113 section 8.3.1), cookies are joined again
/// (section 8.2.3), and what HTTP/1 needs to know of the body's length is added. Names stay in lower case.
pub fn head(request: &Request) -> (Vec<u8>, Cow<'_, Headers>) {
    if request.version != HttpVersion::Http2 {
        return (request.head_bytes(), Cow::Borrowed(&request.headers));
    }
    let headers = http1_headers(request);
    (write_head(&request.method, &request.target, HttpVersion::Http11, &headers), Cow::Owned(headers))
}

/// A head written the plain way.
pub fn write_head(method: &[u8], target: &[u8], version: HttpVersion, headers: &Headers) -> Vec<u8> {
    let version: &[u8] = if version == HttpVersion::Http10 { b" HTTP/1.0\r\n" } else { b" HTTP/1.1\r\n" };
    let mut head = Vec::with_capacity(64 + target.len() + headers.size_bytes() + 4 * headers.len());
    for part in [method, b" ", target, version] {
        head.extend_from_slice(part);
    }
    for header in headers {
        for part in [&header.name, b": ".as_slice(), &header.value, b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The header lines of an HTTP/2 request as HTTP/1.1 would carry them.
fn http1_headers(request: &Request) -> Headers {
    let mut headers = Headers::new();
    if let Some(authority) = request.pseudo.get(":authority")
        && request.headers.get("host").is_none()
    {
        headers.push("host", authority.to_vec());
    }
    let cookies: Vec<_> = request.headers.get_all("cookie").collect();
    let joined = cookies.join(b"; ".as_slice());
    let mut cookie_written = false;
    for header in &request.headers {
        if cookies.len() < 2 || !header.name.eq_ignore_ascii_case(b"cookie") {
            headers.push(header.name.clone(), header.value.clone());
        } else if !cookie_written {
            headers.push(header.name.clone(), joined.clone());
            cookie_written = true;
        }
    }
    if headers.get("content-length").is_none() && !is_chunked(&headers) {
        if !request.trailers.is_empty() {
            headers.push("transfer-encoding", "chunked");
        } else if !request.body.is_empty() {
            headers.push("content-length", request.body.bytes.len().to_string());
        }
    }
    headers
}

/// Whether the last transfer coding is chunked (RFC 9112 section 6.1).
pub fn is_chunked(headers: &Headers) -> bool {
    let last = headers.get_all("transfer-encoding").last();
    let coding = last.and_then(|value| value.rsplit(|byte| *byte == b',').next()).unwrap_or_default();
    coding.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// The body as it follows a head with these header lines: one chunk and the trailers where they say chunked.
pub fn framed(headers: &Headers, body: &Bytes, trailers: &Headers) -> Bytes {
    if !is_chunked(headers) {
        return body.clone();
    }
    let mut framed = Vec::with_capacity(body.len() + 32 + trailers.size_bytes() + 4 * trailers.len());
    if !body.is_empty() {
        framed.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        framed.extend_from_slice(body);
        framed.extend_from_slice(b"\r\n");
    }
    framed.extend_from_slice(b"0\r\n");
    for trailer in trailers {
        for part in [&trailer.name, b": ".as_slice(), &trailer.value, b"\r\n"] {
            framed.extend_from_slice(part);
        }
    }
    framed.extend_from_slice(b"\r\n");
    framed.into()
}

#[cfg(test)]
mod tests;
