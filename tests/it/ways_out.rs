//! Ways out of the interface, and what is left of it in the terminal: nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use termlens::{Key, Terminal};

use crate::raw_pty::{LEAVE_MAX, RawPty, cpu_ms, exit_code, is_whole, pid_of_child, signal};
use crate::support::{DEADLINE, Home, PROGRAM, address_on, post, send, terminal_with};

#[track_caller]
fn is_restored(screen: &Terminal) {
    let after = screen.screen();
    assert!(!after.alternate_screen() && !after.bracketed_paste() && after.cursor_visible(), "{after}");
    assert!(after.mouse_modes().is_empty(), "{after}");
}

#[test]
fn every_way_out_leaves_the_terminal_whole() {
    for (way, code) in [("q", 0), ("ctrl-c", 0), ("TERM", 0), ("HUP", 0), ("QUIT", 0), ("INT", 130)] {
        let home = Home::new();
        let mut screen = RawPty::hooksight(&home, &["-p", "0", "--theme", "dark"]);
        assert!(screen.is_cooked() || !screen.bytes().is_empty());
        let address = screen.address();
        assert_eq!(send(address, &post("/kept", &[], b"")).status, 200);
        screen.wait_for(0, "/kept");
        assert!(!screen.is_cooked(), "it takes the terminal");
        match way {
            "q" => screen.write(b"q"),
            "ctrl-c" => screen.write(b"\x03"),
            name => signal(screen.pid(), name),
        }
        assert_eq!(exit_code(&mut screen, LEAVE_MAX), code, "{way}");
        is_whole(&screen);
        let answers = std::fs::read_dir(home.sessions())
            .expect("sessions")
            .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a session"));
        let lines: String = answers.collect();
        assert!(lines.contains("\"answer\"") && lines.contains("\"stopped\""), "{way}: {lines}");
    }
}

/// With the screen the name of the session is gone.
#[test]
fn leaving_says_where_the_requests_are_kept_and_how_to_see_them_again() {
    for (option, requests, is_said) in [("--no-mouse", 2, true), ("--no-mouse", 0, false), ("--no-session", 2, false)] {
        let home = Home::new();
        let mut screen = RawPty::hooksight(&home, &["-p", "0", "--theme", "dark", option]);
        let address = screen.address();
        for number in 0..requests {
            assert_eq!(send(address, &post(&format!("/kept/{number}"), &[], b"")).status, 200);
            screen.wait_for(0, &format!("/kept/{number}"));
        }
        screen.write(b"q");
        assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0);
        is_whole(&screen);
        let text = String::from_utf8_lossy(&screen.all_bytes()).into_owned();
        let after = text.rsplit_once("\x1b[?1049l").expect("left").1;
        let command = after.split_once("`hooksight open ").and_then(|(_, words)| words.split_once('`'));
        assert_eq!(command.is_some(), is_said, "{option}, {requests} requests: {after:?}");
        let Some((name, _)) = command else { continue };
        let sessions = home.sessions();
        assert!(after.contains(&format!("kept in {}", sessions.join(format!("{name}.jsonl")).display())), "{after:?}");
        assert_eq!(home.run(&["ls", name]).code(0).text().lines().count(), requests);
    }
}

/// Its modes are not taken for those of before.
#[test]
fn an_editor_that_dies_in_raw_mode_leaves_nothing_of_it_behind() {
    let home = Home::new();
    let script = home.write("editor.sh", "stty raw -echo -isig\nprintf '\\033[?1003h\\033[?25l'\nkill -9 $$\n");
    let editor = shell_words::join(["sh", &script.display().to_string()]);
    let mut screen = RawPty::start(&home, &[PROGRAM, "-p", "0", "--theme", "dark"], &[("EDITOR", &editor)]);
    let address = screen.address();
    assert_eq!(send(address, &post("/kept", &[], b"")).status, 200);
    screen.wait_for(0, "/kept");
    let at = screen.bytes().len();
    screen.write(b"E");
    screen.wait_for(at, "signal: 9");
    screen.write(b"q");
    assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0);
    is_whole(&screen);
    assert!(screen.is_cooked(), "the editor's raw mode is left");
}

#[test]
fn the_raw_mode_ends_with_every_signal() {
    // A shell that prints the modes after us: the terminal closes with its last program.
    for name in ["TERM", "HUP", "INT", "QUIT"] {
        let home = Home::new();
        let script = "\"$HS\" -p 0 --theme dark; stty -a; echo over";
        let screen = RawPty::start(&home, &["sh", "-c", script], &[]);
        screen.address();
        signal(pid_of_child(screen.pid()), name);
        screen.wait_for(0, "over");
        let text = String::from_utf8_lossy(&screen.all_bytes()).into_owned();
        let modes = text.rsplit_once("\x1b[?1049l").expect("left").1;
        for mode in ["icanon", "echo", "isig", "opost", "icrnl"] {
            assert!(modes.split_whitespace().any(|word| word.trim_end_matches(';') == mode), "{name}: {mode}: {modes}");
        }
    }
}

#[cfg(debug_assertions)]
mod panics {
    use super::*;

    #[test]
    fn a_panic_of_the_interface_is_told_and_leaves_the_terminal_whole() {
        let home = Home::new();
        let screen = ["-p", "0", "--theme", "dark"];
        let mut command = vec![PROGRAM];
        command.extend(screen);
        let mut screen = RawPty::start(&home, &command, &[("HOOKSIGHT_TEST_PANIC", "main")]);
        let address = screen.address();
        assert_eq!(send(address, &post("/panic", &[], b"")).status, 200);
        assert_eq!(exit_code(&mut screen, LEAVE_MAX), 2);
        is_whole(&screen);
        let text = String::from_utf8_lossy(&screen.all_bytes()).into_owned();
        let after = text.rsplit_once("\x1b[?1049l").expect("left").1;
        assert!(
            after.contains("internal error in thread main") && after.contains("what was captured is in"),
            "{after}"
        );
        assert!(after.contains("on purpose ␛[31min main") && !after.contains("\x1b[31m"), "{after:?}");
        assert_eq!(home.run(&["ls", "latest"]).code(0).text().lines().count(), 1);
    }

    /// What a worker could not do is said; everything else goes on.
    #[test]
    fn a_panic_of_a_worker_is_told_and_capture_goes_on() {
        for place in ["index", "detail", "capture"] {
            let home = Home::new();
            let environment = [("HOOKSIGHT_TEST_PANIC", place), ("HOOKSIGHT_LOG", "error")];
            let mut screen = terminal_with(&home, &["-p", "0"], &environment);
            screen.resize(240, 40).expect("a size in which a notice has one line");
            let address = address_on(&mut screen);
            assert_eq!(send(address, &post("/before", &[], b"")).status, 200);
            screen.wait_until(|screen| screen.contains("/before")).expect("a row");
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(&post("/panic", &[], b"")).expect("written");
            screen.wait_until(|screen| screen.contains("internal error in thread")).expect(place);
            let shown = screen.screen();
            assert!(shown.alternate_screen() && shown.contains("on purpose ␛[31min"), "{place}: {shown}");
            assert_eq!(send(address, &post("/after", &[], b"{}")).status, 200);
            screen.wait_until(|screen| screen.contains("/after") && screen.contains("3 requests")).expect(place);
            screen.send(Key::Char('q')).expect("a key");
            assert!(screen.wait_exit().expect("it ends").success(), "{place}");
            is_restored(&screen);
            let kept = home.run(&["ls", "latest"]).code(0).text();
            assert!(["/before", "/panic", "/after"].iter().all(|path| kept.contains(path)), "{place}: {kept}");
            let log = std::fs::read_to_string(home.path().join("state/hooksight/hooksight.log")).expect("a log");
            assert!(log.contains("internal error in thread") && !log.contains('\x1b'), "{place}: {log}");
        }
    }

    /// One thread sends all that goes on behind answers.
    #[test]
    fn a_panic_over_one_forwarded_request_keeps_the_next_one_from_nothing() {
        let home = Home::new();
        let app = crate::support::LocalApp::start(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let url = format!("http://{}", app.address);
        let mut command = home.command(&["listen", "--headless", "-p", "0", "--ack", "--forward", &url]);
        command.env("HOOKSIGHT_TEST_PANIC", "forward");
        let listening = crate::support::Listening::start(command);
        assert_eq!(send(listening.address, &post("/panic", &[], b"")).status, 200);
        listening.wait_for_words("internal error in thread forward");
        assert_eq!(send(listening.address, &post("/after", &[], b"")).status, 200);
        assert!(app.request().starts_with(b"POST /after"));
        assert_eq!(listening.stop("TERM").0, Some(0));
        let kept = home.run(&["show", "latest", "1", "--json"]).code(0).text();
        assert!(kept.contains("not forwarded: an internal error"), "{kept}");
    }

    #[test]
    fn a_panic_of_a_worker_without_interface_goes_to_stderr() {
        for place in ["index", "capture"] {
            let home = Home::new();
            let mut command = home.command(&["listen", "--headless", "-p", "0"]);
            command.env("HOOKSIGHT_TEST_PANIC", place);
            let listening = crate::support::Listening::start(command);
            let mut stream = TcpStream::connect(listening.address).expect("a connection");
            stream.write_all(&post("/panic", &[], b"")).expect("written");
            let words = listening.wait_for_words("internal error in thread");
            assert!(words.contains("on purpose ␛[31min"), "{words:?}");
            assert_eq!(send(listening.address, &post("/after", &[], b"")).status, 200);
            let (code, lines) = listening.stop("TERM");
            assert_eq!(code, Some(0));
            assert!(lines.iter().any(|line| line.contains("/after")), "{place}: {lines:?}");
            assert_eq!(home.run(&["ls", "latest"]).code(0).text().lines().count(), 2);
        }
    }
}

/// Set in the process that holds a terminal for another one; says which.
const HOLDER: &str = "HOOKSIGHT_TEST_HOLDS_A_TERMINAL";

/// Not a test of its own: what [`a_dead_terminal_ends_it_soon_and_without_spinning`] starts, and kills.
#[test]
fn the_child_that_holds_a_terminal() {
    let Ok(ignore) = std::env::var(HOLDER) else { return };
    let home = Home::new();
    let script = format!("{ignore} exec \"$HS\" -p 0 --theme dark --respond never");
    let screen = RawPty::start(&home, &["sh", "-c", &script], &[]);
    let address = screen.address();
    let _ = writeln!(std::io::stderr(), "held {} {address} {}", screen.pid(), home.path().display());
    // Until we are killed.
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn a_dead_terminal_ends_it_soon_and_without_spinning() {
    for ignore in ["", "trap '' HUP;"] {
        let mut holder = Command::new(std::env::current_exe().expect("ourselves"))
            .args(["--exact", "ways_out::the_child_that_holds_a_terminal", "--nocapture", "--test-threads", "1"])
            .env(HOLDER, ignore)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the holder starts");
        let mut lines = BufReader::new(holder.stderr.take().expect("stderr")).lines();
        let held = lines.find_map(|line| line.expect("a line").strip_prefix("held ").map(str::to_owned)).expect("held");
        let mut words = held.split(' ');
        let pid: u32 = words.next().expect("a pid").parse().expect("a pid");
        let address = words.next().expect("an address").parse().expect("an address");
        let home = words.next().expect("a home").to_owned();
        // One that is held must not keep it.
        let mut sender = TcpStream::connect_timeout(&address, DEADLINE).expect("a connection");
        sender.write_all(&post("/held", &[], b"")).expect("written");
        let before = cpu_ms(pid).expect("it runs");
        holder.kill().expect("killed");
        holder.wait().expect("gone");
        let begun = Instant::now();
        let mut used = before;
        while let Some(now) = cpu_ms(pid) {
            used = now;
            assert!(
                begun.elapsed() < Duration::from_secs(2),
                "{ignore:?}: it is still there, {} ms used",
                used - before
            );
            std::thread::sleep(Duration::from_millis(5)); // a poll under a deadline
        }
        // A spinning reader would have used all of the time.
        assert!(used - before < 600, "{ignore:?}: {} ms of processor time", used - before);
        std::fs::remove_dir_all(home).expect("the home of the killed holder");
    }
}

#[test]
fn a_terminal_that_takes_nothing_more_does_not_hold_the_way_out() {
    let home = Home::new();
    let mut screen = RawPty::hooksight(&home, &["-p", "0", "--theme", "dark"]);
    let address = screen.address();
    screen.pause(true);
    // Every size is a whole frame; after some of them the terminal's buffer is full and the draw hangs.
    for step in 0..60 {
        screen.resize(200 + step, 60);
        assert_eq!(send(address, &post("/while-it-hangs", &[], b"")).status, 200);
    }
    signal(screen.pid(), "TERM");
    assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0);
    is_whole_after_force(&screen);
    assert_eq!(home.run(&["ls", "latest"]).code(0).text().lines().count(), 60);
}

/// The frame that hung may have been cut anywhere; what undoes our modes is there.
#[track_caller]
fn is_whole_after_force(screen: &RawPty) {
    let bytes = screen.all_bytes();
    let text = String::from_utf8_lossy(&bytes);
    for undone in ["\x1b[?1049l", "\x1b[?2004l", "\x1b[?1000l", "\x1b[?25h"] {
        assert!(text.contains(undone), "{undone:?} was not written");
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let home = Home::new();
        let mut screen = RawPty::hooksight(&home, &["-p", "0", "--theme", "dark"]);
        let address = screen.address();
        // A body that does not end takes all of the grace.
        let mut sender = TcpStream::connect_timeout(&address, DEADLINE).expect("a connection");
        sender.write_all(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc").expect("written");
        assert_eq!(send(address, &post("/kept", &[], b"")).status, 200);
        screen.wait_for(0, "/kept");
        let begun = Instant::now();
        signal(screen.pid(), name);
        screen.wait_for(0, "\x1b[?1049l");
        signal(screen.pid(), name);
        assert_eq!(exit_code(&mut screen, LEAVE_MAX), code, "{name}");
        assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}: that was the grace", begun.elapsed());
        is_whole(&screen);
        assert_eq!(home.run(&["ls", "latest"]).code(0).text().lines().count(), 1);
    }
}

#[test]
fn what_is_held_is_released_on_the_way_out() {
    for (how, answered) in [("200 delay=60m body='late'", true), ("never", false)] {
        let home = Home::new();
        let listening = home.listen(&["--respond", how]);
        let mut senders: Vec<TcpStream> = (0..5)
            .map(|number| {
                let mut sender = TcpStream::connect_timeout(&listening.address, DEADLINE).expect("a connection");
                sender.set_read_timeout(Some(DEADLINE)).expect("a timeout");
                sender.write_all(&post(&format!("/held/{number}"), &[], b"{}")).expect("written");
                sender
            })
            .collect();
        wait_for_lines(&home, "\"request\"", 5);
        let begun = Instant::now();
        let (code, _) = listening.stop("TERM");
        assert_eq!(code, Some(0));
        assert!(
            begun.elapsed() < Duration::from_millis(1500),
            "{how}: {:?}: nothing is to be waited for",
            begun.elapsed()
        );
        for sender in &mut senders {
            let mut answer = Vec::new();
            // A reset is an error, and an end too.
            let _ = sender.read_to_end(&mut answer);
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert_eq!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("late"), answered, "{how}: {answer}");
        }
        let lines = wait_for_lines(&home, "cut short: the listener stopped", 5);
        assert!(lines.contains("\"stopped\""), "{lines}");
    }
}

/// Waits until so many lines of the one session hold this; all of its text.
#[track_caller]
fn wait_for_lines(home: &Home, part: &str, count: usize) -> String {
    let until = Instant::now() + DEADLINE;
    loop {
        let files = std::fs::read_dir(home.sessions()).into_iter().flatten().filter_map(Result::ok);
        let text: String = files.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect();
        if text.lines().filter(|line| line.contains(part)).count() >= count {
            return text;
        }
        assert!(Instant::now() < until, "no {count} lines with {part}: {text}");
        std::thread::sleep(Duration::from_millis(5)); // a poll under a deadline
    }
}
