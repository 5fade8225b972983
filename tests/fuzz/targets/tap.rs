//! The tap's parsers: whatever comes, in whatever pieces, they say the same, and what they keep is what was sent.

use std::path::Path;

use hooksight::domain::headers::Headers;
use hooksight::domain::time::Timestamp;
use hooksight::io::tap::{Head, HeadLimits, REFUSED_BYTES_MAX, Refusal, h1 as http1, h2 as http2};

const LIMITS: HeadLimits = HeadLimits { bytes: 8 * 1024, count: 100 };
const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a parser made of all the bytes.
#[derive(Debug, PartialEq)]
struct Read {
    heads: Vec<(Head, Option<Headers>)>,
    left: Vec<Refusal>,
}

/// The first byte says how long the pieces are in which the rest comes.
pub fn h1(data: &[u8]) {
    let Some((piece_bytes, bytes)) = data.split_first() else { return };
    let whole = read_h1(bytes, bytes.len());
    let pieces = read_h1(bytes, usize::from(*piece_bytes) + 1);
    // Heads and trailers do not depend on how the bytes were cut. What is left does where the bytes are no head: pieces
    // show only at the next blank line that they are none.
    assert_eq!(whole.heads, pieces.heads, "in pieces of {}", usize::from(*piece_bytes) + 1);
    let mut at = 0;
    for (head, _) in &whole.heads {
        let found = memchr::memmem::find(&bytes[at..], &head.raw);
        at += found.unwrap_or_else(|| panic!("this head was not sent: {head:?}")) + head.raw.len();
    }
    for refusal in whole.left.iter().chain(&pieces.left) {
        assert!(refusal.raw.len() <= REFUSED_BYTES_MAX);
        assert!(memchr::memmem::find(bytes, &refusal.raw).is_some(), "these bytes were not sent: {refusal:?}");
    }
}

fn read_h1(bytes: &[u8], piece_bytes: usize) -> Read {
    let mut parser = http1::Parser::new(LIMITS);
    for piece in bytes.chunks(piece_bytes.max(1)) {
        parser.read(piece, NOW);
        let _ = (parser.is_inside(), parser.head_begun());
    }
    let mut heads = Vec::new();
    // The last one stays for `leftovers`, as when hyper stumbles over it.
    while let Some(head) = parser.next_head() {
        let trailers = parser.trailers(head.sequence);
        heads.push((head, trailers));
    }
    Read { heads, left: parser.leftovers(Some("the test is over")) }
}

/// The first byte says how long the pieces are; the rest follows the preface and the settings.
pub fn h2(data: &[u8]) {
    let Some((piece_bytes, bytes)) = data.split_first() else { return };
    let whole = read_h2(bytes, bytes.len());
    let pieces = read_h2(bytes, usize::from(*piece_bytes) + 1);
    // The first bytes of what ended the connection are those that were there.
    let told = |refusals: &[Refusal]| -> Vec<_> {
        refusals.iter().map(|refusal| (refusal.head.clone(), refusal.reason.clone())).collect()
    };
    assert_eq!(told(&whole), told(&pieces));
    for refusal in whole.iter().chain(&pieces) {
        assert!(refusal.reason.is_some());
        assert!(refusal.raw.len() <= REFUSED_BYTES_MAX);
        let Some(head) = &refusal.head else { continue };
        let bytes = head.method.len() + head.target.len() + head.headers.size_bytes() + head.pseudo.size_bytes();
        assert!(bytes <= 2 * LIMITS.bytes, "{bytes} bytes of a head are kept");
        assert!(head.headers.len() <= LIMITS.count);
    }
    claim_all(bytes, &whole);
}

fn begin_h2() -> http2::Parser {
    let mut parser = http2::Parser::new(LIMITS);
    parser.read(PREFACE, NOW);
    parser.read(&frame(4, 0, 0, &[]), NOW);
    parser
}

fn read_h2(bytes: &[u8], piece_bytes: usize) -> Vec<Refusal> {
    let mut parser = begin_h2();
    for piece in bytes.chunks(piece_bytes.max(1)) {
        let passed = parser.read(piece, NOW);
        assert_eq!(passed < piece.len(), parser.condemned().is_some());
        let _ = parser.head_begun();
    }
    parser.leftovers(None)
}

/// Each head that nobody claimed is found again by what hyper would show of it.
fn claim_all(bytes: &[u8], refusals: &[Refusal]) {
    let mut parser = begin_h2();
    parser.read(bytes, NOW);
    for head in refusals.iter().filter(|refusal| refusal.raw.is_empty()).filter_map(|refusal| refusal.head.as_ref()) {
        // hyper knows paths only.
        if !head.target.starts_with(b"/") {
            continue;
        }
        let mut request = http::Request::builder().method(&*head.method).uri(&*head.target);
        for header in &head.headers {
            request = request.header(&*header.name, &*header.value);
        }
        let Ok(request) = request.body(()) else { continue };
        let (parts, ()) = request.into_parts();
        let (claimed, _) = parser.claim(&parts);
        let _ = parser.trailers(head.sequence);
        assert!(claimed.head.is_some(), "nothing was found for {parts:?}");
    }
}

/// The head texts of other targets would do; these are the shapes that those have not.
pub fn h1_seeds(_: &Path) -> Vec<Vec<u8>> {
    let chunks: &[u8] =
        b"\x03POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nWiki\r\n0\r\nX-Sum: a\r\n\r\n";
    let mut many = b"\x10GET / HTTP/1.1\r\n".to_vec();
    for number in 0..80 {
        many.extend_from_slice(format!("X-{number}: {number}\r\n").as_bytes());
    }
    many.extend_from_slice(b"\r\nGET /2 HTTP/1.1\r\n\r\n");
    let mut long = b"\xffGET / HTTP/1.1\r\nX: ".to_vec();
    long.resize(9000, b'x');
    vec![chunks.to_vec(), many, long]
}

/// RFC 7541 appendix C.4 in frames, with padding, priority, continuation and trailers.
pub fn h2_seeds(_: &Path) -> Vec<Vec<u8>> {
    let blocks: [&[u8]; 3] = [
        b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff",
        b"\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf",
        b"\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf",
    ];
    let mut plain = vec![200];
    plain.extend(frame(4, 0, 0, &[]));
    for (number, block) in (0..).zip(blocks) {
        plain.extend(frame(1, 5, number * 2 + 1, block));
    }
    let [first, ..] = blocks;
    let padded = [&[2, 0, 0, 0, 0, 9], &first[..4], &[0, 0]].concat();
    let split =
        [vec![6], frame(1, 0x28, 1, &padded), frame(9, 4, 1, &first[4..]), frame(1, 5, 1, b"\x10\x01t\x01v")].concat();
    let large = [vec![99], frame(1, 4, 1, &[&[0x40, 1, b'a', 0x7f, 0x80, 1][..], &[b'x'; 255], &[0xbe; 200]].concat())]
        .concat();
    vec![plain, split, large]
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}
