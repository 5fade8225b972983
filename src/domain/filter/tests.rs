use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::body::Body;
use crate::domain::exchange::{AnswerOutcome, ExchangeId};
use crate::domain::headers::Headers;
use crate::domain::judgement::{Judgement, Says, Then};
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::AnswerBrief;
use crate::domain::testing;
use crate::domain::time::Timestamp;

pub(super) fn summary() -> Summary {
    Summary {
        id: ExchangeId(7),
        at: Timestamp::from_secs(0),
        method: "POST".into(),
        target: "/Stripe/hook?live=1".into(),
        peer: "10.0.0.9".into(),
        size_bytes: 12_000,
        refused: false,
        cut: false,
        provider: Some("stripe".into()),
        event_type: Some("invoice.paid".into()),
        delivery: Some("evt_1abc".into()),
        complete_us: 0,
        delivery_number: 1,
        delivery_first: ExchangeId(7),
        same_body: None,
        body_change: None,
        judgement: Some(Judgement { says: Says::TooLate, then: Then::Unknown }),
        delivery_count: 2,
        verdict: Some((Outcome::Unknown, Some(Cause::NoSecret))),
        is_first_look: false,
        is_answer_lost: false,
        may_be_handshake: false,
        answer: Some(AnswerBrief {
            status: Some(503),
            outcome: AnswerOutcome::Sent,
            answer_us: 900,
            by: Default::default(),
            step: None,
            would_refuse: None,
            wrong: None,
        }),
        onward: None,
        attempts: 0,
        marked: true,
    }
}

fn request() -> Request {
    Request {
        id: ExchangeId(7),
        target: "/Stripe/hook?live=1".into(),
        headers: Headers::from_pairs([("Content-Type", "application/json"), ("X-Event", "Push")]),
        body: Body::whole(r#"{"Amount":100,"город":"Рим"}"#),
        ..testing::request()
    }
}

fn matches(text: &str) -> bool {
    Filter::parse(text).unwrap().matches(&summary(), Some(&request()))
}

#[test]
fn every_field_tells_yes_from_no() {
    let table = [
        ("method:post", "method:put"),
        ("method:P*", "method:*X"),
        ("path:/stripe*", "path:/hook*"),
        ("path:/stripe", "path:/stripes"),
        ("path:/hook", "path:stripe*"),
        ("path:HOOK", "path:live"),
        ("path:*hook", "path:*stripe"),
        ("status:5xx", "status:4xx"),
        ("status:503", "status:500"),
        ("status:>=500", "status:<500"),
        ("status:400-599", "status:none"),
        ("verdict:unknown", "verdict:valid"),
        ("verdict:unverified", "verdict:valid"),
        ("cause:no-*", "cause:bad*"),
        ("provider:Stripe", "provider:none"),
        ("type:invoice.*", "type:invoice"),
        ("event:invoice.paid", "event:none"),
        ("judged:too-late", "judged:accepted"),
        ("judged:too*", "judged:none"),
        ("type:*.paid", "type:*.failed"),
        ("delivery:evt_1*", "delivery:none"),
        ("peer:10.*", "peer:127.*"),
        ("id:7", "id:<7"),
        ("id:3-9", "id:8-9"),
        ("size:>10kb", "size:>1mb"),
        ("size:12000", "size:0-1kb"),
        ("header:x-event", "header:x-other"),
        ("header:\"x-event: push\"", "header:\"x-event: pull\""),
        ("header:x-event*push", "header:push*x-event"),
        ("body:amount", "body:sum"),
        ("body:\"\\\"amount\\\":100\"", "body:\"\\\"amount\\\": 100\""),
        ("body:Рим", "body:рим"),
        ("marked", "!marked"),
        ("is:retried", "is:resent"),
        ("is:answered", "is:refused"),
        ("evt_1", "evt_2"),
        ("AMOUNT", "amounts"),
        ("json", "xml"),
        ("live=1", "live=2"),
        ("", "!post"),
    ];
    for (yes, no) in table {
        assert!(matches(yes), "{yes} should let it through");
        assert!(!matches(no), "{no} should not let it through");
    }
}

#[test]
fn a_path_is_found_as_it_came_and_decoded() {
    let row = Summary { target: "/caf%C3%A9/a%20b?q=%C3%BC".into(), ..summary() };
    let holds = |text: &str| Filter::parse(text).unwrap().matches(&row, None);
    for text in ["path:caf%C3%A9", "path:café", "path:CAFÉ*", "path:/café*", "\"a b\"", "path:*b", "café", "q=ü"] {
        assert_eq!(holds(text), text != "path:CAFÉ*", "{text}");
    }
    assert!(!holds("path:ü") && !holds("!path:café"));
    // What decodes to no text is found as it came alone.
    let row = Summary { target: "/a%ff%2".into(), ..summary() };
    let holds = |text: &str| Filter::parse(text).unwrap().matches(&row, None);
    assert!(holds("path:%ff%2") && !holds("path:\u{fffd}"));
}

#[test]
fn what_finds_nothing_says_what_a_star_would_find() {
    let rows = [summary(), Summary { event_type: Some("invoice.failed".into()), ..summary() }].map(Arc::new);
    let wider = |text: &str| {
        let found = Filter::parse(text).unwrap().wider(&rows);
        found.map(|(filter, fits)| format!("{filter} {fits}"))
    };
    assert_eq!(wider("type:in"), Some("event:in* 2".to_owned()));
    assert_eq!(wider("type:invoice.p or type:x"), Some("event:invoice.p* or event:x* 1".to_owned()));
    assert_eq!(wider("delivery:evt !provider:str"), Some("delivery:evt* !provider:str 2".to_owned()));
    // Nothing is said of what finds something, or would not find more.
    assert_eq!(
        (wider("type:invoice.paid"), wider("type:order"), wider("path:/x"), wider("body:x")),
        (None, None, None, None)
    );
    let fits = |text: &str| Filter::parse(text).unwrap().among(&rows);
    assert_eq!(fits("type:*.paid"), Fits { sure: 1, perhaps: 0 });
    assert_eq!(fits("body:x"), Fits { sure: 0, perhaps: 2 });
}

#[test]
fn terms_group_as_they_read() {
    assert!(matches("method:get or method:post status:503"));
    assert!(!matches("(method:get or method:post) status:200"));
    assert!(matches("method:get status:200 or marked"));
    assert!(matches("-method:get !(status:2xx or status:3xx)"));
    assert!(matches("method:post and marked"));
    assert!(matches("!!marked"));
    assert!(!matches("\"marked\""), "quoted, it is a text to find");
    assert!(!matches("\"po*\""), "quoted, a star is a star");
    assert!(matches("po*"));
}

#[test]
fn a_row_is_decided_without_its_request_where_it_can_be() {
    let decide = |text: &str| Filter::parse(text).unwrap().decide(&summary());
    assert_eq!(decide("body:x"), None);
    assert_eq!(decide("!body:x"), None);
    assert_eq!(decide("method:get body:x"), Some(false));
    assert_eq!(decide("method:post or body:x"), Some(true));
    assert_eq!(decide("method:post body:x"), None);
    assert_eq!(decide("stripe"), Some(true));
    assert_eq!(decide("amount"), None);
    assert!(!Filter::parse("!body:x").unwrap().matches(&summary(), None));
    assert!(Filter::parse("x").unwrap().needs_request());
    assert!(!Filter::parse("method:post status:5xx marked").unwrap().needs_request());
    assert!(Filter::parse("  ").unwrap().is_empty());
}

#[test]
fn text_that_is_absent_is_none() {
    let mut row = summary();
    row.provider = None;
    row.event_type = None;
    row.answer = None;
    let holds = |text: &str| Filter::parse(text).unwrap().matches(&row, None);
    assert!(holds("provider:none type:none status:none"));
    assert!(!holds("status:<600"));
    row.event_type = Some(Arc::from("ÄNDERUNG"));
    assert!(Filter::parse("type:änder*").unwrap().matches(&row, None), "letters outside ASCII fold too");
}

#[test]
fn mistakes_name_the_column_and_what_was_expected() {
    let cases = [
        "status:nope",
        "status:9999",
        "size:>ten",
        "size:9-3",
        "id:<0",
        "verdict:invald",
        "is:big",
        "foo:bar",
        "path:",
        "method:post (path:/a",
        "a ) b",
        "a or",
        "or a",
        "- a",
        "\"open",
        "a \"\"",
        "()",
        "id:>18446744073709551615",
    ];
    let shown = cases.map(|text| {
        let error = Filter::parse(text).unwrap_err();
        format!("{text}\n{:>column$} {}", "^", error.message, column = error.column)
    });
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_filter_is_printed_in_its_own_words() {
    let printed = |text: &str| Filter::parse(text).unwrap().to_string();
    for text in [
        "method:POST path:/stripe* status:5xx",
        "!(a or b) c",
        "size:>10kb",
        "size:1kb-1mb",
        "header:\"x-event: push\"",
        "\"a*b\"*c",
        "\"or\"",
        "\"marked\" marked",
        "\"-x\"",
        "https://example.com/x".replace(':', "\":\"").as_str(),
        "(a or b) (c or d)",
        "a or b c",
        "",
    ] {
        let once = printed(text);
        assert_eq!(printed(&once), once);
    }
    assert_eq!(printed("METHOD:post  AND  Path:/x and !!marked"), "method:post path:/x marked");
    assert_eq!(printed("((a) (b)) or (c or d)"), "a b or c or d");
    assert_eq!(printed("https://x"), "\"https://x\"");
    assert_eq!(printed("size:>=10241"), "size:>10kb");
    assert_eq!(printed("status:400-499"), "status:4xx");
}

#[test]
fn what_is_too_deep_or_too_long_is_refused() {
    assert!(Filter::parse(&"(".repeat(TEXT_CHARS_MAX)).is_err());
    assert!(Filter::parse(&"!".repeat(TEXT_CHARS_MAX)).is_err());
    assert!(Filter::parse(&"a".repeat(TEXT_CHARS_MAX + 1)).is_err());
    assert!(Filter::parse(&format!("{}a{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX))).is_ok());
}

fn any_filter_text() -> impl Strategy<Value = String> {
    let value = "[a-zA-Z0-9*./_é-]{1,6}|\"[ -~é]{1,6}\"|\"a\"\\*b|[!-]x";
    let term = prop_oneof![
        value.prop_map(String::from),
        ("(method|path|type|delivery|provider|cause|peer|header|body|PATH):", value).prop_map(|(a, b)| a + &b),
        "status:([0-9]xx|none|(|<|>|<=|>=)[1-9][0-9]{2}|100-[2-9]00)",
        "(size|id):(|<=|>=|>|<)[1-9][0-9]{0,9}",
        "size:(|<=|>=|>|<)[1-9][0-9]?(kb|mb|GB|k)",
        Just("marked".to_owned()),
        "is:(marked|refused|cut|answered|retried|resent)",
        "verdict:(valid|invalid|none|i*)",
    ];
    term.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(|terms| terms.join(" ")),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|terms| terms.join(" or ")),
            inner.clone().prop_map(|term| format!("!({term})")),
            inner.clone().prop_map(|term| format!("-({term})")),
            inner.prop_map(|term| format!("( {term} )")),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_filter(text in any_filter_text()) {
        if let Ok(filter) = Filter::parse(&text) {
            let printed = filter.to_string();
            prop_assert_eq!(Filter::parse(&printed).map_err(|error| format!("{printed}: {error}")), Ok(filter));
        }
    }

    #[test]
    fn no_text_panics(raw in any::<String>(), parts in "(method:|status:|size:|or|and|[ ()!*\">:x-]|-|[0-9]kb|marked){0,16}") {
        for text in [raw, parts] {
            match Filter::parse(&text) {
                Ok(filter) => {
                    filter.matches(&summary(), Some(&request()));
                    prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
                }
                Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{text:?}: {error}"),
            }
        }
    }

    #[test]
    fn an_undecided_row_is_decided_by_its_request(text in any_filter_text()) {
        if let Ok(filter) = Filter::parse(&text) {
            let whole = filter.matches(&summary(), Some(&request()));
            prop_assert!(filter.decide(&summary()).is_none_or(|early| early == whole), "{text}");
            prop_assert!(filter.needs_request() || filter.decide(&summary()).is_some());
        }
    }
}

#[test]
fn it_says_which_terms_keep_a_row_out_and_which_filters_wait_for_an_answer() {
    let row = Summary { target: "/stripe".into(), method: "POST".into(), ..summary() };
    let unmet = |text: &str| Filter::parse(text).unwrap().unmet(&row, None);
    assert_eq!(unmet("path:/stripe method:post"), Vec::<String>::new());
    assert_eq!(unmet("path:/stripe status:404 -method:POST"), ["status:404", "!method:POST"]);
    assert_eq!(unmet("status:404 or path:/github"), ["status:404 or path:/github"]);
    for (text, waits) in [
        ("status:404", true),
        ("path:/a or !(is:answered)", true),
        ("judged:failed", true),
        ("path:/a verdict:valid is:refused", false),
    ] {
        assert_eq!(Filter::parse(text).unwrap().looks_at_answer(), waits, "{text}");
    }
}
