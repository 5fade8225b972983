//! Values and keys with something round them: what holds without it is named, and what else is wrong is said with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::domain::signature::tests::request;
use crate::domain::signature::{Cause, CheckInput, Outcome, Profiles, Secret, Verdict, check};
use crate::domain::time::Timestamp;

const NOW: i64 = 1_700_000_000;
const BODY: &[u8] = br#"{"id":7}"#;
const SECRET: &str = "whsec_0123456789";

fn verdict(scheme: &str, secret: &str, headers: &[(&str, &str)], body: &[u8]) -> Verdict {
    let profile = Profiles::builtin().resolve(scheme).unwrap();
    let (secrets, request) = ([Secret::new(secret.as_bytes())], request("POST", "/", headers, body));
    check(&CheckInput { now: Timestamp::from_secs(NOW), ..CheckInput::new(&profile, &secrets, &request) })
}

fn mac(message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), message).as_ref().to_vec()
}

/// The value of Stripe's header at a time.
fn stripe(time: i64, body: &[u8]) -> String {
    let signed = [format!("{time}.").as_bytes(), body].concat();
    format!("t={time},v1={}", hex::encode(mac(&signed)))
}

#[track_caller]
fn says(verdict: &Verdict, cause: Cause, part: &str) {
    assert_eq!((verdict.outcome, verdict.cause), (Outcome::Invalid, Some(cause)), "{}", verdict.detail);
    assert!(verdict.detail.contains(part), "{part}: {}", verdict.detail);
}

#[test]
fn a_list_with_something_round_it_is_named() {
    let value = stripe(NOW, BODY);
    let of = |value: &str| verdict("stripe", SECRET, &[("Stripe-Signature", value)], BODY);
    assert_eq!(of(&value).outcome, Outcome::Valid);
    for wrapped in [format!("\"{value}\""), format!("b'{value}'"), format!("[\"{value}\"]"), format!("'{value}\\n'")] {
        says(&of(&wrapped), Cause::SignatureWrapped, "stand round the signature");
    }
    says(&of(&format!("Bearer {value}")), Cause::SignaturePrefix, "`Bearer ` stands before");
    says(&of(&format!("sha256={value}")), Cause::SignaturePrefix, "`sha256=` stands before");
    let escaped = value.replace(',', "%2C").replace('=', "%3D");
    says(&of(&escaped), Cause::EncodingDiffers, "percent-escaped");
    // Nothing is proved by a value that holds neither way.
    assert_ne!(of(&format!("\"{}\"", stripe(NOW, b"other"))).cause, Some(Cause::SignatureWrapped));
}

#[test]
fn a_signature_by_a_public_key_with_something_round_it_is_named() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let key = hex::encode(pair.public_key().as_ref());
    let time = NOW.to_string();
    let sig = hex::encode(pair.sign(&[time.as_bytes(), BODY].concat()).as_ref());
    let of = |key: &str, value: &str| {
        verdict("discord", key, &[("X-Signature-Ed25519", value), ("X-Signature-Timestamp", &time)], BODY)
    };
    assert_eq!(of(&key, &sig).outcome, Outcome::Valid);
    says(&of(&key, &format!("\"{sig}\"")), Cause::SignatureWrapped, "stand round the signature");
    says(&of(&format!("\"{key}\""), &sig), Cause::SecretQuotes, "without the quotes");
    says(&of(&format!("DISCORD_PUBLIC_KEY={key}\n"), &sig), Cause::SecretQuotes, "without the name");
    says(&of(&format!("0x{key}"), &sig), Cause::SecretPrefix, "without its prefix 0x");
    let other = hex::encode(Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap().public_key().as_ref());
    says(&of(&format!("{other},{key}"), &sig), Cause::SecretAltered, "give each secret by itself");
    let seed = [7; 32];
    says(&of(&hex::encode(seed), &sig), Cause::SecretWrongKind, "the private half");
    let both = [&seed[..], pair.public_key().as_ref()].concat();
    says(&of(&STANDARD.encode(both), &sig), Cause::SecretWrongKind, "the private half");
    assert_eq!(of("1234567890123456789", &sig).cause, Some(Cause::SecretMalformed));
}

/// What would be found next, once the first is mended, is said at once.
#[test]
fn what_else_is_wrong_is_said_beside_the_cause() {
    let old = stripe(NOW - 4000, BODY);
    let spaced = br#"{"id": 7}"#;
    let of = |secret: &str, value: &str, body: &[u8]| verdict("stripe", secret, &[("Stripe-Signature", value)], body);
    says(
        &of(SECRET, &old, spaced),
        Cause::BodyJsonRewritten,
        "besides, its time is 66 min 40 s old, and 5 min is the limit",
    );
    says(&of(&format!("{SECRET}\n"), &old, BODY), Cause::SecretWhitespace, "besides, its time is 66 min 40 s old");
    let ahead = stripe(NOW + 4000, BODY);
    says(&of(SECRET, &ahead, spaced), Cause::BodyJsonRewritten, "besides, its time lies 66 min 40 s ahead");
    let fresh = of(SECRET, &stripe(NOW, BODY), spaced);
    assert!(!fresh.detail.contains("besides"), "{}", fresh.detail);
    let base64 = format!("sha256={}", STANDARD.encode(mac(BODY)));
    let github = |secret: &str, body: &[u8]| verdict("github", secret, &[("X-Hub-Signature-256", &base64)], body);
    says(&github(SECRET, spaced), Cause::BodyJsonRewritten, "besides, it is written in base64, and GitHub wants hex");
    let quoted = format!("\"{SECRET}\"");
    says(&github(&quoted, BODY), Cause::SecretQuotes, "besides, it is written in base64, and GitHub wants hex");
}

/// A secret may hold blanks of its own: a list of such is parted by its commas or lines.
#[test]
fn one_of_several_secrets_in_one_text_is_named() {
    let secret = "It is a Secret";
    let digest = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), BODY);
    let value = format!("sha256={}", hex::encode(digest));
    let of = |secret: &str| verdict("github", secret, &[("X-Hub-Signature-256", &value)], BODY);
    assert_eq!(of(secret).outcome, Outcome::Valid);
    for twice in [format!("{secret}{secret}"), format!("{secret}\n{secret}\n"), format!("{secret},{secret}")] {
        says(&of(&twice), Cause::SecretAltered, "taken once");
    }
    for list in [format!("an old one, {secret}"), format!("an old one\n{secret}\n"), format!("\"{secret}\";\"other\"")]
    {
        says(&of(&list), Cause::SecretAltered, "give each secret by itself");
    }
    says(&of(&format!("Bearer {secret}")), Cause::SecretPrefix, "without its prefix Bearer");
}

/// What can be seen of a body that nothing brings back.
#[test]
fn a_body_that_lost_bytes_is_told_by_its_marks() {
    let value = stripe(NOW, "{\"name\":\"J\u{f6}rg\"}".as_bytes());
    let next = |body: &[u8]| {
        let told =
            verdict("stripe", SECRET, &[("Stripe-Signature", &value), ("Content-Type", "application/json")], body);
        assert_eq!(told.cause, Some(Cause::SignatureMismatch), "{}", told.detail);
        told.check_next.join("; ")
    };
    let lost = next("{\"name\":\"J\u{fffd}rg\"}".as_bytes());
    assert!(lost.contains("it holds U+FFFD"), "{lost}");
    let python = next(b"{'name': 'Jorg'}");
    assert!(python.contains("what Python prints for a dict"), "{python}");
}

/// A token that is no token is not said to lack hex digits.
#[test]
fn a_value_that_is_no_token_is_called_so() {
    let key = r#"{"kty":"oct","k":"c2VjcmV0"}"#;
    let told = verdict("livekit", key, &[("Authorization", "not-a-token")], BODY);
    assert_eq!(told.cause, Some(Cause::SignatureMalformed), "{}", told.detail);
    assert!(told.detail.contains("is not a JSON Web Token"), "{}", told.detail);
}
