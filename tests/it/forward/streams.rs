//! Answers that go back as they come, and those without a body.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, AttemptKind, AttemptOutcome, ExchangeId, Mark};
use hooksight::domain::forward::{Also, Route};

use super::app::App;
use super::{forwarding, forwarding_to, target};
use crate::capture_harness::{DEADLINE, House, read_all, read_until, run, until};
use crate::support::{Home, address_on, post, send, terminal};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// An app that writes the next piece when it is told to, and ends its side when there are no more.
fn told(answers: Receiver<Vec<u8>>) -> App {
    let answers = std::sync::Mutex::new(answers);
    App::new(move |stream, _| {
        let answers = answers.lock().expect("a lock");
        while let Ok(piece) = answers.recv_timeout(DEADLINE) {
            if stream.write_all(&piece).is_err() {
                return false;
            }
        }
        let _ = stream.shutdown(Shutdown::Both);
        false
    })
}

fn asked(house: &House, head: &str) -> TcpStream {
    let mut stream = house.connect();
    stream.write_all(head.as_bytes()).expect("sent");
    stream
}

#[test]
fn the_head_and_each_piece_go_back_as_they_come() {
    let (say, said) = channel();
    let app = told(said);
    let house = forwarding_to(&app.url());
    let mut stream = asked(&house, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    say.send(CHUNKED.as_bytes().to_vec()).expect("the app waits");
    let head = read_until(&mut stream, "\r\n\r\n").to_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/event-stream\r\n"), "{head}");
    for number in 0..5 {
        let event = format!("data: {number}\n\n");
        say.send(format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()).expect("the app waits");
        let came = read_until(&mut stream, "\n\n\r\n");
        assert!(came.contains(&event), "{came:?}");
    }
    // It is no answer yet, as far as the session is concerned.
    assert!(house.exchange(1).answer.is_none());
    say.send(b"0\r\n\r\n".to_vec()).expect("the app waits");
    assert_eq!(read_until(&mut stream, "\r\n\r\n"), "0\r\n\r\n");
    let kept = house.answer(1);
    assert_eq!(kept.outcome, AnswerOutcome::Sent);
    assert_eq!(kept.body.bytes, "data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n");
    let forwarded = kept.choice.as_ref().and_then(|choice| choice.forwarded.clone()).expect("where it went");
    assert!(forwarded.error.is_none() && forwarded.timing.total_us >= forwarded.timing.download_us.expect("a time"));
    // The sender's connection goes on.
    stream.write_all(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
    until("the next one comes", || (house.store.last_id() == ExchangeId(2)).then_some(()));
}

#[test]
fn an_app_whose_answers_come_in_pieces_is_up_in_the_top_line() {
    // As Python's own server and many frameworks do: the body ends with the connection.
    let app = App::closing(format!("HTTP/1.0 200 OK\r\n\r\n{}", "x".repeat(200_000)));
    let home = Home::new();
    let mut screen = terminal(&home, &["listen", "--port", "0", "--forward", &app.url()]);
    let address = address_on(&mut screen);
    screen.wait_until(|screen| screen.contains("not asked yet")).expect("nothing was sent to it");
    assert_eq!(send(address, &post("/", &[("Connection", "close")], b"{}")).status, 200);
    screen.wait_until(|screen| screen.contains("● up")).expect("it answered");
}

#[test]
fn an_answer_that_breaks_off_has_no_clean_end() {
    for (version, body, ends_clean) in [
        ("1.1", format!("{CHUNKED}3\r\nabc\r\n"), false),
        ("1.1", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc".to_owned(), false),
        ("1.0", format!("{CHUNKED}3\r\nabc\r\n"), false),
        // Its end is the connection's: nobody can tell that there should be more.
        ("1.1", "HTTP/1.1 200 OK\r\n\r\nabc".to_owned(), true),
    ] {
        let (say, said) = channel();
        let app = told(said);
        let house = forwarding_to(&app.url());
        let mut stream = asked(&house, &format!("GET / HTTP/{version}\r\nHost: x\r\n\r\n"));
        say.send(body.clone().into_bytes()).expect("the app waits");
        read_until(&mut stream, "abc");
        drop(say);
        if ends_clean {
            read_until(&mut stream, "0\r\n\r\n"); // the connection goes on
        } else {
            let mut rest = Vec::new();
            let read = stream.read_to_end(&mut rest);
            assert!(!rest.ends_with(b"0\r\n\r\n"), "{rest:?}");
            let is_reset = read.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
            assert!(is_reset || version == "1.1" && read.is_ok(), "an end in order would be a whole answer: {read:?}");
        }
        let kept = house.answer(1);
        let error = kept.choice.as_ref().and_then(|choice| choice.forwarded.as_ref()?.error.clone());
        if ends_clean {
            assert_eq!((kept.outcome, error), (AnswerOutcome::Sent, None));
        } else {
            assert_eq!(kept.outcome, AnswerOutcome::Broken, "{body:?}");
            assert!(error.as_ref().is_some_and(|error| error.contains("broke off behind 3 bytes")), "{error:?}");
            assert!(kept.onward().is_some_and(|onward| !onward.is_taken()), "it can be forwarded again");
        }
        assert_eq!((kept.status, &kept.body.bytes[..]), (Some(200), &b"abc"[..]));
    }
}

#[test]
fn streams_of_http2_get_their_pieces_and_are_reset_when_they_break_off() {
    use http_body_util::{BodyExt as _, Empty};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let (say, said) = channel();
    let app = told(said);
    let house = forwarding_to(&app.url());
    let address = house.addr;
    run(async {
        let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (mut client, connection) = shaken.expect("HTTP/2");
        tokio::spawn(connection);
        let request =
            http::Request::get(format!("http://{address}/")).body(Empty::<bytes::Bytes>::new()).expect("a request");
        say.send(CHUNKED.as_bytes().to_vec()).expect("the app waits");
        let mut answer = client.send_request(request).await.expect("a head before there is a body");
        say.send(b"3\r\nabc\r\n".to_vec()).expect("the app waits");
        let frame = answer.frame().await.expect("a frame").expect("no error");
        assert_eq!(frame.into_data().expect("data"), "abc");
        drop(say);
        assert!(matches!(answer.frame().await, Some(Err(_))), "a clean end would be a whole answer");
    });
    let kept = house.answer(1);
    let error = kept.choice.as_ref().and_then(|choice| choice.forwarded.as_ref()?.error.clone());
    assert!(error.as_ref().is_some_and(|error| error.contains("broke off behind 3 bytes")), "{error:?}");
    assert_eq!((kept.outcome, &kept.body.bytes[..]), (AnswerOutcome::Broken, &b"abc"[..]));
}

#[test]
fn an_app_that_falls_silent_in_its_answer_is_cut_off_and_one_that_goes_on_is_not() {
    let app = App::new(|stream, _| {
        // Longer than one may take for a whole answer, but never silent for so long.
        let _ = stream.write_all(CHUNKED.as_bytes());
        for _ in 0..20 {
            let _ = stream.write_all(b"1\r\nx\r\n");
            std::thread::sleep(Duration::from_millis(40));
        }
        let _ = stream.read(&mut [0; 1]);
        false
    });
    let house = forwarding(Route { timeout_ms: 400, ..Route::to(target(&app.url())) });
    let begun = Instant::now();
    let mut stream = asked(&house, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let all = read_all(&mut stream);
    assert!(begun.elapsed() >= Duration::from_millis(1200) && all.matches('x').count() >= 20, "{all}");
    let kept = house.answer(1);
    let error = kept.choice.as_ref().and_then(|choice| choice.forwarded.as_ref()?.error.clone());
    assert!(error.as_ref().is_some_and(|error| error.contains("nothing more of it came for 400 ms")), "{error:?}");
}

#[test]
fn a_slow_sender_slows_the_app_down_and_what_is_kept_has_a_bound() {
    let written = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&written);
    let app = App::new(move |stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let piece = vec![b'x'; 64 * 1024];
        while stream.write_all(&piece).is_ok() {
            count.fetch_add(piece.len() as u64, Ordering::SeqCst);
        }
        false
    });
    let house = forwarding_to(&app.url());
    let mut stream = asked(&house, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    read_until(&mut stream, "\r\n\r\n");
    // Nobody reads: it stands still, with no more than what the system's buffers take.
    let mut before = (written.load(Ordering::SeqCst), Instant::now());
    until("the app stands still", || {
        let now = written.load(Ordering::SeqCst);
        if now != before.0 {
            before = (now, Instant::now());
        }
        (before.1.elapsed() > Duration::from_millis(300)).then_some(())
    });
    assert!(before.0 < 32 << 20, "{} MiB were taken for nobody", before.0 >> 20);
    // Somebody reads, far more than goes into memory, and leaves.
    let mut taken = 0;
    let mut buffer = vec![0; 256 * 1024];
    while taken < 40 << 20 {
        taken += stream.read(&mut buffer).expect("more of it");
    }
    drop(stream);
    let kept = house.answer(1);
    assert_eq!((kept.outcome, kept.body.bytes.len()), (AnswerOutcome::SenderLeft, 1 << 20));
    assert!(kept.body.length_bytes >= 40 << 20 && kept.body.bytes.iter().all(|byte| *byte == b'x' || *byte == b'\r'));
}

#[test]
fn a_shadow_is_compared_with_what_streamed_and_an_acknowledged_one_is_kept_whole() {
    let large = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        200_000,
        "y".repeat(200_000)
    );
    let (app, shadow) = (App::answering(large.clone()), App::answering(large));
    let also = vec![Also { target: Arc::new(target(&shadow.url())), is_shadow: true }];
    let house = forwarding(Route { also, ..Route::to(target(&app.url())) });
    let mut stream = asked(&house, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    let came = read_until(&mut stream, "0\r\n\r\n");
    assert_eq!(came.matches('y').count(), 200_000);
    house.answer(1);
    let attempt = until("the shadow answers", || house.exchange(1).attempts.first().cloned());
    assert_eq!(attempt.kind, AttemptKind::Shadow);
    assert_eq!(hooksight::domain::forward::difference::of(&house.exchange(1)), []);
}

#[test]
fn a_request_for_a_head_alone_and_answers_without_a_body_say_the_length_that_there_would_be() {
    for (method, answer, length) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", Some("1000")),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Some("0")),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", None),
        ("HEAD", "HTTP/1.1 404 No\r\n\r\n", None),
        ("HEAD", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 77\r\n\r\n", Some("77")),
        ("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 77\r\n\r\n", Some("77")),
        ("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", None),
        // RFC 9110 section 8.6: a server must not.
        ("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", None),
        ("HEAD", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", None),
    ] {
        let app = App::answering(answer);
        let house = forwarding_to(&app.url());
        let mut stream = asked(&house, &format!("{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        let came = read_all(&mut stream).to_lowercase();
        let (head, body) = came.split_once("\r\n\r\n").expect("a head");
        let said: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("content-length: ")).collect();
        assert_eq!((said, body), (Vec::from_iter(length), ""), "{method} {answer:?}: {head}");
        assert!(!head.contains("transfer-encoding"), "{head}");
    }
}

#[test]
fn what_left_twice_is_noted() {
    // The app keeps silent, and then takes a request and closes without a word, once.
    let dead = Arc::new(AtomicUsize::new(usize::MAX));
    let dies_at = Arc::clone(&dead);
    let app = App::new(move |stream, number| {
        if dies_at.load(Ordering::SeqCst) <= number {
            dies_at.store(usize::MAX, Ordering::SeqCst);
            return false;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok()
    });
    let house = forwarding_to(&app.url());
    let before = super::until_reused(&house, &app);
    dead.store(0, Ordering::SeqCst);
    assert_eq!(crate::support::send(house.addr, &post("/twice", &[], b"x")).status, 200);
    let kept = house.answer(before + 1);
    let notes = kept.choice.as_ref().map(|choice| choice.notes.clone()).unwrap_or_default();
    assert!(notes.iter().any(|note| note.starts_with("sent twice: the first connection broke")), "{notes:?}");
    // And behind an answer.
    house.replies.change(|rules| {
        rules.replies.all = hooksight::domain::reply::Reply::parse("202").expect("a reply");
        rules.routes.all =
            rules.routes.all.take().map(|route| Arc::new(Route { acknowledges: true, ..(*route).clone() }));
    });
    let attempt = until("one goes out twice", || {
        // The queue's thread has a connection of its own: it must be in use again, too.
        let connections = app.connections();
        let id = house.store.last_id().0 + 1;
        assert_eq!(crate::support::send(house.addr, &post("/behind", &[], b"x")).status, 202);
        let attempt = until("it is forwarded", || house.exchange(id).attempts.first().cloned());
        if app.connections() == connections {
            dead.store(0, Ordering::SeqCst);
        }
        let AttemptOutcome::Answered { marks, .. } = &attempt.outcome else { panic!("{attempt:?}") };
        marks.first().cloned()
    });
    assert!(matches!(&attempt, Mark::Note { text } if text.starts_with("sent twice")), "{attempt:?}");
    assert!(house.file_text().contains("\"marks\":[{\"note\":\"sent twice"), "it is in the session file");
}
