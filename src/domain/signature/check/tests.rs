//! Signing and checking are each other's reverse, nothing changed passes, and no input can hurt.

use proptest::prelude::*;

use crate::domain::headers::Headers;
use crate::domain::signature::scheme::Algorithm;
use crate::domain::signature::tests::request;
use crate::domain::signature::*;
use crate::domain::time::Timestamp;

const URL: &str = "https://x.example/hook?a=1";

/// A secret that every key form can read, for a profile.
fn secret_for(profile: &Profile) -> Secret {
    let prefix = match profile.secret.prefixes.first() {
        Some(prefix) => prefix.as_str(),
        None => "",
    };
    Secret::new(format!("{prefix}00112233445566778899aabbccddeeff"))
}

/// Profiles whose key the user holds and whose signature is in a header.
fn signable() -> Vec<std::sync::Arc<Profile>> {
    let base = |profile: &&std::sync::Arc<Profile>| {
        let (secret, headers) = (secret_for(profile), Headers::new());
        let input = SignInput {
            profile,
            secret: &secret,
            method: b"POST",
            url: URL,
            headers: &headers,
            body: b"{}",
            now: Timestamp::from_secs(1_700_000_000),
        };
        sign(&input).is_ok()
    };
    Profiles::builtin().iter().filter(base).cloned().collect()
}

/// Signs a body and checks it, after `change` had its way with headers and body.
fn judged(profile: &Profile, body: &[u8], change: impl FnOnce(&mut Headers, &mut Vec<u8>)) -> Verdict {
    let now = Timestamp::from_secs(1_700_000_000);
    let secrets = [secret_for(profile)];
    let mut headers = Headers::from_pairs([("Content-Type", "application/x-www-form-urlencoded")]);
    let input = SignInput { profile, secret: &secrets[0], method: b"POST", url: URL, headers: &headers, body, now };
    for (name, value) in sign(&input).unwrap() {
        headers.set(&name, value);
    }
    let mut body = body.to_vec();
    change(&mut headers, &mut body);
    let mut captured = request("POST", "/hook?a=1", &[], &body);
    captured.headers = headers;
    check(&CheckInput {
        public_url: Some("https://x.example"),
        now,
        autopsy_work_bytes: 0,
        ..CheckInput::new(profile, &secrets, &captured)
    })
}

#[test]
fn what_is_signed_is_valid_and_is_recognised_as_signable_by_most() {
    let all = signable();
    assert!(all.len() >= 80, "only {}", all.len());
    for profile in all {
        let verdict = judged(&profile, b"{\"webhookTimestamp\":1700000000000}", |_, _| {});
        assert_eq!(verdict.outcome, Outcome::Valid, "{}: {}", profile.name, verdict.detail);
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

/// Profiles whose signature covers the whole body, so that any changed bit must fail.
fn covering() -> Vec<std::sync::Arc<Profile>> {
    let covers = |profile: &std::sync::Arc<Profile>| {
        profile.schemes.iter().all(|scheme| {
            scheme.algorithm != Algorithm::Token
                && scheme.message.as_ref().is_some_and(|message| message.uses(&template::Source::Body))
        })
    };
    signable().into_iter().filter(covers).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sign_then_check_holds_for_any_body(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for profile in signable().iter().filter(|profile| profile.name != "linear") {
            let verdict = judged(profile, &body, |_, _| {});
            prop_assert_eq!(verdict.outcome, Outcome::Valid, "{}: {}", &profile.name, verdict.detail);
        }
    }

    #[test]
    fn a_changed_bit_of_the_body_fails(body in proptest::collection::vec(any::<u8>(), 1..100), at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        for profile in covering() {
            let at = at.index(body.len());
            let verdict = judged(&profile, &body, |_, body| body[at] ^= 1 << bit);
            prop_assert_ne!(verdict.outcome, Outcome::Valid, "{}", &profile.name);
        }
    }

    #[test]
    fn a_changed_bit_of_the_signature_fails(at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        for profile in covering() {
            let verdict = judged(&profile, b"{}", |headers, _| {
                let scheme = &profile.schemes[0];
                let template::Source::Header(name) = &scheme.signature[0].0 else { return };
                let name = name.replace('#', "1");
                let mut value = headers.get(&name).unwrap().to_vec();
                // The signature itself is the end of the value.
                let start = value.iter().rposition(|byte| matches!(byte, b',' | b' ' | b';')).map_or(0, |at| at + 1);
                let at = start + at.index(value.len() - start);
                value[at] ^= 1 << bit;
                headers.set(&name, value);
            });
            prop_assert_ne!(verdict.outcome, Outcome::Valid, "{}", &profile.name);
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
