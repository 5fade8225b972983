use super::*;
use crate::domain::signature::tests::request;

#[test]
fn the_set_url_and_the_requests_own_are_joined() {
    let url = |set: &str, target: &str| {
        let made = signed_url(Some(set), &request("POST", target, &[], b""));
        String::from_utf8(made.url).unwrap()
    };
    assert_eq!(url("https://x.example", "/h?a=1"), "https://x.example/h?a=1");
    assert_eq!(url("https://x.example/", "/h"), "https://x.example/h");
    assert_eq!(url("https://x.example", "/"), "https://x.example");
    assert_eq!(url("https://x.example/base/", "/h?a=1"), "https://x.example/base/h?a=1");
    assert_eq!(url("https://x.example/h/", "/h?a=1"), "https://x.example/h/?a=1");
    assert_eq!(url("https://x.example/h/", "/h/"), "https://x.example/h/h/");
    assert_eq!(url("https://x.example/out", "/in?a=1"), "https://x.example/out?a=1");
    assert_eq!(url("https://x.example/out?a=1", "/in"), "https://x.example/out?a=1");
    assert_eq!(url("https://x.example/h?a=1", "/h?b=2"), "https://x.example/h?b=2");
    assert_eq!(url("https://u:p@x.example", "/h"), "https://u:p@x.example/h");
}

#[test]
fn without_a_set_url_the_host_is_assumed() {
    let made = signed_url(None, &request("POST", "/h", &[("Host", "a.example:1")], b""));
    assert_eq!(made, PublicUrl { url: b"http://a.example:1/h".to_vec(), assumed: true });
}

#[test]
fn ports_are_taken_off_and_put_on() {
    let ports = |url: &str| -> Vec<String> {
        with_ports(url.as_bytes()).into_iter().map(|url| String::from_utf8(url).unwrap()).collect()
    };
    assert_eq!(ports("https://u:p@x/h"), ["https://u:p@x/h", "https://u:p@x:443/h"]);
    assert_eq!(ports("http://x:8080/h"), ["http://x:8080/h", "http://x/h", "http://x:80/h"]);
}

#[test]
fn a_trusted_proxy_says_what_was_called_and_a_set_url_goes_before() {
    let behind = |headers: &[(&str, &str)], set: Option<&str>| {
        let mut all = vec![("Host", "127.0.0.1:7070")];
        all.extend_from_slice(headers);
        let made = url_behind_proxy(set, &request("POST", "/h?a=1", &all, b""));
        (String::from_utf8(made.url).unwrap(), made.assumed)
    };
    let known = |url: &str| (url.to_owned(), false);
    let both = [("X-Forwarded-Proto", "https, http"), ("X-Forwarded-Host", "in.example, inner")];
    assert_eq!(behind(&both, None), known("https://in.example/h?a=1"));
    assert_eq!(behind(&both, Some("https://set.example")), known("https://set.example/h?a=1"));
    let port = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "in.example"), ("X-Forwarded-Port", "8443")];
    assert_eq!(behind(&port, None), known("https://in.example:8443/h?a=1"));
    let usual = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "in.example"), ("X-Forwarded-Port", "443")];
    assert_eq!(behind(&usual, None), known("https://in.example/h?a=1"));
    let prefix = [("X-Forwarded-Host", "in.example"), ("X-Forwarded-Prefix", "/hooks/")];
    assert_eq!(behind(&prefix, None), known("http://in.example/hooks/h?a=1"));
    let forwarded = [("Forwarded", "for=1.2.3.4;proto=https;host=\"in.example:8443\", for=5.6.7.8;host=x")];
    assert_eq!(behind(&forwarded, None), known("https://in.example:8443/h?a=1"));
    assert_eq!(behind(&[("X-Forwarded-For", "1.2.3.4")], None), ("http://127.0.0.1:7070/h?a=1".to_owned(), true));
}
