use super::*;

#[test]
fn link_local_and_metadata_addresses_are_forbidden_however_written() {
    for address in [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
    ] {
        assert!(is_forbidden(address.parse().unwrap()), "{address}");
    }
    for address in [
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "192.168.1.1",
        "8.8.8.8",
        "169.253.1.1",
        "fd00:ec2::253",
        "fec0::1",
        "::ffff:127.0.0.1",
        "64:ff9b::808:808",
    ] {
        assert!(!is_forbidden(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn targets_are_read_with_their_port() {
    let shown = |origin| Target::parse(origin).map(|target| target.shown());
    assert_eq!(shown("http://localhost"), Ok("localhost:80".to_owned()));
    assert_eq!(shown("https://app.example"), Ok("app.example:443".to_owned()));
    assert_eq!(shown("http://[::1]:3000"), Ok("[::1]:3000".to_owned()));
    assert!(shown("http://").is_err());
    assert!(shown("file:///etc/passwd").unwrap_err().contains("cannot send to file"));
}
