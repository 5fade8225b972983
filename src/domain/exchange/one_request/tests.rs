use bytes::Bytes;

use super::*;
use crate::domain::testing;

fn request(change: impl FnOnce(&mut Request)) -> Request {
    let mut request = Request {
        target: Bytes::from_static(b"/hook"),
        headers: Headers::from_pairs([("Host", "x"), ("X-A", "1")]),
        ..testing::request()
    };
    change(&mut request);
    request
}

fn with_head(head: &'static [u8]) -> Request {
    request(|request| request.raw_head = Some(Bytes::from_static(head)))
}

#[test]
fn what_a_socket_can_give_is_one_request_however_it_is_spelled() {
    for fine in [
        request(|_| {}),
        request(|request| request.target = Bytes::from_static(b"/\xff\x9b?q=\"<>")),
        request(|request| request.headers = Headers::from_pairs([("X-Tab", "a\tb"), ("X-Empty", "")])),
        with_head(b"POST /hook HTTP/1.1\r\nHost:x\r\nX-A:   1 \r\n\r\n"),
        with_head(b"\r\n\nPOST /hook HTTP/1.1\nHost: x\nX-A: 1\n\n"),
        // Of HTTP/2 the head is written anew.
        request(|request| (request.version, request.raw_head) = (HttpVersion::Http2, Some(Bytes::from_static(b"x")))),
    ] {
        assert_eq!(fine.is_one(), Ok(()), "{fine:?}");
    }
}

#[test]
fn a_part_that_ends_its_line_makes_it_another_request() {
    let second = "1\r\n\r\nGET /second HTTP/1.1\r\n";
    for (part, wrong) in [
        ("method", request(|request| request.method = Bytes::from_static(b"GET /x HTTP/1.1\r\n\r\nPOST"))),
        ("method", request(|request| request.method = Bytes::new())),
        ("target", request(|request| request.target = Bytes::from_static(b"/hook HTTP/1.1"))),
        ("header X-A", request(|request| request.headers = Headers::from_pairs([("X-A", second)]))),
        ("header X-A", request(|request| request.headers = Headers::from_pairs([("X-A", "a\nb")]))),
        ("header X␍", request(|request| request.headers = Headers::from_pairs([("X\r", "b")]))),
        ("pseudo-header :authority", request(|request| request.pseudo = Headers::from_pairs([(":authority", second)]))),
        ("trailer X-T", request(|request| request.trailers = Headers::from_pairs([("X-T", "a\0")]))),
    ] {
        let words = wrong.is_one().expect_err(part);
        assert!(words.contains(&format!("the {part} ")) || words.contains(&format!("{part} holds")), "{part}: {words}");
        assert!(!words.contains(['\r', '\n', '\0']), "{words:?}");
    }
}

#[test]
fn a_head_that_says_something_else_is_none_of_this_request() {
    for head in [
        &b"DELETE /hook HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n"[..],
        b"POST /everything HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n",
        b"POST /hook HTTP/1.1 more\r\nHost: x\r\nX-A: 1\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-B: 1\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: 2\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\nDELETE /everything HTTP/1.1\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n",
        b"",
    ] {
        let words = with_head(head).is_one().expect_err("another request");
        assert!(words.contains("say another request"), "{words}");
    }
}
