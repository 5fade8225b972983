//! The same over HTTP/2, as far as it lets them pass: control bytes are refused there too (RFC 9113 section 8.2.1), and a row.

use std::io::Read;

use super::{Hostile, Unit, high, joined, shown};
use crate::hostile_h2::{DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, field, frame};

/// A connection with this one request: its fields, its body, its trailers.
fn connection(path: &[u8], fields: &[(&[u8], &[u8])], body: &[u8], trailers: &[(&[u8], &[u8])]) -> Vec<u8> {
    let pseudo: [(&[u8], &[u8]); 4] =
        [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"hooks.test")];
    let block: Vec<u8> = pseudo.iter().chain(fields).flat_map(|(name, value)| field(name, value)).collect();
    let (data, last) = if trailers.is_empty() {
        (frame(DATA, END_STREAM, 1, body), Vec::new())
    } else {
        let block: Vec<u8> = trailers.iter().flat_map(|(name, value)| field(name, value)).collect();
        (frame(DATA, 0, 1, body), frame(HEADERS, END_STREAM | END_HEADERS, 1, &block))
    };
    let settings = frame(SETTINGS, 0, 0, &[]);
    [PREFACE, &settings, &frame(HEADERS, END_HEADERS, 1, &block), &data, &last].concat()
}

/// A request each for head, body, trailers, and what is refused.
pub(super) fn requests(both: &[Unit]) -> Vec<Hostile> {
    let high = high();
    let text: Vec<Unit> = high.iter().take(4).cloned().collect();
    let path =
        |name: &str| [format!("/{name}/").as_bytes(), &joined(&text, b"/"), b"?q=", &joined(&text, b"&q=")].concat();
    let units: Vec<(&[u8], &[u8])> = high.iter().map(|(bytes, _)| (b"x-unit".as_slice(), bytes.as_slice())).collect();
    let (c1, osc) = (high[0].0.as_slice(), high[1].0.as_slice());
    let who: [(&[u8], &[u8]); 5] = [
        (b"user-agent", b"GitHub-Hookshot/044aadd"),
        (b"x-github-event", c1),
        (b"x-github-delivery", osc),
        (b"content-type", b"text/plain"),
        (b"cookie", osc),
    ];
    let escaped: [(&[u8], &[u8]); 2] = [(b"x-low", b"a\x1b[8;1337m\x1b]0;pwned\x07"), (b"x-high", c1)];
    let c1_shown = || vec!["⟨U+009B⟩8;1337m".to_owned()];
    vec![
        Hostile {
            name: "refused-frames",
            bytes: connection(b"/refused-frames", &escaped, b"", &[]),
            views: vec![("1", vec!["refused".into()]), ("7", vec!["61 1b 5b 38 3b".into()])],
        },
        Hostile {
            name: "frames",
            bytes: connection(&path("frames"), &units, b"{}", &[]),
            views: vec![("1", shown(&text)), ("3", shown(&high)), ("7", shown(&text))],
        },
        Hostile {
            name: "frames-body",
            bytes: connection(&path("frames-body"), &who, &joined(both, b"\n"), &[(b"x-trailer", c1)]),
            views: vec![("1", c1_shown()), ("2", shown(both)), ("3", [c1_shown(), vec!["x-trailer".into()]].concat())],
        },
    ]
}

/// Reads until the request has its answer, or is refused.
pub(super) fn answered(stream: &mut impl Read) {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).expect("a frame");
        let [l0, l1, l2, kind, ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize];
        stream.read_exact(&mut payload).expect("all of the frame");
        if [HEADERS, RST_STREAM, GOAWAY].contains(&kind) {
            return;
        }
    }
}
