use proptest::prelude::*;

use super::*;

const LIMITS: HeadLimits = HeadLimits { bytes: 8 * 1024, count: 100 };

/// What a parser makes of bytes that come in these pieces.
fn read(pieces: &[&[u8]]) -> Parser {
    let mut parser = Parser::new(LIMITS);
    for (index, piece) in pieces.iter().enumerate() {
        parser.read(piece, Timestamp::from_micros(index as i64));
    }
    parser
}

fn claim_all(parser: &mut Parser) -> Vec<Head> {
    std::iter::from_fn(|| parser.next_head()).collect()
}

/// Heads with their trailers, asked for as hyper does: one request after the other. Without times.
fn requests(parser: &mut Parser) -> Vec<(Head, Option<Headers>)> {
    std::iter::from_fn(|| {
        let head = parser.next_head()?;
        let trailers = parser.trailers(head.sequence);
        Some((Head { first_byte: Timestamp::default(), ..head }, trailers))
    })
    .collect()
}

#[test]
fn a_tls_hello_is_named() {
    let refusals = read(&[b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]).leftovers(None);
    assert!(refusals[0].reason.as_deref().unwrap().contains("TLS"), "{refusals:?}");
}

#[test]
fn trailers_belong_to_their_request_though_the_next_one_came_with_them() {
    let mut parser = read(&[
        b"POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\nPOST /2 HTTP/1.1\r\n\r\n",
        b"POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nB: 3\r\n\r\n",
    ]);
    let shown: Vec<_> = requests(&mut parser).into_iter().map(|(head, trailers)| (head.target, trailers)).collect();
    let trailers = |name: &str, value: &str| Some(Headers::from_pairs([(name, value)]));
    assert_eq!(shown, [("/1".into(), trailers("A", "1")), ("/2".into(), None), ("/3".into(), trailers("B", "3"))]);
}

#[test]
fn behind_a_chunk_that_does_not_end_there_nothing_is_taken_for_a_request() {
    let start = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki";
    for broken in ["x\n0\r\n\r\n", "\r\r0\r\n\r\n", "\n\n0\r\n\r\n"] {
        let mut parser = read(&[start.as_bytes(), broken.as_bytes(), b"GET /next HTTP/1.1\r\n\r\n"]);
        assert_eq!(claim_all(&mut parser).len(), 1, "{broken:?}");
        assert_eq!(parser.leftovers(None), []);
    }
}

#[test]
fn trailers_nobody_asked_for_do_not_pile_up() {
    let mut parser = Parser::new(LIMITS);
    for _ in 0..10_000 {
        let bytes = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n";
        parser.read(bytes, Timestamp::default());
        parser.next_head();
    }
    assert!(parser.trailers.len() <= HEADS_MAX);
}

#[test]
fn the_first_byte_dates_a_head_that_comes_in_pieces() {
    let mut parser = read(&[b"\r\n", b"GE", b"T / HTTP/1.1\r\n", b"\r\n", b"GET /2 HTTP/1.1\r\n\r\n"]);
    let heads = claim_all(&mut parser);
    assert_eq!(heads[0].first_byte, Timestamp::from_micros(1));
    assert_eq!(heads[1].first_byte, Timestamp::from_micros(4));
    assert_eq!(parser.head_begun(), None);
}

#[test]
fn more_headers_than_the_few_are_read_and_more_than_the_limit_refused() {
    let lines = |count: usize| "A: 1\r\n".repeat(count);
    let mut parser = read(&[format!("GET / HTTP/1.1\r\n{}\r\n", lines(100)).as_bytes()]);
    assert_eq!(parser.next_head().unwrap().headers.len(), 100);
    let refusals = read(&[format!("GET / HTTP/1.1\r\n{}\r\n", lines(101)).as_bytes()]).leftovers(None);
    assert!(refusals[0].reason.as_deref().unwrap().contains("header lines"));
}

#[test]
fn an_endless_head_is_bounded() {
    let mut parser = read(&[b"GET / HTTP/1.1\r\nA: "]);
    for _ in 0..1000 {
        parser.read(&[b'x'; 1024], Timestamp::default());
    }
    assert!(parser.pending.len() <= REFUSED_BYTES_MAX);
    let refusals = parser.leftovers(None);
    assert!(refusals[0].reason.as_deref().unwrap().contains("longer"), "{:?}", refusals[0].reason);
    assert_eq!(refusals[0].request_line.as_ref().unwrap().1, "/");
}

/// A stream of requests with bodies of each kind.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let body = proptest::collection::vec(any::<u8>(), 0..40);
    let plain = body.clone().prop_map(|body| {
        let mut bytes = format!("POST /p HTTP/1.1\r\nX: y\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend(body);
        bytes
    });
    let chunked = proptest::collection::vec(body, 0..4).prop_map(|chunks| {
        let mut bytes = b"PUT /c HTTP/1.1\r\ntransfer-ENCODING: gzip, Chunked\r\n\r\n".to_vec();
        for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
            bytes.extend(format!("{:X};a=b\r\n", chunk.len()).into_bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\nT: 1\r\n\r\n");
        bytes
    });
    let bare = Just(b"\r\nGET /g HTTP/1.0\nA:b\n\n".to_vec());
    proptest::collection::vec(prop_oneof![plain, chunked, bare], 1..6).prop_map(|requests| requests.concat())
}

/// The bytes in pieces of these lengths, then the rest.
fn cut<'a>(mut bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, rest) = bytes.split_at((*length).min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}

proptest! {
    #[test]
    fn it_does_not_matter_where_the_reads_cut(
        bytes in stream(), lengths in proptest::collection::vec(0usize..30, 0..40),
    ) {
        let mut whole = read(&[&bytes]);
        let mut pieces = read(&cut(&bytes, &lengths));
        let expected = requests(&mut whole);
        prop_assert!(!expected.is_empty());
        prop_assert_eq!(requests(&mut pieces), expected);
        prop_assert!(!whole.is_inside() && !pieces.is_inside());
    }

    #[test]
    fn any_bytes_are_survived_and_little_is_kept(
        start in prop_oneof![Just(&b""[..]), Just(&b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"[..])],
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..60),
    ) {
        let mut parser = read(&[start]);
        for piece in &pieces {
            parser.read(piece, Timestamp::default());
        }
        prop_assert!(parser.pending.len() <= REFUSED_BYTES_MAX + 300);
        parser.leftovers(Some("over"));
    }
}

#[test]
fn what_is_kept_of_a_head_that_is_not_whole_takes_no_more_than_it_says() {
    let limits = HeadLimits { bytes: 128 * 1024, count: 1000 };
    let mut parser = Parser::new(limits);
    parser.read(b"POST / HTTP/1.1\r\nA: ", Timestamp::default());
    for _ in 0..100 {
        parser.read(&[b'x'; 1000], Timestamp::default());
    }
    let raw = parser.leftovers(None).remove(0).raw;
    assert_eq!(raw.len(), REFUSED_BYTES_MAX);
    assert_eq!(raw.try_into_mut().expect("nobody else has it").capacity(), REFUSED_BYTES_MAX);
}
