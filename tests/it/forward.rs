//! Requests that go on to an app: what it sees, what goes back, and what a bad one cannot do.

mod app;
mod bad_apps;
mod behind;
mod program;
mod streams;

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId};
use hooksight::domain::forward::{Route, Routes, Target};
use hooksight::domain::reply::{ChosenBy, Make, Reply, ReplyRules};
use hooksight::domain::rule::{Nobody, RuleSet};
use hooksight::io::listener::{ListenerLimits, SharedReplies};
use hooksight::io::store::StoreLimits;

use super::capture_harness::{DEADLINE, House, house_answering, read_until};
use super::support::{post, send};
use app::App;

pub fn target(url: &str) -> Target {
    Target::parse(url).expect("a URL")
}

/// A listener that forwards everything by this route.
pub fn forwarding(route: Route) -> House {
    let all = Reply { make: Make::Forward, ..Reply::default() };
    let rules = RuleSet {
        replies: ReplyRules { all, ..ReplyRules::default() },
        routes: Routes { all: Some(Arc::new(route)), ..Routes::default() },
        ..RuleSet::default()
    };
    let replies = SharedReplies::with(rules, Arc::new(Nobody));
    let house = house_answering(ListenerLimits::default(), replies, StoreLimits::default());
    house.replies.forward_by(hooksight::app::forward::start(house.store.clone(), house.addr).expect("a thread"));
    house
}

pub fn forwarding_to(url: &str) -> House {
    forwarding(Route::to(target(url)))
}

/// Sends requests until every thread's connection to the app is used again; how many there were.
pub fn until_reused(house: &House, app: &App) -> u64 {
    let mut without_new = 0;
    super::capture_harness::until("connections are used again", || {
        let before = app.connections();
        assert_eq!(send(house.addr, &post("/again", &[], b"x")).status, 200);
        without_new = if app.connections() == before { without_new + 1 } else { 0 };
        (without_new == 20).then_some(())
    });
    house.store.last_id().0
}

#[test]
fn the_listener_itself_is_no_target() {
    let house = forwarding_to("http://127.0.0.1:1");
    let itself = Route::to(target(&format!("http://{}", house.addr)));
    house.replies.change(|rules| rules.routes.all = Some(Arc::new(itself)));
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 502);
    std::thread::sleep(Duration::from_millis(100)); // in which a loop would turn hundreds of times
    assert_eq!(house.store.last_id(), ExchangeId(1));
    let kept = house.answer(1);
    let error = kept.choice.as_ref().and_then(|choice| choice.forwarded.as_ref()?.error.clone());
    assert!(error.is_some_and(|error| error.contains("the target is this listener itself")));
}

#[test]
fn the_app_gets_the_bytes_and_its_answer_goes_back() {
    let app = App::answering(
        "HTTP/1.1 201 Made\r\nX-Order: 1\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: keep-alive\r\n\
         Transfer-Encoding: chunked\r\n\r\n4\r\ndone\r\n0\r\n\r\n",
    );
    let house = forwarding_to(&app.url());
    let body: Vec<u8> = (0..20_000u32).map(|number| number as u8).collect();
    let head = format!(
        "PoSt /hooks/./a%20b?x=1&x=2 HTTP/1.1\r\nhOST: hooks.example\r\nX-Sig: t=1,v1=ab\r\nx-sig:  second \r\n\
         Keep-Alive: 5\r\nContent-Length: {}\r\nX-Hop: gone\r\nConnection: keep-alive, x-hop\r\n\r\n",
        body.len()
    );
    let answer = send(house.addr, &[head.as_bytes(), &body].concat());
    assert_eq!((answer.status, &answer.body[..]), (201, &b"done"[..]), "{}", answer.head);
    let lower = answer.head.to_ascii_lowercase();
    assert!(lower.contains("x-order: 1\r\n") && lower.contains("set-cookie: a=1\r\nset-cookie: b=2\r\n"), "{lower}");
    assert!(lower.contains("content-length: 4\r\n") && !lower.contains("chunked"), "{lower}");
    let came = app.got();
    assert_eq!(
        String::from_utf8_lossy(&came.head),
        format!(
            "PoSt /hooks/./a%20b?x=1&x=2 HTTP/1.1\r\nhOST: {}\r\nX-Sig: t=1,v1=ab\r\nx-sig:  second \r\n\
             Content-Length: {}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: hooks.example\r\n\
             X-Forwarded-Proto: http\r\n\r\n",
            app.authority(),
            body.len()
        )
    );
    assert!(came.body == body, "the body is another one");
    // The session says what went on, and what came back.
    let kept = house.answer(1);
    let choice = kept.choice.as_ref().expect("how it was chosen");
    let forwarded = choice.forwarded.as_ref().expect("where it went");
    assert_eq!((choice.by, kept.status, &kept.body.bytes[..]), (ChosenBy::App, Some(201), &b"done"[..]));
    assert_eq!((&forwarded.head[..], &forwarded.error), (&came.head[..], &None));
    assert!(forwarded.timing.first_byte_us.is_some());
}

#[test]
fn the_line_is_in_the_file_before_the_app_sees_the_request() {
    let (asked, ask) = std::sync::mpsc::channel();
    let (answered, answer) = std::sync::mpsc::channel::<()>();
    let answer = std::sync::Mutex::new(answer);
    let app = App::new(move |stream, _| {
        asked.send(()).expect("the test waits");
        answer.lock().expect("a lock").recv_timeout(DEADLINE).expect("an answer");
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_ok()
    });
    let house = forwarding_to(&app.url());
    let addr = house.addr;
    let sender = std::thread::spawn(move || send(addr, &post("/kept", &[], b"before")).status);
    ask.recv_timeout(DEADLINE).expect("the app is asked");
    assert!(house.file_text().contains("\"target\":\"/kept\""), "{}", house.file_text());
    answered.send(()).expect("the app waits");
    assert_eq!(sender.join().expect("a sender"), 204);
}

#[test]
fn one_connection_serves_many_and_a_closed_one_is_replaced_unseen() {
    let app = App::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let house = forwarding_to(&app.url());
    until_reused(&house, &app);
    let before = app.connections();
    let mut stream = house.connect();
    for number in 0..20 {
        stream.write_all(&post(&format!("/{number}"), &[], b"x")).expect("sent");
        read_until(&mut stream, "\r\n\r\nok");
    }
    // One more at most: a sender's connection may be another thread's, which has its own.
    assert!(app.connections() <= before + 1, "{} after {before}", app.connections());
    // The app closes behind each answer without a word: the sender never hears of it.
    let app = App::closing("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let house = forwarding_to(&app.url());
    for number in 0..50 {
        assert_eq!(send(house.addr, &post(&format!("/{number}"), &[], b"x")).status, 200);
        app.got();
    }
    assert_eq!(house.store.last_id(), ExchangeId(50));
}

#[test]
fn an_app_that_is_down_is_a_502_that_says_why_to_the_user_alone() {
    let house = forwarding_to("http://127.0.0.1:1/app");
    let answer = send(house.addr, &post("/x", &[], b"{}"));
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body, b"hooksight: the app could not be reached\n");
    let kept = house.answer(1);
    let choice = kept.choice.as_ref().expect("why");
    let error = choice.forwarded.as_ref().and_then(|forwarded| forwarded.error.clone()).expect("an error");
    assert!(error.contains("127.0.0.1:1") && error.contains("connection refused"), "{error}");
    assert!(choice.notes.iter().any(|note| note.contains("connection refused")), "{:?}", choice.notes);
    let is_kept = || house.file_text().contains("\"error\":\"could not connect").then_some(());
    super::capture_harness::until("the session file says why", is_kept);
}

#[test]
fn metadata_and_link_local_addresses_are_refused_however_they_are_named() {
    for url in ["http://169.254.169.254/latest", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"] {
        let house = forwarding_to(url);
        assert_eq!(send(house.addr, &post("/x", &[], b"")).status, 502, "{url}");
        let note = house.answer(1).choice.as_ref().expect("why").notes.join(" ");
        assert!(note.contains("refused to send") && note.contains("credentials"), "{url}: {note}");
    }
}

#[test]
fn a_redirect_goes_back_and_is_not_followed() {
    let app = App::answering(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n",
    );
    let house = forwarding_to(&app.url());
    let answer = send(house.addr, &post("/x", &[], b""));
    assert_eq!(answer.status, 307);
    assert!(answer.head.to_ascii_lowercase().contains("location: http://127.0.0.1:1/x\r\n"), "{}", answer.head);
}

#[test]
fn a_path_that_joins_and_a_reply_of_its_own_that_does_not_go_on() {
    let app = App::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let house = forwarding_to(&format!("{}/api/", app.url()));
    house.replies.change(|rules| rules.replies.paths.push(("/own".into(), Reply::parse("410").expect("a reply"))));
    assert_eq!(send(house.addr, &post("/a?b", &[], b"")).status, 200);
    assert_eq!(send(house.addr, &post("/own", &[], b"")).status, 410);
    assert_eq!(send(house.addr, &post("/c", &[], b"")).status, 200);
    let lines: Vec<_> = (0..2).map(|_| app.got().line()).collect();
    assert_eq!(lines, ["POST /api/a?b HTTP/1.1", "POST /api/c HTTP/1.1"]);
}

#[test]
fn a_script_fails_first_and_lets_the_app_answer_then() {
    let app = App::answering("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    let house = forwarding_to(&app.url());
    house.replies.change(|rules| rules.replies.all = Reply::parse("fail 500 x2, then forward").expect("a script"));
    let statuses: Vec<_> = (0..4).map(|_| send(house.addr, &post("/x", &[], b"")).status).collect();
    assert_eq!(statuses, [500, 500, 202, 202]);
}

#[test]
fn chunks_trailers_and_http_1_0_go_on_as_one_message() {
    let app = App::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let house = forwarding_to(&app.url());
    let mut stream = house.connect();
    stream
        .write_all(
            b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n\
              3\r\nabc\r\n4;e=1\r\ndefg\r\n0\r\nX-T: end\r\n\r\n",
        )
        .expect("sent");
    read_until(&mut stream, "\r\n\r\n");
    let came = app.got();
    assert_eq!(
        (came.framed.as_slice(), came.body.as_slice()),
        (&b"7\r\nabcdefg\r\n0\r\nX-T: end\r\n\r\n"[..], &b"abcdefg"[..])
    );
    let mut stream = house.connect();
    stream.write_all(b"POST /old HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi").expect("sent");
    read_until(&mut stream, "\r\n\r\n");
    let came = app.got();
    let expected = format!("POST /old HTTP/1.1\r\nContent-Length: 2\r\nHost: {}\r\n", app.authority());
    assert!(came.head.starts_with(expected.as_bytes()), "{}", String::from_utf8_lossy(&came.head));
}

#[test]
fn a_sender_that_leaves_does_not_take_the_request_from_the_app() {
    let (asked, ask) = std::sync::mpsc::channel();
    let app = App::new(move |stream, _| {
        asked.send(()).expect("the test waits");
        std::thread::sleep(Duration::from_millis(100));
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").is_ok()
    });
    let house = forwarding_to(&app.url());
    let mut stream = house.connect();
    stream.write_all(&post("/x", &[], b"x")).expect("sent");
    ask.recv_timeout(DEADLINE).expect("the app is asked");
    drop(stream);
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::SenderLeft, Some(200)));
    assert!(answer.choice.as_ref().is_some_and(|choice| choice.forwarded.is_some()));
}

#[test]
fn two_hundred_and_fifty_six_that_hang_stop_nobody_else() {
    let app = App::new(|_, _| {
        std::thread::park_timeout(DEADLINE);
        false
    });
    let quick = App::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let house = forwarding_to(&app.url());
    house.replies.change(|rules| rules.routes.paths.push(("/quick".into(), Arc::new(Route::to(target(&quick.url()))))));
    house.replies.change(|rules| rules.replies.paths.push(("/own".into(), Reply::default())));
    let hung: Vec<_> = (0..256)
        .map(|number| {
            let mut stream = house.connect();
            stream.write_all(&post(&format!("/hang/{number}"), &[], b"x")).expect("sent");
            stream
        })
        .collect();
    super::capture_harness::until("all are kept", || (house.store.last_id().0 == 256).then_some(()));
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(send(house.addr, &post("/own", &[], b"x")).status, 200);
        assert_eq!(send(house.addr, &post("/quick", &[], b"x")).status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(hung);
}

#[test]
fn a_sender_that_leaves_while_the_app_thinks_is_told_before_the_app_answers() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let app = App::new(move |stream, _| {
        let _ = gate.lock().expect("one at a time").recv_timeout(DEADLINE);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").is_ok()
    });
    let house = forwarding_to(&app.url());
    let mut stream = house.connect();
    stream.write_all(&post("/x", &[], b"x")).expect("sent");
    app.got();
    assert!(house.replies.waiting(ExchangeId(1)).expect("it waits").what.contains(&app.authority()));
    drop(stream);
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::SenderLeft, None));
    go.send(()).expect("the app waits");
    // What it answers is not lost.
    let attempts = super::capture_harness::until("the app's answer is kept", || {
        let exchange = house.exchange(1);
        (!exchange.attempts.is_empty()).then_some(exchange.attempts)
    });
    assert!(attempts[0].onward().is_some_and(|onward| onward.is_taken()));
}
