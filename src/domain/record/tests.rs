use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{
    Answer, AnswerOutcome, Attempt, AttemptKind, AttemptOutcome, ExchangeId, HttpVersion, Mark, Request,
    SignatureChoice, Timing,
};
use crate::domain::forward::Forwarded;
use crate::domain::headers::{Header, Headers};
use crate::domain::reply::{Choice, ChosenBy, Fault, Step, Wrong};
use crate::domain::testing;
use crate::domain::time::Timestamp;

fn bytes() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60).prop_map(Bytes::from),
        any::<String>().prop_map(Bytes::from),
        proptest::collection::vec(prop_oneof![Just(b'"'), Just(b'\\'), 0u8..32, Just(0x7f), Just(b'a')], 0..80)
            .prop_map(Bytes::from),
        proptest::collection::vec(0x7eu32..0xa2, 0..40).prop_map(|codes| codes
            .into_iter()
            .filter_map(char::from_u32)
            .collect::<String>()
            .into()),
    ]
}

fn headers() -> impl Strategy<Value = Headers> {
    proptest::collection::vec((bytes(), bytes()), 0..5)
        .prop_map(|lines| lines.into_iter().map(|(name, value)| Header { name, value }).collect())
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000_000i64..253_402_300_800_000_000).prop_map(Timestamp::from_micros)
}

fn body() -> impl Strategy<Value = Body> {
    (bytes(), any::<u32>()).prop_map(|(bytes, more)| Body { length_bytes: bytes.len() as u64 + u64::from(more), bytes })
}

fn version() -> impl Strategy<Value = HttpVersion> {
    prop_oneof![Just(HttpVersion::Http10), Just(HttpVersion::Http11), Just(HttpVersion::Http2)]
}

fn marks() -> impl Strategy<Value = Vec<Mark>> {
    let mark = prop_oneof![
        any::<u64>().prop_map(|limit_bytes| Mark::Truncated { limit_bytes }),
        any::<String>().prop_map(|reason| Mark::Incomplete { reason }),
        any::<String>().prop_map(|reason| Mark::Refused { reason }),
        any::<String>().prop_map(|text| Mark::Note { text }),
    ];
    proptest::collection::vec(mark, 0..3)
}

prop_compose! {
    fn request()(
        id in any::<u64>(), peer in any::<Option<std::net::SocketAddrV4>>(), first_byte in time(),
        body_complete_us in any::<u64>(), version in version(), method in bytes(), target in bytes(),
        headers in headers(), (pseudo, trailers) in (headers(), headers()), raw_head in proptest::option::of(bytes()),
        body in body(), marks in marks(),
    ) -> Event {
        Event::Request(Arc::new(Request {
            id: ExchangeId(id), peer: peer.map(Into::into), first_byte, body_complete_us, version, method, target,
            headers, pseudo, raw_head, body, trailers, marks,
        }))
    }
}

fn forwarded() -> impl Strategy<Value = Box<Forwarded>> {
    let times = (any::<[Option<u64>; 5]>(), any::<u64>()).prop_map(|(times, total_us)| {
        let [dns_us, connect_us, tls_us, first_byte_us, download_us] = times;
        Timing { dns_us, connect_us, tls_us, first_byte_us, download_us, total_us }
    });
    (any::<String>(), bytes(), times, proptest::option::of(any::<String>()))
        .prop_map(|(origin, head, timing, error)| Box::new(Forwarded { origin, head, timing, error }))
}

fn choice() -> impl Strategy<Value = Option<Box<Choice>>> {
    let step = proptest::option::of((any::<u32>(), any::<u32>()).prop_map(|(number, of)| Step { number, of }));
    let texts = || proptest::collection::vec(any::<String>(), 0..3);
    let by = 0usize..ChosenBy::ALL.len();
    let faults = [Fault::NeverAnswer, Fault::Reset, Fault::Close, Fault::Garbage, Fault::Cut, Fault::WrongLength(99)];
    let wrong =
        (0..faults.len(), any::<u64>()).prop_map(move |(at, whole_bytes)| Wrong { fault: faults[at], whole_bytes });
    let parts =
        (by, step, texts(), texts(), proptest::option::of(forwarded()), any::<bool>(), proptest::option::of(wrong));
    parts.prop_map(|(by, step, passed, notes, forwarded, is_queued, wrong)| {
        let choice = Choice { by: ChosenBy::ALL[by], step, passed, notes, forwarded, is_queued, wrong };
        (!choice.is_plain()).then(|| Box::new(choice))
    })
}

prop_compose! {
    fn answer()(
        id in any::<u64>(), begun in proptest::option::of(time()), done in time(), status in any::<Option<u16>>(),
        headers in headers(), body in body(), rule in any::<String>(), outcome in 0usize..5, choice in choice(),
    ) -> Event {
        let outcomes =
            [AnswerOutcome::Sent, AnswerOutcome::SenderLeft, AnswerOutcome::Reset, AnswerOutcome::Unread, AnswerOutcome::NeverAnswered];
        Event::Answer(Arc::new(Answer {
            exchange: ExchangeId(id), begun, done, outcome: outcomes[outcome], status, headers, body, rule, choice,
        }))
    }
}

fn outcome() -> impl Strategy<Value = AttemptOutcome> {
    prop_oneof![
        any::<String>().prop_map(|message| AttemptOutcome::Failed { message }),
        (version(), any::<u16>(), bytes(), headers(), body(), marks()).prop_map(
            |(version, status, reason, headers, body, marks)| AttemptOutcome::Answered {
                version,
                status,
                reason,
                headers,
                body,
                marks
            }
        ),
    ]
}

prop_compose! {
    fn attempt()(
        id in any::<u64>(), number in any::<u32>(), at in time(), origin in any::<String>(), head in bytes(),
        body in bytes(), outcome in outcome(), times in any::<[Option<u64>; 5]>(), total_us in any::<u64>(),
        choice in 0usize..3, kind in 0..AttemptKind::ALL.len(),
    ) -> Event {
        let kind = AttemptKind::ALL[kind];
        let choices = [SignatureChoice::Kept, SignatureChoice::Resigned, SignatureChoice::Broken];
        let body = if kind.is_forwarded() { Bytes::new() } else { body };
        let [dns_us, connect_us, tls_us, first_byte_us, download_us] = times;
        Event::Attempt(Arc::new(Attempt {
            exchange: ExchangeId(id), number, at, kind, sent: Outgoing { origin, head, body }, signature: choices[choice],
            outcome, timing: Timing { dns_us, connect_us, tls_us, first_byte_us, download_us, total_us },
        }))
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => request(),
        2 => answer(),
        2 => attempt(),
        1 => (any::<Option<u64>>(), time(), any::<String>())
            .prop_map(|(id, at, text)| Event::Note(Note { exchange: id.map(ExchangeId), at, text })),
        1 => (any::<u64>(), time(), any::<bool>())
            .prop_map(|(id, at, marked)| Event::Mark(Marked { exchange: ExchangeId(id), at, marked })),
        1 => (time(), any::<String>(), any::<String>())
            .prop_map(|(at, mode, detail)| Event::Mode(Mode { at, mode, detail })),
    ]
}

fn id_of(event: &Event) -> Option<ExchangeId> {
    match event {
        Event::Request(request) => Some(request.id),
        Event::Answer(answer) => Some(answer.exchange),
        Event::Attempt(attempt) => Some(attempt.exchange),
        Event::Note(note) => note.exchange,
        Event::Mark(mark) => Some(mark.exchange),
        Event::Mode(_) | Event::Unknown { .. } => None,
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(event in event()) {
        let line = encode(&event);
        prop_assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        prop_assert_eq!(line.last(), Some(&b'\n'));
        prop_assert_eq!(peek(&line).map(|peek| peek.id), Ok(id_of(&event)));
        prop_assert_eq!(decode(&line), Ok(event));
    }

    #[test]
    fn a_line_cut_anywhere_is_torn(event in event()) {
        let line = encode(&event);
        for end in 0..line.len() - 1 {
            prop_assert_eq!(decode(&line[..end]), Err(RecordError::Torn), "cut at {}", end);
        }
    }

    #[test]
    fn a_line_never_holds_a_control_character(event in event()) {
        let line = encode(&event);
        let text = std::str::from_utf8(&line).unwrap();
        prop_assert!(!text.trim_end_matches('\n').chars().any(char::is_control));
    }

    #[test]
    fn any_bytes_are_read_without_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&line);
        let _ = peek(&line);
    }

    #[test]
    fn times_agree_with_the_calendar_of_chrono(time in time()) {
        prop_assert_eq!(String::from_utf8(line::rfc3339(time).to_vec()).unwrap(), time.to_rfc3339());
    }

    #[test]
    fn times_one_after_another_are_each_their_own(first in time(), later in proptest::collection::vec(-3_000_000i64..3_000_000, 1..8)) {
        let mut line = line::LineWriter::default();
        let times = later.iter().scan(first, |time, step| {
            *time = time.plus_micros(*step);
            Some(*time)
        });
        for time in std::iter::once(first).chain(times) {
            line.clear(usize::MAX);
            line.time_field("at", time);
            prop_assert_eq!(line.bytes(), [b",\"at\":\"", &line::rfc3339(time)[..], b"\""].concat());
        }
    }

    #[test]
    fn serde_reads_what_the_escape_wrote(text in any::<String>()) {
        let inside = String::from_utf8(escaped(text.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&format!("\"{inside}\"")).unwrap(), text);
    }

    #[test]
    fn serde_reads_a_long_text_that_is_full_of_escapes(
        pieces in proptest::collection::vec(
            prop_oneof![
                6 => Just("\""), 6 => Just("\\"), 3 => Just("\n"), 3 => Just("name"), 3 => Just("a longer plain piece"),
                1 => Just("\u{85}"), 1 => Just("\u{a0}"), 1 => Just("\u{7f}"), 1 => Just("\0"), 1 => Just("\r\t"),
                1 => Just("\u{20ac}"), 1 => Just("\u{8}\u{c}\u{1f}"),
            ],
            0..6000,
        )
    ) {
        let text = pieces.concat();
        let inside = String::from_utf8(escaped(text.as_bytes()).unwrap()).unwrap();
        prop_assert!(!inside.chars().any(char::is_control));
        prop_assert_eq!(serde_json::from_str::<String>(&format!("\"{inside}\"")).unwrap(), text);
    }
}

#[test]
fn head_comes_first_and_body_last() {
    let request = Request {
        id: ExchangeId(7),
        peer: Some("127.0.0.1:50000".parse().unwrap()),
        first_byte: Timestamp::parse_rfc3339("2026-11-22T02:30:00.123456Z").unwrap(),
        body_complete_us: 812,
        version: HttpVersion::Http11,
        method: Bytes::from_static(b"POST"),
        target: Bytes::from_static(b"/hook"),
        headers: Headers::from_pairs([("Host", "x"), ("X-Dup", "1"), ("x-dup", "2")]),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole("{\"a\":\"\u{9b}1\"}"),
        trailers: Headers::new(),
        marks: vec![],
    };
    assert_eq!(
        String::from_utf8(encode(&Event::Request(Arc::new(request)))).unwrap(),
        concat!(
            r#"{"v":1,"event":"request","id":7,"at":"2026-11-22T02:30:00.123456Z","complete_us":812,"#,
            r#""peer":"127.0.0.1:50000","http":"1.1","method":"POST","target":"/hook","#,
            r#""headers":[["Host","x"],["X-Dup","1"],["x-dup","2"]],"size":11,"body":"{\"a\":\"\u009b1\"}"}"#,
            "\n"
        )
    );
}

#[test]
fn a_later_version_is_said_to_be_one() {
    assert_eq!(decode(br#"{"v":2,"event":"request","id":1}"#), Err(RecordError::Version(2)));
}

#[test]
fn an_event_of_later_days_is_skipped_by_name() {
    assert_eq!(decode(br#"{"v":1,"event":"held","id":1,"x":{}}"#), Ok(Event::Unknown { event: "held".to_owned() }));
}

#[test]
fn a_mark_of_later_days_is_skipped_and_the_request_kept() {
    let line = br#"{"v":1,"event":"request","id":1,"at":"2026-01-01T00:00:00Z","http":"1.1","method":"GET","target":"/","marks":[{"later":{"x":[1]}},"word",{"truncated":3}]}"#;
    let Ok(Event::Request(request)) = decode(line) else { panic!("{:?}", decode(line)) };
    assert_eq!(request.marks, [Mark::Truncated { limit_bytes: 3 }]);
    let damaged = String::from_utf8_lossy(line).replace("{\"truncated\":3}", "{\"truncated\":\"x\"}");
    assert!(decode(damaged.as_bytes()).is_err());
}

#[test]
fn lines_that_passed_through_jq_with_spaces_and_other_order_are_read() {
    let line = br#"{ "event": "mark", "v": 1, "marked": true, "at": "2026-01-01T01:00:00+01:00", "id": 3 }"#;
    let at = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
    assert_eq!(decode(line), Ok(Event::Mark(Marked { exchange: ExchangeId(3), at, marked: true })));
}

#[test]
fn the_examples_of_the_documentation_are_lines_as_the_writer_writes_them() {
    let text = include_str!("../../../docs/session-format.md");
    let examples: Vec<&str> = text.lines().filter(|line| line.starts_with("{\"v\":1")).collect();
    assert!(examples.len() >= 3);
    for example in examples {
        let event = decode(example.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(encode(&event)).unwrap().trim_end(), example);
    }
}

/// A line in pieces is the line in one: text with wide characters and escapes at every place of a cut, and bytes.
#[test]
fn a_large_body_in_pieces_makes_the_same_line() {
    let text = "a\u{1}\"\u{85}\u{20ac}\u{1f600}";
    let mut bodies: Vec<Vec<u8>> =
        (0..16).map(|shift| ["x".repeat(shift), text.repeat(60_000)].concat().into_bytes()).collect();
    bodies.extend((0..4).map(|shift| vec![0xff; 400_000 + shift]));
    bodies.push(Vec::new());
    for body in bodies {
        let request = Request { body: Body::whole(Bytes::from(body)), ..testing::request() };
        let (mut whole, mut pieces) = (LineWriter::default(), LineWriter::default());
        encode::request_rest(&mut whole, &request);
        encode::request_head(&mut pieces, &request);
        let mut joined = pieces.bytes().to_vec();
        let mut largest = 0;
        let given: Result<(), ()> = encode::body_in_pieces(&mut pieces, &request.body, |piece| {
            largest = largest.max(piece.len());
            joined.extend_from_slice(piece);
            Ok(())
        });
        given.unwrap();
        assert!(joined == whole.bytes(), "{} bytes", request.body.bytes.len());
        assert!(largest < 700_000, "{largest}");
        let failed: Result<(), &str> = encode::body_in_pieces(&mut pieces, &request.body, |_| Err("full"));
        assert_eq!(failed, Err("full"));
    }
}

#[test]
fn an_id_that_is_known_later_stands_where_it_would_have() {
    let line = r#"{"v":1,"event":"request","id":7,"at":"2026-11-22T02:30:00.123456Z","complete_us":5,"http":"1.1","method":"POST","target":"/x","headers":[["Host","x"]],"size":2,"body":"hi"}"#;
    let Ok(Event::Request(request)) = decode(line.as_bytes()) else { panic!("no request") };
    let rest = |line: &mut LineWriter| encode::request_rest(line, &request);
    for (id, digits) in [(1, 1), (9, 1), (10, 2), (99, 2), (100, 3), (1_234_567, 7), (u64::MAX, 20)] {
        let id = ExchangeId(id);
        assert_eq!(encode::digits_of(id), digits);
        let mut now = Vec::new();
        encode::request_start(id, &mut now);
        let (mut later, mut behind) = (LineWriter::default(), LineWriter::default());
        encode::request_start_without_id(digits, &mut later);
        rest(&mut later);
        rest(&mut behind);
        assert!(!encode::fill_in(ExchangeId(if digits == 1 { 10 } else { 1 }), digits, later.bytes_mut()));
        assert!(encode::fill_in(id, digits, later.bytes_mut()));
        assert_eq!(encode::after_id(digits, later.bytes()), behind.bytes());
        now.extend_from_slice(behind.bytes());
        assert_eq!(String::from_utf8_lossy(later.bytes()), String::from_utf8_lossy(&now));
    }
}

#[test]
fn an_attempt_without_a_word_that_we_know_is_no_lost_attempt() {
    for words in [r#""kind":"teleported","signature":"folded","#, r#""signature":"kept","#, ""] {
        let line = format!(
            r#"{{"v":1,"event":"attempt","id":1,"number":2,"at":"2026-11-22T02:30:02.000000Z",{words}"origin":"http://a","total_us":5,"error":"no"}}"#
        );
        let Event::Attempt(attempt) = decode(line.as_bytes()).unwrap() else { panic!("{line}") };
        assert_eq!(
            (attempt.number, attempt.kind, attempt.signature),
            (2, AttemptKind::default(), SignatureChoice::Kept)
        );
    }
}

#[test]
fn the_id_of_a_line_is_where_others_write_it() {
    let note = br#"{"v":1,"event":"note","at":"2026-11-23T10:00:00Z","id":5,"text":"by another program"}"#;
    let Ok(Event::Note(whole)) = decode(note) else { panic!("a note") };
    assert_eq!(whole.exchange, Some(ExchangeId(5)));
    assert_eq!(peek(note).map(|peek| peek.id), Ok(whole.exchange));
    let mode = br#"{ "v":1,"event":"mode","id":5,"at":"2026-11-23T10:00:00Z","mode":"listening"}"#;
    assert!(matches!(decode(mode), Ok(Event::Mode(_))));
    assert_eq!(peek(mode).map(|peek| peek.id), Ok(None));
}
