//! A panic of any thread or task behind the interface is told, and what that thread is there for goes on.

use std::time::{Duration, Instant};

use termlens::Key;

use crate::raw_pty::{LEAVE_MAX, RawPty, exit_code, is_whole, signal};
use crate::support::{DEADLINE, Home, Listening, LocalApp, address_on, post, send, terminal_with};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A listener in which this place panics.
fn listening(home: &Home, place: &str, args: &[&str]) -> Listening {
    let mut command = home.command(&["listen", "--headless", "-p", "0", "-s", "s.jsonl"]);
    command.args(args).env("HOOKSIGHT_TEST_PANIC", place);
    Listening::start(command)
}

#[track_caller]
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < DEADLINE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20)); // a poll under a deadline
    }
}

fn session(home: &Home) -> String {
    std::fs::read_to_string(home.path().join("s.jsonl")).unwrap_or_default()
}

#[test]
fn lines_that_wait_for_each_other_are_written_after_a_panic_of_who_writes_them() {
    let home = Home::new();
    let listening = listening(&home, "keeper", &["--durability", "none"]);
    listening.wait_for_words("internal error in thread keeper");
    assert_eq!(send(listening.address, &post("/after", &[], b"")).status, 200);
    until("its line, while it runs", || session(&home).contains("/after"));
    assert_eq!(listening.stop("TERM").0, Some(0));
}

#[test]
fn changed_files_are_in_force_after_a_panic_of_who_looks_at_them() {
    let home = Home::new();
    home.write("hooksight.ron", "(reply: \"200\")");
    let listening = listening(&home, "reload", &[]);
    listening.wait_for_words("internal error in thread reload");
    home.write("hooksight.ron", "(reply: \"201\")");
    until("the new reply", || send(listening.address, &post("/", &[], b"")).status == 201);
}

#[test]
fn new_connections_are_taken_after_a_panic_of_who_takes_them() {
    let home = Home::new();
    let listening = listening(&home, "accept", &[]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // Each of the threads panics over its first one.
    let mut served = 0;
    until("answers from all threads", || {
        let mut stream = std::net::TcpStream::connect(listening.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a limit");
        std::io::Write::write_all(&mut stream, &post("/after", &[], b"")).expect("written");
        let mut byte = [0];
        served += usize::from(matches!(std::io::Read::read(&mut stream, &mut byte), Ok(1)));
        served > 4 * threads
    });
    let told = listening.words_so_far().iter().filter(|line| line.contains("internal error in thread capture")).count();
    assert!((1..=threads).contains(&told), "{told} panics of {threads} threads");
    assert_eq!(listening.stop("TERM").0, Some(0));
}

#[test]
fn callbacks_are_made_after_a_panic_over_one_of_them_and_of_who_looks_after_them() {
    for place in ["call", "callbacks"] {
        let home = Home::new();
        let app = LocalApp::start(OK);
        let rule = "(rules: [(reply: \"200\", callbacks: [(url: \"http://ADDRESS{{ request.path }}\")])])";
        home.write("hooksight.ron", rule.replace("ADDRESS", &app.address.to_string()));
        let listening = listening(&home, place, &[]);
        if place == "call" {
            assert_eq!(send(listening.address, &post("/panic", &[], b"")).status, 200);
            until("what came of it", || session(&home).contains("not called: an internal error"));
        }
        assert_eq!(send(listening.address, &post("/fine", &[], b"")).status, 200);
        assert!(app.request().starts_with(b"POST /fine "), "{place}");
        listening.wait_for_words("internal error in thread callbacks");
        assert_eq!(listening.stop("TERM").0, Some(0), "{place}");
    }
}

/// The process has to end: whoever sends the signal sends it once.
#[test]
fn a_panic_over_a_signal_ends_it_at_once_and_leaves_the_terminal_whole() {
    let home = Home::new();
    let command = [env!("CARGO_BIN_EXE_hooksight"), "-p", "0", "-s", "s.jsonl", "--theme", "dark"];
    let mut screen = RawPty::start(&home, &command, &[("HOOKSIGHT_TEST_PANIC", "signals")]);
    let address = screen.address();
    assert_eq!(send(address, &post("/kept", &[], b"")).status, 200);
    screen.wait_for(0, "/kept");
    signal(screen.pid(), "TERM");
    assert_eq!(exit_code(&mut screen, LEAVE_MAX), 143);
    is_whole(&screen);
    assert!(session(&home).contains("\"answer\""));
}

#[test]
fn keys_are_read_after_a_panic_of_who_reads_them() {
    let home = Home::new();
    let mut screen = terminal_with(&home, &["-p", "0"], &[("HOOKSIGHT_TEST_PANIC", "keys")]);
    screen.resize(240, 40).expect("a size in which a notice has one line");
    address_on(&mut screen);
    screen.send(Key::Char('j')).expect("a key");
    screen.wait_until(|screen| screen.contains("internal error in thread keys")).expect("it is told");
    screen.send(Key::Char('q')).expect("a key");
    assert!(screen.wait_exit().expect("it ends").success());
}

#[test]
fn a_panic_over_a_resend_is_its_end() {
    let home = Home::new();
    let app = LocalApp::start(OK);
    let mut screen = terminal_with(&home, &["-p", "0"], &[("HOOKSIGHT_TEST_PANIC", "resend")]);
    screen.resize(240, 40).expect("a size in which a notice has one line");
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/panic", &[], b"")).status, 200);
    screen.wait_until(|screen| screen.contains("/panic")).expect("a row");
    screen.send(Key::Char(':')).expect("a key");
    screen.wait_until(|screen| screen.contains("Palette")).expect("the palette");
    screen.send_str(&format!("resend http://{}/", app.address)).expect("text");
    screen.send(Key::Enter).expect("a key");
    screen.wait_until(|screen| screen.contains("an internal error, see the log")).expect("it is told");
    assert!(!screen.screen().contains("Esc ends it"), "{}", screen.screen());
}
