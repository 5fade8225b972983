use super::*;

#[test]
fn sentences_break_at_blanks_and_no_word_is_cut() {
    let text = "    1  POST /a  github  invalid body-newline: the signature fits a日本語 body";
    assert_eq!(wrapped(text, None, 7), text);
    let lines = wrapped(text, Some(30), 7);
    assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
    assert!(lines.lines().all(|line| printable::width(line) <= 30), "{lines}");
    assert!(lines.lines().skip(1).all(|line| line.starts_with("       ") && !line.ends_with(' ')), "{lines}");
    // What fits nowhere stays whole.
    assert_eq!(wrapped("aa bbbbbbbb c", Some(4), 1), "aa\n bbbbbbbb\n c");
}

#[test]
fn json_keeps_its_meaning_and_loses_what_a_terminal_would_obey() {
    let value = serde_json::json!({"a": "\u{9b}31m\u{202e}\u{7f}\u{200b}é日\u{e0001}\t", "b": 1});
    let line = value.to_string();
    let safe = safe_json(&line);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    for hidden in ['\u{9b}', '\u{202e}', '\u{7f}', '\u{200b}', '\u{e0001}'] {
        assert!(!safe.contains(hidden), "{hidden:?} in {safe}");
    }
    assert!(safe.contains("é日") && safe.contains("\\u202e") && safe.contains("\\udb40\\udc01"), "{safe}");
    assert!(matches!(safe_json("{\"a\":1}"), Cow::Borrowed(_)));
}

#[test]
fn a_narrow_row_keeps_verdict_and_status() {
    use crate::domain::signature::{Cause, Outcome};
    let mut row = crate::tui::testing::row(7);
    row.verdict = Some((Outcome::Invalid, Some(Cause::SignatureMismatch)));
    row.target = "/hooks/a-long-name-of-some-integration/of-some-tenant".into();
    row.answer = Some(AnswerBrief {
        status: Some(200),
        outcome: crate::domain::exchange::AnswerOutcome::Sent,
        answer_us: 0,
        by: Default::default(),
        step: None,
        would_refuse: None,
        wrong: None,
    });
    row.event_type = Some("invoice.payment_succeeded".into());
    let line = |columns| {
        let mut line = String::new();
        push_row(&mut line, &row, columns);
        line
    };
    let whole = line(None);
    assert!(whole.contains("invoice.payment_succeeded") && whole.contains("of-some-tenant"), "{whole}");
    let mut wide = row.clone();
    (wide.target, wide.event_type, wide.size_bytes) = ("/日本語/日本語/日本語/日本語/日本語".into(), None, 1 << 40);
    wide.answer = None;
    for columns in [73, 80, 100, 120, 140, 200] {
        let narrow = line(Some(columns));
        assert!(printable::width(&narrow) <= columns, "{narrow}");
        let verdict = if columns < 110 { "✗ signature-mismatch  200" } else { "invalid (signature-mismatch)    200" };
        assert!(narrow.contains(verdict), "{columns}: {narrow}");
        // Whatever stands in the other fields: each has its place.
        let mut other = String::new();
        push_row(&mut other, &wide, Some(columns));
        let place = |line: &str| line.find("signature-mismatch").map(|at| printable::width(&line[..at]));
        assert_eq!(place(&narrow), place(&other), "{columns}:\n{narrow}\n{other}");
    }
}

#[test]
fn what_went_back_is_never_cut() {
    use crate::domain::exchange::AnswerOutcome;
    use crate::domain::reply::Step;
    use crate::domain::signature::{Cause, Outcome};
    let brief = |status, step| {
        Some(AnswerBrief {
            status,
            outcome: AnswerOutcome::Sent,
            answer_us: 0,
            by: Default::default(),
            step,
            would_refuse: None,
            wrong: None,
        })
    };
    let mut row = crate::tui::testing::row(7);
    row.target = "/hooks/a-long-name-of-some-integration/of-some-tenant".into();
    row.event_type = Some("invoice.payment_succeeded".into());
    let cases = [
        (brief(Some(200), None), Some(Onward::Waiting), "200→wait"),
        (brief(Some(200), None), Some(Onward::Failed), "200→fail"),
        (brief(Some(200), None), Some(Onward::Answered(404)), "200→404"),
        (brief(Some(503), Some(Step { number: 12, of: 15 })), Some(Onward::Waiting), "503→wait 12/15"),
        (None, None, "not known"),
    ];
    for (answer, onward, words) in cases {
        (row.answer, row.onward, row.is_answer_lost) = (answer, onward, answer.is_none());
        for verdict in [None, Some((Outcome::Invalid, Some(Cause::SignatureMismatch)))] {
            row.verdict = verdict;
            for columns in [60, 73, 80, 120] {
                let mut line = String::new();
                push_row(&mut line, &row, Some(columns));
                assert!(
                    line.ends_with(&format!("  {words}")) && printable::width(&line) <= columns,
                    "{columns}: {line}"
                );
                assert!(verdict.is_none() || line.contains("sig"), "{columns}: {line}");
            }
        }
    }
}

#[test]
fn an_unanswered_handshake_says_so_where_there_is_little_room() {
    use crate::domain::signature::{Cause, Outcome};
    let mut row = crate::tui::testing::row(7);
    (row.provider, row.event_type) = (Some("zoom".into()), Some("endpoint.url_validation".into()));
    row.verdict = Some((Outcome::Unknown, Some(Cause::NoSecret)));
    row.answer = Some(AnswerBrief {
        status: Some(200),
        outcome: crate::domain::exchange::AnswerOutcome::Sent,
        answer_us: 0,
        by: ChosenBy::Unmet,
        step: None,
        would_refuse: None,
        wrong: None,
    });
    let line = |row: &Summary, columns| {
        let mut line = String::new();
        push_row(&mut line, row, columns);
        line
    };
    for columns in [80, 100, 140] {
        let line = line(&row, Some(columns));
        let verdict = if columns < 110 { "! unanswered" } else { "unanswered (no-secret)" };
        assert!(line.contains(verdict) && line.contains("handshake"), "{columns}: {line}");
    }
    assert!(line(&row, None).contains("zoom handshake unanswered: endpoint.url_validation"));
    // What is wrong with its signature says more.
    row.verdict = Some((Outcome::Invalid, Some(Cause::SignatureMismatch)));
    assert!(line(&row, Some(80)).contains("✗ signature-mismatch"));
}
