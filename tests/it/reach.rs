//! Where resends go: this machine without a word, anywhere else only when it was named or said, and some places never.

use std::net::{IpAddr, UdpSocket};

use termlens::{Key, Terminal};

use crate::support::{Home, LocalApp, address_on, post, send, terminal};

const THANKS: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 6\r\nConnection: close\r\n\r\nthanks";
const LOGINS: [(&str, &str); 3] =
    [("Authorization", "Bearer of-the-sender"), ("Cookie", "session=1"), ("X-Other", "stays")];

#[track_caller]
fn wait_for(screen: &mut Terminal, text: &str) {
    if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
        panic!("`{text}` does not come: {error}");
    }
}

/// The program with one request that carries logins, selected.
fn with_a_request(home: &Home) -> Terminal {
    let mut screen = terminal(home, &["-p", "0"]);
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/login", &LOGINS, b"{}")).status, 200);
    wait_for(&mut screen, "/login");
    wait_for(&mut screen, "POST /login");
    screen
}

/// Sends the selected request to this URL by the palette.
fn resend_to(screen: &mut Terminal, url: &str) {
    screen.send(Key::Char(':')).expect("a key");
    screen.send_str(&format!("resend {url}")).expect("text");
    wait_for(screen, url);
    screen.send(Key::Enter).expect("a key");
}

/// An address of this machine that is not loopback; asking for it sends nothing. `None`: it has no other.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.254:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback() && !address.is_unspecified())
}

#[test]
fn another_machine_is_asked_about_and_nothing_is_sent_before() {
    let home = Home::new();
    let mut screen = with_a_request(&home);
    resend_to(&mut screen, "http://192.0.2.77:9");
    wait_for(&mut screen, "Send it out of this machine?");
    let shown = screen.screen();
    assert!(shown.contains("192.0.2.77") && shown.contains("not this machine"), "{shown}");
    assert!(shown.contains("Authorization, Cookie stay here"), "{shown}");
    screen.send(Key::Enter).expect("a key");
    screen.send(Key::Char('n')).expect("a key");
    screen.wait_until(|screen| !screen.contains("Send it out of this machine?")).expect("it closes");
    screen.send(Key::Char('6')).expect("a key");
    wait_for(&mut screen, "not sent again yet");
}

#[test]
fn a_name_is_asked_about_before_it_is_looked_up_and_one_that_is_not_found_is_no_attempt() {
    let home = Home::new();
    let mut screen = with_a_request(&home);
    // No name server knows this one (RFC 6761), and here there may be none to ask.
    resend_to(&mut screen, "http://app.invalid:3000");
    wait_for(&mut screen, "Send it out of this machine?");
    wait_for(&mut screen, "looked up yet");
    screen.send(Key::Char('y')).expect("a key");
    wait_for(&mut screen, "was not sent: could not look up app.invalid");
    screen.send(Key::Char('6')).expect("a key");
    wait_for(&mut screen, "not sent again yet");
}

#[test]
fn an_attempt_that_nobody_answered_counts_everywhere() {
    let home = Home::new();
    let mut screen = with_a_request(&home);
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    resend_to(&mut screen, &format!("http://{free}"));
    wait_for(&mut screen, "connection refused");
    assert!(!screen.screen().contains("?;"), "{}", screen.screen());
    screen.wait_until(|screen| screen.contains("Attempts 1") || screen.contains("Atts 1")).expect("it is counted");
    screen.send(Key::Char('1')).expect("a key");
    wait_for(&mut screen, "sent again 1 time");
}

#[test]
fn places_of_credentials_are_refused_however_they_are_spelled() {
    let home = Home::new();
    let mut screen = with_a_request(&home);
    for url in ["http://169.254.169.254/latest", "http://2852039166", "http://[::ffff:a9fe:a9fe]", "http://0.0.0.0:1"] {
        resend_to(&mut screen, url);
        wait_for(&mut screen, "refused to send to");
        screen.send(Key::Char('1')).expect("a key");
        screen.send_str("\x1b").expect("a key");
        screen.wait_until(|screen| !screen.contains("refused to send to")).expect("the notice goes");
    }
}

#[test]
fn the_own_machine_gets_every_byte_and_no_question() {
    let app = LocalApp::start(THANKS);
    let home = Home::new();
    let mut screen = with_a_request(&home);
    resend_to(&mut screen, &format!("http://{}", app.address));
    assert_eq!(String::from_utf8_lossy(&app.request()), String::from_utf8_lossy(&post("/login", &LOGINS, b"{}")));
}

#[test]
fn what_was_said_holds_and_logins_stay_back_unless_told() {
    let Some(address) = own_address() else {
        // A machine with nothing but loopback cannot show it.
        return;
    };
    let app = LocalApp::start_at(address, THANKS);
    let home = Home::new();
    let mut screen = with_a_request(&home);
    let url = format!("http://{}", app.address);
    let request = |app: &LocalApp| String::from_utf8_lossy(&app.request()).into_owned();
    let ask = |screen: &mut Terminal| {
        resend_to(screen, &url);
        wait_for(screen, "Send it out of this machine?");
    };
    ask(&mut screen);
    screen.send(Key::Char('y')).expect("a key");
    let sent = request(&app);
    assert!(!sent.contains("Authorization") && !sent.contains("Cookie") && sent.contains("X-Other: stays"), "{sent}");
    wait_for(&mut screen, "- Authorization: Bearer of-the-sender");
    // Once was once.
    ask(&mut screen);
    screen.send(Key::Char('c')).expect("a key");
    wait_for(&mut screen, "Authorization, Cookie go with it");
    screen.send(Key::Char('s')).expect("a key");
    let sent = request(&app);
    assert!(sent.contains("Authorization: Bearer of-the-sender") && sent.contains("Cookie: session=1"), "{sent}");
    wait_for(&mut screen, "attempt 2");
    // For the session: no question any more, and logins stay back again.
    resend_to(&mut screen, &url);
    assert!(!request(&app).contains("Authorization"));
}

#[test]
fn what_the_configuration_names_is_not_asked_about() {
    let Some(address) = own_address() else { return };
    for file in ["(targets: [\"ADDRESS\"])", "(endpoints: [(path: \"/none\", target: \"http://ADDRESS:1\")])"] {
        let app = LocalApp::start_at(address, THANKS);
        let home = Home::new();
        home.write("hooksight.ron", file.replace("ADDRESS", &address.to_string()));
        let mut screen = with_a_request(&home);
        resend_to(&mut screen, &format!("http://{}", app.address));
        assert!(!String::from_utf8_lossy(&app.request()).contains("Authorization"), "{file}");
    }
}

/// As a resend does: the sender meant them for the host that it named.
#[test]
fn what_is_forwarded_to_another_machine_goes_without_logins_unless_told() {
    let Some(address) = own_address() else { return };
    let home = Home::new();
    for (more, host, goes) in [
        (&[][..], "hooks.example", false),
        (&["--ack"][..], "hooks.example", false),
        (&["--forward-logins"][..], "hooks.example", true),
        // It is the host that the sender named.
        (&[][..], &address.to_string(), true),
    ] {
        let app = LocalApp::start_at(address, THANKS);
        let url = format!("http://{}", app.address);
        let listening = home.listen(&[&["--json", "--forward", &url], more].concat());
        let request = format!(
            "POST /login HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a\r\nCookie: b\r\nX-Other: stays\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        assert!(send(listening.address, request.as_bytes()).status < 300);
        let got = String::from_utf8_lossy(&app.request()).into_owned();
        assert!(got.contains("X-Other: stays"), "{more:?}: {got}");
        assert_eq!([got.contains("Authorization: Bearer a"), got.contains("Cookie: b")], [goes; 2], "{more:?}: {got}");
        let lines = if more.contains(&"--ack") { 3 } else { 2 };
        let said = (0..lines).any(|_| listening.json().to_string().contains("Authorization, Cookie stayed here"));
        assert_eq!(said, !goes, "{more:?}");
    }
}

/// What is on this machine gets every byte, whatever host the sender named.
#[test]
fn what_is_forwarded_to_this_machine_keeps_its_logins() {
    let app = LocalApp::start(THANKS);
    let home = Home::new();
    let listening = home.listen(&["--forward", &format!("http://{}", app.address)]);
    assert_eq!(send(listening.address, &post("/login", &LOGINS, b"{}")).status, 202);
    let got = String::from_utf8_lossy(&app.request()).into_owned();
    assert!(got.contains("Authorization: Bearer of-the-sender") && got.contains("Cookie: session=1"), "{got}");
}

#[test]
fn an_address_that_others_reach_is_said_all_the_time() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0", "--bind", "0.0.0.0"]);
    for (columns, rows) in [(140, 40), (80, 24), (48, 14), (40, 12)] {
        screen.resize(columns, rows).expect("a size");
        let told = |screen: &termlens::Screen| screen.row_text(0).contains("the network");
        screen.wait_until(told).unwrap_or_else(|error| panic!("at {columns}x{rows}: {error}"));
        assert!(screen.screen().row_text(0).contains("http://0.0.0.0:"), "{}", screen.screen());
    }
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    address_on(&mut screen);
    assert!(!screen.screen().contains("the network"));
}
