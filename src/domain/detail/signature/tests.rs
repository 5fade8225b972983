use super::*;
use crate::domain::signature::verdict::Expected;
use crate::domain::time::Timestamp;

fn verdict() -> Verdict {
    let mut verdict =
        Verdict::plain("stripe", Outcome::Invalid, Some(Cause::TimestampStale), "too old", Timestamp::from_secs(1000));
    verdict.rule = "HMAC-SHA256 over {timestamp}.{body}, hex".into();
    verdict.place = "header Stripe-Signature, v1".into();
    verdict.came = vec!["aa\u{1b}[31m".into(), "bb".into()];
    verdict.fitting = Some(1);
    verdict.expected = Some(Expected::digest("bb".into()));
    verdict.signed = vec![
        Piece { from: "timestamp".into(), bytes: b"600".to_vec(), length_bytes: 3 },
        Piece { from: String::new(), bytes: b".".to_vec(), length_bytes: 1 },
        Piece { from: "body".into(), bytes: b"{\n\x1b[2J}".to_vec(), length_bytes: 5000 },
        Piece { from: "secret".into(), bytes: Vec::new(), length_bytes: 9 },
    ];
    verdict.signed_bytes = 5013;
    verdict.age = Some(Age {
        text: "600".into(),
        at: Timestamp::from_secs(600),
        age_s: 400,
        past_s: Some(300),
        future_s: Some(300),
    });
    verdict
}

fn text(document: &Document) -> String {
    document.lines.iter().map(|line| format!("{}\n", line.text())).collect()
}

#[test]
fn it_says_outcome_cause_age_and_bytes() {
    insta::assert_snapshot!(text(&document(Some(&verdict()))));
}

#[test]
fn no_control_character_comes_through() {
    let shown = text(&document(Some(&verdict())));
    assert!(shown.chars().all(|char| char == '\n' || !char.is_control()), "{shown:?}");
}

#[test]
fn a_token_is_never_shown() {
    let mut verdict = verdict();
    verdict.expected = Some(Expected::token("the-shared-token-of-someone".into()));
    assert!(!text(&document(Some(&verdict))).contains("the-shared"));
}

#[test]
fn without_a_verdict_it_says_so() {
    assert_eq!(text(&document(None)), "not checked yet\n");
}
