use super::*;

#[test]
fn md5_gives_the_digests_of_rfc_1321_and_2202() {
    let made = |algorithm, key: &[u8], chunks: std::slice::Chunks<'_, u8>| {
        hex::encode(compute(algorithm, key, chunks).unwrap())
    };
    let digest = |text: &str| made(Algorithm::Md5, b"", text.as_bytes().chunks(64));
    assert_eq!(digest(""), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(digest("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    let long = "1234567890".repeat(8);
    assert_eq!(digest(&long), "57edf4a22be3c955ac49da2e2107b67a");
    assert_eq!(digest(&long), made(Algorithm::Md5, b"", long.as_bytes().chunks(7)));
    let mac = |key: &[u8], text: &[u8]| made(Algorithm::HmacMd5, key, text.chunks(9));
    assert_eq!(mac(&[0x0b; 16], b"Hi There"), "9294727a3638bb1c13f48ef8158bfc9d");
    assert_eq!(
        mac(&[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First"),
        "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"
    );
}

#[test]
fn equality_is_equality() {
    assert!(equal(b"", b"") && equal(b"abc", b"abc"));
    assert!(!equal(b"abc", b"abd") && !equal(b"abc", b"ab") && !equal(b"", b"a"));
}

#[test]
fn what_looks_like_a_public_key_is_no_shared_text() {
    let ed448 = "-----BEGIN PUBLIC KEY-----\nMEMwBQYDK2VxAzoAX9dEm1m0Yf0s54fsYWrUah2hNCSFpw4fig6nXYDpZ3jt8ST2m0bHBhvhWD9Y08Hkm1Q=\n-----END PUBLIC KEY-----";
    let with_header = "-----BEGIN RSA PUBLIC KEY-----\nComment: mine\n\nMIIB\n-----END RSA PUBLIC KEY-----";
    let set = r#"{"keys":[{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}]}"#;
    let packed = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for public in [ed448, with_header, set, packed, r#"{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}"#] {
        assert!(super::keys::is_public(public.as_bytes()), "{public}");
    }
    let hex = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    for shared in ["a secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", r#"{"kty":"oct","k":"AA"}"#, hex] {
        assert!(!super::keys::is_public(shared.as_bytes()), "{shared}");
    }
}
