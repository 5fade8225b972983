//! What providers think of the answers they got, from a running listener to the commands.

use crate::support::{Home, post, send};

fn slack(id: &str) -> Vec<u8> {
    let body = format!("{{\"type\":\"event_callback\",\"event_id\":\"{id}\",\"event\":{{\"type\":\"app_mention\"}}}}");
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Slack-Request-Timestamp", "1795356120"),
        ("X-Slack-Signature", "v0=00"),
    ];
    post("/slack", &headers, body.as_bytes())
}

#[test]
fn each_try_of_a_delivery_is_judged_by_the_facts_of_its_provider() {
    let home = Home::new();
    let listening = home.listen(&["-s", "day.jsonl", "--respond", "500"]);
    for id in ["Ev1", "Ev1", "Ev2", "Ev1", "Ev1"] {
        assert_eq!(send(listening.address, &slack(id)).status, 500);
    }
    listening.stop("TERM");
    let rows = home.run(&["ls", "day.jsonl", "--json"]).code(0).json();
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].to_string();
            let has_time = if row["next_try"].is_string() { "at a time" } else { "" };
            format!("{} {} {} {has_time}", text("delivery_number"), text("judgement"), text("retry"))
        })
        .collect();
    // At once, after a minute, after five, and no more.
    assert_eq!(
        told,
        [
            "1 \"failed\" \"expected\" at a time",
            "2 \"failed\" \"expected\" at a time",
            "1 \"failed\" \"expected\" at a time",
            "3 \"failed\" \"expected\" at a time",
            "4 \"failed\" \"none\" ",
        ]
    );
    let at = |name: &str| {
        let row = &rows[1];
        hooksight::domain::time::Timestamp::parse_rfc3339(row[name].as_str().expect("a time")).expect("a time")
    };
    let gap_s = at("next_try").micros_since(at("at")) / 1_000_000;
    assert!((60..70).contains(&gap_s), "{gap_s} s behind the second");
    assert_eq!(
        home.run(&["ls", "day.jsonl", "--filter", "judged:failed delivery:Ev2"]).code(0).text().lines().count(),
        1
    );
    let shown = home.run(&["show", "day.jsonl", "1"]).code(0).text();
    assert!(shown.contains("a failure: Slack wants 2xx"), "{shown}");
}

/// A delivery as all that sign by Standard Webhooks send it, in the spelling of Svix.
fn svix(path: &str) -> Vec<u8> {
    let headers = [
        ("svix-id", "msg_1"),
        ("svix-timestamp", "1795356120"),
        ("svix-signature", "v1,AAAA"),
        ("Content-Type", "application/json"),
    ];
    post(path, &headers, br#"{"type":"contact.created"}"#)
}

#[test]
fn the_configured_provider_is_the_sender_wherever_one_is_told() {
    let home = Home::new();
    home.write(
        "hooksight.ron",
        r#"(
            endpoints: [
                (path: "/res*", provider: "resend"),
                (path: "/clerk", provider: "clerk"),
                (path: "/digest", provider: "hmac-sha256:header=svix-signature"),
            ],
            rules: [
                (name: "of svix", when: (provider: "svix"), reply: "418"),
                (name: "of resend", when: (provider: "resend", path: "/res/*"), reply: "503"),
            ],
        )"#,
    );
    let listening = home.listen(&["-s", "day.jsonl"]);
    let statuses = ["/res/1", "/clerk", "/other", "/digest"].map(|path| send(listening.address, &svix(path)).status);
    assert_eq!(statuses, [503, 200, 418, 418]);
    listening.stop("TERM");
    let rows = home.run(&["ls", "day.jsonl", "--json"]).code(0).json();
    let providers: Vec<_> = rows.iter().map(|row| row["provider"].as_str().unwrap_or_default()).collect();
    // A bare scheme says nothing of who sends.
    assert_eq!(providers, ["resend", "clerk", "svix", "svix"]);
    let shown = home.run(&["show", "day.jsonl", "1", "--json"]).code(0).json();
    assert_eq!(shown[0]["provider"], "resend");
    let shown = home.run(&["show", "day.jsonl", "2"]).code(0).text();
    assert!(shown.contains("accepted: Clerk takes"), "{shown}");
    let dry = home.run(&["respond", "--dry-run", "day.jsonl", "1", "--json"]).code(0).json();
    assert_eq!(dry[0]["rule"], "rule of resend");
}

#[test]
fn rows_and_details_name_the_fault() {
    let home = Home::new();
    home.write(
        "hooksight.ron",
        r#"(replies: {
            "/cut": "200 body='0123456789' fault=cut", "/length": "200 body=short length=99", "/close": "close",
            "/no": "200 template='{{ nosuch.x }}'",
        })"#,
    );
    let listening = home.listen(&["-s", "day.jsonl"]);
    for path in ["/cut", "/length", "/close"] {
        let mut stream = std::net::TcpStream::connect(listening.address).expect("a connection");
        std::io::Write::write_all(&mut stream, &post(path, &[], b"x")).expect("written");
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    }
    assert_eq!(send(listening.address, &post("/no", &[], b"x")).body, b"");
    listening.stop("TERM");
    let rows = home.run(&["ls", "day.jsonl"]).code(0).text();
    let lines: Vec<&str> = rows.lines().collect();
    for (line, words) in lines.iter().zip(["200 cut", "200 length", "close"]) {
        assert!(line.contains(words), "{words}: {line}");
    }
    let shown = |id: &str| home.run(&["show", "day.jsonl", id]).code(0).text();
    assert!(shown("1").contains("cut after 5 of 10 B on purpose"), "{}", shown("1"));
    assert!(!shown("3").contains("rule asked") && shown("3").contains("closed without an answer"), "{}", shown("3"));
    // A name that is not there is told where it was left empty, where it would be, and where it is written.
    assert!(shown("4").contains("`nosuch.x`"), "{}", shown("4"));
    assert!(home.run(&["respond", "--dry-run", "day.jsonl", "4"]).code(0).text().contains("`nosuch.x`"));
    let told = home.run(&["check"]).code(1);
    assert!(told.stderr.contains("hooksight.ron:3:") && told.stderr.contains("`nosuch.x`"), "{}", told.stderr);
}

#[test]
fn show_says_what_the_list_says_of_a_try_and_prints_them_all() {
    let home = Home::new();
    let listening = home.listen(&["-s", "day.jsonl", "--respond", "500"]);
    for (id, more) in [("Ev1", ""), ("Ev2", ""), ("Ev1", ""), ("Ev1", " "), ("Ev1", "")] {
        let mut request = slack(id);
        if !more.is_empty() {
            let body =
                format!("{{\"type\":\"event_callback\",\"event_id\":\"{id}\",\"event\":{{\"type\":\"other\"}}}}");
            let headers = [("X-Slack-Request-Timestamp", "1795356121"), ("X-Slack-Signature", "v0=00")];
            request = post("/slack", &headers, body.as_bytes());
        }
        assert_eq!(send(listening.address, &request).status, 500);
    }
    listening.stop("TERM");
    let listed = home.run(&["ls", "day.jsonl", "--json"]).code(0).json();
    for (at, row) in listed.iter().enumerate() {
        let id = (at + 1).to_string();
        let shown = &home.run(&["show", "day.jsonl", &id, "--json"]).code(0).json()[0];
        for field in ["delivery_number", "judgement", "retry", "next_try"] {
            assert_eq!(shown[field], row[field], "{id} {field}");
        }
    }
    assert_eq!(listed[4]["retry"], "none", "the fourth try was the last that is documented");
    let shown = &home.run(&["show", "day.jsonl", "4", "--json"]).code(0).json()[0];
    let tries = shown["tries"].as_array().expect("the tries");
    let ids: Vec<_> = tries.iter().map(|one| one["id"].as_u64().unwrap_or_default()).collect();
    assert_eq!(ids, [1, 3, 4, 5]);
    assert!(tries[1]["gap_us"].is_u64() && tries[1]["documented_gap_ms"] == 0 && tries[1]["same_body"] == true);
    assert_eq!((&tries[2]["documented_gap_ms"], &tries[2]["same_body"]), (&60_000.into(), &false.into()));
    let text = home.run(&["show", "day.jsonl", "4"]).code(0).text();
    for part in ["tries", "other body", "changed", "came again as #5 after", "(60 s)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = home.run(&["show", "day.jsonl", "5"]).code(0).text();
    assert!(text.contains("not tried again"), "{text}");
}
