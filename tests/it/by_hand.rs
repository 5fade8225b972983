//! Requests that are held: decided by hand, let go when their time is over, and in nobody's way.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId};
use hooksight::domain::filter::Filter;
use hooksight::domain::reply::{ChosenBy, Reply};
use hooksight::domain::ring::RingLimits;
use hooksight::domain::rule::Hold;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::listener::desk::Verdict;
use hooksight::io::store::StoreLimits;

use super::capture_harness::{House, house, house_with, read_all, read_until, replying, until};
use super::support::{post, send};

fn holding(filter: &str, default_ms: u64) -> House {
    let house = house();
    let filter = Some(Filter::parse(filter).unwrap());
    house.replies.change(|rules| rules.hold = Some(Hold { filter, default_ms }));
    house
}

fn ask(house: &House, path: &str) -> TcpStream {
    let mut stream = house.connect();
    stream.write_all(&post(path, &[], b"held")).unwrap();
    stream
}

/// Waits until so many are held.
fn held(house: &House, count: usize) -> Vec<ExchangeId> {
    until("they are held", || {
        let ids: Vec<ExchangeId> = house.replies.desk().held().iter().map(|held| held.id).collect();
        (ids.len() == count).then_some(ids)
    })
}

#[test]
fn the_user_decides_about_each() {
    let house = holding("path:/hold*", 60_000);
    let mut streams: Vec<TcpStream> = (0..4).map(|at| ask(&house, &format!("/hold/{at}"))).collect();
    let ids = held(&house, 4);
    // They are kept before anybody decides, and what does not fit is answered at once.
    assert_eq!(house.file_text().lines().filter(|line| line.contains("/hold/")).count(), 4);
    assert!(ids.iter().all(|id| house.exchange(id.0).answer.is_none()));
    assert_eq!(send(house.addr, &post("/other", &[], b"")).status, 200);
    let stream_of = |id: ExchangeId| -> usize {
        let target = house.request(id.0).target.clone();
        usize::from(target.last().unwrap() - b'0')
    };
    let desk = house.replies.desk();
    let reply = Reply::parse("418 template='no {{ request.path }}'").unwrap();
    assert!(desk.decide(ids[0], Verdict::Answer(Box::new(reply))));
    assert!(desk.decide(ids[1], Verdict::Kill));
    assert!(desk.decide(ids[2], Verdict::LetGo));
    assert!(!desk.decide(ids[2], Verdict::LetGo), "it is gone");
    let answered = read_until(&mut streams[stream_of(ids[0])], "no /hold/");
    assert!(answered.starts_with("HTTP/1.1 418"), "{answered}");
    assert_eq!(read_all(&mut streams[stream_of(ids[1])]), "");
    assert!(read_until(&mut streams[stream_of(ids[2])], "\r\n\r\n").starts_with("HTTP/1.1 200"));
    // The last one's sender leaves.
    let left = stream_of(ids[3]);
    drop(streams.remove(left));
    let outcomes: Vec<AnswerOutcome> = ids.iter().map(|id| house.answer(id.0).outcome).collect();
    use AnswerOutcome::{Reset, SenderLeft, Sent};
    assert_eq!(outcomes, [Sent, Reset, Sent, SenderLeft]);
    let by: Vec<ChosenBy> = ids.iter().map(|id| house.answer(id.0).choice.as_ref().unwrap().by).collect();
    assert_eq!(by, [ChosenBy::Hand, ChosenBy::Hand, ChosenBy::Reply, ChosenBy::Reply]);
    held(&house, 0);
}

#[test]
fn the_default_goes_when_time_is_over_and_when_the_listener_stops() {
    let mut house = holding("path:/hold", 300);
    let begun = Instant::now();
    assert_eq!(send(house.addr, &post("/hold", &[], b"")).status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(270), "{:?}", begun.elapsed());
    let notes = house.answer(1).choice.as_ref().unwrap().notes.join(" ");
    assert!(notes.contains("nobody decided"), "{notes}");
    house.replies.change(|rules| rules.hold = Some(Hold::default()));
    let mut streams: Vec<TcpStream> = (0..20).map(|_| ask(&house, "/any")).collect();
    held(&house, 20);
    let begun = Instant::now();
    house.stop();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    for stream in &mut streams {
        assert!(read_all(stream).starts_with("HTTP/1.1 200"));
    }
}

#[test]
fn one_that_is_let_wait_longer_outlives_its_time_and_others_do_not() {
    let house = holding("path:/hold*", 1_500);
    let begun = Instant::now();
    let (mut first, mut second) = (ask(&house, "/hold/1"), ask(&house, "/hold/2"));
    let ids = held(&house, 2);
    let id_of_first = ids.into_iter().find(|id| house.request(id.0).target.ends_with(b"1")).unwrap();
    let desk = house.replies.desk();
    let until = |id| desk.held().iter().find(|held| held.id == id).map(|held| held.until);
    let before = until(id_of_first).unwrap();
    assert!(desk.prolong(id_of_first, Duration::from_secs(40)) && desk.prolong(id_of_first, Duration::from_secs(20)));
    assert_eq!(until(id_of_first), Some(before.plus_micros(60_000_000)));
    assert!(read_until(&mut second, "\r\n\r\n").starts_with("HTTP/1.1 200"));
    assert!(begun.elapsed() >= Duration::from_millis(1_300), "{:?}", begun.elapsed());
    assert_eq!(held(&house, 1), [id_of_first]);
    assert!(desk.decide(id_of_first, Verdict::Answer(Box::new(Reply::parse("418").unwrap()))));
    assert!(read_until(&mut first, "\r\n\r\n").starts_with("HTTP/1.1 418"));
    assert!(!desk.prolong(id_of_first, Duration::from_secs(1)), "it is gone");
}

/// Times of requests that are not held, sorted.
fn times(house: &House, count: usize) -> Vec<Duration> {
    let mut stream = house.connect();
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let begun = Instant::now();
            stream.write_all(&post("/pass", &[], b"0123456789")).unwrap();
            read_until(&mut stream, "\r\n\r\n");
            begun.elapsed()
        })
        .collect();
    times.sort();
    times
}

#[test]
fn twenty_that_are_held_delay_none_of_two_thousand() {
    let house = holding("path:/hold", 60_000);
    times(&house, 500);
    let alone = times(&house, 2_000);
    let streams: Vec<TcpStream> = (0..20).map(|_| ask(&house, "/hold")).collect();
    held(&house, 20);
    let beside = times(&house, 2_000);
    assert_eq!(held(&house, 20).len(), streams.len());
    let median = |times: &[Duration]| times[times.len() / 2];
    println!("median alone {:?}, beside 20 held {:?}", median(&alone), median(&beside));
    // A machine with other work is never steady: but who waits for one that is held waits for seconds.
    assert!(
        median(&beside) < median(&alone) * 3 + Duration::from_millis(2),
        "{:?} {:?}",
        median(&alone),
        median(&beside)
    );
    assert!(beside[1_999] < Duration::from_secs(2), "{:?}", beside[1_999]);
    house.replies.desk().let_all_go();
    held(&house, 0);
}

/// A sender on its own thread, and what it was answered.
fn sender(address: std::net::SocketAddr, path: &str) -> std::thread::JoinHandle<String> {
    let request = post(path, &[], b"{}");
    std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(super::support::DEADLINE)).unwrap();
        stream.write_all(&request).unwrap();
        let mut bytes = [0; 4096];
        match std::io::Read::read(&mut stream, &mut bytes) {
            Ok(count) => String::from_utf8_lossy(&bytes[..count]).into_owned(),
            Err(error) => error.kind().to_string(),
        }
    })
}

#[test]
fn in_the_interface_a_held_request_is_answered_killed_and_asked_about() {
    use termlens::Key;
    let home = super::support::Home::new();
    let mut screen = super::support::terminal(&home, &["-p", "0"]);
    let address = super::support::address_on(&mut screen);
    screen.send(Key::Char('i')).unwrap();
    screen.wait_until(|screen| screen.contains("HOLDING")).expect("holding");
    let first = sender(address, "/first");
    screen.wait_until(|screen| screen.contains("HOLDING 1") && screen.contains("/first")).expect("held");
    screen.wait_until(|screen| screen.contains("then 200") && screen.contains("█")).expect("a bar");
    screen.send(Key::Char('a')).unwrap();
    screen
        .wait_until(|screen| screen.contains("(POST /first, held)") && screen.contains("as is"))
        .expect("the chooser");
    for key in "503".chars() {
        screen.send(Key::Char(key)).unwrap();
    }
    screen.send(Key::Enter).unwrap();
    let answered = first.join().unwrap();
    assert!(answered.starts_with("HTTP/1.1 503"), "{answered}");
    // What is said of the one before must not be taken for the next one's.
    screen.wait_until(|screen| !screen.contains("HOLDING 1")).expect("nothing held");
    let second = sender(address, "/second");
    screen.wait_until(|screen| screen.contains("HOLDING 1") && screen.contains("/second")).expect("held");
    screen.send(Key::Char('X')).unwrap();
    assert_eq!(second.join().unwrap(), "connection reset");
    screen.wait_until(|screen| !screen.contains("HOLDING 1")).expect("nothing held");
    let third = sender(address, "/third");
    screen.wait_until(|screen| screen.contains("HOLDING 1") && screen.contains("/third")).expect("held");
    screen.send(Key::Char('q')).unwrap();
    screen.wait_until(|screen| screen.contains("A request is held")).expect("a question");
    screen.send(Key::Char('y')).unwrap();
    assert!(third.join().unwrap().starts_with("HTTP/1.1 200"));
    assert!(screen.wait_exit().expect("it ends").success());
    let rows = home.run(&["ls", "latest", "--json"]).code(0).json();
    let told: Vec<_> = rows.iter().map(|row| (row["by"].as_str(), row["answer"].as_str())).collect();
    assert_eq!(told[..2], [(Some("hand"), Some("sent")), (Some("hand"), Some("reset"))]);
}

#[test]
fn what_is_held_and_large_is_whole_again_when_it_is_let_go() {
    // Nothing but the newest request is in memory.
    let ring = RingLimits { bytes: 1, ..RingLimits::default() };
    let limits = StoreLimits { ring, ..StoreLimits::default() };
    let house = house_with(ListenerLimits::default(), replying(Reply::parse("200 echo").unwrap()), limits);
    let filter = Some(Filter::parse("path:/hold*").unwrap());
    house.replies.change(|rules| rules.hold = Some(Hold { filter, default_ms: 60_000 }));
    let body = vec![b'y'; 300_000];
    let mut streams: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = house.connect();
            stream.write_all(&post("/hold", &[("Connection", "close")], &body)).unwrap();
            stream
        })
        .collect();
    let ids = held(&house, 2);
    assert_eq!(send(house.addr, &post("/other", &[], b"newer")).body, b"newer");
    let desk = house.replies.desk();
    let template = Reply::parse("202 template='{{ request.body | length }}'").unwrap();
    assert!(desk.decide(ids[0], Verdict::Answer(Box::new(template))) && desk.decide(ids[1], Verdict::LetGo));
    let answers: Vec<String> = streams.iter_mut().map(read_all).collect();
    assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 202") && answer.ends_with("\r\n\r\n300000")));
    assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 200") && answer.len() > body.len()));
}
