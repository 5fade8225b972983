//! Rules made, arranged and taken back in the interface, seen by a sender.

use termlens::Key;

use super::support::{Home, address_on, post, send, terminal};

#[test]
fn a_rule_is_made_switched_off_moved_and_taken_out_while_requests_come() {
    let home = Home::new();
    home.write(
        "hooksight.ron",
        r#"(rules: [
    (name: "file one", when: (path: "/hooks/*"), reply: "201"),
    (name: "file two", when: (path: "/hooks/*"), reply: "202"),
])"#,
    );
    let mut screen = terminal(&home, &["listen", "--port", "0"]);
    let address = address_on(&mut screen);
    let ask = || send(address, &post("/hooks/a", &[], b"")).status;
    let mut press = |keys: &str, expected: &str| {
        for char in keys.chars() {
            screen.send(if char == '\n' { Key::Enter } else { Key::Char(char) }).unwrap();
        }
        screen.wait_until(|screen| screen.contains(expected)).unwrap_or_else(|_| panic!("{expected} after {keys:?}"));
    };
    assert_eq!(ask(), 201);
    press("L", "file two");
    // The second of the file goes before the first.
    press("jK", "Rules");
    press(" ", "○");
    assert_eq!(ask(), 201);
    press(" ", "Rules");
    let begun = std::time::Instant::now();
    while ask() != 202 {
        assert!(begun.elapsed() < super::support::DEADLINE, "still the first");
    }
    // One made here stands before both.
    press("a", "A new rule");
    press("503 retry-after=7s\n", "made here");
    let answered = send(address, &post("/hooks/a", &[], b""));
    assert!(
        answered.status == 503 && answered.head.to_ascii_lowercase().contains("retry-after: 7"),
        "{}",
        answered.head
    );
    press("d", "Take this rule out?");
    press("y", "Rules");
    let begun = std::time::Instant::now();
    while ask() != 202 {
        assert!(begun.elapsed() < super::support::DEADLINE, "it is still there");
    }
    // The reply for all, by one line and one Enter.
    screen.send(Key::Esc).unwrap();
    screen.wait_until(|screen| !screen.contains("one more rule")).expect("the list is closed");
    for char in "R418 delay=1ms header='X-Mine: 1'".chars() {
        screen.send(Key::Char(char)).unwrap();
    }
    screen.wait_until(|screen| screen.contains("what you typed: 418 after 1 ms")).expect("it is understood");
    screen.send(Key::Enter).unwrap();
    screen.wait_until(|screen| !screen.contains("Answer with")).expect("one Enter does it");
    let begun = std::time::Instant::now();
    while send(address, &post("/other", &[], b"")).status != 418 {
        assert!(begun.elapsed() < super::support::DEADLINE, "still as before");
    }
    screen.send(Key::Char('q')).unwrap();
    assert!(screen.wait_exit().expect("it ends").success());
    let file = std::fs::read_dir(home.sessions()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    for part in ["rule file two: up", "503 retry-after=7s", "rule made here: taken out", "file two: off"] {
        assert!(text.contains(part), "{part}");
    }
}
