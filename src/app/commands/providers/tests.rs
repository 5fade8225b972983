use super::*;
use crate::domain::signature::{Profile, Profiles};

const FULL: &str = r#"(
    title: "Mine",
    docs: "https://mine.example/docs",
    sources: ["Mine documentation, Signatures"],
    source_of: [([Deadline, Success], "Mine documentation, Answers, https://mine.example/docs/answers")],
    aliases: ["my-own"],
    recognise: [["header:x-mine", "!header:x-yours"], ["json:mine"]],
    secret: (called: "signing key", find: "Mine > Settings > Keys", looks: "mk_ and 32 letters", wrong: [("ak_", "an API key")]),
    schemes: [(
        signature: ["header:X-Mine"],
        list: (separator: ",", assign: "=", accept: ["v1"]),
        algorithm: HmacSha256,
        encoding: Base64,
        key: (strip: ["mk_"], decode: Base64),
        timestamp: (from: "list:t", past_s: 300, future_s: 60),
        message: "v1:{timestamp}\n{method}{body|sha256|hex}",
        write: "t={timestamp},v1={signature}",
        not_covered: "the URL is not signed",
    )],
    event_type: ["{header:x-mine-event}", "{json:type}"],
    delivery_id: ["{json:id}"],
    handshakes: [(kind: Echo, when: ["method=GET", "query:challenge"], value: "query:challenge", body: "{{\"challenge\":{query:challenge|json-string}}}")],
    delivery: (deadline_ms: 2500, success: "2xx", retries: "5 times over a day, one after another, each twice as late as the one before", source: "Mine documentation, Retries"),
    events: [(name: "thing.made", headers: [("x-mine-event", "thing.made")], body: "{\"id\":\"1\",\"note\":\"words that are longer than the line that they stand in, so it is cut\"}")],
    notes: ["A test delivery is signed with another key."],
)"#;

fn explained(profile: &Profile, columns: usize) -> String {
    let mut out = Vec::new();
    explain::explain(profile, &mut Page::new(&mut out, Some(columns), false)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_profile_is_explained_whole() {
    insta::assert_snapshot!(explained(&Profile::parse("mine.ron", FULL).unwrap(), 80));
}

#[test]
fn no_page_is_wider_than_the_terminal_but_for_what_cannot_be_broken() {
    for profile in Profiles::builtin().iter() {
        for line in explained(profile, 80).lines().filter(|line| printable::width(line) > 80) {
            let words = line.get(16..).unwrap_or_default().trim();
            assert!(
                !words.contains(' ') && words.contains("://") || line.starts_with("http"),
                "{}: {line}",
                profile.name
            );
        }
    }
}

#[test]
fn every_fact_that_is_stated_is_on_the_page_and_in_the_json() {
    for profile in Profiles::builtin().iter() {
        let text = explained(profile, 80);
        let flat: String = text.split_whitespace().collect();
        let delivery = &profile.delivery;
        let facts =
            [&delivery.success, &delivery.retries, &delivery.redirects, &delivery.disabled, &profile.secret.find];
        for fact in facts.into_iter().chain(&profile.notes).chain(&profile.sources).chain(&profile.confirmed) {
            let words: String = fact.split_whitespace().collect();
            assert!(flat.contains(&words), "{}: {fact}", profile.name);
        }
        let json = json::of(profile);
        assert_eq!(json["delivery"]["deadline_ms"].as_u64(), delivery.deadline_ms.map(u64::from));
        let sources = json["source_of"].as_object().unwrap();
        assert!(sources.values().all(|all| !all.as_array().unwrap().is_empty()), "{}", profile.name);
    }
}

#[test]
fn a_token_says_what_it_must_hold_and_until_when() {
    let page = explained(Profiles::builtin().by_name("messagebird").unwrap(), 80);
    for line in [
        "signed bytes  the token's own header and claims",
        "must say      iss, nbf, exp, jti, url_hash",
        "not before    claim nbf",
        "not after     claim exp",
    ] {
        assert!(page.contains(line), "`{line}` is not in\n{page}");
    }
    let jira = explained(Profiles::builtin().by_name("jira-connect").unwrap(), 80);
    assert!(jira.contains("begins with JWT, header"), "{jira}");
}
