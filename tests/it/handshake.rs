//! The handshakes of providers, each through the real listener with what its provider sends.

use std::sync::Arc;

use hooksight::app::judge::Judge;
use hooksight::app::settings::{Checks, Endpoint};
use hooksight::domain::handshake::Gate;
use hooksight::domain::judgement::Says;
use hooksight::domain::reply::{ChosenBy, Reply, ReplyRules, Scope};
use hooksight::domain::rule::RuleSet;
use hooksight::domain::signature::{Outcome, Profiles, Secret};
use hooksight::domain::summary::AnswerBrief;
use hooksight::io::listener::{ListenerLimits, SharedReplies};
use hooksight::io::store::StoreLimits;

use super::capture_harness::{House, house_answering, pairs};
use super::support::{Answered, post, send};

/// What a run knows of senders.
#[derive(Default)]
struct Known {
    /// Path, provider and secret.
    endpoints: Vec<(&'static str, &'static str, Option<&'static str>)>,
    /// Provider and secret.
    secrets: Vec<(&'static str, &'static str)>,
    /// The one of `--scheme`.
    scheme: Option<&'static str>,
    /// The one of `--secret`.
    secret: Option<&'static str>,
    public_url: Option<&'static str>,
    replies: ReplyRules,
    off: bool,
}

struct Met {
    house: House,
    judge: Arc<Judge>,
}

fn met(known: Known) -> Met {
    let profiles = Profiles::builtin().clone();
    let secret = |text: &str| Secret::new(text.as_bytes());
    let endpoints = known.endpoints.iter().map(|(path, provider, text)| Endpoint {
        path: (*path).to_owned(),
        provider: Some(Arc::clone(profiles.by_name(provider).unwrap())),
        secrets: text.iter().map(|text| secret(text)).collect(),
        ..Endpoint::default()
    });
    let checks = Checks {
        endpoints: endpoints.collect(),
        scheme: known.scheme.map(|name| Arc::clone(profiles.by_name(name).unwrap())),
        secrets: known.secret.map(secret).into_iter().collect(),
        provider_secrets: known.secrets.iter().map(|(name, text)| ((*name).to_owned(), vec![secret(text)])).collect(),
        public_url: known.public_url.map(str::to_owned),
        trust_proxy: false,
        profiles: profiles.clone(),
    };
    let judge = Arc::new(Judge::new(checks));
    let gate = (!known.off).then(|| Gate::new(&profiles));
    let rules = RuleSet { replies: known.replies, gate, ..RuleSet::default() };
    let replies = SharedReplies::with(rules, judge.clone());
    Met { house: house_answering(ListenerLimits::default(), replies, StoreLimits::default()), judge }
}

impl Met {
    #[track_caller]
    fn ask(&self, bytes: &[u8]) -> Answered {
        send(self.house.addr, bytes)
    }

    /// What chose the answer of the exchange with this number.
    #[track_caller]
    fn by(&self, id: u64) -> ChosenBy {
        self.house.answer(id).choice.as_ref().map(|choice| choice.by).unwrap_or_default()
    }

    #[track_caller]
    fn notes(&self, id: u64) -> String {
        self.house.answer(id).choice.as_ref().map(|choice| choice.notes.join("\n")).unwrap_or_default()
    }
}

fn get(target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    bare("GET", target, headers)
}

fn bare(method: &str, target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: hooks.test\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    (text + "\r\n").into_bytes()
}

/// A header of an answer.
fn header(answer: &Answered, name: &str) -> Option<String> {
    answer.head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// (who, the request, status, a header, the body)
type Case<'a> = (&'a str, Vec<u8>, u16, Option<(&'a str, &'a str)>, &'a str);

fn echoes() -> Vec<Case<'static>> {
    let json = ("Content-Type", "application/json");
    let text = Some(("content-type", "text/plain"));
    let as_json = Some(("content-type", "application/json"));
    vec![
        (
            "slack",
            post("/", &[json], br#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#),
            200,
            text,
            "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
        ),
        ("meta", get("/?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock", &[]), 200, text, "1158201444"),
        (
            "websub",
            get("/?hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2Ff&hub.challenge=a-1_b&hub.lease_seconds=432000", &[]),
            200,
            Some(("content-type", "application/octet-stream")),
            "a-1_b",
        ),
        (
            "websub",
            get("/?hub.mode=unsubscribe&hub.topic=https%3A%2F%2Fa.example%2Ff&hub.challenge=c2", &[]),
            200,
            Some(("x-content-type-options", "nosniff")),
            "c2",
        ),
        ("dropbox", get("/?challenge=abc%20123", &[]), 200, Some(("x-content-type-options", "nosniff")), "abc 123"),
        ("adobe", get("/?challenge=8ec8d794-e0ab-42df-9017-e3dada8e84f7", &[]), 200, text, "8ec8d794-e0ab-42df-9017-e3dada8e84f7"),
        ("microsoft-graph", post("/?validationToken=Validation%3A+Testing", &[("Content-Type", "text/plain")], b""), 200, text, "Validation: Testing"),
        ("sharepoint", post("/?validationtoken=7c4b", &[("Content-Type", "text/plain")], b""), 200, text, "7c4b"),
        (
            "azure-event-grid",
            post("/", &[("aeg-event-type", "SubscriptionValidation"), json], br#"[{"id":"1","data":{"validationCode":"512d38b6-c7b8-40c8","validationUrl":"https://x"},"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent"}]"#),
            200,
            as_json,
            r#"{"validationResponse":"512d38b6-c7b8-40c8"}"#,
        ),
        (
            "cloudevents",
            bare("OPTIONS", "/", &[("WebHook-Request-Origin", "eventemitter.example.com"), ("WebHook-Request-Rate", "120")]),
            200,
            Some(("webhook-allowed-origin", "eventemitter.example.com")),
            "",
        ),
        ("asana", post("/", &[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559"), ("User-Agent", "Asana")], b"{}"), 200, Some(("x-hook-secret", "b537207f20cbfa02357cf448134da559")), ""),
        (
            "clio",
            post("/", &[("X-Hook-Secret", "c0ffee"), json], br#"{"meta":{"event":"webhook.activated"}}"#),
            200,
            Some(("x-hook-secret", "c0ffee")),
            "",
        ),
        ("front", post("/", &[("X-Front-Challenge", "fr-1"), json], b"{}"), 200, text, "fr-1"),
        ("monday", post("/", &[json], br#"{"challenge":"3eZbrw1a"}"#), 200, as_json, r#"{"challenge":"3eZbrw1a"}"#),
        ("okta", get("/", &[("X-Okta-Verification-Challenge", "ok-7")]), 200, as_json, r#"{"verification":"ok-7"}"#),
        ("oura", get("/?verification_token=vt&challenge=ch", &[]), 200, as_json, r#"{"challenge":"ch"}"#),
        ("ringcentral", post("/", &[("Validation-Token", "rc-1")], b""), 200, Some(("validation-token", "rc-1")), ""),
        ("tebex", post("/", &[json], br#"{"id":"654a","type":"validation.webhook","date":"now","subject":{}}"#), 200, as_json, r#"{"id":"654a"}"#),
        (
            "twitch",
            post("/", &[("Twitch-Eventsub-Message-Type", "webhook_callback_verification"), json], br#"{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{}}"#),
            200,
            text,
            "pogchamp-kappa-360noscope-vohiyo",
        ),
        ("notion", post("/", &[json], br#"{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"#), 200, None, ""),
        ("github", post("/", &[("X-GitHub-Event", "ping"), json], br#"{"zen":"Keep it logically awesome."}"#), 200, None, ""),
        ("circle", bare("HEAD", "/", &[("X-Circle-Signature", "s")]), 200, None, ""),
    ]
}

#[test]
fn an_unmistakable_handshake_is_answered_without_a_word_of_configuration() {
    let met = met(Known::default());
    for (id, (who, request, status, wanted, body)) in (1..).zip(echoes()) {
        let answer = met.ask(&request);
        assert_eq!((answer.status, answer.body.as_slice()), (status, body.as_bytes()), "{who}: {}", answer.head);
        if let Some((name, value)) = wanted {
            assert_eq!(header(&answer, name).as_deref(), Some(value), "{who}: {}", answer.head);
        }
        assert_eq!(met.by(id), ChosenBy::Handshake, "{who}");
        assert!(met.house.answer(id).rule.starts_with("handshake: "), "{who}");
    }
}

#[test]
fn the_setting_turns_them_off() {
    let met = met(Known { off: true, ..Known::default() });
    for (id, (who, request, ..)) in (1..).zip(echoes()) {
        let answer = met.ask(&request);
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]), "{who}");
        assert_eq!((met.by(id), met.house.answer(id).rule.as_str()), (ChosenBy::Reply, "default"), "{who}");
    }
}

/// An app behind `--forward`, or a reply of one's own, that answers a handshake like any other request.
#[test]
fn success_without_what_the_handshake_wants_back_is_not_accepted() {
    let met = met(Known { off: true, ..Known::default() });
    let mut failed = Vec::new();
    for (id, (who, request, _, head, body)) in (1..).zip(echoes()) {
        assert_eq!(met.ask(&request).status, 200, "{who}");
        let (request, answer) = (met.house.request(id), met.house.answer(id));
        let given = AnswerBrief::of(&answer, &request).given(&answer, None).unwrap();
        let Some(provider) = met.judge.recognised(&request).provider else { continue };
        let says = met.judge.judgement(&provider, &given, || Some(request)).map(|judgement| judgement.says);
        // Some want success and nothing else.
        let wants_more = head.is_some() || !body.is_empty();
        assert!(!wants_more || says != Some(Says::Accepted), "{who}");
        failed.extend((says == Some(Says::Failed)).then_some(provider));
    }
    assert!(failed.iter().any(|provider| &**provider == "slack"), "{failed:?}");
}

#[test]
fn what_every_provider_sends_is_a_handshake_where_its_endpoint_says_so() {
    let met = met(Known {
        endpoints: vec![
            ("/trello", "trello", None),
            ("/mandrill", "mandrill", None),
            ("/onfleet", "onfleet", None),
            ("/line", "line", None),
        ],
        ..Known::default()
    });
    assert_eq!(met.ask(&bare("HEAD", "/trello", &[])).status, 200);
    assert_eq!(met.ask(&bare("HEAD", "/mandrill", &[])).status, 200);
    assert_eq!(met.ask(&get("/onfleet?check=xyz", &[])).body, b"xyz");
    let line = post("/line", &[("X-Line-Signature", "s")], br#"{"destination":"U1","events":[]}"#);
    assert_eq!(met.ask(&line).status, 200);
    let event = post("/line", &[("X-Line-Signature", "s")], br#"{"destination":"U1","events":[{"type":"message"}]}"#);
    assert_eq!((met.ask(&event).status, met.by(5)), (200, ChosenBy::Reply));
    // Elsewhere nobody can tell.
    assert_eq!(met.ask(&bare("HEAD", "/", &[])).status, 200);
    assert_eq!(met.ask(&get("/?check=xyz", &[])).body, b"");
    let by: Vec<_> = (1..=7).map(|id| met.by(id)).collect();
    assert_eq!(by, [vec![ChosenBy::Handshake; 4], vec![ChosenBy::Reply; 3]].concat());
}

/// Base64 or hex of what only the secret's owner can make.
fn mac(algorithm: ring::hmac::Algorithm, key: &str, message: &str) -> Vec<u8> {
    let key = ring::hmac::Key::new(algorithm, key.as_bytes());
    ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_challenge_is_proved_with_the_secret_and_without_one_there_is_a_hint() {
    let secrets = vec![
        ("twitter", "consumer"),
        ("linkedin", "client"),
        ("ebay", "verification_token=tok;pk"),
        ("smartcar", "amt"),
    ];
    let known = met(Known { secrets, public_url: Some("https://hooks.test/ebay"), ..Known::default() });
    let sha256 = ring::hmac::HMAC_SHA256;
    let crc = known.ask(&get("/x?crc_token=8fqq-_A1", &[]));
    assert_eq!(
        String::from_utf8(crc.body).unwrap(),
        format!(r#"{{"response_token":"sha256={}"}}"#, base64(&mac(sha256, "consumer", "8fqq-_A1")))
    );
    let challenge = "890e4665-4dfe-4ab1-b689-ed553bceeed0";
    let linkedin = known.ask(&get(&format!("/l?challengeCode={challenge}"), &[]));
    let proof = hex::encode(mac(sha256, "client", challenge));
    assert_eq!(
        String::from_utf8(linkedin.body).unwrap(),
        format!(r#"{{"challengeCode":"{challenge}","challengeResponse":"{proof}"}}"#)
    );
    let verify = r#"{"eventName":"verify","eventType":"VERIFY","data":{"challenge":"3a5c8f72-e6d9"}}"#;
    let smartcar = known.ask(&post("/s", &[], verify.as_bytes()));
    let proof = hex::encode(mac(sha256, "amt", "3a5c8f72-e6d9"));
    assert_eq!(String::from_utf8(smartcar.body).unwrap(), format!(r#"{{"challenge":"{proof}"}}"#));
    assert_eq!((1..=3).map(|id| known.by(id)).collect::<Vec<_>>(), [ChosenBy::Handshake; 3]);
    // eBay: SHA-256 over challenge, token and URL.
    let ebay = known.ask(&get("/ebay?challenge_code=a8628072-3d33-45ee-9004-bee86830a22d", &[]));
    let text = "a8628072-3d33-45ee-9004-bee86830a22dtokhttps://hooks.test/ebay";
    let proof = hex::encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    assert_eq!(String::from_utf8(ebay.body).unwrap(), format!(r#"{{"challengeResponse":"{proof}"}}"#));

    let unknown = met(Known::default());
    assert_eq!(unknown.ask(&get("/x?crc_token=8fqq", &[])).body, b"");
    assert_eq!(unknown.by(1), ChosenBy::Unmet);
    assert!(unknown.notes(1).contains("give its consumer secret"), "{}", unknown.notes(1));
}

#[test]
fn nothing_but_a_token_is_signed() {
    let met = met(Known { secrets: vec![("twitter", "consumer"), ("zoom", "zsecret")], ..Known::default() });
    for token in ["%7B%22id%22%3A1%7D", "a%20b", "v0%3A1%3A%7B%7D", &"a".repeat(257)] {
        let answer = met.ask(&get(&format!("/?crc_token={token}"), &[]));
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{token}");
    }
    assert!(met.notes(1).contains("no token"), "{}", met.notes(1));
    // Zoom signs this very request: with a wrong signature nothing is proved either.
    let body = br#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}"#;
    let bad = met.ask(&post("/", &[("x-zm-signature", "v0=00"), ("x-zm-request-timestamp", "1")], body));
    assert_eq!(bad.body, b"");
    let unsigned = met.ask(&post("/", &[], body));
    let proof = hex::encode(mac(ring::hmac::HMAC_SHA256, "zsecret", "qgg8vlvZRS6UYooatFL8Aw"));
    assert_eq!(
        String::from_utf8(unsigned.body).unwrap(),
        format!(r#"{{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"{proof}"}}"#)
    );
}

/// A stranger who says to be another provider would have what Mailgun signs (time and token, both his) signed with Mailgun's key.
#[test]
fn a_secret_that_is_for_nobody_in_particular_signs_no_strangers_text() {
    let text = format!("1700000000{}", "a".repeat(50));
    let requests = || {
        let json = [("Content-Type", "application/json")];
        let zoom = format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"{text}"}}}}"#);
        let smartcar = format!(r#"{{"eventType":"VERIFY","data":{{"challenge":"{text}"}}}}"#);
        [
            ("twitter", get(&format!("/?crc_token={text}"), &[])),
            ("linkedin", get(&format!("/?challengeCode={text}"), &[])),
            ("zoom", post("/", &json, zoom.as_bytes())),
            ("smartcar", post("/", &json, smartcar.as_bytes())),
        ]
    };
    let bare = met(Known { secret: Some("mailgun's key"), ..Known::default() });
    for (id, (who, request)) in (1..).zip(requests()) {
        assert_eq!(bare.ask(&request).body, b"", "{who}");
        assert_eq!(bare.by(id), ChosenBy::Unmet, "{who}");
        let notes = bare.notes(id);
        assert!(notes.contains(&format!("--secret with --scheme {who}")) && notes.contains("no provider"), "{notes}");
    }
    // An endpoint's secret is for the endpoint's provider, and without one for nobody in particular either.
    let mailgun = met(Known { endpoints: vec![("/", "mailgun", Some("mailgun's key"))], ..Known::default() });
    requests().into_iter().for_each(|(who, request)| assert_eq!(mailgun.ask(&request).body, b"", "{who}"));
    // For its provider it signs.
    for (who, request) in requests() {
        let own = met(Known { scheme: Some(who), secret: Some("key"), ..Known::default() });
        let answer = own.ask(&request).body;
        let proof = mac(ring::hmac::HMAC_SHA256, "key", &text);
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.contains(&hex::encode(&proof)) || answer.contains(&base64(&proof)), "{who}: {answer}");
    }
}

#[test]
fn xero_sees_200_for_good_and_401_for_bad_signatures() {
    let met = met(Known { endpoints: vec![("/xero", "xero", Some("xkey"))], ..Known::default() });
    let body = br#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}"#;
    let good = base64(&mac(ring::hmac::HMAC_SHA256, "xkey", std::str::from_utf8(body).unwrap()));
    let ask = |signature: &str| met.ask(&post("/xero", &[("x-xero-signature", signature)], body));
    let answers = [ask(&good), ask("bm90IHRoaXMgb25l"), ask(&good)];
    assert_eq!(answers.each_ref().map(|answer| (answer.status, answer.body.len())), [(200, 0), (401, 0), (200, 0)]);
    assert_eq!((1..=3).map(|id| met.by(id)).collect::<Vec<_>>(), [ChosenBy::Handshake; 3]);
    // A delivery is none, whatever its signature.
    let event = br#"{"events":[{"resourceId":"1","eventType":"UPDATE"}]}"#;
    assert_eq!(met.ask(&post("/xero", &[("x-xero-signature", "bm90")], event)).status, 200);
    assert_eq!(met.by(4), ChosenBy::Reply);
}

#[test]
fn discord_sees_pong_for_good_and_401_for_bad_signatures() {
    use ring::signature::KeyPair as _;
    let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public: &'static str = Box::leak(hex::encode(key.public_key().as_ref()).into_boxed_str());
    let met = met(Known { endpoints: vec![("/discord", "discord", Some(public))], ..Known::default() });
    let body = r#"{"application_id":"1","id":"2","token":"t","type":1,"version":1}"#;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
    let good = hex::encode(key.sign(format!("{now}{body}").as_bytes()).as_ref());
    let ask = |signature: &str| {
        met.ask(&post(
            "/discord",
            &[("X-Signature-Ed25519", signature), ("X-Signature-Timestamp", &now)],
            body.as_bytes(),
        ))
    };
    let pong = ask(&good);
    assert_eq!((pong.status, pong.body.as_slice()), (200, &br#"{"type":1}"#[..]));
    assert_eq!(header(&pong, "content-type").as_deref(), Some("application/json"));
    assert_eq!(ask(&"00".repeat(64)).status, 401);
    assert_eq!(ask("").status, 401);
    // A webhook event has the same type as a ping of interactions, and the ping of events another.
    let event = post(
        "/discord",
        &[("X-Signature-Ed25519", "00"), ("X-Signature-Timestamp", &now)],
        br#"{"version":1,"application_id":"1","type":1,"event":{"type":"X","data":{}}}"#,
    );
    assert_eq!((met.ask(&event).status, met.by(4)), (200, ChosenBy::Reply));
    let body = r#"{"version":1,"application_id":"1","type":0}"#;
    let good = hex::encode(key.sign(format!("{now}{body}").as_bytes()).as_ref());
    let ping = post("/discord", &[("X-Signature-Ed25519", &good), ("X-Signature-Timestamp", &now)], body.as_bytes());
    assert_eq!(met.ask(&ping).status, 204);
}

#[test]
fn the_secret_that_asana_brings_is_used_and_kept_nowhere() {
    let met = met(Known::default());
    let secret = "b537207f20cbfa02357cf448134da559-only-here";
    let hello = met.ask(&post("/asana", &[("X-Hook-Secret", secret), ("User-Agent", "Asana")], b""));
    assert_eq!(header(&hello, "x-hook-secret").as_deref(), Some(secret));
    let body = br#"{"events":[{"action":"changed"}]}"#;
    let signature = hex::encode(mac(ring::hmac::HMAC_SHA256, secret, std::str::from_utf8(body).unwrap()));
    met.ask(&post("/asana", &[("X-Hook-Signature", &signature)], body));
    let request = met.house.request(2);
    assert_eq!(met.judge.quick_verdict(&request).outcome, Outcome::Valid);
    // A second webhook brings its own; both hold.
    met.ask(&post("/asana", &[("X-Hook-Secret", "another"), ("User-Agent", "Asana")], b""));
    assert_eq!(met.judge.quick_verdict(&request).outcome, Outcome::Valid);
    // It is for the path that it came to, and no stranger pushes it out.
    met.ask(&post("/other", &[("X-Hook-Signature", &signature)], body));
    assert_ne!(met.judge.quick_verdict(&met.house.request(4)).outcome, Outcome::Valid);
    for number in 0..40 {
        let stranger = format!("stranger {number}");
        met.ask(&post("/asana", &[("X-Hook-Secret", &stranger), ("User-Agent", "Asana")], b""));
    }
    assert_eq!(met.judge.quick_verdict(&request).outcome, Outcome::Valid);
    assert!(met.notes(44).contains("which is not taken: 8"), "{}", met.notes(44));
    let kept = met.house.answer(1);
    assert_eq!(pairs(&kept.headers), [("X-Hook-Secret".to_owned(), "[not kept: a secret]".to_owned())]);
    assert!(met.notes(1).contains("until this run ends"), "{}", met.notes(1));
    assert!(!met.house.file_text().lines().any(|line| line.contains("\"event\":\"answer\"") && line.contains(secret)));

    // Who has given the secret is not talked out of it.
    let given = super::handshake::met(Known { secrets: vec![("asana", "mine")], ..Known::default() });
    given.ask(&post("/", &[("X-Hook-Secret", "theirs"), ("User-Agent", "Asana")], b""));
    let signature = hex::encode(mac(ring::hmac::HMAC_SHA256, "theirs", "{}"));
    given.ask(&post("/", &[("X-Hook-Signature", &signature)], b"{}"));
    assert_eq!(given.judge.quick_verdict(&given.house.request(2)).outcome, Outcome::Invalid);
}

/// Strava asks as Meta does and wants JSON back: the endpoint says whose it is.
#[test]
fn strava_gets_its_challenge_in_json_where_its_endpoint_says_so() {
    let met = met(Known { endpoints: vec![("/strava", "strava", None)], ..Known::default() });
    let query = "hub.mode=subscribe&hub.challenge=15f7d1a91c1f40f8&hub.verify_token=t";
    let named = met.ask(&get(&format!("/strava?{query}"), &[]));
    assert_eq!((named.status, header(&named, "content-type").as_deref()), (200, Some("application/json")));
    assert_eq!(String::from_utf8_lossy(&named.body), r#"{"hub.challenge":"15f7d1a91c1f40f8"}"#);
    assert_eq!(met.by(1), ChosenBy::Handshake);
    let meta = met.ask(&get(&format!("/meta?{query}"), &[]));
    assert_eq!(String::from_utf8_lossy(&meta.body), "15f7d1a91c1f40f8");
}

/// What the list, `ls` and the overview say of handshakes: whose they are, and which could not be answered and why.
#[test]
fn an_answered_handshake_names_its_provider_and_an_unanswered_one_says_what_is_missing() {
    let home = super::support::Home::new();
    let listening = home.listen(&["-s", "s.jsonl"]);
    let json = ("Content-Type", "application/json");
    let zoom = br#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680}"#;
    let rows = [
        (get("/?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=t", &[]), "meta handshake"),
        (
            post("/", &[json], br#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}"#),
            "slack handshake",
        ),
        (post("/asana", &[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559e8bd39d61597")], b""), "asana handshake"),
        (post("/zoom", &[json], zoom), "zoom handshake unanswered: endpoint.url_validation"),
    ];
    for (request, wanted) in &rows {
        assert_eq!(send(listening.address, request).status, 200, "{wanted}");
        // What is said of the one before stands below its line.
        let line = std::iter::repeat_with(|| listening.line()).find(|line| !line.starts_with("  #")).expect("a row");
        assert!(line.contains(wanted) && !line.contains("no-provider"), "{wanted}: {line}");
        assert!(!line.contains("accepted"), "{line}");
    }
    listening.stop("TERM");
    let listed = home.run(&["ls", "s.jsonl", "--json"]).code(0).json();
    let of = |at: usize| (listed[at]["provider"].clone(), listed[at]["by"].clone(), listed[at]["judgement"].clone());
    let null = serde_json::Value::Null;
    assert_eq!(of(0), ("meta".into(), "handshake".into(), null.clone()));
    assert_eq!(of(3), ("zoom".into(), "handshake-unanswered".into(), null));
    let shown = home.run(&["show", "s.jsonl", "4"]).code(0).text();
    for part in ["not answered: this is a handshake of Zoom", "key s on this request", "--secret"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let meta = home.run(&["show", "s.jsonl", "1"]).code(0).text();
    assert!(meta.contains("this is a handshake, which") && meta.contains("does not sign"), "{meta}");
    assert_eq!((&listed[0]["verdict"], &listed[0]["cause"]), (&"unsigned".into(), &"handshake".into()));
    assert!(listed.iter().all(|row| row.get("delivery_number").is_some()));
    let shown = home.run(&["show", "s.jsonl", "1", "--json"]).code(0).json();
    assert_eq!(shown[0]["delivery_number"], listed[0]["delivery_number"]);
}

#[test]
fn the_url_of_sns_is_shown_and_left_alone() {
    let met = met(Known::default());
    let body = br#"{"Type":"SubscriptionConfirmation","MessageId":"m","SubscribeURL":"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"}"#;
    let answer = met.ask(&post("/", &[("x-amz-sns-message-type", "SubscriptionConfirmation")], body));
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert!(met.notes(1).contains("SubscribeURL"), "{}", met.notes(1));
}

#[test]
fn a_reply_for_the_path_and_a_failure_for_all_say_otherwise() {
    let reply = |status| Reply { status, ..Reply::default() };
    let challenge = post("/slack", &[], br#"{"token":"t","challenge":"abc","type":"url_verification"}"#);
    let answer = |replies: ReplyRules| {
        let met = met(Known { endpoints: vec![("/slack", "slack", None)], replies, ..Known::default() });
        let answer = met.ask(&challenge);
        (answer.status, answer.body)
    };
    let mut own = ReplyRules::default();
    own.set(Scope::Path("/slack".into()), reply(202));
    assert_eq!(answer(own), (202, Vec::new()));
    assert_eq!(answer(ReplyRules { all: reply(503), ..ReplyRules::default() }), (503, Vec::new()));
    // What deliveries are to get says nothing of handshakes.
    assert_eq!(answer(ReplyRules { all: reply(202), ..ReplyRules::default() }), (200, b"abc".to_vec()));
    let mut endpoint = ReplyRules::default();
    endpoint.set_endpoint("/slack", reply(202));
    assert_eq!(answer(endpoint), (200, b"abc".to_vec()));
}

/// What its provider does not sign is called the same everywhere, however many secrets are set, and fails no check.
#[test]
fn a_handshake_that_is_not_signed_by_design_is_said_to_be_one() {
    let home = super::support::Home::new();
    home.write("hooksight.ron", "(secrets: {\"meta\": [\"one\", \"two\", \"three\"]})");
    let listening = home.listen(&["-s", "s.jsonl"]);
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=t";
    let body = r#"{"object":"page","entry":[]}"#;
    let signed = format!("sha256={}", hex::encode(mac(ring::hmac::HMAC_SHA256, "two", body)));
    assert_eq!(send(listening.address, &get(&format!("/meta?{query}"), &[])).body, b"1158201444");
    let line = listening.line();
    assert!(line.contains("unsigned (handshake)"), "{line}");
    send(listening.address, &post("/meta", &[("X-Hub-Signature-256", &signed)], body.as_bytes()));
    listening.stop("TERM");
    let rows = home.run(&["verify", "s.jsonl", "--scheme", "meta", "--json"]).code(0).json();
    assert_eq!((&rows[0]["outcome"], &rows[0]["cause"]), (&"unsigned".into(), &"handshake".into()));
    assert_eq!(rows[1]["outcome"], "valid");
    let text = home.run(&["verify", "s.jsonl", "1"]).text();
    assert!(text.contains("unsigned handshake: not signed by design"), "{text}");
    let shown = home.run(&["explain", "s.jsonl", "1"]).code(0).text();
    assert!(shown.contains("– unsigned  handshake") && !shown.contains("signature-missing"), "{shown}");
    let listed = home.run(&["ls", "s.jsonl"]).code(0).text();
    assert!(listed.contains("unsigned (handshake)"), "{listed}");
}

/// The endpoint's own setting has the last word; whose handshake it is beyond doubt is said.
#[test]
fn a_handshake_of_another_provider_than_the_endpoint_is_set_to_is_named() {
    let home = super::support::Home::new();
    home.write("key", "key");
    let listening = home.listen(&["-s", "s.jsonl", "--scheme", "github", "--secret", "file:key"]);
    let hello = br#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}"#;
    let answer = send(listening.address, &post("/hook", &[("Content-Type", "application/json")], hello));
    assert_ne!(answer.body, b"3eZbrw1aBm2rZgRNFdxV", "it is answered as what the endpoint is set to");
    let line = listening.line();
    assert!(line.contains("unsigned (other-provider)"), "{line}");
    listening.stop("TERM");
    assert!(line.contains("handshake unanswered") && !line.contains("accepted"), "{line}");
    let shown = home.run(&["show", "s.jsonl", "1"]).code(0).text();
    assert!(!shown.contains("judged"), "what GitHub takes for a success is not asked: {shown}");
    assert!(shown.contains("looks like Slack's handshake") && shown.contains("configured for GitHub"), "{shown}");
    let rows = home.run(&["verify", "s.jsonl", "--scheme", "github", "--secret", "file:key", "--json"]).code(1).json();
    assert_eq!((&rows[0]["outcome"], &rows[0]["cause"]), (&"unsigned".into(), &"other-provider".into()));
    assert!(rows[0]["detail"].as_str().unwrap().contains("Slack's handshake"), "{}", rows[0]);
}

#[test]
fn handshakes_are_marked_in_the_session_file_and_in_every_line() {
    let home = super::support::Home::new();
    let listening = home.listen(&["--json", "-s", "s.jsonl"]);
    send(listening.address, &post("/", &[], br#"{"token":"t","challenge":"abc","type":"url_verification"}"#));
    let lines = [listening.json(), listening.json()];
    let answer = lines.iter().find(|line| line["event"] == "answer").unwrap();
    assert_eq!((answer["by"].as_str(), answer["body"].as_str()), (Some("handshake"), Some("abc")));
    listening.stop("TERM");
    let ls = home.run(&["ls", "s.jsonl", "--json", "--filter", "is:handshake"]).code(0).json();
    assert_eq!((ls.len(), ls[0]["by"].as_str()), (1, Some("handshake")));
    let plain = home.run(&["ls", "s.jsonl"]).code(0).text();
    assert!(plain.contains("handshake"), "{plain}");
    let show = home.run(&["show", "s.jsonl", "1"]).code(0).text();
    assert!(show.contains("handshake: Slack"), "{show}");
    let plain = home.listen(&["-s", "t.jsonl", "--no-handshakes"]);
    assert_eq!(send(plain.address, &get("/?challenge=x", &[])).body, b"");
    // It is one all the same, but was not answered as such.
    let line = plain.line();
    assert!(!line.replace("unsigned (handshake)", "").contains("handshake"), "{line}");
}

/// A handshake that its provider signs and that comes without a signature is called one by every command.
#[test]
fn an_unsigned_handshake_is_one_to_the_check_as_to_the_list() {
    let home = super::support::Home::new();
    home.write("key", "key");
    let listening = home.listen(&["-s", "s.jsonl"]);
    let json = [("Content-Type", "application/json")];
    let slack = br#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}"#;
    let zoom = br#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}"#;
    send(listening.address, &post("/slack", &json, slack));
    send(listening.address, &post("/zoom", &json, zoom));
    listening.stop("TERM");
    for (id, title, header) in [("1", "Slack", "X-Slack-Signature"), ("2", "Zoom", "x-zm-signature")] {
        for command in ["verify", "explain"] {
            let said = home.run(&[command, "s.jsonl", id, "--secret", "file:key"]).text();
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains(&format!("a handshake of {title} by its body")), "{command}: {said}");
            assert!(said.contains(&format!("{header} is not there")) && !said.contains("Nothing else"), "{said}");
        }
    }
}

/// Discord takes success for a bad signature as a reason to refuse the endpoint; without its key none can be told.
#[test]
fn a_test_of_the_check_is_refused_as_long_as_there_is_no_key() {
    let home = super::support::Home::new();
    let listening = home.listen(&["-s", "s.jsonl"]);
    let headers = [("X-Signature-Ed25519", &*"00".repeat(64)), ("X-Signature-Timestamp", "1700000000")];
    let answer = send(listening.address, &post("/d", &headers, br#"{"type":1,"id":"1","application_id":"1"}"#));
    assert_eq!(answer.status, 401);
    let line = listening.line();
    assert!(line.contains("discord handshake unanswered: PING") && !line.contains("accepted"), "{line}");
    listening.stop("TERM");
    let shown = home.run(&["show", "s.jsonl", "1"]).code(0).text();
    assert!(shown.contains("refused with 401") && shown.contains("give its public key"), "{shown}");
    let listed = home.run(&["ls", "s.jsonl", "--json"]).code(0).json();
    assert_eq!((&listed[0]["type"], &listed[0]["by"]), (&"PING".into(), &"handshake-unanswered".into()));
}

/// A list of what was recorded with a scheme and a secret says the same when it is given them, and else that it checked nothing.
#[test]
fn a_list_is_judged_with_the_scheme_and_the_secret_that_it_is_given() {
    let home = super::support::Home::new();
    home.write("key", "key");
    let listening = home.listen(&["-s", "s.jsonl", "--scheme", "github", "--secret", "file:key"]);
    let signed = |key: &str| format!("sha256={}", hex::encode(mac(ring::hmac::HMAC_SHA256, key, "{}")));
    for key in ["key", "other"] {
        let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", &*signed(key))];
        send(listening.address, &post("/g", &headers, b"{}"));
    }
    listening.stop("TERM");
    let given = ["--scheme", "github", "--secret", "file:key"];
    let told = home.run(&[&["ls", "s.jsonl"], &given[..]].concat()).code(0);
    let rows = told.text();
    assert!(rows.lines().next().unwrap().contains("valid") && rows.contains("invalid (signature-mismatch)"), "{rows}");
    let bad = home.run(&[&["ls", "s.jsonl", "--json", "--filter", "verdict:invalid"], &given[..]].concat()).code(0);
    assert_eq!(bad.json().iter().map(|row| row["id"].as_u64()).collect::<Vec<_>>(), [Some(2)]);
    let curl = ["export", "s.jsonl", "--format", "curl", "--filter", "verdict:invalid"];
    assert_eq!(home.run(&[&curl[..], &given[..]].concat()).code(0).text().matches("curl ").count(), 1);
    let none = home.run(&["ls", "s.jsonl", "--filter", "verdict:invalid"]).code(0);
    assert!(none.text().is_empty() && none.stderr.contains("2 rows were not checked"), "{}", none.stderr);
    assert!(none.stderr.contains("no filter by verdict can find them"), "{}", none.stderr);
}
