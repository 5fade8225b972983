//! Bodies for the eye: every type, every view, any width.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use hooksight::domain::body::Body;
use hooksight::domain::decoding;
use hooksight::domain::headers::Headers;
use hooksight::domain::pretty::{self, BodyView, Document, Limits};
use hooksight::domain::search;

use super::make::{Input, split_once};
use super::text::assert_visible;

/// Nothing that is made of an input of some 10 KiB takes this long, also on a slow and busy machine.
const TIME_MAX: Duration = Duration::from_secs(5);

/// A document that may be shown: visible, not wider than the screen, bounded, found in by search.
pub fn assert_shown(document: Document, width: u16, lines_max: usize) {
    assert!(document.lines.len() <= lines_max, "{} lines", document.lines.len());
    for note in &document.notes {
        assert_visible(note);
    }
    let needle: String = document.lines.iter().flat_map(|line| line.text().chars()).skip(3).take(2).collect();
    let document = document.wrap(width);
    for line in &document.lines {
        assert_visible(line.text());
        assert!(line.width() <= usize::from(width), "{} columns in {width}: {line:?}", line.width());
        assert_eq!(line.spans().map(|span| span.text.len()).sum::<usize>(), line.text().len(), "{line:?}");
    }
    for needle in [needle.as_str(), &needle.to_lowercase(), "é"] {
        for hit in search::find(&document, needle, 100) {
            let line = document.lines.get(hit.line).unwrap_or_else(|| panic!("{hit:?} is in no line"));
            assert!(line.text().get(hit.start..hit.end).is_some_and(|found| !found.is_empty()), "{hit:?} in {line:?}");
        }
    }
}

/// A byte for the width, a byte for view and limits, a line with the content type, the body.
pub fn body(data: &[u8]) {
    let mut input = Input(data);
    let width = u16::from(input.byte()).max(1);
    let choice = input.byte();
    let (content_type, bytes) = split_once(input.0, b"\n").unwrap_or((b"", input.0));
    let mut headers = Headers::new();
    if !content_type.is_empty() {
        headers.push("Content-Type", content_type.to_vec());
    }
    let view = match choice % 4 {
        0 => BodyView::Raw,
        1 => BodyView::Hex,
        _ => BodyView::Pretty,
    };
    show(bytes, &headers, view, width, choice & 0x80 != 0);
}

fn show(bytes: &[u8], headers: &Headers, view: BodyView, width: u16, is_tight: bool) {
    let limits = match is_tight {
        true => Limits { shown_bytes_max: 200, lines_max: 20, held_bytes_max: 8 << 10, decoded_bytes_max: 400, width },
        false => Limits { width, ..Limits::default() },
    };
    let body = Body::whole(bytes.to_vec());
    let begun = Instant::now();
    assert_shown(pretty::body(&body, headers, view, limits), width, limits.lines_max);
    assert_shown(pretty::exact(bytes, limits), width, limits.lines_max);
    let took = begun.elapsed();
    assert!(took < TIME_MAX, "{took:?} for {} bytes", bytes.len());
}

/// A multipart body with the boundary `b`: a byte for the width, then the body.
pub fn multipart(data: &[u8]) {
    let mut input = Input(data);
    let width = u16::from(input.byte()).max(1);
    let headers = Headers::from_pairs([("Content-Type", "multipart/form-data; boundary=b")]);
    show(input.0, &headers, BodyView::Pretty, width, false);
}

/// Content codings, singly and one over the other: bounded, whatever comes.
pub fn decoding(data: &[u8]) {
    const CODINGS: [&[&str]; 8] = [
        &["gzip"],
        &["deflate"],
        &["br"],
        &["zstd"],
        &["gzip", "gzip"],
        &["br", "zstd"],
        &["x-gzip", "deflate", "br"],
        &["\x1b[2J"],
    ];
    let mut input = Input(data);
    let codings: Vec<String> = CODINGS[usize::from(input.byte() % 8)].iter().map(|name| (*name).to_owned()).collect();
    let bound = [10_000_000, 1000, 0][usize::from(input.byte() % 3)];
    let begun = Instant::now();
    let decoded = decoding::decode(input.0, &codings, bound);
    let took = begun.elapsed();
    assert!(took < TIME_MAX, "{took:?}");
    assert!(decoded.bytes.len() <= bound.max(input.0.len()), "{} bytes", decoded.bytes.len());
    if let Some(note) = &decoded.note {
        assert_visible(note);
    }
}

/// A body of every type.
pub fn seeds(repository: &Path) -> Vec<Vec<u8>> {
    let push = std::fs::read(repository.join("tests/fixtures/github-push.json")).unwrap_or_default();
    let of = |content_type: &str, body: &[u8]| [b"\x50\x03", content_type.as_bytes(), b"\n", body].concat();
    let deep = [vec![b'['; 3000], vec![b']'; 3000]].concat();
    vec![
        of("application/json", &push[..push.len().min(3000)]),
        of("application/json", &deep),
        of("application/json", b"{\"a\":1e9,\"a\":[true,null,\"\\u00e9\\ud83d\\ude00\"]}\n{\"b\":-0.0}\n"),
        of(
            "application/xml",
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a b=\"c\"><!-- d --><e/>&amp;f<![CDATA[g]]></a>",
        ),
        of("text/html", b"<!doctype html><html><body>x</body></html>"),
        of("application/x-www-form-urlencoded", b"a=1&b=%7B%22c%22%3A%5B1%5D%7D&&d&e=%zz+%00"),
        of("text/plain; charset=utf-16", b"\xff\xfeh\0i\0\n\0"),
        of("text/plain", "tab\there\r\nfamily \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{202e}rtl\r\n".as_bytes()),
        of("", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        of(
            "multipart/mixed; boundary=b",
            b"--b\r\n\r\nx\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ny\r\n--c--\r\n--b--",
        ),
    ]
}

/// Codings that are whole, cut and bombs.
pub fn coded_seeds(_: &Path) -> Vec<Vec<u8>> {
    let zeros = vec![0; 3_000_000];
    let gzip = |bytes: &[u8]| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).and_then(|()| writer.finish()).unwrap_or_default()
    };
    let bomb = gzip(&zeros);
    let nested = gzip(&bomb);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let zlib = zlib.write_all(b"hello hello hello").and_then(|()| zlib.finish()).unwrap_or_default();
    let small = gzip(b"hello hello hello");
    let of = |coding: u8, bytes: &[u8]| [&[coding, 0], bytes].concat();
    vec![
        of(0, &small),
        of(0, &small[..small.len() / 2]),
        of(0, &[small.clone(), small.clone()].concat()),
        of(0, &bomb),
        of(4, &nested),
        of(1, &zlib),
        of(2, b"\x1b\x10\x00\x00\x04\xb0\xa4\x01\xa1\x00\x00"),
        of(3, b"\x28\xb5\x2f\xfd\x00\x58\x29\x00\x00hello"),
        of(3, b"\x28\xb5\x2f\xfd\x04\xf8\x29\x00\x00hello"),
    ]
}
