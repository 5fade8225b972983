use super::*;

fn find(json: &[u8], path: &str) -> Option<String> {
    let path: Vec<String> = path.split('.').map(str::to_owned).collect();
    scalar(json, &path).map(|value| String::from_utf8(value).unwrap())
}

#[test]
fn finds_scalars_as_written() {
    let json = br#" {"a":{"b":[1.50,"x\u00e9\n",true]},"n":null,"big":12345678901234567890} "#;
    assert_eq!(find(json, "a.b.0").as_deref(), Some("1.50"));
    assert_eq!(find(json, "a.b.1").as_deref(), Some("x\u{e9}\n"));
    assert_eq!(find(json, "a.b.2").as_deref(), Some("true"));
    assert_eq!(find(json, "big").as_deref(), Some("12345678901234567890"));
    assert_eq!(find(json, "*").as_deref(), Some("a"));
    for absent in ["n", "a", "a.b", "a.b.3", "a.c", "a.b.0.x"] {
        assert_eq!(find(json, absent), None, "{absent}");
    }
}

#[test]
fn the_last_of_equal_keys_counts_and_escaped_keys_are_read() {
    assert_eq!(find(br#"{"a":1,"a":2}"#, "a").as_deref(), Some("2"));
    assert_eq!(find(br#"{"\u0061":1}"#, "a").as_deref(), Some("1"));
    assert_eq!(find(br#"{"a":"\ud83d\ude00 \ud83d"}"#, "a").as_deref(), Some("\u{1f600} \u{fffd}"));
}

#[test]
fn depth_and_cuts_do_not_hurt() {
    let deep = [b"{\"x\":".repeat(100_000), b"1".to_vec()].concat();
    assert_eq!(find(&deep, "a"), None);
    let deep = [b"{\"d\":".to_vec(), b"[".repeat(100_000), b"]".repeat(100_000), b",\"a\":1}".to_vec()].concat();
    assert_eq!(find(&deep, "a").as_deref(), Some("1"));
    let whole = br#"{"a":"b","c":{"d":[1,2,"\u00e9"]}}"#;
    for end in 0..whole.len() {
        let _ = (find(&whole[..end], "a"), find(&whole[..end], "c.d.2"));
    }
    assert_eq!(find(&whole[..12], "a").as_deref(), Some("b"));
}

#[test]
fn a_key_that_is_there_is_never_said_to_be_absent() {
    let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    let bodies: [&[u8]; 4] =
        [br#"{"x":1,"a":{"b":2}}"#, br#"{"\u0061":{"b":2}}"#, br#"[{"a":2}]"#, br#"{ "a" : {"b":2}}"#];
    for body in bodies {
        for step in ["a.b", "0.a", "*"] {
            let body_text = String::from_utf8_lossy(body);
            assert!(
                scalar(body, &path(step)).is_none() || TopKeys::of(body).may_have(&path(step)),
                "{step} in {body_text}"
            );
        }
    }
    assert!(!TopKeys::of(br#"{"x":"a"}"#).may_have(&path("b")));
    assert!(!TopKeys::of(br#"{"x":{"b":1}}"#).may_have(&path("b.x")));
}
