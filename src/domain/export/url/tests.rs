use bytes::Bytes;

use super::*;
use crate::domain::headers::Headers;
use crate::domain::testing;

fn request(target: &[u8], headers: Headers, pseudo: Headers) -> Request {
    Request {
        method: Bytes::from_static(b"GET"),
        target: Bytes::copy_from_slice(target),
        headers,
        pseudo,
        ..testing::request()
    }
}

#[test]
fn the_url_is_where_the_request_says_that_it_was_sent() {
    let host = |host: &str| Headers::from_pairs([("hOst", host)]);
    let none = Headers::new;
    let h2 = Headers::from_pairs([(":authority", "h2.example"), (":scheme", "https")]);
    for (request, expected) in [
        (request(b"/a?b=%20", host("x:7070"), none()), "http://x:7070/a?b=%20"),
        (request(b"/", none(), none()), "http://localhost/"),
        (request(b"/p", none(), h2), "https://h2.example/p"),
        (request(b"HTTPS://up.example:1/a", host("other"), none()), "https://up.example:1/a"),
        (request(b"http://up.example?q", none(), none()), "http://up.example/?q"),
        (request(b"*", host("x"), none()), "http://x/"),
        (request(b"db:5432", host("x"), none()), "http://x/"),
        (request(b"/\xc3\xbc \"<'`\x1b", host("x"), none()), "http://x/%C3%BC%20%22%3C'%60%1B"),
        (request(b"/", host("[::1]:7070"), none()), "http://[::1]:7070/"),
    ] {
        assert_eq!(url(&request, None), expected);
    }
}

/// Of these curl would make a path, a login or another host.
#[test]
fn what_is_no_host_becomes_no_part_of_the_url() {
    for host in [
        "x\x1b[31m y",
        "http://x",
        "x/a",
        "x?a",
        "x#a",
        "x\\a",
        "x:1:2",
        "x:a",
        ":1",
        "[::1",
        "[1-3]",
        "{a,b}",
        "x%2fa",
        "a b",
        "\u{fc}",
    ] {
        let request = request(b"/p", Headers::from_pairs([("host", host)]), Headers::new());
        assert_eq!(url(&request, None), "http://localhost/p", "{host}");
    }
    let with_login = request(b"/p", Headers::from_pairs([("host", "name:secret@x:1")]), Headers::new());
    assert_eq!(url(&with_login, None), "http://x:1/p");
    let with_login = request(b"http://name:secret@a@x/p", Headers::new(), Headers::new());
    assert_eq!(url(&with_login, None), "http://x/p");
}

#[test]
fn an_origin_given_replaces_scheme_and_host() {
    let request = request(b"http://up.example/a", Headers::new(), Headers::new());
    assert_eq!(url(&request, Some("https://app:3000/")), "https://app:3000/a");
}
