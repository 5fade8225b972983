//! What came is kept as it came, and answered after it is kept.

use std::io::Write;

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId, HttpVersion, Mark};
use hooksight::domain::headers::Headers;
use hooksight::domain::reply::{Fault, Reply};
use hooksight::io::inbox::Notice;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{house, house_with, pairs, read_all, read_until, replying, until};

#[test]
fn header_order_case_and_duplicates_are_those_of_the_wire() {
    let house = house();
    let head = "POST /a%20b?x=1&&y HTTP/1.1\r\nhOST: one\r\nX-DUP: 1\r\nUser-AGENT: t\r\nx-dup: 2\r\n\
                X-Empty: \r\nX-Bytes: \u{e9}\r\ncontent-LENGTH: 5\r\nConnection: close\r\n\r\n";
    let answer = house.send(format!("{head}hello").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let request = house.request(1);
    assert_eq!(request.method, "POST");
    assert_eq!(request.target, "/a%20b?x=1&&y");
    assert_eq!(request.version, HttpVersion::Http11);
    let expected = [
        ("hOST", "one"),
        ("X-DUP", "1"),
        ("User-AGENT", "t"),
        ("x-dup", "2"),
        ("X-Empty", ""),
        ("X-Bytes", "\u{e9}"),
        ("content-LENGTH", "5"),
        ("Connection", "close"),
    ];
    assert_eq!(pairs(&request.headers), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(request.body.bytes, "hello");
    assert_eq!(request.raw_head, None, "this head is spelled the plain way");
    assert_eq!(request.canonical_head(), head.as_bytes());
    assert!(request.is_whole());
    assert_eq!(request.peer.unwrap().ip(), house.addr.ip());
}

#[test]
fn a_head_spelled_another_way_is_kept_byte_for_byte() {
    let house = house();
    let head = "GET / HTTP/1.1\nHost:x\r\nA:\t b \r\nConnection: close\r\n\r\n";
    house.send(head.as_bytes());
    let request = house.request(1);
    assert_eq!(request.raw_head.as_deref(), Some(head.as_bytes()));
    assert_eq!(pairs(&request.headers)[1], ("A".to_owned(), "b".to_owned()));
}

#[test]
fn any_method_and_any_target_is_a_request() {
    let house = house();
    let lines = [
        ("GET", "/"),
        ("PROPFIND", "//x//"),
        ("M-SEARCH", "/?"),
        ("OPTIONS", "*"),
        ("GET", "http://example.com/abs?q"),
        ("CONNECT", "example.com:443"),
        ("a$b`&'|*!~", "/%zz"),
        ("HEAD", "/h"),
        ("DELETE", "/\u{9b}x"),
    ];
    for (index, (method, target)) in lines.iter().enumerate() {
        let answer =
            house.send(format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {target}: {answer}");
        let request = house.request(index as u64 + 1);
        assert_eq!((&request.method[..], &request.target[..]), (method.as_bytes(), target.as_bytes()));
        assert_eq!(request.refused(), None);
    }
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let house = house();
    let answer = house.send(b"POST /old HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi");
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    let request = house.request(1);
    assert_eq!((request.version, &request.body.bytes[..]), (HttpVersion::Http10, &b"hi"[..]));
}

#[test]
fn chunks_are_joined_and_trailers_kept_as_sent() {
    let house = house();
    let answer = house.send(
        b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
          4;ext=\"1\"\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Sum: abc\r\nx-SUM:  def\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let request = house.request(1);
    assert_eq!(request.body.bytes, "Wikipedia");
    assert_eq!(request.body.length_bytes, 9);
    let expected = [("X-Sum", "abc"), ("x-SUM", "def")];
    assert_eq!(pairs(&request.trailers), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn pipelined_requests_each_have_their_own_head() {
    let house = house();
    let mut bytes = Vec::new();
    for number in 0..20 {
        let body = "b".repeat(number * 700);
        bytes.extend_from_slice(
            format!("POST /{number} HTTP/1.1\r\nX-Number: {number}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                .as_bytes(),
        );
        bytes.extend_from_slice(
            format!(
                "PUT /c{number} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: {number}\r\n\r\n"
            )
            .as_bytes(),
        );
    }
    bytes.extend_from_slice(b"\r\nGET /last HTTP/1.1\r\nConnection: close\r\n\r\n");
    let answers = house.send(&bytes);
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 41, "{answers}");
    for number in 0..20u64 {
        let plain = house.request(number * 2 + 1);
        assert_eq!(pairs(&plain.headers)[0].1, number.to_string());
        assert_eq!(plain.body.bytes.len() as u64, number * 700);
        let chunked = house.request(number * 2 + 2);
        assert_eq!(pairs(&chunked.trailers), [("T".to_owned(), number.to_string())]);
    }
    assert_eq!(house.request(41).target, "/last");
    for id in 1..=41 {
        assert_eq!(house.answer(id).outcome, AnswerOutcome::Sent);
    }
}

#[test]
fn a_request_that_comes_byte_by_byte_is_whole() {
    let house = house();
    let mut stream = house.connect();
    for byte in b"POST /slow HTTP/1.1\r\nhOst: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 200"));
    let request = house.request(1);
    assert_eq!(request.body.bytes, "abc");
    assert_eq!(pairs(&request.headers)[0].0, "hOst");
    assert_eq!(request.trailers.len(), 1);
}

#[test]
fn a_sender_that_expects_100_continue_gets_it() {
    let house = house();
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n").unwrap();
    assert_eq!(read_until(&mut stream, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
    let answer = house.answer(1);
    assert!(answer.begun.unwrap() >= house.request(1).first_byte);
    assert_eq!(house.request(1).body.bytes, "abc");
}

#[test]
fn a_sender_that_closes_its_half_still_gets_the_answer() {
    let house = house();
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 200 OK"));
    assert_eq!(house.request(1).body.bytes, "abc");
}

#[test]
fn a_connection_without_a_byte_is_no_exchange() {
    let house = house();
    drop(house.connect());
    house.send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(house.request(1).target, "/");
    assert_eq!(house.store.last_id(), ExchangeId(1));
}

#[test]
fn times_stand_in_their_order() {
    let house = house();
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nab").unwrap();
    // The head is read before the rest is sent, or this waits for nothing and the test is weaker, never wrong.
    std::thread::yield_now();
    stream.write_all(b"cd").unwrap();
    read_all(&mut stream);
    let (request, answer) = (house.request(1), house.answer(1));
    let complete = request.first_byte.plus_micros(request.body_complete_us as i64);
    assert!(request.first_byte <= complete);
    assert!(complete <= answer.begun.unwrap());
    assert!(answer.begun.unwrap() <= answer.done);
}

#[test]
fn the_reply_in_force_is_what_goes_back() {
    let mut headers = Headers::new();
    headers.push("X-A", "1");
    headers.push("X-A", "2");
    let reply = Reply { status: 422, headers: headers.clone(), body: "no".into(), ..Reply::default() };
    let house = house_with(ListenerLimits::default(), replying(reply), StoreLimits::default());
    let text = house.send(b"POST / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 422 Unprocessable Entity\r\nx-a: 1\r\nx-a: 2\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\nno"), "{text}");
    let answer = house.answer(1);
    assert_eq!((answer.status, &answer.body.bytes[..]), (Some(422), &b"no"[..]));
    assert_eq!(answer.headers, headers);
    let text = house.send(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(text.contains("content-length: 2\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    house.replies.set(replying(Reply { status: 204, body: "never".into(), ..Reply::default() }));
    let text = house.send(b"POST / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 204 No Content") && text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn a_delayed_answer_comes_late_and_a_sender_that_left_is_said() {
    let reply = Reply { delay_ms: 300, ..Reply::default() };
    let house = house_with(ListenerLimits::default(), replying(reply), StoreLimits::default());
    let begun = std::time::Instant::now();
    house.send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(begun.elapsed().as_millis() >= 300);
    assert_eq!(house.answer(1).outcome, AnswerOutcome::Sent);
    let mut stream = house.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    drop(stream);
    house.request(2);
    assert_eq!(house.answer(2).outcome, AnswerOutcome::SenderLeft);
}

#[test]
fn a_reset_is_a_real_one() {
    let house = house_with(
        ListenerLimits::default(),
        replying(Reply { fault: Some(Fault::Reset), ..Reply::default() }),
        StoreLimits::default(),
    );
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").unwrap();
    let error = std::io::Read::read(&mut stream, &mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status, answer.begun), (AnswerOutcome::Reset, None, None));
}

#[test]
fn silence_lasts_until_the_sender_leaves() {
    let house = house_with(
        ListenerLimits::default(),
        replying(Reply { fault: Some(Fault::NeverAnswer), ..Reply::default() }),
        StoreLimits::default(),
    );
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").unwrap();
    house.request(1);
    stream.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
    let error = std::io::Read::read(&mut stream, &mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(house.exchange(1).answer, None);
    drop(stream);
    assert_eq!(house.answer(1).outcome, AnswerOutcome::NeverAnswered);
    let listener = house.listener.as_ref().unwrap();
    until("the connection is closed", || (listener.connections() == 0).then_some(()));
}

#[test]
fn what_hyper_refuses_is_an_exchange_before_its_answer_leaves() {
    let house = house();
    let heads: [(&[u8], &str, &str); 8] = [
        (b"GET / HTTP/1.1\r\nA: 1\r\n folded\r\n\r\n", "400", "header"),
        (b"GET / HTTP/1.1\r\nA : 1\r\n\r\n", "400", "header name"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400", "Content-Length"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400", "TLS"),
        (b"GET /%zz[]|{}^<> HTTP/1.1\r\n\r\n", "400", "target"),
        (b"GET / HTTP/9.9\r\n\r\n", "400", "version"),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400", "Transfer-Encoding"),
        (b"hello\r\n\r\n", "400", "request line"),
    ];
    for (index, (bytes, status, reason)) in heads.iter().enumerate() {
        let answer = house.send(bytes);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{bytes:?}: {answer}");
        let request = house.store.request(ExchangeId(index as u64 + 1)).expect("kept before the answer was read");
        let said = request.refused().unwrap();
        assert!(said.contains(reason), "{said} should name {reason}");
        assert!(bytes.starts_with(request.raw_head.as_deref().unwrap()));
        assert_eq!(house.answer(index as u64 + 1).status.map(|status| status.to_string()).as_deref(), Some(*status));
    }
    assert_eq!(house.request(5).target, "/%zz[]|{}^<>");
}

#[test]
fn a_length_together_with_chunks_is_refused_and_what_hides_behind_it_is_shown() {
    let house = house();
    let answer = house.send(
        b"POST /front HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1);
    let request = house.request(1);
    assert!(request.refused().unwrap().contains("Transfer-Encoding"));
    assert_eq!(request.target, "/front");
    assert_eq!(house.request(2).target, "/hidden");
    assert!(house.request(2).refused().is_some());
}

#[test]
fn a_head_that_breaks_off_is_shown() {
    let house = house();
    let mut stream = house.connect();
    stream.write_all(b"POST /half HTTP/1.1\r\nHost: x\r\nX-A").unwrap();
    drop(stream);
    let request = house.request(1);
    assert_eq!(request.raw_head.as_deref(), Some(&b"POST /half HTTP/1.1\r\nHost: x\r\nX-A"[..]));
    assert_eq!((&request.method[..], &request.target[..]), (&b"POST"[..], &b"/half"[..]));
    assert!(request.refused().unwrap().contains("before its head was whole"), "{:?}", request.marks);
}

#[test]
fn a_body_shorter_than_declared_is_kept_and_marked() {
    let house = house();
    let mut stream = house.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nonly this").unwrap();
    drop(stream);
    let request = house.request(1);
    assert_eq!(request.body.bytes, "only this");
    assert_eq!(request.body.length_bytes, 100);
    assert!(matches!(&request.marks[..], [Mark::Incomplete { .. }]), "{:?}", request.marks);
}

#[test]
fn a_broken_chunk_is_kept_up_to_there_and_marked() {
    let house = house();
    let answer = house.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
    assert!(answer.starts_with("HTTP/1.1 400") || answer.is_empty(), "{answer}");
    let request = house.request(1);
    assert_eq!(request.body.bytes, "abc");
    assert!(matches!(&request.marks[..], [Mark::Incomplete { .. }]), "{:?}", request.marks);
}

#[test]
fn the_inbox_hears_of_requests_in_order_and_of_answers() {
    let house = house();
    for _ in 0..3 {
        house.send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    }
    let mut arrived = Vec::new();
    house.notice("the third answer", |notice| {
        match notice {
            Notice::Arrived(request) => arrived.push(request.id.0),
            Notice::Answered(answer) if answer.exchange == ExchangeId(3) => return Some(()),
            _ => {}
        }
        None
    });
    assert_eq!(arrived, [1, 2, 3]);
}

#[test]
fn stopping_lets_an_answer_in_flight_finish_and_frees_the_port() {
    let reply = Reply { delay_ms: 300, ..Reply::default() };
    let mut house = house_with(ListenerLimits::default(), replying(reply), StoreLimits::default());
    let mut stream = house.connect();
    let mut idle = house.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    house.request(1);
    let begun = std::time::Instant::now();
    house.stop();
    assert!(begun.elapsed().as_millis() < 1500, "an idle connection held the stop up");
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 200"));
    assert_eq!(read_all(&mut idle), "");
    assert!(house.file_text().contains("\"event\":\"answer\",\"id\":1"));
    std::net::TcpListener::bind(house.addr).unwrap();
}

#[test]
fn stopping_answers_what_was_sent_before() {
    let mut house = house();
    let mut senders: Vec<_> = (0..100).map(|_| house.connect()).collect();
    until("all are accepted", || (house.listener.as_ref()?.connections() == 100).then_some(()));
    senders.iter_mut().for_each(|sender| sender.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap());
    house.stop();
    let is_answered = |sender: &mut _| read_all(sender).starts_with("HTTP/1.1 200");
    assert_eq!(senders.iter_mut().filter_map(|sender| is_answered(sender).then_some(())).count(), 100);
    assert_eq!(house.store.last_id().0, 100);
}
