//! Each kind of reply as a real client sees it on the wire.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::AnswerOutcome;
use hooksight::domain::reply::{ChosenBy, Reply};
use hooksight::domain::ring::RingLimits;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use super::capture_harness::{DEADLINE, House, house_with, read_all, read_until, replying, until};
use super::support::{post, send};

fn answering(text: &str) -> House {
    house_with(ListenerLimits::default(), replying(Reply::parse(text).unwrap()), StoreLimits::default())
}

/// What comes on one connection until it ends, how it ended, and how long that took.
fn ended(house: &House, request: &[u8]) -> (Vec<u8>, Option<ErrorKind>, Duration) {
    let mut stream = house.connect();
    // Before it is sent: on a busy machine the answer may be on its way before this goes on.
    let begun = Instant::now();
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    (bytes, end, begun.elapsed())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn fixed_redirect_and_retry_after() {
    for (given, status, line) in [
        (r#"201 header="X-A: b" body='{"a":1}'"#, 201, "x-a: b"),
        ("308 redirect=https://example.test/moved", 308, "location: https://example.test/moved"),
        ("429 retry-after=30s", 429, "retry-after: 30"),
        ("503 retry-after=2m", 503, "retry-after: 120"),
    ] {
        let house = answering(given);
        let answer = send(house.addr, &post("/", &[], b"x"));
        assert_eq!(answer.status, status, "{given}");
        assert!(answer.head.to_ascii_lowercase().contains(&format!("{line}\r\n")), "{given}: {}", answer.head);
    }
}

#[test]
fn an_echo_gives_the_body_back() {
    let house = answering("202 echo");
    let body: Vec<u8> = (0..=255).collect();
    let answer = send(house.addr, &post("/", &[("Content-Type", "application/x-odd")], &body));
    assert_eq!((answer.status, answer.body), (202, body));
    assert!(answer.head.contains("application/x-odd"), "{}", answer.head);
    assert!(house.answer(1).body.bytes.len() == 256);
    // After a wait it is read back, from the file where others took its place in memory.
    let large = vec![b'z'; 200_000];
    let ring = RingLimits { bytes: 1, ..RingLimits::default() };
    let limits = StoreLimits { ring, ..StoreLimits::default() };
    let delayed =
        house_with(ListenerLimits::default(), replying(Reply::parse("202 echo delay=400ms").unwrap()), limits);
    let ask = |body: &[u8]| send(delayed.addr, &post("/", &[], body)).body;
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| ask(&large));
        until("it is kept", || (!delayed.file_text().is_empty()).then_some(()));
        (ask(b"small"), first.join().unwrap())
    });
    assert!(first == b"small" && second == large);
    let cut = ended(&answering("200 echo fault=cut"), &post("/", &[], b"0123456789"));
    assert!(text(&cut.0).ends_with("\r\n\r\n01234"), "{}", text(&cut.0));
}

#[test]
fn a_template_speaks_of_the_request() {
    let house = answering(
        r#"200 header="X-Id: {{ request.json.id }}" template='{"you":{{ request.json.id | tojson }},"n":{{ count }},"u":"{{ uuid() }}"}'"#,
    );
    let bodies: Vec<serde_json::Value> = (0..2)
        .map(|_| {
            let answer = send(house.addr, &post("/", &[], br#"{"id":"a\"b"}"#));
            assert!(answer.head.contains("a\"b"), "{}", answer.head);
            serde_json::from_slice(&answer.body).unwrap()
        })
        .collect();
    let told: Vec<_> = bodies.iter().map(|body| (body["you"].as_str(), body["n"].as_u64())).collect();
    assert_eq!(told, [(Some("a\"b"), Some(1)), (Some("a\"b"), Some(2))]);
    assert_ne!(bodies[0]["u"], bodies[1]["u"]);
    // In a script it is the time of the whole script.
    let house = answering("503, 200 template='{{ count }}'");
    let said = |_| text(&send(house.addr, &post("/", &[], b"{}")).body);
    assert_eq!((0..3).map(said).collect::<Vec<_>>(), ["", "2", "3"]);
    // One that fails is no silence, and says why.
    let house = answering("200 template='{{ 1 + request.json }}'");
    assert_eq!(send(house.addr, &post("/", &[], b"{}")).status, 500);
    let notes = house.answer(1).choice.as_ref().unwrap().notes.join(" ");
    assert!(notes.contains("line 1 of the template"), "{notes}");
}

#[test]
fn delays_are_waited_for() {
    for (given, least) in [("200 delay=300ms", 300), ("200 delay=200..400ms", 200)] {
        let house = answering(given);
        let begun = Instant::now();
        assert_eq!(send(house.addr, &post("/", &[], b"")).status, 200);
        assert!(begun.elapsed() >= Duration::from_millis(least), "{given}: {:?}", begun.elapsed());
    }
    // Each is drawn anew.
    let house = answering("200 delay=lognormal:20ms/1");
    let took: Vec<u128> = (0..8)
        .map(|_| {
            let begun = Instant::now();
            send(house.addr, &post("/", &[], b""));
            begun.elapsed().as_millis()
        })
        .collect();
    let (least, most) = (took.iter().min().unwrap(), took.iter().max().unwrap());
    assert!(most > &(least + 5), "{took:?}");
}

#[test]
fn a_drip_is_slow_and_whole() {
    let house = answering("200 body=abcdefghijklmnopqrst drip=20");
    let mut stream = house.connect();
    stream.write_all(&post("/", &[], b"")).unwrap();
    let head = read_until(&mut stream, "\r\n\r\n");
    assert!(head.contains("content-length: 20\r\n"), "{head}");
    let begun = Instant::now();
    let mut pieces = 0;
    let mut bytes = Vec::new();
    while bytes.len() < 20 {
        let mut piece = [0; 20];
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0);
        bytes.extend_from_slice(&piece[..count]);
        pieces += 1;
    }
    assert_eq!(text(&bytes), "abcdefghijklmnopqrst");
    assert!(pieces > 3, "it came in {pieces} pieces");
    assert!(begun.elapsed() >= Duration::from_millis(700), "{:?}", begun.elapsed());
    // The connection goes on.
    stream.write_all(&post("/", &[], b"")).unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").starts_with("HTTP/1.1 200"));
    assert_eq!(house.answer(1).outcome, AnswerOutcome::Sent);
}

#[test]
fn a_reset_is_a_reset() {
    let house = answering("reset");
    let (bytes, end, _) = ended(&house, &post("/", &[], b"x"));
    assert_eq!((bytes.len(), end), (0, Some(ErrorKind::ConnectionReset)));
    assert_eq!(house.answer(1).outcome, AnswerOutcome::Reset);
}

#[test]
fn a_close_is_in_order_and_without_a_byte() {
    let house = answering("close delay=200ms");
    let (bytes, end, took) = ended(&house, &post("/", &[], b"x"));
    assert_eq!((bytes.len(), end), (0, None));
    assert!(took >= Duration::from_millis(200), "{took:?}");
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::Broken, None));
}

#[test]
fn garbage_is_no_http() {
    let house = answering("garbage");
    let (bytes, end, _) = ended(&house, &post("/", &[], b"x"));
    assert_eq!(end, None);
    assert!(bytes.len() > 20 && !bytes.starts_with(b"HTTP"), "{bytes:?}");
    assert_eq!(house.answer(1).outcome, AnswerOutcome::Broken);
}

#[test]
fn a_cut_body_ends_in_the_middle() {
    let house = answering(r#"201 header="X-A: b" body=0123456789 fault=cut"#);
    let (bytes, end, _) = ended(&house, &post("/", &[], b"x"));
    let text = text(&bytes);
    assert_eq!(end, None);
    assert!(text.starts_with("HTTP/1.1 201 Created\r\nX-A: b\r\ncontent-length: 10\r\n\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\n01234"), "{text}");
    let answer = house.answer(1);
    let told = (answer.outcome, answer.status, &answer.body.bytes[..]);
    assert_eq!(told, (AnswerOutcome::Broken, Some(201), &b"01234"[..]));
}

#[test]
fn a_wrong_length_is_wrong_both_ways() {
    for length in [3, 99] {
        let house = answering(&format!("200 body=0123456789 length={length}"));
        let (bytes, end, _) = ended(&house, &post("/", &[], b"x"));
        let text = text(&bytes);
        assert_eq!(end, None);
        assert!(text.contains(&format!("content-length: {length}\r\n")), "{text}");
        assert!(text.ends_with("\r\n\r\n0123456789"), "{text}");
        assert_eq!(house.answer(1).outcome, AnswerOutcome::Broken);
    }
}

#[test]
fn who_waits_is_released_when_the_listener_stops() {
    for given in ["never", "200 delay=10h", "200 body=abcdefghij drip=1"] {
        let mut house = answering(given);
        let mut streams: Vec<TcpStream> = (0..40)
            .map(|_| {
                let mut stream = house.connect();
                stream.write_all(&post("/", &[], b"x")).unwrap();
                stream
            })
            .collect();
        house.request(40);
        let begun = Instant::now();
        house.stop();
        assert!(begun.elapsed() < DEADLINE, "{given}: {:?}", begun.elapsed());
        for stream in &mut streams {
            read_all(stream);
        }
        let told =
            until("all are told", || (1..=40).all(|id| house.exchange(id).answer.is_some()).then(|| house.answer(1)));
        if !given.contains("drip") {
            assert!(told.rule.ends_with("; cut short: the listener stopped"), "{given}: {}", told.rule);
        }
    }
}

#[test]
fn fifty_deliveries_get_their_own_500_500_200() {
    let house = answering("fail 500 x2, then 200");
    let addr = house.addr;
    let story = move |number: u32| -> Vec<u16> {
        let id = format!("delivery-{number}");
        let signature = ("X-Hub-Signature-256", "sha256=0");
        let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", id.as_str()), signature];
        (0..4).map(|_| send(addr, &post("/hook", &headers, b"{}")).status).collect()
    };
    let stories: Vec<_> = (0..50).map(|number| std::thread::spawn(move || story(number))).collect();
    for story in stories {
        assert_eq!(story.join().unwrap(), [500, 500, 200, 200]);
    }
    let answer = house.answer(1);
    let choice = answer.choice.as_ref().unwrap();
    assert_eq!((choice.by, choice.step.map(|step| step.of)), (ChosenBy::Script, Some(3)));
    // Without an id the path is counted; and it can begin anew.
    let plain = |path: &str| send(addr, &post(path, &[], b"")).status;
    assert_eq!([plain("/a"), plain("/b"), plain("/a"), plain("/a"), plain("/b")], [500, 500, 500, 200, 500]);
    house.replies.reset_counters();
    assert_eq!(plain("/a"), 500);
}

#[test]
fn a_script_goes_through_every_fault() {
    let house = answering("fail 503, timeout 150ms, reset, garbage, then 204");
    let request = b"POST /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx";
    let once = || ended(&house, request);
    let (bytes, ..) = once();
    assert!(bytes.starts_with(b"HTTP/1.1 503"));
    let (bytes, end, took) = once();
    assert!(bytes.is_empty() && end.is_none() && took >= Duration::from_millis(150), "{took:?}");
    assert_eq!(once().1, Some(ErrorKind::ConnectionReset));
    assert!(!once().0.starts_with(b"HTTP"));
    for _ in 0..2 {
        assert!(once().0.starts_with(b"HTTP/1.1 204"));
    }
}

#[test]
fn every_kind_is_a_word_of_respond() {
    let home = super::support::Home::new();
    home.write("hello.j2", "hello {{ request.query.name }}\n");
    let listening = home.listen(&["--respond", "201 template=@hello.j2"]);
    let answer = send(listening.address, b"GET /?name=you HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((answer.status, text(&answer.body).as_str()), (201, "hello you\n"));
    drop(listening);
    home.write("bad.j2", "one\n{{ open\n");
    let failed = home.run(&["listen", "--headless", "-p", "0", "--respond", "200 template=@bad.j2"]);
    assert_eq!(failed.code, Some(2));
    assert!(failed.stderr.contains("line 2 of the template"), "{}", failed.stderr);
    let scripted = home.listen(&["--respond", "fail 500 x2, then 200", "-s", "s.jsonl"]);
    let statuses: Vec<u16> = (0..3).map(|_| send(scripted.address, &post("/", &[], b"")).status).collect();
    assert_eq!(statuses, [500, 500, 200]);
    let lines = [scripted.line(), scripted.line(), scripted.line()].join("\n");
    assert!(lines.contains("500 1/3") && lines.contains("500 2/3") && lines.contains("200 3/3"), "{lines}");
}

/// What is to be said of an answer beside its rule.
fn notes(answer: &hooksight::domain::exchange::Answer) -> String {
    answer.choice.as_ref().map_or(String::new(), |choice| choice.notes.join("; "))
}

#[test]
fn a_sender_that_leaves_during_a_delay_is_told_at_once() {
    let house = answering("200 delay=30s");
    let mut stream = house.connect();
    stream.write_all(&post("/", &[], b"x")).unwrap();
    let id = house.request(1).id;
    let waiting = until("it is told what waits", || house.replies.waiting(id));
    assert_eq!((&*waiting.rule, &*waiting.what), ("all requests", "200"));
    let left_us = waiting.until.unwrap().micros_since(house.request(1).first_byte);
    assert!((25_000_000..60_000_000).contains(&left_us), "{left_us}");
    drop(stream);
    // Long before its time.
    let answer = house.answer(1);
    assert_eq!(answer.outcome, AnswerOutcome::SenderLeft);
    assert!(notes(&answer).contains("the sender left after") && notes(&answer).contains("of a wait of 30 s"));
    until("nothing waits any more", || house.replies.waiting(id).is_none().then_some(()));
}

#[test]
fn one_that_closes_its_half_during_a_delay_gets_its_answer_then() {
    let house = answering("202 delay=30s");
    let mut stream = house.connect();
    stream.write_all(&post("/", &[], b"x")).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 202"));
}

#[test]
fn what_goes_wrong_on_purpose_after_a_wait_does_not_when_nobody_is_there() {
    for reply in ["reset delay=30s", "close delay=30s", "garbage delay=30s"] {
        let house = answering(reply);
        let mut stream = house.connect();
        stream.write_all(&post("/", &[], b"x")).unwrap();
        let id = house.request(1).id;
        until("it waits", || house.replies.waiting(id));
        drop(stream);
        let answer = house.answer(1);
        assert_eq!((answer.outcome, answer.status), (AnswerOutcome::SenderLeft, None), "{reply}");
    }
}

#[test]
fn what_drips_is_kept_as_far_as_it_left() {
    let text = format!("200 body='{}' drip=5", "0123456789".repeat(20));
    let mut house = answering(&text);
    let mut stream = house.connect();
    stream.write_all(&post("/", &[], b"x")).unwrap();
    read_until(&mut stream, "012");
    assert_eq!(house.replies.waiting(house.request(1).id).unwrap().what, "200 drips, its last byte");
    drop(stream);
    let left = house.answer(1);
    assert_eq!(left.outcome, AnswerOutcome::SenderLeft);
    assert!((3..100).contains(&left.body.bytes.len()), "{}", left.body.bytes.len());
    assert!(notes(&left).contains("of 200 B of the body had left"), "{}", notes(&left));
    let mut stream = house.connect();
    stream.write_all(&post("/", &[], b"x")).unwrap();
    read_until(&mut stream, "012");
    house.stop();
    let cut = house.answer(2);
    assert_eq!(cut.outcome, AnswerOutcome::Broken);
    assert!(cut.rule.ends_with("cut short: the listener stopped") && cut.body.bytes.len() < 200, "{}", cut.rule);
}

#[test]
fn a_fault_is_told_by_its_name_and_its_numbers() {
    for (reply, words) in [
        ("200 body='0123456789' fault=cut", "cut after 5 of 10 B on purpose"),
        ("200 body=short length=99", "with a Content-Length of 99 before 5 B, wrong on purpose"),
        ("close", "connection closed without an answer, on purpose"),
        ("garbage", "bytes that are no HTTP in place of an answer, on purpose"),
        ("reset", "connection reset on purpose"),
    ] {
        let house = answering(reply);
        ended(&house, &post("/", &[], b"x"));
        let answer = house.answer(1);
        let wrong = answer.choice.as_ref().and_then(|choice| choice.wrong).expect("what was wrong");
        assert_eq!(wrong.words(answer.body.length_bytes), words);
    }
}
