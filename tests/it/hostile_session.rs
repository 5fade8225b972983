//! A session file that somebody else made, with what is hostile to a terminal in every text of it: nothing of that but its visible
//! form is written, by any command or in any view.

use serde_json::{Value, json};

use crate::hostile_requests::{high, low, wait_for};
use crate::hostile_views::{leave, press, to_list};
use crate::support::Home;
use crate::terminal_bytes::{inspect, log_is_visible, recorded, stays_in_its_rows};

const COLUMNS: u16 = 140;

/// All of it in one text, with line ends and what looks like a line of ours.
fn hostile() -> String {
    let units = [low(), high()].concat();
    let joined = units.iter().map(|(bytes, _)| String::from_utf8_lossy(bytes)).collect::<Vec<_>>().join(" ");
    format!("{joined}\r\nhooksight: all is well\n")
}

/// The same without line ends: a line of a head that a listener may have kept.
fn in_one_line() -> String {
    hostile().replace(['\r', '\n', '\0'], "")
}

fn request(id: u64, more: Value) -> Value {
    let mut line = json!({
        "v": 1, "event": "request", "id": id, "at": "2026-11-22T02:30:00.123456Z", "complete_us": 812,
        "peer": "127.0.0.1:50000", "http": "1.1", "method": "POST", "target": format!("/{id}"), "headers": [["Host", "x"]],
        "body": "{}",
    });
    merge(&mut line, more);
    line
}

fn merge(line: &mut Value, more: Value) {
    let Value::Object(more) = more else { panic!("an object") };
    line.as_object_mut().expect("an object").extend(more);
}

/// A line of each event and of each kind of answer and attempt, every text of it hostile.
fn lines() -> Vec<Value> {
    let (evil, line) = (hostile(), in_one_line());
    let evil = evil.as_str();
    let pairs = json!([[evil, evil], ["Content-Type", evil], ["Cookie", line], ["X-GitHub-Event", line]]);
    let mut lines = vec![
        json!({"v": 1, "event": "mode", "at": "2026-11-22T02:30:00.000000Z", "mode": evil, "detail": evil}),
        request(
            1,
            json!({"method": evil, "target": evil, "headers": pairs, "pseudo": pairs, "trailers": pairs, "raw_head": evil,
                   "marks": [{"incomplete": evil}, {"note": evil}], "http": "2", "body": evil}),
        ),
        request(2, json!({"method": evil, "target": evil, "raw_head": evil, "marks": [{"refused": evil}], "body": ""})),
        request(
            3,
            json!({"headers": [["X-GitHub-Event", line], ["X-GitHub-Delivery", line], ["User-Agent", line],
                               ["X-Hub-Signature-256", format!("sha256={line}")]], "body": evil}),
        ),
        request(4, json!({"body": at_the_right_edge()})),
        json!({"v": 1, "event": "note", "at": "2026-11-22T02:30:00.000000Z", "text": evil}),
        json!({"v": 1, "event": "note", "id": 3, "at": "2026-11-22T02:30:00.000000Z", "text": evil}),
        json!({"v": 1, "event": evil, "id": 3, evil: evil}),
    ];
    let answer = |id: u64, by: &str, outcome: &str| {
        json!({"v": 1, "event": "answer", "id": id, "at": "2026-11-22T02:30:01.000000Z", "outcome": outcome, "status": 500,
               "rule": evil, "by": by, "step": 1, "steps": 3, "passed": [evil], "notes": [evil, evil], "origin": evil,
               "sent_head": evil, "error": evil, "headers": pairs, "body": evil, "wrong": "cut", "wrong_of": 3})
    };
    lines.extend([answer(1, "rule", "sent"), answer(2, "guard", "never-answered"), answer(3, "app", "broken")]);
    for (place, kind) in ["forward", "copy", "shadow", "callback", "probe", ""].into_iter().enumerate() {
        let attempt = |number: usize, more: Value| {
            let mut line = json!({"v": 1, "event": "attempt", "id": 3, "number": number, "at": "2026-11-22T02:30:02.000000Z",
                                  "kind": kind, "origin": evil, "sent_head": evil, "sent_body": evil, "total_us": 5});
            merge(&mut line, more);
            line
        };
        lines.push(attempt(
            2 * place + 1,
            json!({"http": "1.1", "status": 418, "reason": evil, "headers": pairs, "marks": [{"note": evil}], "body": evil}),
        ));
        lines.push(attempt(2 * place + 2, json!({"error": evil})));
    }
    lines
}

/// What some terminals give more columns than others, at every place near the right edge.
fn at_the_right_edge() -> String {
    let places = usize::from(COLUMNS) - 40..=usize::from(COLUMNS) + 2;
    places.map(|place| format!("{}👍🏽🇩🇪\u{1780}\u{17d2}\u{1780}日\n", "x".repeat(place))).collect()
}

fn write(home: &Home) {
    let text: String = lines().iter().map(|line| format!("{line}\n")).collect();
    home.write("evil.jsonl", text);
}

#[test]
fn no_byte_of_somebody_elses_session_reaches_the_terminal_from_any_command() {
    let home = Home::new();
    write(&home);
    let mut script = String::new();
    for command in ["ls", "ls --json", "verify", "verify --json", "export --format curl", "export --format raw"] {
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        script.push_str(&format!("\"$HS\" {name} evil.jsonl {rest}\n"));
    }
    for id in 1..=4 {
        for option in ["--color always", "--json", "--raw", "--body"] {
            script.push_str(&format!("\"$HS\" show evil.jsonl {id} {option}\n"));
        }
        for command in ["explain", "verify", "respond --dry-run", "resend --to http://127.0.0.1:1"] {
            let (name, rest) = command.split_once(' ').unwrap_or((command, "--scheme github --secret x"));
            script.push_str(&format!("\"$HS\" {name} evil.jsonl {id} {rest}\n"));
        }
    }
    script.push_str("\"$HS\" replay evil.jsonl --to http://127.0.0.1:1\necho the end\n");
    let mut recording = recorded(&home, (COLUMNS, 50), &script, &[("HOOKSIGHT_LOG", "trace")]);
    wait_for(&mut recording.screen, "the end");
    let bytes = recording.end();
    let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
    // What is no UTF-8 is none in JSON either.
    for (_, shown) in [low(), high()].concat().iter().filter(|(bytes, _)| std::str::from_utf8(bytes).is_ok()) {
        assert!(told.text.contains(shown), "`{shown}` is not printed");
    }
    log_is_visible(&home);
}

#[test]
fn no_byte_of_somebody_elses_session_reaches_the_terminal_from_any_view() {
    let home = Home::new();
    let escape = "␛[8;1337m";
    for (id, views) in [
        (1, &[("1", escape), ("2", escape), ("3", "names are lower case"), ("5", escape), ("7", escape)][..]),
        (2, &[("1", "first bytes"), ("5", escape), ("7", escape)]),
        (3, &[("1", escape), ("2", escape), ("5", escape), ("6", escape), ("7", escape)]),
        (4, &[("2", "xxx"), ("7", "xxx")]),
    ] {
        // Those about no request, and those about this one.
        let is_in = |line: &Value| line["id"].as_u64().is_none_or(|about| about == id);
        let text: String = lines().iter().filter(|line| is_in(line)).map(|line| format!("{line}\n")).collect();
        home.write("evil.jsonl", text);
        let script = "exec \"$HS\" open evil.jsonl";
        let mut recording = recorded(&home, (COLUMNS, 50), script, &[("HOOKSIGHT_LOG", "trace")]);
        let screen = &mut recording.screen;
        wait_for(screen, "  q quit");
        press(screen, "\rz");
        for (tab, seen) in views {
            press(screen, tab);
            wait_for(screen, seen);
            press(screen, "Gg");
        }
        for key in ["2", "v", "G", "v", "G", "v", "1", "3", "4", "5", "G", "6", "G", "7", "G", "z"] {
            press(screen, key);
        }
        to_list(screen);
        press(screen, "l");
        leave(&mut recording);
        let bytes = recording.end();
        let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("#{id}: {wrong}"));
        assert!(told.sequences > 100 && told.copies.is_empty(), "{} sequences, {:?}", told.sequences, told.copies);
        stays_in_its_rows(&bytes, usize::from(COLUMNS)).unwrap_or_else(|wrong| panic!("#{id}: {wrong}"));
        log_is_visible(&home);
    }
}
