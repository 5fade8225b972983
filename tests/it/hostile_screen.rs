//! Nothing of a stranger reaches the terminal but its visible form: the commands and the listener without an interface, in a
//! terminal, over hostile requests, and every byte that they wrote looked at.

use termlens::Key;

use crate::hostile_requests::{all, deliver, wait_for};
use crate::hostile_views::hostile_target;
use crate::support::{Home, address_on};
use crate::terminal_bytes::{inspect, log_is_visible, recorded};

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
    // What a target answers is printed too.
    let target = format!("--to http://{}", hostile_target());
    for command in ["resend all.jsonl 1", "replay all.jsonl", "send github --unsigned"] {
        for json in ["", "--json"] {
            script.push_str(&format!("\"$HS\" {command} {target} {json} || true\n"));
        }
    }
    script.push_str("echo the end\n");
    let mut recording = recorded(&home, (200, 50), &script, &[]);
    wait_for(&mut recording.screen, "the end");
    let bytes = recording.end();
    let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(told.text.contains("418 ⟨U+009B⟩8;1337m⟨U+202E⟩⟨FF⟩"), "no answer of the target is printed");
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
        let mut recording = recorded(home, (200, 200), &script, &[("HOOKSIGHT_LOG", "trace")]);
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
        log_is_visible(home);
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

/// Nothing answers the streams of a sender that left, nor a head that breaks off: their rows do not wait for it.
#[test]
fn what_is_refused_without_an_answer_is_printed_at_once() {
    let home = Home::new();
    let listening = home.listen(&[]);
    let refused = all().into_iter().find(|hostile| hostile.name == "refused-frames").expect("one");
    deliver(listening.address, &refused);
    let line = listening.line();
    assert!(line.contains("/refused-frames") && line.contains("refused"), "{line}");
    let mut half = std::net::TcpStream::connect(listening.address).expect("a connection");
    std::io::Write::write_all(&mut half, b"POST /half HTTP/1.1\r\nX: \x1b[8").expect("written");
    drop(half);
    let line = listening.line();
    assert!(line.contains("/half") && line.contains("refused"), "{line}");
}
