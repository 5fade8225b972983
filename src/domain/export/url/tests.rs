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
        (request(b"/", host("x\x1b[31m y"), none()), "http://x%1B[31m%20y/"),
    ] {
        assert_eq!(url(&request, None), expected);
    }
}

#[test]
fn an_origin_given_replaces_scheme_and_host() {
    let request = request(b"http://up.example/a", Headers::new(), Headers::new());
    assert_eq!(url(&request, Some("https://app:3000/")), "https://app:3000/a");
}
