//! What a secret says of a request that nobody is known by.

use ring::hmac;

use super::*;
use crate::domain::signature::tests::request;
use crate::domain::signature::{Cause, Outcome, Profiles};

const BODY: &[u8] = br#"{"a":1}"#;

fn said(headers: &[(&str, &str)], secret: &[u8]) -> String {
    let (request, secrets) = (request("POST", "/", headers, BODY), [Secret::new(secret)]);
    assert!(Profiles::builtin().recognise(&request).is_none(), "{headers:?}");
    let input = Unnamed {
        request: &request,
        secrets: &secrets,
        profiles: Profiles::builtin(),
        public_url: None,
        trust_proxy: false,
        now: Timestamp::from_secs(1_700_000_000),
    };
    let verdict = verdict(&input);
    assert_eq!((verdict.outcome, verdict.cause), (Outcome::Unknown, Some(Cause::NoProvider)), "never valid");
    assert!(!verdict.detail.contains(&*String::from_utf8_lossy(secret)), "{}", verdict.detail);
    verdict.detail
}

fn mac(key: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), BODY)
}

#[test]
fn the_known_rules_that_fit_are_named() {
    let digest = hex::encode(mac(b"the key"));
    let fits = said(&[("X-Signature", &digest)], b"the key");
    assert!(fits.contains("the signature in header X-Signature fits this secret by the rule of"), "{fits}");
    assert!(fits.contains("--scheme"), "{fits}");
    let none = said(&[("X-Signature", &digest)], b"another");
    assert!(none.contains("Header X-Signature is there") && none.contains("fits none of their rules"), "{none}");
}

/// What is suggested is what then holds.
#[test]
fn a_digest_in_a_header_of_ones_own_is_described() {
    use base64::Engine;
    let key = b"the key";
    let hex = hex::encode(mac(key));
    let base64 = base64::engine::general_purpose::STANDARD.encode(mac(key));
    for (value, wanted) in [
        (hex.clone(), "'hmac-sha256:header=X-Acme-Digest,encoding=hex'"),
        (format!("sha256={hex}"), "'hmac-sha256:header=X-Acme-Digest,encoding=hex,prefix=sha256='"),
        (base64, "'hmac-sha256:header=X-Acme-Digest,encoding=base64'"),
    ] {
        let words = said(&[("X-Acme-Digest", &value)], key);
        assert!(words.contains(&format!("--scheme {wanted}")), "{words}");
    }
    let words = said(&[("X-A'$(id)", &hex)], key);
    assert!(words.ends_with("describe your own scheme"), "nothing of a stranger's for a shell: {words}");
    let decoded = hex::encode(mac(&hex::decode("00112233445566778899aabbccddeeff").unwrap()));
    let words = said(&[("X-Acme-Digest", &decoded)], b"00112233445566778899aabbccddeeff");
    assert!(words.contains("encoding=hex,key=hex'"), "{words}");
}

#[test]
fn without_a_secret_or_a_signature_nothing_is_said_of_rules() {
    let plain =
        "no known provider is recognised: name one (s in the interface, or --scheme), or describe your own scheme";
    let (request, secrets) = (request("POST", "/", &[("X-Signature", "00")], BODY), [Secret::new(*b"")]);
    let input = Unnamed {
        request: &request,
        secrets: &secrets,
        profiles: Profiles::builtin(),
        public_url: None,
        trust_proxy: false,
        now: Timestamp::from_secs(0),
    };
    assert_eq!(verdict(&input).detail, plain);
    assert_eq!(said(&[("X-Other", "value")], b"key"), plain);
}
