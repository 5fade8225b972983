use super::*;
use crate::tui::keymap::parse_key;

const SIZE: (u16, u16) = (6, 3);

fn press(text: &mut TextBox, keys: &str) {
    for key in keys.split(' ') {
        text.update(parse_key(key).expect(key), SIZE);
    }
}

fn drawn(text: &TextBox) -> Vec<String> {
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    text.view(area, &mut buffer, &Theme::builtin("monochrome").expect("compiled in"), true);
    let row = |y| (0..SIZE.0).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..SIZE.1).map(row).collect()
}

#[test]
fn long_lines_wrap_and_the_cursor_moves_over_what_is_seen() {
    let mut text = TextBox::new("abcdefghijkl\nxy");
    assert_eq!(drawn(&text), ["abcde↩", "fghij↩", "kl"]);
    press(&mut text, "Right Down");
    assert_eq!(text.position(), (1, 7), "one row down, not one line");
    press(&mut text, "Down");
    assert_eq!(text.position(), (1, 12));
    press(&mut text, "Down");
    assert_eq!(text.position(), (2, 2));
    assert_eq!(drawn(&text), ["fghij↩", "kl", "xy"]);
    press(&mut text, "Down");
    assert_eq!(text.position(), (2, 2), "the end is the end");
    press(&mut text, "Up Up Up Up");
    assert_eq!(text.position(), (1, 2));
    press(&mut text, "^End");
    assert_eq!(text.position(), (2, 3));
    press(&mut text, "^Home");
    assert_eq!(text.position(), (1, 1));
}

#[test]
fn wide_letters_and_what_cannot_be_shown_keep_their_place() {
    let mut text = TextBox::new("日本語\n\u{1b}\t\u{202e}");
    assert_eq!(drawn(&text)[..2], ["日 本  ↩", "語"]);
    press(&mut text, "^End");
    assert_eq!(text.text(), "日本語\n\u{1b}\t\u{202e}");
    assert!(drawn(&text).concat().contains("␛→"));
    press(&mut text, "Backspace x");
    assert_eq!(text.text(), "日本語\n\u{1b}\tx");
    press(&mut text, "^u ^u");
    assert_eq!(text.text(), "日本語\n\u{1b}\t\u{202e}");
}

#[test]
fn pasted_line_ends_are_line_ends() {
    let mut text = TextBox::new("ab");
    press(&mut text, "Right");
    text.paste("1\r\n2\r3\n");
    assert_eq!(text.text(), "a1\n2\n3\nb");
    assert_eq!(text.size_bytes(), text.text().len());
}

#[test]
fn what_is_too_large_is_told_from_what_fits() {
    assert!(fits(&"x".repeat(LINE_MAX)) && !fits(&"x".repeat(LINE_MAX + 1)));
    assert!(fits(&"line\n".repeat(30_000)) && !fits(&"line\n".repeat(50_000)));
    assert!(!fits(&"\n".repeat(LINE_MAX)));
    let mut text = TextBox::new(&"x".repeat(LINE_MAX));
    press(&mut text, "End Up Down");
    assert_eq!(text.position(), (1, LINE_MAX));
}
