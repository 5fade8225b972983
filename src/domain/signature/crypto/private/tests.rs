use super::*;
use crate::domain::signature::crypto::verify;

const RSA: &str = include_str!("../../../../../tests/fixtures/keys/rsa-2048.pem");

/// What is signed is checked with the public half as PEM, as a receiver reads it; a changed message fails.
#[test]
fn what_is_signed_holds_with_the_public_half_and_for_nothing_else() {
    use Algorithm::*;
    let rule = Key { decode: KeyForm::Public, ..Key::default() };
    for algorithm in [
        Ed25519,
        EcdsaP256,
        EcdsaP256Raw,
        EcdsaP256Sha1,
        EcdsaP384Raw,
        RsaSha256,
        RsaSha384,
        RsaSha512,
        RsaPssSha256,
        RsaPssSha384,
        RsaPssSha512,
    ] {
        let kind = algorithm.key_kind().unwrap();
        let pem = generate_pem(kind).map_or_else(|| RSA.to_owned(), |pem| pem.to_string());
        assert!(is_private(pem.as_bytes()), "{algorithm:?}");
        let key = read(&rule, algorithm, pem.as_bytes()).unwrap();
        let made = key.sign(algorithm, b"a message").unwrap();
        let public = super::super::keys::public(&rule, algorithm, public_pem(&key.public()).as_bytes()).unwrap();
        assert!(verify(algorithm, &public[0], b"a message", &made), "{algorithm:?}");
        assert!(!verify(algorithm, &public[0], b"a Message", &made), "{algorithm:?}");
    }
}

/// As `openssl genpkey` (without the public point's attributes), `openssl ecparam -genkey` and `openssl genrsa -traditional`
/// write them, and the private JWK of RFC 8037 appendix A.1 with its public half of A.2.
#[test]
fn other_forms_of_keys_are_read() {
    let rule = Key { decode: KeyForm::Public, ..Key::default() };
    let jwk = br#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = read(&rule, Algorithm::Ed25519, jwk).unwrap();
    assert_eq!(hex::encode(key.public().bytes), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let sec1 = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIJ/rJ/9aAAqx4GS3cbXDU06BHyYzFjoJLueO8GINFeLfoAoGCCqGSM49\nAwEHoUQDQgAEIun7O4IBzMiY5ylQ6UBRXlJUHiwxrSvxQQfmJ94rdYO1XDx7a6p8\neeqhu2e+ez4gjoKZgBvCY0+6pyi9XApQAA==\n-----END EC PRIVATE KEY-----";
    assert_eq!(read(&rule, Algorithm::EcdsaP256, sec1.as_bytes()).unwrap().kind(), KeyKind::P256);
}

#[test]
fn what_does_not_fit_says_what_would() {
    let rule = Key { decode: KeyForm::Public, ..Key::default() };
    let words = |algorithm, secret: &[u8]| read(&rule, algorithm, secret).map(|_| ()).unwrap_err();
    assert!(words(Algorithm::Ed25519, b"00112233").contains("PEM"));
    assert!(words(Algorithm::Ed25519, RSA.as_bytes()).contains("another kind of key"));
    assert!(read(&rule, Algorithm::RsaSha1, RSA.as_bytes()).unwrap().sign(Algorithm::RsaSha1, b"").is_none());
}
