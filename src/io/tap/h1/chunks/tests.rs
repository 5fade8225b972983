use super::*;

#[test]
fn size_lines_are_read_as_hyper_reads_them() {
    let whole = |length, size, extension_bytes| SizeLine::Whole { length, size, extension_bytes };
    let lines: [(&[u8], SizeLine); 16] = [
        (b"5\r\nhello", whole(3, 5, 0)),
        (b"fF \t\r\n", whole(6, 255, 0)),
        (b"0;a=\"b\xff\"\r\n", whole(10, 0, 6)),
        (b"000000000000000000005\r\n", whole(23, 5, 0)),
        (b"ffffffffffffffff\r\n", whole(18, u64::MAX, 0)),
        (b"10000000000000000\r\n", SizeLine::Wrong),
        (b"", SizeLine::Partial),
        (b"5", SizeLine::Partial),
        (b"5;abc", SizeLine::Partial),
        (b"5\r", SizeLine::Partial),
        (b"5\n", SizeLine::Wrong),
        (b"5\rx", SizeLine::Wrong),
        (b"5;a\nb\r\n", SizeLine::Wrong),
        (b"5 6\r\n", SizeLine::Wrong),
        (b";a\r\n", SizeLine::Wrong),
        (b" 5\r\n", SizeLine::Wrong),
    ];
    for (line, expected) in lines {
        assert_eq!(size_line(line), expected, "{:?}", line.escape_ascii().to_string());
    }
}

#[test]
fn trailers_end_at_a_blank_line_of_cr_lf() {
    let section = b"A: 1\r\nB:2\r\n\r\nGET";
    assert_eq!(trailers_end(section, 0), Some(13));
    assert_eq!(trailers_end(section, 10), Some(13));
    assert_eq!(trailers_end(b"\r\nGET", 1), Some(2));
    assert_eq!(trailers_end(b"A: 1\n\nGET", 0), None);
    assert_eq!(trailers(&section[..13], 2), Some(Headers::from_pairs([("A", "1"), ("B", "2")])));
    assert_eq!(trailers(&section[..13], 1), None);
    assert_eq!(trailers(b"\r\n", 0), Some(Headers::new()));
    assert_eq!(trailers(b"A: 1\rB\r\n\r\n", 9), None);
    assert_eq!(trailers(b"A 1\r\n\r\n", 9), None);
}
