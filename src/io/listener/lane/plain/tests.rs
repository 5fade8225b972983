use proptest::prelude::*;

use super::*;
use crate::domain::exchange::HttpVersion;
use crate::domain::time::Timestamp;
use crate::io::tap::h1::Parser;
use crate::io::tap::{Framing, Head, HeadLimits};

const BOUNDS: Bounds = Bounds { head_bytes: 1024, header_count: 8, body_bytes: 1000 };

/// What the tap makes of the same bytes.
fn tapped(bytes: &[u8]) -> Option<Head> {
    let mut parser = Parser::new(HeadLimits { bytes: 1024, count: 8 });
    parser.read(bytes, Timestamp::default());
    parser.next_head()
}

#[track_caller]
fn is_plain(text: &str) {
    let plain = Plain::read(text.as_bytes(), BOUNDS).unwrap_or_else(|| panic!("not plain: {text:?}"));
    assert_eq!(plain.length_bytes(), text.len());
    agrees(text.as_bytes());
}

/// If it is plain, then the tap sees the same.
#[track_caller]
fn agrees(bytes: &[u8]) {
    let Some(plain) = Plain::read(bytes, BOUNDS) else { return };
    let parts = plain.parts(Bytes::copy_from_slice(bytes));
    let head = tapped(bytes).unwrap();
    assert_eq!(
        (parts.method, parts.target, parts.headers),
        (head.method.clone(), head.target.clone(), head.headers.clone())
    );
    assert_eq!(head.version, HttpVersion::Http11);
    assert!(head.is_canonical);
    assert_eq!(head.framing, Framing::Length(plain.body_bytes as u64));
    assert_eq!(head.raw.len(), plain.head_bytes);
    assert_eq!(&parts.body[..], &bytes[plain.head_bytes..]);
    // What the HTTP library would make of it.
    assert!(http::Method::from_bytes(&head.method).is_ok());
    let uri = http::Uri::try_from(&head.target[..]).unwrap();
    assert_eq!(uri.path_and_query().unwrap().as_str().as_bytes(), &head.target[..]);
    for line in &head.headers {
        assert!(http::HeaderName::from_bytes(&line.name).is_ok() && http::HeaderValue::from_bytes(&line.value).is_ok());
    }
}

#[test]
fn what_senders_usually_write_is_plain() {
    is_plain("POST /hook HTTP/1.1\r\nHost: 127.0.0.1:7070\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nhi");
    is_plain("GET /?a=1&b=%20 HTTP/1.1\r\n\r\n");
    is_plain("delete /~x/;y,z HTTP/1.1\r\nConnection: Keep-Alive\r\nX-Empty: \r\ncontent-LENGTH: 0\r\n\r\n");
}

#[test]
fn everything_else_is_not() {
    for text in [
        "",
        "POST",
        "POST / HTTP/1.1\r\n",
        "POST / HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.1\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n\r\n",
        "GET /#a HTTP/1.1\r\n\r\n",
        "GET /{a} HTTP/1.1\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost:a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:  a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a \r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nA: 1\r\n 2\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n",
        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1,1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: \r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
    ] {
        assert!(Plain::read(text.as_bytes(), BOUNDS).is_none(), "{text:?}");
    }
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(9));
    assert!(Plain::read(many.as_bytes(), BOUNDS).is_none());
    let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "b".repeat(1024));
    assert!(Plain::read(long.as_bytes(), BOUNDS).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_plain_is_read_as_the_tap_reads_it(
        base in prop::sample::select(vec![
            "POST /hook?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-Sig: t=1,v1=ab\r\n\r\nabc",
            "GET / HTTP/1.1\r\nA: \r\nConnection: keep-alive\r\n\r\n",
            "PUT /x HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc",
        ]),
        edits in prop::collection::vec((0_usize..90, prop::sample::select(vec![
            "", "\r\n", "\n", "\r", " ", "\t", ":", ": ", "a", "0", "9", "-", "\u{e9}", "\0", "Content-Length: 3\r\n", "Expect: x\r\n",
            "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "//", "?", "#", "%", "HTTP/1.1", "\"",
        ]), 0_usize..4), 0..3),
    ) {
        let mut bytes = base.as_bytes().to_vec();
        for (at, insert, remove) in edits {
            let at = at.min(bytes.len());
            let end = (at + remove).min(bytes.len());
            bytes.splice(at..end, insert.bytes());
        }
        if let Some(plain) = Plain::read(&bytes, BOUNDS) {
            bytes.truncate(plain.length_bytes());
            agrees(&bytes);
        }
    }
}
