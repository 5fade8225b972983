//! What goes on behind the answer, or later: acknowledged first, tried again, in order, to several.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, ExchangeId, Mark};
use hooksight::domain::forward::{Also, Health, Retry, Route, Target};
use hooksight::domain::reply::Reply;
use hooksight::io::forward::behind::{Behind, Job, SHADOW_WAITING_MAX, WAITING_MAX};

use super::app::App;
use super::{forwarding, target};
use crate::capture_harness::{DEADLINE, House, until};
use crate::support::{post, send};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";

/// Acknowledges with 202 and forwards behind that, with quick retries.
fn acknowledging(route: Route) -> House {
    let retry = Retry { tries: 4, wait_ms: 5, wait_ms_max: 20 };
    let house = forwarding(Route { acknowledges: true, retry, ..route });
    house.replies.change(|rules| rules.replies.all = Reply::parse("202").expect("a reply"));
    house
}

fn attempts(house: &House, id: u64, count: usize) -> Vec<Arc<Attempt>> {
    until("the attempts are kept", || Some(house.exchange(id).attempts).filter(|attempts| attempts.len() >= count))
}

fn status(attempt: &Attempt) -> Option<u16> {
    match &attempt.outcome {
        AttemptOutcome::Answered { status, .. } => Some(*status),
        AttemptOutcome::Failed { .. } => None,
    }
}

fn behind(house: &House) -> &Behind {
    house.replies.behind().expect("it forwards")
}

#[test]
fn the_sender_is_answered_while_the_app_still_thinks() {
    let gate = Arc::new(AtomicBool::new(false));
    let open = Arc::clone(&gate);
    let app = App::new(move |stream, _| {
        let begun = Instant::now();
        while !open.load(Ordering::SeqCst) && begun.elapsed() < DEADLINE {
            std::thread::sleep(Duration::from_millis(1)); // a poll under a deadline
        }
        stream.write_all(OK.as_bytes()).is_ok()
    });
    let house = acknowledging(Route::to(target(&app.url())));
    for number in 0..20 {
        assert_eq!(send(house.addr, &post(&format!("/{number}"), &[], b"body")).status, 202);
    }
    until("the app is asked", || (app.connections() > 0).then_some(()));
    assert!(house.exchange(1).attempts.is_empty());
    gate.store(true, Ordering::SeqCst);
    for id in 1..=20 {
        let attempt = attempts(&house, id, 1).remove(0);
        assert_eq!((attempt.kind, status(&attempt)), (AttemptKind::Forward, Some(200)));
        // The body is the request's: it stands in the file once.
        assert!(attempt.sent.body.is_empty() && attempt.sent.head.starts_with(b"POST /"));
        assert_eq!(app.got().body, b"body");
    }
    until("nothing waits", || (behind(&house).waiting() == 0).then_some(()));
    assert!(house.file_text().contains("\"event\":\"attempt\",\"id\":1,"));
}

#[test]
fn failures_are_tried_again_and_refusals_are_not() {
    let app = App::new(|stream, number| {
        let answers = [BUSY, BUSY, OK, "HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n", BUSY];
        stream.write_all(answers[number.min(4)].as_bytes()).is_ok()
    });
    let house = acknowledging(Route::to(target(&app.url())));
    let all = |id: u64, count: usize| -> Vec<_> { attempts(&house, id, count).iter().map(|one| status(one)).collect() };
    let settled = || until("nothing waits", || (behind(&house).waiting() == 0).then_some(()));
    send(house.addr, &post("/late", &[], b"x"));
    assert_eq!(all(1, 3), [Some(503), Some(503), Some(200)]);
    settled();
    send(house.addr, &post("/wrong", &[], b"x"));
    assert_eq!(all(2, 1), [Some(422)]);
    settled();
    // And no more often than the policy says.
    send(house.addr, &post("/never", &[], b"x"));
    assert_eq!(all(3, 4), [Some(503); 4]);
    settled();
    assert_eq!(house.exchange(3).attempts.len(), 4);
    // Each says which it was, and what came behind it.
    let notes = |id: u64| -> Vec<String> {
        let of = |attempt: &Arc<Attempt>| match &attempt.outcome {
            AttemptOutcome::Answered { marks, .. } => marks
                .iter()
                .find_map(|mark| match mark {
                    Mark::Note { text } => Some(text.split(" in ").next().unwrap_or_default().to_owned()),
                    _ => None,
                })
                .unwrap_or_default(),
            AttemptOutcome::Failed { message } => message.clone(),
        };
        house.exchange(id).attempts.iter().map(of).collect()
    };
    assert_eq!(notes(1), ["try 1 of 4, next", "try 2 of 4, next", "try 3 of 4"]);
    assert_eq!(notes(2), ["try 1 of 4, not tried again: such an answer stays as it is"]);
    assert_eq!(notes(3), ["try 1 of 4, next", "try 2 of 4, next", "try 3 of 4, next", "given up after 4 tries"]);
}

#[test]
fn what_was_not_acknowledged_does_not_go_on() {
    let app = App::answering(OK);
    let house = acknowledging(Route::to(target(&app.url())));
    house.replies.change(|rules| rules.replies.all = Reply::parse("fail 500 x2, then 200").expect("a script"));
    let statuses: Vec<_> = (0..3).map(|_| send(house.addr, &post("/x", &[], b"x")).status).collect();
    assert_eq!(statuses, [500, 500, 200]);
    attempts(&house, 3, 1);
    assert!(house.exchange(1).attempts.is_empty() && house.exchange(2).attempts.is_empty());
}

#[test]
fn further_targets_and_a_shadow_get_the_same_behind_the_first_ones_answer() {
    let (first, copy) = (App::answering(OK), App::answering(BUSY));
    let shadow = App::answering("HTTP/1.1 201 Created\r\nX-New: 1\r\nContent-Length: 3\r\n\r\nnew");
    let also = |app: &App, is_shadow| Also { target: Arc::new(target(&app.url())), is_shadow };
    let house = forwarding(Route {
        also: vec![also(&copy, false), also(&shadow, true)],
        retry: Retry { tries: 1, ..Retry::default() },
        ..Route::to(target(&first.url()))
    });
    assert_eq!(send(house.addr, &post("/x", &[("X-Sig", "1")], b"same")).status, 200);
    let mut came: Vec<_> = attempts(&house, 1, 2).iter().map(|one| (one.kind, status(one))).collect();
    came.sort_by_key(|(_, status)| *status);
    assert_eq!(came, [(AttemptKind::Shadow, Some(201)), (AttemptKind::Copy, Some(503))]);
    for app in [&first, &copy, &shadow] {
        let came = app.got();
        let head = String::from_utf8_lossy(&came.head).into_owned();
        assert!(head.contains(&format!("Host: {}\r\nX-Sig: 1\r\n", app.authority())), "{head}");
        assert_eq!(came.body, b"same");
    }
    house.answer(1); // which is kept behind the answer that the sender has
    let shown = hooksight::domain::forward::difference::of(&house.exchange(1));
    let words = shown.iter().map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
    assert!(words.contains("201") && words.contains("x-new"), "{words}");
}

#[test]
fn a_shadow_has_one_try_and_a_copy_too_when_its_sender_sends_again() {
    let failing = || App::answering("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    let (first, copy, shadow) = (failing(), failing(), failing());
    let also = |app: &App, is_shadow| Also { target: Arc::new(target(&app.url())), is_shadow };
    let route = Route {
        also: vec![also(&copy, false), also(&shadow, true)],
        retry: Retry { tries: 3, wait_ms: 1, wait_ms_max: 1 },
        ..Route::to(target(&first.url()))
    };
    let house = forwarding(route.clone());
    let settled = || until("nothing waits", || (behind(&house).waiting() == 0).then_some(()));
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 500);
    settled();
    assert_eq!(attempts(&house, 1, 2).len(), 2);
    // Acknowledged, nobody sends it again: the copy is tried as the policy says, and the shadow as its own setting does.
    house.replies.change(|rules| {
        rules.replies.all = Reply::parse("202").expect("a reply");
        rules.routes.all = Some(Arc::new(Route { acknowledges: true, shadow_tries: 2, ..route.clone() }));
    });
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 202);
    settled();
    let count = |kind| attempts(&house, 2, 8).iter().filter(|one| one.kind == kind).count();
    assert_eq!([AttemptKind::Forward, AttemptKind::Copy, AttemptKind::Shadow].map(count), [3, 3, 2]);
}

#[test]
fn an_app_that_is_slow_is_not_one_that_is_down() {
    let app = App::new(|stream, number| {
        if number == 0 {
            std::thread::sleep(Duration::from_millis(400));
        }
        stream.write_all(OK.as_bytes()).is_ok()
    });
    let house = forwarding(Route { timeout_ms: 200, ..Route::to(target(&app.url())) });
    let health = || behind(&house).forwarder().healths().of(&target(&app.url()));
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 504);
    assert!(matches!(health(), Some(Health::Slow(why)) if why.contains("within 200 ms")), "{:?}", health());
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 200);
    assert_eq!(health(), Some(Health::Up));
}

#[test]
fn what_came_while_the_app_was_down_goes_on_in_order() {
    // A port that nobody has, until the app comes up.
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let house = forwarding(Route::to(target(&format!("http://{address}"))));
    for number in 1..=30 {
        assert_eq!(send(house.addr, &post(&format!("/{number}"), &[], b"x")).status, 502);
    }
    let jobs = |house: &House| -> Vec<Job> {
        let route = house.replies.get().routes.all.clone().expect("a route");
        let job = |id| Job {
            exchange: ExchangeId(id),
            route: Arc::clone(&route),
            to: Arc::clone(&route.first),
            kind: AttemptKind::Forward,
        };
        (1..=30).map(job).collect()
    };
    // Still down: it ends with the first, and says so.
    assert!(behind(&house).add_in_order(jobs(&house)));
    until("it ends", || behind(&house).course().is_none().then_some(()));
    assert_eq!((house.exchange(1).attempts.len(), house.exchange(2).attempts.len()), (1, 0));
    let is_down =
        house.replies.get().routes.all.as_ref().and_then(|route| behind(&house).forwarder().healths().of(&route.first));
    assert!(is_down.is_some_and(|health| !health.is_up()));
    let app = App::at(TcpListener::bind(address).expect("the same port"), |stream, _| {
        stream.write_all(OK.as_bytes()).is_ok()
    });
    assert!(behind(&house).add_in_order(jobs(&house)));
    let lines: Vec<_> = (0..30).map(|_| app.got().line()).collect();
    let expected: Vec<_> = (1..=30).map(|number| format!("POST /{number} HTTP/1.1")).collect();
    assert_eq!(lines, expected);
    until("it ends", || behind(&house).course().is_none().then_some(()));
    assert_eq!(attempts(&house, 30, 1).last().map(|one| status(one)), Some(Some(200)));
}

/// Requests that the app did not take, then all of them in order: how many tries each has had in the end.
fn in_order_to(app: &App, count: u64) -> Vec<usize> {
    let house = forwarding(Route { timeout_ms: 200, ..Route::to(target(&app.url())) });
    for _ in 0..count {
        assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 503);
    }
    let route = house.replies.get().routes.all.clone().expect("a route");
    let job = |id| Job {
        exchange: ExchangeId(id),
        route: Arc::clone(&route),
        to: Arc::clone(&route.first),
        kind: AttemptKind::Forward,
    };
    assert!(behind(&house).add_in_order((1..=count).map(job).collect()));
    until("it ends", || behind(&house).course().is_none().then_some(()));
    (1..=count).map(|id| house.exchange(id).attempts.len()).collect()
}

#[test]
fn one_slow_request_does_not_keep_those_behind_it_from_going_on() {
    let app = App::new(|stream, number| {
        if number == 6 {
            std::thread::park_timeout(DEADLINE);
        }
        let answer = if number < 5 { BUSY } else { OK };
        stream.write_all(answer.as_bytes()).is_ok()
    });
    assert_eq!(in_order_to(&app, 5), [1, 1, 1, 1, 1]);
    let hanging = App::new(|stream, number| {
        if number >= 6 {
            std::thread::park_timeout(DEADLINE);
        }
        stream.write_all(BUSY.as_bytes()).is_ok()
    });
    assert_eq!(in_order_to(&hanging, 6), [1, 1, 1, 0, 0, 0], "three in a row are enough");
}

#[test]
fn the_queue_is_bounded_and_says_what_it_left_out() {
    let app = App::new(|_, _| {
        std::thread::park_timeout(DEADLINE);
        false
    });
    let house = acknowledging(Route { timeout_ms: 60_000, ..Route::to(target(&app.url())) });
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 202);
    let route = house.replies.get().routes.all.clone().expect("a route");
    for _ in 0..WAITING_MAX + 19 {
        behind(&house).add(Job {
            exchange: ExchangeId(1),
            route: Arc::clone(&route),
            to: Arc::clone(&route.first),
            kind: AttemptKind::Forward,
        });
    }
    let left_out = attempts(&house, 1, 20);
    assert!(left_out.iter().all(
        |one| matches!(&one.outcome, AttemptOutcome::Failed { message } if message.contains("10000 requests wait for") && message.ends_with(" already"))
    ));
    assert_eq!(behind(&house).waiting(), WAITING_MAX);
    // Nobody else waits for them.
    let begun = Instant::now();
    assert_eq!(send(house.addr, &post("/y", &[], b"x")).status, 202);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn a_target_that_hangs_takes_nothing_from_another() {
    let hung = App::new(|_, _| {
        std::thread::park_timeout(DEADLINE);
        false
    });
    let app = App::answering(OK);
    let house = acknowledging(Route { timeout_ms: 60_000, ..Route::to(target(&app.url())) });
    assert_eq!(send(house.addr, &post("/x", &[], b"x")).status, 202);
    let route = house.replies.get().routes.all.clone().expect("a route");
    let to_hung = Arc::new(target(&hung.url()));
    let add = |to: &Arc<Target>, kind: AttemptKind, count: usize| {
        for _ in 0..count {
            behind(&house).add(Job { exchange: ExchangeId(1), route: Arc::clone(&route), to: Arc::clone(to), kind });
        }
    };
    add(&to_hung, AttemptKind::Copy, WAITING_MAX);
    add(&to_hung, AttemptKind::Shadow, SHADOW_WAITING_MAX + 3);
    add(&route.first, AttemptKind::Forward, 20);
    let all = attempts(&house, 1, 24);
    let taken = all.iter().filter(|one| status(one) == Some(200)).count();
    let left_out = |one: &&Arc<Attempt>| {
        one.kind == AttemptKind::Shadow
            && matches!(&one.outcome, AttemptOutcome::Failed { message } if message.contains("1000 requests wait for"))
    };
    assert_eq!((taken, all.iter().filter(left_out).count(), all.len()), (21, 3, 24));
}

#[test]
fn what_still_waits_at_the_end_is_kept_as_not_forwarded() {
    let mut house = acknowledging(Route {
        retry: Retry { tries: 9, wait_ms: 60_000, wait_ms_max: 60_000 },
        ..Route::to(target("http://127.0.0.1:1"))
    });
    house.replies.change(|rules| {
        let mut routes = rules.routes.clone();
        let route = Route {
            retry: Retry { tries: 9, wait_ms: 60_000, wait_ms_max: 60_000 },
            ..Route::clone(routes.all.as_ref().expect("a route"))
        };
        routes.all = Some(Arc::new(route));
        rules.routes = routes;
    });
    send(house.addr, &post("/x", &[], b"x"));
    attempts(&house, 1, 1);
    house.stop();
    behind(&house).stop();
    let last = attempts(&house, 1, 2).pop().expect("two");
    assert!(matches!(&last.outcome, AttemptOutcome::Failed { message } if message.contains("was stopped")), "{last:?}");
}

#[test]
fn an_app_that_is_down_does_not_keep_what_other_apps_missed_from_going_on() {
    let live = App::answering(OK);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let dead = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let house = forwarding(Route::to(target(&dead)));
    for number in 1..=7 {
        assert_eq!(send(house.addr, &post(&format!("/{number}"), &[], b"x")).status, 502);
    }
    let to = |url: &str| Arc::new(Route::to(target(url)));
    let (dead, healthy) = (to(&dead), to(&live.url()));
    let job = |id: u64| {
        // The first, and every third one then, is for the app that is down.
        let route = if id % 3 == 1 { &dead } else { &healthy };
        let to = Arc::clone(&route.first);
        Job { exchange: ExchangeId(id), route: Arc::clone(route), to, kind: AttemptKind::Forward }
    };
    assert!(behind(&house).add_in_order((1..=7).map(job).collect()));
    let lines: Vec<_> = (0..4).map(|_| live.got().line()).collect();
    assert_eq!(lines, [2, 3, 5, 6].map(|number| format!("POST /{number} HTTP/1.1")));
    until("it ends", || behind(&house).course().is_none().then_some(()));
    // The one that is down was asked once, not for each.
    assert_eq!([1, 4, 7].map(|id| house.exchange(id).attempts.len()), [1, 0, 0]);
}
