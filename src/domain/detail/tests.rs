use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{
    Answer, Attempt, AttemptKind, AttemptOutcome, ExchangeId, HttpVersion, Mark, Request, SignatureChoice, Timing,
};
use crate::domain::headers::Headers;
use crate::domain::pretty::{Limits, Line, Role};
use crate::domain::signature::{Cause, Outcome, Verdict};
use crate::domain::summary::{Recognised, Summary};
use crate::domain::testing;
use crate::domain::time::Timestamp;

const PUSH: &str = include_str!("../../../tests/fixtures/github-push.json");

fn request() -> Request {
    Request {
        peer: Some(([127, 0, 0, 1], 50_000).into()),
        first_byte: Timestamp::parse_rfc3339("2026-11-22T02:30:00.123456Z").unwrap(),
        body_complete_us: 812,
        target: Bytes::from_static(b"/hooks/github?a=1&b=2"),
        headers: Headers::from_pairs([
            ("Host", "hooks.example"),
            ("User-Agent", "GitHub-Hookshot/044aadd"),
            ("X-GitHub-Event", "push"),
            ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            ("content-type", "application/json"),
            ("X-Request-Timestamp", "1795314595"),
            ("x-dup", "1"),
            ("X-DUP", "\u{1b}[31m"),
        ]),
        body: Body::whole(PUSH),
        ..testing::request()
    }
}

fn exchange(request: Request) -> Exchange {
    let answer = Answer {
        begun: Some(request.first_byte.plus_micros(1000)),
        done: request.first_byte.plus_micros(1212),
        status: Some(422),
        headers: Headers::from_pairs([("content-type", "application/json")]),
        body: Body::whole("{\"ok\":false}"),
        rule: "path /hooks/*".to_owned(),
        ..testing::answer(request.id)
    };
    Exchange { request: Arc::new(request), answer: Some(Arc::new(answer)), attempts: Vec::new(), unread: Vec::new() }
}

fn attempt(number: u32, head: Vec<u8>, outcome: AttemptOutcome) -> Arc<Attempt> {
    Arc::new(Attempt {
        exchange: ExchangeId(1),
        number,
        kind: Default::default(),
        at: Timestamp::parse_rfc3339("2026-11-22T02:40:00Z").unwrap(),
        sent: Outgoing {
            origin: "http://127.0.0.1:3000".to_owned(),
            head: Bytes::from(head),
            body: Bytes::from_static(PUSH.as_bytes()),
        },
        signature: SignatureChoice::Resigned,
        outcome,
        timing: Timing {
            dns_us: None,
            connect_us: Some(250),
            tls_us: None,
            first_byte_us: Some(9_000),
            download_us: Some(750),
            total_us: 10_000,
        },
    })
}

fn context<'a>() -> DetailContext<'a> {
    DetailContext {
        now: Timestamp::parse_rfc3339("2026-11-22T02:40:30Z").unwrap(),
        base_url: "http://127.0.0.1:7070",
        limits: Limits { width: 80, ..Limits::default() },
        ..DetailContext::default()
    }
}

/// Lines with the roles that matter to the eye in front: `!` bad, `+` good, `~` warn.
fn legible(document: &Document) -> String {
    let mut text = String::new();
    for line in &document.lines {
        let sign = line.spans().find_map(|span| match span.role {
            Role::Bad => Some('!'),
            Role::Good => Some('+'),
            Role::Warn => Some('~'),
            _ => None,
        });
        text.push(sign.unwrap_or(' '));
        text.push(' ');
        text.push_str(line.text());
        text.push('\n');
    }
    for note in &document.notes {
        text.push_str(&format!("# {note}\n"));
    }
    text
}

#[test]
fn two_requests_are_compared_line_by_line() {
    let overview = |this: Request, other: &Request| {
        let context = DetailContext { compared: Some(other), ..context() };
        let text = legible(&document(Tab::Overview, &exchange(this), &context));
        let start = text.find("compared").expect("a section");
        text[start..].split("\n  \n").next().unwrap_or_default().to_owned()
    };
    let with_body = |id: u64, body: &str| {
        let mut other = Request { id: ExchangeId(id), body: Body::whole(body.as_bytes().to_vec()), ..request() };
        other.headers.set("X-GitHub-Delivery", format!("delivery-{id}"));
        other.raw_head = None;
        other
    };
    let (this, other) = (with_body(7, r#"{"a":1,"b":[1,2]}"#), with_body(3, r#"{"a":1,"b":[1,5]}"#));
    insta::assert_snapshot!(overview(this.clone(), &other), @r"
    compared   with #3 POST /hooks/github?a=1&b=2
    !   - X-GitHub-Delivery: delivery-3
    +   + X-GitHub-Delivery: delivery-7
    ~   body: 17 B before, 17 B now
              1,
    !   -     5
    +   +     2
    ");
    let same = Request { id: ExchangeId(9), ..this.clone() };
    assert!(overview(same, &this).contains("byte for byte the same"));
    let elsewhere = Request { id: ExchangeId(9), target: "/elsewhere".into(), ..this.clone() };
    assert!(!overview(elsewhere, &this).contains("byte for byte the same"));
    assert!(overview(this.clone(), &this).contains("this is the request that they are compared with"));
}

#[test]
fn the_overview_is_the_anatomy_with_the_cause_first() {
    let exchange = exchange(request());
    let recognised = Recognised {
        provider: Some(Arc::from("github")),
        event_type: Some("push".to_owned()),
        delivery: Some("72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned()),
    };
    let summary = Summary { delivery_count: 3, ..Summary::of(&exchange.request, &recognised) };
    let detail = "The body was changed on the way.";
    let verdict = Verdict::plain("github", Outcome::Invalid, Some(Cause::ALL[5]), detail, exchange.request.first_byte);
    let provider =
        ProviderWords { title: "GitHub", docs_url: "https://docs.github.com/webhooks", ..ProviderWords::default() };
    let context =
        DetailContext { verdict: Some(&verdict), summary: Some(&summary), provider: Some(provider), ..context() };
    insta::assert_snapshot!(legible(&document(Tab::Overview, &exchange, &context)));
}

#[test]
fn headers_keep_their_order_case_and_repeats() {
    insta::assert_snapshot!(legible(&document(Tab::Headers, &exchange(request()), &context())));
}

#[test]
fn long_values_go_on_under_their_beginning() {
    let request = Request { headers: Headers::from_pairs([("X-Long", "a".repeat(40))]), ..request() };
    let headers = document(Tab::Headers, &exchange(request), &context()).wrap(30);
    let lines: Vec<&str> = headers.lines.iter().map(Line::text).collect();
    assert_eq!(lines, [format!("X-Long  {}", "a".repeat(22)), format!("{}{}", " ".repeat(8), "a".repeat(18))]);
}

#[test]
fn the_answer_says_what_chose_it() {
    insta::assert_snapshot!(legible(&document(Tab::Answer, &exchange(request()), &context())));
}

#[test]
fn what_a_guard_would_have_done_stands_above_the_rules_that_were_passed_over() {
    let mut exchange = exchange(request());
    let mut answer = Answer::clone(exchange.answer.as_deref().unwrap());
    answer.choice = Some(Box::new(crate::domain::reply::Choice {
        passed: (0..20).map(|at| format!("rule {at}: the path is another")).collect(),
        notes: vec!["would be refused with 403: it comes from 192.0.2.1, which is not allowed".to_owned()],
        ..Default::default()
    }));
    assert_eq!(answer.choice.as_ref().and_then(|choice| choice.would_refuse()), Some(403));
    exchange.answer = Some(Arc::new(answer));
    for tab in [Tab::Answer, Tab::Overview] {
        let text = legible(&document(tab, &exchange, &context()));
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
        assert!(at("would be refused with 403") < at("passed over"), "{text}");
        assert_eq!(text.matches("would be refused").count(), 1, "{text}");
    }
}

#[test]
fn nothing_moves_while_a_request_grows_old() {
    let exchange = exchange(request());
    let arrived = exchange.request.first_byte;
    for width in 30..90 {
        let lines = |seconds: i64| {
            let now = arrived.plus_micros(seconds * 1_000_000);
            let context = DetailContext { now, limits: Limits { width, ..Limits::default() }, ..context() };
            document(Tab::Overview, &exchange, &context).wrap(width).lines.len()
        };
        let now = lines(0);
        for seconds in [1, 15, 119, 120, 7_000, 20_000, 900_000] {
            assert_eq!(lines(seconds), now, "{seconds} s at {width} columns");
        }
    }
}

#[test]
fn attempts_show_what_was_different_and_where_the_time_went() {
    let request = request();
    let mut other = request.clone();
    other.headers.set("x-github-event", "pull_request");
    other.headers.remove("x-dup");
    let answered = AttemptOutcome::Answered {
        version: HttpVersion::Http11,
        status: 500,
        reason: Bytes::from_static(b"Oh\x1bno"),
        headers: Headers::from_pairs([("Content-Type", "text/plain")]),
        body: Body::whole("broken\n"),
        marks: Vec::new(),
    };
    let failed = AttemptOutcome::Failed { message: "connecting to 127.0.0.1:3000: refused; is it running?".to_owned() };
    let attempts = vec![attempt(1, request.canonical_head(), failed), attempt(2, other.canonical_head(), answered)];
    let exchange = Exchange { attempts, ..exchange(request) };
    insta::assert_snapshot!(legible(&document(Tab::Attempts, &exchange, &context())));
}

#[test]
fn raw_shows_every_byte_of_the_head() {
    let request = Request {
        raw_head: Some(Bytes::from_static(b"POST /x HTTP/1.1\r\nHost:\thooks\nX-Odd : \xff\x1b\r\n\r\n")),
        body: Body::whole("a\r\nb"),
        trailers: Headers::from_pairs([("X-Sum", "9")]),
        ..request()
    };
    insta::assert_snapshot!(legible(&document(Tab::Raw, &exchange(request), &context())));
}

#[test]
fn marks_are_loud_on_the_tabs_that_they_concern() {
    let request = Request {
        body: Body { bytes: Bytes::from_static(b"{\"half\": "), length_bytes: 20_000_000 },
        marks: vec![Mark::Truncated { limit_bytes: 10_485_760 }, Mark::Incomplete { reason: "timeout".to_owned() }],
        ..request()
    };
    let exchange = exchange(request);
    for tab in [Tab::Overview, Tab::Body, Tab::Raw] {
        let text = legible(&document(tab, &exchange, &context()));
        assert!(text.starts_with("! TRUNCATED  the body went over the limit of 10 MiB"), "{tab:?}: {text}");
        assert!(text.contains("\n! INCOMPLETE  timeout\n"), "{tab:?}: {text}");
    }
    // What is missing at the end is not the fault of the JSON.
    let body = legible(&document(Tab::Body, &exchange, &context()));
    assert!(!body.contains("not JSON"), "{body}");
}

#[test]
fn a_refused_request_shows_its_reason_and_first_bytes() {
    let request = Request {
        method: Bytes::new(),
        target: Bytes::new(),
        headers: Headers::new(),
        body: Body::default(),
        raw_head: Some(Bytes::from_static(b"\x16\x03\x01\x02\x00\x01\x00\x01")),
        marks: vec![Mark::Refused { reason: "a TLS hello on the plain port".to_owned() }],
        ..request()
    };
    let exchange = Exchange { answer: None, ..exchange(request) };
    insta::assert_snapshot!(legible(&document(Tab::Overview, &exchange, &context())));
    assert!(legible(&document(Tab::Raw, &exchange, &context())).contains("16 03 01"));
}

#[test]
fn http2_lines_of_its_own_are_shown_with_a_note() {
    let request = Request {
        version: HttpVersion::Http2,
        headers: Headers::from_pairs([("content-type", "text/plain")]),
        pseudo: Headers::from_pairs([(":authority", "hooks.example"), (":scheme", "https")]),
        ..request()
    };
    let exchange = exchange(request);
    let headers = document(Tab::Headers, &exchange, &context());
    assert_eq!(headers.lines[0].text(), ":authority  hooks.example");
    assert!(headers.notes[0].starts_with("HTTP/2: names are lower case"));
    let overview = document(Tab::Overview, &exchange, &context()).to_text();
    assert!(overview.contains("https://hooks.example/hooks/github?a=1&b=2"), "{overview}");
}

#[test]
fn a_saved_session_needs_no_words_about_anything() {
    let exchange = Exchange { answer: None, ..exchange(Request { peer: None, headers: Headers::new(), ..request() }) };
    for tab in Tab::ALL {
        assert!(!document(tab, &exchange, &DetailContext::default()).lines.is_empty(), "{tab:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_anywhere_reach_the_screen_unseen(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        text in "\\PC{0,10}[\u{1b}\u{9b}\u{202e}\n]{0,3}",
        width in 1_u16..60,
    ) {
        let request = Request {
            method: Bytes::from(bytes.clone()),
            target: Bytes::from(bytes.clone()),
            headers: [("content-type", &bytes), ("content-encoding", &bytes), ("host", &bytes), ("user-agent", &bytes)]
                .into_iter()
                .map(|(name, value)| crate::domain::headers::Header {
                    name: Bytes::from_static(name.as_bytes()),
                    value: Bytes::from(value.clone()),
                })
                .collect(),
            body: Body::whole(bytes.clone()),
            marks: vec![Mark::Incomplete { reason: text.clone() }],
            ..request()
        };
        let failed = AttemptOutcome::Failed { message: text.clone() };
        let answered = AttemptOutcome::Answered {
            version: HttpVersion::Http10,
            status: 99,
            reason: Bytes::from(bytes.clone()),
            headers: Headers::from_pairs([(&text, &text)]),
            body: Body::whole(bytes.clone()),
            marks: vec![Mark::Refused { reason: text.clone() }],
        };
        let attempts = vec![attempt(1, bytes.clone(), failed), attempt(2, bytes, answered)];
        let exchange = Exchange { attempts, ..exchange(request) };
        let context = DetailContext { limits: Limits { width, ..Limits::default() }, ..context() };
        for tab in Tab::ALL {
            let document = document(tab, &exchange, &context).wrap(width);
            for line in &document.lines {
                prop_assert!(!line.text().chars().any(|char| char.is_control() || char == '\u{202e}'), "{tab:?} {line:?}");
                prop_assert!(line.width() <= usize::from(width), "{tab:?} {line:?}");
            }
            prop_assert!(document.notes.iter().all(|note| !note.chars().any(char::is_control)));
        }
    }
}

/// Three tries of one delivery of Slack, seen from the third, whose body is another one.
#[test]
fn the_tries_of_a_delivery_stand_below_each_other_with_what_is_documented() {
    use crate::domain::exchange::AnswerOutcome;
    use crate::domain::judgement::Rules;
    use crate::domain::signature::Profiles;
    use crate::domain::summary::AnswerBrief;
    let profile = Profiles::builtin().by_name("slack").unwrap();
    let first = request();
    let mut last = request();
    last.id = ExchangeId(9);
    last.headers.push("X-Slack-Retry-Num", "2");
    last.body = Body::whole(Bytes::from(PUSH.replace("simple-tag", "other-tag")));
    let exchange = exchange(last);
    let rules = Rules::of(&profile.delivery);
    let at = |seconds: i64| first.first_byte.plus_micros(seconds * 1_000_000);
    let made = |(id, number, seconds, same_body): (u64, u32, i64, Option<bool>)| {
        let answer = AnswerBrief {
            status: Some(500),
            outcome: AnswerOutcome::Sent,
            answer_us: 900,
            by: Default::default(),
            step: None,
            would_refuse: None,
            wrong: None,
        };
        let given = crate::domain::judgement::Given {
            status: Some(500),
            outcome: AnswerOutcome::Sent,
            body: Some(bytes::Bytes::new()),
            headers: crate::domain::headers::Headers::new(),
            answer_us: 900,
            done: at(seconds),
            number: Some(number),
        };
        Arc::new(Summary {
            id: ExchangeId(id),
            at: at(seconds),
            delivery_count: 3,
            delivery_number: number,
            delivery_first: ExchangeId(1),
            same_body,
            answer: Some(answer),
            judgement: rules.judge(&given),
            ..Summary::of(&first, &Recognised { delivery: Some("Ev1".to_owned()), ..Recognised::default() })
        })
    };
    let tries = [(1, 1, 0, None), (4, 2, 2, Some(true)), (9, 3, 64, Some(false))].map(made);
    let provider = ProviderWords { title: "Slack", delivery: Some(&profile.delivery), ..ProviderWords::default() };
    let context = DetailContext {
        summary: Some(&tries[2]),
        tries: &tries,
        first_try: Some(&first),
        provider: Some(provider),
        now: at(70),
        ..context()
    };
    let text = legible(&document(Tab::Overview, &exchange, &context));
    insta::assert_snapshot!(text.split_once("tries").map(|(_, rest)| rest.split("payload").next().unwrap()).unwrap());
}

#[test]
fn attempts_show_the_lines_of_the_body_that_were_changed() {
    let request = request();
    let mut sent = (*attempt(1, request.canonical_head(), AttemptOutcome::Failed { message: "no".to_owned() })).clone();
    sent.sent.body = Bytes::from(PUSH.replace("simple-tag", "other-tag"));
    let exchange = Exchange { attempts: vec![Arc::new(sent)], ..exchange(request) };
    let text = legible(&document(Tab::Attempts, &exchange, &context()));
    insta::assert_snapshot!(text.split_once("sent  ").map(|(_, rest)| rest).unwrap());
}

#[test]
fn a_callback_is_shown_as_the_request_that_it_is() {
    let mut exchange = exchange(request());
    let head = b"POST /hooks/1?x=y HTTP/1.1\r\nHost: hooks.test\r\nContent-Type: application/json\r\n\r\n".to_vec();
    let mut called = (*attempt(1, head, AttemptOutcome::Failed { message: "not called: no".to_owned() })).clone();
    called.kind = AttemptKind::Callback;
    called.sent.body = Bytes::from_static(br#"{"text":"done"}"#);
    exchange.attempts = vec![Arc::new(called)];
    let shown = legible(&document(Tab::Attempts, &exchange, &context()));
    for part in [
        "attempt 1, callback of a rule",
        "not called  no",
        "POST /hooks/1?x=y HTTP/1.1",
        "hooks.test",
        "\"text\": \"done\"",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("signature") && !shown.contains("byte for byte"), "{shown}");
}

#[test]
fn a_shadow_is_compared_with_an_answer_only() {
    let shown = |of_app: AttemptOutcome| {
        let mut exchange = exchange(request());
        let head = exchange.request.canonical_head();
        let of =
            |number, kind, outcome| Arc::new(Attempt { kind, ..(*attempt(number, head.clone(), outcome)).clone() });
        let late = AttemptOutcome::Failed { message: "no answer within 2 s".to_owned() };
        exchange.attempts = vec![of(1, AttemptKind::Forward, of_app), of(2, AttemptKind::Shadow, late)];
        legible(&document(Tab::Attempts, &exchange, &context()))
    };
    let neither = shown(AttemptOutcome::Failed { message: "no answer within 2 s".to_owned() });
    assert!(neither.contains("neither of the two answered") && !neither.contains("the same"), "{neither}");
    let one = shown(AttemptOutcome::Answered {
        version: HttpVersion::Http11,
        status: 200,
        reason: Bytes::new(),
        headers: Headers::new(),
        body: Body::default(),
        marks: Vec::new(),
    });
    assert!(one.contains("no answer") && !one.contains("the same"), "{one}");
}

#[test]
fn what_the_user_sent_again_is_not_counted_with_what_went_on_by_itself() {
    let mut exchange = exchange(request());
    let head = exchange.request.canonical_head();
    let of = |(at, kind): (usize, AttemptKind)| {
        let failed = AttemptOutcome::Failed { message: "no".to_owned() };
        Arc::new(Attempt { kind, ..(*attempt(at as u32 + 1, head.clone(), failed)).clone() })
    };
    let kinds = [AttemptKind::Forward, AttemptKind::Shadow, AttemptKind::Resend, AttemptKind::Shadow];
    exchange.attempts = kinds.into_iter().enumerate().map(of).collect();
    let shown = legible(&document(Tab::Overview, &exchange, &context()));
    assert!(shown.contains("sent again 1 time, last"), "{shown}");
    assert!(shown.contains("sent on    once to the app, 2 times to a shadow, last without an answer"), "{shown}");
    exchange.attempts.remove(2);
    let shown = legible(&document(Tab::Overview, &exchange, &context()));
    assert!(!shown.contains("sent again"), "{shown}");
}

#[test]
fn why_nothing_answered_stands_below_itself() {
    let mut exchange = exchange(request());
    let head = exchange.request.canonical_head();
    let message = "could not connect to 127.0.0.1:9: connection refused; nothing listens there".to_owned();
    exchange.attempts = vec![attempt(1, head, AttemptOutcome::Failed { message })];
    let document = document(Tab::Attempts, &exchange, &context()).wrap(50);
    let lines: Vec<String> = document.lines.iter().map(|line| line.text().to_owned()).collect();
    let at = lines.iter().position(|line| line.starts_with("no answer")).unwrap();
    let below = document.lines.get(at + 1).unwrap();
    assert_eq!(below.hang(), "no answer  ".len(), "{lines:#?}");
    assert!(lines.iter().any(|line| line.trim_end().ends_with("http://127.0.0.1:3000")), "{lines:#?}");
}
