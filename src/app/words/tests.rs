use super::*;

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
