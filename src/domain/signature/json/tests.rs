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
fn all_keys_of_the_outermost_object_are_told() {
    let keys = |json: &[u8]| {
        let mut all = Vec::new();
        let is_object = each_key(json, |key| all.push(String::from_utf8_lossy(key).into_owned()));
        is_object.then_some(all)
    };
    let bodies: [&[u8]; 3] = [
        br#"{"x":1,"a":{"b":2}}"#,
        br#"{"x":["a"],"\u0061":{"b":2}}"#,
        b"\xef\xbb\xbf { \"x\": \"a\" ,\n\"a\" : {\"b\":2}}",
    ];
    for body in bodies {
        assert_eq!(keys(body).as_deref(), Some(["x".to_owned(), "a".to_owned()].as_slice()));
    }
    assert_eq!(keys(b"{}").as_deref(), Some([].as_slice()));
    assert_eq!(keys(br#"[{"a":2}]"#), None);
}
