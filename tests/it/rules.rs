//! Rules and guards of the configuration, through the program: what fits replies, why others did not, and what a changed file does.

use std::time::{Duration, Instant};

use serde_json::json;

use super::support::{Answered, DEADLINE, Home, Listening, post, send};

fn listening(home: &Home, config: &str) -> Listening {
    home.write("hooksight.ron", config);
    home.listen(&["-s", "s.jsonl"])
}

fn get(target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("GET {target} HTTP/1.1\r\nHost: hooks.test\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    (text + "\r\n").into_bytes()
}

fn body(answer: &Answered) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

const RULES: &str = r#"(
    secrets: {"github": "key"},
    rules: [
        (name: "tenant", when: (method: ["GET", "PUT"], path: "/hooks/{tenant}/*"), reply: "201 template='{{ captures.tenant }}'"),
        (name: "head", when: (headers: {"x-a": "b*", "x-none": "!*"}), reply: "202"),
        (name: "query", when: (query: {"page": "2"}), reply: "203"),
        (name: "json", when: (json: {"$.items[?@.n > 1].name": "two"}), reply: "206"),
        (name: "form", when: (form: {"from": "+1*"}), reply: "207"),
        (name: "event", when: (provider: "github", event: "pull_request*", nth: "2.."), reply: "409"),
        (name: "bad", when: (provider: "github", verdict: ["invalid", "unsigned"]), reply: "401"),
        (name: "here", when: (path: "/here", from: "127.0.0.0/8"), reply: "208"),
        (name: "there", when: (path: "/there", from: ["10.0.0.0/8", "::1"]), reply: "208"),
    ],
    reply: "200 body=default",
)"#;

#[test]
fn the_first_rule_that_fits_replies() {
    let home = Home::new();
    let listening = listening(&home, RULES);
    let ask = |bytes: &[u8]| send(listening.address, bytes);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let tenant = ask(&get("/hooks/ac%20me/x", &[]));
    assert_eq!((tenant.status, body(&tenant).as_str()), (201, "ac me"));
    assert_eq!(ask(&get("/x", &[("X-A", "bcd")])).status, 202);
    assert_eq!(ask(&get("/x", &[("X-A", "bcd"), ("X-None", "")])).status, 200);
    assert_eq!(ask(&get("/x?page=2", &[])).status, 203);
    assert_eq!(ask(&post("/x", &[], br#"{"items":[{"n":1,"name":"one"},{"n":2,"name":"two"}]}"#)).status, 206);
    assert_eq!(ask(&post("/x", &form, b"from=%2B1555&to=1")).status, 207);
    assert_eq!(ask(&post("/x", &[], b"from=%2B1555")).status, 200);
    assert_eq!(ask(&post("/here", &[], b"")).status, 208);
    assert_eq!(body(&ask(&post("/there", &[], b""))), "default");
}

#[test]
fn verdict_and_nth_time_are_asked_last() {
    let home = Home::new();
    let listening = listening(&home, RULES);
    let github = |event: &str, id: &str, signature: &str| {
        let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", id), ("X-Hub-Signature-256", signature)];
        send(listening.address, &post("/gh", &headers, b"{}")).status
    };
    // HMAC-SHA256 of {} under `key`.
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"key");
    let good = format!("sha256={}", hex::encode(ring::hmac::sign(&key, b"{}").as_ref()));
    assert_eq!(github("push", "1", &good), 200);
    assert_eq!(github("push", "2", "sha256=00"), 401);
    assert_eq!(github("pull_request", "3", &good), 200);
    assert_eq!(github("pull_request", "4", &good), 200);
    assert_eq!(github("pull_request", "3", &good), 409);
    listening.stop("TERM");
    let shown = home.run(&["show", "s.jsonl", "2"]).code(0).text();
    for part in
        ["by rule bad", "rule tenant: the method is POST, not GET or PUT", "rule head: the header x-a is not there"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let row = &home.run(&["ls", "s.jsonl", "--json"]).code(0).json()[1];
    assert_eq!(row["by"], "rule");
}

#[test]
fn an_address_that_cannot_be_read_is_not_the_proxys_own() {
    let home = Home::new();
    let listening = listening(
        &home,
        r#"(
    trusted_proxies: ["127.0.0.1"],
    endpoints: [
        (path: "/net", guard: (allow: ["127.0.0.0/8"])),
        (path: "/soft", guard: (allow: ["0.0.0.0/0", "::/0"], enforce: false)),
    ],
    rules: [(when: (path: "/from", from: "127.0.0.0/8"), reply: "202")],
)"#,
    );
    let status = |path: &str, headers: &[(&str, &str)]| send(listening.address, &post(path, headers, b"")).status;
    assert_eq!(status("/net", &[]), 200, "what the proxy itself asks");
    for header in [
        ("X-Forwarded-For", "rubbish"),
        ("X-Forwarded-For", "127.0.0.1, \u{feff}127.0.0.1"),
        ("Forwarded", "for=unknown"),
        ("Forwarded", "proto=https"),
    ] {
        assert_eq!(status("/net", &[header]), 403, "{header:?}");
        assert_eq!(status("/from", &[header]), 200, "{header:?}");
    }
    assert_eq!(status("/soft", &[("X-Forwarded-For", "rubbish")]), 200);
    listening.stop("TERM");
    let said = |id: &str| home.run(&["show", "s.jsonl", id]).code(0).text();
    let why = "nobody knows where it comes from: `rubbish` is no address in X-Forwarded-For";
    assert!(said("2").contains(&format!("refused: {why}")), "{}", said("2"));
    assert!(said("3").contains(why), "{}", said("3"));
    assert!(said("10").contains(&format!("would be refused with 403: {why}")), "{}", said("10"));
}

#[test]
fn a_guard_turns_away_or_only_says_so() {
    let home = Home::new();
    let listening = listening(
        &home,
        r#"(
    trusted_proxies: ["127.0.0.1"],
    endpoints: [
        (path: "/net", guard: (allow: ["10.0.0.0/8"])),
        (path: "/basic", guard: (basic: "user:pass")),
        (path: "/bearer*", guard: (bearer: "t0ken")),
        (path: "/shared", guard: (token: (header: "X-Token", secret: "s3cret"))),
        (path: "/soft", guard: (bearer: "t0ken", enforce: false)),
    ],
    rules: [(when: (path: "/*"), reply: "202")],
)"#,
    );
    let ask = |path: &str, headers: &[(&str, &str)]| send(listening.address, &post(path, headers, b""));
    let status = |path: &str, headers: &[(&str, &str)]| ask(path, headers).status;
    assert_eq!(status("/net", &[]), 403);
    assert_eq!(status("/net", &[("X-Forwarded-For", "10.1.2.3")]), 202);
    assert_eq!(status("/net", &[("X-Forwarded-For", "10.1.2.3, 192.0.2.1")]), 403);
    // One address is one, however it is written; what another reader may take for one is none.
    for address in ["::ffff:10.0.0.1", "[::ffff:10.0.0.1]:80", "10.1.2.3:99", " 10.1.2.3 "] {
        assert_eq!(status("/net", &[("X-Forwarded-For", address)]), 202, "{address}");
    }
    for address in
        ["010.1.1.1", "0x0a.1.1.1", "10.1", "167837953", "10.1.1.1/8", "::ffff:11.0.0.1", "10.1.1.1%eth0", "", ","]
    {
        assert_eq!(status("/net", &[("X-Forwarded-For", address)]), 403, "{address}");
    }
    for shown in ["basic  dXNlcjpwYXNz", "BASIC dXNlcjpwYXNz "] {
        assert_eq!(status("/basic", &[("Authorization", shown)]), 202, "{shown}");
    }
    for shown in [
        "Basic",
        "Basic ",
        "Basic dXNlcjpwYXNz=",
        "Basic dXNlcjpwYXN",
        "Basic dXNl cjpwYXNz",
        "Basic ====",
        "Basicd dXNlcjpwYXNz",
        "Basic\tdXNlcjpwYXNz",
        "Basic dXNlcjpwYXNzAA==",
    ] {
        assert_eq!(status("/basic", &[("Authorization", shown)]), 401, "{shown}");
    }
    for (shown, expected) in [
        ("Bearer  t0ken ", 202),
        ("Bearer t0ken x", 401),
        ("Bearer\tt0ken", 401),
        ("Bearert0ken", 401),
        ("Bearer", 401),
        ("Bearer t0ke", 401),
    ] {
        assert_eq!(status("/bearer", &[("Authorization", shown)]), expected, "{shown}");
    }
    let asked = ask("/basic", &[]);
    assert!(
        asked.status == 401 && asked.head.to_ascii_lowercase().contains("www-authenticate: basic"),
        "{}",
        asked.head
    );
    // user:pass, user:wrong
    assert_eq!(status("/basic", &[("Authorization", "Basic dXNlcjpwYXNz")]), 202);
    assert_eq!(status("/basic", &[("Authorization", "Basic dXNlcjp3cm9uZw==")]), 401);
    assert_eq!(status("/bearer-x", &[("Authorization", "bearer t0ken")]), 202);
    assert_eq!(status("/bearer-x", &[("Authorization", "Bearer t0kex")]), 401);
    assert_eq!(status("/shared", &[("x-token", "s3cret")]), 202);
    assert_eq!(status("/shared", &[("x-token", "S3cret")]), 401);
    assert_eq!(status("/soft", &[]), 202);
    listening.stop("TERM");
    let file = std::fs::read_to_string(home.path().join("s.jsonl")).unwrap();
    let answers: Vec<&str> = file.lines().filter(|line| line.contains("\"event\":\"answer\"")).collect();
    assert!(answers.iter().any(|line| line.contains("refused: the password is wrong")), "{answers:#?}");
    assert!(
        answers.iter().any(|line| line.contains("would be refused with 401: the header Authorization is not there"))
    );
    assert!(answers.iter().all(|line| !line.contains("t0ken") && !line.contains("s3cret") && !line.contains("pass\"")));
}

#[test]
fn nobody_gets_past_a_guard_or_a_secret_by_spelling() {
    let home = Home::new();
    let listening = listening(
        &home,
        r#"(
    endpoints: [
        (path: "/tok", guard: (bearer: "t0ken")),
        (path: "/in/*", guard: (allow: "10.0.0.0/8")),
        (path: "/mapped", guard: (allow: "::ffff:127.0.0.0/104")),
        (path: "/other", guard: (allow: "::ffff:10.0.0.0/104")),
        (path: "/gh", provider: "github", secret: "key"),
    ],
    rules: [
        (name: "forged", when: (verdict: ["invalid", "unsigned"]), reply: "418"),
        (name: "written", when: (path: "/tok"), reply: "202"),
    ],
)"#,
    );
    let status = |path: &str, headers: &[(&str, &str)]| send(listening.address, &post(path, headers, b"{}")).status;
    for path in ["/tok", "/%74ok", "//tok", "/x/../tok", "/TOK", "/tok/", "/%2574ok", "/tok;v=1", "/x/%2e%2e/tok"] {
        assert_eq!(status(path, &[]), 401, "{path}");
    }
    // Rules go by what is written.
    let token = ("Authorization", "Bearer t0ken");
    assert_eq!((status("/tok", &[token]), status("/%74ok", &[token])), (202, 200));
    assert_eq!((status("/in/x", &[]), status("/%69n//x", &[]), status("/inner", &[])), (403, 403, 200));
    assert_eq!((status("/mapped", &[]), status("/other", &[])), (200, 403));
    let signed = ("X-Hub-Signature-256", "sha256=00");
    assert_eq!((status("/gh", &[signed]), status("/%67h", &[signed]), status("//gh", &[])), (418, 418, 418));
    // One reading within is enough: those of who decodes and resolves nothing, and of who resolves past a `#`.
    for path in ["/%69n/x/../..", "/%69n/%2e%2e", "/In/run/../.."] {
        assert_eq!(status(path, &[]), 403, "{path}");
    }
    for path in ["/x%23/../tok", "/%23/../tok", "/x%23/..%2ftok", "/tok%3f", "//evil/tok"] {
        assert_eq!(status(path, &[]), 401, "{path}");
    }
    assert_eq!((status("/x%23/../gh", &[signed]), status("/gh%23/..", &[signed])), (418, 418));
}

#[test]
fn who_knows_the_secret_of_one_endpoint_reaches_no_other_by_spelling() {
    let home = Home::new();
    let listening = listening(
        &home,
        r#"(
    endpoints: [
        (path: "/one", provider: "github", secret: "first"),
        (path: "/two", provider: "github", secret: "second"),
        (path: "/*"),
    ],
    rules: [(name: "forged", when: (verdict: ["invalid", "unsigned"]), reply: "418")],
)"#,
    );
    let status = |path: &str, secret: &[u8]| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let signature = format!("sha256={}", hex::encode(ring::hmac::sign(&key, b"{}").as_ref()));
        send(listening.address, &post(path, &[("X-Hub-Signature-256", &signature)], b"{}")).status
    };
    assert_eq!((status("/one", b"first"), status("/two", b"second"), status("/two", b"first")), (200, 200, 418));
    // The last endpoint is the one as written, and has no secret.
    assert_eq!((status("/%74wo", b"second"), status("/%74wo", b"none")), (200, 418));
    for path in ["/two%23/../one", "/one%23/../two"] {
        assert_eq!((status(path, b"first"), status(path, b"second")), (418, 418), "{path}");
    }
    assert_eq!((status("/one/../two", b"first"), status("/one/../two", b"second")), (418, 200));
    let bare = |path: &str| send(listening.address, &post(path, &[], b"{}")).status;
    assert_eq!((bare("/two"), bare("/%74wo"), bare("/three")), (418, 418, 200));
}

#[test]
fn one_id_is_not_one_delivery_and_nobody_uses_up_the_steps_of_another() {
    let home = Home::new();
    let listening = listening(&home, r#"(secrets: {"github": "key"}, reply: "fail 500 x2, then 200")"#);
    let ask =
        |path: &str, headers: &[(&str, &str)], body: &[u8]| send(listening.address, &post(path, headers, body)).status;
    // Three providers, one id.
    assert_eq!(ask("/a", &[("svix-id", "77"), ("svix-timestamp", "1"), ("svix-signature", "v1,x")], b"{}"), 500);
    assert_eq!(
        ask("/a", &[("webhook-id", "77"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,x")], b"{}"),
        500
    );
    // An event of an account goes to each of its endpoints.
    let event = br#"{"id":"evt_1ABC","object":"event","type":"charge.succeeded","data":{"object":{}}}"#;
    let stripe = [("Content-Type", "application/json"), ("Stripe-Signature", "t=1,v1=aa")];
    for statuses in [[500, 500], [500, 500], [200, 200]] {
        assert_eq!(["/billing", "/mail"].map(|path| ask(path, &stripe, event)), statuses);
    }
    // Who has no secret counts apart from who has.
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"key");
    let good = format!("sha256={}", hex::encode(ring::hmac::sign(&key, b"{}").as_ref()));
    let github = |signature: Option<&str>| {
        let mut headers = vec![("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "77")];
        headers.extend(signature.map(|signature| ("X-Hub-Signature-256", signature)));
        ask("/a", &headers, b"{}")
    };
    assert_eq!([github(Some("sha256=00")), github(None), github(None)], [500, 500, 200]);
    assert_eq!([github(Some(&good)), github(Some(&good)), github(Some(&good))], [500, 500, 200]);
}

#[test]
fn a_text_of_a_request_cannot_keep_a_template_busy() {
    let home = Home::new();
    let listening = listening(&home, r#"(rules: [(reply: "200 template='{{ request.body | format(1) }}'")])"#);
    let begun = Instant::now();
    let answered = send(listening.address, &post("/", &[], b"%0999999999d"));
    let took = begun.elapsed();
    assert!(answered.status == 500 && took < Duration::from_secs(3), "{} after {took:?}", answered.status);
    assert_eq!(body(&send(listening.address, &post("/", &[], b"%03d"))), "001");
}

/// Asks until the answer has this status.
#[track_caller]
fn until_answered(listening: &Listening, status: u16) {
    let begun = Instant::now();
    loop {
        let got = send(listening.address, &post("/", &[], b"")).status;
        if got == status {
            return;
        }
        assert!(begun.elapsed() < DEADLINE, "still {got}, not {status}");
        std::thread::sleep(Duration::from_millis(20)); // a poll under a deadline
    }
}

#[test]
fn a_changed_file_is_in_force_and_a_broken_one_is_not() {
    let home = Home::new();
    let listening = listening(&home, r#"(rules: [(reply: "201")])"#);
    until_answered(&listening, 201);
    home.write("hooksight.ron", r#"(rules: [(reply: "202")])"#);
    until_answered(&listening, 202);
    listening.wait_for_words("1 rule and the replies of the configuration are in force");
    // Broken: said with its place, and the old ones stay.
    home.write("hooksight.ron", "(\n    rules: [(reply: \"999\")],\n)");
    let words = listening.wait_for_words("the old rules stay in force");
    assert!(words.contains("hooksight.ron:2:") && words.contains("rules[0].reply"), "{words}");
    until_answered(&listening, 202);
    // As editors do: another file in its place.
    let other = home.write("hooksight.ron.new", r#"(rules: [], reply: "204")"#);
    std::fs::rename(other, home.path().join("hooksight.ron")).unwrap();
    until_answered(&listening, 204);
    // Gone: what was in force stays.
    std::fs::remove_file(home.path().join("hooksight.ron")).unwrap();
    until_answered(&listening, 204);
}

#[test]
fn a_configuration_is_checked_without_starting() {
    let home = Home::new();
    let file = home.write("good.ron", RULES);
    let good = home.run(&["check", file.to_str().unwrap()]).code(0).text();
    assert!(good.contains("good.ron: fine (9 rules"), "{good}");
    let fifo = home.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (text, parts) in [
        (
            "(rules: [\n  (when: (path: \"x\"), reply: \"200\"),\n])",
            vec!["bad.ron:2:", "rules[0].when.path", "begins with a slash"],
        ),
        ("(rules: [\n  (when: (json: {\"$.[\": \"x\"}), reply: \"200\"),\n])", vec!["bad.ron:2:", "JSON path"]),
        ("(rules: [\n  (when: (nth: \"0\"), reply: \"200\"),\n])", vec!["rules[0].when.nth", "every 3"]),
        (
            "(rules: [\n  (when: (provider: \"strpe\"), reply: \"200\"),\n])",
            vec!["bad.ron:2:", "rules[0].when.provider", "there is no provider `strpe` (did you mean stripe?)"],
        ),
        (
            "(rules: [\n  (when: (provider: \"twilio-sha256\"), reply: \"200\"),\n])",
            vec!["rules[0].when.provider", "another name of `twilio`"],
        ),
        (
            "(\n  endpoints: [\n    (path: \"/s\", provider: \"stripe\", secret: \"sk_live_0123456789\"),\n  ],\n)",
            vec!["bad.ron:3:", "endpoints[0].secret: it looks like a secret API key (`sk_`)", "signing secret"],
        ),
        (
            "(\n  secrets: {\n    \"svix\": \"not base64 at all\",\n  },\n)",
            vec!["bad.ron:3:", "secrets.svix: it is no signing secret of Svix"],
        ),
        ("", vec!["bad.ron:1:1: the file says nothing"]),
        ("(rules: [\n  (reply: \"200 template='{{ open'\"),\n])", vec!["rules[0].reply", "line 1 of the template"]),
        ("(rules: [\n  (reply: \"200 body=@/dev/zero\"),\n])", vec!["bad.ron:2:", "rules[0].reply", "it is a device"]),
        ("(rules: [\n  (reply: \"200 body=@fifo\"),\n])", vec!["bad.ron:2:", "rules[0].reply", "it is a FIFO"]),
        (
            "(rules: [\n  (when: (json: {\"$..a..a\": \"x\"}), reply: \"200\"),\n])",
            vec!["bad.ron:2:", "rules[0].when.json", "`$..a..a` has `..` 2 times"],
        ),
        ("(rules: [\n  (reply: \"200 body=@none.json\"),\n])", vec!["bad.ron:2:", "rules[0].reply", "none.json"]),
        (
            "(rules: [\n  (when: (verdict: \"good\"), reply: \"200\"),\n])",
            vec!["rules[0].when.verdict", "valid, invalid"],
        ),
        ("(rules: [\n  (when: (from: \"home\"), reply: \"200\"),\n])", vec!["rules[0].when.from", "10.0.0.0/8"]),
        ("(rules: [\n  (wen: (), reply: \"200\"),\n])", vec!["bad.ron:2:", "wen", "did you mean `when`?"]),
        ("(endpoints: [\n  (path: \"/\", guard: ()),\n])", vec!["endpoints[0].guard", "let everybody in"]),
        (
            "(endpoints: [\n  (path: \"/\", guard: (basic: \"nocolon\")),\n])",
            vec!["endpoints[0].guard", "user:password"],
        ),
    ] {
        let file = home.write("bad.ron", text);
        let bad = home.run(&["check", file.to_str().unwrap()]).code(1);
        for part in parts {
            assert!(bad.stderr.contains(part), "{text}\n{part}\n{}", bad.stderr);
        }
        assert!(!bad.stderr.contains("nocolon"), "{}", bad.stderr);
    }
    home.run(&["check"]).code(2);
    home.write("bad.ron", "(\n  endpoints: [\n    (path: \"/s\", provider: \"strpe\"),\n  ],\n)");
    let [told] = home.run(&["check", "bad.ron", "--json"]).code(1).json().try_into().expect("one object");
    let [mistake] = told["mistakes"].as_array().expect("a list").as_slice() else { panic!("{told}") };
    assert_eq!((&told["ok"], &mistake["line"]), (&json!(false), &json!(3)), "{told}");
    assert_eq!(mistake["field"], "endpoints[0].provider", "{told}");
    assert!(mistake["message"].as_str().is_some_and(|words| words.contains("did you mean stripe?")), "{told}");
    let [fine] = home.run(&["check", "good.ron", "--json"]).code(0).json().try_into().expect("one object");
    assert_eq!((&fine["ok"], &fine["rules"], &fine["mistakes"]), (&json!(true), &json!(9), &json!([])), "{fine}");
}

#[test]
fn what_would_be_answered_is_said_without_a_sender() {
    let home = Home::new();
    let listening = home.listen(&["-s", "s.jsonl"]);
    send(listening.address, &get("/hooks/acme/x", &[]));
    listening.stop("TERM");
    let file = home.write("rules.ron", RULES);
    let config = ["--config", file.to_str().unwrap()];
    let said = home.run(&[&["respond", "--dry-run", "s.jsonl", "1"][..], &config].concat()).code(0).text();
    assert!(said.contains("rule tenant") && said.contains("status=201 body=acme"), "{said}");
    let json =
        &home.run(&[&["respond", "--dry-run", "s.jsonl", "1", "--json"][..], &config].concat()).code(0).json()[0];
    assert_eq!((json["rule"].as_str(), json["body"].as_str()), (Some("rule tenant"), Some("acme")));
    let script = ["respond", "--dry-run", "s.jsonl", "1", "--respond", "fail 500 x2, then 204", "--nth", "3"];
    let said = home.run(&script).code(0).text();
    assert!(said.contains("step         3 of 3") && said.contains("status=204"), "{said}");
    home.run(&["respond", "s.jsonl", "1"]).code(2);
}

#[test]
fn all_that_is_wrong_with_a_file_is_said_at_once() {
    let home = Home::new();
    home.write("gone.txt", "{{ open");
    home.write(
        "bad.ron",
        r#"(
    port: 70700,
    prot: 1,
    limits: (body: "10 apples", head: "1KiB"),
    endpoints: [
        (path: "a", provider: "github"),
        (path: "/b", provider: "gitub", target: "nowhere", guard: (allow: ["10.0.0.0/8", "ten"])),
        (path: "/c", guard: ()),
    ],
    replies: {"/x": "200 boddy=1", "/y": "999", "/z": "200 template=@gone.txt"},
    rules: [
        (name: "one", when: (path: "nope", nth: "x"), reply: "twohundred"),
        (name: "two", when: (json: {"$[": "*"}, provider: "strip"), reply: "200"),
        (nam: "three", reply: "200", callbacks: [(url: "{{ open", body: "{{ open"), (url: "x", after: "3")]),
        (reply: "200 body=@none.txt", callbacks: [(url: "x", body: "@none.txt")]),
    ],
    keys: {"fly": "f", "quit": "no key"},
)"#,
    );
    let told = home.run(&["check", "bad.ron"]).code(1).stderr;
    let expected = [
        ":2:11: port: ",
        ":3:5: there is no field `prot`",
        ":4:21: limits.body: ",
        ":6:17: endpoints[0].path: ",
        ":7:32: endpoints[1].provider: ",
        ":7:49: endpoints[1].target ",
        "endpoints[1].guard.allow",
        "endpoints[2].guard: expected allow",
        "replies./x: ",
        "replies./y: ",
        "replies./z: line 1 of the template",
        "rules[0].when.path: ",
        "rules[0].when.nth: ",
        "rules[0].reply: ",
        "rules[1].when.json",
        "rules[1].when.provider: ",
        ":14:10: rules[2]: there is no field `nam`",
        "rules[2].callbacks[0].url: ",
        "rules[2].callbacks[0].body: ",
        "rules[2].callbacks[1].after: ",
        "rules[3].reply: ",
        "rules[3].callbacks[0].body: ",
        "\"fly\": there is no action",
        "keys.quit: ",
    ];
    for part in expected {
        assert_eq!(told.matches(part).count(), 1, "{part}\n{told}");
    }
    // Nothing is said that is wrong only because of something else, and all of it in the order of the file.
    let lines: Vec<u64> =
        told.lines().filter_map(|line| line.split("bad.ron:").nth(1)?.split(':').next()?.parse().ok()).collect();
    assert_eq!(lines.len(), expected.len(), "{told}");
    assert!(lines.is_sorted(), "{lines:?}");
    let [json] = home.run(&["check", "bad.ron", "--json"]).code(1).json().try_into().expect("one object");
    assert_eq!(json["mistakes"].as_array().map(Vec::len), Some(expected.len()));
    // One that cannot be read says why.
    home.write("long.ron", vec![b' '; (1 << 20) + 1]);
    let long = home.run(&["check", "long.ron"]).code(1).stderr;
    assert!(long.contains("cannot read the configuration long.ron: it is larger than"), "{long}");
    // Whoever starts with it is told the first, and that there are more.
    let start = home.run(&["listen", "--headless", "--config", "bad.ron"]).code(2).stderr;
    assert!(start.contains("bad.ron:2:11: port: ") && start.contains(" more (hooksight check)"), "{start}");
    assert_eq!(start.lines().count(), 1, "{start}");
}

#[test]
fn of_many_mistakes_the_first_are_told_and_the_others_counted() {
    let home = Home::new();
    let rules: String = (0..400).map(|at| format!("(when: (provider: \"nobody{at}\"), reply: \"200\"),\n")).collect();
    home.write("bad.ron", format!("(rules: [\n{rules}])"));
    let told = home.run(&["check", "bad.ron"]).code(1).stderr;
    assert_eq!(told.lines().count(), 101, "{told}");
    assert!(told.lines().nth(99).is_some_and(|line| line.contains("bad.ron:101:")), "{told}");
    assert!(told.trim_end().ends_with("… and 300 more"), "{told}");
    let [json] = home.run(&["check", "bad.ron", "--json"]).code(1).json().try_into().expect("one object");
    assert_eq!((json["mistakes"].as_array().map(Vec::len), json["more"].as_u64()), (Some(100), Some(300)));
}
