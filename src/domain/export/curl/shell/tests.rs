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
        ("Zoë ✓".as_bytes(), r#""$(printf 'Zo\303\253 \342\234\223')""#),
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
fn nothing_but_printing_ascii_is_left_in_a_word() {
    for code in (0..=0x2ff).chain(0x2000..=0x20ff).chain(0xfe00..=0xfeff).chain(0xe0000..=0xe007f) {
        let Some(c) = char::from_u32(code).filter(|c| !matches!(c, '\0' | '\n')) else { continue };
        let word = word(c.to_string().as_bytes()).unwrap();
        assert!(word.bytes().all(|byte| matches!(byte, b' '..=b'~')), "U+{code:04X} stands in {word:?}");
    }
    assert_eq!(text("a é".as_bytes()), None);
    let all: Vec<u8> = (0..=255).collect();
    assert!(printf_format(&all).bytes().all(|byte| matches!(byte, b' '..=b'~')));
}

/// What a terminal hands to a shell without a line editor ends at 4095 bytes a line.
#[test]
fn no_line_of_a_word_is_long() {
    for unit in [b"x".as_slice(), b"'", b"\\", b"x'", b"\x1b", b"\xff1", b"%", b"-", b"x y\\'!"] {
        let bytes = unit.repeat(20_000 / unit.len());
        for word in [word(&bytes).unwrap(), printf_format(&bytes), text(&bytes).unwrap_or_default()] {
            assert!(word.lines().all(|line| line.len() < LINE_BYTES_MAX + 20), "{:?}", bytes.get(..20));
        }
    }
    assert_eq!(word("x".repeat(1001).as_bytes()), Ok(format!("'{}'\\\n'xx'", "x".repeat(999))));
    // Lines of the text's own count.
    let lines = "x".repeat(900) + "\n" + &"y".repeat(900);
    assert_eq!(text(lines.as_bytes()), Some(format!("'{lines}'")));
}
