use bytes::Bytes;

use super::*;
use crate::domain::exchange::AnswerOutcome;
use crate::domain::headers::Headers;
use crate::domain::signature::Profiles;
use crate::domain::signature::handshake::find;
use crate::domain::signature::tests::request;
use crate::domain::time::Timestamp;

fn given(headers: &[(&str, &str)], body: Option<&str>) -> Given {
    let mut head = Headers::new();
    for (name, value) in headers {
        head.push(Bytes::copy_from_slice(name.as_bytes()), Bytes::copy_from_slice(value.as_bytes()));
    }
    Given {
        status: Some(200),
        outcome: AnswerOutcome::Sent,
        body: body.map(|body| Bytes::copy_from_slice(body.as_bytes())),
        headers: head,
        answer_us: 5,
        done: Timestamp::from_secs(0),
        number: None,
    }
}

fn fit(provider: &str, request: &Request, given: &Given) -> Fit {
    let profile = Profiles::builtin().by_name(provider).unwrap();
    met(find(&profile.handshakes, request).unwrap(), request, given)
}

#[test]
fn a_value_that_is_wanted_back_has_to_be_in_the_body() {
    let body = br#"{"token":"x","challenge":"3eZ/brw1","type":"url_verification"}"#;
    let request = request("POST", "/slack", &[("x-slack-signature", "v0=00")], body);
    for (answer, wanted) in [
        (Some("3eZ/brw1"), Fit::Yes),
        (Some("challenge=3eZ/brw1"), Fit::Yes),
        (Some(r#"{"challenge":"3eZ\/brw1"}"#), Fit::Yes),
        (Some(r#"{"ok":true}"#), Fit::No),
        (Some(""), Fit::No),
        (None, Fit::Depends),
    ] {
        assert_eq!(fit("slack", &request, &given(&[], answer)), wanted, "{answer:?}");
    }
}

#[test]
fn a_header_that_is_wanted_back_and_missing_is_left_open() {
    let request = request("POST", "/asana", &[("x-hook-secret", "b537207f20cbfa02357cf448134da559")], b"");
    let back = given(&[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559")], Some(""));
    assert_eq!(fit("asana", &request, &back), Fit::Yes);
    assert_eq!(fit("asana", &request, &given(&[], Some(""))), Fit::Depends);
}

#[test]
fn a_proof_is_left_open_and_a_ping_wants_success_alone() {
    let proof = request("GET", "/x?crc_token=MTIzNDU2Nw%3D%3D", &[], b"");
    assert_eq!(fit("twitter", &proof, &given(&[], Some(r#"{"response_token":"sha256=x"}"#))), Fit::Depends);
    let ping = request("POST", "/github", &[("x-github-event", "ping")], b"{\"zen\":\"x\"}");
    assert_eq!(fit("github", &ping, &given(&[], Some("pong"))), Fit::Yes);
}

#[test]
fn the_words_say_what_the_handshake_wants() {
    let accepted = Judgement { says: Says::Accepted, then: Then::Done };
    let profile = Profiles::builtin().by_name("slack").unwrap();
    let shake = profile.handshakes.first().unwrap();
    let words = |fit| accepted.of_handshake(fit).handshake_words("Slack", shake);
    assert!(words(Fit::No).contains("Slack's handshake wants a value of the request back, which is not in the answer"));
    assert!(words(Fit::Yes).starts_with("accepted: Slack's handshake has back"));
    assert!(words(Fit::Depends).starts_with("accepted if the rest is right"));
    assert_eq!(accepted.of_handshake(Fit::No).then, Then::Unknown);
}
