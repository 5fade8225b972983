use super::*;

#[test]
fn targets_are_read_with_their_port() {
    let shown = |origin| Target::parse(origin).map(|target| target.shown());
    assert_eq!(shown("http://localhost"), Ok("localhost:80".to_owned()));
    assert_eq!(shown("https://app.example"), Ok("app.example:443".to_owned()));
    assert_eq!(shown("http://[::1]:3000"), Ok("[::1]:3000".to_owned()));
    assert!(shown("http://").is_err());
    assert!(shown("file:///etc/passwd").unwrap_err().contains("cannot send to file"));
}

#[test]
fn a_listener_is_known_by_its_port_and_any_address_of_its_machine() {
    let is = |own: &str, local: &str, peer: &str| {
        is_own(own.parse().unwrap(), local.parse().unwrap(), peer.parse().unwrap())
    };
    assert!(is("127.0.0.1:80", "127.0.0.1:5", "127.0.0.1:80"));
    assert!(is("127.0.0.1:80", "[::ffff:127.0.0.1]:5", "[::ffff:127.0.0.1]:80"));
    assert!(!is("127.0.0.1:80", "127.0.0.1:5", "127.0.0.1:81"));
    assert!(!is("127.0.0.1:80", "[::1]:5", "[::1]:80"), "another program's");
    for own in ["0.0.0.0:80", "[::]:80"] {
        assert!(is(own, "127.0.0.1:5", "127.0.0.2:80") && is(own, "10.0.0.7:5", "10.0.0.7:80"), "{own}");
        assert!(!is(own, "10.0.0.7:5", "10.0.0.8:80") && !is(own, "10.0.0.7:5", "10.0.0.7:81"), "{own}");
    }
    assert!(is("[::]:80", "[::1]:5", "[::1]:80") && !is("0.0.0.0:80", "[::1]:5", "[::1]:80"));
}
