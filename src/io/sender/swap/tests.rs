use super::*;

fn seen(pieces: &[&[u8]]) -> Seen {
    let mut seen = Seen::default();
    for piece in pieces {
        seen.read(piece);
    }
    seen
}

const ANSWER: &[u8] =
    b"HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 404 Not  Found\r\nX-A: 1\r\nx-a:2\r\n\r\nbody\r\n\r\n";

#[test]
fn the_head_is_the_same_wherever_reads_are_cut() {
    let whole = seen(&[ANSWER]).head.unwrap();
    assert_eq!((whole.status, whole.reason.as_ref()), (404, b"Not  Found".as_slice()));
    assert_eq!(whole.headers, Headers::from_pairs([("X-A", "1"), ("x-a", "2")]));
    for at in 0..=ANSWER.len() {
        let (first, second) = ANSWER.split_at(at);
        assert_eq!(seen(&[first, second]).head.as_ref(), Some(&whole), "cut at {at}");
    }
    let single: Vec<_> = ANSWER.chunks(1).collect();
    assert_eq!(seen(&single).head, Some(whole));
}

#[test]
fn what_is_no_head_is_not_kept_without_bound() {
    let mut seen = Seen::default();
    for _ in 0..200 {
        seen.read(&[b'x'; 8192]);
    }
    assert_eq!(seen.head, None);
    assert!(seen.begun.len() <= WATCHED_BYTES_MAX + 8192);
}

#[test]
fn the_body_is_not_watched() {
    let mut seen = seen(&[ANSWER]);
    seen.read(&[b'x'; 100_000]);
    assert!(seen.begun.is_empty());
}
