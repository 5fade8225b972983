//! Ways out of the interface, and what is left of it in the terminal: nothing.

use std::process::Command;

use hooksight::io::terminal::{TerminalGuard, install_panic_hook};
use termlens::{Key, Signal, Terminal};

use crate::support::{DEADLINE, Home, address_on, post, send, terminal, terminal_with};

const CHILD: &str = "HOOKSIGHT_TEST_PANICS_IN";

#[track_caller]
fn is_restored(screen: &Terminal) {
    let after = screen.screen();
    assert!(!after.alternate_screen() && !after.bracketed_paste() && after.cursor_visible(), "{after}");
    assert!(after.mouse_modes().is_empty(), "{after}");
}

/// Not a test of its own: what [`a_panic_in_any_thread_gives_the_terminal_back`] starts in a terminal.
#[test]
fn the_child_that_panics() {
    let Ok(place) = std::env::var(CHILD) else { return };
    install_panic_hook();
    let mut guard = TerminalGuard::take(true).expect("a terminal");
    guard.draw(|frame| frame.render_widget("taken", frame.area())).expect("drawn");
    // Whoever started us looks at the screen, then lets us go on.
    let mut line = [0; 1];
    std::io::Read::read_exact(&mut std::io::stdin(), &mut line).expect("a key");
    match place.as_str() {
        "main" => panic!("on purpose"),
        _ => drop(std::thread::spawn(|| panic!("on purpose")).join()),
    }
    // The terminal is whole before the guard is gone: that is the hook's work.
    std::process::abort();
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back() {
    for place in ["main", "thread"] {
        let mut screen = Terminal::builder()
            .size(80, 24)
            .timeout(DEADLINE)
            .env(CHILD, place)
            .args(["--exact", "ways_out::the_child_that_panics", "--nocapture", "--test-threads", "1"])
            .spawn(std::env::current_exe().expect("ourselves"))
            .expect("the child starts");
        screen
            .wait_until(|screen| screen.contains("taken") && screen.alternate_screen())
            .expect("it takes the terminal");
        assert!(!screen.screen().mouse_modes().is_empty(), "it takes the mouse");
        screen.send(Key::Char('x')).expect("a key");
        screen.wait_until(|screen| screen.contains("on purpose")).expect("the panic is told in the terminal");
        drop(screen.wait_exit().expect("it ends"));
        is_restored(&screen);
    }
}

#[test]
fn ctrl_z_stops_with_the_terminal_given_back_and_fg_paints_it_again() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/before", &[], b"")).status, 200);
    screen.wait_until(|screen| screen.contains("/before")).expect("a row");
    screen.send(Key::Ctrl('z')).expect("a key");
    screen.wait_until(|screen| !screen.alternate_screen()).expect("the terminal is given back");
    is_restored(&screen);
    let pid = screen.pid().expect("a process").to_string();
    let go_on = Command::new("kill").args(["-CONT", &pid]).status().expect("kill");
    assert!(go_on.success());
    screen.wait_until(|screen| screen.alternate_screen() && screen.contains("/before")).expect("it is painted again");
    assert_eq!(send(address, &post("/after", &[], b"")).status, 200);
    screen.wait_until(|screen| screen.contains("/after")).expect("it goes on");
}

#[test]
fn quit_by_sigquit_is_clean_too() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    address_on(&mut screen);
    screen.signal(Signal::Quit).expect("a signal");
    assert_eq!(screen.wait_exit().expect("it ends").code(), Some(0));
    is_restored(&screen);
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
    screen.wait_until(|screen| screen.contains("8 requests")).expect("all of them are there");
}
