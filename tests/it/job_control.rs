//! Ctrl-Z, `fg`, and who gets which signal: in a shell with job control.

use termlens::Key;

use crate::raw_pty::{RawPty, modes_left, pid_of_child, signal, wait_for_state};
use crate::support::{DEADLINE, Home, address_on, post, send, terminal};

/// bash with job control and nothing of its user's.
fn shell(home: &Home) -> RawPty {
    let mut shell = RawPty::start(home, &["bash", "--norc", "--noprofile", "-i"], &[("PS1", "prompt> ")]);
    shell.wait_for(0, "prompt> ");
    shell.write(b"\"$HS\" -p 0 --theme dark\r");
    shell
}

#[test]
fn ctrl_z_gives_the_shell_its_terminal_and_fg_paints_it_again() {
    for way in ["the key", "TSTP", "STOP"] {
        let home = Home::new();
        let mut shell = shell(&home);
        let address = shell.address();
        assert_eq!(send(address, &post("/before", &[], b"")).status, 200);
        shell.wait_for(0, "/before");
        let pid = pid_of_child(shell.pid());
        let at = shell.bytes().len();
        match way {
            "the key" => shell.write(b"\x1a"),
            name => signal(pid, name),
        }
        wait_for_state(pid, 'T');
        shell.wait_for(at, "prompt> ");
        if way != "STOP" {
            // Nobody asks before SIGSTOP.
            assert_eq!(modes_left(&shell.bytes()), bracketed_by_bash(&shell), "{way}");
        }
        let at = shell.bytes().len();
        shell.write(b"fg\r");
        shell.wait_for(at, "\x1b[?1049h");
        shell.wait_for(at, "/before");
        assert_eq!(send(address, &post("/after", &[], b"")).status, 200);
        shell.wait_for(at, "/after");
        let at = shell.bytes().len();
        shell.write(b"q");
        shell.wait_for(at, "prompt> ");
        assert_eq!(modes_left(&shell.bytes()), bracketed_by_bash(&shell), "{way}");
    }
}

/// `su` stops itself once more when it hears only after `fg` that its child had stopped: nothing is painted before that, and
/// the next `fg` brings it back.
#[test]
fn a_wrapper_that_stops_twice_gives_the_shell_its_terminal() {
    let is_there = std::process::Command::new("su").args(["-c", "true", "root"]).status();
    if !rustix::process::geteuid().is_root() || !is_there.is_ok_and(|status| status.success()) {
        return; // it would ask for a password
    }
    let home = Home::new();
    let mut shell = RawPty::start(&home, &["bash", "--norc", "--noprofile", "-i"], &[("PS1", "prompt> ")]);
    shell.wait_for(0, "prompt> ");
    shell.write(b"su -m -c '\"$HS\" -p 0 --theme dark' root\r");
    let address = shell.address();
    assert_eq!(send(address, &post("/before", &[], b"")).status, 200);
    shell.wait_for(0, "/before");
    let at = shell.bytes().len();
    shell.write(b"\x1a");
    shell.wait_for(at, "prompt> ");
    for _ in 0..5 {
        assert_eq!(modes_left(&shell.bytes()), bracketed_by_bash(&shell));
        let at = shell.bytes().len();
        shell.write(b"fg\r");
        // It is painted, or the job stops.
        let came = |part: &str| String::from_utf8_lossy(&shell.bytes()[at..]).contains(part);
        let deadline = std::time::Instant::now() + DEADLINE;
        while !came("/before") && !came("prompt> ") {
            assert!(std::time::Instant::now() < deadline, "neither painted nor stopped");
            std::thread::yield_now();
        }
        if came("/before") {
            let at = shell.bytes().len();
            shell.write(b"q");
            shell.wait_for(at, "prompt> ");
            assert_eq!(modes_left(&shell.bytes()), bracketed_by_bash(&shell));
            return;
        }
    }
    panic!("it stops again and again");
}

/// The shell's own line editor takes pastes in brackets while it waits.
fn bracketed_by_bash(shell: &RawPty) -> Vec<String> {
    let text = String::from_utf8_lossy(&shell.bytes()).into_owned();
    let prompt = text.rfind("prompt> ").expect("a prompt");
    if text[..prompt].ends_with("\x1b[?2004h") { vec!["2004".to_owned()] } else { Vec::new() }
}

#[test]
fn sigcont_alone_paints_it_again() {
    let home = Home::new();
    let screen = RawPty::hooksight(&home, &["-p", "0", "--theme", "dark"]);
    let address = screen.address();
    assert_eq!(send(address, &post("/before", &[], b"")).status, 200);
    screen.wait_for(0, "/before");
    let at = screen.bytes().len();
    signal(screen.pid(), "CONT");
    screen.wait_for(at, "/before");
}

#[test]
fn where_no_shell_waits_ctrl_z_does_not_stop_for_ever() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]); // it leads the terminal's session
    let address = address_on(&mut screen);
    screen.send(Key::Ctrl('z')).expect("a key");
    screen.wait_until(|screen| screen.contains("Not suspended")).expect("it says why");
    assert_eq!(send(address, &post("/goes-on", &[], b"")).status, 200);
    screen.wait_until(|screen| screen.contains("/goes-on")).expect("it goes on");
}

/// The shell has the echo on while we are stopped, and leaves it so with `fg`.
#[test]
fn a_secret_stays_unseen_after_ctrl_z() {
    let home = Home::new();
    let mut shell = RawPty::start(&home, &["bash", "--norc", "--noprofile", "-i"], &[("PS1", "prompt> ")]);
    shell.wait_for(0, "prompt> ");
    shell.write(b"\"$HS\" sign --scheme github --secret - --body /dev/null\r");
    shell.wait_for(0, "Secret: ");
    let is_echoing = |shell: &RawPty| shell.modes().local_modes.contains(rustix::termios::LocalModes::ECHO);
    let until_hidden = |shell: &RawPty| {
        let until = std::time::Instant::now() + crate::support::DEADLINE;
        while is_echoing(shell) {
            assert!(std::time::Instant::now() < until, "what is typed would be seen");
            std::thread::yield_now();
        }
    };
    until_hidden(&shell);
    let pid = pid_of_child(shell.pid());
    let at = shell.bytes().len();
    shell.write(b"\x1a");
    wait_for_state(pid, 'T');
    shell.wait_for(at, "prompt> ");
    shell.write(b"fg\r");
    wait_for_state(pid, 'S');
    until_hidden(&shell);
    let at = shell.bytes().len();
    shell.write(b"quite secret\r");
    shell.wait_for(at, "prompt> ");
    let text = String::from_utf8_lossy(&shell.bytes()[at..]).into_owned();
    assert!(text.contains("X-Hub-Signature-256: sha256=") && !text.contains("quite secret"), "{text}");
}

/// An editor may stop itself and its group with Ctrl-Z, and take Ctrl-C for itself.
#[test]
fn signals_of_the_editor_are_the_editors() {
    let home = Home::new();
    let editor = home
        .write("editor.sh", "trap 'echo caught' INT\necho editing\nfor try in 1 2 3; do read line && break; done\necho read $line\nread line\n");
    let mut shell = RawPty::start(
        &home,
        &["bash", "--norc", "--noprofile", "-i"],
        &[("PS1", "prompt> "), ("EDITOR", &shell_words::join(["sh", &editor.display().to_string()]))],
    );
    shell.wait_for(0, "prompt> ");
    shell.write(b"\"$HS\" -p 0 --theme dark\r");
    let address = shell.address();
    assert_eq!(send(address, &post("/edited", &[], b"")).status, 200);
    shell.wait_for(0, "/edited");
    let pid = pid_of_child(shell.pid());
    shell.write(b"E");
    shell.wait_for(0, "editing");
    shell.write(b"\x03");
    shell.wait_for(0, "caught");
    let at = shell.bytes().len();
    shell.write(b"\x1a");
    wait_for_state(pid, 'T');
    shell.wait_for(at, "prompt> ");
    shell.write(b"fg\r");
    wait_for_state(pid, 'S');
    let at = shell.bytes().len();
    shell.write(b"one\r");
    shell.wait_for(at, "read one");
    shell.write(b"two\r");
    shell.wait_for(at, "Edit a copy of request 1");
}
