use super::*;

#[test]
fn values_are_written_as_rfc_9651_says() {
    for (came, wanted) in [
        ("sugar, tea ,  rum", "sugar, tea, rum"),
        ("(\"foo\"  \"bar\" );a;b=?0, \"x\";q=1.50", "(\"foo\" \"bar\");a;b=?0, \"x\";q=1.5"),
        ("en=\"Applepie\", da=:w4ZibGV0w6ZydGUK:", "en=\"Applepie\", da=:w4ZibGV0w6ZydGUK:"),
        ("a=?1, b, c;x=\"y\\\"z\\\\\"", "a, b, c;x=\"y\\\"z\\\\\""),
        ("-0042", "-42"),
        ("@1659578233", "@1659578233"),
        ("a/b*c:d", "a/b*c:d"),
    ] {
        assert_eq!(canonical(came).as_deref(), Some(wanted), "{came}");
    }
}

#[test]
fn what_is_malformed_is_refused_whole() {
    for came in
        ["a,", "a, ,b", "\"open", "(a b", ":a*b:", "1.2345", "1234567890123456", "a=1;", "\"\u{e9}\"", "(a\"b\")"]
    {
        assert_eq!(canonical(came), None, "{came}");
    }
    assert!(dictionary("sig1=(\"@method\" \"date\");created=1, Sig=2").is_none());
}
