use std::io::Write as _;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

use super::*;

#[test]
fn a_synchronised_update_leaves_when_it_is_whole() {
    let mut screen = ScreenBytes::default();
    queue!(screen, BeginSynchronizedUpdate).unwrap();
    screen.write_all(b"a row").unwrap();
    // As ratatui does behind what it has drawn.
    screen.flush().unwrap();
    assert_eq!(screen.0, b"\x1b[?2026ha row");
    queue!(screen, EndSynchronizedUpdate).unwrap();
    screen.flush().unwrap();
    assert_eq!(screen.0, b"");
}

#[test]
fn what_is_no_synchronised_update_leaves_at_once() {
    let mut screen = ScreenBytes::default();
    screen.write_all(b"\x1b]52;c;\x07").unwrap();
    screen.flush().unwrap();
    assert_eq!(screen.0, b"");
}
