use super::*;
use crate::domain::signature::Profiles;

fn takes(rule: &str, status: u16, body: &str) -> bool {
    Success::read_or_2xx(rule).fit(status, Some(body.as_bytes())) != Fit::No
}

#[test]
fn successes_are_read_with_what_the_body_must_be() {
    for (text, yes, no, body) in [
        ("2xx", &[200, 204, 299][..], &[199, 300, 500][..], Body::Any),
        ("200", &[200], &[201, 404], Body::Any),
        ("200 or 204", &[200, 204], &[201], Body::Any),
        (
            "200, 201, 202 or 204; 410 means that no more are wanted, 429 must be obeyed",
            &[202, 204],
            &[203, 410],
            Body::Any,
        ),
        ("200 to 204", &[200, 203, 204], &[205], Body::Any),
        ("below 400", &[200, 302, 399], &[400], Body::Any),
        ("a status below 400", &[302], &[400], Body::Any),
        ("2xx, 300, 301 or 302", &[204, 301], &[303], Body::Any),
        ("2xx, connected within 1 s", &[204], &[301], Body::Any),
        ("2xx (401 for a bad signature)", &[204], &[401], Body::Any),
        ("200 or 204 with an empty body", &[204], &[201], Body::Empty),
        ("200 with empty body (401 = signature refused)", &[200], &[401], Body::Empty),
        (
            "200/204 with body {\"code\":\"SUCCESS\"}",
            &[200, 204],
            &[201],
            Body::Members(serde_json::json!({"code": "SUCCESS"})),
        ),
        ("204 for an event; 200 with a type", &[204], &[200], Body::Any),
    ] {
        let success = Success::read(text).unwrap_or_else(|| panic!("{text}"));
        assert!(yes.iter().all(|status| super::super::holds(&success.statuses, *status)), "{text}");
        assert!(!no.iter().any(|status| super::super::holds(&success.statuses, *status)), "{text}");
        assert_eq!(success.body, body, "{text}");
    }
    for text in ["", "body [accepted]", "2000", "20", "within 3 s"] {
        assert_eq!(Success::read(text), None, "{text}");
    }
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
    let words = "200 with body [accepted]";
    assert!(takes(words, 200, "[accepted]\n") && !takes(words, 200, "ok"));
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
        let rule = Success::read_or_2xx(&profile.delivery.success);
        assert!(rule.takes(200), "{}", profile.name);
        assert!(![400, 401, 403, 404, 429, 500, 503].into_iter().any(|status| rule.takes(status)), "{}", profile.name);
    }
}
