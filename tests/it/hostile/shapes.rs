//! Requests that are none, one line each: what is answered, and what the row says.

use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId, Mark, Request};

use crate::capture_harness::{House, house, read_all};

/// Within this time the next sender has its answer.
const NEXT: Duration = Duration::from_secs(2);

/// What the row is marked with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// It never became a request, because ...
    Refused(&'static str),
    /// Its body broke off, because ...
    Incomplete(&'static str),
    /// A request like any other.
    Request,
}
use Row::{Incomplete, Refused, Request as Taken};

/// Name, bytes, status of the answer, what the row says. The connection is closed after each but a request that was taken.
type Shape = (&'static str, Vec<u8>, u16, Row);

fn shape(name: &'static str, bytes: impl Into<Vec<u8>>, status: u16, row: Row) -> Shape {
    (name, bytes.into(), status, row)
}

/// A POST with these header lines and this behind them.
fn post(name: &'static str, lines: &str, rest: &str, status: u16, row: Row) -> Shape {
    shape(name, format!("POST /shape HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n{rest}"), status, row)
}

fn chunked(name: &'static str, rest: impl AsRef<str>, row: Row) -> Shape {
    let status = if row == Taken { 200 } else { 400 };
    post(name, "Transfer-Encoding: chunked", rest.as_ref(), status, row)
}

/// Sends it, looks at answer, end and row, and has a normal sender served after it.
fn meet(house: &House, (name, bytes, status, row): &Shape) {
    let before = house.store.last_id().0;
    let mut stream = house.connect();
    stream.write_all(bytes).unwrap();
    if *row == Taken {
        // Nothing else ends a connection that may go on.
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let begun = Instant::now();
    let answer = read_all(&mut stream);
    assert!(begun.elapsed() < NEXT, "{name}: closed after {:?}", begun.elapsed());
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {answer:?}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}: one answer and then the end: {answer:?}");
    let request = house.request(before + 1);
    assert_eq!(house.answer(before + 1).status, Some(*status), "{name}");
    match row {
        Taken => assert_eq!(request.marks, [], "{name}"),
        Refused(reason) => {
            let said = request.refused().unwrap_or_else(|| panic!("{name}: {:?}", request.marks));
            assert!(said.contains(reason), "{name}: `{said}` should say `{reason}`");
            let raw = request.raw_head.as_deref().unwrap_or_else(|| panic!("{name}: no first bytes"));
            assert!(!raw.is_empty() && bytes.starts_with(raw), "{name}: {raw:?}");
        }
        Incomplete(reason) => assert!(
            matches!(&request.marks[..], [Mark::Incomplete { reason: said }] if said.contains(reason)),
            "{name}: {:?} should say `{reason}`",
            request.marks
        ),
    }
    normal(house, name);
}

/// A normal request, in time; its row comes after all that came before.
fn normal(house: &House, after: &str) -> std::sync::Arc<Request> {
    let begun = Instant::now();
    let answer = house.send(b"POST /normal HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "after {after}: {answer}");
    assert!(begun.elapsed() < NEXT, "after {after}: {:?}", begun.elapsed());
    let newest = house.request(house.store.last_id().0);
    assert_eq!((&newest.target[..], &newest.body.bytes[..]), (&b"/normal"[..], &b"ok"[..]), "after {after}");
    newest
}

fn meet_all(shapes: Vec<Shape>) {
    let house = house();
    for shape in &shapes {
        meet(&house, shape);
    }
}

#[test]
fn lengths_and_codings_that_contradict_each_other_are_refused_and_closed() {
    const CODED: &str = "0\r\n\r\nGET /hidden HTTP/1.1\r\n\r\n";
    let last = Refused("the last Transfer-Encoding is not chunked");
    let unknown = Refused("a Transfer-Encoding besides chunked");
    let several = Refused("several values of Content-Length");
    let both = Refused("both Content-Length and Transfer-Encoding");
    let number = Refused("no plain decimal number");
    let twice = Refused("chunked more than once");
    meet_all(vec![
        post("coding and length", "Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 400, both),
        post(
            "coding and length, the coding first",
            "Transfer-Encoding: chunked\r\nContent-Length: 4",
            "0\r\n\r\n",
            400,
            both,
        ),
        post("coding and a wrong length", "Transfer-Encoding: chunked\r\nContent-Length: x", "0\r\n\r\n", 400, both),
        post("chunked twice in a line", "Transfer-Encoding: chunked, chunked", "0\r\n\r\n", 400, twice),
        post(
            "chunked in two lines",
            "Transfer-Encoding: chunked\r\ntransfer-encoding: CHUNKED",
            "0\r\n\r\n",
            400,
            twice,
        ),
        post("gzip below chunked", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n", 501, unknown),
        post(
            "gzip below chunked in two lines",
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
            "0\r\n\r\n",
            501,
            unknown,
        ),
        post("identity below chunked", "Transfer-Encoding: identity, chunked", "0\r\n\r\n", 501, unknown),
        post("a coding with a tab in it", "Transfer-Encoding: ch\tunked, chunked", "0\r\n\r\n", 501, unknown),
        post("identity behind chunked", "Transfer-Encoding: chunked, identity", CODED, 400, last),
        post(
            "identity behind chunked in two lines",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            CODED,
            400,
            last,
        ),
        post("a coding that is none", "Transfer-Encoding: xchunked", CODED, 400, last),
        post("chunked in quotes", "Transfer-Encoding: \"chunked\"", CODED, 400, last),
        post("chunked with a parameter", "Transfer-Encoding: chunked;a=b", CODED, 400, last),
        post("an empty coding", "Transfer-Encoding:", CODED, 400, last),
        post("an empty coding behind chunked", "Transfer-Encoding: chunked,", CODED, 400, last),
        post("gzip alone", "Transfer-Encoding: gzip", CODED, 400, last),
        post("a vertical tab in the coding", "Transfer-Encoding: \u{b}chunked", CODED, 400, Refused("0x0b")),
        post("a vertical tab behind the coding", "Transfer-Encoding: chunked\u{b}", CODED, 400, Refused("0x0b")),
        post(
            "a blank before the colon",
            "Transfer-Encoding : chunked",
            CODED,
            400,
            Refused("blank between header name and colon"),
        ),
        post(
            "a tab before the colon",
            "Transfer-Encoding\t: chunked",
            CODED,
            400,
            Refused("blank between header name and colon"),
        ),
        post("a blank before the name", "A: 1\r\n Transfer-Encoding: chunked", CODED, 400, Refused("folded")),
        post("two lengths", "Content-Length: 5\r\nContent-Length: 6", "hello!", 400, several),
        post("two lengths in a line", "Content-Length: 5, 6", "hello!", 400, several),
        post("a length twice in a line", "Content-Length: 5, 5", "hello", 400, several),
        post("a length with a sign", "Content-Length: +5", "hello", 400, number),
        post("a negative length", "Content-Length: -1", "hello", 400, number),
        post("a length in hexadecimal", "Content-Length: 0x5", "hello", 400, number),
        post("a length with a blank in it", "Content-Length: 1 0", "hello", 400, number),
        post("a length with letters", "Content-Length: 5a", "hello", 400, number),
        post("an empty length", "Content-Length:", "hello", 400, number),
        post(
            "a length over 64 bits",
            "Content-Length: 18446744073709551616",
            "hello",
            400,
            Refused("larger than 64 bits"),
        ),
        post(
            "the largest length of 64 bits",
            "Content-Length: 18446744073709551615",
            "hello",
            400,
            Refused("larger than 64 bits"),
        ),
        post(
            "a length of many digits",
            &format!("Content-Length: {}", "9".repeat(1000)),
            "",
            400,
            Refused("larger than 64 bits"),
        ),
        shape(
            "a coding in HTTP/1.0",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            Refused("HTTP/1.0"),
        ),
        shape("a length and LF alone", "POST / HTTP/1.1\nContent-Length: 2\n\nhi", 400, Refused("LF without CR")),
        shape(
            "a coding hidden behind LF",
            "POST / HTTP/1.1\r\nA: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            Refused("LF without CR"),
        ),
    ]);
}

#[test]
fn heads_that_are_none_are_refused_and_closed() {
    let long = |name, count: usize, row| post(name, &format!("A: {}", "x".repeat(count)), "", 431, row);
    meet_all(vec![
        shape("no request line", "hello\r\n\r\n", 400, Refused("request line")),
        shape("only blanks", "   \r\n\r\n", 400, Refused("request line")),
        shape("a NUL first", "\0\0\0\0\r\n\r\n", 400, Refused("request line")),
        shape("a version of the future", "GET / HTTP/9.9\r\n\r\n", 400, Refused("version")),
        shape("no version", "GET /\r\n\r\n", 400, Refused("request line")),
        shape("a target that is none", "GET /[]|<> HTTP/1.1\r\n\r\n", 400, Refused("target")),
        shape(
            "a target that is too long",
            format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000)),
            414,
            Refused("65,534"),
        ),
        shape("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, Refused("use http://")),
        post("a folded line", "A: 1\r\n folded", "", 400, Refused("header line 3 begins with a blank")),
        post("a folded line with a tab", "A: 1\r\n\tfolded", "", 400, Refused("folded")),
        post("a NUL in a value", "A: a\0b", "", 400, Refused("header line 2 holds the byte 0x00")),
        post("a NUL in a name", "A\0: b", "", 400, Refused("header name in header line 2 holds the byte 0x00")),
        post("CR alone in a value", "A: a\rB: c", "", 400, Refused("holds the byte 0x0d")),
        post("CR alone before a coding", "A: a\rTransfer-Encoding: chunked", "", 400, Refused("holds the byte 0x0d")),
        post("an empty name", ": a", "", 400, Refused("empty")),
        post("a name with a blank", "A B: c", "", 400, Refused("holds the byte 0x20")),
        post("a name outside ASCII", "\u{e9}: c", "", 400, Refused("holds the byte 0xc3")),
        long("an endless header line", 400_000, Refused("larger than the limit")),
        shape("a flood of blank lines", "\r\n".repeat(200_000), 431, Refused("blank lines")),
        shape("a flood of line feeds", "\n".repeat(200_000), 431, Refused("blank lines")),
        post("a hundred thousand header lines", &"A: 1\r\n".repeat(100_000), "", 431, Refused("than the limit")),
        post("more header lines than the limit", &"A: 1\r\n".repeat(1001), "", 431, Refused("header lines")),
    ]);
}

#[test]
fn chunks_that_are_none_end_the_body_and_the_connection() {
    meet_all(vec![
        chunked("a size over 64 bits", "10000000000000000\r\nabc", Incomplete("overflow")),
        chunked("a size of many digits", "f".repeat(20_000), Incomplete("overflow")),
        chunked("no size", "\r\nabc\r\n0\r\n\r\n", Incomplete("size")),
        chunked("a size that is none", "xyz\r\nabc", Incomplete("size")),
        chunked("a size with a sign", "+3\r\nabc\r\n0\r\n\r\n", Incomplete("size")),
        chunked("a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n", Incomplete("size")),
        chunked("a negative size", "-1\r\nabc\r\n0\r\n\r\n", Incomplete("size")),
        chunked("a size that ends in LF", "3\nabc\r\n0\r\n\r\n", Incomplete("ize")),
        chunked("an extension that ends in LF", "3;a\nabc\r\n0\r\n\r\n", Incomplete("extension")),
        chunked(
            "an extension without an end",
            format!("3;{}", "a".repeat(100_000)),
            Incomplete("extensions over limit"),
        ),
        chunked(
            "a flood of extensions",
            "1;aaaaaaaaaaaaaaaaaaaa\r\nx\r\n".repeat(2000),
            Incomplete("extensions over limit"),
        ),
        chunked("no line end behind a chunk", "3\r\nabc0\r\n\r\n", Incomplete("CR")),
        chunked("LF alone behind a chunk", "3\r\nabc\n0\r\n\r\n", Incomplete("CR")),
        chunked("a longer chunk than said", "3\r\nabcdef\r\n0\r\n\r\n", Incomplete("CR")),
        chunked("trailers without an end", format!("0\r\nA: {}", "x".repeat(400_000)), Incomplete("trailer")),
        chunked(
            "LF alone behind the last chunk",
            "0\r\n\nGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n",
            Incomplete("LF without CR"),
        ),
        chunked("LF alone in the trailers", "2\r\nhi\r\n0\r\nA: b\nC: d\r\n\r\n", Incomplete("LF without CR")),
        chunked("a trailer that is none", "0\r\nA\0: 1\r\n\r\n", Incomplete("")),
    ]);
}

#[test]
fn odd_requests_are_requests() {
    let form = |name, line: &str| shape(name, format!("{line} HTTP/1.1\r\nHost: x\r\n\r\n"), 200, Taken);
    let mut upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n".to_owned();
    upgrade.push_str("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    let h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__";
    meet_all(vec![
        form("the absolute form", "GET http://example.com/x?y"),
        form("the asterisk form", "OPTIONS *"),
        form("the authority form", "CONNECT example.com:443"),
        form("a method of its own", "a$b`&'|*!~ /"),
        post("a WebSocket", &upgrade, "", 200, Taken),
        post("HTTP/2 by upgrade", h2c, "", 200, Taken),
        post("the same length twice", "Content-Length: 2\r\nContent-Length: 2", "hi", 200, Taken),
        post("a length with leading zeros", "Content-Length: 0002", "hi", 200, Taken),
        post("tabs round the coding", "Transfer-Encoding:\tchunked\t", "2\r\nhi\r\n0\r\n\r\n", 200, Taken),
        chunked("blanks behind a size", "2 \t\r\nhi\r\n0\r\n\r\n", Taken),
        chunked("a size with leading zeros", "00000002\r\nhi\r\n0\r\n\r\n", Taken),
        shape("LF alone and no body", "GET / HTTP/1.1\nHost: x\n\n", 200, Taken),
        shape("blank lines before", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", 200, Taken),
    ]);
}

#[test]
fn a_thousand_pipelined_requests_are_answered_in_order_and_each_has_its_row() {
    const COUNT: u64 = 1000;
    let house = house();
    let all: String =
        (1..=COUNT).map(|number| format!("POST /{number} HTTP/1.1\r\nContent-Length: 4\r\n\r\n{number:04}")).collect();
    let mut stream = house.connect();
    let mut sender = stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        sender.write_all(all.as_bytes()).unwrap();
        sender.shutdown(Shutdown::Write).unwrap();
    });
    assert_eq!(read_all(&mut stream).matches("HTTP/1.1 200 OK").count() as u64, COUNT);
    sending.join().unwrap();
    assert_eq!(house.store.last_id(), ExchangeId(COUNT));
    for number in 1..=COUNT {
        let request = house.request(number);
        assert_eq!(request.target, format!("/{number}"));
        assert_eq!(request.body.bytes, format!("{number:04}"));
        assert!(request.is_whole());
    }
    normal(&house, "a thousand requests");
}

/// To hyper this is the begin of HTTP/2, and it says nothing.
#[test]
fn the_preface_of_http2_behind_a_request_is_answered() {
    let house = house();
    let answers = house.send(b"GET / HTTP/1.1\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "400"], "{answers}");
    let request = house.request(2);
    assert!(request.refused().is_some_and(|reason| reason.contains("version")), "{:?}", request.marks);
    assert!(request.raw_head.as_deref().is_some_and(|raw| raw.starts_with(b"PRI * HTTP/2.0")));
    assert_eq!(house.answer(2).status, Some(400));
}

/// Thousands that are never looked at must not keep everybody else waiting until each has its row.
#[test]
fn of_many_requests_behind_a_refused_one_the_first_have_rows() {
    let house = house();
    let behind = "GET /behind HTTP/1.1\r\n\r\n".repeat(2000);
    let refused = "POST /first HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = house.send(format!("{refused}{behind}").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    normal(&house, "many that were not looked at");
    let last = house.store.last_id().0;
    assert!((50..80).contains(&last), "{last} rows");
    let rest =
        (1..=last).map(|id| house.request(id)).find(|row| row.refused().is_some_and(|why| why.contains("or more")));
    assert_eq!(rest.map(|row| row.target.clone()), Some("/behind".into()));
}

/// Whatever is wrong with it, and however early that is seen.
#[test]
fn what_is_refused_is_kept_as_far_as_it_came() {
    let house = house();
    let rest = format!("/path HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\nbody", "y".repeat(2000));
    for (number, start) in ["G\x1bET ", "\x16\x03\x01 ", "GET  ", "(GET) ", "\u{1f41f} "].iter().enumerate() {
        let bytes = format!("{start}{rest}");
        let answer = house.send(bytes.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{start:?}: {answer}");
        let request = house.request(number as u64 + 1);
        assert!(request.refused().is_some());
        assert_eq!(request.raw_head.as_deref(), Some(bytes.as_bytes()), "{start:?}");
    }
}

#[test]
fn what_leaves_early_is_shown_with_what_came() {
    let house = house();
    // Bytes, then the connection is closed; the row's mark.
    let cases: [(&[u8], Row); 5] = [
        (b"P", Refused("before its head was whole")),
        (b"POST / HTTP/1.1\r\nHost: x\r\n", Refused("before its head was whole")),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", Incomplete("before the body was whole")),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", Incomplete("before the body was whole")),
        (b"\r\n\r\n\r\n", Refused("blank lines")),
    ];
    for (bytes, row) in cases {
        let before = house.store.last_id().0;
        house.connect().write_all(bytes).unwrap();
        let request = house.request(before + 1);
        let said = format!("{:?}", request.marks);
        let (kind, reason) = match row {
            Refused(reason) => ("Refused", reason),
            Incomplete(reason) => ("Incomplete", reason),
            Taken => ("", ""),
        };
        assert!(said.contains(kind) && said.contains(reason), "{bytes:?}: {said}");
        normal(&house, "a sender that left");
    }
}

/// One answer leaves, to the first of them; what stands behind was never answered.
#[test]
fn behind_a_refusal_no_answer_is_claimed() {
    let house = house();
    let answer = house.send(b"GET ?bad HTTP/1.1\r\nHost: x\r\n\r\nGET /behind HTTP/1.1\r\nHost: x\r\n\r\nGET /cut HTT");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert_eq!((house.answer(1).status, house.answer(1).outcome), (Some(400), AnswerOutcome::Sent));
    for (id, target) in [(2, "/behind"), (3, "/cut")] {
        assert_eq!(house.request(id).target, target);
        assert_eq!(
            (house.answer(id).status, house.answer(id).outcome),
            (None, AnswerOutcome::NeverAnswered),
            "{target}"
        );
        let reason = house.request(id).refused().map(str::to_owned);
        assert_eq!(reason.as_deref(), Some("the connection was closed before its turn came"), "{target}");
    }
}

/// What comes while the listener waits for its sender to read the refusal belongs to the same rows.
#[test]
fn a_request_of_which_only_the_begin_stood_behind_a_refusal_is_shown_whole() {
    let house = house();
    let mut stream = house.connect();
    stream.write_all(b"GET ?bad HTTP/1.1\r\nHost: x\r\n\r\nPOST /").unwrap();
    house.request(1);
    stream.write_all(b"later HTTP/1.1\r\nHost: x\r\n\r\nGET /last HTTP/1.1\r\n\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 400 "));
    let heads = [2, 3].map(|id| house.request(id).raw_head.clone().unwrap_or_default());
    assert_eq!(heads, [&b"POST /later HTTP/1.1\r\nHost: x\r\n\r\n"[..], b"GET /last HTTP/1.1\r\n\r\n"]);
    normal(&house, "what came later");
    assert_eq!(house.store.last_id(), ExchangeId(4), "no row is made of what is none");
}

/// The rest of what was refused for its own bytes is no further row.
#[test]
fn the_rest_of_what_was_refused_is_no_further_row() {
    for begin in ["GET / HTTP/1.1\r\nA b: c\r\n", "GET / HTTP/1.1\r\nA: b\x01\r\n", "\x16\x03\x01"] {
        let house = house();
        let mut stream = house.connect();
        stream.write_all(begin.as_bytes()).unwrap();
        house.request(1);
        // The listener may have closed already.
        let _ = stream.write_all(b"C: d\r\n\r\nGET /more HTTP/1.1\r\n\r\n");
        let _ = stream.shutdown(Shutdown::Write);
        read_all(&mut stream);
        normal(&house, "the rest");
        assert_eq!(house.store.last_id(), ExchangeId(2), "{begin:?}");
    }
}
