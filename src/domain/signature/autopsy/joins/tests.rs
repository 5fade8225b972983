//! Signed lines, cut public-key signatures and digests in tokens that are written otherwise.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use ring::{digest, hmac};

use crate::domain::exchange::Request;
use crate::domain::signature::crypto::private;
use crate::domain::signature::scheme::{Algorithm, Key, KeyForm};
use crate::domain::signature::tests::request;
use crate::domain::signature::{Cause, CheckInput, Outcome, Profiles, Secret, Verdict, check};
use crate::domain::time::Timestamp;

const NOW: i64 = 1_700_000_000;

fn verdict(scheme: &str, secret: &str, request: &Request) -> Verdict {
    let (profile, secrets) = (Profiles::builtin().by_name(scheme).unwrap(), [Secret::new(secret.as_bytes())]);
    let public_url = Some("https://in.example");
    check(&CheckInput { public_url, now: Timestamp::from_secs(NOW), ..CheckInput::new(profile, &secrets, request) })
}

/// What is done to the lines before they are signed.
type Lines = fn(&str) -> String;

/// A notification of Amazon SNS whose signature is made of other bytes than it should be, or says another version.
fn sns(lines: impl Fn(&str) -> String, version: &str) -> Verdict {
    let rule = Key { decode: KeyForm::Public, ..Key::default() };
    let rsa = include_str!("../../../../../tests/fixtures/keys/rsa-2048.pem");
    let key = private::read(&rule, Algorithm::RsaSha256, rsa.as_bytes()).unwrap();
    let signed = lines(
        "Message\nhi\nMessageId\ni\nTimestamp\n2026-01-01T00:00:00.000Z\nTopicArn\narn:aws:sns:a:1:t\nType\nNotification\n",
    );
    let signature = STANDARD.encode(key.sign(Algorithm::RsaSha256, signed.as_bytes()).unwrap());
    let body = serde_json::json!({
        "Type": "Notification", "MessageId": "i", "TopicArn": "arn:aws:sns:a:1:t", "Message": "hi",
        "Timestamp": "2026-01-01T00:00:00.000Z", "SignatureVersion": version, "Signature": signature,
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
    });
    let body = body.to_string();
    let request = request("POST", "/", &[("x-amz-sns-message-type", "Notification")], body.as_bytes());
    verdict("aws-sns", &private::public_pem(&key.public()), &request)
}

#[test]
fn lines_that_were_ended_otherwise_are_named() {
    assert_eq!(sns(str::to_owned, "2").outcome, Outcome::Valid);
    let cases: [(&str, Lines); 3] = [
        ("without the line end after the last one", |lines| lines.trim_end().to_owned()),
        ("with another line end after the last one", |lines| format!("{lines}\n")),
        ("parted by CRLF", |lines| lines.replace('\n', "\r\n")),
    ];
    for (words, lines) in cases {
        let verdict = sns(lines, "2");
        assert_eq!(verdict.cause, Some(Cause::MessageDiffers), "{}", verdict.detail);
        assert!(verdict.detail.contains(words), "{}", verdict.detail);
    }
}

#[test]
fn a_signature_of_the_version_that_the_request_does_not_name_is_told() {
    let verdict = sns(str::to_owned, "1");
    assert_eq!((verdict.outcome, verdict.cause), (Outcome::Invalid, Some(Cause::AlgorithmDiffers)));
    assert!(verdict.detail.contains("RSA") && verdict.detail.contains("field that chooses"), "{}", verdict.detail);
}

#[test]
fn a_public_key_signature_that_is_too_short_was_cut() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let key = hex::encode(pair.public_key().as_ref());
    let whole = hex::encode(pair.sign(b"1700000000{}"));
    let with = |signature: &str| {
        let headers = [("X-Signature-Ed25519", signature), ("X-Signature-Timestamp", "1700000000")];
        verdict("discord", &key, &request("POST", "/", &headers, b"{}"))
    };
    assert_eq!(with(&whole).outcome, Outcome::Valid);
    let cut = with(&whole[..100]);
    assert_eq!(cut.cause, Some(Cause::SignatureTruncated), "{}", cut.detail);
    assert!(cut.detail.starts_with("100 of 128 characters"), "{}", cut.detail);
    let verdict_of = |size: usize| with(&whole[..size]);
    assert!(verdict_of(40).detail.contains("20 bytes in hex, 64 are needed"), "{}", verdict_of(40).detail);
    // A digest has its own length, and no part of a signature is seen in it.
    assert_eq!(with(&whole[..64]).cause, Some(Cause::SignatureMalformed));
}

fn livekit(digest: &str, before: &str) -> Verdict {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    let claims = format!(r#"{{"iss":"k","nbf":{NOW},"exp":{},"sha256":"{digest}"}}"#, NOW + 60);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"key"), signed.as_bytes());
    let token = format!("{before}{signed}.{}", URL_SAFE_NO_PAD.encode(mac));
    verdict("livekit", "key", &request("POST", "/", &[("Authorization", &token)], b"{}"))
}

#[test]
fn the_bodys_digest_in_a_token_may_be_the_right_one_in_another_writing() {
    let digest = digest::digest(&digest::SHA256, b"{}");
    assert_eq!(livekit(&STANDARD.encode(digest), "").outcome, Outcome::Valid);
    let hex = livekit(&hex::encode(digest), "");
    assert_eq!((hex.outcome, hex.cause), (Outcome::Invalid, Some(Cause::EncodingDiffers)));
    assert!(hex.detail.contains("in hex: LiveKit writes base64"), "{}", hex.detail);
    let other = livekit(&STANDARD.encode(digest::digest(&digest::SHA256, b"[]")), "");
    assert_eq!(other.cause, Some(Cause::BodyHash));
    assert!(other.check_next.iter().all(|step| !step.contains("secret")), "{:?}", other.check_next);
}

#[test]
fn what_stands_before_a_token_is_named() {
    let digest = STANDARD.encode(digest::digest(&digest::SHA256, b"{}"));
    let verdict = livekit(&digest, "Bearer ");
    assert_eq!(verdict.cause, Some(Cause::SignaturePrefix));
    assert!(verdict.detail.contains("`Bearer ` stands before the token"), "{}", verdict.detail);
}
