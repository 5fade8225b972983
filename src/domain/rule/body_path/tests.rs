use super::*;
use crate::domain::reply::Reply;
use crate::domain::rule::matching::Rule;
use crate::domain::rule::{Nobody, RuleSet, When};
use crate::domain::signature::tests::request;
use std::sync::Arc;

fn path(text: &str) -> BodyPath {
    text.parse().expect(text)
}

fn checked(text: &str, pattern: &str, body: &str) -> Result<(), String> {
    let body: Value = serde_json::from_str(body).expect("JSON");
    path(text).check(&body, &pattern.parse().expect("a pattern"), |value| String::from_utf8_lossy(value).into_owned())
}

#[test]
fn what_would_multiply_the_work_is_refused_and_named() {
    for (text, words) in [
        ("$..a..a", "`$..a..a` has `..` 2 times"),
        ("$..a..a..a", "3 times"),
        ("$..a[?@..b]", "2 times"),
        ("$[?count($[*]) > 1]", "a `$` in a filter"),
        ("$.[", "expected a JSON path"),
    ] {
        let refused = text.parse::<BodyPath>().expect_err(text);
        assert!(refused.contains(words), "{text}: {refused}");
    }
    for fine in ["$..id", "$..['a..b..c']", "$['\\'..$..']..x", "$.items[?@.name == '..$..'].id", "$[1:2]..*"] {
        assert!(fine.parse::<BodyPath>().is_ok(), "{fine}");
    }
}

#[test]
fn values_are_compared_and_what_holds_others_is_only_there() {
    assert_eq!(checked("$..id", "x*", r#"{"id":1,"a":[{"id":"xy"}]}"#), Ok(()));
    assert_eq!(checked("$.id", "12", r#"{"id":12}"#), Ok(()));
    assert_eq!(checked("$.id", "null", r#"{"id":null}"#), Ok(()));
    assert_eq!(checked("$.a", "*", r#"{"a":{"b":1}}"#), Ok(()));
    assert_eq!(checked("$.a", "!*", r#"{"b":1}"#), Ok(()));
    assert_eq!(checked("$.a", "!x", r#"{"a":["x"]}"#), Ok(()));
    let not = |text, pattern, body| checked(text, pattern, body).expect_err("does not fit");
    assert_eq!(not("$.a", "*b*", r#"{"a":{"b":1}}"#), "$.a of the body is an object, not like *b*");
    assert_eq!(not("$.a", "", r#"{"a":[]}"#), "$.a of the body is a list, not like ");
    assert_eq!(not("$.a", "!*", r#"{"a":[]}"#), "$.a of the body is a list, not like !*");
    assert_eq!(not("$.a", "x", "{}"), "$.a of the body is not there");
}

/// The deepest body that is read, with a long text at its bottom: the text is compared once, and no match is written out.
#[test]
fn a_deep_body_is_answered_by_its_deepest_value() {
    let deep = |bottom: &str| format!("{}\"{bottom}\"{}", "{\"id\":".repeat(120), "}".repeat(120));
    assert_eq!(checked("$..id", "*needle", &deep(&format!("{}needle", "a".repeat(900_000)))), Ok(()));
    let shown = std::cell::RefCell::new(Vec::new());
    let body: Value = serde_json::from_str(&deep(&"a".repeat(900_000))).expect("JSON");
    assert_eq!(path("$..id").path.query(&body).len(), 120);
    let refused = path("$..id").check(&body, &"x".parse().expect("a pattern"), |value| {
        shown.borrow_mut().push(value.len());
        String::new()
    });
    assert_eq!(refused, Err("$..id of the body is an object, not like x".to_owned()));
    assert_eq!(*shown.borrow(), Vec::<usize>::new());
}

#[test]
fn long_bodies_are_not_looked_into_and_the_rule_says_so() {
    let decide = |text: &str, pattern: &str, length: usize| {
        let json = vec![(path(text), pattern.parse().expect("a pattern"))];
        let rule = Rule {
            name: "rule a".to_owned(),
            when: When { json, ..When::default() },
            reply: Reply { status: 299, ..Reply::default() },
            ..Rule::default()
        };
        let rules = RuleSet { rules: vec![Arc::new(rule)], ..RuleSet::default() };
        let body = format!("{{\"id\":\"{}\"}}", "a".repeat(length - 9));
        let post = request("POST", "/", &[], body.as_bytes());
        let decision = rules.decide(&post, &Nobody, &mut |_| 0);
        (decision.reply.status, decision.choice.map(|choice| choice.passed.join("\n")).unwrap_or_default())
    };
    assert_eq!(decide("$.id", "a*", 1 << 20).0, 299);
    for pattern in ["a*", "!b"] {
        let (status, why) = decide("$.id", pattern, (1 << 20) + 1);
        assert_eq!(status, 200);
        assert_eq!(why, "rule a: the body has more than 1048576 bytes: $.id is not looked for in it");
    }
    assert_eq!(decide("$[?@ == 'b']", "!*", 64 << 10).0, 299);
    assert_eq!(decide("$[?@ == 'b']", "!*", (64 << 10) + 1).0, 200);
}
