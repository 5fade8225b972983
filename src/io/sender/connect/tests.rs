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
