//! The real binary in a real terminal.

use std::process::Command;

use termlens::{Key, Terminal};

use crate::children::{has_curl, output};
use crate::support::{Home, LocalApp, address_on, fixture, post, send, terminal};

const GITHUB_SECRET: &str = "It's a Secret to Everybody";
const STRIPE_SECRET: &str = "whsec_test_secret_of_hooksight";
const THANKS: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 6\r\nConnection: close\r\n\r\nthanks";

#[track_caller]
fn wait_for(screen: &mut Terminal, text: &str) {
    if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
        panic!("`{text}` does not come: {error}");
    }
}

#[track_caller]
fn press(screen: &mut Terminal, key: Key) {
    screen.send(key).expect("a key");
}

#[track_caller]
fn write(screen: &mut Terminal, text: &str) {
    screen.send_str(text).expect("text");
}

/// Leaves from the top, and looks whether the terminal is as it was.
#[track_caller]
fn quit(mut screen: Terminal) {
    // The line of keys is the last of a frame: Esc and q in one go would be Alt-q.
    screen.wait_until(|screen| screen.contains("q quit") || screen.contains("Esc")).expect("the line of keys");
    if !screen.screen().contains("q quit") {
        press(&mut screen, Key::Esc);
        wait_for(&mut screen, "q quit");
    }
    press(&mut screen, Key::Char('q'));
    assert!(screen.wait_exit().expect("it ends").success());
    is_restored(&mut screen);
}

#[track_caller]
fn is_restored(screen: &mut Terminal) {
    // The process is gone; on a busy machine its last bytes may still be on their way.
    let _ = screen.wait_until(|after| !after.alternate_screen() && after.mouse_modes().is_empty());
    let after = screen.screen();
    assert!(!after.alternate_screen() && !after.bracketed_paste() && after.cursor_visible(), "{after}");
    assert!(after.mouse_modes().is_empty(), "{after}");
}

/// The part of a request behind its head.
fn body_of(request: &[u8]) -> &[u8] {
    let at = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    &request[at + 4..]
}

/// The value of a header as it stands in the bytes.
fn header_of(request: &[u8], name: &str) -> String {
    let head = String::from_utf8_lossy(&request[..request.len() - body_of(request).len()]).into_owned();
    let line = head.lines().find(|line| line.starts_with(&format!("{name}: "))).expect(name);
    line[name.len() + 2..].to_owned()
}

#[test]
fn a_request_shows_and_quitting_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    wait_for(&mut screen, "curl"); // the first screen is never blank: it says what to do
    assert_eq!(send(address, &post("/first", &[], b"{\"a\":1}")).status, 200);
    wait_for(&mut screen, "/first");
    quit(screen);
}

#[test]
fn a_session_that_is_named_goes_by_its_name_and_a_copy_is_said_to_be_one() {
    let home = Home::new();
    let top_line = |screen: &mut Terminal| screen.screen().text().lines().next().unwrap_or_default().to_owned();
    let save = |screen: &mut Terminal| {
        press(screen, Key::Char('w'));
        wait_for(screen, "Name this session");
        write(screen, "monday");
        press(screen, Key::Enter);
    };
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/first", &[], b"")).status, 200);
    save(&mut screen);
    wait_for(&mut screen, "Saved as");
    let top = top_line(&mut screen);
    assert!(top.contains("  monday  "), "{top}");
    quit(screen);
    // One that lies elsewhere stays there.
    std::fs::remove_file(home.sessions().join("monday.jsonl")).expect("it has that name");
    let mut screen = terminal(&home, &["-p", "0", "-s", "mine.jsonl"]);
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/first", &[], b"")).status, 200);
    save(&mut screen);
    wait_for(&mut screen, "Copied to");
    wait_for(&mut screen, "in mine alone");
    let top = top_line(&mut screen);
    assert!(top.contains("  mine  "), "{top}");
    quit(screen);
}

#[test]
fn signals_give_the_terminal_back() {
    for (signal, code) in [(termlens::Signal::Term, 0), (termlens::Signal::Hup, 0), (termlens::Signal::Int, 130)] {
        let home = Home::new();
        let mut screen = terminal(&home, &["-p", "0"]);
        let address = address_on(&mut screen);
        assert_eq!(send(address, &post("/kept", &[], b"")).status, 200);
        screen.signal(signal).expect("a signal");
        assert_eq!(screen.wait_exit().expect("it ends").code(), Some(code), "{signal:?}");
        is_restored(&mut screen);
        assert_eq!(home.run(&["ls", "latest"]).code(0).text().lines().count(), 1);
    }
}

/// Some terminals report a drag beyond their edge as column or row 0, which no position is.
#[test]
fn a_mouse_beyond_the_edge_harms_nothing() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    for report in
        ["\x1b[<0;0;0M", "\x1b[<32;0;7M", "\x1b[<64;7;0M", "\x1b[32;0;0M", "\x1b[M   ", "\x1b[<0;65535;65535M"]
    {
        write(&mut screen, report);
    }
    assert_eq!(send(address, &post("/after-the-mouse", &[], b"")).status, 200);
    wait_for(&mut screen, "/after-the-mouse");
    quit(screen);
}

/// A day's work: start, receive, open, fail a signature, set the right secret, see it hold, edit, resend to a local app, see
/// its answer, copy as curl, run that curl, quit, open the session again.
#[test]
fn a_days_work() {
    let app = LocalApp::start(THANKS);
    let home = Home::new();
    home.write(
        "hooksight.ron",
        format!("(endpoints: [(path: \"/*\", target: \"http://{}\")], clipboard: \"file\")", app.address),
    );
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);

    let push = fixture("deliveries/github-push.http");
    assert_eq!(send(address, &push).status, 200);
    wait_for(&mut screen, "? unknown: no-secret");
    wait_for(&mut screen, "push");
    check_the_signature(&mut screen);
    let edited = edit_and_resend(&mut screen, &app);
    is_signed(&home, &edited);
    copy_and_run(&mut screen, &home, &app, &push);
    quit(screen);

    let mut screen = terminal(&home, &["open", "latest"]);
    wait_for(&mut screen, "push");
    press(&mut screen, Key::Char('6'));
    wait_for(&mut screen, "202 Accepted");
    wait_for(&mut screen, "thanks");
    quit(screen);
    let session = std::fs::read_dir(home.sessions()).expect("sessions").next().expect("one").expect("readable");
    let kept = std::fs::read_to_string(session.path()).expect("a session");
    assert!(!kept.contains(GITHUB_SECRET), "a secret is never kept");
}

fn check_the_signature(screen: &mut Terminal) {
    press(screen, Key::Enter);
    press(screen, Key::Char('4'));
    press(screen, Key::Char('s'));
    wait_for(screen, "The webhook secret of");
    write(screen, "not the secret");
    press(screen, Key::Enter);
    wait_for(screen, "✗ invalid");
    wait_for(screen, "invalid with this secret");
    screen.wait_until(|screen| !screen.contains("kept in memory only")).expect("the overlay closes by itself");
    wait_for(screen, "signature-mismatch");
    press(screen, Key::Char('s'));
    wait_for(screen, "kept in memory only");
    write(screen, GITHUB_SECRET);
    press(screen, Key::Enter);
    wait_for(screen, "the signature is valid with this secret");
    wait_for(screen, "✓ valid");
    assert!(!screen.screen().contains(GITHUB_SECRET), "the secret is not shown");
}

/// Adds a member to the body, sends it, and gives what the local app got.
fn edit_and_resend(screen: &mut Terminal, app: &LocalApp) -> Vec<u8> {
    press(screen, Key::Char('e'));
    wait_for(screen, "Edit a copy of request 1");
    wait_for(screen, "kept as it came");
    for _ in 0..13 {
        press(screen, Key::Down); // request line, eleven headers, blank line
    }
    wait_for(screen, "line 14 of 14, column 1");
    press(screen, Key::Right);
    write(screen, "\"edited\":true,");
    wait_for(screen, "re-signed now with the secret of github");
    press(screen, Key::Ctrl('s'));
    let edited = app.request();
    wait_for(screen, "202 Accepted");
    press(screen, Key::Char('6'));
    wait_for(screen, "thanks");
    assert!(body_of(&edited).starts_with(b"{\"edited\":true,\"ref\":"));
    edited
}

/// Whether the signature fits the body, by the command that makes signatures.
fn is_signed(home: &Home, request: &[u8]) {
    let body = home.write("edited.json", body_of(request)).display().to_string();
    let key = format!("file:{}", home.write("github.key", GITHUB_SECRET).display());
    let signed = home.run(&["sign", "--scheme", "github", "--secret", &key, "--body", &body]).code(0).text();
    let sent = header_of(request, "X-Hub-Signature-256");
    assert!(signed.contains(&sent), "{sent} is not in {signed}");
}

/// Copies the captured request as curl, runs that, and compares what the local app got with what was captured.
fn copy_and_run(screen: &mut Terminal, home: &Home, app: &LocalApp, captured: &[u8]) {
    press(screen, Key::Char('y'));
    wait_for(screen, "curl command");
    press(screen, Key::Enter);
    wait_for(screen, ".txt");
    let text = screen.screen().text();
    let path = text.split_whitespace().find(|word| word.ends_with(".txt")).expect("the file's path");
    let script = std::fs::read_to_string(path).expect("the file");
    if !has_curl() {
        return;
    }
    let run = output(Command::new("sh").args(["-c", &script]).current_dir(home.path()));
    assert!(run.status.success(), "{script}\n{}", String::from_utf8_lossy(&run.stderr));
    let again = app.request();
    assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(captured), "{script}");
}

/// `docs/screen.svg`, the picture of the README, is the real screen: `UPDATE_DOCS=1 cargo test --test it picture` draws it.
#[test]
fn the_picture_of_the_readme() {
    let home = Home::new();
    let key = format!("file:{}", home.write("github.key", GITHUB_SECRET).display());
    let endpoint = format!("/github,provider=github,secret={key}");
    let old = format!("/stripe,provider=stripe,secret=file:{}", home.write("stripe.key", STRIPE_SECRET).display());
    let session = home.path().join("monday.jsonl").display().to_string();
    let mut args = vec!["-p", "0", "-s", &session, "--theme", "dark"];
    args.extend(["--endpoint", &endpoint, "--endpoint", &old]);
    let mut screen = terminal(&home, &args);
    let address = address_on(&mut screen);
    for name in ["github-ping", "github-push", "github-issues", "github-pull_request", "stripe-payment-intent"] {
        assert_eq!(send(address, &fixture(&format!("deliveries/{name}.http"))).status, 200);
    }
    wait_for(&mut screen, "5 requests");
    press(&mut screen, Key::Char('4'));
    let told = |screen: &termlens::Screen| screen.contains("✗ invalid") && screen.contains("✓ valid");
    let picture = screen.snapshot_after(told).expect("a still screen").to_svg();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screen.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // At this size the fonts that it names are as wide as its cells.
        let shown =
            picture.replace(&address.to_string(), "127.0.0.1:7070").replace("font-size=\"14\"", "font-size=\"15\"");
        std::fs::write(path, shown).expect("docs/screen.svg");
    }
    let kept = std::fs::read_to_string(path).expect("docs/screen.svg");
    for word in ["hooksight", "Signature", "pull_request", "✗ invalid"] {
        assert!(kept.contains(word), "docs/screen.svg is not the screen of today: `{word}`");
    }
    quit(screen);
}

/// SNS names a URL that confirms the subscription. It is shown, and fetched only after the key and a yes; to another machine only
/// after the gate's own question.
#[test]
fn the_url_of_a_handshake_is_fetched_when_the_user_says_so() {
    let app = LocalApp::start(THANKS);
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    let confirmation = |url: &str| {
        let body = format!(r#"{{"Type":"SubscriptionConfirmation","MessageId":"m","SubscribeURL":"{url}"}}"#);
        let headers = [("x-amz-sns-message-type", "SubscriptionConfirmation"), ("Authorization", "Basic c2VjcmV0")];
        post("/sns", &headers, body.as_bytes())
    };
    let url = format!("http://{}/?Action=ConfirmSubscription&Token=2336", app.address);
    assert_eq!(send(address, &confirmation(&url)).status, 200);
    wait_for(&mut screen, "/sns");
    wait_for(&mut screen, "u confirm");
    wait_for(&mut screen, "ConfirmSubscription&Token=2336");
    press(&mut screen, Key::Char('u'));
    wait_for(&mut screen, "Fetch the URL?");
    press(&mut screen, Key::Char('n'));
    screen.wait_until(|screen| !screen.contains("Fetch the URL?")).expect("no is no");
    press(&mut screen, Key::Char('u'));
    wait_for(&mut screen, "Fetch the URL?");
    press(&mut screen, Key::Char('y'));
    let fetched = String::from_utf8(app.request()).expect("text");
    assert!(fetched.starts_with("GET /?Action=ConfirmSubscription&Token=2336 HTTP/1.1\r\n"), "{fetched}");
    assert!(fetched.contains(&format!("Host: {}", app.address)), "{fetched}");
    assert!(!fetched.contains("c2VjcmV0"), "nothing of what was captured goes there: {fetched}");
    wait_for(&mut screen, "202 Accepted");
    assert_eq!(send(address, &confirmation("https://sns.us-east-1.example.com/?Token=1")).status, 200);
    wait_for(&mut screen, "2 requests");
    press(&mut screen, Key::Char('G'));
    press(&mut screen, Key::Char('1'));
    wait_for(&mut screen, "sns.us-east-1.example.com");
    press(&mut screen, Key::Char('u'));
    wait_for(&mut screen, "Fetch the URL?");
    press(&mut screen, Key::Char('y'));
    wait_for(&mut screen, "Send it out of this machine?");
    press(&mut screen, Key::Char('n'));
    assert_eq!(send(address, &post("/plain", &[], b"")).status, 200);
    wait_for(&mut screen, "/plain");
    press(&mut screen, Key::Char('G'));
    screen.wait_until(|screen| !screen.contains("sns.us-east-1.example.com")).expect("another request is open");
    press(&mut screen, Key::Char('u'));
    wait_for(&mut screen, "names no URL");
    quit(screen);
}
