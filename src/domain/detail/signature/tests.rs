use super::*;
use crate::domain::signature::verdict::{AgeOf, Expected};
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
        of: AgeOf::Made,
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
    insta::assert_snapshot!(text(&document(Some(&verdict()), None)));
}

#[test]
fn no_control_character_comes_through() {
    let shown = text(&document(Some(&verdict()), None));
    assert!(shown.chars().all(|char| char == '\n' || !char.is_control()), "{shown:?}");
}

#[test]
fn a_token_is_never_shown() {
    let mut verdict = verdict();
    verdict.expected = Some(Expected::token("the-shared-token-of-someone".into()));
    assert!(!text(&document(Some(&verdict), None)).contains("the-shared"));
}

#[test]
fn without_a_verdict_it_says_so() {
    assert_eq!(text(&document(None, None)), "not checked yet\n");
}

#[test]
fn what_came_is_marked_from_where_it_differs_and_hangs_under_itself() {
    let mut verdict = verdict();
    verdict.fitting = None;
    verdict.came = vec!["abcé12".repeat(4)];
    verdict.expected = Some(Expected::digest(format!("{}{}", "abcé12abcé9", "0".repeat(13))));
    let document = document(Some(&verdict), None);
    let at = document.lines.iter().position(|line| line.text().starts_with("came")).unwrap();
    assert!(document.lines[at + 1].text().starts_with("expected"));
    let bad: Vec<&str> =
        document.lines[at].spans().filter(|span| span.role == Role::Bad).map(|span| span.text).collect();
    assert_eq!(bad, ["12abcé12abcé12"]);
    let wrapped = document.wrap(24);
    let shown = text(&wrapped);
    // One word though it is of two roles, and broken at the same place as the other.
    assert!(shown.contains("came        abcé12abcé1↩\n            2abcé12abcé↩\n            12\n"), "{shown}");
    assert!(shown.contains("expected    abcé12abcé9↩\n"), "{shown}");
}

#[test]
fn a_token_is_not_compared_with_its_mask() {
    let mut verdict = verdict();
    (verdict.fitting, verdict.came) = (None, vec!["(3 characters)".into()]);
    verdict.expected = Some(Expected::token("the-shared-token-of-someone".into()));
    let document = document(Some(&verdict), None);
    let came = document.lines.iter().find(|line| line.text().starts_with("came")).unwrap();
    assert!(came.spans().all(|span| span.role != Role::Bad));
}

#[test]
fn what_cannot_be_told_has_one_word_and_its_cause_once() {
    for cause in [Cause::NoSecret, Cause::NoProvider] {
        let detail = "what to do";
        let verdict = Verdict::plain("", Outcome::Unknown, Some(cause), detail, Timestamp::from_secs(1));
        assert_eq!(text(&document(Some(&verdict), None)), format!("? unknown  {}\nwhat to do\n\n", cause.as_str()));
    }
}
