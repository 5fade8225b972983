use bytes::Bytes;

use super::head::{back, onward};
use super::retry::may_change;
use super::{Retry, Route, Routes, Target};
use crate::domain::body::Body;
use crate::domain::exchange::Request;
use crate::domain::headers::Headers;
use crate::domain::testing;

fn request(head: &str, body: &str) -> Request {
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let first: Vec<_> = lines.next().unwrap().split(' ').collect();
    let pairs = lines.map(|line| line.split_once(':').unwrap()).map(|(name, value)| (name, value.trim()));
    Request {
        peer: Some("203.0.113.9:5000".parse().unwrap()),
        method: Bytes::copy_from_slice(first[0].as_bytes()),
        target: Bytes::copy_from_slice(first[1].as_bytes()),
        headers: Headers::from_pairs(pairs),
        raw_head: Some(Bytes::copy_from_slice(head.as_bytes())),
        body: Body::whole(Bytes::copy_from_slice(body.as_bytes())),
        ..testing::request()
    }
}

fn goes_on(head: &str, url: &str, trusts: bool) -> String {
    String::from_utf8(onward(&request(head, ""), &Target::parse(url).unwrap(), trusts, &[]).unwrap()).unwrap()
}

#[test]
fn nothing_changes_but_what_belongs_to_the_connection_and_the_names_of_both_ends() {
    let head = "PoSt /a/../b?x=%zz HTTP/1.1\r\nx-B:1\r\nHOST:   hooks.example\r\nX-b:\t2 \r\nKeep-Alive: timeout=5\r\n\
        Connection: keep-alive, X-Gone, content-length\r\nX-Gone: 1\r\nTE: trailers\r\nx-gone: 2\r\nContent-Length: 0\r\n\
        Upgrade: h2c\r\nX-Forwarded-For: 6.6.6.6\r\nStripe-Signature: t=1,v1=aa\r\n\r\n";
    assert_eq!(
        goes_on(head, "http://localhost:3000", false),
        "PoSt /a/../b?x=%zz HTTP/1.1\r\nx-B:1\r\nHOST: localhost:3000\r\nX-b:\t2 \r\nContent-Length: 0\r\n\
         Stripe-Signature: t=1,v1=aa\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: hooks.example\r\n\
         X-Forwarded-Proto: http\r\n\r\n"
    );
}

#[test]
fn no_spelling_lets_a_sender_forge_what_the_app_reads() {
    let head = "GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 6.6.6.6\r\nx-forwarded_HOST: evil\r\nForwarded: for=6.6.6.6\r\n\
        X-Real-IP: 6.6.6.6\r\nX_Real-Ip: 6.6.6.6\r\nX-Forwarded-Port: 1\r\nX-Forwarded: 1\r\nX-Forward: 1\r\n\r\n";
    let ours = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: a\r\nX-Forwarded-Proto: http\r\n\r\n";
    assert_eq!(
        goes_on(head, "http://app", false),
        format!("GET / HTTP/1.1\r\nHost: app\r\nX-Forwarded: 1\r\nX-Forward: 1\r\n{ours}")
    );
    // A proxy that is trusted says the rest; what it would say in another spelling is not its own.
    let trusted = goes_on(head, "http://app", true);
    assert!(trusted.contains("Forwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n"), "{trusted}");
    assert!(!trusted.contains("X_Forwarded_For") && !trusted.contains("x-forwarded_HOST"), "{trusted}");
}

#[test]
fn what_must_not_trail_does_not() {
    let mut request = request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "abc");
    let names = [
        "Content-Length",
        "X-Sum",
        "transfer-encoding",
        "Authorization",
        "Host",
        "X-Forwarded-For",
        "X_Forwarded_For",
        "Connection",
        "Content-Type",
        "If-Match",
    ];
    request.trailers = Headers::from_pairs(names.map(|name| (name, "1")));
    assert_eq!(super::head::framed(&request), "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
}

#[test]
fn what_a_trusted_proxy_said_is_added_to() {
    let head = "GET / HTTP/1.1\r\nHost: tunnel\r\nX-Forwarded-Host: hooks.example\r\nX-Forwarded-Proto: https\r\n\
        X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n";
    assert_eq!(
        goes_on(head, "http://app", true),
        "GET / HTTP/1.1\r\nHost: app\r\nX-Forwarded-For: 198.51.100.1, 10.0.0.1, 203.0.113.9\r\n\
         X-Forwarded-Host: hooks.example\r\nX-Forwarded-Proto: https\r\n\r\n"
    );
}

#[test]
fn a_request_is_not_made_another_one_by_its_own_lines() {
    // Two hosts, a length beside chunks, one that goes because another says so, bare line feeds.
    let head = "POST / HTTP/1.1\nHost: a\nHost: b\nConnection: close, x-hop, host\nX-Hop: 1\nX-Kept: 1\n\
        Content-Length: 7\nTransfer-Encoding: chunked\n\n";
    let with_head = |head: &str| Request {
        headers: Headers::from_pairs([
            ("Host", "a"),
            ("Host", "b"),
            ("Connection", "close, x-hop, host"),
            ("X-Hop", "1"),
            ("X-Kept", "1"),
            ("Content-Length", "7"),
            ("Transfer-Encoding", "chunked"),
        ]),
        raw_head: Some(Bytes::copy_from_slice(head.as_bytes())),
        ..request("POST / HTTP/1.1\r\n\r\n", "")
    };
    let target = Target::parse("http://app:1/").unwrap();
    let sent = onward(&with_head(head), &target, false, &[]).unwrap();
    assert_eq!(
        String::from_utf8(sent).unwrap(),
        "POST / HTTP/1.1\r\nHost: app:1\r\nX-Kept: 1\r\nTransfer-Encoding: chunked\r\n\
         X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: a\r\nX-Forwarded-Proto: http\r\n\r\n"
    );
    // A folded line is a header to some and none to others: the listener refuses it, so a file that holds one is made up.
    onward(&with_head(&head.replace("X-Kept: 1\n", "X-Kept: 1\n  and 3\n")), &target, false, &[]).unwrap_err();
}

#[test]
fn the_path_joins_as_the_url_says() {
    for (url, captured, joined) in [
        ("http://app:3000", "/a/b?c=1", "/a/b?c=1"),
        ("http://app:3000/", "/a/b?c=1", "/a/b?c=1"),
        ("http://app:3000/base/", "/a/b?c=1", "/base/a/b?c=1"),
        ("http://app:3000/base/", "*", "/base/"),
        ("http://app:3000/hook", "/a/b", "/hook"),
        ("http://app:3000/hook", "/a/b?c=1", "/hook?c=1"),
        ("http://app:3000/hook?k=v", "/a/b?c=1", "/hook?k=v&c=1"),
        ("http://app:3000?k=v", "/a/b", "/?k=v"),
        ("http://app:3000/a/../b#part", "/x", "/a/../b"),
        ("http://app:3000", "http://other.example/a?b", "/a?b"),
        ("http://app:3000", "http://other.example?b", "/?b"),
        ("http://app:3000/base/", "http://other.example?b", "/base/?b"),
    ] {
        let head = goes_on(&format!("GET {captured} HTTP/1.1\r\nHost: a\r\n\r\n"), url, false);
        assert_eq!(head.split(' ').nth(1), Some(joined), "{url} and {captured}");
    }
    for (url, why) in [
        ("localhost:3000", "scheme"),
        ("ftp://app", "only http"),
        ("http://", "host"),
        ("http://me:secret@app", "password"),
        ("http://app/a b", "blank"),
        ("http://app:0", "port 0"),
    ] {
        let error = Target::parse(url).unwrap_err();
        assert!(error.contains(why), "{url}: {error}");
    }
    assert_eq!(Target::parse("https://[::1]:8443/x/").unwrap().to_string(), "https://[::1]:8443/x/");
    assert_eq!(Target::parse("https://APP.example").unwrap().origin, "https://app.example:443");
}

#[test]
fn an_answer_goes_back_without_the_lines_of_its_connection() {
    let headers = Headers::from_pairs([
        ("Connection", "close, X-Private"),
        ("X-Private", "1"),
        ("Set-Cookie", "a=1"),
        ("Transfer-Encoding", "chunked"),
        ("set-cookie", "b=2"),
        ("Content-Length", "3"),
    ]);
    assert_eq!(back(&headers), Headers::from_pairs([("Set-Cookie", "a=1"), ("set-cookie", "b=2")]));
}

#[test]
fn waits_double_up_to_their_bound_and_end() {
    let retry = Retry { tries: 5, wait_ms: 100, wait_ms_max: 350 };
    let (least, most): (Vec<_>, Vec<_>) = (1..=5)
        .map(|failed| {
            let drawn: Vec<_> = (0..1000).map(|chance| retry.wait_after(failed, chance)).collect();
            (drawn.iter().min().copied().unwrap(), drawn.iter().max().copied().unwrap())
        })
        .unzip();
    assert_eq!(least, [Some(50), Some(100), Some(175), Some(175), None]);
    assert_eq!(most, [Some(100), Some(200), Some(350), Some(350), None]);
    // Whatever is asked for.
    let odd = Retry { tries: u32::MAX, wait_ms: u64::MAX, wait_ms_max: u64::MAX };
    assert!(odd.wait_after(99, u64::MAX).is_some() && odd.wait_after(100, 0).is_none());
    assert_eq!(Retry { tries: 0, ..odd }.wait_after(1, 0), None);
    assert_eq!([200, 301, 404, 429, 500, 503].map(may_change), [false, false, false, true, true, true]);
}

#[test]
fn the_longest_pattern_that_fits_is_the_route() {
    let to = |url: &str| std::sync::Arc::new(Route::to(Target::parse(url).unwrap()));
    let routes = Routes {
        paths: vec![("/a*".into(), to("http://a")), ("/a/b".into(), to("http://b")), ("/a/b*".into(), to("http://c"))],
        all: Some(to("http://d")),
    };
    let host = |path: &str| routes.of(path.as_bytes()).unwrap().first.authority.clone();
    assert_eq!(["/a", "/a/b", "/a/bc", "/x"].map(host), ["a", "b", "c", "d"]);
    assert_eq!(Routes::default().of(b"/"), None);
}
