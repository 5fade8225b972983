//! Requests on the fast lane are kept and answered as those that the HTTP library serves: each is sent on a connection of its
//! own, and again behind a request that is not plain, after which a connection stays with the library.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId, Mark};
use hooksight::domain::headers::Headers;
use hooksight::domain::reply::{Reply, ReplyRules};
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;
use proptest::prelude::*;
use serde_json::Value;

use crate::capture_harness::{House, house_with, read_all, read_until, replying, until};

/// Sends an HTTP/1.1 connection to the library.
const NOT_PLAIN: &[u8] = b"POST /first HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

/// What became of bytes: the answers without their dates, and the rows without numbers, times and addresses.
#[derive(Debug, PartialEq)]
struct Outcome {
    answers: String,
    rows: Vec<Value>,
}

/// Sends these pieces, closes its half and reads all answers.
fn outcome(house: &House, pieces: &[&[u8]], by_the_library: bool) -> Outcome {
    let before = house.store.last_id().0;
    house.store.flush();
    let written_bytes = house.file_text().len();
    let mut stream = house.connect();
    stream.set_nodelay(true).unwrap();
    let mut skipped = 0;
    if by_the_library {
        stream.write_all(NOT_PLAIN).unwrap();
        let mut text = read_until(&mut stream, "\r\n\r\n");
        if let Some(length) = text.split("content-length: ").nth(1) {
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            text.push_str(&String::from_utf8_lossy(&body));
        }
        skipped = 1;
    }
    for piece in pieces {
        // The listener may have heard enough before.
        let _ = stream.write_all(piece);
    }
    let _ = stream.shutdown(Shutdown::Write);
    let answers = undated(&read_all(&mut stream));
    until("the connection is over", || (house.listener.as_ref()?.connections() == 0).then_some(()));
    house.store.flush();
    let text = house.file_text();
    let rows = text[written_bytes..].lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows = rows.filter(|row| {
        let number = row.get("id").or_else(|| row.get("exchange")).and_then(Value::as_u64);
        number.is_some_and(|number| number > before + skipped)
    });
    let rows = rows.map(|row| unnumbered(row, before + skipped)).collect();
    Outcome { answers, rows }
}

fn undated(text: &str) -> String {
    let lines = text.split_inclusive("\r\n");
    lines.map(|line| if line.starts_with("date: ") { "date: now\r\n" } else { line }).collect()
}

/// What differs from one request to the next is taken out: numbers are counted from `base`, times and the port go.
fn unnumbered(mut row: Value, base: u64) -> Value {
    for (name, value) in row.as_object_mut().unwrap() {
        let is_number = matches!(name.as_str(), "id" | "exchange");
        if let (true, Some(number)) = (is_number, value.as_u64()) {
            *value = (number - base).into();
        } else if ["at", "peer", "begun", "done", "first_byte", "body_complete_us", "time"].contains(&name.as_str())
            || name.ends_with("_us")
        {
            *value = Value::Bool(!value.is_null());
        }
    }
    row
}

#[track_caller]
fn is_the_same_on_both_ways(house: &House, pieces: &[&[u8]]) -> Outcome {
    let (lane, library) = (outcome(house, pieces, false), outcome(house, pieces, true));
    let said: Vec<_> = pieces.iter().map(|piece| String::from_utf8_lossy(piece)).collect();
    assert!(lane == library, "{said:?}: on the lane {lane:#?}\nby the library {library:#?}");
    lane
}

/// In one piece, and in two. What is refused or closed early depends on what has come until then: not in pieces.
#[track_caller]
fn is_the_same_in_pieces_too(house: &House, bytes: &[u8], cut: usize) {
    let whole = is_the_same_on_both_ways(house, &[bytes]);
    let goes_on =
        !whole.answers.contains("connection: close") && !whole.rows.iter().any(|row| row.get("marks").is_some());
    if goes_on {
        let (start, end) = bytes.split_at(cut.min(bytes.len()));
        is_the_same_on_both_ways(house, &[start, end]);
    }
}

fn replies() -> Vec<Reply> {
    let headers = |pairs: &[(&str, &str)]| Headers::from_pairs(pairs.iter().copied());
    vec![
        Reply::default(),
        Reply {
            status: 201,
            body: "made".into(),
            headers: headers(&[("X-A", "1"), ("Content-Type", "text/plain")]),
            ..Reply::default()
        },
        Reply { status: 204, ..Reply::default() },
        Reply { status: 304, headers: headers(&[("ETag", "\"a\"")]), ..Reply::default() },
        Reply { status: 599, body: "x".into(), ..Reply::default() },
        Reply { headers: headers(&[("Set-Cookie", "a=1"), ("X", "y"), ("set-cookie", "b=2")]), ..Reply::default() },
        Reply {
            headers: headers(&[("Content-Length", "9"), ("Keep-Alive", "timeout=5")]),
            body: "ab".into(),
            ..Reply::default()
        },
        Reply {
            status: 503,
            headers: headers(&[("Retry-After", "3")]),
            body: vec![b'x'; 40_000].into(),
            ..Reply::default()
        },
    ]
}

const HEADS: [&str; 12] = [
    "POST /hook?a=1 HTTP/1.1\r\nHost: a\r\nX-Dup: 1\r\nx-dup: 2\r\nContent-Length: 5\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    "PUT /a HTTP/1.1\r\nHost:b\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\nContent-Length: 5\n\n",
    "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    "POST /\u{9b} HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
    "no request\r\n\r\n",
];

#[test]
fn a_request_is_kept_and_answered_the_same_on_both_ways() {
    for reply in replies() {
        let house = house_with(ListenerLimits::default(), replying(reply), StoreLimits::default());
        for head in HEADS {
            let whole = [head.as_bytes(), b"hello"].concat();
            is_the_same_in_pieces_too(&house, &whole, head.len());
        }
    }
}

#[test]
fn a_reply_that_closes_the_connection_does() {
    let headers = Headers::from_pairs([("Connection", "close")]);
    let house =
        house_with(ListenerLimits::default(), replying(Reply { headers, ..Reply::default() }), StoreLimits::default());
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\n\r\n").unwrap();
    assert!(read_all(&mut stream).contains("connection: close\r\n"));
}

#[test]
fn pieces_and_company_make_no_difference() {
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default());
    let body = "b".repeat(60_000);
    let large = format!("POST /large HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let (start, end) = large.as_bytes().split_at(30_000);
    is_the_same_on_both_ways(&house, &[start, end]);
    let one = b"POST /one HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";
    let bytes: Vec<&[u8]> = one.chunks(1).collect();
    is_the_same_on_both_ways(&house, &bytes);
    is_the_same_on_both_ways(&house, &[&[&one[..], one, b"\r\n", one].concat()]);
    is_the_same_on_both_ways(&house, &[&[&one[..], b"\r\n"].concat()]);
    is_the_same_on_both_ways(&house, &[&[&one[..], b"GET /half"].concat()]);
    is_the_same_on_both_ways(&house, &[one, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]);
}

proptest! {
    #[test]
    fn nor_does_anything_that_somebody_may_send(
        base in prop::sample::select(HEADS.to_vec()),
        edits in prop::collection::vec((0_usize..90, prop::sample::select(vec![
            "", "\r\n", "\n", " ", ":", "9", "\0", "Expect: 100-continue\r\n", "Connection: close\r\n", "/", "?",
            "GET / HTTP/1.1\r\n\r\n",
        ]), 0_usize..3), 1..3),
        cut in 0_usize..120,
    ) {
        let mut bytes = [base.as_bytes(), b"hello"].concat();
        for (at, insert, remove) in edits {
            let at = at.min(bytes.len());
            let end = (at + remove).min(bytes.len());
            bytes.splice(at..end, insert.bytes());
        }
        HOUSE.with_borrow_mut(|house| {
            // What was kept is read again each time.
            if house.store.last_id().0 > 500 {
                *house = plain_house();
            }
            is_the_same_in_pieces_too(house, &bytes, cut);
        });
    }
}

thread_local! {
    static HOUSE: RefCell<House> = RefCell::new(plain_house());
}

fn plain_house() -> House {
    house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default())
}

#[test]
fn many_requests_on_one_connection_each_have_their_own() {
    let house = house_with(
        ListenerLimits::default(),
        replying(Reply { body: "ok".into(), ..Reply::default() }),
        StoreLimits::default(),
    );
    let mut stream = house.connect();
    for number in 1..=50_u64 {
        let body = "x".repeat(number as usize * 40);
        write!(stream, "POST /{number} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let answer = read_until(&mut stream, "\r\n\r\nok");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ndate: "), "{answer}");
        let request = house.request(number);
        assert_eq!((&request.target[..], &request.body.bytes[..]), (format!("/{number}").as_bytes(), body.as_bytes()));
        let answer = house.answer(number);
        assert_eq!((answer.status, answer.outcome), (Some(200), AnswerOutcome::Sent));
        assert!(answer.begun.is_some_and(|begun| begun >= request.first_byte && answer.done >= begun));
    }
}

#[test]
fn a_change_of_the_reply_counts_for_connections_that_are_open() {
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default());
    let mut stream = house.connect();
    let mut status = || {
        stream.write_all(b"POST / HTTP/1.1\r\n\r\n").unwrap();
        read_until(&mut stream, "\r\n\r\n").lines().next().unwrap().to_owned()
    };
    assert_eq!(status(), "HTTP/1.1 200 OK");
    house.replies.set(replying(Reply { status: 418, ..Reply::default() }));
    assert_eq!(status(), "HTTP/1.1 418 I'm a teapot");
    // Not for this lane.
    house.replies.set(replying(Reply { status: 204, ..Reply::default() }));
    assert_eq!(status(), "HTTP/1.1 204 No Content");
    house.replies.set(replying(Reply { status: 500, ..Reply::default() }));
    assert_eq!(status(), "HTTP/1.1 500 Internal Server Error");
    assert_eq!(house.store.last_id(), ExchangeId(4));
}

/// A listener of one thread: what was sent before something that is answered has been read.
fn one_thread(limits: ListenerLimits) -> House {
    house_with(ListenerLimits { threads: 1, ..limits }, ReplyRules::default(), StoreLimits::default())
}

fn begin_body(house: &House) -> TcpStream {
    let mut stream = house.connect();
    stream.write_all(b"POST /body HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").unwrap();
    let mut other = house.connect();
    other.write_all(b"POST /other HTTP/1.1\r\n\r\n").unwrap();
    read_until(&mut other, "\r\n\r\n");
    stream
}

#[test]
fn a_body_that_is_coming_when_the_listener_stops_is_kept() {
    let mut house = one_thread(ListenerLimits::default());
    let stream = begin_body(&house);
    house.listener.take().unwrap().shutdown(Duration::from_millis(50));
    let request = house.request(2);
    assert_eq!((&request.body.bytes[..], request.body.length_bytes), (&b"abc"[..], 10));
    let reason = "the listener stopped before the body was whole".to_owned();
    assert_eq!(request.marks, [Mark::Incomplete { reason }]);
    assert_eq!(house.answer(2).outcome, AnswerOutcome::SenderLeft);
    drop(stream);
}

#[test]
fn a_body_whose_sender_leaves_is_kept() {
    let house = one_thread(ListenerLimits::default());
    drop(begin_body(&house));
    let request = house.request(2);
    assert_eq!((&request.target[..], &request.body.bytes[..]), (&b"/body"[..], &b"abc"[..]));
    assert!(matches!(&request.marks[..], [Mark::Incomplete { .. }]), "{:?}", request.marks);
}

#[test]
fn a_body_that_stalls_is_over_in_time() {
    let limits = ListenerLimits { body_idle_timeout: Duration::from_millis(100), ..ListenerLimits::default() };
    let house = one_thread(limits);
    let begun = Instant::now();
    let mut stream = begin_body(&house);
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 408 "));
    assert!(begun.elapsed() < Duration::from_secs(1), "the lane adds next to nothing to the limit");
    assert_eq!(house.request(2).body.bytes, "abc");
}

#[test]
fn a_body_for_which_there_is_no_memory_waits() {
    // Room for one small body that is not whole.
    let limits = ListenerLimits { bodies_bytes: 256 * 1024, body_bytes: 64 * 1024, ..ListenerLimits::default() };
    let house = one_thread(limits);
    let body = vec![b'x'; 64 * 1024];
    let begin = |target: &str| {
        let mut stream = house.connect();
        write!(stream, "POST /{target} HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(&body[..1000]).unwrap();
        stream
    };
    let (mut first, mut second) = (begin("1"), begin("2"));
    let mut other = house.connect();
    other.write_all(b"POST /other HTTP/1.1\r\n\r\n").unwrap();
    read_until(&mut other, "\r\n\r\n");
    for stream in [&mut first, &mut second] {
        stream.write_all(&body[1000..]).unwrap();
        read_until(stream, "\r\n\r\n");
    }
    for id in [2, 3] {
        assert_eq!(house.request(id).body.bytes, body);
    }
}

#[test]
fn a_sender_that_reads_nothing_is_left_in_time() {
    let reply = Reply { body: vec![b'x'; 30_000].into(), ..Reply::default() };
    let limits = ListenerLimits { write_timeout: Duration::from_millis(200), ..ListenerLimits::default() };
    let house = house_with(limits, replying(reply), StoreLimits::default());
    let mut stream = house.connect();
    stream.set_nonblocking(true).unwrap();
    // One after the other, so that none comes behind another in one read.
    let unread = until("an answer that is not taken", || {
        let before = house.store.last_id().0;
        let sent = stream.write(b"POST / HTTP/1.1\r\n\r\n");
        if matches!(&sent, Err(error) if error.kind() != std::io::ErrorKind::WouldBlock) {
            return (1..=before)
                .rev()
                .map(|id| house.exchange(id))
                .find_map(|exchange| exchange.answer.filter(|answer| answer.outcome == AnswerOutcome::Unread));
        }
        if sent.is_ok() {
            until("the request is kept or the connection is over", || {
                let is_over = house.listener.as_ref()?.connections() == 0;
                (is_over || house.store.last_id().0 > before).then_some(())
            });
        }
        None
    });
    assert_eq!(unread.status, Some(200));
}
