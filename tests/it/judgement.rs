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
