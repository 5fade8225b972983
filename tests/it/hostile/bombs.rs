//! Bodies made to be expensive to look at, with the interface up, the newest one open and every view visited: capture does not
//! notice, and memory is bounded.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use termlens::{Key, Terminal};

use crate::hostile_answers::shapes::gzip_bomb;
use crate::support::{self, DEADLINE, Home, PROGRAM, address_on, peak_memory_of, post};

/// By so much resident memory may grow.
const GROWTH_BYTES_MAX: u64 = 256 << 20;
/// Views are made by a thread of their own, and may take their time: in an unoptimised build it takes seconds.
const VIEW: Duration = DEADLINE.saturating_mul(3);

struct Bomb {
    name: &'static str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn bomb(name: &'static str, content_type: &str, body: impl Into<Vec<u8>>) -> Bomb {
    Bomb { name, headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body: body.into() }
}

fn coded(name: &'static str, coding: &str, body: Vec<u8>) -> Bomb {
    let mut bomb = bomb(name, "application/json", body);
    bomb.headers.push(("Content-Encoding".to_owned(), coding.to_owned()));
    bomb
}

/// Two pieces of zeros, each flushed: the second can follow itself for ever.
fn brotli_bomb(times: usize) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(&[0; 16 << 20]).expect("zeros");
    encoder.flush().expect("a flush");
    let first = encoder.get_ref().len();
    encoder.write_all(&[0; 16 << 20]).expect("zeros");
    encoder.flush().expect("a flush");
    let (first, next) = encoder.get_ref().split_at(first);
    [first, &next.repeat(times)].concat()
}

/// A frame with a window of 128 KiB and blocks of 128 KiB that say one byte each (RFC 8878 section 3.1.1.2).
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    let header = (128 * 1024_u32) << 3 | 1 << 1;
    let block = [&header.to_le_bytes()[..3], &[0]].concat();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38][..], &block.repeat(blocks)].concat()
}

/// `mib` is how many bytes stand for a mebibyte: what is shown of them takes an unoptimised build minutes at full size.
fn bombs(mib: usize) -> Vec<Bomb> {
    let parts: String = (0..10_000)
        .map(|number| format!("--B\r\nContent-Disposition: form-data; name=\"n{number}\"\r\n\r\nvalue {number}\r\n"))
        .collect();
    let form: String = (0..mib / 5).map(|number| format!("key{number}=%00%ff&")).collect();
    let mut headers = bomb("headers", "text/plain", "x");
    headers.headers.extend((0..990).map(|number| (format!("X-{number}"), "v".repeat(100))));
    vec![
        coded("gzip", "gzip", gzip_bomb(10_000)),
        coded("brotli", "br", brotli_bomb(10_000)),
        coded("zstd", "zstd", zstd_bomb(1 << 18)),
        coded("layers", "gzip, gzip, gzip", gzip_bomb(1_000)),
        bomb("deep", "application/json", [vec![b'['; 100_000], vec![b']'; 100_000]].concat()),
        bomb(
            "digits",
            "application/json",
            format!("{{\"n\":{},\"e\":1e{}}}", "1".repeat(1 << 20), "9".repeat(1 << 20)),
        ),
        bomb("numbers", "application/json", format!("[{}1]", "1,".repeat(5 * mib - 2))),
        bomb("keys", "application/json", format!("{{{}\"a\":1}}", "\"a\":1,".repeat(mib))),
        bomb("parts", "multipart/form-data; boundary=B", format!("{parts}--B--\r\n")),
        bomb("form", "application/x-www-form-urlencoded", form),
        bomb("tags", "application/xml", "<a>".repeat(mib)),
        bomb("ones", "text/plain", vec![1; 10 * mib]),
        bomb("line", "text/plain", vec![b'l'; 10 * mib]),
        bomb("html", "text/html", format!("<p title=\"{}\">", "<&\"'>".repeat(mib))),
        bomb("marks", "text/plain", format!("a{}", "\u{301}".repeat(2 * mib))),
        bomb("binary", "application/octet-stream", vec![0xff; 10 * mib]),
        headers,
    ]
}

/// What normal requests took at most, and how many there were.
#[derive(Default)]
struct Normal {
    slowest: Duration,
    during: String,
    count: usize,
}

impl Normal {
    fn send(&mut self, address: SocketAddr, during: impl FnOnce() -> String) {
        let begun = Instant::now();
        assert_eq!(support::send(address, &post("/normal", &[], b"ok")).status, 200);
        self.count += 1;
        if begun.elapsed() > self.slowest {
            (self.slowest, self.during) = (begun.elapsed(), during());
        }
    }
}

/// Waits for it while normal requests are sent.
fn until(screen: &mut Terminal, address: SocketAddr, normal: &mut Normal, what: &str, text: &str) {
    let begun = Instant::now();
    loop {
        normal.send(address, || what.to_owned());
        if screen.wait_until_for(|screen| screen.contains(text), Duration::from_millis(20)).is_ok() {
            return;
        }
        assert!(begun.elapsed() < VIEW, "{what}: `{text}` does not come: {}", screen.screen());
    }
}

/// Another program than the one under test: an optimised one, to take figures from.
fn program() -> String {
    std::env::var("HOOKSIGHT_TEST_PROGRAM").unwrap_or_else(|_| PROGRAM.to_owned())
}

#[test]
fn every_view_of_every_bomb_leaves_capture_alone_and_memory_bounded() {
    let home = Home::new();
    let script = home.write("run.sh", format!("echo $$ > pid\nexec '{}' -p 0 --theme dark\n", program()));
    let mut screen = Terminal::builder()
        .size(140, 40)
        .env_clear()
        .envs(home.environment())
        .env("TERM", "xterm-256color")
        .current_dir(home.path())
        .timeout(DEADLINE)
        .args([script.display().to_string()])
        .spawn("sh")
        .expect("a terminal");
    let address = address_on(&mut screen);
    let mut normal = Normal::default();
    normal.send(address, || "the first".to_owned());
    let pid = std::fs::read_to_string(home.path().join("pid")).expect("a pid").trim().parse().expect("a number");
    let before = peak_memory_of(pid);
    let slow = cfg!(debug_assertions) && program() == PROGRAM;
    for bomb in bombs(if slow { 1 << 16 } else { 1 << 20 }) {
        let headers: Vec<_> = bomb.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let path = format!("/{}", bomb.name);
        assert_eq!(support::send(address, &post(&path, &headers, &bomb.body)).status, 200, "{}", bomb.name);
        // The rows of normal requests come behind it: it is found by its path.
        screen.send_str(&format!("fpath:{path}\r")).expect("a filter");
        until(&mut screen, address, &mut normal, bomb.name, &format!("POST {path}"));
        screen.send_str("G\rz").expect("keys");
        let content_type = bomb.headers.first().map_or("", |(_, value)| value.split(';').next().unwrap_or_default());
        // A view, and what stands there when it is made.
        let views = [
            ("1", "from  "),
            ("2", content_type),
            ("v", "Raw"),
            ("v", "Raw"),
            ("v", "Raw"),
            ("3", "Content-Type"),
            ("4", "Raw"),
            ("5", "chosen by"),
            ("6", "not sent again yet"),
            ("7", "POST /"),
        ];
        for (view, seen) in views {
            let what = format!("{} {view}", bomb.name);
            screen.send_str(view).expect("a key");
            until(&mut screen, address, &mut normal, &what, seen);
            for end in ["G", "g"] {
                screen.send_str(end).expect("a key");
                normal.send(address, || what.clone());
            }
        }
        screen.send_str("2/zzzz\r").expect("a search");
        until(&mut screen, address, &mut normal, bomb.name, "zzzz");
        // One Esc at a time: two at once would be read as another key.
        let is_list = |screen: &termlens::Screen| screen.contains("Enter open") && !screen.contains("filter path:");
        let begun = Instant::now();
        while screen.wait_until_for(is_list, Duration::from_millis(300)).is_err() {
            assert!(begun.elapsed() < VIEW, "{}: no way back: {}", bomb.name, screen.screen());
            screen.send(Key::Esc).expect("a key");
            normal.send(address, || format!("{} back", bomb.name));
        }
    }
    let grown = peak_memory_of(pid).saturating_sub(before);
    if std::env::var_os("HOOKSIGHT_TELL").is_some() {
        let Normal { slowest, during, count } = &normal;
        let told =
            format!("bombs: grown by {} MiB, {count} normal requests, {slowest:?} at most ({during})\n", grown >> 20);
        std::io::stderr().write_all(told.as_bytes()).expect("stderr");
    }
    assert!(grown <= GROWTH_BYTES_MAX, "grown by {} MiB", grown >> 20);
    let bound = if slow { Duration::from_secs(5) } else { Duration::from_millis(250) };
    assert!(normal.slowest < bound, "a normal request took {:?} at {}", normal.slowest, normal.during);
}
