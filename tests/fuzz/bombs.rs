//! Inputs whose cost could grow with the square of their size, or whose result could: everything that is made of a
//! stranger's bytes takes time and memory in proportion.
//!
//! The bound on time is wide, because the build is not optimised and the machine may be busy; what grows with the square
//! is over it by far. `HOOKSIGHT_BOMB_BYTES=10000000` tries larger ones, and `-- --nocapture` shows what each takes.

use std::io::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hooksight::domain::body::Body;
use hooksight::domain::detail::{DetailContext, Tab, document};
use hooksight::domain::draft::Draft;
use hooksight::domain::exchange::{Exchange, ExchangeId, HttpVersion, Request};
use hooksight::domain::export::{curl, raw};
use hooksight::domain::filter::Filter;
use hooksight::domain::headers::Headers;
use hooksight::domain::pretty::{self, BodyView, Limits};
use hooksight::domain::record::{Event, decode, encode};
use hooksight::domain::signature::{CheckInput, Profiles, Secret, check};
use hooksight::domain::summary::{Recognised, Summary};
use hooksight::domain::time::Timestamp;
use hooksight::domain::{printable, search};
use hooksight::io::tap::{HeadLimits, h1, h2};

/// For one bomb; a square of a million would be hours.
const TIME_MAX: Duration = Duration::from_secs(20);

fn bytes_max() -> usize {
    std::env::var("HOOKSIGHT_BOMB_BYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(30_000)
}

fn timed(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    let took = begun.elapsed();
    let _ = writeln!(std::io::stdout(), "{:>9.3} s  {what}", took.as_secs_f64());
    assert!(took < TIME_MAX, "{what} took {took:?}");
}

/// `start`, then `unit` again and again up to the size, then `end`.
fn filled(start: &str, unit: &str, end: &str) -> Vec<u8> {
    let mut bytes = start.as_bytes().to_vec();
    let count = bytes_max() / unit.len();
    bytes.reserve(count * unit.len() + end.len());
    (0..count).for_each(|_| bytes.extend_from_slice(unit.as_bytes()));
    bytes.extend_from_slice(end.as_bytes());
    bytes
}

fn request(content_type: &str, body: Vec<u8>) -> Request {
    Request {
        id: ExchangeId(1),
        peer: None,
        first_byte: Timestamp::from_secs(1_700_000_000),
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: Bytes::from_static(b"POST"),
        target: Bytes::from_static(b"/in?a=b"),
        headers: Headers::from_pairs([("Host", "hooks.example"), ("Content-Type", content_type)]),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(body),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}

/// Bodies that are hard on whoever takes them apart.
fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (json, xml, form) = ("application/json", "application/xml", "application/x-www-form-urlencoded");
    let parts = "multipart/form-data; boundary=b";
    let text = "text/plain; charset=utf-8";
    vec![
        ("brackets", json, filled("", "[", "")),
        ("brackets that close", json, [filled("", "[", ""), filled("", "]", "")].concat()),
        ("objects", json, filled("", "{\"a\":", "")),
        ("250 levels round small values", json, [vec![b'['; 250], filled("0", ",0", ""), vec![b']'; 250]].concat()),
        ("250 levels round a long string", json, [vec![b'['; 250], filled("\"", "x", "\""), vec![b']'; 250]].concat()),
        ("small objects", json, filled("[0", ",{}", "]")),
        ("equal keys", json, filled("{\"a\":0", ",\"a\":0", "}")),
        ("digits", json, filled("", "9", "")),
        ("escapes", json, filled("\"", "\\u0000", "\"")),
        ("an open string", json, filled("{\"", "x", "")),
        ("many values", json, filled("", "1\n", "")),
        ("quotes", json, filled("", "\"", "")),
        ("start tags", xml, filled("", "<a>", "")),
        ("ampersands", xml, filled("<a>", "&", "</a>")),
        ("references", xml, filled("<a>", "&a;", "</a>")),
        ("open references", xml, filled("<a>", "&a", "</a>")),
        ("attributes", xml, filled("<a ", "b='c' ", ">")),
        ("equal signs", xml, filled("<a ", "=", ">")),
        ("comments", xml, filled("<a>", "<!--", "")),
        ("declarations", xml, filled("<!DOCTYPE a [", "<!ENTITY a 'b'>", "")),
        ("open declarations", xml, filled("<!DOCTYPE a [", "<", "")),
        ("text pieces", xml, filled("<a>", "]]>&lt;", "</a>")),
        ("instructions", xml, filled("<a>", "<?", "")),
        ("pairs", form, filled("a=b", "&", "")),
        ("fields", form, filled("a=b", "&c=d", "")),
        ("brackets in fields", form, filled("a=", "[", "&b=[")),
        ("escaped brackets", form, filled("payload=", "%5B", "")),
        ("delimiters", parts, filled("", "\n--b\n", "")),
        ("delimiters without line ends", parts, filled("--b", "--b", "")),
        ("blanks behind delimiters", parts, filled("--b", "\t", "\n--b--")),
        ("headers of a part", parts, filled("--b\n", "a: b\n", "\n\n--b--")),
        ("parts", parts, filled("", "\r\n--b\r\nContent-Type: a; charset=x\r\n\r\n{", "")),
        ("lines", text, filled("", "\n", "")),
        ("tabs", text, filled("", "\t", "")),
        ("returns", text, filled("a\r\n", "\r", "")),
        ("marks", text, filled("e", "\u{301}", "")),
        ("joined faces", text, filled("", "\u{1f468}\u{200d}", "")),
        ("flags", text, filled("", "\u{1f1e9}", "")),
        ("conjuncts", text, filled("", "\u{915}\u{94d}", "")),
        ("jamo", text, filled("", "\u{1100}", "")),
        ("signs that wait for the next", text, filled("", "\u{600}", "")),
        ("a letter and a mark", text, filled("", "a\u{e33}", "")),
        ("bytes that are no text", text, filled("", "\u{e9}", "").into_iter().filter(|byte| *byte != 0xc3).collect()),
        ("binary", "application/octet-stream", filled("", "\0\u{1}", "")),
    ]
}

#[test]
fn bodies_are_shown_in_time() {
    for (what, content_type, bytes) in bodies() {
        let request = request(content_type, bytes);
        for width in [1, 100] {
            timed(&format!("{what} ({content_type}), {width} columns"), || {
                let limits = Limits { width, ..Limits::default() };
                for view in [BodyView::Pretty, BodyView::Raw] {
                    let document = pretty::body(&request.body, &request.headers, view, limits).wrap(width);
                    assert!(document.held_bytes() < 1 << 30);
                }
            });
        }
    }
}

#[test]
fn every_tab_is_made_in_time() {
    for (what, content_type, bytes) in bodies() {
        let request = std::sync::Arc::new(request(content_type, bytes));
        let exchange = Exchange { request, answer: None, attempts: Vec::new(), unread: Vec::new() };
        timed(&format!("tabs of {what}"), || {
            for tab in Tab::ALL {
                drop(document(tab, &exchange, &DetailContext::default()));
            }
        });
    }
}

#[test]
fn a_failing_signature_is_explained_in_time_and_memory() {
    let profiles = Profiles::builtin();
    let secrets = [Secret::new("secret")];
    for (what, content_type, bytes) in bodies() {
        let mut request = request(content_type, bytes);
        request.headers.push("X-Hub-Signature-256", format!("sha256={}", "0".repeat(64)));
        request.headers.push("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        for name in ["github", "twilio", "linear"] {
            let profile = profiles.by_name(name).unwrap();
            timed(&format!("{name} explains {what}"), || drop(check(&CheckInput::new(profile, &secrets, &request))));
        }
    }
}

#[test]
fn every_profile_looks_at_hostile_heads_in_time() {
    let secrets = [Secret::new("secret"), Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
    let long: String = "a".repeat(60_000);
    for profile in Profiles::builtin().iter() {
        let mut request = request("application/json", b"{}".to_vec());
        request.target = Bytes::from(format!("/{long}?{}", "b=%20&".repeat(5000)));
        for scheme in &profile.schemes {
            for source in &scheme.signature {
                if let hooksight::domain::signature::template::Source::Header(name) = &source.0 {
                    let value = "t=1700000000,v1=AAAA,v0=,".repeat(2500);
                    request.headers.push(name.replace('#', "1"), [scheme.prefix.as_bytes(), value.as_bytes()].concat());
                }
            }
        }
        request.headers.push("X-Forwarded-Host", long.clone());
        request.headers.push("X-Original-Url", format!("/{long}"));
        request.headers.push("X-Forwarded-Prefix", format!("/{long}"));
        request.headers.push("Forwarded", format!("host={long};{}", "a=b;".repeat(10_000)));
        timed(&format!("{} checks a long head", profile.name), || {
            drop(check(&CheckInput::new(profile, &secrets, &request)));
        });
    }
}

#[test]
fn many_headers_are_recognised_in_time() {
    let mut request = request("application/json", b"{}".to_vec());
    for number in 0..1000 {
        for name in ["X-GitHub-Event", "webhook-id", "X-Shopify-Topic", "User-Agent"] {
            request.headers.push(name, format!("{number}"));
        }
    }
    timed("recognising 4000 headers", || assert!(Profiles::builtin().recognise(&request).is_some()));
    timed("a draft of 4000 headers", || {
        let mut edited = Draft::from_request(&request);
        edited.headers = edited.headers.iter().rev().cloned().collect();
        drop(Draft::from_text(&edited.to_text(), &request));
    });
    timed("curl with 4000 headers", || drop(curl::command(&request, None)));
}

#[test]
fn text_is_found_in_time() {
    let body = filled("", "a", "");
    let request = request("text/plain", body);
    let document = pretty::body(&request.body, &request.headers, BodyView::Raw, Limits::default());
    let wrapped = document.clone().wrap(80);
    let needle = format!("{}b", "a".repeat(1500));
    let accented = format!("{}\u{e9}", "a".repeat(1500));
    for document in [&document, &wrapped] {
        timed("a needle that nearly fits everywhere", || assert_eq!(search::find(document, &needle, 10_000), []));
        timed("the same with an accent", || assert_eq!(search::find(document, &accented, 10_000), []));
        timed("a needle in capitals", || assert_eq!(search::find(document, &needle.to_uppercase(), 10_000), []));
    }
    let summary = Summary::of(&request, &Recognised::default());
    for text in [format!("body:{needle}"), format!("body:*{}b", "a*".repeat(1500)), format!("body:{accented}")] {
        let filter = Filter::parse(&text).unwrap();
        timed("a filter that nearly fits everywhere", || assert!(!filter.matches(&summary, Some(&request))));
    }
}

#[test]
fn what_leaves_and_what_is_kept_is_written_in_time() {
    for (what, content_type, bytes) in bodies() {
        let request = request(content_type, bytes);
        timed(&format!("{what}: line, draft, curl, raw, gate"), || {
            let line = encode(&Event::Request(std::sync::Arc::new(request.clone())));
            assert!(decode(&line).is_ok());
            let text = Draft::from_request(&request).to_text();
            drop(Draft::from_text(&format!("{text}x"), &request));
            drop(curl::command(&request, None));
            drop(raw::bytes(&request));
            let visible = printable::visible(&request.body.bytes);
            drop(printable::clip(&visible, bytes_max() / 2));
        });
    }
}

const LIMITS: HeadLimits = HeadLimits { bytes: 128 * 1024, count: 1000 };

#[test]
fn the_tap_reads_dribbled_bytes_in_time() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let small = |start: &str, unit: &str| [start.as_bytes(), unit.repeat(120_000 / unit.len()).as_bytes()].concat();
    let streams = [
        ("a long header", small("GET / HTTP/1.1\r\nA: ", "x")),
        ("many headers", small("GET / HTTP/1.1\r\n", "A: b\r\n")),
        ("a long trailer", small(&format!("{head}0\r\nA: "), "x")),
        ("many trailers", small(&format!("{head}0\r\n"), "A: b\r\n")),
        ("a long extension", small(&format!("{head}1;"), "x")),
        ("small chunks", small(head, "1\r\na\r\n")),
        ("blank lines", small("", "\r\n")),
        ("small requests", small("", "GET / HTTP/1.1\r\n\r\n")),
        ("no head at all", small("", "\x16")),
    ];
    for (what, stream) in streams {
        for piece in [1, 7, stream.len()] {
            timed(&format!("{what} in pieces of {piece}"), || {
                let mut parser = h1::Parser::new(LIMITS);
                for bytes in stream.chunks(piece) {
                    parser.read(bytes, Timestamp::default());
                }
                drop(parser.leftovers(None));
            });
        }
    }
}

#[test]
fn the_tap_reads_header_blocks_in_time() {
    let frame = |kind: u8, flags: u8, payload: &[u8]| {
        [&(payload.len() as u32).to_be_bytes()[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    };
    // A field of 3000 bytes goes into the table and is then named by one byte each; and many fields of one name.
    let large = [&[0x40, 1, b'a', 0x7f, 0xb9, 0x16][..], &[b'x'; 3000], &vec![0xbe; 500_000]].concat();
    let mut equal = vec![0x83, 0x86, 0x84];
    for number in 0..4000u16 {
        equal.extend([0x10, 1, b'a', 4]);
        equal.extend(format!("{number:04}").bytes());
    }
    for (what, block) in [("a large field, named often", large), ("fields of one name", equal)] {
        timed(what, || {
            let limits = HeadLimits { count: 5000, ..LIMITS };
            let mut parser = h2::Parser::new(limits);
            parser.read(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Timestamp::default());
            let mut pieces = block.chunks(16_000).peekable();
            let mut kind = 1;
            while let Some(piece) = pieces.next() {
                parser.read(&frame(kind, if pieces.peek().is_none() { 4 } else { 0 }, piece), Timestamp::default());
                kind = 9;
            }
            let mut request = http::Request::post("/");
            for number in 0..4000u16 {
                request = request.header("a", format!("{number:04}"));
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            drop(parser.claim(&parts));
            drop(parser.leftovers(None));
        });
    }
}
