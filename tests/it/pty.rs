//! The real binary in a real terminal.

use termlens::Key;

use crate::support::{Home, address_on, post, send, terminal};

#[test]
fn a_request_shows_and_quitting_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    screen.wait_until(|screen| screen.contains("curl")).expect("a first screen that says what to do");
    assert_eq!(send(address, &post("/first", &[], b"{\"a\":1}")).status, 200);
    screen.wait_until(|screen| screen.contains("/first")).expect("the request is listed");
    screen.send(Key::Char('q')).expect("sent");
    assert!(screen.wait_exit().expect("it ends").success());
    let after = screen.screen();
    assert!(!after.alternate_screen() && !after.bracketed_paste() && after.cursor_visible(), "{after}");
    assert!(after.mouse_modes().is_empty(), "{after}");
}
