//! Limits: what goes over them is answered, kept as far as it came, and marked.

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId, Mark};
use hooksight::domain::reply::ReplyRules;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{DEADLINE, House, house_with, read_all, read_until, until};

fn limited(limits: ListenerLimits) -> House {
    house_with(limits, ReplyRules::default(), StoreLimits::default())
}

fn body_limit(body_bytes: u64) -> House {
    limited(ListenerLimits { body_bytes, ..ListenerLimits::default() })
}

#[test]
fn a_sender_that_asks_first_gets_413_before_its_body() {
    let house = body_limit(1000);
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n").unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413"), "no 100 Continue: {answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    let request = house.request(1);
    assert_eq!(request.marks, [Mark::Truncated { limit_bytes: 1000 }]);
    assert_eq!((request.body.length_bytes, request.body.bytes.len()), (1001, 0));
    assert_eq!(house.answer(1).rule, "body limit");
}

#[test]
fn of_a_declared_body_over_the_limit_what_fits_is_kept_and_then_it_gets_413() {
    let house = body_limit(100_000);
    let body: Vec<u8> = (0..300_000u32).map(|at| (at % 251) as u8).collect();
    // The second sender stops at the limit: it is answered without another byte.
    for (number, sent) in [(1, 300_000), (2, 100_000)] {
        let head = b"POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n";
        let answer = house.send(&[head, &body[..sent]].concat());
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        let request = house.request(number);
        assert_eq!(request.marks, [Mark::Truncated { limit_bytes: 100_000 }]);
        assert_eq!(request.body.length_bytes, 300_000);
        assert!(request.body.bytes == body[..100_000], "{} bytes are kept", request.body.bytes.len());
    }
}

#[test]
fn a_declared_body_over_the_limit_that_stalls_before_it_is_answered_and_kept() {
    let limits =
        ListenerLimits { body_bytes: 1000, body_idle_timeout: Duration::from_millis(200), ..Default::default() };
    let house = limited(limits);
    let answer = house.send(b"POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\nabc");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(house.request(1).body.bytes, "abc");
}

#[test]
fn a_body_at_the_limit_is_whole() {
    let house = body_limit(1000);
    let head = "POST / HTTP/1.1\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n";
    assert!(house.send(format!("{head}{}", "x".repeat(1000)).as_bytes()).starts_with("HTTP/1.1 200"));
    assert!(house.request(1).is_whole());
}

#[test]
fn chunks_that_pass_the_limit_get_413_and_what_came_is_kept() {
    let house = body_limit(100_000);
    let mut bytes = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..30 {
        bytes.extend_from_slice(b"2710\r\n");
        bytes.extend_from_slice(&[b'y'; 10_000]);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let answer = house.send(&bytes);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let request = house.request(1);
    assert_eq!(request.marks, [Mark::Truncated { limit_bytes: 100_000 }]);
    assert_eq!(request.body.bytes.len(), 100_000);
    assert!(request.body.length_bytes > 100_000);
}

#[test]
fn a_sender_that_writes_everything_before_it_reads_can_read_the_413() {
    let house = body_limit(1000);
    for head in ["Content-Length: 8000000", "Transfer-Encoding: chunked"] {
        let mut stream = house.connect();
        stream.write_all(format!("POST / HTTP/1.1\r\n{head}\r\n\r\n7a1200\r\n").as_bytes()).unwrap();
        let piece = vec![b'z'; 100_000];
        for _ in 0..79 {
            stream.write_all(&piece).unwrap();
        }
        assert!(read_all(&mut stream).starts_with("HTTP/1.1 413"), "{head}");
    }
}

#[test]
fn a_slow_head_is_closed_and_shown_and_a_silent_connection_only_closed() {
    let limits = ListenerLimits { head_timeout: Duration::from_millis(300), ..ListenerLimits::default() };
    let house = limited(limits);
    let mut silent = house.connect();
    let mut slow = house.connect();
    slow.write_all(b"POST /slow HTTP/1.1\r\nA: ").unwrap();
    let begun = Instant::now();
    // Bytes that drip in do not prolong it. They drip: as a flood they would reach the limit on the head's size first.
    slow.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let error = loop {
        assert!(begun.elapsed() < DEADLINE);
        let _ = slow.peek(&mut [0]);
        if let Err(error) = slow.write_all(b"x") {
            break error;
        }
    };
    assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
    let request = house.request(1);
    assert_eq!(request.target, "/slow");
    assert!(request.refused().unwrap().contains("time limit"), "{:?}", request.marks);
    assert_eq!(read_all(&mut silent), "");
    assert_eq!(house.store.last_id(), ExchangeId(1));
}

#[test]
fn a_preface_that_drips_in_does_not_get_the_time_twice() {
    let limits = ListenerLimits { head_timeout: Duration::from_secs(1), ..ListenerLimits::default() };
    let house = limited(limits);
    let mut stream = house.connect();
    let begun = Instant::now();
    stream.write_all(b"PRI * HTTP").unwrap();
    assert!(read_all(&mut stream).is_empty());
    assert!(begun.elapsed() < Duration::from_millis(1800), "closed after {:?}", begun.elapsed());
}

#[test]
fn a_slow_head_on_a_connection_that_served_before_is_closed_too() {
    let limits = ListenerLimits { head_timeout: Duration::from_millis(300), ..ListenerLimits::default() };
    let house = limited(limits);
    let mut stream = house.connect();
    stream.write_all(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTT").unwrap();
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 200"));
    assert!(house.request(2).refused().unwrap().contains("time limit"));
}

#[test]
fn an_idle_connection_is_closed_without_a_row() {
    let limits = ListenerLimits { keep_alive_timeout: Duration::from_millis(200), ..ListenerLimits::default() };
    let house = limited(limits);
    let mut stream = house.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let begun = Instant::now();
    assert_eq!(read_all(&mut stream).matches("HTTP/1.1").count(), 1);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(house.store.last_id(), ExchangeId(1));
}

#[test]
fn a_body_that_stalls_is_answered_and_kept() {
    let limits = ListenerLimits { body_idle_timeout: Duration::from_millis(200), ..ListenerLimits::default() };
    let house = limited(limits);
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").unwrap();
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 408"));
    let request = house.request(1);
    assert_eq!(request.body.bytes, "abc");
    assert!(matches!(&request.marks[..], [Mark::Incomplete { reason }] if reason.contains("stalled")));
}

#[test]
fn a_head_over_the_limits_is_refused_and_its_start_kept() {
    let house = limited(ListenerLimits { head_bytes: 16 * 1024, header_count: 200, ..ListenerLimits::default() });
    let large = format!("GET /large HTTP/1.1\r\nA: {}", "x".repeat(40_000));
    assert!(house.send(large.as_bytes()).starts_with("HTTP/1.1 431"));
    let request = house.request(1);
    assert!(large.as_bytes().starts_with(request.raw_head.as_deref().unwrap()));
    assert_eq!(request.target, "/large");
    let many = format!("GET /many HTTP/1.1\r\n{}\r\n", "A: 1\r\n".repeat(201));
    assert!(house.send(many.as_bytes()).starts_with("HTTP/1.1 431"));
    assert!(house.request(2).refused().unwrap().contains("header lines"));
    let some = format!("GET /some HTTP/1.1\r\nConnection: close\r\n{}\r\n", "A: 1\r\n".repeat(199));
    assert!(house.send(some.as_bytes()).starts_with("HTTP/1.1 200"));
    assert_eq!(house.request(3).headers.len(), 200);
}

#[test]
fn bodies_over_the_budget_wait_and_all_come_through() {
    let limits = ListenerLimits { bodies_bytes: 1, body_bytes: 200_000, ..ListenerLimits::default() };
    let house = limited(limits);
    let senders: Vec<_> = (0..20)
        .map(|number| {
            let mut stream = house.connect();
            std::thread::spawn(move || {
                let head = match number % 2 {
                    0 => "Content-Length: 150000\r\n\r\n".to_owned(),
                    _ => "Transfer-Encoding: chunked\r\n\r\n249f0\r\n".to_owned(),
                };
                stream.write_all(format!("POST / HTTP/1.1\r\nConnection: close\r\n{head}").as_bytes()).unwrap();
                stream.write_all(&vec![b'x'; 150_000]).unwrap();
                if number % 2 == 1 {
                    stream.write_all(b"\r\n0\r\n\r\n").unwrap();
                }
                read_all(&mut stream)
            })
        })
        .collect();
    for sender in senders {
        assert!(sender.join().unwrap().starts_with("HTTP/1.1 200"));
    }
    for id in 1..=20 {
        let request = house.request(id);
        assert!(request.is_whole());
        assert_eq!(request.body.bytes.len(), 150_000);
        assert_eq!(house.answer(id).outcome, AnswerOutcome::Sent);
    }
}

#[test]
fn many_connections_at_once_are_all_served() {
    let house = limited(ListenerLimits { threads: 3, ..ListenerLimits::default() });
    let mut streams: Vec<_> = (0..200).map(|_| house.connect()).collect();
    for round in 0..3 {
        for stream in &mut streams {
            stream.write_all(format!("GET /{round} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
        }
        for stream in &mut streams {
            read_until(stream, "\r\n\r\n");
        }
    }
    assert_eq!(house.store.last_id(), ExchangeId(600));
    drop(streams);
    let listener = house.listener.as_ref().unwrap();
    until("all are closed", || (listener.connections() == 0).then_some(()));
}
