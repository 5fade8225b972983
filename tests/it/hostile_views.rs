//! Nothing of a stranger reaches the terminal but its visible form: the real program in a terminal, every view opened over
//! hostile requests, and every byte that it wrote looked at.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use termlens::{Key, Screen, Terminal};

use crate::hostile_requests::{Hostile, all, deliver, high, wait_for};
use crate::support::{DEADLINE, Home, address_on};
use crate::terminal_bytes::{Recorded, inspect, log_is_visible, recorded, stays_in_its_rows};

#[track_caller]
pub fn press(screen: &mut Terminal, keys: &str) {
    for key in keys.chars() {
        let key = match key {
            '\x1b' => Key::Esc,
            '\r' => Key::Enter,
            key => Key::Char(key),
        };
        screen.send(key).expect("a key");
    }
}

/// A target whose every answer is made of escapes.
pub fn hostile_target() -> SocketAddr {
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

/// Back to the list, from wherever. One Esc at a time and only where it is needed: a key right behind one would be read as
/// Alt and that key.
#[track_caller]
pub fn to_list(screen: &mut Terminal) {
    // No corner of a dialog: some leave the hints of the list below them.
    let is_list =
        |screen: &Screen| screen.contains(" Enter open  ") && screen.contains("  q quit") && !screen.contains("╭");
    let until = Instant::now() + DEADLINE;
    while screen.wait_until_for(is_list, Duration::from_millis(500)).is_err() {
        assert!(Instant::now() < until, "no way back to the list: {}", screen.screen());
        screen.send(Key::Esc).expect("a key");
    }
}

/// Opens every view of a request and waits for what must be seen in it.
fn visit(screen: &mut Terminal, from: SocketAddr, hostile: &Hostile) {
    let row = if hostile.name == "refused" { "not a request".to_owned() } else { format!("/{}", hostile.name) };
    wait_for(screen, &row);
    press(screen, "G\r1g");
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
    to_list(screen);
}

/// What can be opened over a request, with a stranger's text pasted wherever text is taken.
fn open_everything(screen: &mut Terminal, target: SocketAddr) {
    let hostile =
        String::from_utf8_lossy(&high().iter().flat_map(|(bytes, _)| bytes.clone()).collect::<Vec<_>>()).into_owned();
    // Escapes that a paste may hold; its own end is what the terminal takes out.
    let pasted = format!("\u{1b}[8;1337m\u{1b}]0;pwned\u{7}{}", hostile.chars().take(150).collect::<String>());
    for (keys, title) in [
        ("y", "Copy"),
        ("yv", "Copy the value of"),
        ("R", "Answer with"),
        ("s", "Secret"),
        (":", "Palette"),
        ("?", "Help"),
        ("f", "Filter"),
        ("/", "Search"),
        ("w", "Name this session"),
        ("T", "Send again to"),
    ] {
        press(screen, keys);
        wait_for(screen, title);
        screen.paste(&pasted).expect("a paste");
        // A filter that nothing fits would leave nothing to open.
        if !keys.starts_with(['y', 'f']) {
            press(screen, "\r");
        }
        to_list(screen);
    }
    // A filter in force stands over the list, and the target in the top line.
    let unseen = "\u{fffe}\u{fe0f}🇩🇪👍🏽x";
    let shown = "⟨U+FFFE⟩⟨U+FE0F⟩⟨U+1F1E9⟩⟨U+1F1EA⟩👍⟨U+1F3FD⟩x";
    press(screen, "f");
    wait_for(screen, "Filter");
    screen.paste(&format!("-path:/{unseen}\r")).expect("a paste");
    press(screen, "\r");
    wait_for(screen, &format!("filter -path:/{shown}"));
    press(screen, "T");
    wait_for(screen, "Send again to");
    screen.send(Key::Ctrl('u')).expect("a key");
    screen.paste(&format!("http://{target}/{unseen}")).expect("a paste");
    press(screen, "\r");
    wait_for(screen, &format!("resend to http://{target}/{shown}"));
    to_list(screen);
    press(screen, "g\r");
    // Sent again, to a target that answers in kind.
    press(screen, "T");
    wait_for(screen, "Send again to");
    screen.send(Key::Ctrl('u')).expect("a key");
    screen.send_str(&format!("http://{target}\r")).expect("text");
    wait_for(screen, "from now on r sends to");
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
    press(&mut recording.screen, "g\r");
    open_everything(&mut recording.screen, target);
    press(&mut recording.screen, ":");
    recording.screen.send_str("copy-curl\r").expect("text");
    wait_for(&mut recording.screen, "OSC 52");
    leave(&mut recording);
    let bytes = recording.end();
    let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(told.sequences > 1000 && told.copies.len() == 1, "{} sequences, {:?}", told.sequences, told.copies);
    assert!(!told.text.contains("pwned\u{9c}"));
    stays_in_its_rows(&bytes, 200).unwrap_or_else(|wrong| panic!("{wrong}"));
    log_is_visible(&home);
}

pub fn leave(recording: &mut Recorded) {
    to_list(&mut recording.screen);
    recording.screen.send(Key::Ctrl('c')).expect("a key");
}
