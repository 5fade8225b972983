use super::super::apply;
use super::*;
use crate::domain::exchange::Request;
use crate::domain::signature::template::Function;
use crate::domain::signature::tests::request;
use crate::domain::signature::{CheckInput, Outcome, Profile, Secret, check};

/// draft-cavage-http-signatures-12, appendix C: the request of all its tests.
fn cavage_request() -> Request {
    let headers = [
        ("Host", "example.com"),
        ("Date", "Sun, 05 Jan 2014 21:31:40 GMT"),
        ("Content-Type", "application/json"),
        ("Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        ("Content-Length", "18"),
    ];
    request("POST", "/foo?param=value&pet=dog", &headers, b"{\"hello\": \"world\"}")
}

#[test]
fn cavage_lines_are_those_of_the_draft() {
    let request = cavage_request();
    let material = Material::new(&request);
    let lines = |names: &str| {
        let list = [("headers".to_owned(), names.as_bytes().to_vec())];
        let text = cavage_lines(&Material { list: &list, ..material });
        text.map(|text| String::from_utf8(text).unwrap())
    };
    assert_eq!(lines("").as_deref(), Some("date: Sun, 05 Jan 2014 21:31:40 GMT"));
    assert_eq!(
        lines("(request-target) Host date").as_deref(),
        Some("(request-target): post /foo?param=value&pet=dog\nhost: example.com\ndate: Sun, 05 Jan 2014 21:31:40 GMT")
    );
    assert_eq!(lines("host x-absent"), None);
    assert_eq!(lines("(created)"), None);
    let list = [("created".to_owned(), b"1402170695".to_vec())];
    assert_eq!(cavage_lines(&Material { list: &list, ..material }).unwrap(), b"(created): 1402170695");
    assert_eq!(cavage_lines(&material).unwrap(), b"date: Sun, 05 Jan 2014 21:31:40 GMT");
}

#[test]
fn a_digest_is_that_of_the_body_with_the_same_algorithms() {
    let request = cavage_request();
    let material = Material::new(&request);
    let digest = |header: &str| body_digest(header.as_bytes(), &material).map(|text| String::from_utf8(text).unwrap());
    let right = "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
    assert_eq!(digest(right).as_deref(), Some(right));
    assert_eq!(digest("SHA-256=AAAA").as_deref(), Some(right));
    let two = digest("md5=x, SHA-256=y").unwrap();
    assert!(two.starts_with("md5=") && two.ends_with(&format!(", {right}")), "{two}");
    assert_eq!(digest("unixsum=30637"), None);
    assert_eq!(digest(""), None);
}

/// RFC 7797 sections 4.1 and 4.2, with the payload taken out.
#[test]
fn the_detached_signatures_of_rfc_7797_hold() {
    let profile = r#"(
        title: "Detached", docs: "", sources: ["RFC 7797"], recognise: [], secret: (called: "key", find: ""),
        schemes: [(
            signature: ["header:X-JWS-Signature"],
            list: (separator: ".", first: "jws"),
            algorithm: HmacSha256,
            encoding: Base64Url,
            key: (decode: Base64),
            message: "{list:jws|jws-detached}",
        )],
    )"#;
    let profile = Profile::parse("detached.ron", profile).unwrap();
    let key = URL_SAFE_NO_PAD
        .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    let secrets = [Secret::new(STANDARD.encode(key.unwrap()))];
    let outcome = |token: &str, body: &[u8]| {
        let request = request("POST", "/", &[("X-JWS-Signature", token)], body);
        check(&CheckInput::new(&profile, &secrets, &request)).outcome
    };
    let encoded = "eyJhbGciOiJIUzI1NiJ9..5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ";
    let plain = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY";
    assert_eq!(outcome(encoded, b"$.02"), Outcome::Valid);
    assert_eq!(outcome(plain, b"$.02"), Outcome::Valid);
    assert_eq!(outcome(encoded, b"$.03"), Outcome::Invalid);
    // A body that is the encoded form of the signed one is another body.
    assert_eq!(outcome(encoded, b"JC4wMg"), Outcome::Invalid);
}

#[test]
fn a_detached_header_that_demands_more_is_not_taken() {
    let request = request("POST", "/", &[], b"x");
    let material = Material::new(&request);
    let made = |header: &str| jws_detached(URL_SAFE_NO_PAD.encode(header).as_bytes(), &material).is_some();
    assert!(made(r#"{"alg":"RS256"}"#));
    assert!(made(r#"{"alg":"RS256","b64":true}"#));
    assert!(made(r#"{"alg":"RS256","b64":false,"crit":["b64"]}"#));
    assert!(!made(r#"{"alg":"RS256","b64":false}"#), "unencoded without the demand");
    assert!(!made(r#"{"alg":"RS256","crit":["b64"]}"#), "the demand without the unencoded payload");
    assert!(!made(r#"{"alg":"RS256","b64":false,"crit":["b64","exp"]}"#));
    assert!(!made(r#"{"alg":"RS256","crit":"b64"}"#));
    assert!(!made("[]"));
    assert_eq!(jws_detached(b"%", &material), None);
}

/// npm atlassian-jwt 2.0.3, `createCanonicalRequest(fromMethodAndUrl(METHOD, URL), false, BASE)`.
#[test]
fn atlassians_canonical_request_is_that_of_its_package() {
    let of = |method: &str, url: &str, secret: &str| {
        let request = request(method, "/", &[], b"");
        let material = Material { secret: Some(secret.as_bytes()), ..Material::new(&request) };
        String::from_utf8(apply(Function::AtlassianQsh, url.as_bytes(), &material).unwrap()).unwrap()
    };
    let app = "https://app.example.com";
    for (method, rest, wanted) in [
        ("post", "/hook?b=2&a=1&a=0&jwt=zzz&c=%C3%A9%20x", "POST&/hook&a=0,1&b=2&c=%C3%A9%20x"),
        ("GET", "/p%20q/?z=1+2&~t=a*b", "GET&/p%20q&z=1%202&~t=a%2Ab"),
        ("POST", "/", "POST&/&"),
        ("POST", "", "POST&/&"),
        ("POST", "/hook/", "POST&/hook&"),
        ("GET", "/a&b?A=1&a=2&empty=&flag", "GET&/a%26b&A=1&a=2&empty=&flag="),
        ("GET", "/h?k=a,b&k=c%2Cd&k=%7E", "GET&/h&k=a%2Cb,c%2Cd,~"),
    ] {
        assert_eq!(of(method, &format!("{app}{rest}"), "s"), wanted);
    }
    let url = format!("{app}/addon/webhooks/issue?user_id=5b10&user_key=admin");
    assert_eq!(of("POST", &url, "base_path=/addon;s"), "POST&/webhooks/issue&user_id=5b10&user_key=admin");
}
