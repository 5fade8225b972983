use super::*;
use crate::domain::signature::Profiles;
use crate::domain::signature::tests::{request, vectors};

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
)"#;

#[test]
fn a_users_profile_is_read_and_a_mistake_names_file_line_and_field() {
    let profile = Profile::parse("providers/mine.ron", GOOD).unwrap();
    assert_eq!(profile.name, "mine");
    for (from, to, line, words) in [
        ("title:", "titel:", 2, "titel"),
        (
            "HmacSha256",
            "HmacSha3",
            9,
            "schemes[0].algorithm: there is no `HmacSha3` here; did you mean `HmacSha1` or `HmacSha384`?",
        ),
        ("title:", "nonsense: 1, title:", 2, "there is no field `nonsense` (known: title, docs,"),
        ("find:", "fin:", 6, "secret: there is no field `fin`; did you mean `find`?"),
        ("docs:", "not_documented: [([Scheme], \"https://a.example\")],\n    docs:", 3, "and Scheme is none"),
        ("docs:", "not_documented: [([], \"https://a.example\")],\n    docs:", 3, "must name facts"),
        ("{body}", "{boddy}", 10, "`boddy` is no source"),
        ("header:x-mine", "heder:x-mine", 5, "`heder:x-mine` is no source"),
        ("message: \"{body}\",", "", 7, "`message` is missing"),
        ("{body}", "{body}{timestamp}", 7, "{timestamp} is named"),
        ("[\"header:X-Mine\"]", "[]", 8, "`signature` is empty"),
        ("docs:", "aliases: [\"No Name\"],\n    docs:", 3, "the alias `No Name`"),
    ] {
        let error = Profile::parse("providers/mine.ron", &GOOD.replace(from, to)).unwrap_err();
        assert_eq!(error.file, "providers/mine.ron");
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(error.message.len() < 300, "{error}");
    }
    assert!(Profile::parse("Mine Own.ron", GOOD).unwrap_err().message.contains("file's name"));
}

#[test]
fn vectors_are_recognised_as_their_provider_or_not_at_all() {
    // What the headers of a vector cannot tell apart: users of one scheme, and bare signatures.
    let alike = [("openai", "standard-webhooks"), ("lithic", "standard-webhooks"), ("jira", "bitbucket")];
    let mut recognised = 0;
    for vector in vectors().into_iter().filter(|vector| vector.file != "generic") {
        let Some(found) = Profiles::builtin().recognise(&vector.request) else { continue };
        recognised += 1;
        let same = found.name == vector.scheme || alike.contains(&(vector.scheme.as_str(), found.name.as_str()));
        assert!(same, "{} {} was taken for {}", vector.file, vector.name, found.name);
    }
    assert!(recognised > 150, "only {recognised}");
}

#[test]
fn look_alikes_are_told_apart() {
    let who = |headers: &[(&str, &str)], body: &str| {
        let found = Profiles::builtin().recognise(&request("POST", "/", headers, body.as_bytes())).cloned();
        found.map(|profile| profile.name.clone()).unwrap_or_default()
    };
    let hub = ("X-Hub-Signature-256", "sha256=00");
    let gitea = [("X-GitHub-Event", "push"), ("X-Gitea-Event", "push"), ("X-Gogs-Event", "push"), hub];
    assert_eq!(who(&gitea, "{}"), "gitea");
    assert_eq!(who(&[("X-GitHub-Event", "push"), hub], "{}"), "github");
    assert_eq!(who(&[hub], r#"{"object":"page","entry":[]}"#), "meta");
    assert_eq!(who(&[("X-Event-Key", "repo:push"), ("X-Hub-Signature", "sha256=00")], "{}"), "bitbucket");
    assert_eq!(who(&[("X-Gitlab-Event", "a"), ("webhook-id", "i"), ("webhook-signature", "v1,a")], "{}"), "gitlab");
    assert_eq!(who(&[("svix-id", "i"), ("webhook-id", "i"), ("webhook-signature", "v1,a")], "{}"), "svix");
    assert_eq!(who(&[("Authorization", "Basic eA==")], "{}"), "http-basic");
    assert_eq!(who(&[("X-Signature", "ts=1,v1=a"), ("x-request-id", "r")], "{}"), "mercadopago");
    assert_eq!(who(&[("Content-Type", "text/plain")], "{}"), "");
}

#[test]
fn types_and_ids_are_found() {
    let profile = |name: &str| Profiles::builtin().by_name(name).unwrap().clone();
    let stripe = request("POST", "/", &[], br#"{"id":"evt_1","type":"charge.failed"}"#);
    assert_eq!(profile("stripe").event_type(&stripe).as_deref(), Some("charge.failed"));
    assert_eq!(profile("stripe").delivery_id(&stripe).as_deref(), Some("evt_1"));
    let github = request("POST", "/", &[("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "d")], b"");
    assert_eq!(profile("github").event_type(&github).as_deref(), Some("push"));
    assert_eq!(profile("github").delivery_id(&github).as_deref(), Some("d"));
    assert_eq!(profile("stripe").event_type(&github), None);
}

#[test]
fn a_fact_has_its_own_source_else_that_of_the_deliveries_else_that_of_all() {
    let text = GOOD.replace(
        "secret: (",
        "source_of: [([Retries, Secret], \"page two\")],
    delivery: (deadline_ms: 5000, retries: \"once\", source: \"page one\"),
    secret: (",
    );
    let profile = Profile::parse("mine.ron", &text).unwrap();
    assert_eq!(profile.sources_of(Fact::Retries), ["page two"]);
    assert_eq!(profile.sources_of(Fact::Secret), ["page two"]);
    assert_eq!(profile.sources_of(Fact::Deadline), ["page one"]);
    assert_eq!(profile.sources_of(Fact::Scheme), ["us"]);
    assert_eq!(profile.all_sources(), ["us", "page two", "page one"]);
    for (facts, words) in [
        ("[Handshake]", "`source_of` names Handshake, and the profile does not say that"),
        ("[]", "an entry of `source_of` must name facts and their source"),
        ("[Retreat]", "Retreat"),
    ] {
        let error = Profile::parse("mine.ron", &text.replace("[Retries, Secret]", facts)).unwrap_err();
        assert_eq!(error.line, 6, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}
