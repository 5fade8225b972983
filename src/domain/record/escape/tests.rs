use proptest::prelude::*;

use super::*;

/// One character at a time, by what the format says.
fn plainly(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(char)),
            _ => char.to_string(),
        })
        .collect()
}

fn both_ways(text: &str) {
    let mut escaper = Escaper::default();
    let (mut out, mut by_table) = (Vec::new(), Vec::new());
    escaper.escape(text.as_bytes(), &mut out);
    escaper.by_table(text.as_bytes(), &mut by_table);
    assert_eq!(String::from_utf8(out).unwrap(), plainly(text));
    assert_eq!(String::from_utf8(by_table).unwrap(), plainly(text));
    #[cfg(target_arch = "x86_64")]
    {
        escaper.wide = escaper.wide.map(wide::Wide::narrow);
        let mut narrow = Vec::new();
        escaper.escape(text.as_bytes(), &mut narrow);
        assert_eq!(String::from_utf8(narrow).unwrap(), plainly(text));
    }
}

#[test]
fn each_character_at_each_place_of_a_step() {
    for char in ('\0'..='\u{ff}').chain(['\u{100}', '\u{8c2}', '\u{20ac}', '\u{1f600}']) {
        for place in 0..72 {
            let text = format!("{}{char}{}", "a".repeat(place), "\"b\\".repeat(12));
            both_ways(&text);
        }
    }
}

#[test]
fn what_stands_for_itself_is_told_at_any_place_of_any_length() {
    for length in 0..40 {
        assert!(is_plain("a".repeat(length).as_bytes()));
        for place in 0..length {
            for byte in 0..=u8::MAX {
                let mut text = vec![b'a'; length];
                text[place] = byte;
                let stands = byte.is_ascii() && plainly(&char::from(byte).to_string()).as_bytes() == [byte];
                assert_eq!(is_plain(&text), stands, "{byte:#x} at {place} of {length}");
            }
        }
    }
}

#[test]
fn texts_longer_than_the_scratch() {
    for piece in ["\"", "\\", "\n", "a", "\u{80}", "\u{c2}", "\"a", "\u{1}\"", "{\"key\":\"value\"},\n  "] {
        both_ways(&piece.repeat(9000));
    }
}

proptest! {
    #[test]
    fn any_text(text in "(\\PC|[\"\\\\\n\r\t\0-\u{9f}]|[a-z]{0,40}){0,200}") {
        both_ways(&text);
    }
}
