use proptest::prelude::*;

use super::*;

/// What came of an answer in these pieces, and how many bytes were left behind it.
#[derive(Debug, PartialEq, Eq)]
struct Got {
    head: Option<AnswerHead>,
    body: Vec<u8>,
    end: Result<usize, Wrong>,
    keeps: bool,
}

fn read(asked: Asked, pieces: &[&[u8]], ended: Ended) -> Got {
    let (mut reader, mut unread) = (Reader::new(asked), BytesMut::new());
    let mut got = Got { head: None, body: Vec::new(), end: Ok(0), keeps: false };
    for (index, piece) in pieces.iter().enumerate() {
        unread.extend_from_slice(piece);
        let ended = if index + 1 == pieces.len() { ended } else { Ended::No };
        loop {
            match reader.next(&mut unread, ended) {
                Ok(Next::Head(head)) => got.head = Some(head),
                Ok(Next::Piece(piece)) => {
                    assert!(!piece.is_empty());
                    got.body.extend_from_slice(&piece);
                }
                Ok(Next::Over | Next::More) => break,
                Err(wrong) => return Got { end: Err(wrong), ..got },
            }
        }
    }
    assert!(reader.is_over() || ended == Ended::No, "neither an end nor an error");
    Got { end: Ok(unread.len()), keeps: reader.keeps_open(), ..got }
}

fn got(asked: Asked, answer: &str) -> Got {
    read(asked, &[answer.as_bytes()], Ended::Clean)
}

#[test]
fn an_answer_is_the_same_wherever_reads_are_cut() {
    for answer in [
        "HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 404 Not  Found\r\nX-A: 1\r\nx-a:2\r\nContent-Length: 4\r\n\r\nbody",
        "\r\nHTTP/1.0 200 Fine\nA: 1\nB: 2\n\nto the end",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;e=\"x\"\r\nabc\r\n00A\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
    ] {
        let whole = got(Asked::Other, answer);
        assert!(whole.end == Ok(0) && whole.head.is_some(), "{whole:?}");
        for at in 0..=answer.len() {
            let (first, second) = answer.as_bytes().split_at(at);
            assert_eq!(read(Asked::Other, &[first, second], Ended::Clean), whole, "cut at {at}");
        }
        let single: Vec<_> = answer.as_bytes().chunks(1).collect();
        assert_eq!(read(Asked::Other, &single, Ended::Clean), whole);
    }
    let first =
        got(Asked::Other, "HTTP/1.1 404 Not  Found\r\nX-A: 1\r\nx-a:2\r\nContent-Length: 0\r\n\r\n").head.unwrap();
    assert_eq!((first.status, first.reason.as_ref()), (404, b"Not  Found".as_slice()));
    assert_eq!(first.headers, Headers::from_pairs([("X-A", "1"), ("x-a", "2"), ("Content-Length", "0")]));
    let chunked = got(Asked::Other, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nmore");
    assert_eq!((&chunked.body[..], chunked.end, chunked.keeps), (&b"abc"[..], Ok(4), true));
}

#[test]
fn where_a_body_ends_is_said_by_method_status_coding_length_and_end_in_this_order() {
    for (asked, answer, left, keeps) in [
        (Asked::Head, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nrest", 4, true),
        (Asked::Other, "HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\nrest", 4, true),
        (Asked::Other, "HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\nrest", 4, true),
        (Asked::Other, "HTTP/1.1 101 Switch\r\n\r\nrest", 4, false),
        (Asked::Connect, "HTTP/1.1 200 OK\r\n\r\nrest", 4, false),
        (Asked::Connect, "HTTP/1.1 407 No\r\nContent-Length: 4\r\n\r\nrest", 0, true),
        (Asked::Other, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, false),
        (Asked::Other, "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 666", 12, true),
        (
            Asked::Other,
            "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
            0,
            false,
        ),
        (Asked::Other, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 0, false),
        (Asked::Other, "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 0, true),
        (Asked::Other, "HTTP/1.1 200 OK\r\n\r\n", 0, false),
    ] {
        let got = got(asked, answer);
        assert_eq!((got.end, got.keeps), (Ok(left), keeps), "{answer:?}");
    }
    assert_eq!(
        (Asked::of(b"HEAD / "), Asked::of(b"head / "), Asked::of(b"CONNECT a:1")),
        (Asked::Head, Asked::Other, Asked::Connect)
    );
}

#[test]
fn what_is_wrong_ends_it() {
    let body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let cut = |text: &str| (format!("{body}{text}"), Wrong::Cut);
    for (answer, wrong) in [
        (String::new(), Wrong::NoHead),
        ("HTTP/1.1 200 OK\r\nX-Half".to_owned(), Wrong::NoHead),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc".to_owned(), Wrong::Cut),
        cut("3\r\nabc\r\n"),
        cut("3\r\nabc\r\nrubbish\r\n"),
        cut("3\r\nabcd\r\n0\r\n\r\n"),
        cut("fffffffffffffffff\r\n"),
        cut("0\r\nno trailer\r\n\r\n"),
        cut("0\r\nX: 1\r\n"),
        (format!("{body}1;{}\r\na\r\n", "x".repeat(20_000)), Wrong::Cut),
    ] {
        assert_eq!(got(Asked::Other, &answer).end, Err(wrong), "{answer:?}");
    }
    for answer in [
        "SSH-2.0-OpenSSH",
        "HTTP/2.0 200 OK\r\n",
        "HTTP/1.1 099 Low\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon\r\n",
        "HTTP/1.1 200 OK\r\nX: \u{1b}\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\na",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        // Whoever gets the body gets it without the header that names its coding.
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, Chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: ,\r\n\r\nabc",
    ] {
        // Without waiting for the end.
        let got = read(Asked::Other, &[answer.as_bytes()], Ended::No);
        assert!(matches!(got.end, Err(Wrong::NotHttp(_))), "{answer:?}: {got:?}");
    }
    assert_eq!(read(Asked::Other, &[b"HTTP/1.1 200 OK\r\n\r\nabc"], Ended::Broken).end, Err(Wrong::Cut));
    let interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(101);
    assert_eq!(got(Asked::Other, &interim).end, Err(Wrong::Interim));
}

#[test]
fn no_head_is_kept_or_parsed_without_bound() {
    let (mut reader, mut unread) = (Reader::new(Asked::Other), BytesMut::from("HTTP/1.1 200 OK\r\nX: "));
    let begun = std::time::Instant::now();
    let wrong = loop {
        unread.extend_from_slice(b"x");
        if let Err(wrong) = reader.next(&mut unread, Ended::No) {
            break wrong;
        }
    };
    assert_eq!(wrong, Wrong::NotHttp("its head is too large"));
    assert!(unread.len() <= HEAD_BYTES_MAX + 1 && begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

proptest! {
    #[test]
    fn whatever_comes_ends_or_waits(pieces in proptest::collection::vec(
        prop_oneof![
            proptest::collection::vec(proptest::num::u8::ANY, 0..40),
            proptest::sample::select(vec!["HTTP/1.1 200 OK\r\n", "\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "3\r\n", "0\r\n"])
                .prop_map(|text| text.as_bytes().to_vec()),
        ], 1..12)) {
        let all: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let cut = read(Asked::Other, &all, Ended::Clean);
        let whole = read(Asked::Other, &[&all.concat()], Ended::Clean);
        prop_assert_eq!((cut.head, cut.body, cut.keeps), (whole.head, whole.body, whole.keeps));
    }
}
