//! Requests made of what a terminal would obey, an eye would miss or a shell would run, in every place that a sender can write.

mod encoded;
mod frames;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use termlens::Terminal;

use crate::support::DEADLINE;

/// Bytes of a stranger, and the form in which they may be seen.
pub type Unit = (Vec<u8>, String);

fn unit(bytes: impl AsRef<[u8]>, shown: &str) -> Unit {
    (bytes.as_ref().to_vec(), shown.to_owned())
}

/// What HTTP lets pass in targets and header values: nothing below 0x20.
pub fn high() -> Vec<Unit> {
    let mut units = vec![
        unit(b"\xc2\x9b8;1337m", "⟨U+009B⟩8;1337m"),
        unit(b"\xc2\x9d0;pwned\xc2\x9c", "⟨U+009D⟩0;pwned⟨U+009C⟩"),
        unit(b"\xc2\x90q\xc2\x9c", "⟨U+0090⟩q⟨U+009C⟩"),
        unit(b"\xc2\x9fG\xc2\x9c", "⟨U+009F⟩G⟨U+009C⟩"),
        unit(b"\x9b8m", "⟨9B⟩8m"),
        unit(b"\x9d0;pwned\x9c", "⟨9D⟩0;pwned⟨9C⟩"),
        unit(b"\x90q\x9c\x98\x9e\x9f\x8d\x84", "⟨90⟩q⟨9C⟩⟨98⟩⟨9E⟩⟨9F⟩⟨8D⟩⟨84⟩"),
        unit(b"\xc0\x9b\xe0\x80\x9b\xf5\xff\xed\xa0\x80", "⟨C0⟩⟨9B⟩⟨E0⟩⟨80⟩⟨9B⟩⟨F5⟩⟨FF⟩⟨ED⟩⟨A0⟩⟨80⟩"),
    ];
    for number in (0x80..=0x9f).chain([
        0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a,
        0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2063, 0x2066, 0x2067, 0x2068, 0x2069, 0x206f, 0x2800, 0x3164, 0xe000,
        0xfdd0, 0xfe0f, 0xfeff, 0xfff9, 0xffff, 0x1d173, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0x10ffff,
    ]) {
        let char = char::from_u32(number).expect("a character");
        units.push((format!("a{char}z").into_bytes(), format!("a⟨U+{number:04X}⟩z")));
    }
    units.push(("x\u{489}\u{20dd}".into(), "x\u{489}\u{20dd}".to_owned()));
    let tower = format!("Z{}", "\u{301}".repeat(100));
    units.push((tower.into_bytes(), "\u{301}⟨U+0301⟩⟨U+0301⟩".to_owned()));
    // Terminals give these different columns.
    units.push(unit("t👍🏽z", "t👍⟨U+1F3FD⟩z"));
    units.push(unit("f🇩🇪z", "f⟨U+1F1E9⟩⟨U+1F1EA⟩z"));
    units
}

/// What bodies can hold besides.
pub fn low() -> Vec<Unit> {
    let mut units = vec![
        unit(b"\x1b[8;1337m", "␛[8;1337m"),
        unit(b"\x1b[3J\x1b[6n\x1b[5i", "␛[3J␛[6n␛[5i"),
        unit(b"\x1b]0;pwned\x07", "␛]0;pwned␇"),
        unit(b"\x1b]8;;http://pwned/\x1b\\", "␛]8;;http://pwned/␛\\"),
        unit(b"\x1b]52;c;cHduZWQ=\x07", "␛]52;c;cHduZWQ=␇"),
        unit(b"\x1bPpwned\x1b\\", "␛Ppwned␛\\"),
        unit(b"\x1b_Gpwned\x1b\\", "␛_Gpwned␛\\"),
        unit(b"\x1b^pwned\x1b\\\x1bXpwned\x1b\\", "␛^pwned␛\\␛Xpwned␛\\"),
        unit(b"\x1bc\x1b7\x1b8\x1b(0\x1b#8", "␛c␛7␛8␛(0␛#8"),
        unit(b"\x1b[?1049l\x1b[?2026h\x1b[200~", "␛[?1049l␛[?2026h␛[200~"),
        unit(b"\x05\x07\x08\x0b\x0c\x0e\x0f\x7f", "␅␇␈␋␌␎␏␡"),
    ];
    units.push(unit(b"over\x1b[2K\x1b[1Gwritten\x1b\x1b", "over␛[2K␛[1Gwritten␛␛"));
    units
}

/// A request and, for each view of it (the key that opens it), what must be seen there.
pub struct Hostile {
    /// In its path, so that its row is found.
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub views: Vec<(&'static str, Vec<String>)>,
}

fn shown(units: &[Unit]) -> Vec<String> {
    units.iter().map(|(_, shown)| shown.clone()).collect()
}

fn joined(units: &[Unit], between: &[u8]) -> Vec<u8> {
    units.iter().map(|(bytes, _)| bytes.as_slice()).collect::<Vec<_>>().join(between)
}

fn request(name: &str, headers: &[(&str, Vec<u8>)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("POST /{name} HTTP/1.1\r\nHost: hooks.test\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: ").as_bytes());
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn typed(name: &'static str, content_type: &str, body: &[u8], views: Vec<(&'static str, Vec<String>)>) -> Hostile {
    Hostile { name, bytes: request(name, &[("Content-Type", content_type.into())], body), views }
}

fn percent(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("gzip");
    encoder.finish().expect("gzip")
}

/// One of each place.
pub fn all() -> Vec<Hostile> {
    let (high, low) = (high(), low());
    let mut requests = heads(&high);
    requests.extend(bodies(&high, &low));
    let both: Vec<Unit> = low.into_iter().chain(high).collect();
    requests.extend(encoded::requests(&both));
    requests.extend(frames::requests(&both));
    requests
}

/// In the head: target, method, header values, cookies, content type, event type, delivery id, host, trailers, token.
fn heads(high: &[Unit]) -> Vec<Hostile> {
    // What is no UTF-8 is refused in a target.
    let first: Vec<Unit> = high.iter().take(4).cloned().collect();
    let mut head = b"POST /head/".to_vec();
    head.extend_from_slice(&joined(&first, b"/"));
    head.extend_from_slice(b"?q=");
    head.extend_from_slice(&joined(&first, b"&q="));
    head.extend_from_slice(b"&e=%1b%5b8;1337m%1b%5d0;pwned%07 HTTP/1.1\r\nHost: hooks.test\r\n");
    for (bytes, _) in high {
        head.extend_from_slice(b"X-Unit: ");
        head.extend_from_slice(bytes);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"Content-Length: 2\r\n\r\n{}");
    let who = |name: &'static str, value: &[u8]| (name, [b"a", value, b"z"].concat());
    let (c1, osc) = (&high[0].0, &high[1].0);
    let github = request(
        "github",
        &[
            ("User-Agent", b"GitHub-Hookshot/044aadd".to_vec()),
            ("Content-Type", [b"application/json; charset=\"", osc.as_slice(), b"\""].concat()),
            who("X-GitHub-Event", c1),
            who("X-GitHub-Delivery", osc),
            ("X-Hub-Signature-256", [b"sha256=", c1.as_slice()].concat()),
            ("Cookie", [b"a=", c1.as_slice(), b"; ", osc.as_slice(), b"=b"].concat()),
            ("Content-Encoding", c1.clone()),
            ("X-Forwarded-For", osc.clone()),
        ],
        b"{}",
    );
    let token = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let jwt = format!(
        "Bearer {}.{}.{}",
        token("{\"alg\":\"HS256\",\"typ\":\"\u{9b}8;1337m\"}"),
        token("{\"iss\":\"\u{9d}0;pwned\u{9c}\",\"sub\":\"\u{202e}evil\",\"k\\u001b[8m\":\"\\u001b[8;1337m\"}"),
        token("x")
    );
    let mut refused = b"G\x1b[8;1337mET /refused\x1b]0;pwned\x07 HTTP/1.1\r\nX: \x1b[6n\r\n".to_vec();
    refused.extend_from_slice(b"\xc2\x9b8m\r\n\r\n");
    let mut trailers = b"POST /trailers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\n{}\r\n0\r\nX-T: a".to_vec();
    trailers.extend_from_slice(c1);
    trailers.extend_from_slice(b"\r\n\r\n");
    let odd_method =
        b"!#$%&'*+-.^_`|~ /method HTTP/1.1\r\nHost: a\xc2\x9b8m.test\r\nContent-Length: 0\r\n\r\n".to_vec();
    let c1_shown = || vec!["⟨U+009B⟩8;1337m".to_owned()];
    vec![
        Hostile {
            name: "head",
            bytes: head,
            views: vec![("1", shown(&first)), ("3", shown(high)), ("7", shown(&first))],
        },
        Hostile {
            name: "github",
            bytes: github,
            views: vec![
                ("1", vec!["a⟨U+009B⟩8;1337mz".into(), "a⟨U+009D⟩0;pwned⟨U+009C⟩z".into()]),
                ("2", c1_shown()),
                ("3", c1_shown()),
                ("4", vec![]),
                ("7", c1_shown()),
            ],
        },
        Hostile {
            name: "jwt",
            bytes: request("jwt", &[("Authorization", jwt.into_bytes())], b""),
            views: vec![("1", vec![]), ("3", vec![]), ("4", vec![])],
        },
        Hostile {
            name: "refused",
            bytes: refused,
            views: vec![("1", vec!["G␛[8;1337mET".into()]), ("7", vec!["/refused␛]0".into()])],
        },
        Hostile { name: "trailers", bytes: trailers, views: vec![("3", c1_shown()), ("7", c1_shown())] },
        Hostile {
            name: "method",
            bytes: odd_method,
            views: vec![("1", vec!["!#$%&'*+-.^_`|~".into()]), ("3", vec!["a⟨U+009B⟩8m.test".into()]), ("7", vec![])],
        },
    ]
}

/// In the body, by every way in which a body becomes text.
fn bodies(high: &[Unit], low: &[Unit]) -> Vec<Hostile> {
    let both: Vec<Unit> = low.iter().chain(high).cloned().collect();
    let seen = || shown(&both);
    let lines = joined(&both, b"\n");
    let utf8: Vec<Unit> = both.iter().filter(|(bytes, _)| std::str::from_utf8(bytes).is_ok()).cloned().collect();
    let mut json = b"{\"\\u001b[8;1337m\\u009b\\u202e\":1".to_vec();
    for (bytes, _) in high.iter().filter(|(bytes, _)| std::str::from_utf8(bytes).is_ok()) {
        json.extend_from_slice(&[b",\"", bytes.as_slice(), b"\":\"", bytes, b"\""].concat());
    }
    json.push(b'}');
    let form = both.iter().map(|(bytes, _)| format!("k{0}={0}", percent(bytes))).collect::<Vec<_>>().join("&");
    let mut multipart = Vec::new();
    for (bytes, _) in &low[..4] {
        let value: &[u8] = bytes;
        multipart.extend_from_slice(
            &[
                b"--B\r\nContent-Disposition: form-data; name=\"n",
                value,
                b"\"; filename=\"f",
                value,
                b"\"\r\nX-P",
                value,
                b": v",
                value,
                b"\r\n\r\n",
                value,
                b"\r\n",
            ]
            .concat(),
        );
    }
    multipart.extend_from_slice(b"--B--\r\n");
    let mut xml = b"<?xml version=\"1.0\"?><!-- \x1b[8;1337m --><!DOCTYPE \x1b]0;pwned\x07><?pi \x1b[6n?><r a\x1b[8m=\"\x1b[8;1337m\">".to_vec();
    for (bytes, _) in high {
        xml.extend_from_slice(&[b"<e>", bytes.as_slice(), b"</e>"].concat());
    }
    xml.extend_from_slice(b"</wrong\x1b[8;1337m>");
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(String::from_utf8_lossy(&joined(&utf8, b"\n")).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let html = [b"<!doctype html><p title=\"".as_slice(), &low[0].0, b"\">\n", &lines, b"</p>"].concat();
    vec![
        typed(
            "text",
            "text/plain",
            &lines,
            vec![("2", seen()), ("7", vec!["␛[8;1337m␊".into()]), ("1", vec!["␛[8;1337m".into()])],
        ),
        typed(
            "json",
            "application/json",
            &json,
            vec![
                ("2", vec!["\"a⟨U+202E⟩z\": \"a⟨U+202E⟩z\"".into(), "\\u001b[8;1337m\\u009b\\u202e".into()]),
                ("4", vec![]),
            ],
        ),
        typed(
            "form",
            "application/x-www-form-urlencoded",
            form.as_bytes(),
            vec![("2", vec!["k␛[8;1337m".into(), "= ␛]0;pwned␇".into(), "= a⟨U+202E⟩z".into()]), ("7", vec![])],
        ),
        typed(
            "multipart",
            "multipart/form-data; boundary=B",
            &multipart,
            vec![(
                "2",
                vec!["n␛[8;1337m  f␛[8;1337m".into(), "f␛]0;pwned␇".into(), "X-P␛]0;pwned␇: v␛]0;pwned␇".into()],
            )],
        ),
        typed(
            "xml",
            "application/xml",
            &xml,
            vec![("2", vec!["<!-- ␛[8;1337m -->".into(), "<e>a⟨U+202E⟩z</e>".into(), "␛[8;1337m>".into()])],
        ),
        typed(
            "utf16",
            "text/plain; charset=utf-16le",
            &utf16,
            vec![("2", vec!["␛]0;pwned␇".into(), "a⟨U+202E⟩z".into()])],
        ),
        typed("html", "text/html", &html, vec![("2", seen())]),
        typed("yaml", "application/yaml", &joined(&both, b"\n- "), vec![("2", seen())]),
        typed(
            "binary",
            "application/octet-stream",
            &[b"\0\x01\x02", lines.as_slice()].concat(),
            vec![("2", vec!["1b".into()])],
        ),
        Hostile {
            name: "gzip",
            bytes: request(
                "gzip",
                &[("Content-Type", b"text/plain".to_vec()), ("Content-Encoding", b"gzip".to_vec())],
                &gzip(&lines),
            ),
            views: vec![("2", seen())],
        },
    ]
}

/// Sends it; what it is answered with is of no interest here. The address that it came from.
pub fn deliver(address: SocketAddr, hostile: &Hostile) -> SocketAddr {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    stream.write_all(&hostile.bytes).expect("written");
    if hostile.bytes.starts_with(crate::hostile_h2::PREFACE) {
        frames::answered(&mut stream);
    } else {
        let answer = stream.read(&mut [0; 1024]).expect("an answer");
        assert!(answer > 0, "{} is not answered", hostile.name);
    }
    stream.local_addr().expect("an address")
}

/// Waits until it is on the screen.
#[track_caller]
pub fn wait_for(screen: &mut Terminal, text: &str) {
    if let Err(error) = screen.wait_until(|screen| screen.contains(text)) {
        panic!("`{text}` does not come: {error}");
    }
}
