use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, Request};
use crate::domain::record;
use crate::domain::reply::ReplyRules;
use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::listener::{Listener, ListenerLimits, PortChoice, SharedReplies, bind};

use super::*;

/// While the line cannot be written because the file is busy, no byte of the answer leaves.
#[test]
fn the_answer_waits_for_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path(), StoreLimits::default(), Inbox::default()).unwrap();
    let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Any).unwrap();
    let addr = bound.addr;
    let replies = SharedReplies::new(ReplyRules::default());
    let listener = Listener::start(bound, store.clone(), replies, ListenerLimits::default()).unwrap();
    for request in ["POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "no HTTP at all\r\n\r\n"] {
        let busy = store.0.shared.core();
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock, "answered before it was kept");
        drop(busy);
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 1);
    }
    assert_eq!(store.last_id(), ExchangeId(2));
    listener.shutdown(Duration::from_secs(1));
}

#[test]
fn ids_that_cannot_be_are_skipped_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.jsonl");
    let line = |id: u64| {
        format!(
            "{{\"v\":1,\"event\":\"request\",\"id\":{id},\"at\":\"2026-01-01T00:00:00Z\",\"http\":\"1.1\",\"body\":\"{id}\"}}\n"
        )
    };
    let text = [line(1), line(u64::MAX), line(3), line(1), line(0)].concat();
    std::fs::write(&path, text).unwrap();
    let (store, report) = Store::open(&path).unwrap();
    assert_eq!((report.requests, report.said.len()), (2, 3), "{:?}", report.said);
    assert_eq!(store.last_id(), ExchangeId(3));
    assert_eq!(store.request(ExchangeId(3)).unwrap().body.bytes, "3");
    assert!(matches!(store.request(ExchangeId(2)), Err(StoreError::Gone(_))));
}

/// What is left when a line was cut from outside, another came behind it, and the first was written again from memory.
#[test]
fn a_line_written_again_counts_when_the_first_one_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.jsonl");
    let line = |id: u64, body: &str| {
        format!(
            "{{\"v\":1,\"event\":\"request\",\"id\":{id},\"at\":\"2026-01-01T00:00:00Z\",\"http\":\"1.1\",\"body\":\"{body}\"}}\n"
        )
    };
    // It happens to end as a line does.
    let whole = line(1, "{one} more");
    let half = whole.split_inclusive("{one}").next().unwrap().to_owned() + "\n";
    // It does not, but another line does that was glued to it.
    let glued = line(2, "two")[..50].to_owned() + &line(4, "lost");
    let text = [half, glued, line(3, "three"), whole, line(3, "again")].concat();
    std::fs::write(&path, text).unwrap();
    let (store, report) = Store::open(&path).unwrap();
    assert_eq!(store.request(ExchangeId(1)).unwrap().body.bytes, "{one} more");
    assert!(matches!(store.request(ExchangeId(2)), Err(StoreError::Gone(_))));
    assert_eq!(store.request(ExchangeId(3)).unwrap().body.bytes, "three", "the first whole one counts");
    assert_eq!((report.requests, report.said.len()), (2, 3), "{:?}", report.said);
    assert!(report.said[0].contains("line 2") && report.said[0].contains("is skipped"), "{:?}", report.said);
    assert!(report.said[1].contains("line 4") && report.said[1].contains("takes the place"), "{:?}", report.said);
}

#[test]
fn a_file_changed_from_outside_is_said_and_the_next_lines_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::default();
    let store = Store::create(folder.path(), StoreLimits::default(), inbox.clone()).unwrap();
    let path = store.path().unwrap();
    store.append_note(None, "one").unwrap();
    std::fs::write(&path, "").unwrap();
    store.0.shared.tick();
    let said = inbox.drain().notices;
    assert!(said.iter().any(|notice| matches!(notice, Notice::Said(text) if text.contains("changed"))), "{said:?}");
    let kept = keep_at(&store, clock::now());
    let (read, report) = Store::open(&path).unwrap();
    assert_eq!(report.said, Vec::<String>::new());
    assert_eq!(read.request(ExchangeId(1)).unwrap(), kept);
}

fn keep_at(store: &Store, first_byte: Timestamp) -> Arc<Request> {
    let request = Request {
        id: ExchangeId(0),
        peer: None,
        first_byte,
        body_complete_us: 7,
        version: crate::domain::exchange::HttpVersion::Http11,
        method: "GET".into(),
        target: "/".into(),
        headers: Default::default(),
        pseudo: Default::default(),
        raw_head: None,
        body: Default::default(),
        trailers: Default::default(),
        marks: vec![],
    };
    store.keep(request).now().unwrap()
}

#[test]
fn a_clock_that_jumps_leaves_ids_in_order_and_no_duration_below_zero() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path(), StoreLimits::default(), Inbox::default()).unwrap();
    let path = store.path().unwrap();
    // Forward by a year, back by two, to where time begins, to where it ends.
    let times = [1_790_000_000, 1_821_536_000, 1_758_464_000, 0, 253_402_300_799];
    let mut kept = Vec::new();
    for (number, at) in times.into_iter().enumerate() {
        let at = Timestamp::from_secs(at);
        let request = keep_at(&store, at);
        assert_eq!(request.id, ExchangeId(number as u64 + 1));
        // The clock was set back by an hour before the answer left.
        let done = at.plus_micros(-3_600_000_000);
        let answer = Answer {
            exchange: request.id,
            begun: Some(at),
            done,
            outcome: crate::domain::exchange::AnswerOutcome::Sent,
            status: Some(200),
            headers: Default::default(),
            body: Default::default(),
            rule: String::new(),
            choice: None,
        };
        assert_eq!(crate::domain::summary::AnswerBrief::of(&answer, &request).answer_us, 0);
        store.keep_answer(answer.clone());
        kept.push((request, answer));
    }
    store.flush();
    let (read, report) = Store::open(&path).unwrap();
    assert_eq!(report, OpenReport { requests: kept.len() as u64, said: Vec::new() });
    for (request, answer) in kept {
        let exchange = read.exchange(request.id).unwrap();
        assert_eq!((&exchange.request, exchange.answer.as_deref()), (&request, Some(&answer)));
    }
}

#[test]
fn a_handler_that_is_dropped_while_its_line_waits_for_company_has_it_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path(), StoreLimits::default(), Inbox::default()).unwrap();
    let request = Request { method: "POST".into(), ..keep_at(&store, Timestamp::from_secs(1)).as_ref().clone() };
    let mut kept = store.keep(request);
    let lines = |store: &Store| std::fs::read(store.path().unwrap()).unwrap().iter().filter(|b| **b == b'\n').count();
    let before = lines(&store);
    let waker = std::task::Waker::noop();
    {
        let mut waiting = std::pin::pin!(kept.durable());
        assert!(waiting.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        assert_eq!(lines(&store), before, "it waits");
    }
    drop(kept);
    assert_eq!((store.last_id(), lines(&store)), (ExchangeId(2), before + 1));
}

#[test]
fn requests_that_are_ready_together_are_written_together_in_the_order_of_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let [store, other] = [(); 2].map(|()| {
        let inbox = Inbox::default();
        (Store::create(folder.path(), StoreLimits::default(), inbox.clone()).unwrap(), inbox)
    });
    let request = Request { method: "POST".into(), ..keep_at(&store.0, Timestamp::from_secs(1)).as_ref().clone() };
    let keep =
        |store: &Store, target: &str| store.keep(Request { target: target.to_owned().into(), ..request.clone() });
    let kept = [keep(&store.0, "/a"), keep(&store.0, "/b")];
    assert_eq!(store.0.last_id(), ExchangeId(1), "they wait");
    // Another store's cannot go with them: they are written.
    let elsewhere = keep(&other.0, "/c");
    assert_eq!((store.0.last_id(), other.0.last_id()), (ExchangeId(3), ExchangeId(0)));
    // A large one does not wait, but those before it have the lower numbers.
    let large = Request { body: Body::whole(vec![b'x'; record::encode::LARGE_BODY_BYTES + 1]), ..request.clone() };
    let more = [keep(&store.0, "/d"), store.0.keep(large)];
    let ids = |kept: &[Kept]| kept.iter().map(|kept| kept.now().unwrap().id.0).collect::<Vec<_>>();
    assert_eq!((ids(&kept), ids(&more), ids(&[elsewhere])), (vec![2, 3], vec![4, 5], vec![1]));
    let arrived = |inbox: &Inbox| {
        let arrived = |notice| match notice {
            Notice::Arrived(request) => Some(request.id.0),
            _ => None,
        };
        inbox.drain().notices.into_iter().filter_map(arrived).collect::<Vec<_>>()
    };
    assert_eq!((arrived(&store.1), arrived(&other.1)), (vec![1, 2, 3, 4, 5], vec![1]));
    let (read, report) = Store::open(&store.0.path().unwrap()).unwrap();
    assert_eq!((report.requests, report.said.len()), (5, 0));
    for kept in kept.iter().chain(&more) {
        let kept = kept.now().unwrap();
        assert_eq!(read.request(kept.id).unwrap(), kept);
    }
}
