//! The checks of a token beyond MessageBird's own vectors: keys of every kind, and the confusions between them.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

use super::*;
use crate::domain::signature::tests::request;
use crate::domain::signature::{CheckInput, Outcome, Profile, Secret, Verdict, check};

const NOW: i64 = 1_700_000_000;
const BODY: &[u8] = br#"{"a":1}"#;

const PROFILE: &str = r#"(
    title: "Mine",
    docs: "https://mine.example",
    sources: ["us"],
    recognise: [["header:authorization"]],
    secret: (called: "key", find: "there"),
    schemes: [(
        signature: ["header:Authorization", "query:jwt", "body"],
        prefix: "Bearer ",
        form: Jwt((also: [HmacSha512, EcdsaP256Raw, RsaSha256], required: ["iat"])),
        algorithm: Ed25519,
        key: (decode: PublicOrText),
        timestamp: (from: "claim:iat", unit: Numeric, past_s: 300, future_s: 60),
        not_after: "claim:exp",
        not_before: "claim:nbf",
        guards: [(left: "{claim:request_body_sha256}", right: "{body|sha256|hex}", says: "other body", about: Body)],
    )],
)"#;

fn claims(more: &str) -> String {
    let digest = hex::encode(ring::digest::digest(&ring::digest::SHA256, BODY));
    format!(r#"{{"iat":{NOW},"request_body_sha256":"{digest}"{more}}}"#)
}

fn token(header: &str, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn judged(token: &str, secret: &str) -> Verdict {
    let profile = Profile::parse("mine.ron", PROFILE).unwrap();
    let request = request("POST", "/", &[("Authorization", &format!("Bearer {token}"))], BODY);
    let secrets = [Secret::new(secret)];
    check(&CheckInput { now: Timestamp::from_secs(NOW), ..CheckInput::new(&profile, &secrets, &request) })
}

fn ed25519() -> (Ed25519KeyPair, String) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let jwk = format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"one","x":"{}"}},{{"kty":"RSA","kid":"two","n":"AQ","e":"AQAB"}}]}}"#,
        URL_SAFE_NO_PAD.encode(pair.public_key())
    );
    (pair, jwk)
}

#[test]
fn keys_of_every_kind_are_taken_and_the_key_id_counts() {
    let (pair, jwks) = ed25519();
    let sign = |message: &[u8]| pair.sign(message).as_ref().to_vec();
    let named = |kid: &str| format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    assert_eq!(judged(&token(&named("one"), &claims(""), sign), &jwks).outcome, Outcome::Valid);
    assert_eq!(judged(&token(&named("two"), &claims(""), sign), &jwks).outcome, Outcome::Invalid);
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    let jwk = format!(r#"{{"key":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}"#);
    let es256 =
        token(r#"{"alg":"ES256"}"#, &claims(""), |message| pair.sign(&random, message).unwrap().as_ref().to_vec());
    assert_eq!(judged(&es256, &jwk).outcome, Outcome::Valid);
    let hs512 = |key: &'static [u8]| {
        token(r#"{"alg":"HS512"}"#, &claims(""), move |message| {
            crypto::compute(Algorithm::HmacSha512, key, std::iter::once(message)).unwrap()
        })
    };
    assert_eq!(judged(&hs512(b"shared"), "shared").outcome, Outcome::Valid);
    assert_eq!(judged(&hs512(b"shared"), r#"{"kty":"oct","k":"c2hhcmVk"}"#).outcome, Outcome::Valid);
}

#[test]
fn the_algorithm_is_the_profiles_and_never_the_tokens() {
    let (_, jwks) = ed25519();
    let keyed: &'static [u8] = Box::leak(jwks.clone().into_bytes().into_boxed_slice());
    let mac = |message: &[u8]| crypto::compute(Algorithm::HmacSha512, keyed, std::iter::once(message)).unwrap();
    let confused = judged(&token(r#"{"alg":"HS512"}"#, &claims(""), mac), &jwks);
    assert_eq!(confused.outcome, Outcome::Invalid);
    assert!(confused.detail.contains("public one"), "{}", confused.detail);
    for alg in ["none", "None", "NONE", "HS256", "hs512", "RS512", ""] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        for secret in ["shared", jwks.as_str()] {
            assert_eq!(judged(&token(&header, &claims(""), |_| Vec::new()), secret).outcome, Outcome::Invalid, "{alg}");
        }
    }
    assert_eq!(judged(&token("{}", &claims(""), |_| Vec::new()), "shared").outcome, Outcome::Invalid);
}

#[test]
fn times_and_digests_are_held_to() {
    let signed = |claims: &str| {
        let token = token(r#"{"alg":"HS512"}"#, claims, |message| {
            crypto::compute(Algorithm::HmacSha512, b"shared", std::iter::once(message)).unwrap()
        });
        judged(&token, "shared").outcome
    };
    let with = |name: &str, at: i64| signed(&claims(&format!(r#","{name}":{at}"#)));
    assert_eq!(with("exp", NOW + 1), Outcome::Valid);
    assert_eq!(with("exp", NOW), Outcome::Invalid);
    assert_eq!(with("nbf", NOW), Outcome::Valid);
    assert_eq!(with("nbf", NOW + 1), Outcome::Invalid);
    assert_eq!(signed(&claims(r#","exp":"tomorrow""#)), Outcome::Invalid);
    for (from, to, wanted) in [
        ("1700000000", "1700000000.75", Outcome::Valid),
        ("1700000000", "1699999699", Outcome::Invalid),
        ("1700000000", "1700000061", Outcome::Invalid),
        ("\"iat\"", "\"was\"", Outcome::Invalid),
        ("request_body_sha256", "body_sha256", Outcome::Invalid),
    ] {
        assert_eq!(signed(&claims("").replacen(from, to, 1)), wanted, "{from} -> {to}");
    }
}

#[test]
fn any_place_may_hold_the_token_and_half_a_token_is_malformed() {
    let profile = Profile::parse("mine.ron", &PROFILE.replace("prefix: \"Bearer \",", "")).unwrap();
    let made = token(r#"{"alg":"HS512"}"#, &format!(r#"{{"iat":{NOW},"request_body_sha256":"x"}}"#), |message| {
        crypto::compute(Algorithm::HmacSha512, b"shared", std::iter::once(message)).unwrap()
    });
    let secrets = [Secret::new(*b"shared")];
    let judge = |request: &crate::domain::exchange::Request| {
        let verdict =
            check(&CheckInput { now: Timestamp::from_secs(NOW), ..CheckInput::new(&profile, &secrets, request) });
        verdict.detail
    };
    // The digest does not fit, but the signature does: the token was found.
    let query = request("GET", &format!("/?jwt={made}"), &[], b"");
    assert!(judge(&query).contains("other body"), "{}", judge(&query));
    assert!(judge(&request("POST", "/", &[], made.as_bytes())).contains("other body"));
    let (half, _) = made.rsplit_once('.').unwrap();
    assert!(judge(&request("POST", "/", &[], half.as_bytes())).contains("is not"), "half");
}

#[test]
fn a_token_is_taken_only_as_packages_take_it() {
    let text = PROFILE.replace("not_after: \"claim:exp\",\n", "").replace("not_before: \"claim:nbf\",\n", "");
    let profile = Profile::parse("mine.ron", &text).unwrap();
    let (pair, _) = ed25519();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    let of = |token: &str, secret: &str| {
        let request = request("POST", "/", &[("Authorization", &format!("Bearer {token}"))], BODY);
        let secrets = [Secret::new(secret)];
        check(&CheckInput { now: Timestamp::from_secs(NOW), ..CheckInput::new(&profile, &secrets, &request) })
    };
    let jwk = |more: &str| format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"{more}}}]}}"#);
    let signed =
        |more: &str| token(r#"{"alg":"EdDSA","kid":"one"}"#, &claims(more), |text| pair.sign(text).as_ref().to_vec());
    let good = signed("");
    for more in ["", r#","use":"sig","alg":"EdDSA","key_ops":["verify"],"kid":"one""#] {
        assert_eq!(of(&good, &jwk(more)).outcome, Outcome::Valid, "{more}");
    }
    for more in [r#","use":"enc""#, r#","alg":"ECDH-ES""#, r#","key_ops":["encrypt"]"#, r#","kid":"two""#] {
        assert_ne!(of(&good, &jwk(more)).outcome, Outcome::Valid, "{more}");
    }
    let mixed = format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"two","x":"{}"}},{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#,
        URL_SAFE_NO_PAD.encode(Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap().public_key())
    );
    assert_ne!(of(&good, &mixed).outcome, Outcome::Valid, "a key without a name in a set that names its keys");
    assert_eq!(of(&format!("{good}="), &jwk("")).outcome, Outcome::Invalid);
    for more in [r#","exp":"1800000000""#, r#","exp":null"#, r#","nbf":{}"#, r#","exp":true"#] {
        let verdict = of(&signed(more), &jwk(""));
        assert_eq!(verdict.cause, Some(crate::domain::signature::Cause::TokenClaim), "{more}: {}", verdict.detail);
    }
    for (more, valid) in [
        (format!(r#","nbf":{}"#, NOW + 5000), false),
        (format!(r#","nbf":{NOW}"#), true),
        (format!(r#","exp":{}"#, NOW - 1), false),
        (format!(r#","exp":{}"#, NOW + 1), true),
    ] {
        assert_eq!(of(&signed(&more), &jwk("")).outcome == Outcome::Valid, valid, "{more}");
    }
}
