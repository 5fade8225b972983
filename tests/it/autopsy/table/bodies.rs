//! The body that came is not the one that was signed. Both are written down here, or made by other libraries.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hooksight::domain::exchange::Mark;
use hooksight::domain::signature::{CheckInput, Secret, check};
use hooksight::domain::time::Timestamp;

use super::senders::{self, JSON, NOW, Sent, plain, signed_at};
use super::{Row, Setting, Table};

/// What was signed: compact, as JavaScript writes it.
const SIGNED: &str =
    "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b <i> J\u{f6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}";

/// The same value, as it may come: the change, what came, the cause.
const REWRITTEN: &[(&str, &str, &str)] = &[
    (
        "JSON spaced",
        "{\"id\": \"evt_1\", \"n\": 12, \"t\": \"a/b <i> J\u{f6}rg\", \"l\": [1, 2], \"o\": {\"z\": null, \"a\": true}}",
        "body-json-rewritten",
    ),
    (
        "JSON spaced and escaped (Python)",
        "{\"id\": \"evt_1\", \"n\": 12, \"t\": \"a/b <i> J\\u00f6rg\", \"l\": [1, 2], \"o\": {\"z\": null, \"a\": true}}",
        "body-json-rewritten",
    ),
    (
        "JSON indented by two",
        "{\n  \"id\": \"evt_1\",\n  \"n\": 12,\n  \"t\": \"a/b <i> J\u{f6}rg\",\n  \"l\": [\n    1,\n    2\n  ],\n  \"o\": {\n    \"z\": null,\n    \"a\": true\n  }\n}",
        "body-json-rewritten",
    ),
    (
        "JSON indented by tabs, with a line end",
        "{\n\t\"id\": \"evt_1\",\n\t\"n\": 12,\n\t\"t\": \"a/b <i> J\u{f6}rg\",\n\t\"l\": [\n\t\t1,\n\t\t2\n\t],\n\t\"o\": {\n\t\t\"z\": null,\n\t\t\"a\": true\n\t}\n}\n",
        "body-json-rewritten",
    ),
    (
        "non-ASCII escaped",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b <i> J\\u00f6rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-escapes",
    ),
    (
        "non-ASCII escaped in capitals",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b <i> J\\u00F6rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-escapes",
    ),
    (
        "slashes escaped",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a\\/b <i> J\u{f6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-escapes",
    ),
    (
        "slashes and non-ASCII escaped (PHP)",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a\\/b <i> J\\u00f6rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-escapes",
    ),
    (
        "angle brackets escaped (Go)",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b \\u003ci\\u003e J\u{f6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-escapes",
    ),
    (
        "quotes and angle brackets as HTML",
        "{&quot;id&quot;:&quot;evt_1&quot;,&quot;n&quot;:12,&quot;t&quot;:&quot;a/b &lt;i&gt; J\u{f6}rg&quot;,&quot;l&quot;:[1,2],&quot;o&quot;:{&quot;z&quot;:null,&quot;a&quot;:true}}",
        "body-escapes",
    ),
    (
        "angle brackets as HTML",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b &lt;i&gt; J\u{f6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-escapes",
    ),
    (
        "backslashes before quotes (addslashes)",
        "{\\\"id\\\":\\\"evt_1\\\",\\\"n\\\":12,\\\"t\\\":\\\"a/b <i> J\u{f6}rg\\\",\\\"l\\\":[1,2],\\\"o\\\":{\\\"z\\\":null,\\\"a\\\":true}}",
        "body-escapes",
    ),
    (
        "percent-escaped as the name of a form's field",
        "%7B%22id%22%3A%22evt_1%22%2C%22n%22%3A12%2C%22t%22%3A%22a%2Fb+%3Ci%3E+J%C3%B6rg%22%2C%22l%22%3A%5B1%2C2%5D%2C%22o%22%3A%7B%22z%22%3Anull%2C%22a%22%3Atrue%7D%7D=",
        "body-form",
    ),
    (
        "a zero byte at the end",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b <i> J\u{f6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}\0",
        "body-newline",
    ),
    (
        "a byte order mark and a line end",
        "\u{feff}{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b <i> J\u{f6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}\r\n",
        "body-charset",
    ),
    (
        "UTF-8 read as Windows-1252 and written again",
        "{\"id\":\"evt_1\",\"n\":12,\"t\":\"a/b <i> J\u{c3}\u{b6}rg\",\"l\":[1,2],\"o\":{\"z\":null,\"a\":true}}",
        "body-charset",
    ),
];

/// The signer wrote the parsed body again before it signed, and sent what it had got: what came, what was signed.
const SIGNED_AGAIN: &[(&str, &str, &str, &str)] = &[
    (
        "signed with sorted keys",
        "{\"b\": 1, \"a\": {\"d\": 2, \"c\": 3}}",
        "{\"a\":{\"c\":3,\"d\":2},\"b\":1}",
        "body-json-rewritten",
    ),
    (
        "signed as node writes it",
        "{\"b\": 1.0, \"2\": \"x\", \"1\": 1e3}",
        "{\"1\":1000,\"2\":\"x\",\"b\":1}",
        "body-json-rewritten",
    ),
    (
        "signed as Python writes it",
        "{\"b\":1e3,\"a\":\"\u{fc}\",\"c\":[1,2]}",
        "{\"b\": 1000.0, \"a\": \"\\u00fc\", \"c\": [1, 2]}",
        "body-json-rewritten",
    ),
    ("signed as Go writes it", "{\"b\":\"x&y\",\"a\":1.50}", "{\"a\":1.5,\"b\":\"x\\u0026y\"}", "body-json-rewritten"),
    ("signed indented by four", "{\"b\":[1]}", "{\n    \"b\": [\n        1\n    ]\n}", "body-json-rewritten"),
    ("signed [object Object]", "{\"b\":[1]}", "[object Object]", "body-object-text"),
    ("signed a Python dict", "{\"b\":[true,null]}", "{'b': [True, None]}", "body-object-text"),
    ("signed an empty body", "{\"b\":[1]}", "", "body-empty"),
    ("signed the object without keys", "{\"b\":[1]}", "{}", "body-object-text"),
    ("signed the text as a JSON string", "{\"b\":\"\u{f6}\"}", "\"{\\\"b\\\":\\\"\u{f6}\\\"}\"", "body-object-text"),
    ("signed it as an ASCII JSON string", "{\"b\":\"\u{f6}\"}", "\"{\\\"b\\\":\\\"\\u00f6\\\"}\"", "body-object-text"),
    (
        "signed in UTF-8, came by Windows-1252",
        "{\"b\":\"\u{e2}\u{201a}\u{ac}\"}",
        "{\"b\":\"\u{20ac}\"}",
        "body-charset",
    ),
];

const FORM: &str = "payload=%7B%22a%22%3A1%7D&text=a+b%7Ec&empty=&x=%2Fy";

/// The same form, as it may come.
const FORMS: &[(&str, &str, &str)] = &[
    ("form with %20 for +", "payload=%7B%22a%22%3A1%7D&text=a%20b%7Ec&empty=&x=%2Fy", "body-form-rewritten"),
    ("form with ~ unescaped", "payload=%7B%22a%22%3A1%7D&text=a+b~c&empty=&x=%2Fy", "body-form-rewritten"),
    ("form with lower-case escapes", "payload=%7b%22a%22%3a1%7d&text=a+b%7ec&empty=&x=%2fy", "body-form-rewritten"),
    ("form with more unescaped", "payload=%7B%22a%22%3A1%7D&text=a+b%7Ec&empty=&x=/y", "body-form-rewritten"),
];

pub fn rows(table: &mut Table) {
    let all = senders::all_plain();
    for (at, sent) in all.iter().enumerate() {
        let signed = |body: &str, media: &str| {
            let sent = signed_at(&sent.profile, body.as_bytes(), media, Timestamp::from_secs(NOW)).expect("signed");
            plain(&sent).expect("plain");
            sent
        };
        let mut line = |mutation, wanted, sent: &Sent, came: &[u8]| {
            table.add(mutation, wanted, &sent.came_as(came), &Setting::right(sent));
        };
        // Every provider gets some of the changes, every change some of the providers.
        let is_turn = |number: usize| (at + number).is_multiple_of(6);
        let base = signed(SIGNED, "application/json");
        for (number, (mutation, came, wanted)) in REWRITTEN.iter().enumerate().filter(|(number, _)| is_turn(*number)) {
            let _ = number;
            line(mutation, wanted, &base, came.as_bytes());
        }
        for (_, (mutation, came, again, wanted)) in
            SIGNED_AGAIN.iter().enumerate().filter(|(number, _)| is_turn(*number))
        {
            line(mutation, wanted, &signed(again, "application/json"), came.as_bytes());
        }
        for (_, (mutation, came, wanted)) in FORMS.iter().enumerate().filter(|(number, _)| is_turn(*number)) {
            line(mutation, wanted, &signed(FORM, "application/x-www-form-urlencoded"), came.as_bytes());
        }
        if is_turn(4) {
            line(
                "form: the field was signed",
                "body-form",
                &signed("{\"a\":1}", "application/x-www-form-urlencoded"),
                FORM.as_bytes(),
            );
        }
        if is_turn(5) {
            line(
                "form: empty fields dropped when signed",
                "body-form-rewritten",
                &signed("a=1&c=3", "application/x-www-form-urlencoded"),
                b"a=1&b=&c=3",
            );
        }
        whole_bytes(table, sent, is_turn);
    }
    for sent in all.iter().step_by(6) {
        altered(table, sent);
    }
}

/// Line ends, charsets, wrappings.
fn whole_bytes(table: &mut Table, sent: &Sent, is_turn: impl Fn(usize) -> bool) {
    let signed =
        |body: &[u8]| signed_at(&sent.profile, body, "application/json", Timestamp::from_secs(NOW)).expect("signed");
    let mut line = |turn: usize, mutation, wanted, signed_body: &[u8], came: &[u8]| {
        if is_turn(turn) {
            let sent = signed(signed_body);
            table.add(mutation, wanted, &sent.came_as(came), &Setting::right(&sent));
        }
    };
    let text = SIGNED.as_bytes();
    let with = |end: &[u8]| [text, end].concat();
    line(0, "line end added", "body-newline", text, &with(b"\n"));
    line(1, "CRLF added", "body-newline", text, &with(b"\r\n"));
    line(2, "line end lost", "body-newline", &with(b"\n"), text);
    line(3, "CRLF lost", "body-newline", &with(b"\r\n"), text);
    line(4, "blanks at the end lost", "body-newline", text, &with(b" \n\n"));
    line(5, "LF made CRLF", "body-line-ends", b"{\n\"a\":1,\n\"b\":2\n}", b"{\r\n\"a\":1,\r\n\"b\":2\r\n}");
    line(0, "CRLF made LF", "body-line-ends", b"{\r\n\"a\":1,\r\n\"b\":2\r\n}", b"{\n\"a\":1,\n\"b\":2\n}");
    let latin: Vec<u8> = SIGNED.chars().map(|char| u8::try_from(u32::from(char)).expect("Latin-1")).collect();
    line(1, "charset: Latin-1 for UTF-8", "body-charset", text, &latin);
    let twice: String = SIGNED.bytes().map(char::from).collect();
    line(2, "charset: UTF-8 encoded twice", "body-charset", twice.as_bytes(), text);
    line(3, "byte order mark added", "body-charset", text, &[b"\xef\xbb\xbf", text].concat());
    line(4, "byte order mark lost", "body-charset", &[b"\xef\xbb\xbf", text].concat(), text);
    let wrapped = STANDARD.encode(text);
    line(5, "wrapped in base64", "body-base64", text, wrapped.as_bytes());
    let envelope = format!("{{\"isBase64Encoded\":true,\"body\":\"{wrapped}\"}}");
    line(0, "gateway envelope", "body-base64", text, envelope.as_bytes());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).expect("memory");
    line(1, "compressed with gzip", "body-compressed", text, &gzip.finish().expect("memory"));
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    deflate.write_all(text).expect("memory");
    line(2, "compressed with deflate", "body-compressed", text, &deflate.finish().expect("memory"));
}

/// What no search can bring back, and what was not kept whole.
fn altered(table: &mut Table, sent: &Sent) {
    let changed = String::from_utf8(JSON.to_vec()).expect("text").replace("1250", "1251");
    table.add("a digit altered", "signature-mismatch", &sent.came_as(changed), &Setting::right(sent));
    let mut request = sent.request();
    request.body.bytes = request.body.bytes.slice(..20);
    request.marks.push(Mark::Truncated { limit_bytes: 20 });
    let secrets = [Secret::new(sent.secret.clone())];
    let verdict =
        check(&CheckInput { public_url: Some(&sent.url), ..CheckInput::new(&sent.profile, &secrets, &request) });
    let provider = sent.profile.name.clone();
    table.0.push(Row { provider, mutation: "capture cut off", wanted: "body-incomplete", verdict });
}
