//! Why a signature fails, as the user meets it: `verify`, `explain` and the Signature tab. `table` holds the causes of some
//! hundred ways in which checks fail in life.

mod table;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;
use termlens::{Key, Terminal};

use crate::support::{Home, Listening, address_on, post, send, terminal};

const SECRET: &str = "whsec_5f0e1c2d3b4a";
/// As Python's `json.dumps` writes it: what JavaScript would write again is another.
const BODY: &str = r#"{"id": "evt_1", "type": "invoice.paid", "livemode": false, "amount": 10.0}"#;
/// The same by `JSON.stringify(JSON.parse(body))` of node 18.
const BY_NODE: &str = r#"{"id":"evt_1","type":"invoice.paid","livemode":false,"amount":10}"#;

fn mac(key: &str, message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), message.as_bytes()).as_ref().to_vec()
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs()
}

/// A Stripe delivery of one body whose signature is that of another, with the key.
fn stripe(signed: &str, came: &str, key: &str) -> (u64, Vec<u8>) {
    let time = now();
    let header = format!("t={time},v1={}", hex::encode(mac(key, &format!("{time}.{signed}"))));
    (time, post("/stripe", &[("Stripe-Signature", &header), ("Content-Type", "application/json")], came.as_bytes()))
}

/// A session with these requests; the listener has gone.
fn captured(home: &Home, requests: &[Vec<u8>]) {
    let listening = home.listen(&["-s", "s.jsonl"]);
    for request in requests {
        assert_eq!(send(listening.address, request).status, 200);
    }
    listening.stop("TERM");
}

fn one(home: &Home, args: &[&str], code: i32) -> Value {
    home.run(args).code(code).json().remove(0)
}

/// A secret without a scheme, and a sender that nobody knows: what to name is told, and holds.
#[test]
fn a_secret_alone_tells_which_scheme_to_name() {
    let home = Home::new();
    let digest = hex::encode(mac(SECRET, BODY));
    captured(&home, &[post("/own", &[("X-Acme-Digest", &format!("sha256={digest}"))], BODY.as_bytes())]);
    home.write("secret", SECRET);
    let told = one(&home, &["verify", "s.jsonl", "1", "--secret", "file:secret", "--json"], 1);
    assert_eq!((&told["outcome"], &told["cause"]), (&"unknown".into(), &"no-provider".into()), "{told}");
    let scheme = "hmac-sha256:header=X-Acme-Digest,encoding=hex,prefix=sha256=";
    assert!(told["detail"].as_str().expect("words").contains(scheme), "{told}");
    let named = one(&home, &["verify", "s.jsonl", "1", "--secret", "file:secret", "--scheme", scheme, "--json"], 0);
    assert_eq!(named["outcome"], "valid", "{named}");
}

#[test]
fn a_body_written_again_is_named_and_foretold() {
    let home = Home::new();
    // Of another event: the body that was signed is nowhere in the session.
    let (_, wrong) = stripe(&BODY.replace("evt_1", "evt_0"), &BY_NODE.replace("evt_1", "evt_0"), SECRET);
    let (_, right) = stripe(BODY, BODY, SECRET);
    let (_, by_node) = stripe(BY_NODE, BODY, SECRET);
    captured(&home, &[wrong, right, by_node]);
    home.write("secret", SECRET);
    let secret = "file:secret";
    let verify = |id: &str, code| one(&home, &["verify", "s.jsonl", id, "--secret", secret, "--json"], code);
    // A number that was changed cannot be brought back: the bytes that were signed are not to be had from those that came.
    assert_eq!(verify("1", 1)["cause"], "signature-mismatch");
    assert_eq!(verify("2", 0)["cause"], Value::Null);
    let cause = verify("3", 1);
    assert_eq!(cause["cause"], "body-json-rewritten");
    assert!(cause["detail"].as_str().expect("words").contains("JSON.stringify"), "{cause}");

    let explain = |id: &str, code| one(&home, &["explain", "s.jsonl", id, "--secret", secret, "--json"], code);
    let right = explain("2", 0);
    assert_eq!((&right["outcome"], right["tried_count"].as_u64()), (&"valid".into(), Some(0)));
    let handlers = right["handlers"].as_array().expect("handlers");
    let node = handlers.iter().find(|one| one["by"] == "JSON.stringify (JavaScript)").expect("node");
    let first = BODY.bytes().zip(BY_NODE.bytes()).take_while(|(one, other)| one == other).count();
    assert_eq!((node["holds"].as_bool(), node["first_difference"].as_u64()), (Some(false), Some(first as u64)));
    let python = handlers.iter().find(|one| one["by"] == "json.dumps (Python)").expect("Python");
    assert_eq!(python["holds"], true, "it came as Python writes it");

    let nothing = explain("1", 1);
    assert!(nothing["tried_count"].as_u64() > Some(100) && nothing["tried_cut"] == false, "{nothing}");
    let told = format!("none of {} variants", nothing["tried_count"]);
    assert!(nothing["detail"].as_str().is_some_and(|detail| detail.contains(&told)), "{nothing}");
    assert_eq!(verify("1", 1)["detail"], nothing["detail"]);
    let next = nothing["check_next"].to_string();
    assert!(next.contains("test mode") && next.contains("livemode"), "{next}");
    assert_eq!(nothing["secrets"][0]["name"], "--secret (file:secret)");

    let text = home.run(&["explain", "s.jsonl", "2", "--secret", secret]).code(0).text();
    assert!(text.contains("json.dumps (Python)") && text.contains("the same bytes"), "{text}");
    assert!(text.contains(&format!("will fail: first difference at byte {first}")), "{text}");
    assert!(!text.contains(SECRET), "{text}");
    let text = home.run(&["explain", "s.jsonl", "1", "--secret", secret]).code(1).text();
    for part in
        ["signature-mismatch", "signed bytes", "came", "expected", "they differ from character", "tried", "check next"]
    {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[test]
fn a_running_listener_names_the_cause_that_verify_names() {
    let home = Home::new();
    home.write("hooksight.ron", format!("(secrets: {{\"stripe\": \"{SECRET}\"}})"));
    let requests = [stripe(BY_NODE, BODY, SECRET).1, stripe(&format!("{BODY}\n"), BODY, SECRET).1];
    let wanted = ["body-json-rewritten", "body-newline"];
    let listening = home.listen(&["-s", "s.jsonl", "--json"]);
    for (request, cause) in requests.iter().zip(wanted) {
        assert_eq!(send(listening.address, request).status, 200);
        let row = loop {
            let row = listening.json();
            if row["event"] == "request" {
                break row;
            }
        };
        assert_eq!((&row["cause"], &row["examined"]), (&cause.into(), &Value::Null), "{row}");
    }
    listening.stop("TERM");
    let listening = home.listen(&["-s", "other.jsonl"]);
    for (request, cause) in requests.iter().zip(wanted) {
        assert_eq!(send(listening.address, request).status, 200);
        let row = listening.line();
        assert!(row.contains(&format!("invalid ({cause})")), "{row}");
    }
    listening.stop("TERM");
    for command in ["ls", "verify"] {
        let code = if command == "ls" { 0 } else { 1 };
        let causes = home.run(&[command, "s.jsonl", "--json"]).code(code).json();
        assert_eq!(causes.iter().map(|row| row["cause"].as_str().unwrap()).collect::<Vec<_>>(), wanted, "{command}");
    }
}

#[test]
fn bodies_that_were_mixed_up_and_signatures_used_again_name_the_other_request() {
    let home = Home::new();
    home.write("hooksight.ron", format!("(secrets: {{\"stripe\": \"{SECRET}\"}})"));
    let other = r#"{"id": "evt_2", "type": "invoice.paid", "livemode": false, "amount": 1000}"#;
    let plain = post("/health", &[], b"ok");
    let (_, again) = stripe("paid", "paid", SECRET);
    let replayed = String::from_utf8(again.clone()).unwrap().replace("\r\n\r\npaid", "\r\n\r\nPAID").into_bytes();
    let requests = [
        stripe(BODY, other, SECRET).1,
        plain,
        stripe(other, BODY, SECRET).1,
        again,
        replayed,
        stripe("x", "y", SECRET).1,
    ];
    captured(&home, &requests);
    let wanted = [Some(3), None, Some(1), None, Some(4), None];
    let rows = home.run(&["verify", "s.jsonl", "--json"]).code(1).json();
    for (row, other) in rows.iter().zip(wanted) {
        assert_eq!(row["belongs_to"].as_u64(), other, "{row}");
        if let Some(other) = other {
            assert_eq!(row["cause"], "signature-of-another-request", "{row}");
            assert!(row["detail"].as_str().unwrap().contains(&format!("request {other} (POST /stripe)")), "{row}");
        }
    }
    assert_eq!(rows[5]["cause"], "signature-mismatch");
    let listed = home.run(&["ls", "s.jsonl", "--json"]).code(0).json();
    assert_eq!(listed[0]["cause"], "signature-of-another-request");
    let text = home.run(&["explain", "s.jsonl", "5"]).code(0).text();
    assert!(
        text.contains("signature of request 4") && text.contains("replays") && !text.contains("check next"),
        "{text}"
    );
    // While it runs too.
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    for request in requests.iter().take(3) {
        assert_eq!(send(address, request).status, 200);
    }
    wait_for(&mut screen, "the signature fits the body of request 1 (POST /stripe)");
}

#[test]
fn a_digest_of_the_users_code_is_led_back() {
    let home = Home::new();
    let (time, request) = stripe(BODY, BODY, SECRET);
    captured(&home, &[request]);
    home.write("secret", SECRET);
    let explain = |computed: &str, code: i32| {
        one(&home, &["explain", "s.jsonl", "1", "--secret", "file:secret", "--json", "--computed", computed], code)["computed"]
            .clone()
    };
    let exact = explain(&hex::encode(mac(SECRET, &format!("{time}.{BODY}"))), 0);
    assert_eq!((&exact["algorithm"], exact["remedies"].as_array().map(Vec::len)), (&"HMAC-SHA256".into(), Some(0)));
    let alone = explain(&STANDARD.encode(mac(SECRET, BODY)), 0);
    assert_eq!((&alone["bytes"], &alone["encoding"]), (&"the body alone".into(), &"base64".into()));
    assert_eq!(alone["secret"], "--secret (file:secret)");
    let by_node = explain(&format!("v1={}", hex::encode(mac(SECRET, &format!("{time}.{BY_NODE}"))).to_uppercase()), 0);
    assert!(by_node["bytes"].as_str().expect("words").contains("JSON.stringify"), "{by_node}");
    let stripped = explain(&hex::encode(mac(&SECRET[6..], &format!("{time}.{BODY}"))), 0);
    assert!(stripped["secret"].as_str().expect("words").contains("without its prefix whsec_"), "{stripped}");
    assert_eq!(explain(&"0".repeat(64), 1)["found"], false);
    assert_eq!(explain("no digest at all", 1)["found"], false);
    // What begins with a dash is a value like any other, in base64url.
    assert_eq!(explain("-_-_-_-_-_-_-_-_", 1)["found"], false);
    home.run(&["explain", "s.jsonl", "9", "--secret", "file:secret"]).code(2);
    home.run(&["explain", "s.jsonl"]).code(2);
    assert_eq!(one(&home, &["explain", "s.jsonl", "1", "--json"], 1)["cause"], "no-secret");
}

#[test]
fn each_secret_is_told_by_where_it_is_configured() {
    let home = Home::new();
    let (_, request) = stripe(BODY, BODY, "whsec_live_one");
    captured(&home, &[request]);
    home.write("live", "whsec_live_one\n");
    let config = r#"(endpoints: [
        (path: "/stripe", provider: "stripe", secret: ["file:test", "file:old"]),
        (path: "/stripe-live", provider: "stripe", secret: "file:live"),
    ])"#;
    home.write("test", "whsec_test_one");
    home.write("old", "whsec_old_one");
    home.write("hooksight.ron", config);
    let said = one(&home, &["explain", "s.jsonl", "1", "--json"], 0);
    assert_eq!(said["cause"], "other-secret");
    assert!(said["detail"].as_str().expect("words").contains("endpoint /stripe-live"), "{said}");
    let told: Vec<_> = said["secrets"]
        .as_array()
        .expect("secrets")
        .iter()
        .map(|one| {
            (
                one["name"].as_str().expect("a name").to_owned(),
                one["counts"] == true,
                one["outcome"].as_str().expect("a word").to_owned(),
            )
        })
        .collect();
    let home_path = |name: &str| name.to_owned();
    assert_eq!(
        told,
        [
            (home_path("endpoint /stripe (file:test)"), true, "invalid".to_owned()),
            (home_path("endpoint /stripe (file:old)"), true, "invalid".to_owned()),
            (home_path("endpoint /stripe-live (file:live)"), false, "valid".to_owned()),
        ]
    );
    let text = home.run(&["explain", "s.jsonl", "1"]).code(0).text();
    assert!(text.contains("under each secret") && text.contains("✓ valid"), "{text}");
    assert!(!text.contains("whsec_"), "{text}");
}

/// Whoever reads the expected value of a body can forge its signature: it is for the user's screen alone.
#[test]
fn the_expected_signature_is_shown_to_the_user_alone() {
    let home = Home::new();
    home.write("secret", SECRET);
    let (time, request) = stripe(BODY, BODY, "another");
    let expected = mac(SECRET, &format!("{time}.{BODY}"));
    let secrets = [hex::encode(&expected), STANDARD.encode(&expected), SECRET.to_owned()];
    let is_clean = |what: &str, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        for secret in &secrets {
            assert!(!text.contains(&secret.to_lowercase()), "{what} holds what must not be told: {text}");
        }
    };
    for (json, session) in [(false, "s.jsonl"), (true, "t.jsonl")] {
        let mut args = vec!["-s", session, "--secret", "file:secret"];
        args.extend(json.then_some("--json"));
        let mut command = home.command(&[&["listen", "--headless", "-p", "0"], args.as_slice()].concat());
        command.env("HOOKSIGHT_LOG", "trace");
        let listening = Listening::start(command);
        let answer = send(listening.address, &request);
        is_clean("the answer", &[answer.head.as_bytes(), &answer.body].concat());
        let line = listening.line();
        assert!(line.contains("invalid") || line.contains("stripe"), "{line}");
        is_clean("a line", line.as_bytes());
        let (_, words) = listening.stop("TERM");
        is_clean("stderr", words.join("\n").as_bytes());
    }
    is_clean("the session file", &std::fs::read(home.path().join("s.jsonl")).expect("a session"));
    is_clean("the log", &std::fs::read(home.path().join("state/hooksight/hooksight.log")).unwrap_or_default());
    let with = ["--secret", "file:secret"];
    for args in [
        &["ls", "s.jsonl", "--json"][..],
        &["ls", "s.jsonl"],
        &["show", "s.jsonl", "1", "--json"],
        &["export", "s.jsonl", "--format", "raw"],
        &["export", "s.jsonl", "1", "--format", "curl"],
    ] {
        home.write("hooksight.ron", "(secrets: {\"stripe\": \"file:secret\"})");
        is_clean(&args.join(" "), &home.run(args).stdout);
    }
    for args in
        [&["verify", "s.jsonl", "1", "--json"][..], &["verify", "s.jsonl"], &["explain", "s.jsonl", "1", "--json"]]
    {
        is_clean(&args.join(" "), &home.run(&[args, &with].concat()).code(1).stdout);
    }
    let shown = home.run(&["explain", "s.jsonl", "1", "--secret", "file:secret"]).code(1).text();
    assert!(
        shown.contains(&secrets[0]) && !shown.contains(SECRET),
        "the user sees the value, never the secret: {shown}"
    );
}

#[track_caller]
fn wait_for(screen: &mut Terminal, text: &str) {
    if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
        panic!("`{text}` does not come: {error}");
    }
}

#[test]
fn a_digest_is_pasted_into_the_signature_tab() {
    let home = Home::new();
    home.write("secret", SECRET);
    let mut screen = terminal(&home, &["-p", "0", "--secret", "file:secret"]);
    let address = address_on(&mut screen);
    let (time, request) = stripe(BODY, BODY, SECRET);
    assert_eq!(send(address, &request).status, 200);
    wait_for(&mut screen, "✓ valid");
    screen.send(Key::Char('c')).expect("a key");
    wait_for(&mut screen, "Computed digest");
    screen.send_str(&hex::encode(mac(SECRET, BODY))).expect("text");
    screen.send(Key::Enter).expect("a key");
    wait_for(&mut screen, "the digest that your code computed");
    wait_for(&mut screen, "the body alone");
    wait_for(&mut screen, "→ sign {timestamp}.{body}");
    screen.send(Key::Char('c')).expect("a key");
    wait_for(&mut screen, "Computed digest");
    screen.send_str(&hex::encode(mac(SECRET, &format!("{time}.{BODY}")))).expect("text");
    screen.send(Key::Enter).expect("a key");
    wait_for(&mut screen, "what the request carries");
    // Nothing pasted: it is forgotten.
    screen.send(Key::Char('c')).expect("a key");
    wait_for(&mut screen, "forget the last one");
    screen.send(Key::Enter).expect("a key");
    screen.wait_until(|screen| !screen.contains("the digest that your code computed")).expect("it is gone");
    screen.send_str("\x03").expect("a key");
    assert!(screen.wait_exit().expect("it ends").success());
}

/// One file may be the secret of several places, and is read again when they change.
#[test]
fn what_is_left_out_of_a_secrets_file_is_said_once() {
    let home = Home::new();
    let (_, request) = stripe(BODY, BODY, SECRET);
    captured(&home, &[request]);
    home.write("secret", format!("{SECRET}\n"));
    let endpoint = |path: &str| format!("(path: \"{path}\", provider: \"stripe\", secret: \"file:secret\")");
    let (one, other) = (endpoint("/stripe"), endpoint("/other"));
    home.write("hooksight.ron", format!("(secrets: {{\"stripe\": \"file:secret\"}}, endpoints: [{one}, {other}])"));
    let done = home.run(&["verify", "s.jsonl"]).code(0);
    assert_eq!(done.stderr.matches("final newline").count(), 1, "{}", done.stderr);
}
