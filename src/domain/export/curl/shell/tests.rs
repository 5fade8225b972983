use super::*;

#[test]
fn quotes_and_backslashes_stand_outside_quotes() {
    for (bytes, expected) in [
        (b"plain-1.0/x:y".as_slice(), "plain-1.0/x:y"),
        (b"", "''"),
        (b"-x", "'-x'"),
        (b"a b", "'a b'"),
        (b"it's", r"'it'\''s'"),
        (b"'", r"\'"),
        (b"a\\'", r"'a'\\\'"),
        (b"$HOME `id` !!", "'$HOME `id` !!'"),
        ("Zoë ✓ 東京".as_bytes(), "'Zoë ✓ 東京'"),
        (b"caf\xe9", r#""$(printf 'caf\351')""#),
        (b"a\tb!", r#""$(printf 'a\011b\041')""#),
        (b"\xe91%", r#""$(printf '\351\061%%')""#),
        (b"-\xe9", r#""$(printf '\055\351')""#),
        ("a\u{202e}b".as_bytes(), r#""$(printf 'a\342\200\256b')""#),
    ] {
        assert_eq!(word(bytes).as_deref(), Ok(expected));
    }
    assert!(word(b"a\0").is_err());
    assert!(word(b"a\n").is_err());
}

#[test]
fn text_with_lines_stands_as_it_is_unless_a_shell_would_change_it() {
    assert_eq!(text(b"a\n b\n").as_deref(), Some("'a\n b\n'"));
    for changed in ["a\n!b", "a\n^b^c", "a\r\nb", "a\tb", "a\x1bb", "a\u{ad}b", "a\u{feff}b", "a\u{2028}b", "\u{9b}"] {
        assert_eq!(text(changed.as_bytes()), None, "{changed:?}");
    }
    assert_eq!(text(b"\xff"), None);
}

#[test]
fn no_control_byte_and_no_odd_character_is_left_in_a_word() {
    for code in (0..=0x2ff).chain(0x2000..=0x20ff).chain(0xfe00..=0xfeff).chain(0xe0000..=0xe007f) {
        let Some(c) = char::from_u32(code).filter(|c| !matches!(c, '\0' | '\n')) else { continue };
        let word = word(c.to_string().as_bytes()).unwrap();
        let hidden = c.is_control() || unicode_width::UnicodeWidthChar::width(c) == Some(0);
        assert!(!hidden || word.starts_with("\"$(printf"), "U+{code:04X} stands in {word:?}");
    }
    let all: Vec<u8> = (0..=255).collect();
    assert!(printf_format(&all).bytes().all(|byte| matches!(byte, b' '..=b'~')));
}

/// Some marks count as letters, and a stranger may send any number of them.
#[test]
fn marks_never_stand_in_a_command() {
    for mark in ['\u{345}', '\u{903}', '\u{94d}', '\u{302a}', '\u{ff9e}', '\u{1e947}'] {
        let text = format!("a{}", mark.to_string().repeat(1000));
        let word = word(text.as_bytes()).expect("a word");
        assert!(word.is_ascii(), "U+{:04X}: {word}", u32::from(mark));
    }
}
