use proptest::prelude::*;

use super::frame::{CONTINUATION, DATA, END_STREAM, SETTINGS};
use super::*;

const LIMITS: HeadLimits = HeadLimits { bytes: 4 * 1024, count: 50 };
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

fn fresh() -> Parser {
    let mut parser = Parser::new(LIMITS);
    parser.read(PREFACE, Timestamp::default());
    parser.read(&frame(SETTINGS, 0, 0, &[]), Timestamp::default());
    parser
}

fn read(bytes: &[u8]) -> Parser {
    let mut parser = fresh();
    parser.read(bytes, Timestamp::default());
    parser
}

/// The heads that nobody claimed.
fn heads(parser: &mut Parser) -> Vec<Head> {
    parser.leftovers(None).into_iter().filter_map(|refusal| refusal.head).collect()
}

#[test]
fn the_examples_of_rfc_7541_with_one_dynamic_table_are_read_in_order() {
    // Appendix C.4: three requests on one connection, with Huffman coding.
    let blocks = [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    let bytes: Vec<u8> = (0u32..)
        .zip(blocks)
        .flat_map(|(index, block)| frame(HEADERS, END_HEADERS | 1, index * 2 + 1, &hex::decode(block).unwrap()))
        .collect();
    let heads = heads(&mut read(&bytes));
    let shown: Vec<_> = heads.iter().map(|head| (&head.target[..], head.headers.clone())).collect();
    assert_eq!(
        shown,
        [
            (&b"/"[..], Headers::new()),
            (&b"/"[..], Headers::from_pairs([("cache-control", "no-cache")])),
            (&b"/index.html"[..], Headers::from_pairs([("custom-key", "custom-value")])),
        ]
    );
    assert!(
        heads.iter().all(|head| head.method == "GET" && head.pseudo.get_str(":authority") == Some("www.example.com"))
    );
}

#[test]
fn a_small_block_that_names_a_large_entry_many_times_is_bounded() {
    // One entry of 3000 bytes goes into the table, then is named by one byte each.
    let mut block = vec![0x40, 1, b'a', 0x7f, 0xb9, 0x16];
    block.extend([b'x'; 3000]);
    block.extend([0xbe; 3000]);
    let heads = heads(&mut read(&frame(HEADERS, END_HEADERS, 1, &block)));
    assert_eq!(heads.len(), 1);
    assert!(heads[0].headers.size_bytes() <= LIMITS.bytes);
}

#[test]
fn an_endless_header_block_ends_the_connection_and_is_bounded() {
    let mut parser = read(&frame(HEADERS, 0, 1, &[0x82; 1000]));
    let next = frame(CONTINUATION, 0, 1, &[0x82; 1000]);
    let passed: Vec<usize> = (0..100).map(|_| parser.read(&next, Timestamp::default())).collect();
    assert_eq!(passed.iter().filter(|passed| **passed == next.len()).count(), 5, "hyper gets no more of it");
    let (code, reason) = parser.condemned().unwrap();
    assert_eq!(code, Code::ENHANCE_YOUR_CALM);
    assert!(reason.contains("endless header block"), "{reason}");
    let rows = parser.leftovers(None);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].raw.len() <= REFUSED_BYTES_MAX);
}

#[test]
fn hyper_gets_what_stands_before_a_broken_frame_and_no_more() {
    let good = frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x82, 0x86, 0x84]);
    let bad = frame(6, 0, 0, b"1234567");
    let mut parser = fresh();
    let bytes = [&good[..], &bad, &good].concat();
    assert_eq!(parser.read(&bytes, Timestamp::default()), good.len());
    assert_eq!(parser.read(&good, Timestamp::default()), 0);
    assert_eq!(parser.condemned().unwrap().1, "PING of 7 bytes (RFC 9113 section 6.7)");
}

#[test]
fn what_nobody_claims_gets_so_many_rows_and_one_that_counts_the_rest() {
    let bytes: Vec<u8> =
        (0..2000u32).flat_map(|number| frame(HEADERS, END_HEADERS, number * 2 + 1, &[0x82, 0x86, 0x84])).collect();
    let rows = read(&bytes).leftovers(None);
    assert_eq!(rows.len(), ROWS_MAX + 1);
    let reason = rows[ROWS_MAX].reason.as_deref().unwrap();
    assert!(reason.starts_with(&format!("{} more requests", 2000 - ROWS_MAX)), "{reason}");
}

#[test]
fn an_answer_is_sent_when_its_last_frame_is_written() {
    let mut parser = read(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x82, 0x86, 0x84]));
    let (request, ()) = http::Request::get("http://a/").body(()).unwrap().into_parts();
    assert!(parser.claim(&request).0.head.is_some());
    parser.trailers(1);
    let at = Timestamp::from_secs;
    let answer = Answer {
        exchange: crate::domain::exchange::ExchangeId(1),
        begun: None,
        done: at(1),
        outcome: AnswerOutcome::Sent,
        status: Some(200),
        headers: Headers::new(),
        body: crate::domain::body::Body::default(),
        rule: String::new(),
        choice: None,
    };
    assert_eq!(parser.answer(1, answer), None);
    let out = [frame(HEADERS, END_HEADERS, 1, &[0x88]), frame(DATA, END_STREAM, 1, b"0123456789")].concat();
    let (most, last) = out.split_at(out.len() - 1);
    parser.after_write([most].into_iter(), most.len(), at(2));
    assert_eq!(parser.take_finished(), []);
    assert_eq!(parser.slowest_answer(), Some(at(1)), "a few bytes are no progress");
    assert!(parser.goaway(Code::NO_ERROR, "").is_none(), "nothing may be written inside a frame");
    parser.after_write([last].into_iter(), 1, at(3));
    let finished = parser.take_finished();
    assert_eq!(finished.iter().map(|answer| (answer.begun, answer.done)).collect::<Vec<_>>(), [(Some(at(2)), at(3))]);
    assert!(parser.goaway(Code::NO_ERROR, "").is_some());
}

fn frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = proptest::collection::vec(any::<u8>(), 0..60);
    let any_frame =
        (prop_oneof![Just(HEADERS), Just(CONTINUATION), Just(DATA), any::<u8>()], any::<u8>(), 0u32..6, payload)
            .prop_map(|(kind, flags, stream, payload)| frame(kind, flags, stream, &payload));
    proptest::collection::vec(any_frame, 0..30).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn any_frames_are_survived_and_it_does_not_matter_where_the_reads_cut(bytes in frames(), step in 1usize..20) {
        let whole = read(&bytes);
        let mut pieces = fresh();
        for piece in bytes.chunks(step) {
            pieces.read(piece, Timestamp::default());
        }
        prop_assert_eq!(whole.condemned(), pieces.condemned());
        let told = |parser: &mut Parser| -> Vec<_> {
            parser.leftovers(None).into_iter().map(|refusal| (refusal.head, refusal.reason)).collect()
        };
        let (mut whole, mut pieces) = (whole, pieces);
        prop_assert_eq!(told(&mut whole), told(&mut pieces));
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(&bytes);
    }
}

#[test]
fn the_fields_that_are_kept_hold_no_block_that_is_much_larger() {
    // The second one is over the limit.
    let mut block = b"\x82\x86\x84\x00\x01a\x01b\x00\x01c\x7f\xd9\x36".to_vec();
    block.resize(block.len() + 7000 + 128, b'x');
    let heads = heads(&mut read(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block)));
    let name = heads[0].headers.iter().next().unwrap().name.clone();
    drop(heads);
    // What is alone in its memory gets all that stands behind it back.
    let memory = name.try_into_mut().unwrap();
    assert!(memory.capacity() < 1000, "{}", memory.capacity());
}
