//! Windows and memory: streams of a connection share both, and none may starve another.

use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

use hooksight::domain::exchange::Mark;
use hooksight::domain::reply::Reply;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{house_with, replying, run, until};

use super::*;

const BODY_BYTES: usize = 1024 * 1024;

/// Memory for one large body at a time.
fn narrow() -> ListenerLimits {
    ListenerLimits { body_bytes: BODY_BYTES as u64, bodies_bytes: 1024 * 1024, ..ListenerLimits::default() }
}

#[test]
fn large_bodies_side_by_side_all_come_through_although_one_at_a_time_has_memory() {
    let house = house_with(narrow(), Default::default(), StoreLimits::default());
    run(async {
        let stream = tokio::net::TcpStream::connect(house.addr).await.unwrap();
        let (client, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut answers = Vec::new();
        for number in 0..8u8 {
            let mut client = client.clone();
            answers.push(tokio::spawn(async move {
                let body = Full::new(bytes::Bytes::from(vec![number; BODY_BYTES])).boxed();
                let request = http::Request::post(format!("http://a/{number}")).body(body).unwrap();
                client.send_request(request).await.unwrap().status()
            }));
        }
        for answer in answers {
            // One that starved behind another would be given up after 30 s.
            assert_eq!(answer.await.unwrap(), 200);
        }
    });
    for id in 1..=8 {
        let request = house.request(id);
        assert!(request.is_whole(), "{:?}", request.marks);
        let number: u8 = std::str::from_utf8(&request.target[1..]).unwrap().parse().unwrap();
        assert_eq!(request.body.bytes.len(), BODY_BYTES);
        assert!(request.body.bytes.iter().all(|byte| *byte == number));
    }
}

#[test]
fn a_request_that_is_reset_while_it_waits_for_memory_is_a_row() {
    let house = house_with(narrow(), Default::default(), StoreLimits::default());
    let mut sender = Sender::with_settings(&house);
    let declared = |stream| frame(HEADERS, END_HEADERS, stream, &good_block(&[("content-length", "1000000")]));
    sender.write(&[declared(1), frame(DATA, 0, 1, b"1"), declared(3), frame(DATA, 0, 3, b"3")].concat());
    assert!(sender.answers_a_ping());
    sender.write(&frame(RST_STREAM, 0, 3, &[0, 0, 0, 8]));
    let request = house.request(1);
    let [Mark::Incomplete { reason }] = &request.marks[..] else { panic!("{:?}", request.marks) };
    assert!(reason.contains("the sender reset the stream (CANCEL)"), "{reason}");
    assert_eq!(request.target, "/hostile");
    drop(sender);
    until("the other one too", || house.store.request(hooksight::domain::exchange::ExchangeId(2)).ok());
}

#[test]
fn of_too_many_bodies_that_wait_for_memory_some_are_turned_away() {
    // Each holds up to a window of its connection: nothing else bounds those.
    let mut house = house_with(narrow(), Default::default(), StoreLimits::default());
    let declared = |stream| frame(HEADERS, END_HEADERS, stream, &good_block(&[("content-length", "1000000")]));
    let hundred: Vec<u8> = (0..100).flat_map(|number| declared(number * 2 + 1)).collect();
    let mut senders = [Sender::with_settings(&house), Sender::with_settings(&house)];
    for sender in &mut senders {
        sender.write(&hundred);
        assert!(sender.answers_a_ping());
    }
    // Four have memory for their beginnings, one of them for all of it; 128 may wait.
    let turned_away = || (house.store.last_id().0 >= 200 - 128 - 4).then_some(());
    until("those over the limit have their answer", turned_away);
    serves(&house, "many that wait");
    drop(senders);
    until("both are over", || (house.listener.as_ref()?.connections() == 0).then_some(()));
    house.stop();
    let rows = house.store.last_id().0;
    assert_eq!(rows, 201, "each is a row");
    let crowded = (1..=rows).filter(|id| {
        let request = house.request(*id);
        matches!(&request.marks[..], [Mark::Incomplete { reason }] if reason.contains("too many waited"))
    });
    assert!((60..=80).contains(&crowded.count()));
}

/// What was made for one request stands in memory until its sender takes it, and of an HTTP/2 connection there may be a hundred.
#[test]
fn small_answers_that_were_made_for_their_request_and_that_nobody_takes_have_a_bound() {
    let text = format!("200 template='{}{{{{ request.path }}}}'", "x".repeat(15_000));
    // A quarter of it for small ones: 17 and the one that each connection has for nothing.
    let limits = ListenerLimits { bodies_bytes: 1024 * 1024, body_bytes: 1024, ..ListenerLimits::default() };
    let house = house_with(limits, replying(Reply::parse(&text).unwrap()), StoreLimits::default());
    let closed_window = [&[0, 4][..], &0u32.to_be_bytes()].concat();
    let mut sender = Sender::new(&house);
    sender.write(&frame(SETTINGS, 0, 0, &closed_window));
    sender.write(&(0..100).flat_map(|number| whole(number * 2 + 1)).collect::<Vec<u8>>());
    let (mut taken, mut refused) = (0, 0);
    while taken + refused < 100 {
        let head = sender.until(|frame| frame.kind == HEADERS);
        // RFC 7541 appendix A: `:status: 200`.
        if head.payload[0] == 0x88 { taken += 1 } else { refused += 1 }
    }
    assert!((1..=18).contains(&taken), "{taken} of {} KiB together are held, {refused} refused", taken * 15);
    serves(&house, "answers that nobody takes");
}

/// Each connection may bring some KiB without a share of the memory for bodies: a small request does not wait behind others.
#[test]
fn a_small_request_comes_through_while_others_have_all_the_memory_for_bodies() {
    let house = house_with(narrow(), Default::default(), StoreLimits::default());
    let mut crowd = [Sender::with_settings(&house), Sender::with_settings(&house)];
    for sender in &mut crowd {
        // More than a place for small bodies holds for nothing.
        let begun =
            |stream| [open(stream), frame(DATA, 0, stream, &[b'x'; 16_000]), frame(DATA, 0, stream, b"x")].concat();
        sender.write(&(0..100).flat_map(|number| begun(number * 2 + 1)).collect::<Vec<u8>>());
        assert!(sender.answers_a_ping());
    }
    until("some had to be turned away", || (house.store.last_id().0 > 0).then_some(()));
    for (lines, body) in [(&[][..], &b"ok"[..]), (&[("content-length", "3000")], &[b'y'; 3000]), (&[], &[b'y'; 3000])] {
        let mut sender = Sender::with_settings(&house);
        let head = frame(HEADERS, END_HEADERS, 1, &good_block(lines));
        let asked = Instant::now();
        sender.write(&[head, frame(DATA, END_STREAM, 1, body)].concat());
        let answer = sender.until(|frame| frame.kind == HEADERS);
        assert_eq!(answer.payload[0], 0x88, "{} bytes", body.len());
        assert!(asked.elapsed() < Duration::from_millis(700), "{:?}", asked.elapsed());
    }
}
