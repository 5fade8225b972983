//! What a hostile target answers, in a table: a new shape is a line.

use std::io::Write as _;

/// How it goes on behind its first bytes.
#[derive(Clone)]
pub enum Then {
    /// An ordinary end.
    Close,
    /// RST.
    Reset,
    /// Silence, with the connection open.
    Hold,
    /// These bytes as fast as they are taken.
    ForEver(Vec<u8>),
    /// These bytes twenty times a second.
    Slowly(Vec<u8>),
}

use Then::{Close, ForEver, Hold, Reset, Slowly};

pub struct Shape {
    pub name: &'static str,
    pub begin: Vec<u8>,
    pub then: Then,
    /// What stands on the Attempts tab.
    pub seen: Vec<&'static str>,
    /// It ends by the limits only: the user ends it.
    pub endless: bool,
}

fn shape(name: &'static str, begin: impl AsRef<[u8]>, then: Then, seen: &[&'static str]) -> Shape {
    let endless = matches!(then, Slowly(_) | Hold);
    Shape { name, begin: begin.as_ref().to_vec(), then, seen: seen.to_vec(), endless }
}

/// An answer with this body and the length that it has.
fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// So many mebibytes of zeros in some kilobytes each: gzip without the end that nobody gets to.
pub fn gzip_bomb(mib: usize) -> Vec<u8> {
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    raw.write_all(&[0; 1 << 20]).expect("zeros");
    raw.flush().expect("a flush");
    let first = raw.get_ref().len();
    raw.write_all(&[0; 1 << 20]).expect("zeros");
    raw.flush().expect("a flush");
    let (first, next) = raw.get_ref().split_at(first);
    [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", first, &next.repeat(mib)].concat()
}

pub fn shapes() -> Vec<Shape> {
    let mut all = heads();
    all.extend(lengths());
    all.extend(bodies());
    // The last one is a good one.
    all.push(shape("good", answer("X-Good: yes\r\n", b"thanks"), Close, &["200 OK", "X-Good", "thanks"]));
    all
}

#[rustfmt::skip]
fn heads() -> Vec<Shape> {
    let many: String = (0..100_000).map(|number| format!("X-{number}: y\r\n")).collect();
    vec![
        shape("nothing", "", Close, &["closed without an answer"]),
        shape("reset", "", Reset, &["without an answer"]),
        shape("silence", "", Hold, &["no answer", "ended by hand"]),
        shape("half-a-head", "HTTP/1.1 200 OK\r\nX-Half: \x1b[8m", Close, &["no answer"]),
        shape("a-slow-head", "HTTP/1.1 200 OK\r\nX: ", Slowly(b"y".to_vec()), &["ended by hand"]),
        shape("an-endless-line", "HTTP/1.1 200 ", ForEver(vec![b'y'; 8192]), &["no answer"]),
        shape("an-endless-head", "HTTP/1.1 200 OK\r\n", ForEver(b"X-Endless: yes\r\n".repeat(500)), &["no answer"]),
        shape("a-hundred-thousand-headers", format!("HTTP/1.1 200 OK\r\n{many}\r\n"), Close, &["no answer"]),
        shape("interim-for-ever", "", ForEver(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100)), &["no answer", "interim"]),
        shape("switched", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\x9b8m\r\nConnection: upgrade\r\n\r\n", ForEver(b"\x1b[8mxx".repeat(1000)), &["101 Switching"]),
        shape("http2", b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff", Close, &["is no HTTP/1"]),
        shape("http2-preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Close, &["is no HTTP/1", "PRI * HTTP/2.0"]),
        shape("tls", b"\x15\x03\x01\0\x02\x02\x46", Close, &["is no HTTP/1"]),
        shape("a-shell", "\x1b]0;pwned\x07\x1b[2J$ rm -rf /\r\n\r\n", Close, &["is no HTTP/1", "␛]0;pwned␇"]),
        shape("status-0", "HTTP/1.1 000 None\r\n\r\n", Close, &["no answer"]),
        shape("status-99", "HTTP/1.1 99 Low\r\n\r\n", Close, &["no answer"]),
        shape("status-999", b"HTTP/1.1 999 \x9b8m\xe2\x80\xae\r\nContent-Length: 0\r\n\r\n", Close, &["999 ⟨9B⟩8m⟨U+202E⟩"]),
        shape("status-1000", "HTTP/1.1 1000 High\r\n\r\n", Close, &["no answer"]),
        shape("a-reason-of-controls", "HTTP/1.1 200 \x1b]0;pwned\x07\r\nContent-Length: 0\r\n\r\n", Close, &["no answer"]),
        shape("a-value-of-controls", "HTTP/1.1 200 OK\r\nX: \x1b[8;1337m\r\nContent-Length: 0\r\n\r\n", Close, &["no answer", "␛[8;1337m"]),
        shape("values-above-ascii", b"HTTP/1.1 200 OK\r\nX-Evil: \x9b8m\xc2\x9d0;pwned\xc2\x9c\r\nContent-Length: 0\r\n\r\n", Close, &["⟨9B⟩8m⟨U+009D⟩0;pwned⟨U+009C⟩"]),
        shape("to-a-file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", Close, &["302 Found", "file:///etc/passwd"]),
        shape("to-metadata", "HTTP/1.1 307 Away\r\nLocation: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n", Close, &["307 Away", "169.254.169.254"]),
        shape("refresh", answer("Refresh: 0; url=http://169.254.169.254/\r\nContent-Location: /x\r\n", b""), Close, &["200 OK", "Refresh"]),
    ]
}

#[rustfmt::skip]
fn lengths() -> Vec<Shape> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let with = |head: &str, body: &[u8]| [ok.as_bytes(), head.as_bytes(), b"\r\n", body].concat();
    vec![
        shape("length-too-long", with("Content-Length: 1000\r\n", b"short"), Close, &["200 OK", "short", "closed before the end"]),
        shape("length-too-long-and-open", with("Content-Length: 1000\r\n", b"short"), Hold, &["200 OK", "short", "ended by hand"]),
        shape("length-too-short", with("Content-Length: 3\r\n", b"abc\x1b[8mHTTP/1.1 200 Smuggled\r\n\r\n"), Close, &["200 OK", "abc"]),
        shape("length-twice", with("Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), Close, &["200 OK", "abc"]),
        shape("lengths-that-differ", with("Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"), Close, &["no answer"]),
        shape("length-below-zero", with("Content-Length: -3\r\n", b"abcd"), Close, &["no answer"]),
        shape("length-of-64-bits", with("Content-Length: 18446744073709551615\r\n", b"abcd"), Close, &["no answer"]),
        shape("length-of-62-bits", with("Content-Length: 4611686018427387904\r\n", b"abcd"), Close, &["200 OK", "abcd"]),
        shape("length-and-chunks", with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"1\r\nz\r\n0\r\n\r\n"), Close, &["200 OK"]),
        shape("chunks-of-garbage", with("Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n\x1b[8mzz\r\n"), Close, &["200 OK", "abc", "before the end"]),
        shape("a-chunk-without-end", with("Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\nabc"), Close, &["200 OK", "abc", "before the end"]),
        shape("an-extension-without-end", with("Transfer-Encoding: chunked\r\n", b"3;"), ForEver(vec![b'x'; 8192]), &["200 OK", "before the end"]),
        shape("trailers-without-end", with("Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n0\r\n"), ForEver(b"X-T: y\r\n".repeat(1000)), &["200 OK", "before the end"]),
        shape("one-byte-chunks", with("Transfer-Encoding: chunked\r\n", &b"1\r\nx\r\n".repeat(100_000)), Close, &["200 OK", "xxxx", "before the end"]),
    ]
}

#[rustfmt::skip]
fn bodies() -> Vec<Shape> {
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let gzip = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    vec![
        shape("endless", "HTTP/1.1 200 OK\r\n\r\n", ForEver(vec![b'x'; 65536]), &["200 OK", "TRUNCATED"]),
        shape("slow", "HTTP/1.1 200 OK\r\n\r\n", Slowly(b"s".to_vec()), &["200 OK", "ended by hand"]),
        shape("escapes", answer("Content-Type: text/plain\r\n", b"\x1b[8;1337m\x1b]0;pwned\x07\xc2\x9b8m"), Close, &["␛[8;1337m␛]0;pwned␇⟨U+009B⟩8m"]),
        shape("ones", answer("Content-Type: text/plain\r\n", &vec![1; 10 << 20]), Close, &["200 OK"]),
        shape("gzip-bomb", answer(gzip, &gzip_bomb(10_240)), Close, &["200 OK"]),
        shape("gzip-garbage", answer(gzip, b"\x1f\x8b\x08\x00\x1b[8m"), Close, &["200 OK"]),
        shape("deep", answer("Content-Type: application/json\r\n", &deep), Close, &["200 OK"]),
        shape("a-long-line", answer("Content-Type: text/plain\r\n", &vec![b'l'; 5 << 20]), Close, &["200 OK", "llll"]),
    ]
}
