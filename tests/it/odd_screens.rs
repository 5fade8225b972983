//! Terminals of odd sizes, and without colours.

use std::time::{Duration, Instant};

use termlens::Key;

use crate::raw_pty::{LEAVE_MAX, RawPty, exit_code, is_whole};
use crate::support::{DEADLINE, Home, PROGRAM, address_on, post, send, terminal, terminal_with};

#[test]
fn a_storm_of_sizes_does_no_harm() {
    let home = Home::new();
    let mut screen = RawPty::hooksight(&home, &["-p", "0", "--theme", "dark"]);
    let address = screen.address();
    let sizes = [(1, 1), (0, 0), (2, 1), (1, 2), (500, 200), (2, 2), (0, 40), (40, 0), (39, 11), (3, 100), (120, 3)];
    let begun = Instant::now();
    for (number, (columns, rows)) in sizes.iter().cycle().take(400).enumerate() {
        screen.resize(*columns, *rows);
        if number % 20 == 0 {
            assert_eq!(send(address, &post("/storm", &[], b"{\"a\":[1,2]}")).status, 200);
            screen.write(b"4\t\t");
        }
    }
    assert!(begun.elapsed() < DEADLINE);
    // Each of the odd ones for long enough to be drawn.
    for (columns, rows) in sizes {
        screen.resize(columns, rows);
        let at = screen.bytes().len();
        screen.write(b"\x0c");
        if columns > 3 && rows > 3 {
            screen.wait_for(at, "\x1b[");
        }
        assert_eq!(send(address, &post("/odd", &[], b"")).status, 200);
    }
    screen.resize(100, 30);
    assert_eq!(send(address, &post("/calm", &[], b"")).status, 200);
    let (until, at) = (Instant::now() + DEADLINE, screen.bytes().len());
    let mut next_press = Instant::now();
    while !String::from_utf8_lossy(&screen.bytes()[at..]).contains("32 requests") {
        assert!(Instant::now() < until, "not all of them are there");
        // The terminal library reads a key that came in the same moment as a resize with the next one only.
        if Instant::now() >= next_press {
            screen.write(b"\x0c");
            next_press = Instant::now() + Duration::from_millis(500);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    screen.write(b"\x03"); // wherever the keys are by now
    assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0);
    is_whole(&screen);
}

/// A script, or a fast hand: what waits in the terminal when the program begins is read by nobody but the interface.
#[test]
fn what_is_typed_before_the_first_frame_is_done() {
    let home = Home::new();
    let begin = "printf ready; read -r go; exec \"$0\" -p 0";
    let mut screen = RawPty::start(&home, &["sh", "-c", begin, PROGRAM], &[]);
    screen.wait_for(0, "ready");
    // The line is the shell's, and the rest stays in the terminal.
    screen.write(b"go\nw");
    screen.wait_for(0, "Name this session");
    screen.write(b"\x03\x03");
    assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0);
    is_whole(&screen);
}

#[test]
fn any_size_does_no_harm_while_requests_arrive() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    for (columns, rows) in [(2, 2), (2, 50), (300, 2), (39, 11), (40, 12), (80, 24), (7, 3), (140, 40)] {
        screen.resize(columns, rows).expect("a size");
        assert_eq!(send(address, &post("/sized", &[], b"{\"a\":[1,2,3]}")).status, 200);
        screen.send(Key::Enter).expect("a key");
        screen.send(Key::Tab).expect("a key");
    }
    // What was drawn for one size while the terminal had another is drawn anew.
    screen.send(Key::Ctrl('l')).expect("a key");
    screen.wait_until(|screen| screen.contains("8 requests")).expect("all of them are there");
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    let home = Home::new();
    let mut screen = terminal_with(&home, &["-p", "0"], &[("NO_COLOR", "1")]);
    let address = address_on(&mut screen);
    for path in ["/one", "/two"] {
        assert_eq!(send(address, &post(path, &[], b"")).status, 200);
    }
    screen.wait_until(|screen| screen.contains("/two")).expect("rows");
    let shown = screen.screen();
    let row = |path: &str| (0..shown.rows()).find(|row| shown.row_text(*row).contains(path)).expect(path);
    let column = |path: &str| {
        let text = shown.row_text(row(path));
        u16::try_from(text[..text.find(path).expect(path)].chars().count()).expect("a column")
    };
    let style = |path: &str| *shown.cell(row(path), column(path)).expect("a cell").style();
    let (other, selected) = (style("/one"), style("/two"));
    assert_ne!(other, selected, "the selection looks like any other row");
    for style in [other, selected] {
        assert_eq!((style.fg, style.bg), (termlens::Color::Default, termlens::Color::Default));
    }
}

/// Over a slow line the terminal says its colours when nobody waits for that any more. Read as keys it would open the field for a
/// note, or send a request again.
#[test]
fn what_a_slow_terminal_answers_is_not_taken_for_keys() {
    let home = Home::new();
    let mut screen = RawPty::hooksight(&home, &["-p", "0"]);
    let address = screen.address();
    assert_eq!(send(address, &post("/kept", &[], b"")).status, 200);
    screen.wait_for(0, "POST /kept");
    let asked = String::from_utf8_lossy(&screen.bytes()).into_owned();
    assert!(asked.contains("\x1b]11;?"), "it asks for the ground: {asked:?}");
    screen.write(b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62;22c");
    // Each of them would open a field in which `q` is a letter.
    screen.write(b"q");
    assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0);
    is_whole(&screen);
}
