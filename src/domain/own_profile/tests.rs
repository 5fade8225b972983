use std::sync::Arc;

use super::*;
use crate::domain::handshake;
use crate::domain::signature::material::{Absent, Material};
use crate::domain::signature::tests::request;
use crate::domain::signature::{Outcome, Profiles};

const GOOD: &str = r#"(
    title: "Mine",
    docs: "https://mine.example",
    sources: ["us"],
    recognise: [["header:x-mine"]],
    secret: (called: "secret", find: "there"),
    schemes: [(
        signature: ["header:X-Mine"],
        algorithm: HmacSha256,
        message: "{body}",
    )],
    handshakes: [(
        kind: Prove,
        when: ["query:challenge"],
        value: "query:challenge",
        hex_digits: (16, 64),
        status: 200,
        headers: [("X-Answer", "{query:challenge|hmac-sha256|hex}")],
        body: "{query:challenge|hmac-sha256|hex}",
    )],
    events: [(name: "a", headers: [("X-Kind", "a")], body: "{}")],
)"#;

#[test]
fn what_would_harm_the_answer_is_refused_with_line_and_field() {
    read("mine.ron", GOOD).unwrap();
    let long = |from: &str, count: usize| format!("{{{from}{}}}", "|base64".repeat(count));
    for (from, to, line, words) in [
        ("status: 200", "status: 0", 17, "handshakes[0].status: expected a status from 200 to 599, found 0"),
        ("status: 200", "status: 65535", 17, "found 65535"),
        ("status: 200", "status: 101", 17, "found 101"),
        ("status: 200", "status_invalid: 7", 17, "handshakes[0].status_invalid: expected"),
        (
            "(16, 64)",
            "(30, 2)",
            16,
            "handshakes[0].hex_digits: expected the fewest and the most digits, from 1 to 256, found (30, 2)",
        ),
        ("(16, 64)", "(0, 2)", 16, "found (0, 2)"),
        ("(16, 64)", "(1, 100000)", 16, "found (1, 100000)"),
        ("kind: Prove", "kind: Echo", 16, "handshakes[0].hex_digits: only a handshake of the kind Prove"),
        (
            "X-Answer",
            "X-Answer\\r\\nX-Evil",
            18,
            r#"handshakes[0].headers[0]: "X-Answer\r\nX-Evil" is no header's name"#,
        ),
        ("X-Answer", "", 18, "is no header's name"),
        (
            "X-Answer",
            "Transfer-Encoding",
            18,
            "handshakes[0].headers[0]: `Transfer-Encoding` says where a message ends",
        ),
        ("\"{query:challenge|hmac-sha256|hex}\")", "\"a\\r\\nX-Evil: {query:challenge}\")", 18, "no line end"),
        ("\"{query:challenge|hmac-sha256|hex}\")", "\"a\\u{1b}[31m\")", 18, "no line end"),
        ("\"{query:challenge|hmac-sha256|hex}\")", "\"{?a\\u{0}~query:challenge~b}\")", 18, "no line end"),
        ("header:X-Mine", "header:X Mine", 8, "schemes[0].signature[0]: \"X Mine\" is no header's name"),
        ("(\"X-Kind\", \"a\")", "(\"X-Kind\", \"a\\nb\")", 21, "events[0].headers[0]: a header's value"),
        (
            "\"{body}\"",
            &format!("\"{}\"", long("body", 60)),
            10,
            "schemes[0].message: there are 60 filters behind one value, and at most 8 may be",
        ),
        ("\"{body}\"", &format!("\"{}\"", "{body}".repeat(65)), 10, "schemes[0].message: there are 65 pieces"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let error = read("providers/mine.ron", &GOOD.replacen(from, to, 1)).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("providers/mine.ron", line), "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(!error.to_string().contains(['\r', '\n', '\u{1b}']), "{error}");
    }
    let scheme = "(signature: [\"header:X-Mine\"], algorithm: HmacSha256, message: \"{body}\"),";
    let many = GOOD.replace("schemes: [", &format!("schemes: [{}", scheme.repeat(SCHEMES_MAX)));
    assert!(read("mine.ron", &many).unwrap_err().message.starts_with("schemes: there are 33"));
}

/// What would sign nothing, or what the own check refuses, is told where it is written.
#[test]
fn what_would_sign_or_name_nothing_is_refused_with_line_and_field() {
    let listed = GOOD
        .replace("message: \"{body}\",", "message: \"{timestamp}.{body}\",\n        list: (separator: \",\", assign: \"=\", accept: [\"v1\"]),\n        timestamp: (from: \"list:t\", past_s: 300),\n        write: \"t={timestamp},v1={signature}\",")
        .replace("    handshakes:", "    event_type: [\"{json:type}\"],\n    handshakes:");
    read("mine.ron", &listed).unwrap();
    for (from, to, line, words) in [
        (",v1={signature}", "", 13, "schemes[0].write: \"t={timestamp}\" has no {signature} in it"),
        (
            ",v1={signature}",
            ",v2={signature}",
            13,
            "schemes[0].write: the signature is written under `v2`, and `list.accept` takes `v1` only",
        ),
        ("\"{json:type}\"", "\"json:type\"", 15, "event_type[0]: expected \"{json:type}\", in braces"),
        ("past_s: 300", "past_s: -300", 12, "past_s: expected a whole number from 0 on, found -300"),
        ("past_s: 300", "past_s: 99999999999999999999", 12, "past_s: expected a smaller whole number"),
        (
            "\"{timestamp}.{body}\"",
            "\"timestamp.body\"",
            10,
            "schemes[0].message: \"timestamp.body\" signs the same text",
        ),
    ] {
        assert!(listed.contains(from), "{from}");
        let error = read("providers/mine.ron", &listed.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[test]
fn what_is_compiled_in_keeps_the_same_rules() {
    for profile in Profiles::builtin().iter() {
        assert_eq!(check(profile), Ok(()), "{}", profile.name);
    }
}

#[test]
fn what_a_template_makes_is_bounded_by_the_request() {
    let request = request("POST", "/", &[], &vec![b'x'; 1 << 20]);
    let render = |text: &str| Material::new(&request).render(&Template::parse(text).unwrap());
    let filters = |name: &str, count: usize| format!("{{body{}}}", format!("|{name}").repeat(count));
    assert_eq!(render(&filters("hex", 4)).unwrap().len(), 16 << 20);
    // Each doubles: 60 of them would never end.
    assert_eq!(render(&filters("hex", 60)), Err(Absent(Source::Body)));
    assert_eq!(render(&"{body}".repeat(15)).unwrap().len(), 15 << 20);
    assert_eq!(render(&"{body}".repeat(1000)), Err(Absent(Source::Body)));
    // A digest is short, whatever it is made of.
    assert!(render(&"{body|sha256|hex}".repeat(60)).is_ok());
}

#[test]
fn a_value_that_no_head_can_hold_is_not_given_back_in_one() {
    let text =
        GOOD.replace("kind: Prove", "kind: Echo").replace("hex_digits: (16, 64),", "").replace("|hmac-sha256|hex", "");
    let profile = Arc::new(read("mine.ron", &text).unwrap());
    let met = |target: &str| {
        let request = request("GET", target, &[], b"");
        let shake = handshake::find(Profiles::builtin(), Some(Arc::clone(&profile)), &request).unwrap();
        shake.meet(&request, || Outcome::Unknown, None, None)
    };
    let good = met("/?challenge=abc").reply.unwrap();
    assert_eq!(good.headers.get("x-answer"), Some(&b"abc"[..]));
    for target in ["/?challenge=a%0d%0aX-Evil:%201", "/?challenge=a%00", "/?challenge=%1b[31m", "/?challenge=a%7f"] {
        let met = met(target);
        assert_eq!(met.reply, None, "{target}");
        assert!(met.notes[0].contains("holds a line end"), "{:?}", met.notes);
    }
}
