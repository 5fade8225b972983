use super::*;
use crate::domain::signature::Profiles;

fn takes(rule: &str, status: u16, body: &str) -> bool {
    SuccessRule::parse(rule).refusal(status, body.as_bytes()).is_none()
}

#[test]
fn rules_in_the_words_of_profiles_are_understood() {
    for (rule, taken, refused) in [
        ("", [200, 299].as_slice(), [199, 302, 404].as_slice()),
        ("2xx", &[200, 204], &[301, 400]),
        ("2xx (204)", &[200, 204], &[301]),
        ("2xx (410 cancels the subscription)", &[204], &[410]),
        ("200", &[200], &[201, 204, 302]),
        ("below 400", &[200, 302, 399], &[400]),
        ("200; no answer, 408, 429 and 5xx are failures", &[200], &[408, 500]),
        ("200, 201, 202, 204", &[201, 204], &[203]),
        ("200 to 204", &[203], &[205]),
        ("200 (401, not 400, for a bad signature)", &[200], &[401]),
        ("204 for an event; 200 with a type for an interaction; 401 for a bad signature", &[204, 200], &[401, 201]),
        ("a status below 400", &[200, 302], &[400]),
        ("2xx, 300, 301 or 302", &[200, 302], &[303, 400]),
        ("2xx; 3xx, 4xx and 5xx are failures", &[204], &[302]),
        ("2xx, within a few seconds", &[204], &[302]),
    ] {
        for status in taken {
            assert!(takes(rule, *status, "any"), "{rule}: {status}");
        }
        for status in refused {
            assert!(!takes(rule, *status, "any"), "{rule}: {status}");
        }
    }
}

#[test]
fn rules_about_the_body_are_held_to() {
    assert!(takes("200 or 204 with empty body", 204, "") && !takes("200 or 204 with empty body", 200, "ok"));
    assert!(takes("body [accepted]", 200, "[accepted]\n") && !takes("body [accepted]", 200, "ok"));
    let json = r#"200/204 with body {"code":"SUCCESS","message":"OK"}"#;
    assert!(
        takes(json, 204, r#"{"message":"OK","code":"SUCCESS","more":1}"#) && !takes(json, 200, r#"{"code":"FAIL"}"#)
    );
    let nested = r#"200 with body {"result":{"resultCode":"SUCCESS"}}, itself signed"#;
    assert!(takes(nested, 200, r#"{"result":{"resultCode":"SUCCESS","x":1}}"#) && !takes(nested, 200, "{}"));
}

/// Success is never what most servers say when they refuse.
#[test]
fn no_profile_takes_a_refusal_for_success() {
    for profile in Profiles::builtin().iter() {
        let rule = SuccessRule::parse(&profile.delivery.success);
        assert!(rule.takes_status(200), "{}", profile.name);
        assert!(
            ![400, 401, 403, 404, 429, 500, 503].into_iter().any(|status| rule.takes_status(status)),
            "{}",
            profile.name
        );
    }
}
