use std::net::Ipv4Addr;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::rows::Rows;
use super::*;
use crate::app::settings::{Checks, Endpoint};
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{
    Answer, AnswerOutcome, Attempt, AttemptKind, AttemptOutcome, ExchangeId, HttpVersion, Request, SignatureChoice,
    Timing,
};
use crate::domain::filter::Filter;
use crate::domain::headers::Headers;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::signature::{Profiles, Secret};
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;
use crate::io::inbox::InboxLimits;
use crate::io::store::StoreLimits;

const WITHIN: Duration = Duration::from_secs(10);

fn checks() -> Checks {
    Checks {
        profiles: Profiles::builtin().clone(),
        endpoints: Vec::new(),
        scheme: None,
        secrets: Vec::new(),
        provider_secrets: Vec::new(),
        public_url: None,
        trust_proxy: false,
    }
}

/// A GitHub delivery as it would come, signed with `s3cr3t`.
fn delivery(path: &str) -> Request {
    let body = br#"{"zen":"Keep it logically awesome."}"#;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cr3t");
    let signature = format!("sha256={}", hex::encode(ring::hmac::sign(&key, body)));
    Request {
        id: ExchangeId(0),
        peer: Some((Ipv4Addr::LOCALHOST, 50_000).into()),
        first_byte: Timestamp::from_secs(1_790_000_000),
        body_complete_us: 100,
        version: HttpVersion::Http11,
        method: Bytes::from_static(b"POST"),
        target: Bytes::from(path.to_owned()),
        headers: Headers::from_pairs([
            ("Host", "127.0.0.1:7070"),
            ("X-GitHub-Event", "ping"),
            ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            ("X-Hub-Signature-256", signature.as_str()),
        ]),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(body.to_vec()),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}

struct World {
    store: Store,
    index: Index,
    judge: Arc<Judge>,
    events: Receiver<IndexEvent>,
    rows: Vec<Arc<Summary>>,
}

impl World {
    fn new(inbox_count: usize) -> Self {
        Self::bounded(inbox_count, usize::MAX)
    }

    fn bounded(inbox_count: usize, rows_max: usize) -> Self {
        let inbox = Inbox::new(InboxLimits { count: inbox_count, ..InboxLimits::default() });
        let store = Store::in_memory(StoreLimits::default(), inbox.clone());
        let judge = Arc::new(Judge::new(checks()));
        let (sender, events) = channel();
        let sink = move |event| drop(sender.send(event));
        let started = Index::start_bounded(store.clone(), inbox, Arc::clone(&judge), None, rows_max, sink);
        let index = started.expect("a thread");
        Self { store, index, judge, events, rows: Vec::new() }
    }

    /// Takes events until one fits; rows are kept up to date on the way.
    fn until<T>(&mut self, what: &str, mut fits: impl FnMut(&IndexEvent, &[Arc<Summary>]) -> Option<T>) -> T {
        let deadline = Instant::now() + WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let event = self.events.recv_timeout(left).unwrap_or_else(|_| panic!("no {what} within {WITHIN:?}"));
            match &event {
                IndexEvent::Arrived { rows, .. } => self.rows.extend(rows.iter().map(|(row, _)| Arc::clone(row))),
                IndexEvent::Changed(rows) => {
                    for row in rows {
                        let place = self.rows.iter().position(|known| known.id == row.id).expect("a known row changed");
                        self.rows[place] = Arc::clone(row);
                    }
                }
                _ => {}
            }
            if let Some(found) = fits(&event, &self.rows) {
                return found;
            }
        }
    }

    fn until_rows(&mut self, what: &str, fits: impl Fn(&[Arc<Summary>]) -> bool) {
        self.until(what, |_, rows| fits(rows).then_some(()));
    }
}

fn answer(id: ExchangeId, status: u16) -> Answer {
    Answer {
        exchange: id,
        begun: Some(Timestamp::from_secs(1_790_000_001)),
        done: Timestamp::from_secs(1_790_000_001),
        outcome: AnswerOutcome::Sent,
        status: Some(status),
        headers: Headers::new(),
        body: Body::default(),
        rule: "default".to_owned(),
        choice: None,
    }
}

#[test]
fn a_request_becomes_a_row_with_its_provider_and_a_verdict() {
    let mut world = World::new(100);
    world.store.capture(delivery("/github"));
    world.until_rows("row", |rows| !rows.is_empty());
    let row = &world.rows[0];
    assert_eq!((row.id, &*row.target, row.provider.as_deref()), (ExchangeId(1), "/github", Some("github")));
    assert_eq!(row.event_type.as_deref(), Some("ping"));
    assert_eq!(row.verdict, Some((Outcome::Unknown, Some(Cause::NoSecret))));
}

/// A delivery whose sender signed the body with a line end more.
fn newline_lost(path: &str) -> Request {
    let mut request = delivery(path);
    let signed = [&request.body.bytes[..], b"\n"].concat();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cr3t");
    let signature = format!("sha256={}", hex::encode(ring::hmac::sign(&key, &signed)));
    request.headers.set("X-Hub-Signature-256", signature);
    request
}

#[test]
fn the_list_gets_the_cause_that_the_search_finds_after_the_row() {
    let mut world = World::new(100);
    world.judge.add_secret("github", Secret::new("s3cr3t"), None);
    world.store.capture(newline_lost("/github"));
    let first = world.until("row", |_, rows| rows.first().map(|row| (row.verdict, row.is_first_look)));
    let found = Some((Outcome::Invalid, Some(Cause::BodyNewline)));
    assert!(first == (Some((Outcome::Invalid, Some(Cause::SignatureMismatch))), true), "{first:?}");
    world.until_rows("cause", |rows| rows[0].verdict == found && !rows[0].is_first_look);
    // And what is found elsewhere, when somebody opens one that was not searched.
    let look = crate::app::judge::Look { brief: (Outcome::Invalid, Some(Cause::BodyCharset)), is_first: false };
    world.index.tell(IndexCommand::Examined(ExchangeId(1), look));
    world.until_rows("examined row", |rows| rows[0].verdict == Some(look.brief));
}

/// The first of two whose bodies were mixed up is examined before the second is there.
#[test]
fn both_rows_name_the_mixed_up_bodies_once_both_have_come() {
    let mut world = World::new(100);
    world.judge.add_secret("github", Secret::new("s3cr3t"), None);
    let other = Body::whole(br#"{"zen":"Design for failure."}"#.to_vec());
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cr3t");
    let signature = format!("sha256={}", hex::encode(ring::hmac::sign(&key, &other.bytes)));
    let mut second = delivery("/github");
    second.headers.set("X-Hub-Signature-256", signature);
    world.store.capture(Request { body: other, ..delivery("/github") });
    let open = Some((Outcome::Invalid, Some(Cause::SignatureMismatch)));
    world.until_rows("first search", |rows| rows.first().is_some_and(|row| row.verdict == open && !row.is_first_look));
    world.store.capture(second);
    let found = Some((Outcome::Invalid, Some(Cause::SignatureOfAnotherRequest)));
    world.until_rows("both", |rows| rows.len() == 2 && rows.iter().all(|row| row.verdict == found));
}

#[test]
fn a_sink_that_prints_is_told_the_cause_with_the_row_as_long_as_that_takes_not_too_long() {
    let mut world = World::bounded(100, 1000);
    world.judge.add_secret("github", Secret::new("s3cr3t"), None);
    world.store.capture(newline_lost("/github"));
    world.until_rows("row", |rows| !rows.is_empty());
    assert_eq!(world.rows[0].verdict, Some((Outcome::Invalid, Some(Cause::BodyNewline))));
    assert!(!world.rows[0].is_first_look);
}

#[test]
fn large_requests_that_were_missed_are_not_held_all_at_once() {
    const BODY_BYTES: usize = 1024 * 1024;
    let world = World::new(1);
    let large = Request { body: Body::whole(vec![b'x'; BODY_BYTES]), ..delivery("/large") };
    for _ in 0..50 {
        world.store.capture(large.clone());
    }
    let mut seen = 0;
    while seen < 50 {
        let IndexEvent::Arrived { rows, .. } = world.events.recv_timeout(WITHIN).unwrap() else { continue };
        seen += rows.len();
        let bytes: usize = rows.iter().flat_map(|(_, request)| request).map(|request| request.body.bytes.len()).sum();
        assert!(bytes <= table::BATCH_BYTES_MAX + BODY_BYTES, "{bytes} bytes in one event");
    }
}

#[test]
fn rows_let_go_are_not_missed_and_their_late_answers_are_told() {
    let mut world = World::bounded(100_000, 2);
    for number in 1..=50 {
        world.store.capture(delivery("/github"));
        // One after the other, so that rows are let go in between.
        world.until_rows("row", |rows| rows.len() == number);
    }
    let ids: Vec<u64> = world.rows.iter().map(|row| row.id.0).collect();
    assert_eq!(ids, (1..=50).collect::<Vec<u64>>());
    assert!(world.rows.last().is_some_and(|row| row.delivery_count > 1));
    world.store.inbox().push(Notice::Answered(Arc::new(answer(ExchangeId(1), 200))));
    let told = world.until("the late answer", |event, _| match event {
        IndexEvent::Answered(answers) => answers.first().map(|answer| answer.exchange),
        _ => None,
    });
    assert_eq!(told, ExchangeId(1));
}

#[test]
fn rows_are_bounded_with_their_deliveries() {
    let mut rows = Rows::default();
    for number in 1..=100 {
        let request = Request { id: ExchangeId(number), ..delivery("/github") };
        let recognised = crate::domain::summary::Recognised {
            delivery: Some(format!("delivery {}", number / 2)),
            ..Default::default()
        };
        rows.push(Summary::of(&request, &recognised));
        rows.let_go(4);
    }
    assert!(rows.len() < 8 && rows.deliveries_len() < 8, "{} rows", rows.len());
    assert_eq!(rows.last_id(), ExchangeId(100));
    assert_eq!(rows.get(ExchangeId(99)).map(|row| row.delivery_count), Some(2));
    assert!(rows.was_let_go(ExchangeId(1)) && !rows.was_let_go(ExchangeId(99)));
}

/// The row of a delivery of that provider.
fn row_of(number: u64, provider: &str, id: &str) -> Summary {
    let request = Request { id: ExchangeId(number), ..delivery("/hooks") };
    let recognised = crate::domain::summary::Recognised {
        provider: Some(provider.into()),
        delivery: Some(id.to_owned()),
        ..Default::default()
    };
    Summary::of(&request, &recognised)
}

#[test]
fn one_id_of_two_providers_is_two_deliveries() {
    let mut rows = Rows::default();
    assert!(rows.push(row_of(1, "github", "7")).is_empty());
    assert!(rows.push(row_of(2, "svix", "7")).is_empty());
    assert_eq!(rows.push(row_of(3, "github", "7")), [ExchangeId(1)]);
    let counts: Vec<u32> = (1..=3).filter_map(|id| Some(rows.get(ExchangeId(id))?.delivery_count)).collect();
    assert_eq!(counts, [2, 1, 2]);
}

#[test]
fn a_delivery_that_comes_over_and_over_is_counted_to_the_end() {
    let mut rows = Rows::default();
    for id in 1..=70 {
        rows.push(row_of(id, "github", "7"));
    }
    let newest = rows.get(ExchangeId(70)).unwrap();
    assert_eq!((newest.delivery_count, newest.delivery_number, newest.delivery_first), (70, 70, ExchangeId(1)));
    // The newest siblings are brought up to date, the oldest are left behind.
    assert_eq!(rows.get(ExchangeId(69)).unwrap().delivery_count, 70);
    assert!(rows.get(ExchangeId(1)).unwrap().delivery_count < 70);
    assert_eq!(rows.get(ExchangeId(2)).unwrap().delivery_number, 2);
}

#[test]
fn a_delivery_whose_rows_were_all_let_go_begins_anew() {
    let mut rows = Rows::default();
    for id in 1..=8 {
        let delivery = if id == 5 || id == 6 { "7".to_owned() } else { format!("other {id}") };
        rows.push(row_of(id, "github", &delivery));
    }
    rows.let_go(2);
    // Their memory goes bit by bit; what they counted is gone at once.
    rows.push(row_of(9, "github", "7"));
    let row = rows.get(ExchangeId(9)).unwrap();
    assert_eq!((row.delivery_count, row.delivery_number, row.delivery_first), (1, 1, ExchangeId(9)));
    for id in 10..=20 {
        rows.push(row_of(id, "github", "7"));
    }
    assert_eq!(rows.get(ExchangeId(20)).unwrap().delivery_count, 12);
    assert_eq!(rows.deliveries_len(), 1 + 2);
}

#[test]
fn notices_that_were_dropped_are_no_rows_that_are_missing() {
    let mut world = World::new(1);
    for _ in 0..300 {
        world.store.capture(delivery("/github"));
    }
    world.until_rows("300 rows", |rows| rows.len() == 300);
    let ids: Vec<u64> = world.rows.iter().map(|row| row.id.0).collect();
    assert_eq!(ids, (1..=300).collect::<Vec<u64>>());
}

#[test]
fn a_delivery_that_comes_again_is_counted_on_both_rows() {
    let mut world = World::new(100);
    world.store.capture(delivery("/github"));
    world.until_rows("first row", |rows| rows.len() == 1);
    world.store.capture(delivery("/github"));
    world.until_rows("both counts", |rows| rows.len() == 2 && rows.iter().all(|row| row.delivery_count == 2));
}

#[test]
fn a_secret_given_later_checks_all_rows_again_and_a_wrong_guess_makes_room() {
    let mut world = World::new(100);
    for _ in 0..3 {
        world.store.capture(delivery("/github"));
    }
    world.until_rows("rows", |rows| rows.len() == 3);
    for (secret, valid) in [("wrong", 0), ("s3cr3t", 3)] {
        assert!(world.judge.add_secret("github", Secret::new(secret), None));
        world.index.tell(IndexCommand::Recheck {
            provider: Some("github".to_owned()),
            first: ExchangeId(2),
            told: Some(Told::Secret),
        });
        let counted = world.until("recheck", |event, _| match event {
            IndexEvent::Rechecked { valid, checked, .. } => Some((*valid, *checked)),
            _ => None,
        });
        assert_eq!(counted, (valid, 3), "{secret}");
    }
    let request = world.store.request(ExchangeId(1)).expect("kept");
    assert_eq!(world.judge.verdict(&request, &world.store).secret_number, None, "the wrong guess is forgotten");
    let known = world.judge.known_secrets();
    let [right] = known.as_slice() else { panic!("{known:?}") };
    assert_eq!((right.origin.as_str(), right.fitted), ("typed here", 3), "checked again, but counted once");
    // Forgotten, it fits no more, and what was valid is checked again without a word.
    assert_eq!(world.judge.forget_secret(right.number), Some(Some("github".to_owned())));
    world.index.tell(IndexCommand::Recheck { provider: Some("github".to_owned()), first: ExchangeId(1), told: None });
    world.until_rows("unknown", |rows| {
        rows.iter().all(|row| row.verdict == Some((Outcome::Unknown, Some(Cause::NoSecret))))
    });
}

/// A message as Twilio would send it to this URL, with the token `tok` (its documentation, "Validating Signatures").
fn message(url: &str) -> Request {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"tok");
    let tag = ring::hmac::sign(&key, format!("{url}BodyhiFrom1").as_bytes());
    let signature = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tag);
    let headers = [
        ("Host", "127.0.0.1:7070"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Twilio-Signature", signature.as_str()),
    ];
    Request { headers: Headers::from_pairs(headers), body: Body::whole(b"Body=hi&From=1".to_vec()), ..delivery("/sms") }
}

#[test]
fn a_public_url_given_later_checks_all_rows_again_and_counts_those_of_the_provider_looked_at() {
    let mut world = World::new(100);
    world.judge.add_secret("twilio", Secret::new("tok"), None);
    world.judge.add_secret("github", Secret::new("s3cr3t"), None);
    world.store.capture(message("https://a.example/sms"));
    world.store.capture(message("https://b.example/sms"));
    world.store.capture(delivery("/github"));
    world.until_rows("rows", |rows| rows.len() == 3 && rows.iter().all(|row| !row.is_first_look));
    assert_eq!(world.rows[0].verdict.map(|(outcome, _)| outcome), Some(Outcome::Invalid));
    for (url, valid) in [(Some("https://a.example"), 1), (Some("https://b.example"), 1), (None, 0)] {
        let looked_at = world.store.request(ExchangeId(1)).expect("kept");
        world.judge.set_public_url(url.map(str::to_owned), Some(&looked_at));
        world.index.tell(IndexCommand::Recheck { provider: None, first: ExchangeId(1), told: Some(Told::PublicUrl) });
        let counted = world.until("recheck", |event, _| match event {
            IndexEvent::Rechecked { after, provider, valid, checked } => {
                Some((*after, provider.clone(), *valid, *checked))
            }
            _ => None,
        });
        assert_eq!(counted, (Told::PublicUrl, "twilio".to_owned(), valid, 2), "{url:?}");
    }
}

#[test]
fn a_public_url_given_for_an_endpoint_with_its_own_takes_the_place_of_that_one_alone() {
    let endpoint = Endpoint {
        path: "/sms".into(),
        provider: None,
        secrets: Vec::new(),
        target: None,
        public_url: Some("https://wrong.example".into()),
        is_written: false,
    };
    let judge = Judge::new(Checks { endpoints: vec![endpoint], ..checks() });
    judge.add_secret("twilio", Secret::new("tok"), None);
    let (own, other) =
        (message("https://a.example/sms"), Request { target: "/other".into(), ..message("https://a.example/other") });
    let outcomes = || (judge.quick_verdict(&own).outcome, judge.quick_verdict(&other).outcome);
    assert_eq!(outcomes(), (Outcome::Invalid, Outcome::Invalid));
    judge.set_public_url(Some("https://a.example".into()), Some(&other));
    assert_eq!(outcomes(), (Outcome::Invalid, Outcome::Valid), "the endpoint keeps what the settings gave it");
    judge.set_public_url(Some("https://a.example".into()), Some(&own));
    assert_eq!(outcomes(), (Outcome::Valid, Outcome::Valid));
}

#[test]
fn a_secret_given_while_rows_are_checked_for_another_leaves_none_of_them_unchecked() {
    let mut world = World::new(100);
    world.store.capture(delivery("/github"));
    world.until_rows("a row", |rows| rows.len() == 1);
    for provider in ["github", "stripe"] {
        let told = Some(Told::Secret);
        let provider = Some(provider.to_owned());
        world.index.tell(IndexCommand::Recheck { provider, first: ExchangeId(1), told });
    }
    let mut told = Vec::new();
    world.until("both", |event, _| {
        if let IndexEvent::Rechecked { provider, .. } = event {
            told.push(provider.clone());
        }
        (told.len() == 2).then_some(())
    });
    assert_eq!(told, ["github", "stripe"]);
}

#[test]
fn a_filter_lets_through_what_fits_now_later_and_after_an_answer() {
    let mut world = World::new(100);
    let first = world.store.capture(delivery("/github"));
    world.store.capture(delivery("/other"));
    world.until_rows("rows", |rows| rows.len() == 2);
    let filter = Filter::parse("path:/github status:500").expect("a filter");
    world.index.tell(IndexCommand::Filter { version: 7, filter: Some(filter) });
    let fitting = world.until("filtered", |event, _| match event {
        IndexEvent::Filtered { version: 7, ids } => Some(ids.clone()),
        _ => None,
    });
    assert_eq!(fitting, []);
    world.store.answered(answer(first, 500));
    let more = world.until("match", |event, _| match event {
        IndexEvent::FilterMatched { version: 7, ids } => Some(ids.clone()),
        _ => None,
    });
    assert_eq!(more, [first]);
}

#[test]
fn the_provider_that_the_user_names_for_a_path_judges_it() {
    let mut world = World::new(100);
    let mut request = delivery("/own");
    request.headers.remove("X-GitHub-Event");
    request.headers.remove("X-GitHub-Delivery");
    request.headers.remove("X-Hub-Signature-256");
    request.headers.push("X-Gitlab-Token", "t0ken");
    world.store.capture(request);
    world.until_rows("row", |rows| !rows.is_empty());
    let request = world.store.request(ExchangeId(1)).expect("kept");
    assert!(world.judge.add_secret("stripe", Secret::new("whsec_x"), Some(&request)));
    assert_eq!(world.judge.verdict(&request, &world.store).scheme, "stripe");
}

/// Lines that were cut from outside stand behind newer ones when they were written again.
#[test]
fn a_saved_session_shows_what_was_written_again_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.jsonl");
    let line = |id: u64| {
        let mut request = delivery(&format!("/{id}"));
        request.id = ExchangeId(id);
        crate::domain::record::encode(&crate::domain::record::Event::Request(Arc::new(request)))
    };
    let half = line(2)[..60].to_vec();
    std::fs::write(&path, [line(1), half, b"\n".to_vec(), line(4), line(2), line(3), line(4), line(6)].concat())
        .expect("a file");
    let (store, _) = Store::open(&path).expect("a session");
    let (sender, events) = channel();
    let sink = move |event| drop(sender.send(event));
    let index = Index::start_bounded(
        store.clone(),
        Inbox::default(),
        Arc::new(Judge::new(checks())),
        Some(Saved { path, last: ExchangeId(6), is_followed: false }),
        usize::MAX,
        sink,
    );
    let mut ids = Vec::new();
    while ids.last() != Some(&6) {
        if let IndexEvent::Arrived { rows, .. } = events.recv_timeout(WITHIN).expect("six rows within the deadline") {
            ids.extend(rows.iter().map(|(row, _)| row.id.0));
        }
    }
    assert_eq!(ids, [1, 2, 3, 4, 6]);
    index.expect("a thread").finish();
}

#[test]
fn what_arrives_before_the_index_has_begun_is_no_old_news() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.jsonl");
    let inbox = Inbox::default();
    let keep = |inbox: Inbox| {
        let (store, _) = Store::append_to(&path, StoreLimits::default(), inbox).expect("a session");
        let last = store.last_id();
        store.capture(delivery("/one"));
        (store, last)
    };
    drop(keep(Inbox::default()));
    let (store, last) = keep(inbox.clone());
    let (sender, events) = channel();
    let sink = move |event| drop(sender.send(event));
    let saved = Some(Saved { path: path.clone(), last, is_followed: false });
    let index = Index::start(store, inbox, Arc::new(Judge::new(checks())), saved, sink).expect("a thread");
    let mut seen = Vec::new();
    while seen.len() < 2 {
        if let IndexEvent::Arrived { rows, .. } = events.recv_timeout(WITHIN).expect("two rows within the deadline") {
            seen.extend(rows.iter().map(|(row, request)| (row.id.0, request.is_some())));
        }
    }
    assert_eq!(seen, [(1, false), (2, true)]);
    index.finish();
}

/// What another program appends while the session is open: whole lines alone, each once, and none of our own.
#[test]
fn a_session_that_is_written_elsewhere_is_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.jsonl");
    let write = || Store::append_to(&path, StoreLimits::default(), Inbox::default()).expect("a session").0;
    let writer = write();
    let one = writer.capture(delivery("/one"));
    writer.flush();
    let (store, _) = Store::open(&path).expect("a session");
    let (sender, events) = channel();
    let sink = move |event| drop(sender.send(event));
    let saved = Some(Saved { path: path.clone(), last: store.last_id(), is_followed: true });
    let inbox = Inbox::default();
    let index = Index::start(store.clone(), inbox, Arc::new(Judge::new(checks())), saved, sink).expect("a thread");
    let (mut ids, mut rows, mut said) = (Vec::new(), Rows::new(), 0);
    type Rows = std::collections::BTreeMap<u64, Arc<Summary>>;
    let mut until = |is_met: &dyn Fn(&[u64], &Rows, u32) -> bool| {
        while !is_met(&ids, &rows, said) {
            match events.recv_timeout(WITHIN).expect("an event within the deadline") {
                IndexEvent::Arrived { rows: new, .. } => {
                    ids.extend(new.iter().map(|(row, _)| row.id.0));
                    rows.extend(new.into_iter().map(|(row, _)| (row.id.0, row)));
                }
                IndexEvent::Changed(changed) => rows.extend(changed.into_iter().map(|row| (row.id.0, row))),
                IndexEvent::Said(_) => said += 1,
                _ => {}
            }
        }
    };
    until(&|ids, _, _| ids == [1]);
    let two = writer.capture(delivery("/two"));
    writer.flush();
    until(&|ids, rows, said| ids == [1, 2] && said == 1 && rows.get(&2).is_some_and(|row| !row.is_answer_lost));
    // Late, and to one that was there when it was opened.
    writer.answered(answer(one, 202));
    writer.answered(answer(two, 202));
    writer.flush();
    writer.append_mark(two, true).expect("a mark");
    let is_answered =
        |row: Option<&Arc<Summary>>| row.is_some_and(|row| row.answer.is_some_and(|a| a.status == Some(202)));
    until(&|_, rows, _| {
        is_answered(rows.get(&1)) && is_answered(rows.get(&2)) && rows.get(&2).is_some_and(|row| row.marked)
    });
    assert_eq!(store.exchange(two).expect("an exchange").answer.expect("an answer").status, Some(202));
    // Nobody answers what its writer left behind.
    writer.capture(delivery("/three"));
    drop(writer);
    until(&|_, rows, _| rows.get(&3).is_some_and(|row| row.is_answer_lost));
    // What is appended here is known here.
    let attempt = Attempt {
        exchange: two,
        number: 0,
        at: Timestamp::from_secs(1_790_000_002),
        kind: AttemptKind::Resend,
        sent: Outgoing { origin: "http://127.0.0.1:1".to_owned(), head: Bytes::new(), body: Bytes::new() },
        signature: SignatureChoice::Kept,
        outcome: AttemptOutcome::Failed { message: "refused".to_owned() },
        timing: Timing::default(),
    };
    store.append_attempt(attempt).expect("an attempt");
    store.flush();
    index.tell(IndexCommand::Attempted(two));
    until(&|_, rows, _| rows.get(&2).is_some_and(|row| row.attempts == 1));
    index.tell(IndexCommand::Marked(two, false));
    until(&|_, rows, _| rows.get(&2).is_some_and(|row| !row.marked && row.attempts == 1));
    index.finish();
}
