use std::sync::Arc;

use ring::hmac;

use super::*;
use crate::domain::exchange::ExchangeId;
use crate::domain::signature::tests::request;
use crate::domain::signature::{Profiles, check};

const KEY: &[u8] = b"key";

fn numbered(id: u64, signed: &[u8], came: &[u8]) -> Arc<Request> {
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), signed);
    let header = format!("sha256={}", hex::encode(mac));
    let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", header.as_str())];
    Arc::new(Request { id: ExchangeId(id), ..request("POST", "/hook", &headers, came) })
}

fn examined(own: &Request, others: &[Arc<Request>]) -> Verdict {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let secrets = [Secret::new(KEY)];
    let input = CheckInput::new(profile, &secrets, own);
    let mut verdict = check(&input);
    assert!(may_explain(&verdict), "{}", verdict.detail);
    examine(&input, others, &mut verdict);
    verdict
}

#[test]
fn bodies_that_were_exchanged_name_each_other() {
    let (one, two) = (numbered(1, b"{\"a\":1}", b"{\"b\":2}"), numbered(2, b"{\"b\":2}", b"{\"a\":1}"));
    let plain = numbered(3, b"{\"c\":3}", b"{\"c\":3}");
    let all = [Arc::clone(&one), plain, Arc::clone(&two)];
    for (own, other) in [(&one, 2), (&two, 1)] {
        let verdict = examined(own, &all);
        assert_eq!(verdict.cause, Some(Cause::SignatureOfAnotherRequest), "{}", verdict.detail);
        assert_eq!(verdict.belongs_to, Some(ExchangeId(other)));
        assert!(verdict.detail.contains(&format!("request {other} (POST /hook)")), "{}", verdict.detail);
        assert!(verdict.tried_fits && verdict.check_next.is_empty());
        assert_eq!(verdict.outcome, Outcome::Invalid);
    }
}

#[test]
fn a_signature_that_was_used_before_names_where() {
    let (first, again) = (numbered(1, b"paid: 1", b"paid: 1"), numbered(2, b"paid: 1", b"paid: 1000000"));
    let verdict = examined(&again, &[first]);
    assert_eq!((verdict.cause, verdict.belongs_to), (Some(Cause::SignatureOfAnotherRequest), Some(ExchangeId(1))));
    assert!(verdict.detail.contains("replays"), "{}", verdict.detail);
}

#[test]
fn the_same_delivery_with_another_body_is_told_from_a_copied_signature() {
    let delivery = |id, came: &[u8]| {
        let mut request = Request::clone(&numbered(id, b"{\"amount\":10.0}", came));
        request.headers.push("X-GitHub-Delivery", "d-1");
        Arc::new(request)
    };
    let (right, rewritten) = (delivery(1, b"{\"amount\":10.0}"), delivery(2, b"{\"amount\":10}"));
    let verdict = examined(&rewritten, &[right]);
    assert_eq!((verdict.cause, verdict.belongs_to), (Some(Cause::SignatureOfAnotherRequest), Some(ExchangeId(1))));
    assert!(
        verdict.detail.contains("the same delivery") && verdict.detail.contains("from byte 13 on"),
        "{}",
        verdict.detail
    );
}

#[test]
fn others_that_explain_nothing_leave_the_verdict() {
    let own = numbered(1, b"never seen", b"came");
    // The same signature, and it does not hold there either; another that holds.
    let others = [numbered(2, b"never seen", b"other"), numbered(3, b"fine", b"fine")];
    let verdict = examined(&own, &others);
    assert_eq!((verdict.cause, verdict.belongs_to), (Some(Cause::SignatureMismatch), None));
    assert!(!verdict.tried_fits && !verdict.check_next.is_empty());
    // One search has one number, wherever it is told.
    assert!(verdict.detail.contains(&format!("none of {} variants", verdict.tried_count)), "{}", verdict.detail);
}

#[test]
fn work_is_bounded() {
    let body = vec![b'x'; 1 << 20];
    let own = numbered(1, b"signed", b"came");
    let others: Vec<_> = (2..60).map(|id| numbered(id, b"y", &[&body[..], &id.to_le_bytes()].concat())).collect();
    let before = examined(&own, &[]).tried_count;
    let tried = examined(&own, &others).tried_count - before;
    assert!((1..=6).contains(&tried), "{tried}");
}

/// A large form of fields that nobody asked for, whose signature stands behind them, among small deliveries of the same kind.
#[test]
fn the_signature_of_a_large_form_is_looked_for_once() {
    use crate::domain::signature::material::SCANNED_BYTES;
    let form = |id: u64, before: &str| {
        let signature = hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"other"), &id.to_le_bytes()));
        let body = format!("{before}timestamp=1700000000&token=t{id}&signature={signature}");
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        Arc::new(Request { id: ExchangeId(id), ..request("POST", "/", &headers, body.as_bytes()) })
    };
    let own = form(1, &"a=&".repeat(100_000));
    let others: Vec<_> = (2..66).map(|id| form(id, "")).collect();
    let profile = Profiles::builtin().by_name("mailgun").unwrap();
    let secrets = [Secret::new(KEY)];
    let input = CheckInput::new(profile, &secrets, &own);
    let mut verdict = check(&input);
    let scanned = |verdict: &mut Verdict, others: &[Arc<Request>]| {
        let before = SCANNED_BYTES.with(std::cell::Cell::get);
        examine(&input, others, verdict);
        SCANNED_BYTES.with(std::cell::Cell::get) - before
    };
    let bytes = scanned(&mut verdict, &others);
    assert!((own.body.bytes.len()..5 * own.body.bytes.len()).contains(&bytes), "{bytes}");
    // Where the others are large, the work ends.
    let large: Vec<_> = (2..66).map(|id| form(id, &"a=&".repeat(100_000))).collect();
    let bytes = scanned(&mut verdict, &large);
    assert!(bytes as u64 <= WORK_BYTES, "{bytes}");
}

/// A token holds for another request's body: by the digest that it carries.
#[test]
fn the_body_that_a_token_was_made_for_is_found() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let delivery = |id, signed: &[u8], came: &[u8]| {
        let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, signed));
        let claims = format!(r#"{{"iss":"k","nbf":1700000000,"exp":1700000060,"jti":"{id}","sha256":"{digest}"}}"#);
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), text.as_bytes());
        let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac));
        Arc::new(Request { id: ExchangeId(id), ..request("POST", "/hook", &[("Authorization", &token)], came) })
    };
    let (one, two) = (delivery(1, b"{\"a\":1}", b"{\"b\":2}"), delivery(2, b"{\"b\":2}", b"{\"a\":1}"));
    let all = [Arc::clone(&one), Arc::clone(&two)];
    let profile = Profiles::builtin().by_name("livekit").unwrap();
    let secrets = [Secret::new(KEY)];
    for (own, other) in [(&one, 2), (&two, 1)] {
        let input = CheckInput::new(profile, &secrets, own);
        let mut verdict = check(&input);
        assert_eq!(verdict.cause, Some(Cause::BodyHash), "{}", verdict.detail);
        examine(&input, &all, &mut verdict);
        assert_eq!(
            (verdict.cause, verdict.belongs_to),
            (Some(Cause::SignatureOfAnotherRequest), Some(ExchangeId(other)))
        );
    }
}
