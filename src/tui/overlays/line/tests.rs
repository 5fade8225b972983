use super::super::frame;
use super::*;
use crate::tui::keymap::parse_key;
use crate::tui::theme::Ui;

const WIDTH: u16 = 8;

fn press(input: &mut LineInput, keys: &str) {
    for key in keys.split(' ') {
        assert!(input.update(parse_key(key).expect(key)), "{key} belongs to the field");
    }
}

/// The row as drawn, with the cursor cell in brackets.
fn drawn(input: &LineInput) -> String {
    let area = Rect::new(0, 0, WIDTH, 1);
    let mut buffer = Buffer::empty(area);
    let theme = Theme::builtin("monochrome").expect("compiled in");
    input.view(area, &mut buffer, &theme, true);
    let cursor = frame::written(&theme).patch(theme.ui(Ui::Cursor));
    let mut out = String::new();
    let mut skip = 0;
    for cell in buffer.content() {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        skip = printable::width(cell.symbol()).saturating_sub(1);
        let is_cursor = cell.modifier == cursor.add_modifier;
        out.push_str(&if is_cursor { format!("[{}]", cell.symbol()) } else { cell.symbol().to_owned() });
    }
    out.trim_end().to_owned()
}

#[test]
fn the_cursor_stands_where_the_text_is() {
    let mut input = LineInput::new("日本e\u{301}");
    assert_eq!(drawn(&input), "日本e\u{301}[ ]");
    press(&mut input, "Left");
    assert_eq!(drawn(&input), "日本[e\u{301}]", "a letter and its mark are one");
    press(&mut input, "Left");
    assert_eq!(drawn(&input), "日[本]e\u{301}");
    press(&mut input, "Delete Delete Backspace");
    assert_eq!((input.text(), drawn(&input).as_str()), ("", "[ ]"));
}

#[test]
fn a_long_text_is_shown_round_the_cursor() {
    let mut input = LineInput::new("abcdefghijkl");
    assert_eq!(drawn(&input), "…ghijkl[ ]");
    press(&mut input, "Home");
    assert_eq!(drawn(&input), "[a]bcdefg…");
    press(&mut input, "End ^w");
    assert_eq!(input.text(), "");
}

#[test]
fn what_cannot_be_shown_stays_in_the_text_and_is_seen() {
    let mut input = LineInput::new("");
    input.insert("a\u{1b}b");
    assert_eq!(input.text(), "a\u{1b}b");
    assert_eq!(drawn(&input), "a␛b[ ]");
}

#[test]
fn pasted_lines_become_one_and_the_field_has_an_end() {
    let mut input = LineInput::new("");
    input.paste("\r\na\r\nb\nc\n");
    assert_eq!(input.text(), "a b c");
    input.paste(&"x".repeat(CHARS_MAX * 2));
    assert!(input.text().len() <= CHARS_MAX);
    press(&mut input, "y");
    assert!(input.text().len() <= CHARS_MAX);
}
