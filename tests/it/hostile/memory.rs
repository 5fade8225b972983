//! Memory stays bounded, whatever arrives.

use std::io::{Read as _, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::hostile_h2::{DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS, field, frame};
use crate::support::{self, DEADLINE, Home};

/// By so much resident memory may grow.
const GROWTH_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Within this time a normal sender has its answer.
const NEXT: Duration = Duration::from_secs(2);
/// The largest body by default.
const LARGEST: usize = 10 * 1024 * 1024;

static ALONE: Mutex<()> = Mutex::new(());

/// Without optimisation escaping takes a hundred times as long, which is not what is measured here.
fn escaped() -> Duration {
    if cfg!(debug_assertions) { DEADLINE } else { NEXT }
}

/// 256 threads that send compete with the program for the same cores. That a small request waits for no memory is measured by
/// itself: `hostile::slow::bodies_that_fall_silent_keep_nobody_waiting`.
fn crowded() -> Duration {
    if cfg!(debug_assertions) { 3 * NEXT } else { NEXT }
}

/// Sends this body from so many connections at once, and counts the answers by status.
fn send_at_once(address: SocketAddr, count: usize, body: &[u8]) -> Vec<u16> {
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..count)
            .map(|number| {
                let send = move || {
                    let mut stream = TcpStream::connect(address).expect("a connection");
                    stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a timeout");
                    let head = format!(
                        "POST /{number} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                        body.len()
                    );
                    stream.write_all(head.as_bytes()).expect("a head");
                    stream.write_all(body).expect("a body");
                    let mut answer = String::new();
                    stream.read_to_string(&mut answer).expect("an answer");
                    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
                };
                std::thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, send).expect("a thread")
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().expect("a sender")).collect()
    })
}

/// Starts the program, has `burden` done to it with normal requests beside, and looks at what it grew by and how long those took.
fn grows_little(args: &[&str], within: Duration, burden: impl FnOnce(SocketAddr) + Send) {
    grows_little_by("()", args, within, burden);
}

/// The same by this configuration.
fn grows_little_by(config: &str, args: &[&str], within: Duration, burden: impl FnOnce(SocketAddr) + Send) {
    // One after the other: they would measure each other's load.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let home = Home::new();
    home.write("config/hooksight/config.ron", config);
    let listening = home.listen(args);
    support::send(listening.address, &support::post("/first", &[], b"ok"));
    let before = listening.peak_memory();
    let address = listening.address;
    let slowest = std::thread::scope(|scope| {
        let burdened = scope.spawn(|| burden(address));
        let mut slowest = Duration::ZERO;
        while !burdened.is_finished() {
            let begun = Instant::now();
            assert_eq!(support::send(address, &support::post("/normal", &[], b"ok")).status, 200);
            slowest = slowest.max(begun.elapsed());
            std::thread::sleep(Duration::from_millis(50)); // the pace of a normal sender
        }
        burdened.join().expect("the burden");
        slowest
    });
    let grown = listening.peak_memory().saturating_sub(before);
    assert!(grown <= GROWTH_BYTES_MAX, "grown by {} MiB", grown >> 20);
    assert!(slowest < within, "a normal request took {slowest:?}");
    if std::env::var_os("HOOKSIGHT_TELL").is_some() {
        let told = format!("{args:?}: grown by {} MiB, a normal request took {slowest:?} at most\n", grown >> 20);
        std::io::stderr().write_all(told.as_bytes()).expect("stderr");
    }
}

#[test]
fn sixty_of_the_largest_bodies_at_once() {
    let body = vec![b'x'; LARGEST];
    grows_little(&[], NEXT, |address| assert_eq!(send_at_once(address, 60, &body), [200; 60]));
}

#[test]
fn a_thousand_heads_without_an_end() {
    // Just under the limit: nothing of this is refused for its size.
    let head = format!("POST /endless HTTP/1.1\r\nA: {}", "x".repeat(120 * 1024));
    grows_little(&["--no-session"], escaped(), |address| {
        drop(each_of(1000, address, head.as_bytes()));
    });
}

/// Sends this over each of so many connections, some of which may be closed meanwhile.
fn each_of(count: usize, address: SocketAddr, bytes: &[u8]) -> Vec<TcpStream> {
    let begun = |_| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(bytes).is_ok().then_some(stream)
    };
    let crowd: Vec<_> = (0..count).filter_map(begun).collect();
    assert!(!crowd.is_empty());
    crowd
}

/// The head is whole, and something is to come: its body, the time for its answer, the next request.
#[test]
fn a_thousand_long_heads_whose_connections_stay() {
    let long = format!("A: {}\r\n", "x".repeat(120_000));
    let lines = format!("A: {}\r\n", "x".repeat(110)).repeat(990);
    let cases = [
        format!("POST /body HTTP/1.1\r\nContent-Length: 10\r\n{long}\r\nab"),
        format!("POST /body HTTP/1.1\r\nContent-Length: 10\r\n{lines}\r\nab"),
        format!("GET /later HTTP/1.1\r\n{long}\r\n"),
        format!("GET /idle HTTP/1.1\r\n{long}\r\n"),
    ];
    for request in cases {
        let config = r#"(replies: { "/later": "200 delay=3s" })"#;
        grows_little_by(config, &["--no-session"], escaped(), |address| {
            let mut crowd = each_of(900, address, request.as_bytes());
            for stream in crowd.iter_mut().filter(|_| request.starts_with("GET /idle")) {
                stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
                // An answer, or the end.
                let _ = stream.read(&mut [0; 1024]);
            }
        });
    }
}

/// Each of a thousand connections has all the requests open that HTTP/2 lets it have: their bodies are to come, or their senders
/// take nothing of the answers.
#[test]
fn a_thousand_connections_with_a_hundred_requests_each() {
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0])].concat();
    let fields: [&[&[u8]]; 4] =
        [&[b":method", b"POST"], &[b":scheme", b"http"], &[b":path", b"/"], &[b":authority", b"a"]];
    let block: Vec<u8> = fields.iter().flat_map(|pair| field(pair[0], pair[1])).collect();
    for (flags, data) in [(END_HEADERS, false), (END_HEADERS, true), (END_HEADERS | END_STREAM, false)] {
        let request = |number: u32| {
            let data = if data { frame(DATA, 0, number, b"x") } else { Vec::new() };
            [frame(HEADERS, flags, number, &block), data].concat()
        };
        let requests: Vec<u8> = (0..128).flat_map(|number| request(2 * number + 1)).collect();
        let all = [begin.clone(), requests].concat();
        grows_little(&["--no-session"], escaped(), |address| {
            let crowd = each_of(1000, address, &all);
            // So long nobody has to go for having brought nothing.
            std::thread::sleep(Duration::from_secs(1));
            drop(crowd);
        });
    }
}

/// Many requests in few bytes: each of them takes many times as much once it is read.
#[test]
fn pipelines_that_nobody_answers_yet() {
    let config = r#"(replies: { "/later": "200 delay=2s" })"#;
    let pipeline = "GET /later HTTP/1.1\r\n\r\n".repeat(3000);
    grows_little_by(config, &["--no-session"], escaped(), |address| drop(each_of(900, address, pipeline.as_bytes())));
}

#[test]
fn bodies_that_are_six_times_as_large_in_the_session_file() {
    let body = vec![1; LARGEST];
    grows_little(&[], escaped(), |address| assert_eq!(send_at_once(address, 8, &body), [200; 8]));
}

#[test]
fn the_largest_body_from_256_connections_at_once() {
    let body = vec![b'x'; LARGEST];
    grows_little(&["--no-session"], crowded(), |address| assert_eq!(send_at_once(address, 256, &body), [200; 256]));
}

#[test]
fn echoes_that_wait_drip_or_are_not_read() {
    let config = r#"(replies: {
        "/late": "200 echo delay=3s",
        "/slow": "200 echo drip=1",
        "/unread": "200 echo",
    })"#;
    let body = vec![b'x'; LARGEST];
    grows_little_by(config, &[], escaped(), |address| begin_answers(address, &["/unread", "/late", "/slow"], &body));
}

#[test]
fn answers_by_template_that_wait_or_are_not_read() {
    let config = r#"(replies: {
        "/late": "200 delay=3s template='{{ request.body }}'",
        "/unread": "200 template='{{ request.body }}'",
    })"#;
    let body = vec![b'x'; LARGEST];
    grows_little_by(config, &[], escaped(), |address| begin_answers(address, &["/unread", "/late"], &body));
}

/// One reply, the same for all, of which a hundred senders take only the begin: each of its lines in the session file is as long.
#[test]
fn large_answers_that_nobody_takes_to_the_end() {
    let home = Home::new();
    let large = home.write("large", vec![b'z'; 4 * 1024 * 1024]);
    let config = format!("(replies: {{ \"/large\": \"200 body=@{}\" }})", large.display());
    grows_little_by(&config, &[], escaped(), |address| {
        drop(each_of(100, address, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
    });
}

/// Sends this to these paths from 48 connections and reads no more of each answer than that there is one.
fn begin_answers(address: SocketAddr, paths: &[&str], body: &[u8]) {
    let begun = |path: &str| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a timeout");
        stream.write_all(&support::post(path, &[], body)).expect("a request");
        // The rest of it is not read.
        let mut status = [0; 12];
        stream.read_exact(&mut status).expect("a status");
        (stream, status)
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let paths = paths.iter().cycle().take(48);
        let senders: Vec<_> = paths.map(|path| scope.spawn(move || begun(path))).collect();
        senders.into_iter().map(|sender| sender.join().expect("a sender")).collect()
    });
    let count = |status: &[u8]| all.iter().filter(|(_, seen)| seen.as_slice() == status).count();
    let (taken, refused) = (count(b"HTTP/1.1 200"), count(b"HTTP/1.1 503"));
    assert!(taken > 0 && taken + refused == 48, "{taken} taken, {refused} refused");
}
