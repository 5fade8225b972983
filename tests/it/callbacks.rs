//! Calls that rules ask for behind their answers: what leaves, when, whom it may reach, and what is left of it in the session.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::support::{DEADLINE, Home, LocalApp, post, read_request, send};

const OK: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok";

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Runs `attempts` until it says that there are so many lines of this kind in the session file.
fn until_kept(home: &Home, count: usize) -> Vec<serde_json::Value> {
    let begun = Instant::now();
    loop {
        let file = std::fs::read_to_string(home.path().join("s.jsonl")).unwrap_or_default();
        let lines = file.lines().filter(|line| line.contains("\"event\":\"attempt\""));
        let attempts: Vec<serde_json::Value> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
        if attempts.len() >= count {
            return attempts;
        }
        assert!(begun.elapsed() < DEADLINE, "{attempts:#?}");
        std::thread::sleep(Duration::from_millis(20)); // a poll under a deadline
    }
}

#[test]
fn slack_is_called_back_where_it_says_behind_the_answer() {
    let home = Home::new();
    let app = LocalApp::start(OK);
    home.write("done.json", r#"{"text": {{ ("deployed " ~ request.form.text) | tojson }}, "receipt": "{{ uuid() }}"}"#);
    home.write(
        "hooksight.ron",
        r#"(rules: [(
    name: "deploy",
    when: (form: {"command": "/deploy"}),
    reply: "200 template='{{ uuid() }}'",
    callbacks: [(
        url: "{{ request.form.response_url }}",
        after: "300ms",
        headers: {"Content-Type": "application/json", "X-From": "{{ request.path }}"},
        body: "@done.json",
    )],
)])"#,
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    let to = format!("command=%2Fdeploy&text=a%22b&response_url=http%3A%2F%2F{}%2Fhooks%2F1%3Fx%3Dy", app.address);
    let begun = Instant::now();
    let answered = send(listening.address, &post("/slack", &[FORM], to.as_bytes()));
    let answered_after = begun.elapsed();
    let call = String::from_utf8(app.request()).unwrap();
    assert!(begun.elapsed() >= answered_after + Duration::from_millis(250), "too early");
    let receipt = String::from_utf8(answered.body).unwrap();
    let body = format!(r#"{{"text": "deployed a\"b", "receipt": "{receipt}"}}"#);
    assert!(call.starts_with("POST /hooks/1?x=y HTTP/1.1\r\n"), "{call}");
    for part in [&format!("Host: {}", app.address), "Content-Type: application/json", "X-From: /slack", &body] {
        assert!(call.contains(part), "{part}: {call}");
    }
    let kept = until_kept(&home, 1);
    assert_eq!(
        (kept[0]["kind"].as_str(), kept[0]["status"].as_u64(), kept[0]["id"].as_u64()),
        (Some("callback"), Some(202), Some(1))
    );
    assert_eq!(kept[0]["sent_body"], body);
    // Whoever does not fit the rule is not called.
    send(listening.address, &post("/slack", &[FORM], to.replace("deploy", "other").as_bytes()));
    listening.stop("TERM");
    let dry = home.run(&["respond", "--dry-run", "s.jsonl", "1"]).code(0).text();
    for part in [
        &format!("calls        POST http://{}/hooks/1?x=y 300 ms after the answer", app.address),
        "with         {\"text\"",
    ] {
        assert!(dry.contains(part), "{part}: {dry}");
    }
    let json = home.run(&["respond", "--dry-run", "--json", "s.jsonl", "1"]).code(0).json();
    assert_eq!(json[0]["calls"][0]["after_ms"], 300);
    assert_eq!(until_kept(&home, 1).len(), 1);
}

#[test]
fn several_are_called_each_in_its_time_wherever_the_url_stands() {
    let home = Home::new();
    let app = LocalApp::start(OK);
    home.write(
        "hooksight.ron",
        r#"(rules: [(
    name: "message",
    when: (path: "/messages/{sid}"),
    reply: "201",
    callbacks: [
        (url: "{{ request.form.StatusCallback }}", after: "400ms", body: "MessageStatus=delivered&MessageSid={{ captures.sid }}"),
        (url: "{{ request.headers['x-call'] }}", after: "50ms..100ms", method: "PUT", body: "MessageStatus=sent"),
        (url: "{{ (request.form.payload | fromjson).url }}", method: "GET"),
    ],
)])"#,
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    let url = format!("http://{}/status", app.address);
    let encoded = url.replace(':', "%3A").replace('/', "%2F");
    let body = format!("StatusCallback={encoded}&payload=%7B%22url%22%3A%22{encoded}%22%7D");
    send(listening.address, &post("/messages/SM1", &[FORM, ("X-Call", &url)], body.as_bytes()));
    let calls: Vec<String> = (0..3).map(|_| String::from_utf8(app.request()).unwrap()).collect();
    assert!(calls[0].starts_with("GET /status ") && !calls[0].contains("Content-Length"), "{}", calls[0]);
    assert!(calls[1].starts_with("PUT /status ") && calls[1].ends_with("\r\n\r\nMessageStatus=sent"), "{}", calls[1]);
    assert!(calls[2].ends_with("\r\n\r\nMessageStatus=delivered&MessageSid=SM1"), "{}", calls[2]);
    until_kept(&home, 3);
}

#[test]
fn waiting_calls_take_so_much_memory_together_and_no_more() {
    let home = Home::new();
    home.write(
        "hooksight.ron",
        r#"(rules: [(reply: "200", callbacks: [(url: "http://127.0.0.1:{{ request.path[1:] }}/", after: "60s", body: "{{ request.body }}")])])"#,
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    let body = vec![b'x'; 9 << 20];
    // Three to each of two hosts, the fourth has no room there; and then none has any.
    for path in ["/1", "/1", "/1", "/1", "/2", "/2", "/2", "/3", "/3"] {
        assert_eq!(send(listening.address, &post(path, &[], &body)).status, 200);
    }
    let kept = until_kept(&home, 2);
    let error = |at: usize| kept[at]["error"].as_str().unwrap_or_default();
    assert!(error(0).contains("too many wait for where it would go") && error(1).contains("64 MiB"), "{kept:?}");
    assert_eq!((kept.len(), kept[0]["id"].as_u64(), kept[1]["id"].as_u64()), (2, Some(4), Some(9)));
}

#[test]
fn the_listener_itself_is_never_called() {
    let home = Home::new();
    home.write(
        "hooksight.ron",
        r#"(rules: [(reply: "200", callbacks: [(url: "{{ request.body }}", body: "{{ request.body }}")])])"#,
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    let url = format!("http://{}/again", listening.address);
    send(listening.address, &post("/", &[], url.as_bytes()));
    let kept = until_kept(&home, 1);
    assert!(
        kept[0]["error"].as_str().is_some_and(|why| why.contains("the target is this listener itself")),
        "{kept:?}"
    );
    listening.stop("TERM");
    assert_eq!(until_kept(&home, 1).len(), 1);
}

#[test]
fn nobody_is_called_who_is_not_named_and_it_is_said() {
    let home = Home::new();
    let app = LocalApp::start(OK);
    home.write(
        "hooksight.ron",
        r#"(rules: [
    (when: (path: "/named"), reply: "200", callbacks: [(url: "{{ request.body }}", hosts: ["hooks.example.com", "10.0.0.0/8"])]),
    (reply: "200", callbacks: [(url: "{{ request.body }}")]),
])"#,
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    let here = format!("http://{}/", app.address);
    let cases = [
        ("/named", here.as_str(), "127.0.0.1 is not among the `hosts` of the callback"),
        ("/named", "http://169.254.169.254/latest", "it is never called"),
        ("/", "http://192.0.2.1/", "192.0.2.1 is not this machine"),
        ("/", "http://name.example/", "name.example is not this machine"),
        ("/", "http://[::ffff:169.254.169.254]/", "it is never called"),
        ("/", "", "the request has no URL at {{ request.body }}"),
        ("/", "ftp://127.0.0.1/", "neither http nor https"),
    ];
    for (path, url, _) in cases {
        assert_eq!(send(listening.address, &post(path, &[], url.as_bytes())).status, 200);
    }
    let kept = until_kept(&home, cases.len());
    for (at, (_, url, why)) in cases.iter().enumerate() {
        let of_case = kept.iter().find(|attempt| attempt["id"].as_u64() == Some(at as u64 + 1)).unwrap();
        let error = of_case["error"].as_str().unwrap();
        assert!(error.starts_with("not called: ") && error.contains(why), "{url}: {error}");
    }
    // In the lines too: who it was for, why nobody was called, and what to do about it.
    let lines: Vec<String> = (0..2 * cases.len()).map(|_| listening.line()).collect();
    let refused: Vec<&String> = lines.iter().filter(|line| line.contains("callback #")).collect();
    assert_eq!(refused.len(), cases.len(), "{lines:#?}");
    assert!(refused.iter().all(|line| line.contains("  NOT CALLED: ")), "{refused:#?}");
    assert!(refused.iter().any(|line| line.contains("add \"127.0.0.1\" to them")), "{refused:#?}");
    assert!(refused.iter().any(|line| line.contains("hosts: [\"192.0.2.1\"]")), "{refused:#?}");
    // The first that arrives at the app is the one that may.
    send(listening.address, &post("/", &[], format!("{here}mine").as_bytes()));
    assert!(app.request().starts_with(b"POST /mine "));
}

#[test]
fn what_waits_on_the_way_out_is_dropped_and_said() {
    let home = Home::new();
    let config = r#"(rules: [(reply: "200", callbacks: [(url: "http://127.0.0.1:1/", after: "3h"), (url: "http://127.0.0.1:1/", after: "24h")])])"#;
    home.write("hooksight.ron", config);
    let listening = home.listen(&["-s", "s.jsonl"]);
    send(listening.address, &post("/", &[], b""));
    let begun = Instant::now();
    super::support::kill(listening.pid(), "TERM");
    listening.wait_for_words("2 callbacks not made: the listener stopped first");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let kept = until_kept(&home, 2);
    assert!(kept.iter().all(|one| one["error"] == "not called: the listener stopped first"), "{kept:#?}");
}

#[test]
fn so_many_wait_and_so_many_are_called_at_once() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let waiting = Arc::new(Mutex::new(Vec::new()));
    let (counts, held) = ((Arc::clone(&open), Arc::clone(&most)), Arc::clone(&waiting));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let now = counts.0.fetch_add(1, Ordering::SeqCst) + 1;
            counts.1.fetch_max(now, Ordering::SeqCst);
            held.lock().unwrap().push(stream);
        }
    });
    let one = format!(r#"(url: "http://{address}/"),"#).repeat(16);
    let late = r#"(url: "http://127.0.0.1:1/", after: "1h"),"#.repeat(16);
    home.write(
        "hooksight.ron",
        format!(r#"(rules: [(when: (path: "/now"), reply: "200", callbacks: [{one}]), (reply: "200", callbacks: [{late}])])"#),
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    for _ in 0..3 {
        send(listening.address, &post("/now", &[], b""));
    }
    // As some are answered, others come: never more than 4 at a time, and in the end all.
    let begun = Instant::now();
    let mut answered = 0;
    while answered < 48 {
        assert!(begun.elapsed() < DEADLINE, "{answered} answered");
        let ready: Vec<_> = waiting.lock().unwrap().drain(..).collect();
        for mut stream in ready {
            read_request(&mut stream).unwrap();
            open.fetch_sub(1, Ordering::SeqCst);
            // More than is kept of an answer.
            let large = if answered == 0 { 3 << 20 } else { 2 };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {large}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&vec![b'x'; large]));
            answered += 1;
        }
    }
    assert!(most.load(Ordering::SeqCst) <= 4, "{}", most.load(Ordering::SeqCst));
    let kept = until_kept(&home, 48);
    assert!(kept.iter().any(|one| one["marks"].to_string().contains("truncated")), "nothing was cut");
    for _ in 0..63 {
        send(listening.address, &post("/", &[], b""));
    }
    listening.wait_for_words("8 callbacks not made: too many wait for where they would go");
}

#[test]
fn one_that_never_answers_holds_up_only_itself() {
    let home = Home::new();
    let app = LocalApp::start(OK);
    let tarpit = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tarpit.local_addr().unwrap().port();
    home.write("hooksight.ron", r#"(rules: [(reply: "200", callbacks: [(url: "{{ request.body }}")])])"#);
    let listening = home.listen(&["-s", "s.jsonl"]);
    for at in 0..40 {
        // One host, whatever it is called.
        let host = ["127.0.0.1", "localhost", "127.0.0.9", "a.localhost", "[::ffff:127.0.0.1]"][at % 5];
        let url = format!("http://{host}:{port}/");
        assert_eq!(send(listening.address, &post("/", &[], url.as_bytes())).status, 200);
    }
    let url = format!("http://{}/good", app.address);
    send(listening.address, &post("/", &[], url.as_bytes()));
    assert!(app.request().starts_with(b"POST /good"));
}

#[test]
fn a_callback_with_a_mistake_is_named() {
    let home = Home::new();
    for (callback, parts) in [
        ("(url: \"{{ open\")", vec!["bad.ron:2:", "rules[0].callbacks[0].url", "line 1 of the template"]),
        ("(url: \"x\", after: \"3\")", vec!["rules[0].callbacks[0].after", "needs its unit"]),
        ("(url: \"x\", method: \"G T\")", vec!["rules[0].callbacks[0].method", "POST"]),
        ("(url: \"x\", hosts: [\"http://a\"])", vec!["rules[0].callbacks[0].hosts", "staging.example.com"]),
        ("(url: \"x\", headers: {\"Content-Length\": \"1\"})", vec!["rules[0].callbacks[0].headers", "written by"]),
        ("(url: \"x\", body: \"@none\")", vec!["rules[0].callbacks[0].body", "none"]),
        ("(body: \"x\")", vec!["rules[0].callbacks[0]", "url"]),
        ("(url: \"x\", body: \"{{ open\")", vec!["bad.ron:2:47: rules[0].callbacks[0].body: line 1 of the template"]),
        ("(url: \"x\", body: \"@open.txt\")", vec!["rules[0].callbacks[0].body: ", "open.txt: line 2 of the template"]),
        (
            "(url: \"x\", headers: {\"X-A\": \"b\", \"X-B\": \"{% if %}\"})",
            vec!["bad.ron:2:70: rules[0].callbacks[0].headers.X-B: line 1 of the template"],
        ),
    ] {
        home.write("open.txt", "fine\n{{ open");
        let file = home.write("bad.ron", format!("(rules: [\n  (reply: \"200\", callbacks: [{callback}]),\n])"));
        let bad = home.run(&["check", file.to_str().unwrap()]).code(1);
        for part in parts {
            assert!(bad.stderr.contains(part), "{callback}\n{part}\n{}", bad.stderr);
        }
    }
}

#[test]
fn an_answer_by_hand_calls_nobody_and_one_that_is_let_go_calls_whom_its_rule_says() {
    use termlens::Key;
    let home = Home::new();
    let app = LocalApp::start(OK);
    home.write(
        "hooksight.ron",
        r#"(rules: [(name: "calls", reply: "202", callbacks: [(url: "{{ request.body }}", body: "{{ request.path }}")])])"#,
    );
    let mut screen = super::support::terminal(&home, &["-p", "0", "-s", "s.jsonl"]);
    let address = super::support::address_on(&mut screen);
    screen.send(Key::Char('i')).unwrap();
    screen.wait_until(|screen| screen.contains("HOLDING")).expect("holding");
    let url = format!("http://{}/called", app.address);
    let ask = |path: &'static str| {
        let url = url.clone();
        std::thread::spawn(move || send(address, &post(path, &[], url.as_bytes())).status)
    };
    let by_hand = ask("/by-hand");
    screen.wait_until(|screen| screen.contains("HOLDING 1")).expect("held");
    for key in [Key::Char('a'), Key::Char('5'), Key::Char('0'), Key::Char('3'), Key::Enter] {
        screen.send(key).unwrap();
    }
    assert_eq!(by_hand.join().unwrap(), 503);
    let kept = until_kept(&home, 1);
    assert_eq!(kept[0]["error"], "not called: the answer was given by hand: only what a rule answers calls");
    // Said where one looks for it: which tab shows it, and no URL that nobody called.
    screen.send(Key::Char('6')).unwrap();
    screen.wait_until(|screen| screen.contains("not called  the answer was given by hand")).expect("the reason");
    assert!(!screen.screen().text().contains("no answer"), "{}", screen.screen().text());
    let let_go = ask("/let-go");
    screen.wait_until(|screen| screen.contains("HOLDING 1")).expect("held");
    screen.send(Key::Char('a')).unwrap();
    screen.wait_until(|screen| screen.contains("as is")).expect("the chooser");
    screen.send(Key::Enter).unwrap();
    assert_eq!(let_go.join().unwrap(), 202);
    assert!(String::from_utf8(app.request()).unwrap().ends_with("\r\n\r\n/let-go"));
    assert_eq!(until_kept(&home, 2)[1]["status"], 202);
}
