//! Signing and checking are each other's reverse, nothing changed passes, and no input can hurt.

use proptest::prelude::*;

use crate::domain::headers::Headers;
use crate::domain::signature::tests::request;
use crate::domain::signature::*;
use crate::domain::time::Timestamp;

const URL: &str = "https://x.example/hook?a=1";

/// A secret that every key form can read, for a profile: prefix, the parts that stand before the key, 32 hex digits.
fn secret_for(profile: &Profile) -> Secret {
    let prefix = profile.secret.prefixes.first().map_or("", String::as_str);
    let parts = profile.schemes.first().map(|scheme| scheme.key.parts.clone()).unwrap_or_default();
    let parts: String = parts.iter().map(|part| format!("{part}=part;")).collect();
    Secret::new(format!("{parts}{prefix}00112233445566778899aabbccddeeff"))
}

#[test]
fn a_profiles_own_names_come_out_visible() {
    let text = r#"(
        title: "a\u{1b}b", docs: "", sources: [], recognise: [], secret: (called: "c\u{9b}"), schemes: [(
            signature: ["header:X-\u{7}S"], list: (separator: ",", assign: "=", accept: ["v1"]), algorithm: HmacSha256,
            message: "{timestamp}.{body}", timestamp: (from: "list:t\u{f}", unit: Seconds), not_covered: "\u{202e}",
        )],
    )"#;
    let profile = Profile::parse("own", text).unwrap();
    let secrets = [Secret::new("x")];
    let mut signed = request("POST", "/", &[], b"");
    signed.headers.push("X-\u{7}S", "v1=00");
    for request in [signed, request("POST", "/", &[], b"")] {
        let verdict = check(&CheckInput::new(&profile, &secrets, &request));
        let words = [&verdict.detail, &verdict.rule, &verdict.place].into_iter().chain(&verdict.tried);
        for text in words.chain(&verdict.remarks) {
            assert!(!text.contains(|char: char| char.is_control() || char == '\u{202e}'), "{text:?}");
        }
    }
}

/// A request that was signed, and what it takes to check it.
struct Made {
    profile: std::sync::Arc<Profile>,
    target: String,
    headers: Headers,
    body: Vec<u8>,
}

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// Signs a body for a profile; where the scheme reads JSON or form fields that the body has not, a sample event with the
/// text in it.
fn made(profile: &std::sync::Arc<Profile>, body: &[u8]) -> Option<Made> {
    let text = hex::encode(body);
    let mut bodies = vec![("application/octet-stream".to_owned(), Vec::new(), body.to_vec())];
    for event in &profile.events {
        let more = match event.content_type.as_str() {
            "application/x-www-form-urlencoded" => format!("{}&more={text}", event.body),
            _ => match event.body.strip_suffix('}') {
                Some(open) => format!("{open},\"more\":\"{text}\"}}"),
                None => event.body.clone(),
            },
        };
        bodies.push((event.content_type.clone(), event.headers.clone(), more.into_bytes()));
    }
    let secret = secret_for(profile);
    bodies.into_iter().find_map(|(content_type, headers, body)| {
        let mut all = Headers::from_pairs([("Content-Type", content_type.as_str())]);
        headers.iter().for_each(|(name, value)| all.set(name, value.clone().into_bytes()));
        let input =
            SignInput { profile, secret: &secret, method: b"POST", url: URL, headers: &all, body: &body, now: NOW };
        let signed = sign_whole(&input).ok()?;
        signed.headers.into_iter().for_each(|(name, value)| all.set(&name, value));
        let mut target = "/hook?a=1".to_owned();
        for (name, value) in &signed.query {
            target.push_str(&format!("&{name}={}", String::from_utf8(value.clone()).unwrap()));
        }
        Some(Made { profile: std::sync::Arc::clone(profile), target, headers: all, body: signed.body.unwrap_or(body) })
    })
}

/// All profiles whose key the user can hold.
fn signable() -> Vec<std::sync::Arc<Profile>> {
    Profiles::builtin().iter().filter(|profile| made(profile, b"{}").is_some()).cloned().collect()
}

/// Checks what was made, after `change` had its way with headers and body.
fn judged(made: Made, change: impl FnOnce(&mut Headers, &mut Vec<u8>)) -> Verdict {
    let Made { profile, target, mut headers, mut body } = made;
    change(&mut headers, &mut body);
    let secrets = [secret_for(&profile)];
    let mut captured = request("POST", &target, &[], &body);
    captured.headers = headers;
    check(&CheckInput {
        public_url: Some("https://x.example"),
        now: NOW,
        autopsy_work_bytes: 0,
        ..CheckInput::new(&profile, &secrets, &captured)
    })
}

/// Whoever signs with a shared secret can be signed for; with QQ's, whose private key is made from it, too.
#[test]
fn every_scheme_with_a_shared_secret_can_be_run_backwards() {
    let names: Vec<_> = signable().iter().map(|profile| profile.name.clone()).collect();
    for profile in Profiles::builtin().iter() {
        let is_shared = |scheme: &scheme::Scheme| {
            !scheme.algorithm.is_public() || scheme.key.decode == scheme::KeyForm::Ed25519Seed
        };
        let shared = profile.schemes.iter().any(is_shared);
        assert_eq!(names.contains(&profile.name), shared, "{}", profile.name);
    }
}

#[test]
fn public_key_providers_say_why_they_cannot_be_signed_for() {
    for name in ["discord", "sendgrid", "telnyx"] {
        let profile = Profiles::builtin().by_name(name).unwrap();
        let (secret, headers) = (Secret::new(*b"x"), Headers::new());
        let input = SignInput {
            profile,
            secret: &secret,
            method: b"POST",
            url: URL,
            headers: &headers,
            body: b"",
            now: Timestamp::default(),
        };
        assert!(sign(&input).unwrap_err().to_string().contains("private key"), "{name}");
    }
}

#[test]
fn signing_anew_keeps_the_id_and_replaces_time_and_signature() {
    let profile = Profiles::builtin().by_name("standard-webhooks").unwrap();
    let secret = secret_for(profile);
    let headers =
        Headers::from_pairs([("webhook-id", "msg_7"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,x")]);
    let input = SignInput {
        profile,
        secret: &secret,
        method: b"POST",
        url: URL,
        headers: &headers,
        body: b"{}",
        now: Timestamp::from_secs(1_700_000_000),
    };
    let signed = sign(&input).unwrap();
    let get = |name: &str| signed.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    assert_eq!(get("webhook-id"), Some(b"msg_7".to_vec()));
    assert_eq!(get("webhook-timestamp"), Some(b"1700000000".to_vec()));
    assert!(get("webhook-signature").unwrap().starts_with(b"v1,"));
}

/// Whether each scheme of the profile signs the body's very bytes.
fn covers_the_body(profile: &Profile) -> bool {
    let of_body = |source: &template::Source| *source == template::Source::Body;
    profile.schemes.iter().all(|scheme| {
        let signed = scheme.message.iter().flat_map(|message| message.sources()).any(of_body);
        let guarded =
            scheme.guards.iter().flat_map(|guard| guard.left.sources().chain(guard.right.sources())).any(of_body);
        (signed || guarded || matches!(scheme.form, scheme::Form::HttpMessage(_))) && scheme.each.is_none()
    })
}

/// The headers that a signature covers or is in: every bit of them counts.
fn signed_headers(made: &Made) -> Vec<String> {
    let mut names = Vec::new();
    for scheme in &made.profile.schemes {
        let signed = |source: &template::Source| scheme.message.as_ref().is_some_and(|message| message.uses(source));
        let stamp = scheme.timestamp.iter().map(|clock| &clock.from.0).filter(|_| signed(&template::Source::Timestamp));
        let id = scheme.id.iter().map(|id| &id.0).filter(|_| signed(&template::Source::Id));
        for source in scheme.signature.iter().map(|place| &place.0).chain(stamp).chain(id) {
            if let template::Source::Header(name) = source {
                names.push(name.replace('#', "1"));
            }
        }
        if matches!(scheme.form, scheme::Form::HttpMessage(_)) {
            names.extend(["Signature-Input".to_owned(), "Content-Digest".to_owned()]);
        }
    }
    names.retain(|name| made.headers.get(name).is_some());
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sign_then_check_holds_for_any_body(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for profile in signable() {
            let verdict = judged(made(&profile, &body).unwrap(), |_, _| {});
            // Fields of a body that is not JSON can be signed (all of them empty), and no receiver takes it.
            let is_refused = verdict.cause == Some(Cause::BodyMalformed) && serde_json::from_slice::<serde_json::Value>(&body).is_err();
            prop_assert!(verdict.outcome == Outcome::Valid || is_refused, "{}: {}", &profile.name, verdict.detail);
        }
    }

    #[test]
    fn a_changed_bit_of_the_body_fails(body in proptest::collection::vec(any::<u8>(), 1..100), at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        for profile in signable().into_iter().filter(|profile| covers_the_body(profile)) {
            let verdict = judged(made(&profile, &body).unwrap(), |_, body| {
                let at = at.index(body.len());
                body[at] ^= 1 << bit;
            });
            prop_assert_ne!(verdict.outcome, Outcome::Valid, "{}", &profile.name);
        }
    }

    /// Also the last characters of base64 and the case of hex: a signature with a shared secret is compared as it is written.
    #[test]
    fn a_changed_bit_of_a_signed_header_fails(which in any::<proptest::sample::Index>(), at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        for profile in signable().into_iter().filter(|profile| !profile.is_public_key()) {
            let made = made(&profile, b"{}").unwrap();
            let names = signed_headers(&made);
            if names.is_empty() {
                continue;
            }
            let name = which.get(&names).clone();
            let mut said = String::new();
            let verdict = judged(made, |headers, _| {
                let mut value = headers.get(&name).unwrap().to_vec();
                let at = at.index(value.len());
                value[at] ^= 1 << bit;
                said = String::from_utf8_lossy(&value).into_owned();
                headers.set(&name, value);
            });
            prop_assert_ne!(verdict.outcome, Outcome::Valid, "{}: {}: {}", &profile.name, &name, said);
        }
    }

    #[test]
    fn no_input_panics(
        profile in any::<proptest::sample::Index>(),
        target in proptest::collection::vec(any::<u8>(), 0..40),
        values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 6),
        secret in proptest::collection::vec(any::<u8>(), 0..40),
        body in proptest::collection::vec(any::<u8>(), 0..120),
        json in "[\\[{\"a\\\\u0:,}\\]]{0,60}",
        url in "(https?://)?[a-z:@/?.]{0,20}",
    ) {
        let all: Vec<_> = Profiles::builtin().iter().cloned().collect();
        let profile = &all[profile.index(all.len())];
        for body in [body, json.into_bytes()] {
            let mut captured = request("POST", "/", &[], &body);
            captured.target = target.clone().into();
            let mut values = values.iter().cycle();
            for scheme in &profile.schemes {
                for source in scheme.signature.iter().map(|source| &source.0).chain(scheme.timestamp.iter().map(|clock| &clock.from.0)) {
                    if let template::Source::Header(name) = source {
                        captured.headers.push(name.replace('#', "1"), values.next().unwrap().clone());
                    }
                }
            }
            let secrets = [Secret::new(secret.clone())];
            let verdict = check(&CheckInput { public_url: Some(&url), autopsy_work_bytes: 1 << 20, ..CheckInput::new(profile, &secrets, &captured) });
            prop_assert_ne!(verdict.outcome, Outcome::Valid);
            let _ = (profile.event_type(&captured), profile.delivery_id(&captured), Profiles::builtin().recognise(&captured));
        }
    }
}

/// A form as large as anybody sends, of as many fields as fit.
fn large_form() -> Vec<u8> {
    (0..20_000).map(|at| format!("f{:05}={at}", at * 7919 % 20_000)).collect::<Vec<_>>().join("&").into_bytes()
}

/// A form that is wrongly signed for Twilio.
fn twilio_form(body: &[u8]) -> crate::domain::exchange::Request {
    request(
        "POST",
        "/sms?a=1&b=2",
        &[
            ("Host", "x.example"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ],
        body,
    )
}

fn times_sorted(work: impl FnOnce()) -> u32 {
    let before = material::SORTED.with(std::cell::Cell::get);
    work();
    material::SORTED.with(std::cell::Cell::get) - before
}

#[test]
fn a_form_is_sorted_once_for_all_secrets_rules_and_urls() {
    let body = large_form();
    let captured = twilio_form(&body);
    let profile = Profiles::builtin().by_name("twilio").unwrap();
    let secrets: Vec<_> = (0..10).map(|at| Secret::new(format!("{at:032x}"))).collect();
    let input = CheckInput { autopsy_work_bytes: 0, ..CheckInput::new(profile, &secrets, &captured) };
    assert_eq!(times_sorted(|| assert_eq!(check(&input).outcome, Outcome::Invalid)), 1);
    // Twice by an explanation: the body is looked at as a handler would write it again.
    assert!(times_sorted(|| drop(explain(&input, None))) <= 2);
}

#[test]
fn sorting_a_form_is_paid_from_the_budget() {
    let body = large_form();
    let captured = twilio_form(&body);
    let profile = Profiles::builtin().by_name("twilio").unwrap();
    let secrets = [Secret::new("0123456789abcdef0123456789abcdef")];
    let budget = 24 * body.len() as u64 * 3;
    let input = CheckInput { autopsy_work_bytes: budget, ..CheckInput::new(profile, &secrets, &captured) };
    let sorted = times_sorted(|| assert!(check(&input).tried_cut));
    assert!(sorted <= 5, "{sorted} times sorted for a budget of three");
}

#[test]
fn a_check_that_is_stopped_tells_nothing() {
    let captured = twilio_form(b"a=1");
    let profile = Profiles::builtin().by_name("twilio").unwrap();
    let secrets = [Secret::new("0123456789abcdef0123456789abcdef")];
    let stop = std::sync::atomic::AtomicBool::new(true);
    let verdict = check(&CheckInput { stop: Some(&stop), ..CheckInput::new(profile, &secrets, &captured) });
    assert_eq!((verdict.outcome, verdict.cause, verdict.tried_count), (Outcome::Unknown, None, 0));
}

#[test]
fn several_lines_of_a_signature_hold_only_where_every_receiver_takes_them() {
    let mac = |message: &[u8]| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"key");
        hex::encode(ring::hmac::sign(&key, message).as_ref())
    };
    let verdict = |name: &str, lines: &[(&str, &str)]| {
        let profile = Profiles::builtin().by_name(name).unwrap();
        let secrets = [Secret::new(*b"key")];
        let captured = request("POST", "/", lines, b"body");
        check(&CheckInput { now: NOW, ..CheckInput::new(profile, &secrets, &captured) })
    };
    let (good, bad) = (format!("sha256={}", mac(b"body")), format!("sha256={}", mac(b"other")));
    let github = "X-Hub-Signature-256";
    let repeated = (Outcome::Invalid, Some(Cause::SignatureRepeated));
    for (lines, which) in
        [([&bad, &good], "line 2 fits"), ([&good, &bad], "line 1 fits"), ([&good, &good], "each of them")]
    {
        let verdict = verdict("github", &lines.map(|line| (github, line.as_str())));
        assert_eq!((verdict.outcome, verdict.cause), repeated, "{which}");
        assert!(verdict.detail.contains(which), "{}", verdict.detail);
    }
    let neither = verdict("github", &[(github, &bad), (github, &bad)]);
    assert_eq!(neither.cause, Some(Cause::SignatureMismatch));
    // Mollie's documentation: a line for each secret.
    let lines = [("X-Mollie-Signature", bad.as_str()), ("X-Mollie-Signature", good.as_str())];
    assert_eq!(verdict("mollie", &lines).outcome, Outcome::Valid);
    // A list goes on over the lines, for Go too.
    let right = format!("t=1700000000,v1={}", mac(b"1700000000.body"));
    let more = [("Stripe-Signature", right.as_str()), ("Stripe-Signature", "v0=00")];
    let verdict_of_list = verdict("stripe", &more);
    assert_eq!(verdict_of_list.outcome, Outcome::Valid, "{}", verdict_of_list.detail);
    assert!(verdict_of_list.detail.contains("came on 2 lines"), "{}", verdict_of_list.detail);
    let behind = [("Stripe-Signature", "v0=00"), ("Stripe-Signature", right.as_str())];
    let verdict_behind = verdict("stripe", &behind);
    assert_eq!((verdict_behind.outcome, verdict_behind.cause), repeated, "{}", verdict_behind.detail);
    // What is signed beside counts as well: here a second timestamp.
    let slack = format!("v0={}", mac(b"v0:1700000000:body"));
    let time = "X-Slack-Request-Timestamp";
    let times = [("X-Slack-Signature", slack.as_str()), (time, "1700000000"), (time, "1700000001")];
    let verdict_of_times = verdict("slack", &times);
    assert_eq!((verdict_of_times.outcome, verdict_of_times.cause), repeated, "{}", verdict_of_times.detail);
}

#[test]
fn the_weaker_of_two_signatures_is_named() {
    let mac = |algorithm, prefix: &str| {
        format!(
            "{prefix}={}",
            hex::encode(ring::hmac::sign(&ring::hmac::Key::new(algorithm, b"key"), b"body").as_ref())
        )
    };
    let sha1 = mac(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "sha1");
    let sha256 = mac(ring::hmac::HMAC_SHA256, "sha256");
    let profile = Profiles::builtin().by_name("github").unwrap();
    let secrets = [Secret::new(*b"key")];
    let of = |headers: &[(&str, &str)]| {
        let captured = request("POST", "/", headers, b"body");
        check(&CheckInput::new(profile, &secrets, &captured))
    };
    let alone = of(&[("X-Hub-Signature", &sha1)]);
    assert_eq!(alone.outcome, Outcome::Valid);
    assert!(alone.detail.contains("weaker") && alone.detail.contains("X-Hub-Signature-256"), "{}", alone.detail);
    assert!(alone.remarks.iter().any(|remark| remark.contains("weaker")), "{:?}", alone.remarks);
    let both = of(&[("X-Hub-Signature", &sha1), ("X-Hub-Signature-256", &sha256)]);
    assert!(both.outcome == Outcome::Valid && !both.detail.contains("weaker"), "{}", both.detail);
}
