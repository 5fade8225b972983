//! Nothing of a stranger reaches the terminal but its visible form: the real program in a terminal, every view opened over
//! hostile requests, and every byte that it wrote looked at.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};

use termlens::{Key, Terminal};

use crate::hostile_requests::{Hostile, all, high};
use crate::support::{DEADLINE, Home, address_on};
use crate::terminal_bytes::{Recorded, inspect, recorded};

#[track_caller]
fn wait_for(screen: &mut Terminal, text: &str) {
    if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
        panic!("`{text}` does not come: {error}");
    }
}

#[track_caller]
fn press(screen: &mut Terminal, keys: &str) {
    for key in keys.chars() {
        let key = match key {
            '\x1b' => Key::Esc,
            '\r' => Key::Enter,
            key => Key::Char(key),
        };
        screen.send(key).expect("a key");
    }
}

/// Sends it; what it is answered with is of no interest here. The address that it came from.
fn deliver(address: SocketAddr, hostile: &Hostile) -> SocketAddr {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    stream.write_all(&hostile.bytes).expect("written");
    let answer = std::io::Read::read(&mut stream, &mut [0; 1024]).expect("an answer");
    assert!(answer > 0, "{} is not answered", hostile.name);
    stream.local_addr().expect("an address")
}

/// A target whose every answer is made of escapes.
fn hostile_target() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
            let mut head = [0; 65536];
            let _ = std::io::Read::read(&mut stream, &mut head);
            let mut answer =
                b"HTTP/1.1 418 \xc2\x9b8;1337m\xe2\x80\xae\xff\r\nX-Evil: \x9b8m\xc2\x9d0;pwned\xc2\x9c\r\n".to_vec();
            let body = b"{\"answer\xc2\x9b8m\":\"\xe2\x80\xae\"}\x1b[8;1337m\x1b]0;pwned\x07";
            answer.extend_from_slice(
                format!(
                    "Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                )
                .as_bytes(),
            );
            answer.extend_from_slice(body);
            let _ = stream.write_all(&answer);
        }
    });
    address
}

/// Opens every view of a request and waits for what must be seen in it.
fn visit(screen: &mut Terminal, from: SocketAddr, hostile: &Hostile) {
    press(screen, "\x1b\x1bG\r1g");
    wait_for(screen, &from.to_string());
    press(screen, "z");
    for (key, expected) in &hostile.views {
        press(screen, key);
        for text in expected {
            if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
                panic!("{} {key}: `{text}` does not come: {error}", hostile.name);
            }
        }
    }
    // The others, and each once to its end: their bytes are looked at in the end.
    for key in ["2", "v", "G", "v", "G", "v", "3", "G", "5", "6", "7", "G", "z"] {
        press(screen, key);
    }
    press(screen, "e");
    screen
        .wait_until(|screen| ["Edit a copy", "nothing to edit", "too much"].iter().any(|text| screen.contains(text)))
        .expect("the editor or a reason");
    press(screen, "\x1b\x1b");
}

/// What can be opened over a request, with a stranger's text pasted wherever text is taken.
fn open_everything(screen: &mut Terminal, target: SocketAddr) {
    let hostile =
        String::from_utf8_lossy(&high().iter().flat_map(|(bytes, _)| bytes.clone()).collect::<Vec<_>>()).into_owned();
    // Escapes that a paste may hold; its own end is what the terminal takes out.
    let pasted = format!("\u{1b}[8;1337m\u{1b}]0;pwned\u{7}{}", &hostile[..hostile.floor_char_boundary(200)]);
    for (keys, title) in [
        ("y", "Copy"),
        ("yv", "Copy the value of"),
        ("R", "Reply"),
        ("s", "ecret"),
        (":", "redraw"),
        ("?", "Keys"),
        ("f", "Filter"),
        ("/", "Find"),
        ("w", "Save the session"),
        ("T", "Send"),
    ] {
        press(screen, keys);
        wait_for(screen, title);
        screen.paste(&pasted).expect("a paste");
        if !keys.starts_with('y') {
            press(screen, "\r");
        }
        press(screen, "\x1b\x1b\x1b");
    }
    // Sent again, to a target that answers in kind.
    press(screen, "T");
    wait_for(screen, "Send");
    screen.send(Key::Ctrl('u')).expect("a key");
    screen.send_str(&format!("http://{target}\r")).expect("text");
    wait_for(screen, "Requests are sent again to");
    press(screen, "r");
    screen.wait_until(|screen| screen.contains("418") || screen.contains("Send")).expect("an answer or a question");
    press(screen, "\r");
    wait_for(screen, "418 ⟨U+009B⟩8;1337m⟨U+202E⟩⟨FF⟩");
    wait_for(screen, "X-Evil");
    wait_for(screen, "⟨9B⟩8m⟨U+009D⟩0;pwned⟨U+009C⟩");
    wait_for(screen, "␛[8;1337m␛]0;pwned␇");
}

#[test]
fn no_byte_of_a_stranger_reaches_the_terminal_from_any_view() {
    let home = Home::new();
    home.write("config/hooksight/config.ron", "(clipboard: \"terminal\")");
    let target = hostile_target();
    let more = [("HOOKSIGHT_LOG", "trace")];
    let mut recording = recorded(&home, (200, 120), "exec \"$HS\" -p 0 -s all.jsonl", &more);
    let address = address_on(&mut recording.screen);
    let requests = all();
    for hostile in &requests {
        let from = deliver(address, hostile);
        visit(&mut recording.screen, from, hostile);
    }
    // Over the head that holds everything.
    press(&mut recording.screen, "\x1b\x1bg\r");
    open_everything(&mut recording.screen, target);
    press(&mut recording.screen, ":");
    recording.screen.send_str("copy-curl\r").expect("text");
    wait_for(&mut recording.screen, "OSC 52");
    leave(&mut recording);
    let bytes = recording.end();
    let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(told.sequences > 1000 && told.copies.len() == 1, "{} sequences, {:?}", told.sequences, told.copies);
    assert!(!told.text.contains("pwned\u{9c}"));
    is_log_visible(&home);
}

fn leave(recording: &mut Recorded) {
    for _ in 0..4 {
        press(&mut recording.screen, "\x1b");
    }
    recording.screen.send(Key::Ctrl('c')).expect("a key");
}

/// The log holds lines and nothing that a terminal obeys: somebody will look at it in one.
fn is_log_visible(home: &Home) {
    let log = std::fs::read(home.path().join("state/hooksight/hooksight.log")).expect("a log");
    assert!(!log.is_empty());
    if let Err(wrong) = inspect(&log) {
        panic!("the log: {wrong}");
    }
}

/// What commands and headless print on a terminal, where nobody asked for the exact bytes to be obeyed.
#[test]
fn no_byte_of_a_stranger_reaches_the_terminal_from_any_command() {
    let home = Home::new();
    let count = record(&home);
    let mut script = String::from("set -e\n");
    for command in ["ls", "ls --json", "verify", "verify --json", "export --format curl", "export --format raw"] {
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        script.push_str(&format!("\"$HS\" {name} all.jsonl {rest} || true\n"));
    }
    script.push_str("\"$HS\" sessions\n\"$HS\" sessions --json\n");
    for id in 1..=count {
        for option in ["--color always", "--json", "--raw", "--body"] {
            script.push_str(&format!("\"$HS\" show all.jsonl {id} {option}\n"));
        }
    }
    script.push_str("echo the end\n");
    let mut recording = recorded(&home, (200, 50), &script, &[]);
    wait_for(&mut recording.screen, "the end");
    let bytes = recording.end();
    let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
    for hostile in all() {
        for text in hostile.views.iter().filter(|(key, _)| *key == "3").flat_map(|(_, expected)| expected) {
            assert!(told.text.contains(text.as_str()), "{}: `{text}` is not printed", hostile.name);
        }
    }
}

/// Captures all of them without an interface, in a terminal, human and JSON, and looks at what was printed meanwhile.
fn record(home: &Home) -> usize {
    for json in ["", "--json"] {
        let script = format!("\"$HS\" listen --headless -p 0 -s all{}.jsonl {json}", &json.replace('-', ""));
        let mut recording = recorded(home, (200, 200), &script, &[]);
        let address = address_on(&mut recording.screen);
        let requests = all();
        for hostile in &requests {
            deliver(address, hostile);
        }
        let last = requests.last().expect("one").name;
        wait_for(&mut recording.screen, &format!("/{last}"));
        recording.screen.send(Key::Ctrl('c')).expect("a key");
        drop(recording.screen.wait_exit().expect("it ends"));
        let bytes = std::fs::read(home.path().join("terminal-bytes")).expect("the recording");
        if let Err(wrong) = inspect(&bytes) {
            panic!("headless {json}: {wrong}");
        }
        if !json.is_empty() {
            continue;
        }
        assert_eq!(send_count(&bytes), requests.len(), "a line a request");
    }
    all().len()
}

fn send_count(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).lines().filter(|line| line.starts_with("20")).count()
}
