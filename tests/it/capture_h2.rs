//! Cleartext HTTP/2, with a real client.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId, HttpVersion, Mark};
use hooksight::domain::reply::{Fault, Reply};
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{DEADLINE, House, house, house_with, pairs, replying, run};

type Client = hyper::client::conn::http2::SendRequest<BoxBody<Bytes, std::convert::Infallible>>;

async fn client(house: &House) -> Client {
    let stream = tokio::net::TcpStream::connect(house.addr).await.unwrap();
    let (client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

fn full(bytes: impl Into<Bytes>) -> BoxBody<Bytes, std::convert::Infallible> {
    Full::new(bytes.into()).boxed()
}

#[test]
fn fields_are_in_the_order_in_which_they_were_sent_with_duplicates() {
    let house = house();
    run(async {
        let mut client = client(&house).await;
        for number in 1..=3 {
            let request = http::Request::post(format!("http://example.com/h2/{number}?q=%20"))
                .header("x-dup", "1")
                .header("user-agent", "t")
                .header("x-dup", "2")
                .header("x-dup", "2")
                .header("cookie", "a=1")
                .header("cookie", "b=2")
                .body(full("hello"))
                .unwrap();
            let answer = client.send_request(request).await.unwrap();
            assert_eq!(answer.status(), 200);
        }
    });
    for number in 1..=3 {
        let request = house.request(number);
        assert_eq!(request.version, HttpVersion::Http2);
        assert_eq!(request.target, format!("/h2/{number}?q=%20"));
        let sent = pairs(&request.headers);
        let values: Vec<&str> = sent.iter().filter(|(name, _)| name == "x-dup").map(|(_, value)| &value[..]).collect();
        assert_eq!(values, ["1", "2", "2"]);
        assert_eq!(sent.iter().filter(|(name, _)| name == "cookie").count(), 2);
        assert_eq!(
            pairs(&request.pseudo),
            [(":scheme", "http"), (":authority", "example.com")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert_eq!(request.body.bytes, "hello");
        assert_eq!(house.answer(number).outcome, AnswerOutcome::Sent);
    }
}

#[test]
fn raw_frames_show_an_order_that_no_map_keeps() {
    // A header block written by hand: fields of one name with others in between, never indexed, without Huffman.
    let house = house();
    let fields: [(&[u8], &[u8]); 8] = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", b"/raw"),
        (b":authority", b"a"),
        (b"b", b"1"),
        (b"a", b"x"),
        (b"b", b"2"),
        (b"a", b"\xffy"),
    ];
    let block = block(&fields);
    let (first, second) = block.split_at(11);
    let mut padded = vec![3];
    padded.extend_from_slice(&[0, 0, 0, 0, 9]);
    padded.extend_from_slice(first);
    padded.extend_from_slice(&[0; 3]);
    let trailer = b"\x10\x01t\x01v";
    let bytes = [
        PREFACE.to_vec(),
        frame(4, 0, 0, &[]),
        frame(1, 0x8 | 0x20, 1, &padded),
        frame(9, 0x4, 1, second),
        frame(0, 0x8, 1, b"\x02body..."[..7].as_ref()),
        frame(1, 0x4 | 0x1, 1, trailer),
    ]
    .concat();
    let mut stream = house.connect();
    for piece in bytes.chunks(7) {
        std::io::Write::write_all(&mut stream, piece).unwrap();
    }
    let request = house.request(1);
    let expected = [("b", "1"), ("a", "x"), ("b", "2"), ("a", "\u{fffd}y")];
    assert_eq!(pairs(&request.headers), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(request.headers.get_all("a").nth(1), Some(&b"\xffy"[..]));
    assert_eq!(request.body.bytes, "body");
    assert_eq!(pairs(&request.trailers), [("t".to_owned(), "v".to_owned())]);
}

#[test]
fn streams_at_the_same_time_keep_their_own_heads_and_trailers() {
    let house = house();
    run(async {
        let client = client(&house).await;
        let mut waiting = Vec::new();
        for number in 0..50 {
            let mut client = client.clone();
            waiting.push(tokio::spawn(async move {
                let mut trailers = http::HeaderMap::new();
                trailers.insert("x-sum", http::HeaderValue::from(number));
                let frames = [Ok(Frame::data(Bytes::from(vec![b'x'; 30_000]))), Ok(Frame::trailers(trailers))];
                let request = http::Request::put(format!("http://a/{}", number / 2))
                    .header("x-number", number)
                    .body(BodyExt::boxed(StreamBody::new(futures_util::stream::iter(frames))))
                    .unwrap();
                client.send_request(request).await.unwrap().status()
            }));
        }
        for answer in waiting {
            assert_eq!(answer.await.unwrap(), 200);
        }
    });
    assert_eq!(house.store.last_id(), ExchangeId(50));
    let mut seen = Vec::new();
    for id in 1..=50 {
        let request = house.request(id);
        let number = request.headers.get_str("x-number").unwrap().to_owned();
        assert_eq!(request.trailers.get_str("x-sum"), Some(&number[..]));
        assert_eq!(request.body.bytes.len(), 30_000);
        seen.push(number.parse::<u64>().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..50).collect::<Vec<u64>>());
}

#[test]
fn a_reply_with_a_body_and_delay_arrives() {
    let reply = Reply { status: 500, body: "oops".into(), delay_ms: 100, ..Reply::default() };
    let house = house_with(ListenerLimits::default(), replying(reply), StoreLimits::default());
    run(async {
        let mut client = client(&house).await;
        let answer = client.send_request(http::Request::get("http://a/").body(full("")).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "oops");
    });
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::Sent, Some(500)));
    assert!(answer.begun.unwrap().micros_since(house.request(1).first_byte) >= 100_000);
}

#[test]
fn a_reset_ends_the_connection() {
    let rules = replying(Reply { fault: Some(Fault::Reset), ..Reply::default() });
    let house = house_with(ListenerLimits::default(), rules, StoreLimits::default());
    run(async {
        let mut client = client(&house).await;
        assert!(client.send_request(http::Request::get("http://a/").body(full("")).unwrap()).await.is_err());
    });
    assert_eq!(house.answer(1).outcome, AnswerOutcome::Reset);
}

/// What a real client makes of a reply: its status, and its body or that the body was not whole.
fn made_of(text: &str) -> (Option<u16>, Result<Bytes, ()>) {
    let house = house_with(ListenerLimits::default(), replying(Reply::parse(text).unwrap()), StoreLimits::default());
    run(async {
        let mut client = client(&house).await;
        let request = http::Request::post("http://example.com/").body(full("x")).unwrap();
        let Ok(answer) = client.send_request(request).await else { return (None, Err(())) };
        let status = answer.status().as_u16();
        (Some(status), answer.into_body().collect().await.map(|body| body.to_bytes()).map_err(drop))
    })
}

#[test]
fn kinds_of_replies_are_what_they_say_over_http2_too() {
    assert_eq!(made_of("202 echo"), (Some(202), Ok("x".into())));
    assert_eq!(made_of("200 body=abcdef drip=60"), (Some(200), Ok("abcdef".into())));
    assert_eq!(made_of("200 body=0123456789 fault=cut"), (Some(200), Err(())));
    assert_eq!(made_of("200 body=0123456789 length=99"), (Some(200), Err(())));
    for none in ["close", "garbage", "reset"] {
        assert_eq!(made_of(none), (None, Err(())), "{none}");
    }
}

#[test]
fn a_body_over_the_limit_gets_413_and_is_marked() {
    let limits = ListenerLimits { body_bytes: 1000, ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    run(async {
        let mut client = client(&house).await;
        let request = http::Request::post("http://a/").body(full(vec![b'x'; 5000])).unwrap();
        assert_eq!(client.send_request(request).await.unwrap().status(), 413);
    });
    let request = house.request(1);
    assert_eq!(request.marks, [Mark::Truncated { limit_bytes: 1000 }]);
    assert_eq!(request.body.length_bytes, 5000);
}

#[test]
fn of_a_declared_body_over_the_limit_what_fits_is_kept() {
    let limits = ListenerLimits { body_bytes: 100_000, ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    run(async {
        let mut client = client(&house).await;
        let request = http::Request::post("http://a/").body(full(vec![b'x'; 3_000_000])).unwrap();
        assert_eq!(client.send_request(request).await.unwrap().status(), 413);
    });
    let request = house.request(1);
    assert_eq!((request.body.length_bytes, request.body.bytes.len()), (3_000_000, 100_000));
}

#[test]
fn a_connection_that_sends_no_request_is_closed_within_the_time_of_a_head() {
    let limits = ListenerLimits { head_timeout: Duration::from_millis(300), ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    let fields = block(&[(b":method", b"POST"), (b":scheme", b"http")]);
    let half_a_head = frame(1, 0, 1, &fields);
    // Nothing but the settings; half of a frame; a header block without its end.
    for more in [&[][..], &[0, 0], &half_a_head] {
        let mut stream = house.connect();
        let begun = Instant::now();
        std::io::Write::write_all(&mut stream, &[PREFACE, &frame(4, 0, 0, &[]), more].concat()).unwrap();
        crate::capture_harness::read_all(&mut stream);
        assert!(begun.elapsed() < Duration::from_secs(5), "closed after {:?}", begun.elapsed());
    }
}

#[test]
fn empty_frames_do_not_keep_a_body_alive() {
    let limits = ListenerLimits { body_idle_timeout: Duration::from_millis(300), ..ListenerLimits::default() };
    let house = house_with(limits, Default::default(), StoreLimits::default());
    let fields: [(&[u8], &[u8]); 4] =
        [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/empty"), (b":authority", b"a")];
    let mut stream = house.connect();
    let start = [PREFACE.to_vec(), frame(4, 0, 0, &[]), frame(1, 0x4, 1, &block(&fields)), frame(0, 0, 1, b"part")];
    std::io::Write::write_all(&mut stream, &start.concat()).unwrap();
    let begun = Instant::now();
    while house.store.last_id() == ExchangeId(0) {
        assert!(begun.elapsed() < DEADLINE);
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let _ = std::io::Read::read(&mut stream, &mut [0; 256]);
        std::io::Write::write_all(&mut stream, &frame(0, 0, 1, &[])).unwrap();
    }
    let request = house.request(1);
    assert_eq!(request.body.bytes, "part");
    assert!(matches!(&request.marks[..], [Mark::Incomplete { reason }] if reason.contains("stalled")));
}

#[test]
fn a_stream_that_breaks_off_is_kept_and_marked() {
    let house = house();
    let bytes = [
        PREFACE.to_vec(),
        frame(4, 0, 0, &[]),
        frame(
            1,
            0x4,
            1,
            &block(&[(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/cut"), (b":authority", b"a")]),
        ),
        frame(0, 0, 1, b"part"),
        frame(6, 0, 0, b"pingpong"),
    ]
    .concat();
    let mut stream = house.connect();
    std::io::Write::write_all(&mut stream, &bytes).unwrap();
    // The answer to the ping says that the stream was taken up.
    let (mut seen, mut chunk) = (Vec::new(), [0; 100]);
    while !seen.windows(8).any(|window| window == b"pingpong") {
        let count = std::io::Read::read(&mut stream, &mut chunk).unwrap();
        assert!(count > 0);
        seen.extend_from_slice(&chunk[..count]);
    }
    std::io::Write::write_all(&mut stream, &frame(3, 0, 1, &[0, 0, 0, 8])).unwrap();
    let request = house.request(1);
    assert_eq!(request.target, "/cut");
    assert_eq!(request.body.bytes, "part");
    assert!(matches!(&request.marks[..], [Mark::Incomplete { .. }]), "{:?}", request.marks);
}

#[test]
fn a_stream_whose_connection_closes_at_once_is_shown() {
    let house = house();
    let fields: [(&[u8], &[u8]); 4] =
        [(b":authority", b"a"), (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/gone")];
    let mut stream = house.connect();
    let bytes = [PREFACE.to_vec(), frame(4, 0, 0, &[]), frame(1, 0x4, 1, &block(&fields))].concat();
    std::io::Write::write_all(&mut stream, &bytes).unwrap();
    drop(stream);
    let request = house.request(1);
    assert_eq!(request.target, "/gone");
    assert!(!request.is_whole());
}

#[test]
fn a_stream_that_is_refused_is_an_exchange_too() {
    let house = house();
    let good: [(&[u8], &[u8]); 4] =
        [(b":authority", b"a"), (b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/good")];
    let bad: [(&[u8], &[u8]); 4] =
        [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/bad"), (b"connection", b"x")];
    let bytes =
        [PREFACE.to_vec(), frame(4, 0, 0, &[]), frame(1, 0x5, 1, &block(&bad)), frame(1, 0x5, 3, &block(&good))]
            .concat();
    let mut stream = house.connect();
    std::io::Write::write_all(&mut stream, &bytes).unwrap();
    let targets =
        [house.request(1), house.request(2)].map(|request| (request.target.clone(), request.refused().is_some()));
    assert_eq!(targets, [("/bad".into(), true), ("/good".into(), false)]);
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Fields never indexed and without Huffman.
fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.extend_from_slice(&[0x10, name.len() as u8]);
        block.extend_from_slice(name);
        block.push(value.len() as u8);
        block.extend_from_slice(value);
    }
    block
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream];
    frame.extend_from_slice(payload);
    frame
}
