//! Senders that take their time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, Mark};
use hooksight::domain::reply::{Reply, ReplyRules};
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{House, house_with, read_all, read_until, replying, until};

#[test]
fn a_sender_that_does_not_read_its_answer_is_let_go_and_its_row_says_so() {
    let limits = ListenerLimits { write_timeout: Duration::from_millis(300), ..ListenerLimits::default() };
    // More than the system's buffers take.
    let reply = Reply { body: vec![b'x'; 32 * 1024 * 1024].into(), ..Reply::default() };
    let house = house_with(limits, replying(reply), StoreLimits::default());
    let mut stream = house.connect();
    let begun = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    house.request(1);
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::Unread, Some(200)));
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    let listener = house.listener.as_ref().unwrap();
    until("the connection is closed", || (listener.connections() == 0).then_some(()));
}

/// A byte every 50 ms to each until it is closed, a normal sender served in between.
fn dribble(house: &House, head: &str, count: usize, within: Duration) {
    let mut crowd: Vec<TcpStream> = (0..count).map(|_| house.connect()).collect();
    for stream in &mut crowd {
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
    }
    let begun = Instant::now();
    while !crowd.is_empty() {
        assert!(begun.elapsed() < within, "{} are still open after {:?}", crowd.len(), begun.elapsed());
        let asked = Instant::now();
        let answer = house.send(b"POST /normal HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        crowd.retain_mut(|stream| {
            let closed = matches!(stream.read(&mut [0; 1024]), Ok(0)) || stream.write_all(b"x").is_err();
            !closed
        });
        std::thread::sleep(Duration::from_millis(50)); // the pace of the senders
    }
}

#[test]
fn a_crowd_that_dribbles_is_closed_in_time_and_holds_nobody_up() {
    let limits = ListenerLimits::default();
    assert!(limits.head_timeout <= Duration::from_secs(15) && limits.body_idle_timeout <= Duration::from_secs(30));
    // The same with a second for each.
    let second = Duration::from_secs(1);
    let limits = ListenerLimits { head_timeout: second, body_idle_timeout: second, ..limits };
    let house = house_with(limits, ReplyRules::default(), StoreLimits::default());
    let within = Duration::from_secs(8);
    dribble(&house, "", 200, within);
    dribble(&house, "POST /head HTTP/1.1\r\nA: ", 200, within);
    dribble(&house, "POST /body HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", 200, within);
    let rows: Vec<_> = (1..=house.store.last_id().0).map(|id| house.request(id)).collect();
    let marked = |part: &str| rows.iter().filter(|row| format!("{:?}", row.marks).contains(part)).count();
    // Of those that begin with silence some are closed before their first byte.
    assert!(marked("no whole head came within the time limit") >= 200);
    assert_eq!(marked("the body stalled"), 200);
}

/// More of them than there are places for bodies: each would keep its place for as long as a body may stall.
#[test]
fn bodies_that_fall_silent_keep_nobody_waiting() {
    let begun = |lines: &str, bytes: usize| format!("POST /begun HTTP/1.1\r\n{lines}\r\n\r\n{}", "x".repeat(bytes));
    let crowds = [
        begun("Transfer-Encoding: chunked", 0),
        begun("Content-Length: 65536", 2),
        begun("Content-Length: 65536", 60_000),
        begun("Content-Length: 10485760", 2),
    ];
    for request in crowds {
        let house = house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default());
        let mut crowd: Vec<TcpStream> = (0..400).map(|_| house.connect()).collect();
        for stream in &mut crowd {
            stream.write_all(request.as_bytes()).unwrap();
        }
        for (body_bytes, within) in [(2, 2), (60_000, 10)] {
            let asked = Instant::now();
            let body = "y".repeat(body_bytes);
            let head = format!("POST /normal HTTP/1.1\r\nContent-Length: {body_bytes}\r\nConnection: close\r\n\r\n");
            let answer = house.send(format!("{head}{body}").as_bytes());
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            let within = Duration::from_secs(within);
            assert!(asked.elapsed() < within, "{body_bytes} after {request:.60}: {:?}", asked.elapsed());
        }
    }
}

#[test]
fn a_large_body_gets_the_room_of_one_that_stalls() {
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default());
    let mut crowd: Vec<TcpStream> = (0..8).map(|_| house.connect()).collect();
    for stream in &mut crowd {
        let begun = "x".repeat(20_000);
        stream
            .write_all(format!("POST /stalls HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n{begun}").as_bytes())
            .unwrap();
    }
    let head = "POST /large HTTP/1.1\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n";
    // The first may be faster than those that stall.
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = house.send(format!("{head}{}", "y".repeat(1_000_000)).as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    }
    let rows = (1..=house.store.last_id().0).map(|id| house.request(id));
    let gone = rows.filter(|row| format!("{:?}", row.marks).contains("while others waited for its room")).count();
    assert!((1..=8).contains(&gone), "{gone} had to go");
}

/// Whoever only says how much will come holds no memory for it.
#[test]
fn a_large_body_does_not_wait_behind_many_that_bring_nothing() {
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default());
    let mut crowd: Vec<TcpStream> = (0..80).map(|_| house.connect()).collect();
    for stream in &mut crowd {
        stream.write_all(b"POST /stalls HTTP/1.1\r\nContent-Length: 10000000\r\n\r\nab").unwrap();
    }
    let asked = Instant::now();
    let head = "POST /large HTTP/1.1\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n";
    let answer = house.send(format!("{head}{}", "y".repeat(1_000_000)).as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Four seconds are what a large body may stall while others wait.
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[test]
fn a_body_that_keeps_coming_may_take_longer_than_a_pause() {
    let limits = ListenerLimits { body_idle_timeout: Duration::from_millis(500), ..ListenerLimits::default() };
    let house = house_with(limits, ReplyRules::default(), StoreLimits::default());
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 320000\r\nConnection: close\r\n\r\n").unwrap();
    for _ in 0..10 {
        stream.write_all(&[b'x'; 32_000]).unwrap();
        std::thread::sleep(Duration::from_millis(100)); // the pace of the sender: a second in all
    }
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 200"));
    assert!(house.request(1).is_whole());
}

#[test]
fn what_is_still_coming_when_the_listener_stops_is_kept() {
    let mut house = house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default());
    let mut body = house.connect();
    body.write_all(b"GET / HTTP/1.1\r\n\r\nPOST /body HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").unwrap();
    let mut head = house.connect();
    head.write_all(b"GET / HTTP/1.1\r\n\r\nPOST /head HTTP/1.1\r\nHost").unwrap();
    // What stands behind an answered request in the same packet has come too.
    for stream in [&mut body, &mut head] {
        read_until(stream, "\r\n\r\n");
    }
    house.listener.take().unwrap().shutdown(Duration::from_secs(2));
    let rows: Vec<_> = (1..=house.store.last_id().0).map(|id| house.request(id)).collect();
    let of = |target: &str| rows.iter().find(|row| row.target == target).unwrap_or_else(|| panic!("no row {target}"));
    assert_eq!(of("/body").body.bytes, "abc");
    assert_eq!(of("/body").body.length_bytes, 10);
    let reason = "the listener stopped before the body was whole".to_owned();
    assert_eq!(of("/body").marks, [Mark::Incomplete { reason }]);
    assert!(of("/head").refused().unwrap().contains("the listener stopped"), "{:?}", of("/head").marks);
    assert!(house.file_text().contains("\"target\":\"/body\""));
}
