use ring::hmac;

use super::explain;
use crate::domain::exchange::Request;
use crate::domain::signature::tests::request;
use crate::domain::signature::{Cause, CheckInput, NamedSecret, Outcome, Profiles, Secret};

fn github(body: &[u8], media: &str) -> Request {
    let digest = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"key"), body);
    let header = format!("sha256={}", hex::encode(digest));
    request("POST", "/", &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", &header), ("Content-Type", media)], body)
}

#[test]
fn what_a_handler_would_see_is_told_of_valid_signatures_too() {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let secrets = [Secret::new(*b"key")];
    let said = |body: &[u8], media: &str| {
        let request = github(body, media);
        let explanation = explain(&CheckInput::new(profile, &secrets, &request), None);
        assert_eq!(explanation.verdict.outcome, Outcome::Valid);
        explanation.handlers
    };
    let all = said(br#"{"event":"x","a": 1}"#, "application/json");
    let at =
        |name: &str| all.iter().find(|one| one.by.starts_with(name)).unwrap().differs.as_ref().map(|one| one.at_byte);
    assert_eq!(at("JSON.stringify"), Some(17));
    assert_eq!(at("json.dumps (Python)"), Some(9));
    assert_eq!(at("json.Marshal"), Some(2));
    let same = said(br#"{"event":"x","a":1}"#, "application/json");
    assert_eq!(same.iter().find(|one| one.by.starts_with("JSON.stringify")).unwrap().differs, None);
    let form = said(b"a=1%202&b=", "application/x-www-form-urlencoded");
    let node = form.iter().find(|one| one.by.starts_with("URLSearchParams")).unwrap();
    assert_eq!(node.differs.as_ref().map(|one| one.at_byte), Some(3));
    assert_eq!(said(b"plain text", "text/plain"), []);
}

/// A signature that does not cover the body's bytes holds whatever a handler does to them.
#[test]
fn where_the_body_is_not_signed_nothing_is_foretold() {
    let profile = Profiles::builtin().by_name("gitlab").unwrap();
    let secrets = [Secret::new(*b"key")];
    let request = request("POST", "/", &[("X-Gitlab-Event", "a"), ("X-Gitlab-Token", "key")], b"{\"a\": 1}");
    assert_eq!(explain(&CheckInput::new(profile, &secrets, &request), None).handlers, []);
}

#[test]
fn the_verdict_under_each_secret_is_told_by_name() {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let secrets = [Secret::new(*b"wrong").named("env:OLD"), Secret::new(*b"key").named("env:NEW"), Secret::new(*b"x")];
    let others = [NamedSecret { name: "endpoint /b".into(), secret: Secret::new(*b"key") }];
    let request = github(b"{}", "application/json");
    let input = CheckInput { others: &others, ..CheckInput::new(profile, &secrets, &request) };
    let all = explain(&input, None).under;
    let told: Vec<_> = all.iter().map(|one| (one.name.as_str(), one.counts, one.outcome)).collect();
    let wanted = [
        ("env:OLD", true, Outcome::Invalid),
        ("env:NEW", true, Outcome::Valid),
        ("secret 3", true, Outcome::Invalid),
        ("endpoint /b", false, Outcome::Valid),
    ];
    assert_eq!(told, wanted);
    assert_eq!(all[0].cause, Some(Cause::SignatureMismatch));
}
