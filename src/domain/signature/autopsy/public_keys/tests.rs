//! Signatures of the right key over the right bytes, each made in another way than the scheme's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use ring::digest;

use crate::domain::signature::crypto::private;
use crate::domain::signature::scheme::{Algorithm, Key, KeyForm, KeyKind};
use crate::domain::signature::tests::request;
use crate::domain::signature::{Cause, CheckInput, Outcome, Profiles, Secret, Verdict, check};
use crate::domain::time::Timestamp;

const BODY: &[u8] = br#"{"id":7}"#;
const RSA: &str = include_str!("../../../../../tests/fixtures/keys/rsa-2048.pem");

/// PKCS#1 v1.5 with SHA-1 of [`BODY`] with the RSA key of the fixture, made by Python's `cryptography`: ring makes none.
const RSA_SHA1: &str = "CvSEFAC6c96zCPHmnAMnYSSJGMxZ0jFyQpuF3N2WZSAKyEGRAzkLkLnWI1o1IzAcRaUX/DKW3ppZQYYggUbSDpAJL5HuHolr0UPDKVTT4MWIe/jVOKGgBGkREv2wrda7lbGC6varMaSzb6L3C0wNftD/DjVMSaLBi5e2oZoBhgDgFXrO7w/xV06rtSWcgmfdv8wboE0rB1A1VmFZejafyYPVoD4sJCs7tPHYtyI1FrOG5rlEypSzrnTSao1HmqXpc1iG3pDK3phF7NJRMyt9AveCVI4ch1xUK0g7rryHlfSgCDsC6dejGtG9KmN26V12/M5/CWFFwJB4aJR7kWZMHQ==";

fn private_key(algorithm: Algorithm, pem: &str) -> private::PrivateKey {
    private::read(&Key { decode: KeyForm::Public, ..Key::default() }, algorithm, pem.as_bytes()).unwrap()
}

fn verdict(scheme: &str, secret: &str, headers: &[(&str, &str)]) -> Verdict {
    let profile = Profiles::builtin().resolve(scheme).unwrap();
    let (secrets, request) = ([Secret::new(secret.as_bytes())], request("POST", "/", headers, BODY));
    check(&CheckInput { now: Timestamp::from_secs(1_700_000_000), ..CheckInput::new(&profile, &secrets, &request) })
}

/// The number of a P-256 key in the PKCS #8 that ring writes: the 32 bytes behind the ECPrivateKey's version.
fn scalar(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(text).unwrap();
    let at = der.windows(5).position(|bytes| bytes == [2, 1, 1, 4, 32]).unwrap() + 5;
    der[at..at + 32].to_vec()
}

#[track_caller]
fn says(verdict: &Verdict, cause: Cause, parts: &[&str]) {
    assert_eq!((verdict.outcome, verdict.cause), (Outcome::Invalid, Some(cause)), "{}", verdict.detail);
    parts.iter().for_each(|part| assert!(verdict.detail.contains(part), "{part}: {}", verdict.detail));
}

#[test]
fn rsa_with_another_padding_or_hash_is_named() {
    let rsa = private_key(Algorithm::RsaSha256, RSA);
    let public = private::public_pem(&rsa.public());
    let sign = |algorithm, message: &[u8]| STANDARD.encode(rsa.sign(algorithm, message).unwrap());
    let generic = |sig: &str| verdict("rsa-sha256:header=X-Sig", &public, &[("X-Sig", sig)]);
    assert_eq!(generic(&sign(Algorithm::RsaSha256, BODY)).outcome, Outcome::Valid);
    let wants = "wants RSA PKCS#1 v1.5 with SHA-256";
    for (sig, is) in [
        (RSA_SHA1.to_owned(), "this is RSA PKCS#1 v1.5 with SHA-1"),
        (sign(Algorithm::RsaSha512, BODY), "this is RSA PKCS#1 v1.5 with SHA-512"),
        (sign(Algorithm::RsaSha384, BODY), "this is RSA PKCS#1 v1.5 with SHA-384"),
        (sign(Algorithm::RsaPssSha256, BODY), "this is RSA PSS with SHA-256"),
        (sign(Algorithm::RsaPssSha512, BODY), "this is RSA PSS with SHA-512"),
    ] {
        says(&generic(&sig), Cause::AlgorithmDiffers, &[is, wants]);
    }
    says(&generic(&sign(Algorithm::RsaPssSha256, BODY)), Cause::AlgorithmDiffers, &["`padding.PKCS1v15()`"]);
    says(&generic(&sign(Algorithm::RsaPssSha256, b"other")), Cause::SignatureMismatch, &["none of"]);
    let paypal = |sig: &str| {
        let headers = [
            ("PayPal-Transmission-Id", "t1"),
            ("PayPal-Transmission-Time", "2023-11-14T22:13:20Z"),
            ("PayPal-Auth-Algo", "SHA256withRSA"),
            ("PayPal-Transmission-Sig", sig),
        ];
        verdict("paypal", &format!("webhook_id=W1;{public}"), &headers)
    };
    // The CRC-32 of the body, by Python's zlib.
    let signed = b"t1|2023-11-14T22:13:20Z|W1|302473027";
    assert_eq!(paypal(&sign(Algorithm::RsaSha256, signed)).outcome, Outcome::Valid);
    says(&paypal(&sign(Algorithm::RsaPssSha256, signed)), Cause::AlgorithmDiffers, &["RSA PSS", "PayPal wants"]);
}

#[test]
fn ecdsa_written_or_hashed_otherwise_is_named() {
    let pem = private::generate_pem(KeyKind::P256).unwrap();
    let key = private_key(Algorithm::EcdsaP256, &pem);
    let public = private::public_pem(&key.public());
    let signed = [b"1700000000".as_slice(), BODY].concat();
    let sendgrid = |sig: &[u8]| {
        let headers = [
            ("X-Twilio-Email-Event-Webhook-Signature", STANDARD.encode(sig)),
            ("X-Twilio-Email-Event-Webhook-Timestamp", "1700000000".to_owned()),
        ];
        verdict("sendgrid", &public, &headers.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    let sign = |algorithm| key.sign(algorithm, &signed).unwrap();
    assert_eq!(sendgrid(&sign(Algorithm::EcdsaP256)).outcome, Outcome::Valid);
    let wants = "wants ECDSA in DER with SHA-256";
    says(
        &sendgrid(&sign(Algorithm::EcdsaP256Raw)),
        Cause::EncodingDiffers,
        &["ECDSA as r and s one behind the other", wants, "dsaEncoding: 'der'"],
    );
    says(&sendgrid(&sign(Algorithm::EcdsaP256Sha1)), Cause::AlgorithmDiffers, &["with SHA-1", wants]);
    let signer = p256::ecdsa::SigningKey::from_slice(&scalar(&pem)).unwrap();
    for (hash, name) in [(&digest::SHA512, "SHA-512"), (&digest::SHA384, "SHA-384")] {
        let made: Signature = signer.sign_prehash(digest::digest(hash, &signed).as_ref()).unwrap();
        says(&sendgrid(made.to_der().as_bytes()), Cause::AlgorithmDiffers, &[name, wants]);
    }
    let other = private_key(Algorithm::EcdsaP256, &private::generate_pem(KeyKind::P256).unwrap());
    says(&sendgrid(&other.sign(Algorithm::EcdsaP256Raw, &signed).unwrap()), Cause::SignatureMismatch, &["none of"]);
}

/// The reverse: a scheme that wants the two numbers one behind the other is given DER.
#[test]
fn der_where_r_and_s_are_wanted_is_named() {
    use super::{Shape, holds, p384};
    for (kind, raw, der_size) in
        [(KeyKind::P256, Algorithm::EcdsaP256Raw, 64), (KeyKind::P384, Algorithm::EcdsaP384Raw, 96)]
    {
        let key = private_key(raw, &private::generate_pem(kind).unwrap());
        let sig = key.sign(raw, BODY).unwrap();
        assert_eq!(sig.len(), der_size);
        let der = super::sequence(&sig, der_size / 2).unwrap();
        let hash = if kind == KeyKind::P256 { &digest::SHA256 } else { &digest::SHA384 };
        let public = key.public();
        assert_eq!(holds(Shape::Der, hash, &public, BODY, &der), Some(true), "{kind:?}");
        assert_eq!(holds(Shape::Raw, hash, &public, BODY, &sig), Some(true), "{kind:?}");
        assert_ne!(holds(Shape::Raw, hash, &public, BODY, &der), Some(true), "{kind:?}");
        assert_ne!(holds(Shape::Der, hash, &public, b"other", &der), Some(true), "{kind:?}");
    }
    assert!(p384(&digest::SHA512).is_none());
}

#[test]
fn a_private_half_is_said_to_be_one() {
    let told = verdict("rsa-sha256:header=X-Sig", RSA, &[("X-Sig", RSA_SHA1)]);
    assert_eq!((told.outcome, told.cause), (Outcome::Unknown, Some(Cause::SecretMalformed)), "{}", told.detail);
    assert!(
        told.detail.contains("the private half") && told.detail.contains("give the public half"),
        "{}",
        told.detail
    );
}
