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
    let steps = Steps::new(STEPS_MAX);
    path(text)
        .check(&body, &pattern.parse().expect("a pattern"), &steps, |value| String::from_utf8_lossy(value).into_owned())
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
    let steps = Steps::new(STEPS_MAX);
    assert_eq!(path("$..id").query.select(&body, &steps).expect("within the steps").len(), 120);
    let refused = path("$..id").check(&body, &"x".parse().expect("a pattern"), &steps, |value| {
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

/// What this thread has worked so far, whatever else the machine has to do.
fn processor_time() -> std::time::Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    std::time::Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// What a rule costs on a body, and why it did not fit.
fn cost(text: &str, body: &str) -> (std::time::Duration, Result<(), String>) {
    let (path, body) = (path(text), serde_json::from_str::<Value>(body).expect("JSON"));
    let begun = processor_time();
    let fits = path.check(&body, &"!*".parse().expect("a pattern"), &Steps::new(STEPS_MAX), |_| String::new());
    (processor_time() - begun, fits)
}

/// An expression that is read anew for each of 500 values takes seconds: one that is compiled once takes none.
#[test]
fn no_body_makes_a_regular_expression_dear() {
    let mail = r"$.items[?search(@.mail, '[\\w.]+@[\\w.]+[.]\\w{2,20}')]";
    let items =
        |mail: &str, count: usize| format!("{{\"items\":[{}{{}}]}}", format!("{{\"mail\":\"{mail}\"}},").repeat(count));
    assert_eq!(checked(mail, "*", &items("somebody@example.com", 1)), Ok(()));
    assert_eq!(checked(mail, "!*", &items("nobody", 500)), Ok(()));
    for (path, body) in [
        (mail, items("", 500)),
        (mail, items("", 4_000)),
        (mail, items(&"a@b.".repeat(15_000), 1)),
        (mail, items(&"\u{e9}@".repeat(20_000), 1)),
        ("$.items[?match(@.mail, '(a|aa|aaa){1,60}b')]", items(&"a".repeat(64_000), 1)),
        ("$.items[?search(@.mail, '(a?){90}b')]", items(&"a".repeat(64_000), 1)),
    ] {
        let (took, fits) = cost(path, &body);
        assert!(took.as_millis() < 1_500, "{path} took {took:?}: {fits:?}");
    }
    let refused = "$[?match(@.a, @.b)]".parse::<BodyPath>().expect_err("the sender's");
    assert!(refused.contains("must stand in quotes"), "{refused}");
}

#[test]
fn what_would_be_dear_to_read_or_to_run_is_refused_with_its_bound() {
    let nested = |open: &str, bottom: &str, close: &str, count: usize| {
        format!("$[?{}{bottom}{}]", open.repeat(count), close.repeat(count))
    };
    let many_digits = "1".repeat(3_000);
    for (text, words) in [
        (nested("@[?", "@.a", "]", 24), "more than 16 deep"),
        (nested("(", "@.a", ")", 600), "more than 16 deep"),
        (nested("!(", "@.a", ")", 600), "more than 16 deep"),
        (nested("length(", "@.a", ")", 200) + ">1", "more than 16 deep"),
        (nested("(", "@.a", ")", 50_000), "2000 at most"),
        (format!("$[{many_digits}]"), "2000 at most"),
        ("$[?search(@.a, '\\\\w{2,200}')]".to_owned(), "repeat less"),
        ("$[?search(@.a, '(a{100}){100}')]".to_owned(), "10000 characters in a row, 400 at most"),
        (format!("$[?search(@.a, '{}')]", "(".repeat(200) + &")".repeat(200)), "no regular expression"),
        (format!("$[?search(@.a, '{}')]", "a".repeat(501)), "500 at most"),
    ] {
        let begun = processor_time();
        let refused = text.parse::<BodyPath>().expect_err(&text);
        assert!(refused.contains(words), "{text}: {refused}");
        assert!((processor_time() - begun).as_millis() < 1_500, "{text}");
    }
    // Each `*,*` doubles what is looked at.
    let doubled = format!("$[?@{}]", "[*,*]".repeat(60));
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let (took, fits) = cost(&doubled, &deep);
    assert!(fits.expect_err("no end").contains("was given up"));
    assert!(took.as_millis() < 3_000, "{took:?}");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, words) in [
        ("data.id", "expected `$` in place of `d` at character 1"),
        ("$.a.", "expected a name or `*` at its end"),
        ("$.a b", "expected `.`, `[` or the end of the path in place of ` ` at character 4"),
        ("$[a]", "expected a quoted name, a number, `*`, `:` or `?` in place of `a` at character 3"),
        ("$[01]", "`01` is no index"),
        ("$['a", "expected `'` at its end"),
        ("$[?@.a == b]", "`b` is no value: a text stands in quotes"),
        ("$[?@.* == 1]", "one value only"),
        ("$[?length(@.a)]", "expected a comparison"),
        ("$[?size(@.a) > 1]", "`size` is no function: expected length, count, value, match or search"),
        ("$[?search(@.a, '(')]", "no regular expression: unclosed group"),
    ] {
        let refused = text.parse::<BodyPath>().expect_err(text);
        assert!(refused.contains(words), "{text}: {refused}");
    }
}

/// Two readings of RFC 9535 that know nothing of each other.
#[test]
fn paths_select_what_another_implementation_selects() {
    let bodies = [
        r#"{"a":[1,2,3,{"b":"x"},[4,[5]],null,true,"text",2.5],"b":{"b":[0,-1,""]},"c d":{"'":1},"é":"é"}"#,
        r#"{"items":[{"id":"a","n":1,"tags":["x","y"]},{"id":"b","n":2,"tags":[]},{"n":1e0,"id":null},{"id":"A\nB"},7,[1,2]]}"#,
        r#"[[1,2,3,4,5,6],{"a":{"a":{"a":1}}},"abc",[],{},[[1,2,3,4,5,6]]]"#,
        "3",
    ];
    let selected = "$|$.a|$.a[0]|$.a[-1]|$.a[-100]|$.a[100]|$.a[*]|$.*|$..*|$..b|$..[0]|$..['a','b']|$['c d'][\"'\"]|$['c d']['\\'']\
        |$.\u{e9}|$['\\u00e9']|$.a[1:3]|$.a[:2]|$.a[2:]|$.a[::2]|$.a[::-1]|$.a[-2:]|$.a[5:1:-2]|$.a[0:0]|$.a[1:100]|$.a[-100:2]|$.a[::0]\
        |$[0][4:1:-1]|$[0][-1:-4:-1]|$[0][10:0:-3]|$[0][:-1]|$[0,0]|$[0,-1,1:3]|$.items[?@.id]|$.items[?!@.id]|$.items[?@.id=='a']\
        |$.items[?@.id != 'a']|$.items[?@.n == 1]|$.items[?@.n >= 1 && @.id]|$.items[?@.n<2||@.id=='b']|$.items[?(@.n < 2 || @.id) && @.tags]\
        |$.items[?!(@.n > 1)]|$.items[?@.none == @.nothing]|$.items[?@.id == null]|$.items[?length(@.tags) > 1]|$.items[?length(@.id)==1]\
        |$.items[?count(@.*) == 3]|$.items[?count(@.tags[*]) > 0]|$.items[?value(@..id) == 'a']|$.items[?match(@.id, '[a-b]')]\
        |$.items[?match(@.id, 'a|b')]|$.items[?search(@.id, 'A.?B')]|$.items[?!match(@.id, '.')]|$.items[?@.tags[?@ == 'x']]\
        |$.items[?@[0] == 1]|$.items[?'a' == @.id]|$.items[?@.id < 'b']|$.items[?@.id >= 'a']|$[?@ == 'abc']|$[?@[0]]|$[?@.a.a]\
        |$[?length(@) == 3]|$.a[?@ > 2]|$.a[?@ == true]|$.a[?@ == 2.5]|$..[?@.b]|$..[?@ == 1]|$[?@ == @]|$.items[?@.tags == @.tags]";
    for text in selected.split('|').fold(Vec::<String>::new(), joined) {
        let (ours, theirs) = (path(&text), serde_json_path::JsonPath::parse(&text).expect(&text));
        for body in bodies {
            let body: Value = serde_json::from_str(body).expect("JSON");
            let found = ours.query.select(&body, &Steps::new(STEPS_MAX)).expect("few");
            assert_eq!(found, theirs.query(&body).all(), "{text} in {body}");
        }
    }
}

/// A path that has a `|` of its own was cut there.
fn joined(mut all: Vec<String>, part: &str) -> Vec<String> {
    match all.last_mut() {
        Some(last) if !part.starts_with('$') => {
            last.push('|');
            last.push_str(part);
        }
        _ => all.push(part.to_owned()),
    }
    all
}

#[test]
fn ids_above_2_to_the_53_are_not_mistaken_for_their_neighbours() {
    let body = r#"{"a":[{"id":9007199254740993}]}"#;
    assert_eq!(checked("$.a[?@.id == 9007199254740993]", "*", body), Ok(()));
    assert!(checked("$.a[?@.id == 9007199254740992]", "*", body).is_err());
}
