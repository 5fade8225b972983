//! Session files of odd content: what can be read is shown, what cannot is said by its line, and a listener goes on with the file.

use std::fs;
use std::sync::Arc;

use bytes::Bytes;

use hooksight::domain::body::Body;
use hooksight::domain::exchange::{ExchangeId, HttpVersion, Request};
use hooksight::domain::headers::Headers;
use hooksight::domain::record::{self, Event};
use hooksight::domain::time::Timestamp;

use crate::support::{Home, LocalApp, post, send};

/// A request's line, with its newline.
fn line(id: u64, body: &[u8]) -> Vec<u8> {
    let request = Request {
        id: ExchangeId(id),
        peer: None,
        first_byte: Timestamp::from_secs(1_790_000_000),
        body_complete_us: 5,
        version: HttpVersion::Http11,
        method: Bytes::from_static(b"POST"),
        target: Bytes::from(format!("/{id}")),
        headers: Headers::new(),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(body.to_vec()),
        trailers: Headers::new(),
        marks: Vec::new(),
    };
    record::encode(&Event::Request(Arc::new(request)))
}

/// Odd lines, each with a word that says what is wrong with it.
fn odd_lines() -> Vec<(&'static str, Vec<u8>)> {
    let half = line(9, b"half");
    let mut deep = b"{\"v\":1,\"event\":\"note\",\"at\":".to_vec();
    deep.extend(std::iter::repeat_n(b'[', 200_000));
    let huge = |byte: u8| std::iter::repeat_n(byte, 20 << 20).collect::<Vec<_>>();
    vec![
        ("half a line", half[..half.len() / 2].to_vec()),
        ("NULs, as a crash of the system leaves them", vec![0; 4096]),
        ("bytes that are no UTF-8", b"{\"v\":1,\"event\":\"\xff\xfe\",\"id\":1}".to_vec()),
        ("bytes that are no text", (0..=255).filter(|byte| *byte != b'\n').collect()),
        ("a huge line", huge(b'x')),
        ("a huge line of NULs", huge(0)),
        ("depth", deep),
        ("a number", b"7".to_vec()),
        ("an array", b"[]".to_vec()),
        ("an object of something else", b"{}".to_vec()),
        ("an id that is none", b"{\"v\":1,\"event\":\"request\",\"id\":-1}".to_vec()),
        ("an id beyond reason", b"{\"v\":1,\"event\":\"request\",\"id\":18446744073709551615}".to_vec()),
        ("a half line with another in it", [&half[..40], &line(9, b"x")[..]].concat()),
    ]
}

#[test]
fn what_can_be_read_is_shown_and_the_rest_is_said_by_its_line() {
    let home = Home::new();
    let odd = odd_lines();
    let mut text = line(1, b"first");
    for (_, bytes) in &odd {
        text.extend_from_slice(bytes.strip_suffix(b"\n").unwrap_or(bytes));
        text.push(b'\n');
    }
    let large = vec![0xfe; 3 << 20];
    text.extend_from_slice(&line(2, &large));
    text.extend_from_slice(b"{\"v\":1,\"event\":\"of-a-later-version\",\"id\":1,\"more\":[1,2]}\n");
    text.extend_from_slice(&line(3, b"last"));
    text.extend_from_slice(&line(4, b"torn")[..60]);
    text.extend_from_slice(&[0; 512]);
    let file = home.write("odd.jsonl", &text);
    let name = file.to_str().unwrap();

    let ls = home.run(&["ls", name, "--json"]).code(0);
    assert_eq!(ls.json().iter().map(|row| row["id"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let torn = odd.len() + 5;
    for (number, (what, _)) in odd.iter().enumerate().map(|(place, odd)| (place + 2, odd)) {
        assert!(ls.stderr.contains(&format!("line {number} of ")), "{what}: {}", ls.stderr);
    }
    assert!(ls.stderr.contains(&format!("the last line ({torn})")), "{}", ls.stderr);
    assert!(!ls.stderr.contains('\0') && ls.stderr.lines().all(|said| said.len() < 1000), "{}", ls.stderr);
    assert!(home.run(&["show", name, "2", "--body"]).code(0).stdout == large);
    assert_eq!(home.run(&["show", name, "3", "--body"]).code(0).stdout, b"last");
    let raw = home.run(&["export", name, "--format", "raw"]);
    assert_eq!((raw.code, memchr::memmem::find_iter(&raw.stdout, b"POST /").count()), (Some(0), 3));
    assert!(fs::read(&file).unwrap() == text, "reading changes nothing");

    let listening = home.listen(&["-s", name]);
    assert_eq!(send(listening.address, &post("/new", &[("Connection", "close")], b"new")).status, 200);
    assert_eq!(listening.stop("TERM").0, Some(0));
    let went_on = fs::read(&file).unwrap();
    let whole = text.len() - 60 - 512;
    assert!(went_on[..whole] == text[..whole], "what was there stays, but for the torn line");
    assert!(went_on[whole..].starts_with(b"{\"v\":1,"), "the next line begins where the torn one did");
    assert_eq!(home.run(&["show", name, "4", "--body"]).code(0).stdout, b"new");
}

#[test]
fn one_mistaken_line_keeps_no_command_from_the_others() {
    let home = Home::new();
    let app = LocalApp::start(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let to = format!("http://{}", app.address);
    let good = String::from_utf8(line(2, b"two")).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}: {good}");
        good.replacen(from, to, 1)
    };
    for (what, second) in [
        ("peer", changed("\"http\":", "\"peer\":\"nobody\",\"http\":")),
        ("http", changed("\"http\":\"1.1\"", "\"http\":\"9\"")),
        ("at", changed("\"at\":\"2", "\"at\":\"x")),
        ("body", changed("\"body\":\"two\"", "\"body_base64\":\"!!\"")),
    ] {
        let text = [&line(1, b"one")[..], second.as_bytes(), &line(3, b"three")].concat();
        home.write("bad.jsonl", text);
        for args in [
            &["ls", "bad.jsonl"][..],
            &["export", "bad.jsonl", "--format", "curl"],
            &["verify", "bad.jsonl"],
            &["verify", "bad.jsonl", "--filter", "method:POST"],
            &["replay", "bad.jsonl", "--to", &to],
        ] {
            let finished = home.run(args).code(2);
            assert!(finished.stderr.contains("line 2 of "), "{what} {args:?}: {}", finished.stderr);
            let text = finished.text();
            assert!(text.contains("/1") && text.contains("/3"), "{what} {args:?}: {text}");
        }
    }
}

/// The lines about a request that was read are found when it is opened only.
#[test]
fn what_cannot_be_read_of_one_request_is_said_where_it_is_shown() {
    let home = Home::new();
    let mut text = line(1, b"one");
    let answer = "{\"v\":1,\"event\":\"answer\",\"id\":1,\"at\":\"x\",\"outcome\":\"sent\",\"status\":200,\"size\":0,\"body\":\"\"}\n";
    let attempt = "{\"v\":1,\"event\":\"attempt\",\"id\":1,\"number\":\"\u{9b}8m\",\"at\":\"x\",\"error\":\"no\"}\n";
    text.extend_from_slice(answer.as_bytes());
    text.extend_from_slice(attempt.as_bytes());
    home.write("bad.jsonl", text);
    let shown = home.run(&["show", "bad.jsonl", "1"]).code(0);
    let shown = shown.text();
    assert!(shown.contains("NOT READABLE  its answer") && shown.contains("NOT READABLE  attempt 1"), "{shown}");
    assert!(!shown.contains('\u{9b}'), "{shown}");
    let json = home.run(&["show", "bad.jsonl", "1", "--json"]).code(0);
    assert!(json.stderr.contains("its answer") && json.stderr.contains("attempt 1"), "{}", json.stderr);
}

#[test]
fn a_file_of_nothing_but_oddities_is_no_session() {
    let home = Home::new();
    for (what, bytes) in odd_lines() {
        let file = home.write("odd.jsonl", [&bytes[..], b"\n"].concat());
        let before = fs::read(&file).unwrap();
        let name = file.to_str().unwrap();
        let (ls, listen) = (home.run(&["ls", name]), home.run(&["listen", "--headless", "-p", "0", "-s", name]));
        assert_eq!((ls.code, listen.code), (Some(2), Some(2)), "{what}: {}{}", ls.stderr, listen.stderr);
        assert!(listen.stderr.contains("no session file"), "{what}: {}", listen.stderr);
        assert!(fs::read(&file).unwrap() == before, "{what}: touched");
    }
}

/// What a terminal would obey, as a stranger's file may hold it: a write to the clipboard, a C1 command, a turn of direction.
/// and the end of a line with what looks like a line of ours behind it.
const EVIL: &str = "\u{1b}]52;c;UFdO\u{7}\u{9b}31m\u{202e}\nforged: all is well\r\u{2028}";

/// Nothing of stdout and stderr is more than visible text and line ends.
#[track_caller]
fn is_visible(what: &str, finished: &crate::support::Finished) {
    let out = String::from_utf8_lossy(&finished.stdout);
    for text in [&out, finished.stderr.as_str()] {
        let is_bad =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!text.contains(is_bad), "{what}: {text:?}");
    }
    // Nobody but us begins a line.
    assert!(finished.stderr.lines().all(|line| line.starts_with("hooksight: ")), "{what}: {}", finished.stderr);
}

#[test]
fn a_configuration_of_somebody_else_does_not_command_the_terminal() {
    let home = Home::new();
    let evil = EVIL.replace('\u{1b}', "\\u{1b}").replace('\u{7}', "\\u{7}").replace('\n', "\\n").replace('\r', "\\r");
    for config in [
        format!("(endpoints:[(path:\"/a\",provider:\"{evil}\")])"),
        format!("(secrets:{{\"{evil}\":\"env:NAME\"}})"),
        format!("(secrets:{{\"github\":\"env:{evil}\"}})"),
        format!("(secrets:{{\"github\":\"file:/dev/null/{evil}\"}})"),
        format!("(theme:\"{evil}\")"),
        format!("(rules:[(when:(provider:\"{evil}\"),reply:\"200\")])"),
        format!("(replies:{{\"{evil}\":\"no reply\"}})"),
        format!("(rules:[(reply:\"200\",callbacks:[(url:\"http://127.0.0.1:1/\",headers:{{\"{evil}\":\"x\"}})])])"),
        format!("(replies:{{\"/a\":\"200 @/dev/null/{evil}\"}})"),
        format!("(replies:{{\"/a\":\"200 body=@/dev/null/{evil}\"}})"),
        format!("(reply:\"{evil}\")"),
        format!("(reply:\"fail {evil}, 200\")"),
        format!("(reply:\"200 template='{{{{ {evil} }}}}'\")"),
        format!("(rules:[(reply:\"200\",callbacks:[(url:\"{{{{ {evil}\")])])"),
        format!("(rules:[(reply:\"200\",callbacks:[(url:\"x\",headers:{{\"{evil}\":\"1\"}})])])"),
        format!("(rules:[(reply:\"200\",callbacks:[(url:\"x\",hosts:[\"{evil}\"])])])"),
        format!(
            "(rules:[(when:(path:\"{evil}\",nth:\"{evil}\",from:[\"{evil}\"],json:{{\"{evil}\":\"1\"}}),reply:\"200\")])"
        ),
        format!("(keys:{{\"{evil}\":\"q\",\"quit\":\"{evil}\"}})"),
        format!("(limits:(body:\"{evil}\"),bind:\"{evil}\",durability:\"{evil}\",clipboard:\"{evil}\")"),
        format!("(public_url:\"{evil}\",targets:[\"{evil}\"],trusted_proxies:[\"{evil}\"])"),
        format!("(forward:\"{evil}\")"),
        format!("(endpoints:[(path:\"/a\",target:\"{evil}\",guard:(basic:\"env:{evil}\"))])"),
        // Raw, as bytes of the file.
        format!("({EVIL}:1)"),
        format!("(reply:\"{EVIL}\")"),
    ] {
        home.write("hooksight.ron", &config);
        let check = home.run(&["check"]);
        assert_ne!(check.code, Some(0), "{config}");
        assert!(!check.stderr.is_empty(), "{config}");
        is_visible(&config, &check);
        is_visible(&config, &home.run(&["check", "--json"]));
        is_visible(&config, &home.run(&["listen", "--headless", "--no-session", "--port", "0"]));
    }
}

#[test]
fn a_session_of_somebody_else_does_not_command_the_terminal() {
    let home = Home::new();
    let bad = format!(
        "{{\"v\":1,\"event\":\"answer\",\"id\":1,\"at\":\"{}\"}}\n",
        EVIL.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007").replace('\n', "\\n").replace('\r', "\\r")
    );
    let mark = String::from_utf8(line(1, b"one"))
        .unwrap()
        .replace("\"size\"", "\"marks\":[{\"\\u001b]52;c;UFdO\\u0007\\nforged\":1}],\"size\"");
    assert!(mark.contains("marks"), "{mark}");
    for text in [bad, mark] {
        let file = home.write("evil.jsonl", &text);
        let name = file.to_str().unwrap();
        for args in [
            &["ls", name][..],
            &["show", name, "1"],
            &["verify", name, "1"],
            &["explain", name, "1"],
            &["export", name, "1", "--format", "curl"],
        ] {
            is_visible(&format!("{args:?}"), &home.run(args));
        }
    }
}

#[test]
fn names_of_files_and_what_is_typed_do_not_begin_a_line_either() {
    let home = Home::new();
    home.write("day.jsonl", line(1, b"one"));
    let bad = home.write("bad.ron", "(reply: \"2o0\")");
    let evil_path = home.path().join(EVIL.replace('\u{7}', ""));
    fs::copy(&bad, &evil_path).unwrap();
    let evil_file = evil_path.to_str().unwrap();
    let none = format!("/dev/null/{EVIL}");
    for args in [
        &["check", evil_file][..],
        &["check", &none],
        &["listen", "--headless", "--no-session", "--config", evil_file],
        &["listen", "--headless", "-s", &none],
        &["listen", "--headless", "--no-session", "--respond", EVIL],
        &["listen", "--headless", "--no-session", "--scheme", EVIL],
        &["listen", "--headless", "--no-session", "--forward", EVIL],
        &["listen", "--headless", "--no-session", "--theme", EVIL],
        &["ls", &none],
        &["ls", evil_file],
        &["ls", "day.jsonl", "--filter", EVIL],
        &["show", EVIL, "1"],
        &["verify", "day.jsonl", "--scheme", EVIL],
        &["verify", "day.jsonl", "--scheme", "github", "--secret", &format!("env:{EVIL}")],
        &["verify", "day.jsonl", "--scheme", "github", "--secret", &format!("file:{none}")],
        &["sign", "--scheme", EVIL, "--secret", "x"],
        &["send", EVIL, "--to", "http://127.0.0.1:1", "--secret", "x"],
        &["send", "github", EVIL, "--to", "http://127.0.0.1:1", "--secret", "x"],
        &["send", "github", "--to", EVIL, "--secret", "x"],
        &["resend", "day.jsonl", "1", "--to", EVIL],
        &["respond", "--dry-run", "day.jsonl", "1", "--respond", EVIL],
        &["providers", EVIL],
    ] {
        let finished = home.run(args);
        assert!(finished.code != Some(0) && !finished.stderr.is_empty(), "{args:?}: {finished:?}");
        is_visible(&format!("{args:?}"), &finished);
    }
}

/// A session file can say what no socket gave: line ends in a value are another header or another request where it is sent, and
/// a head of other bytes than the fields beside it would send what was not shown.
#[test]
fn what_no_listener_wrote_is_shown_and_neither_sent_nor_made_a_command() {
    let home = Home::new();
    let app = LocalApp::start(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let to = format!("http://{}", app.address);
    let good = String::from_utf8(line(1, b"{}")).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}: {good}");
        good.replacen(from, to, 1)
    };
    let second = "\\r\\n\\r\\nDELETE /second HTTP/1.1\\r\\nHost: x";
    for (what, text) in [
        ("a header", changed("\"headers\":[", &format!("\"headers\":[[\"X-A\",\"1{second}\"]"))),
        ("a bare line feed", changed("\"headers\":[", "\"headers\":[[\"X-A\",\"1\\nX-Admin: yes\"]")),
        ("the target", changed("\"target\":\"/1\"", &format!("\"target\":\"/1 HTTP/1.1{second}\""))),
        (
            "the method",
            changed("\"method\":\"POST\"", &format!("\"method\":\"GET / HTTP/1.1{second}\\r\\n\\r\\nPOST\"")),
        ),
        ("a trailer", changed("\"size\"", &format!("\"trailers\":[[\"X-T\",\"1{second}\"]],\"size\""))),
        ("another head", changed("\"size\"", "\"raw_head\":\"DELETE /second HTTP/1.1\\r\\n\\r\\n\",\"size\"")),
        (
            "two heads",
            changed(
                "\"size\"",
                "\"raw_head\":\"POST /1 HTTP/1.1\\r\\n\\r\\nDELETE /second HTTP/1.1\\r\\n\\r\\n\",\"size\"",
            ),
        ),
    ] {
        home.write("evil.jsonl", &text);
        for args in [
            &["resend", "evil.jsonl", "1", "--to", &to][..],
            &["replay", "evil.jsonl", "--to", &to],
            &["export", "evil.jsonl", "--format", "curl", "--to", &to],
        ] {
            let finished = home.run(args);
            assert_ne!(finished.code, Some(0), "{what}: {args:?}: {finished:?}");
            let said = format!("{}{}", finished.stderr, finished.text());
            assert!(said.contains("no listener wrote this"), "{what}: {args:?}: {said}");
            is_visible(what, &finished);
        }
        home.run(&["show", "evil.jsonl", "1"]).code(0);
        assert!(!home.run(&["show", "evil.jsonl", "1", "--raw"]).code(0).stdout.is_empty());
    }
    // The only request that comes is one that a listener could have kept.
    home.write("good.jsonl", &good);
    home.run(&["resend", "good.jsonl", "1", "--to", &to]).code(0);
    assert!(app.request().starts_with(b"POST /1 "));
}
