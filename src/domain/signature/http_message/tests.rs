//! What the vectors of RFC 9421 do not show: other components, several signatures, digests, times and refusals.

use super::*;
use crate::domain::headers::Headers;
use crate::domain::signature::tests::request;
use crate::domain::signature::{CheckInput, Outcome, Profiles, Secret, SignInput, Verdict, check, sign};

const NOW: i64 = 1_700_000_000;
const BODY: &[u8] = br#"{"a":1}"#;
const URL: &str = "https://Pay.example:443/hook?b=1%20%2b&a=x";

fn text_of(components: &str, headers: &[(&str, &str)]) -> Option<String> {
    let request = request("POST", "/hook?b=1%20%2b&a=x", headers, BODY);
    let material = Material { url: Some(URL.as_bytes()), ..Material::new(&request) };
    let [(_, Member::Inner(components, parameters))] = &structured::dictionary(&format!("s={components}"))?[..] else {
        return None;
    };
    signature_base(&material, components, parameters).ok()
}

#[test]
fn components_have_the_values_of_the_rfc() {
    let headers = [
        ("X-Two", " a "),
        ("x-two", "b"),
        ("Dict", "a=1,  b=2;x=1;y=2, c=(a   b)"),
        ("Content-Type", "application/json"),
    ];
    let one = |component: &str| {
        let text = text_of(&format!("({component});created=1"), &headers)?;
        let line = text.lines().next()?.to_owned();
        line.strip_prefix(component).and_then(|line| line.strip_prefix(": ")).map(str::to_owned)
    };
    for (component, wanted) in [
        ("\"@method\"", Some("POST")),
        ("\"@target-uri\"", Some(URL)),
        ("\"@authority\"", Some("pay.example")),
        ("\"@scheme\"", Some("https")),
        ("\"@request-target\"", Some("/hook?b=1%20%2b&a=x")),
        ("\"@path\"", Some("/hook")),
        ("\"@query\"", Some("?b=1%20%2b&a=x")),
        ("\"@query-param\";name=\"b\"", Some("1%20%2B")),
        ("\"@query-param\";name=\"c\"", None),
        ("\"@status\"", None),
        ("\"x-two\"", Some("a, b")),
        ("\"x-two\";bs", Some(":YQ==:, :Yg==:")),
        ("\"dict\";sf", Some("a=1, b=2;x=1;y=2, c=(a b)")),
        ("\"dict\";key=\"b\"", Some("2;x=1;y=2")),
        ("\"dict\";key=\"z\"", None),
        ("\"x-two\";req", None),
        ("\"x-missing\"", None),
    ] {
        assert_eq!(one(component).as_deref(), wanted, "{component}");
    }
    assert_eq!(text_of("(\"@method\" \"@method\")", &headers), None);
    let last = text_of("(\"@method\");created=5;keyid=\"k\";alg=\"hmac-sha256\"", &headers).unwrap();
    assert!(last.ends_with("\n\"@signature-params\": (\"@method\");created=5;keyid=\"k\";alg=\"hmac-sha256\""));
}

fn signed(now: i64) -> Headers {
    let profile = Profiles::builtin().by_name("http-message-signatures").unwrap();
    let secret = Secret::new(*b"shared");
    let mut headers = Headers::from_pairs([("Host", "pay.example")]);
    let input = SignInput {
        profile,
        secret: &secret,
        method: b"POST",
        url: "https://pay.example/hook",
        headers: &headers,
        body: BODY,
        now: Timestamp::from_secs(now),
    };
    for (name, value) in sign(&input).unwrap() {
        headers.set(&name, value);
    }
    headers
}

fn judged(headers: &Headers, body: &[u8]) -> Verdict {
    let profile = Profiles::builtin().by_name("http-message-signatures").unwrap();
    let mut captured = request("POST", "/hook", &[], body);
    captured.headers = headers.clone();
    let secrets = [Secret::new(*b"shared")];
    check(&CheckInput {
        now: Timestamp::from_secs(NOW),
        public_url: Some("https://pay.example"),
        ..CheckInput::new(profile, &secrets, &captured)
    })
}

#[test]
fn what_is_signed_is_checked_and_a_changed_body_is_told_by_its_digest() {
    assert_eq!(judged(&signed(NOW), BODY).outcome, Outcome::Valid);
    let changed = judged(&signed(NOW), br#"{"a":2}"#);
    assert_eq!(changed.cause.map(|cause| cause.as_str()), Some("body-hash"), "{}", changed.detail);
    assert_eq!(judged(&signed(NOW + 301), BODY).outcome, Outcome::Invalid);
    let mut without = signed(NOW);
    without.remove("Signature-Input");
    assert_eq!(judged(&without, BODY).outcome, Outcome::Invalid);
}

#[test]
fn of_several_signatures_one_is_enough_and_a_foreign_algorithm_is_none() {
    let mut headers = signed(NOW);
    let [input, signature] = ["Signature-Input", "Signature"].map(|name| headers.get_str(name).unwrap().to_owned());
    headers.set("Signature-Input", format!("other=(\"date\");alg=\"ed25519\", {input}").into_bytes());
    headers.set("Signature", format!("other=:AAAA:, {signature}").into_bytes());
    assert_eq!(judged(&headers, BODY).outcome, Outcome::Valid);
    headers.set("Signature-Input", input.replace("hmac-sha256", "hmac-sha1").into_bytes());
    let refused = judged(&headers, BODY);
    assert_eq!(refused.cause.map(|cause| cause.as_str()), Some("token-refused"), "{}", refused.detail);
    headers.set("Signature-Input", input.replace(";alg", ";expires=1699999999;alg").into_bytes());
    assert_eq!(judged(&headers, BODY).outcome, Outcome::Invalid);
}
