//! Burdens on the connections, with the interface up, the newest request open and every view visited: capture does not notice.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{Home, address_on, peak_memory_of, post, send, terminal};

/// By so much resident memory may grow.
const GROWTH_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Within this time a normal sender has its answer; an unoptimised build takes its time over each row.
const NEXT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 250 });

/// Name, from how many connections, and what each of them sends before it falls silent.
fn burdens() -> Vec<(&'static str, usize, Vec<u8>)> {
    let h2 = |frames: &[u8]| [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", frames].concat();
    let resets = |stream: u32| {
        let stream = u32::to_be_bytes(2 * stream + 1);
        [&b"\0\0\x06\x01\x05"[..], &stream, b"\x83\x86\x84\x01\x01x\0\0\x04\x03\0", &stream, b"\0\0\0\x08"].concat()
    };
    let text = |text: String| text.into_bytes();
    vec![
        ("silence", 100, Vec::new()),
        ("half heads", 200, b"POST /half HTTP/1.1\r\nHost".to_vec()),
        ("endless heads", 20, text(format!("POST / HTTP/1.1\r\nA: {}", "x".repeat(400_000)))),
        ("many header lines", 20, text(format!("POST / HTTP/1.1\r\n{}", "A: 1\r\n".repeat(100_000)))),
        (
            "long heads",
            100,
            text(format!("POST / HTTP/1.1\r\nContent-Length: 9\r\nA: {}\r\n\r\n", "x".repeat(100_000))),
        ),
        ("bodies that stall", 400, b"POST /stall HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe".to_vec()),
        ("large bodies that stall", 8, b"POST /stall HTTP/1.1\r\nContent-Length: 10000000\r\n\r\nhe".to_vec()),
        (
            "bodies too large",
            4,
            text(format!("POST / HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n{}", "x".repeat(12_000_000))),
        ),
        ("pipelines", 10, text("POST /p HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi".repeat(1000))),
        (
            "smuggling",
            100,
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(),
        ),
        ("no requests", 200, b"\x16\x03\x01\x1b]0;x\x07\r\n\r\n".to_vec()),
        ("CONNECT", 50, b"CONNECT example.com:443 HTTP/1.1\r\n\r\nhello".to_vec()),
        ("upgrades", 50, b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".to_vec()),
        ("pings", 10, h2(&b"\0\0\x08\x06\0\0\0\0\0pingpong".repeat(20_000))),
        ("settings", 10, h2(&b"\0\0\0\x04\0\0\0\0\0".repeat(20_000))),
        ("resets", 20, h2(&(0..20_000).flat_map(resets).collect::<Vec<_>>())),
        (
            "continuations",
            10,
            h2(&[&b"\0\0\x01\x01\0\0\0\0\x01\x82"[..], &b"\0\0\0\x09\0\0\0\0\x01".repeat(20_000)].concat()),
        ),
    ]
}

/// The newest request is opened and each of its views visited while they hold their connections.
fn visit(screen: &mut termlens::Terminal, address: SocketAddr, (name, count, bytes): &(&str, usize, Vec<u8>)) {
    let begun = |_| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_write_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        // Some of it is refused before all of it is sent.
        let _ = stream.write_all(bytes);
        stream
    };
    let crowd: Vec<TcpStream> = (0..*count).map(begun).collect();
    for keys in ["G", "\r", "1", "2", "3", "4", "5", "6", "7", "2/zz\r", "G"] {
        screen.send_str(keys).expect("keys");
        let asked = Instant::now();
        assert_eq!(send(address, &post("/normal", &[], b"ok")).status, 200, "{name}");
        assert!(asked.elapsed() < NEXT, "{name}, {keys:?}: a normal request took {:?}", asked.elapsed());
    }
    drop(crowd);
    // One Esc at a time: two at once would be read as another key.
    let begun = Instant::now();
    while screen.wait_until_for(|screen| screen.contains("Enter open"), Duration::from_millis(300)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{name}: no way back: {}", screen.screen());
        screen.send(termlens::Key::Esc).expect("a key");
    }
}

#[test]
fn every_burden_with_the_newest_request_open_leaves_capture_alone() {
    let home = Home::new();
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/first", &[], b"ok")).status, 200);
    let pid = screen.pid().expect("a process");
    let before = peak_memory_of(pid);
    for burden in &burdens() {
        visit(&mut screen, address, burden);
    }
    let grown = peak_memory_of(pid).saturating_sub(before);
    assert!(grown <= GROWTH_BYTES_MAX, "grown by {} MiB", grown >> 20);
}
