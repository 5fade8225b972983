use super::*;

#[test]
fn sizes_take_the_unit_that_fits() {
    for (bytes, text) in [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (10_485_760, "10.5 MB"),
        (u64::MAX, "18446744.1 TB"),
    ] {
        assert_eq!(size(bytes), text);
    }
}

#[test]
fn json_keeps_its_meaning_and_loses_what_a_terminal_would_obey() {
    let value = serde_json::json!({"a": "\u{9b}31m\u{202e}\u{7f}\u{200b}é日\u{e0001}\t", "b": 1});
    let line = value.to_string();
    let safe = safe_json(&line);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    for hidden in ['\u{9b}', '\u{202e}', '\u{7f}', '\u{200b}', '\u{e0001}'] {
        assert!(!safe.contains(hidden), "{hidden:?} in {safe}");
    }
    assert!(safe.contains("é日") && safe.contains("\\u202e") && safe.contains("\\udb40\\udc01"), "{safe}");
    assert!(matches!(safe_json("{\"a\":1}"), Cow::Borrowed(_)));
}
