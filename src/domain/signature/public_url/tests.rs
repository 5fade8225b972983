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
