//! A target of a resend that is hostile: whatever it answers, the interface goes on, the attempt is kept with its reason,
//! memory is bounded, and the next resend works.

pub mod shapes;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use termlens::{Key, Terminal};

use self::shapes::{Shape, Then, shapes};
use crate::hostile_requests::wait_for;
use crate::support::{Home, address_on, peak_memory_of, post, read_request, send};
use crate::terminal_bytes::{Recorded, inspect, recorded};

/// By so much resident memory may grow. The largest answer takes 10 MiB, up to 60 in its line of the session file, and its
/// document, at the same time.
const GROWTH_BYTES_MAX: u64 = 256 << 20;
/// Within this time a normal sender has its answer, meanwhile. Without optimisation everything takes longer.
const NEXT: Duration = if cfg!(debug_assertions) { Duration::from_secs(5) } else { Duration::from_secs(1) };

/// A target that answers each path by the shape of that name, and counts who comes.
struct Target {
    address: SocketAddr,
    shapes: Arc<Vec<Shape>>,
    connections: Arc<AtomicUsize>,
}

impl Target {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, shapes) = (Arc::clone(&connections), Arc::new(shapes()));
        let answered = Arc::clone(&shapes);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                counted.fetch_add(1, Ordering::SeqCst);
                let shapes = Arc::clone(&answered);
                std::thread::spawn(move || answer(stream, &shapes));
            }
        });
        Self { address, shapes, connections }
    }
}

fn answer(mut stream: TcpStream, shapes: &[Shape]) {
    // All of it: a socket that is closed with something unread takes back what it sent (RST), before it is read or after.
    let Some(request) = read_request(&mut stream) else { return };
    let head = String::from_utf8_lossy(&request).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let Some(shape) = shapes.iter().find(|shape| path == format!("/{}", shape.name)) else { return };
    let _ = stream.write_all(&shape.begin);
    match &shape.then {
        Then::Close => {}
        Then::Reset => {
            let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
        }
        // Until the other side is gone.
        Then::Hold => drain(&mut stream),
        Then::ForEver(bytes) => while stream.write_all(bytes).is_ok() {},
        Then::Slowly(bytes) => {
            while stream.write_all(bytes).is_ok() {
                std::thread::sleep(Duration::from_millis(50)); // its pace
            }
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
}

fn drain(stream: &mut TcpStream) {
    let mut byte = [0];
    while matches!(stream.read(&mut byte), Ok(1..)) {}
}

/// Sends the selected request to this shape, by the palette.
fn resend(screen: &mut Terminal, target: &Target, name: &str) {
    screen.send(Key::Char(':')).expect("a key");
    wait_for(screen, "Palette");
    screen.send_str(&format!("resend http://{}/{name}", target.address)).expect("text");
    wait_for(screen, &format!("/{name}"));
    screen.send(Key::Enter).expect("a key");
}

/// The program with one request, its Attempts tab open.
fn opened(home: &Home) -> (Recorded, SocketAddr, u32) {
    let script = "echo $$ > pid\nexec \"$HS\" -p 0 -s all.jsonl --theme dark";
    let mut recording = recorded(home, (160, 60), script, &[]);
    let address = address_on(&mut recording.screen);
    assert_eq!(send(address, &post("/again", &[("X-Mine", "1")], b"{}")).status, 200);
    wait_for(&mut recording.screen, "/again");
    recording.screen.send_str("\r6").expect("keys");
    wait_for(&mut recording.screen, "not sent again yet");
    recording.screen.send_str("z").expect("a key");
    let pid = std::fs::read_to_string(home.path().join("pid")).expect("a pid").trim().parse().expect("a number");
    (recording, address, pid)
}

fn is_listening(address: SocketAddr, name: &str) {
    let begun = Instant::now();
    assert_eq!(send(address, &post("/meanwhile", &[], b"")).status, 200);
    assert!(begun.elapsed() < NEXT, "{name}: a normal request took {:?}", begun.elapsed());
}

#[test]
fn whatever_a_target_answers_is_told_and_the_next_resend_works() {
    let home = Home::new();
    let target = Target::start();
    let (mut recording, address, pid) = opened(&home);
    let before = peak_memory_of(pid);
    let all = &target.shapes;
    for (index, Shape { name, seen, endless, .. }) in all.iter().enumerate() {
        let screen = &mut recording.screen;
        resend(screen, &target, name);
        if *endless {
            wait_for(screen, "Esc ends it");
            is_listening(address, name);
            screen.send(Key::Esc).expect("a key");
        }
        wait_for(screen, &format!("attempt {}", index + 1));
        for text in seen {
            if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
                panic!("{name}: `{text}` does not come: {error}");
            }
        }
        is_listening(address, name);
        assert_eq!(target.connections.load(Ordering::SeqCst), index + 1, "{name}: nothing is followed or tried twice");
    }
    let grown = peak_memory_of(pid).saturating_sub(before);
    assert!(grown <= GROWTH_BYTES_MAX, "grown by {} MiB", grown >> 20);
    recording.screen.send_str("z").expect("a key");
    recording.screen.send(Key::Ctrl('c')).expect("a key");
    let bytes = recording.end();
    if let Err(wrong) = inspect(&bytes) {
        panic!("{wrong}");
    }
    // All of them are in the session file, and what it says is said without harm.
    let shown = home.run(&["show", "all.jsonl", "1"]).code(0);
    inspect(&shown.stdout).expect("visible");
    let attempts = std::fs::read_to_string(home.path().join("all.jsonl")).expect("the session");
    assert_eq!(attempts.lines().filter(|line| line.contains("\"event\":\"attempt\"")).count(), all.len());
}

/// What an exchange shows grows by an attempt with each resend; what it holds does not.
#[test]
fn large_answers_to_one_request_do_not_add_up() {
    let home = Home::new();
    let target = Target::start();
    let (mut recording, address, pid) = opened(&home);
    let before = peak_memory_of(pid);
    for number in 1..=16 {
        resend(&mut recording.screen, &target, "endless");
        wait_for(&mut recording.screen, &format!("attempt {number} "));
        wait_for(&mut recording.screen, "the first 4.0 MiB of 10 MiB");
        is_listening(address, "endless");
    }
    let grown = peak_memory_of(pid).saturating_sub(before);
    assert!(grown <= GROWTH_BYTES_MAX, "grown by {} MiB", grown >> 20);
    recording.screen.send_str("z").expect("a key");
    recording.screen.send(Key::Ctrl('c')).expect("a key");
    recording.end();
}
