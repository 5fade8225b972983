use super::*;
use crate::domain::signature::tests::request;

fn run(function: Function, value: &str, method: &str, headers: &[(&str, &str)], body: &str) -> String {
    let request = request(method, "/", headers, body.as_bytes());
    let made = apply(function, value.as_bytes(), &Material::new(&request)).unwrap();
    String::from_utf8(made).unwrap()
}

/// npm plivo 4.79.0, lib/utils/v3Security: `construct_get_url` and `construct_post_url`.
#[test]
fn plivos_url_is_that_of_its_package() {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let of = |method, url, body| run(Function::PlivoUrl, url, method, &form, body);
    assert_eq!(of("GET", "https://x.example/a?b=2&a=1+1&a=0", ""), "https://x.example/a?a=0&a=1 1&b=2");
    assert_eq!(of("GET", "https://x.example/a", ""), "https://x.example/a");
    assert_eq!(of("POST", "https://x.example/a", "To=2&From=1"), "https://x.example/a?From1To2");
    assert_eq!(of("POST", "https://x.example/a?b=2", "To=2&From=1"), "https://x.example/a?b=2.From1To2");
    assert_eq!(of("POST", "https://x.example/a?b=2", ""), "https://x.example/a?b=2");
}

#[test]
fn forms_are_written_as_their_senders_sign_them() {
    let paddle = run(Function::PaddleSerialise, "b=%C3%A9&p_signature=x&a=1", "POST", &[], "");
    assert_eq!(paddle, "a:2:{s:1:\"a\";s:1:\"1\";s:1:\"b\";s:2:\"\u{e9}\";}");
    assert_eq!(run(Function::VonagePairs, "b=2%262%3D2&sig=x&a=1", "POST", &[], ""), "&a=1&b=2_2_2");
}

#[test]
fn named_headers_are_joined_and_a_missing_one_is_no_value() {
    let headers = [("X-B", " 2 "), ("x-a", "1")];
    assert_eq!(run(Function::ContentfulHeaders, "x-b,X-A", "POST", &headers, ""), "x-a:1;x-b:2");
    assert_eq!(run(Function::HeaderValues, "x-b x-a", "POST", &headers, ""), " 2 .1");
    let request = request("POST", "/", &headers, b"");
    assert_eq!(apply(Function::HeaderValues, b"x-a x-c", &Material::new(&request)), None);
}
