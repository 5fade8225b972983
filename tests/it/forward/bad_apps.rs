//! Apps that answer endlessly, slowly, wrongly, or not at all.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use hooksight::domain::forward::Route;

use super::app::App;
use super::{forwarding, target};
use crate::support::{post, send};

fn error_of(app: &App, timeout_ms: u64) -> (u16, String, Duration) {
    let house = forwarding(Route { timeout_ms, ..Route::to(target(&app.url())) });
    let begun = Instant::now();
    let answer = send(house.addr, &post("/x", &[], b"x"));
    let took = begun.elapsed();
    let kept = house.answer(1);
    assert!(!answer.body.contains(&0x1b) && !answer.head.contains('\u{1b}'));
    let forwarded = kept.choice.as_ref().and_then(|choice| choice.forwarded.clone()).expect("where it went");
    (answer.status, forwarded.error.unwrap_or_default(), took)
}

#[test]
fn one_that_never_answers_is_a_504_after_its_time() {
    let app = App::new(|stream, _| {
        let _ = stream.read(&mut [0; 1]);
        false
    });
    let (status, error, took) = error_of(&app, 300);
    assert_eq!(status, 504);
    assert!(error.contains("no answer") && error.contains("within 300 ms"), "{error}");
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_body_in_single_bytes_ends_with_its_time() {
    let app = App::new(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    });
    let (status, error, took) = error_of(&app, 300);
    assert_eq!(status, 504);
    assert!(error.contains("is not whole"), "{error}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn wrong_lengths_and_what_is_no_http_are_502() {
    for (answer, words) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "is not whole"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", "is not whole"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "no HTTP/1"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "no HTTP/1"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "a coding that nobody asked for",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "chunked twice"),
        ("", "closed without an answer"),
        ("HTTP/1.1 200 OK\r\nX: \u{1b}]0;x\u{7}\r\n\r\n", "no HTTP/1"),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ""),
    ] {
        let app = App::closing(answer);
        let (status, error, _) = error_of(&app, 10_000);
        assert_eq!(status, 502, "{answer:?}: {error}");
        assert!(error.contains(words), "{answer:?}: {error}");
    }
}

#[test]
fn more_than_it_declared_is_not_the_next_answer() {
    // What follows the first answer looks like a second one: the next sender must not get it.
    let app = App::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 666 Smuggled\r\nContent-Length: 0\r\n\r\n",
    );
    let house = super::forwarding_to(&app.url());
    for _ in 0..10 {
        assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 200);
    }
}

#[test]
fn an_answer_that_comes_too_much_later_is_not_the_next_one() {
    // The second one comes when the connection waits to be used again, or when the next request has left already.
    for late_ms in [0, 1, 5, 20, 60, 120, 200] {
        let app = App::new(move |stream, _| {
            let one = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            let is_there = stream.write_all(one).is_ok();
            std::thread::sleep(Duration::from_millis(late_ms));
            let _ = stream.write_all(b"HTTP/1.1 299 Smuggled\r\nContent-Length: 0\r\n\r\n");
            is_there
        });
        let house = super::forwarding_to(&app.url());
        for wait_ms in [0, 0, late_ms / 2, late_ms, 2 * late_ms, 0, 270, 0, 0, 5, 300, 0] {
            std::thread::sleep(Duration::from_millis(wait_ms));
            assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 200, "{late_ms} late, {wait_ms} waited");
        }
    }
}

#[test]
fn an_app_that_has_once_spoken_unasked_is_not_trusted_again() {
    // It keeps silent until it is known for that, speaks once, and then each connection is used for one request.
    let talks = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let now = std::sync::Arc::clone(&talks);
    let app = App::new(move |stream, _| {
        let is_there = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok();
        if now.swap(false, std::sync::atomic::Ordering::SeqCst) {
            let _ = stream.write_all(b"HTTP/1.1 299 Smuggled\r\nContent-Length: 0\r\n\r\n");
        }
        is_there
    });
    let house = super::forwarding_to(&app.url());
    super::until_reused(&house, &app);
    talks.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 200);
    crate::capture_harness::until("it spoke", || (!talks.load(std::sync::atomic::Ordering::SeqCst)).then_some(()));
    // Whichever thread has the connection that it spoke on, it finds out.
    let is_known = || {
        let before = app.connections();
        for _ in 0..20 {
            assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 200);
        }
        (app.connections() == before + 20).then_some(())
    };
    crate::capture_harness::until("no connection is used twice", is_known);
}

#[test]
fn a_compressed_bomb_goes_back_as_it_is() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&vec![0; 1 << 20]).expect("compressed");
    }
    let bomb = bomb.finish().expect("compressed");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let app = App::answering([head.as_bytes(), &bomb].concat());
    let house = super::forwarding_to(&app.url());
    let answer = send(house.addr, &post("/x", &[], b"x"));
    assert!(answer.status == 200 && answer.body == bomb);
}

#[test]
fn a_large_answer_goes_back_whole_and_is_kept_in_part() {
    let body = vec![b'y'; 3 << 20];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let app = App::answering([head.as_bytes(), &body].concat());
    let house = super::forwarding_to(&app.url());
    let answer = send(house.addr, &post("/x", &[], b"x"));
    assert!(answer.status == 200 && answer.body == body);
    let kept = house.answer(1).body.clone();
    assert_eq!((kept.bytes.len(), kept.length_bytes), (1 << 20, 3 << 20));
}

#[test]
fn an_answer_before_the_body_was_taken_goes_back_and_its_connection_is_not_used_again() {
    // It answers at the head of a large body and closes with bytes unread.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 1000]);
            let _ = stream.write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.shutdown(std::net::Shutdown::Write);
            // Until the other side gives up: a reset would take the answer with it.
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let mut sink = [0; 65536];
            while matches!(stream.read(&mut sink), Ok(count) if count > 0) {}
        }
    });
    let house = super::forwarding_to(&url);
    for _ in 0..3 {
        assert_eq!(send(house.addr, &post("/x", &[], &vec![b'x'; 5 << 20])).status, 413);
    }
}
