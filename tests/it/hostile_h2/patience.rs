//! Senders that take their time: none keeps its connection for ever.

use hooksight::domain::exchange::{AnswerOutcome, Mark};
use hooksight::domain::reply::Reply;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{House, house_with, replying};

use super::*;

const SHORT: Duration = Duration::from_millis(300);
/// Not reached by anything here.
const LONG: Duration = Duration::from_secs(600);

/// Only the head's time is short.
fn heads() -> ListenerLimits {
    ListenerLimits { head_timeout: SHORT, keep_alive_timeout: LONG, ..ListenerLimits::default() }
}

fn held_for_long() -> Reply {
    Reply { delay_ms: 600_000, ..Reply::default() }
}

/// Sends `bytes`, then `drip` every 20 ms, until the listener hangs up.
fn drip(house: &House, bytes: &[u8], drip: &[u8]) -> Option<u32> {
    let mut sender = Sender::with_settings(house);
    sender.write(bytes);
    let begun = Instant::now();
    sender.stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let (mut heard, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        assert!(begun.elapsed() < Duration::from_secs(8), "still open");
        match sender.stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => heard.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            // A listener that hung up is found by the next read.
            Err(_) => drop(sender.stream.write_all(drip)),
        }
    }
    sender.heard = heard;
    sender.stream.shutdown(std::net::Shutdown::Both).ok();
    sender.end()
}

#[test]
fn who_says_nothing_or_only_half_a_head_is_closed_with_a_good_bye() {
    let house = house_with(heads(), replying(held_for_long()), StoreLimits::default());
    let half = frame(HEADERS, 0, 1, &good_block(&[]));
    let begun = frame(HEADERS, 0, 3, &good_block(&[]));
    let continued = frame(CONTINUATION, 0, 3, &[]);
    let cases: [(&str, &[u8], &[u8]); 6] = [
        ("settings only", &[], &[]),
        ("half of a frame", &[0, 0], &[]),
        ("half of a header block", &half, &[]),
        ("half of a header block while a request waits for its answer", &[whole(1), begun.clone()].concat(), &[]),
        ("a ping now and then", &[], &frame(PING, 0, 0, &[0; 8])),
        ("a header block byte by byte while a request waits", &[whole(1), begun[..9].to_vec()].concat(), &begun[9..10]),
    ];
    for (name, bytes, drop_by_drop) in cases {
        assert_eq!(drip(&house, bytes, drop_by_drop), Some(NO_ERROR), "{name}");
        serves_another(&house);
    }
    let _ = continued;
}

/// The answer of this listener is held for long: who is heard at all is enough.
fn serves_another(house: &House) {
    let before = house.store.last_id();
    let mut stream = house.connect();
    stream.write_all(b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    crate::capture_harness::until("the next one is heard", || (house.store.last_id() > before).then_some(()));
}

#[test]
fn half_a_head_is_shown_as_far_as_it_came() {
    let house = house_with(heads(), Default::default(), StoreLimits::default());
    assert_eq!(drip(&house, &frame(HEADERS, 0, 1, &good_block(&[])), &[]), Some(NO_ERROR));
    let request = house.request(1);
    assert_eq!(request.target, "/hostile");
    let reason = request.refused().unwrap();
    assert!(reason.contains("the header block is not whole"), "{reason}");
}

#[test]
fn an_idle_connection_is_closed_with_a_good_bye_whatever_it_pings() {
    let limits = ListenerLimits { keep_alive_timeout: SHORT, ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    assert_eq!(drip(&house, &whole(1), &frame(PING, 0, 0, &[0; 8])), Some(NO_ERROR));
    assert!(house.request(1).is_whole());
}

#[test]
fn a_listener_that_stops_says_good_bye() {
    let mut house = house_with(ListenerLimits::default(), Default::default(), StoreLimits::default());
    let mut sender = Sender::with_settings(&house);
    sender.write(&whole(1));
    sender.until(|frame| frame.kind == HEADERS);
    let stopping = house.listener.take().unwrap();
    let stopped = std::thread::spawn(move || stopping.shutdown(Duration::from_secs(2)));
    assert_eq!(sender.end(), Some(NO_ERROR));
    stopped.join().unwrap();
}

#[test]
fn an_answer_that_nobody_takes_is_given_up() {
    let limits = ListenerLimits { write_timeout: SHORT, ..ListenerLimits::default() };
    let large = Reply { body: vec![b'x'; 200_000].into(), ..Reply::default() };
    let house = house_with(limits, replying(large), StoreLimits::default());
    let shut = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let by_a_byte = frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]);
    for (number, opening) in (1..).zip([&[][..], &by_a_byte]) {
        drip(&house, &[shut.clone(), whole(1)].concat(), opening);
        assert!(house.request(number).is_whole());
        assert_eq!(house.answer(number).outcome, AnswerOutcome::Unread, "{opening:?}");
    }
}

#[test]
fn slow_bodies_end_each_for_itself() {
    let limits = ListenerLimits { body_timeout: Duration::from_millis(500), ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    let mut sender = Sender::with_settings(&house);
    let streams = [1, 3, 5, 7];
    sender.write(&streams.map(open).concat());
    let begun = Instant::now();
    // The pace of the sender: faster would be a flood.
    let (_never, tick) = std::sync::mpsc::channel::<()>();
    while house.store.last_id().0 < 4 {
        assert!(begun.elapsed() < Duration::from_secs(8));
        sender.write(&streams.map(|stream| frame(DATA, 0, stream, b"x")).concat());
        let _ = tick.recv_timeout(Duration::from_millis(50));
    }
    for id in 1..=4 {
        let marks = house.request(id).marks.clone();
        assert!(
            matches!(&marks[..], [Mark::Incomplete { reason }] if reason.contains("time limit")),
            "{id}: {marks:?}"
        );
    }
    sender.write(&whole(9));
    sender.until(|frame| frame.kind == HEADERS && frame.stream == 9);
}

#[test]
fn who_waits_for_a_word_gets_it_and_who_declares_too_much_gets_none() {
    let limits = ListenerLimits { body_bytes: 1000, ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    let mut sender = Sender::with_settings(&house);
    let expecting = |stream, length| {
        frame(HEADERS, END_HEADERS, stream, &good_block(&[("expect", "100-continue"), ("content-length", length)]))
    };
    sender.write(&expecting(1, "4"));
    let go_on = sender.until(|frame| frame.kind == HEADERS);
    assert_eq!((go_on.flags & END_STREAM, &go_on.payload[..]), (0, &b"\x08\x03100"[..]));
    sender.write(&frame(DATA, END_STREAM, 1, b"body"));
    let answer = sender.until(|frame| frame.kind == HEADERS);
    assert_eq!((answer.flags & END_STREAM, answer.payload[0]), (END_STREAM, 0x88), ":status 200");
    sender.write(&expecting(3, "4000"));
    let answer = sender.until(|frame| frame.kind == HEADERS);
    assert_eq!((answer.stream, answer.flags & END_STREAM), (3, END_STREAM));
    assert_eq!(house.request(1).body.bytes, "body");
    assert_eq!(house.answer(2).status, Some(413));
}
