//! Without a terminal on one of the three streams, or with nobody behind it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::children::{end_of, output};
use crate::raw_pty::{LEAVE_MAX, RawPty, exit_code, is_whole, pid_of_child, signal};
use crate::support::{DEADLINE, Home, post, send};

#[test]
fn another_stdin_changes_nothing() {
    for stdin in ["< /dev/null", "<&-", "< empty.txt"] {
        let home = Home::new();
        home.write("empty.txt", "");
        let script = format!("exec \"$HS\" -p 0 --theme dark {stdin}");
        let mut screen = RawPty::start(&home, &["sh", "-c", &script], &[]);
        let address = screen.address();
        assert_eq!(send(address, &post("/there", &[], b"")).status, 200);
        screen.wait_for(0, "/there");
        screen.write(b"q");
        assert_eq!(exit_code(&mut screen, LEAVE_MAX), 0, "{stdin}");
        is_whole(&screen);
    }
    // A pipe that has ended is no terminal that hung up.
    let home = Home::new();
    let script = ": | \"$HS\" -p 0 --theme dark; echo over";
    let mut screen = RawPty::start(&home, &["sh", "-c", script], &[]);
    let address = screen.address();
    assert_eq!(send(address, &post("/there", &[], b"")).status, 200);
    screen.wait_for(0, "/there");
    screen.write(b"q");
    screen.wait_for(0, "over");
}

#[test]
fn the_echo_comes_back_when_the_question_for_a_secret_is_left() {
    for (way, code) in [("INT", 130), ("TERM", 143), ("answer", 0)] {
        let home = Home::new();
        let script = "\"$HS\" sign --scheme github --secret - --body /dev/null; echo code $?; stty -a; echo over";
        let mut screen = RawPty::start(&home, &["sh", "-c", script], &[]);
        screen.wait_for(0, "Secret: ");
        let until = Instant::now() + DEADLINE;
        while screen.is_cooked() {
            assert!(Instant::now() < until, "the echo is not switched off");
            std::thread::sleep(Duration::from_millis(2));
        }
        match way {
            "answer" => screen.write(b"quite secret\r"),
            name => signal(pid_of_child(screen.pid()), name),
        }
        screen.wait_for(0, "over");
        let text = String::from_utf8_lossy(&screen.bytes()).into_owned();
        assert!(text.contains(&format!("code {code}")), "{way}: {text}");
        assert!(text.contains(" echo ") && !text.contains("quite secret"), "{way}: {text}");
    }
}

#[test]
fn without_interface_signals_end_it_and_nohup_is_respected() {
    for (name, code) in [("TERM", 0), ("HUP", 0), ("QUIT", 0), ("INT", 130)] {
        let home = Home::new();
        let listening = home.listen(&[]);
        assert_eq!(send(listening.address, &post("/kept", &[], b"")).status, 200);
        let (ended, lines) = listening.stop(name);
        assert_eq!(ended, Some(code), "{name}");
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
    let home = Home::new();
    let script = "trap '' HUP; exec \"$HS\" listen --headless -p 0";
    let listening = crate::support::Listening::start(sh(&home, script));
    signal(listening.pid(), "HUP");
    // Signals come in the order of their sending to one that is awake: it would be gone before it answers.
    for _ in 0..20 {
        assert_eq!(send(listening.address, &post("/still-there", &[], b"")).status, 200);
    }
    assert_eq!(listening.stop("TERM").0, Some(0));
}

/// A script in the home's environment, without input.
fn sh(home: &Home, script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).env_clear().envs(home.environment()).current_dir(home.path()).stdin(Stdio::null());
    command
}

/// Every command, with a reader that goes away, with a closed stdout, with closed stderr: no words, no panic.
#[test]
fn a_closed_stdout_ends_quietly() {
    let home = Home::new();
    let listening = home.listen(&[]);
    let body = vec![b'x'; 2000];
    for number in 0..100 {
        assert_eq!(send(listening.address, &post(&format!("/{number}"), &[], &body)).status, 200);
    }
    listening.stop("TERM");
    let commands = [
        "ls latest",
        "ls latest --json",
        "show latest 1",
        "show latest 1 --raw",
        "show latest 1 --body",
        "export latest --format curl",
        "export latest --format raw",
        "verify latest --scheme github --secret x --json",
        "sessions",
        "providers",
        "providers stripe",
        "completions bash",
        "man",
        "--help",
        "listen --help",
        "--version",
    ];
    for command in commands {
        for (shell, is_cut) in
            [("2>errors | head -c1 >/dev/null", true), (">&- 2>errors", false), (">/dev/null 2>&-", false)]
        {
            let script = format!("\"$HS\" {command} {shell}; cat errors 2>/dev/null; rm -f errors");
            let run = output(&mut sh(&home, &script));
            let said = String::from_utf8_lossy(&run.stdout).into_owned();
            let said: Vec<&str> = said.lines().filter(|line| !line.contains("secret on the command line")).collect();
            assert!(said.is_empty() || !is_cut && command.starts_with("verify"), "{command} {shell}: {said:?}");
        }
    }
    // A full disk behind stdout is no reader that went away: it is said.
    let full = "\"$HS\" ls latest > /dev/full";
    let run = output(&mut sh(&home, full));
    assert_eq!(run.status.code(), Some(2), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn a_listener_whose_reader_goes_away_ends_by_itself() {
    let home = Home::new();
    // The reader takes the ready line and goes; no request needs to come.
    let script = "\"$HS\" listen --headless -p 0 2>words | head -1";
    let mut child = sh(&home, script).stdout(Stdio::null()).spawn().expect("sh");
    let until = Instant::now() + DEADLINE;
    while child.try_wait().expect("a child").is_none() {
        if Instant::now() > until {
            let _ = child.kill();
            panic!("it waits for a request");
        }
        std::thread::sleep(Duration::from_millis(5)); // a poll under a deadline
    }
    let said = std::fs::read_to_string(home.path().join("words")).expect("stderr");
    assert!(said.contains("stopped listening: whatever read stdout has closed it"), "{said}");
    // Without any stdout it captures all the same: the session file is what counts.
    let script = "exec \"$HS\" listen --headless -p 0 -s closed.jsonl >&- 2>words";
    let child = sh(&home, script).spawn().expect("sh");
    let url = loop {
        let text = std::fs::read_to_string(home.path().join("closed.jsonl")).unwrap_or_default();
        if let Some((_, rest)) = text.split_once("http://") {
            break rest.split('"').next().expect("an end").to_owned();
        }
        assert!(Instant::now() < until, "it does not listen");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(send(url.parse().expect("an address"), &post("/kept", &[], b"")).status, 200);
    signal(child.id(), "TERM");
    assert_eq!(end_of(child).status.code(), Some(0));
    assert_eq!(home.run(&["ls", "closed.jsonl"]).code(0).text().lines().count(), 1);
}

#[test]
fn what_stdout_does_not_take_is_said_of_stdout_and_leaves_no_empty_session() {
    let home = Home::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full disk");
    let outs = [
        (Stdio::from(writer), 0, "stopped listening: whatever read stdout has closed it"),
        (Stdio::from(full), 2, "cannot write to stdout: No space left on device"),
    ];
    // It cannot say where it listens.
    for (out, code, words) in outs {
        let script = "exec \"$HS\" listen --headless -p 0";
        let child = sh(&home, script).stdout(out).stderr(Stdio::piped()).spawn().expect("sh");
        let run = end_of(child);
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
        assert_eq!(home.run(&["sessions"]).code(0).text(), "", "an empty session is left");
    }
}
