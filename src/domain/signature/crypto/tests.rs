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
