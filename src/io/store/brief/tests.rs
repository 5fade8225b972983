use super::*;
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{HttpVersion, SignatureChoice, Timing};
use crate::domain::headers::Headers;
use crate::domain::testing;
use crate::domain::time::Timestamp;
use crate::io::inbox::Inbox;
use crate::io::store::StoreLimits;

const SENT: &[u8] = b"the body of the request";
const LARGE: usize = 1 << 20;

fn attempt(answer: Vec<u8>) -> Attempt {
    Attempt {
        exchange: ExchangeId(1),
        number: 0,
        kind: Default::default(),
        at: Timestamp::from_secs(1_800_000_000),
        sent: Outgoing { origin: "http://127.0.0.1:1".to_owned(), head: Bytes::new(), body: Bytes::from_static(SENT) },
        signature: SignatureChoice::Kept,
        outcome: AttemptOutcome::Answered {
            version: HttpVersion::Http11,
            status: 200,
            reason: Bytes::new(),
            headers: Headers::new(),
            body: Body::whole(answer),
            marks: Vec::new(),
        },
        timing: Timing::default(),
    }
}

fn request() -> Request {
    Request { body: Body::whole(SENT), ..testing::request() }
}

fn answer_of(attempt: &Attempt) -> &Body {
    match &attempt.outcome {
        AttemptOutcome::Answered { body, .. } => body,
        AttemptOutcome::Failed { .. } => panic!("it was answered"),
    }
}

#[test]
fn of_older_attempts_the_beginning_is_held_and_of_the_newest_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path(), StoreLimits::default(), Inbox::default()).unwrap();
    store.capture(request());
    // Text, what is no text, and what escaping makes six times as large.
    for fill in [b'x', 0xff, 1] {
        store.append_attempt(attempt(vec![fill; LARGE])).unwrap();
    }
    let whole = store.exchange(ExchangeId(1)).unwrap();
    for (attempt, fill) in whole.attempts.iter().zip([b'x', 0xff, 1]) {
        assert!(answer_of(attempt).bytes == vec![fill; LARGE], "what is in the file is what came");
    }
    let brief = store.exchange_in_brief(ExchangeId(1)).unwrap();
    let held: Vec<_> = brief.attempts.iter().map(|attempt| answer_of(attempt).bytes.len()).collect();
    assert_eq!(held, [OLDER_BODY_BYTES_MAX, OLDER_BODY_BYTES_MAX, LARGE]);
    assert!(brief.attempts.iter().all(|attempt| answer_of(attempt).length_bytes == LARGE as u64));
    for attempt in &brief.attempts {
        assert_eq!(attempt.sent.body.as_ptr(), brief.request.body.bytes.as_ptr(), "one memory for both");
    }
    let path = store.path().unwrap();
    drop(store);
    let (saved, _) = Store::open(&path).unwrap();
    assert_eq!(saved.exchange(ExchangeId(1)).unwrap(), whole);
}

#[test]
fn without_a_file_the_oldest_large_attempts_leave() {
    let store = Store::in_memory(StoreLimits::default(), Inbox::default());
    store.capture(request());
    for _ in 0..10 {
        store.append_attempt(attempt(vec![b'x'; 10 << 20])).unwrap();
    }
    let numbers = |store: &Store| -> Vec<u32> {
        store.exchange(ExchangeId(1)).unwrap().attempts.iter().map(|attempt| attempt.number).collect()
    };
    assert_eq!(numbers(&store), [8, 9, 10]);
    store.append_attempt(attempt(vec![b'x'; 40 << 20])).unwrap();
    assert_eq!(numbers(&store), [11], "the newest stays however large it is");
}
