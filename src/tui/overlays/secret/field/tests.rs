use super::*;
use crate::tui::keymap::parse_key;

fn typed(keys: &str) -> SecretField {
    let mut field = SecretField::new();
    for word in keys.split(' ') {
        assert!(field.update(parse_key(word).expect(word)), "{word}");
    }
    field
}

#[test]
fn it_is_edited_as_every_field() {
    for (keys, text) in [
        ("a b c", "abc"),
        ("a b c Left Left x", "axbc"),
        ("a b c Backspace", "ab"),
        ("a b c Home Delete", "bc"),
        ("a b c Left ^u", "c"),
        ("a b c ^a Right ^k", "a"),
        ("a b c ^u", ""),
        ("Backspace Delete Left Right a", "a"),
    ] {
        assert_eq!(typed(keys).text(), text, "{keys}");
    }
    let mut field = typed("a");
    field.insert("👩‍👩‍👧é");
    field.update(parse_key("Backspace").unwrap());
    field.update(parse_key("Backspace").unwrap());
    assert_eq!(field.text(), "a", "grapheme by grapheme");
    assert!(!field.update(parse_key("F5").unwrap()));
}

#[test]
fn it_is_bounded_and_never_grows_in_place() {
    let mut field = SecretField::new();
    field.insert(&"é".repeat(CHARS_MAX + 5));
    assert_eq!(field.text().chars().count(), CHARS_MAX);
    let mut field = SecretField::new();
    for _ in 0..3 * ROOM_BYTES {
        let room = field.text.capacity();
        field.insert("x");
        assert!(field.text.len() <= field.text.capacity() && field.text.capacity() >= room);
    }
    let copy = field.clone();
    assert_eq!((copy.text(), copy.masked), (field.text(), true));
    assert!(!format!("{field:?}").contains("xx"));
}
