use proptest::prelude::*;

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

fn read(bytes: &[u8]) -> Parser {
    let mut parser = Parser::new(LIMITS);
    parser.read(PREFACE, Timestamp::default());
    parser.read(bytes, Timestamp::default());
    parser
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
    let heads: Vec<Head> = read(&bytes).heads.into();
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
    block.extend([0xbe; 5000]);
    let parser = read(&frame(HEADERS, END_HEADERS, 1, &block));
    assert_eq!(parser.heads.len(), 1);
    assert!(parser.heads[0].headers.size_bytes() <= 2 * LIMITS.bytes);
}

#[test]
fn an_endless_header_block_is_given_up() {
    let mut parser = read(&frame(HEADERS, 0, 1, &[0; 1000]));
    for _ in 0..100 {
        parser.read(&frame(CONTINUATION, 0, 1, &[0; 1000]), Timestamp::default());
    }
    assert!(matches!(parser.state, State::Lost));
    assert!(parser.block.is_none());
}

#[test]
fn what_nobody_claims_does_not_pile_up() {
    let bytes: Vec<u8> = (0..2000u32).flat_map(|number| frame(HEADERS, END_HEADERS, number * 2 + 1, &[0x82])).collect();
    assert_eq!(read(&bytes).heads.len(), UNCLAIMED_MAX);
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
        let mut pieces = read(&[]);
        bytes.chunks(step).for_each(|piece| pieces.read(piece, Timestamp::default()));
        prop_assert_eq!(whole.heads, pieces.heads);
        prop_assert_eq!(whole.trailers, pieces.trailers);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(&bytes);
    }
}
