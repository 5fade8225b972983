use proptest::prelude::*;

use super::*;
use crate::domain::body::Body;
use crate::domain::testing;

fn request(headers: Headers, body: impl Into<Bytes>) -> Request {
    Request { target: "/hook?a=1".into(), headers, body: Body::whole(body), ..testing::request() }
}

fn json() -> Request {
    let headers = [("Host", "example.test"), ("x-DUP", "1"), ("X-Dup", "2"), ("Content-Length", "7"), ("X-Empty", "")];
    request(Headers::from_pairs(headers), "{\"a\":1}")
}

fn edited(original: &Request, edit: impl Fn(&str) -> String) -> Result<Draft, String> {
    let text = Draft::from_request(original).to_text();
    Draft::from_text(&edit(&text), original).map_err(|error| error.to_string())
}

#[test]
fn the_text_is_what_one_expects() {
    let text = Draft::from_request(&json()).to_text();
    assert_eq!(
        text,
        "POST /hook?a=1\nHost: example.test\nx-DUP: 1\nX-Dup: 2\nContent-Length: 7\nX-Empty:\n\n{\"a\":1}"
    );
}

#[test]
fn an_edit_changes_what_was_edited_and_the_content_length() {
    let original = json();
    let draft =
        edited(&original, |text| text.replace("\"a\":1", "\"a\":100").replace("X-Dup: 2", "X-Dup:  3 ")).unwrap();
    assert_eq!(&draft.body[..], b"{\"a\":100}");
    assert_eq!(draft.headers.get("content-length"), Some(&b"9"[..]));
    assert_eq!(draft.headers.get_all("x-dup").collect::<Vec<_>>(), [b"1", b"3"]);
    assert_eq!(draft.headers.iter().nth(1).unwrap().name, "x-DUP");
    assert_eq!(draft.changes(&original), Changes { method: false, url: false, headers: true, body: true });
    assert_eq!(draft.changes(&original).words(), "headers, body");

    let draft = edited(&original, |text| text.replace("\"a\":1", "\"a\":2")).unwrap();
    assert_eq!(draft.changes(&original), Changes { body: true, ..Changes::default() });

    let draft = edited(&original, |text| text.replace("POST /hook?a=1", "put https://other.test:8443/x")).unwrap();
    assert_eq!((&draft.method[..], &draft.url[..]), (&b"put"[..], &b"https://other.test:8443/x"[..]));
    assert_eq!(draft.changes(&original), Changes { method: true, url: true, ..Changes::default() });
    assert_eq!(draft.headers.get("content-length"), Some(&b"7"[..]));

    let draft = edited(&original, |text| text.replace("/hook?a=1", "/y HTTP/1.1").replace('\n', "\r\n")).unwrap();
    assert_eq!(&draft.url[..], b"/y");
    assert!(!draft.changes(&original).headers && !draft.changes(&original).body);

    let draft = edited(&original, |text| text.split("\n\n").next().unwrap_or_default().to_owned()).unwrap();
    assert!(draft.body.is_empty());
    assert_eq!(draft.headers.get("content-length"), Some(&b"0"[..]));
}

#[test]
fn the_content_length_appears_unless_the_body_goes_in_chunks() {
    let bare = request(Headers::new(), "");
    let draft = edited(&bare, |text| format!("{text}hi")).unwrap();
    assert_eq!(draft.headers.get("content-length"), Some(&b"2"[..]));
    let chunked = request(Headers::from_pairs([("Transfer-Encoding", "chunked")]), "x");
    let draft = edited(&chunked, |text| format!("{text}y")).unwrap();
    assert_eq!(draft.headers.get("content-length"), None);
}

#[test]
fn line_ends_stay_with_their_lines() {
    let multipart = "--b\r\nContent-Type: application/json\r\n\r\n{\n  \"a\": 1\n}\r\n--b--\r\n";
    let original = request(Headers::new(), multipart);
    let text = Draft::from_request(&original).to_text();
    assert!(!text.contains('\r'));
    let body = |edit: &dyn Fn(&str) -> String| edited(&original, edit).unwrap().body;
    assert_eq!(
        &body(&|text| text.replace("\"a\": 1\n", "\"a\": 1,\n  \"b\": 2\n"))[..],
        "--b\r\nContent-Type: application/json\r\n\r\n{\n  \"a\": 1,\n  \"b\": 2\n}\r\n--b--\r\n".as_bytes()
    );
    assert_eq!(&body(&|text| text.replace("--b--", "--c--"))[..], multipart.replace("--b--", "--c--").as_bytes());
    assert_eq!(&body(&|text| text.replace("\n--b--\n", "\n--b--"))[..], multipart.trim_end().as_bytes());
    let crlf = request(Headers::new(), "a\r\nb");
    assert_eq!(&edited(&crlf, |text| format!("{text}\nc\nd")).unwrap().body[..], b"a\r\nb\r\nc\r\nd");
}

#[test]
fn a_line_end_that_an_editor_adds_is_not_an_edit() {
    let original = json();
    let draft = edited(&original, |text| format!("{text}\n")).unwrap();
    assert!(!draft.changes(&original).any());
    let ended = request(Headers::new(), "a\n");
    assert_eq!(&edited(&ended, |text| format!("{text}\n")).unwrap().body[..], b"a\n\n");
}

#[test]
fn a_body_that_is_no_text_is_kept_or_written_as_base64() {
    let original = request(Headers::new(), &b"\x00\xff\r\x1b[31m"[..]);
    let text = Draft::from_request(&original).to_text();
    assert!(text.ends_with("\n\nbase64:\nAP8NG1szMW0="), "{text}");
    assert_eq!(&edited(&original, |text| text.replace("AP8N", "AP8O\n")).unwrap().body[..], b"\x00\xff\x0e\x1b[31m");
    assert_eq!(
        &edited(&original, |text| text.replace("base64:\nAP8NG1szMW0=", "now text")).unwrap().body[..],
        b"now text"
    );
    assert_eq!(edited(&original, |text| text.replace("AP8N", "AP-N")).unwrap_err(), "line 4: `-` is not base64");
    let large = request(Headers::new(), vec![0_u8; 100_000]);
    let text = Draft::from_request(&large).to_text();
    assert!(text.ends_with("\n\n(binary body kept: 100000 bytes; another text here replaces it)"));
    assert!(edited(&large, |text| text.replace("kept: 1", "kept: 2")).unwrap_err().starts_with("line 3: "));
    assert_eq!(&edited(&large, |text| format!("{}x", &text[..text.find('(').unwrap()])).unwrap().body[..], b"x");
}

#[test]
fn a_body_that_looks_like_our_marks_survives() {
    for body in ["base64:\nAAAA", "(binary body kept: 3 bytes)", "base64:"] {
        let original = request(Headers::new(), body);
        assert!(!edited(&original, str::to_owned).unwrap().changes(&original).any(), "{body}");
        assert_eq!(&edited(&original, |text| text.replace("POST", "PUT")).unwrap().body[..], body.as_bytes());
    }
}

#[test]
fn mistakes_name_their_line() {
    let original = json();
    let mistakes = [
        ("POST /hook?a=1", ""),
        ("POST /hook?a=1", "POST"),
        ("POST /hook?a=1", "POST /a b"),
        ("POST /hook?a=1", "PO(ST /a"),
        ("POST /hook?a=1", "POST ftp://x"),
        ("POST /hook?a=1", "POST /\u{1b}[31m"),
        ("x-DUP: 1", "x-DUP"),
        ("x-DUP: 1", "x DUP: 1"),
        ("x-DUP: 1", "x-DUP: \u{1b}"),
        ("X-Empty:", ": x"),
    ]
    .map(|(from, to)| edited(&original, |text| text.replacen(from, to, 1)).unwrap_err());
    insta::assert_snapshot!(mistakes.join("\n"));
}

proptest! {
    #[test]
    fn what_was_not_edited_keeps_its_bytes(
        method in "[A-Z!~`]{1,6}",
        target in proptest::collection::vec(prop_oneof![0x21_u8..=0x7e, 0x80_u8..=0xff], 0..12),
        lines in proptest::collection::vec(("[!-9;-~]{1,6}", proptest::collection::vec(any::<u8>(), 0..8)), 0..5),
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            "(a|\\{|\r\n|\n|\r|\t|é|base64:|\n\n){0,12}".prop_map(String::into_bytes),
        ],
        ends_file in any::<bool>(),
    ) {
        let mut headers = Headers::new();
        for (name, value) in lines {
            headers.push(name, value.trim_ascii().iter().map(|byte| if b"\r\n".contains(byte) { b'.' } else { *byte }).collect::<Vec<u8>>());
        }
        let mut original = request(headers, body);
        original.method = method.into();
        original.target = [&b"/"[..], &target].concat().into();
        let draft = edited(&original, |text| if ends_file { format!("{text}\n") } else { text.to_owned() });
        let had_end = original.body.bytes.ends_with(b"\n");
        if !(ends_file && had_end) {
            let draft = draft.map_err(TestCaseError::fail)?;
            prop_assert!(!draft.changes(&original).any(), "{:?}", draft);
        }
    }

    #[test]
    fn no_text_panics(raw in any::<String>(), parts in "(POST |/x|\n|\n\n|a: b|base64:|AAAA|\\(binary body kept: |\r){0,14}", body in proptest::collection::vec(any::<u8>(), 0..20)) {
        let original = request(Headers::from_pairs([("a", "b")]), body);
        for text in [raw, parts] {
            if let Ok(draft) = Draft::from_text(&text, &original) {
                let again = Draft::from_text(&draft.to_text(), &original);
                prop_assert!(again.is_ok(), "{draft:?} {again:?}");
            }
        }
    }
}
