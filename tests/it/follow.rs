//! `open` of a session that another hooksight is writing: what comes is shown as it comes.

use std::io::Write as _;

use crate::support::{Home, Listening, post, send, terminal};

fn wait_for(screen: &mut termlens::Terminal, text: &str) {
    screen.wait_until(|screen| screen.text().contains(text)).expect(text);
}

fn listen(home: &Home) -> Listening {
    let session = home.path().join("s.jsonl").display().to_string();
    home.listen(&["-s", &session])
}

#[test]
fn a_session_that_is_being_written_is_followed() {
    let home = Home::new();
    let listening = listen(&home);
    send(listening.address, &post("/first", &[], b"1"));
    listening.line();
    let mut screen = terminal(&home, &["open", "s.jsonl"]);
    wait_for(&mut screen, "/first");
    for path in ["/second", "/third"] {
        send(listening.address, &post(path, &[], b"2"));
        let answered = |text: &str| text.lines().any(|line| line.contains(path) && line.contains("200"));
        screen.wait_until(|screen| answered(&screen.text())).expect("a row with its answer");
    }
    wait_for(&mut screen, "3 requests");
    assert_eq!(listening.stop("TERM").0, Some(0));

    // Somebody who is killed while writing leaves half a line, and the next one goes on behind it.
    let mut file = std::fs::File::options().append(true).open(home.path().join("s.jsonl")).expect("the session");
    file.write_all(b"{\"v\":1,\"event\":\"request\",\"id\":4,\"at\":\"2026").expect("half a line");
    drop(file);
    let listening = listen(&home);
    send(listening.address, &post("/fourth", &[], b"4"));
    wait_for(&mut screen, "/fourth");
    assert_eq!(listening.stop("TERM").0, Some(0));

    // What is added here is no news from elsewhere: one mark, one row each.
    screen.send_str("m").expect("a key");
    wait_for(&mut screen, "4 requests");
    let marked = |text: &str| text.lines().filter(|line| line.contains("/first") && line.contains('*')).count() == 1;
    screen.wait_until(|screen| marked(&screen.text())).expect("a mark");
    let text = screen.screen().text();
    assert_eq!(text.lines().filter(|line| line.contains("POST   /first")).count(), 1, "{text}");
}
