//! What the gate lets through takes the columns on a screen of cells that we count for it.

use hooksight::domain::pretty::{Document, Line, Role};
use hooksight::domain::printable;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns that ratatui gives the text on this line.
fn drawn_columns(text: &str, buffer: &mut Buffer) -> usize {
    let (end, _) = buffer.set_stringn(0, 0, text, usize::from(buffer.area.width), Style::default());
    usize::from(end)
}

/// The text that the cells hold.
fn drawn_text(text: &str, width: u16) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
    buffer.set_stringn(0, 0, text, usize::from(width), Style::default());
    let mut drawn = String::new();
    let mut skip = 0;
    for cell in &buffer.content {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        drawn.push_str(cell.symbol());
        skip = printable::width(cell.symbol()).saturating_sub(1);
    }
    drawn.trim_end().to_owned()
}

proptest! {
    #[test]
    fn our_width_is_that_of_the_screen(chars in prop::collection::vec(any::<char>(), 0..40)) {
        let text = printable::visible(chars.into_iter().collect::<String>().as_bytes());
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1000, 1));
        prop_assert_eq!(printable::width(&text), drawn_columns(&text, &mut buffer), "{:?}", text);
    }

    #[test]
    fn wrapped_lines_are_drawn_whole(
        text in "([ -~]|日|\u{1F600}|\u{1F1E6}|\u{1F3FD}|e\u{301}|\u{94d}|\u{915}|\u{1100}|\u{1161}|\u{ff76}\u{ff9e}|\u{644}\u{627}|\u{202e}|\u{fe0f}|\u{200d}){0,60}",
        width in 1_u16..30,
    ) {
        let document = Document { lines: vec![Line::new().with_bytes(Role::Plain, text.as_bytes())], ..Document::new() };
        for line in document.wrap(width).lines {
            prop_assert_eq!(drawn_text(line.text(), width), line.text().trim_end(), "{:?}", line);
        }
    }
}

#[test]
fn every_assigned_character_has_the_width_that_is_drawn() {
    let mut wrong = Vec::new();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
    for char in '\0'..=char::MAX {
        let text = printable::visible(format!("a{char}b").as_bytes());
        if printable::width(&text) != drawn_columns(&text, &mut buffer) {
            wrong.push(text);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
