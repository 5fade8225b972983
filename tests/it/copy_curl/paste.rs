//! The command pasted into shells at work in a terminal, where every character is a key.

use std::net::TcpListener;
use std::time::Instant;

use hooksight::domain::exchange::Request;
use hooksight::domain::export::curl;

use super::arrived::{expected, read_request};
use super::{captured_hostile_requests, has_curl, is_installed, odd_requests, random_requests, with_length};
use crate::raw_pty::RawPty;
use crate::support::{DEADLINE, Home};

/// Larger bodies are nothing that one pastes, and line editors take a minute for them.
const BODY_BYTES_MAX: usize = 8 * 1024;

/// fish goes to the first line and back for every colour that it paints, and paints every escape in one of its own: beyond
/// this it is at work for half a minute. Its scripts are run with all of them.
const FISH_MOVES_MAX: usize = 15_000;

fn fish_moves(command: &str) -> usize {
    let rows = command.lines().count() + command.len() / 100;
    rows * command.matches('\\').count()
}

/// A shell at its prompt.
struct Prompt {
    command: &'static [&'static str],
    /// What is typed first.
    before: &'static str,
    /// The terminal puts marks round what is pasted, because this shell asks for them.
    is_bracketed: bool,
    locale: &'static str,
    required: bool,
}

#[rustfmt::skip]
const PROMPTS: [Prompt; 9] = [
    // Without a line editor: the terminal's own lines.
    Prompt { command: &["dash", "-i"], before: "", is_bracketed: false, locale: "C.UTF-8", required: false },
    Prompt { command: &["sh", "-i"], before: "", is_bracketed: false, locale: "C", required: true },
    Prompt { command: &["bash", "--norc", "--noprofile", "--noediting", "-i"], before: "", is_bracketed: false, locale: "C", required: true },
    Prompt { command: &["bash", "--norc", "--noprofile", "-i"], before: "", is_bracketed: true, locale: "C.UTF-8", required: true },
    Prompt { command: &["bash", "--norc", "--noprofile", "-i"], before: "bind 'set enable-bracketed-paste off'", is_bracketed: false, locale: "C", required: true },
    Prompt { command: &["zsh", "-f", "-i"], before: "", is_bracketed: true, locale: "C.UTF-8", required: false },
    Prompt { command: &["zsh", "-f", "-i"], before: "unset zle_bracketed_paste", is_bracketed: false, locale: "C", required: false },
    Prompt { command: &["fish", "--no-config", "-i", "-C", "function fish_prompt; echo 'ready> '; end"], before: "", is_bracketed: true, locale: "C.UTF-8", required: false },
    Prompt { command: &["fish", "--no-config", "-i", "-C", "function fish_prompt; echo 'ready> '; end"], before: "", is_bracketed: false, locale: "C", required: false },
];

/// A shell that waits for a line.
struct Shell<'a> {
    prompt: &'a Prompt,
    screen: RawPty,
    typed: usize,
}

impl<'a> Shell<'a> {
    fn start(prompt: &'a Prompt, home: &Home) -> Self {
        let more = [("PS1", "ready> "), ("LC_ALL", prompt.locale), ("HISTFILE", "/dev/null")];
        let screen = RawPty::start(home, prompt.command, &more);
        screen.wait_for(0, "ready> ");
        let mut shell = Self { prompt, screen, typed: 0 };
        if !prompt.before.is_empty() {
            shell.type_line(prompt.before);
        }
        shell.settle();
        shell
    }

    fn type_line(&mut self, line: &str) {
        self.screen.write(line.as_bytes());
        self.screen.write(b"\r");
    }

    /// Waits until all of what was typed is done.
    fn settle(&mut self) {
        self.typed += 1;
        let from = self.screen.bytes().len();
        // Spelled so that the echo is another text than what is printed.
        self.type_line(&format!("echo do''ne{}.", self.typed));
        let done = format!("done{}.", self.typed);
        self.screen.wait_for(from, &done);
        let bytes = self.screen.bytes();
        let at = bytes.windows(done.len()).rposition(|window| window == done.as_bytes()).expect("it came");
        self.screen.wait_for(at, "ready> ");
    }

    /// As terminals do it: a newline is the Enter key.
    fn paste(&mut self, text: &str) {
        let keys = text.replace('\n', "\r");
        if self.prompt.is_bracketed {
            self.type_line(&format!("\x1b[200~{keys}\x1b[201~"));
        } else {
            self.type_line(&keys);
        }
    }
}

#[track_caller]
fn assert_pasted_alike(requests: &[Request]) {
    if !has_curl() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("nonblocking");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let pasted: Vec<(&Request, String)> = requests
        .iter()
        .filter(|request| request.body.bytes.len() <= BODY_BYTES_MAX)
        .map(|request| (request, curl::command(request, Some(&origin)).expect("a command")))
        .collect();
    for prompt in PROMPTS.iter().filter(|prompt| prompt.required || is_installed(prompt.command[0], &["-c", "true"])) {
        let home = Home::new();
        let mut shell = Shell::start(prompt, &home);
        let is_slow = |command: &str| prompt.command[0] == "fish" && fish_moves(command) > FISH_MOVES_MAX;
        for (request, command) in pasted.iter().filter(|(_, command)| !is_slow(command)) {
            let from = shell.screen.bytes().len();
            shell.paste(command);
            let begun = Instant::now();
            let mut stream = loop {
                match listener.accept() {
                    Ok((stream, _)) => break stream,
                    Err(_) => std::thread::sleep(std::time::Duration::from_millis(1)), // a poll under a deadline
                }
                if begun.elapsed() > DEADLINE {
                    let screen = String::from_utf8_lossy(&shell.screen.bytes()[from..]).into_owned();
                    panic!("{:?} ({}) sends nothing: {command}\n{screen}", prompt.command, prompt.locale);
                }
            };
            stream.set_nonblocking(false).expect("blocking");
            assert_eq!(
                read_request(&mut stream),
                expected(request),
                "{:?} ({}) ran: {command}",
                prompt.command,
                prompt.locale
            );
            drop(stream);
            shell.settle();
        }
        let left = std::fs::read_dir(home.path()).expect("the folder").map(|file| file.expect("a file").file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("pwned")).collect();
        assert!(left.is_empty(), "{:?}: a command ran: {left:?}", prompt.command);
    }
}

#[test]
fn every_shell_at_its_prompt_sends_what_was_captured() {
    assert_pasted_alike(&odd_requests());
}

#[test]
fn every_shell_at_its_prompt_sends_what_is_hostile_to_terminals() {
    assert_pasted_alike(&captured_hostile_requests());
}

#[test]
fn every_shell_at_its_prompt_sends_what_shells_read() {
    assert_pasted_alike(&random_requests());
}

/// What a terminal cuts off a line must not open what stands in the next one.
#[test]
fn a_long_line_lets_nothing_out_of_its_quotes() {
    let long = "a".repeat(6000);
    let escape: &[u8] = b";touch pwned;#";
    let path = format!("/{long}");
    let requests = [
        with_length("POST", b"/text", &[("X-A", escape)], long.as_bytes()),
        with_length("POST", b"/printf", &[("X-A", escape)], format!("\x01{long}").as_bytes()),
        with_length("POST", path.as_bytes(), &[("X-A", escape)], b""),
        with_length("POST", b"/header", &[("X-A", long.as_bytes()), ("X-B", escape)], b""),
        with_length("POST", b"/odd", &[("X-A", format!("\u{e9}{long}").as_bytes()), ("X-B", escape)], b""),
        with_length("POST", b"/quotes", &[("X-A", "'\\".repeat(2000).as_bytes()), ("X-B", escape)], b"'"),
    ];
    assert_pasted_alike(&requests);
}
