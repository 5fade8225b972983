use proptest::prelude::*;

use super::document::NOTES_MAX;
use super::*;

const LIMITS: Limits = Limits {
    shown_bytes_max: 4 << 20,
    lines_max: 200_000,
    held_bytes_max: 64 << 20,
    decoded_bytes_max: 8 << 20,
    width: 80,
};

fn shown_as(content_type: &str, bytes: &[u8]) -> Document {
    let headers = match content_type {
        "" => Headers::new(),
        value => Headers::from_pairs([("Content-Type", value)]),
    };
    shown(bytes, &headers, BodyView::Pretty, LIMITS)
}

fn shown(bytes: &[u8], headers: &Headers, view: BodyView, limits: Limits) -> Document {
    body(&Body::whole(bytes.to_vec()), headers, view, limits)
}

fn text_of(content_type: &str, bytes: &[u8]) -> String {
    shown_as(content_type, bytes).to_text()
}

/// The tokens alone: JSON text without the blanks outside its strings.
fn without_blanks(json: &str) -> String {
    let mut out = String::new();
    let (mut in_string, mut escaped) = (false, false);
    for char in json.chars() {
        if in_string {
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
        } else if char == '"' {
            in_string = true;
        } else if char.is_ascii_whitespace() {
            continue;
        }
        out.push(char);
    }
    out
}

#[test]
fn json_is_indented_and_loses_nothing() {
    let json = br#"{"a":1E+2,"a":1e2,"n":-0.10,"s":"\u00e9\/\ud83d","big":123456789012345678901234567890,"e":{},"l":[ ],"x":[true,null]}"#;
    let expected = "{
  \"a\": 1E+2,
  \"a\": 1e2,
  \"n\": -0.10,
  \"s\": \"\\u00e9\\/\\ud83d\",
  \"big\": 123456789012345678901234567890,
  \"e\": {},
  \"l\": [],
  \"x\": [
    true,
    null
  ]
}
";
    let document = shown_as("application/json", json);
    assert_eq!(document.to_text(), expected);
    assert_eq!(document.notes, Vec::<String>::new());
    let roles: Vec<Role> = document.lines[1].spans().map(|span| span.role).collect();
    assert_eq!(roles, [Role::Plain, Role::Key, Role::Punctuation, Role::Number, Role::Punctuation]);
}

#[test]
fn a_real_delivery_keeps_every_token() {
    let json = include_str!("../../../tests/fixtures/github-push.json");
    let document = shown_as("application/json", json.as_bytes());
    assert_eq!(without_blanks(&document.to_text()), without_blanks(json));
    assert!(document.lines.len() > 100);
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", json).finish();
    let document = shown_as("application/x-www-form-urlencoded", form.as_bytes());
    assert_eq!(document.lines[0].text(), "payload = JSON");
    let nested: String = document.lines.iter().skip(1).map(|line| format!("{}\n", line.text())).collect();
    assert_eq!(without_blanks(&nested), without_blanks(json));
}

#[test]
fn what_is_not_json_is_said_with_its_place_and_shown_as_text() {
    let document = shown_as("application/json", b"{\"a\": 1,\n \"b\": tru,\n \"c\": 3}");
    let words = "not JSON from line 2, column 7: a value was expected";
    assert_eq!(document.notes, [words]);
    assert_eq!(document.to_text(), format!("{{\n  \"a\": 1,\n  \"b\": \n── {words}\ntru,\n \"c\": 3}}\n"));
    for (json, place) in [
        ("{\"a\":1}x", "line 1, column 8"),
        ("[1,]", "line 1, column 4"),
        ("[007]", "line 1, column 2"),
        ("[1 2]", "line 1, column 4"),
        ("{\"é\":\"\u{1}\"}", "line 1, column 6"),
        ("{\"a\" 1}", "line 1, column 6"),
        ("[", "line 1, column 2"),
        ("[\"abc", "line 1, column 2"),
        ("{\"a\":1.}", "line 1, column 6"),
        ("[\"\\x\"]", "line 1, column 2"),
        ("{,}", "line 1, column 2"),
    ] {
        let notes = shown_as("application/json", json.as_bytes()).notes;
        assert!(notes.iter().any(|note| note.contains(&format!("{place}:"))), "{json}: {notes:?}");
    }
}

#[test]
fn json_lines_are_shown_one_after_the_other() {
    let document = shown_as("application/x-ndjson", b"{\"a\":1}\n{\"b\":2}\r\n[]\n");
    assert_eq!(document.to_text(), "{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n[]\n");
    assert_eq!(document.notes, ["3 JSON values, one after the other"]);
}

#[test]
fn deep_json_needs_no_stack_and_no_gigabytes_of_blanks() {
    let depth = 90_000;
    let json = "[".repeat(depth) + &"]".repeat(depth);
    let document = shown_as("application/json", json.as_bytes());
    assert_eq!(document.lines.len(), 2 * depth - 1);
    assert_eq!(without_blanks(&document.to_text()), json);
    assert!(document.lines.iter().all(|line| line.text().len() < 80));
    let unclosed = shown_as("application/json", "[".repeat(1_000_000).as_bytes());
    assert!(unclosed.lines.len() <= LIMITS.lines_max);
}

#[test]
fn a_number_of_a_million_digits_stays_whole() {
    let digits = "7".repeat(1_000_000);
    let json = format!("[{digits}]");
    let document = shown_as("application/json", json.as_bytes());
    assert_eq!(document.lines[1].text().trim(), digits);
    assert!(document.wrap(80).lines.iter().all(|line| line.width() <= 80));
}

#[test]
fn bodies_over_the_bounds_are_cut_and_it_is_said() {
    let limits = Limits { shown_bytes_max: 1000, lines_max: 20, ..LIMITS };
    let json = format!("[{}1]", "1,".repeat(5000));
    let headers = Headers::from_pairs([("content-type", "application/json")]);
    let document = shown(json.as_bytes(), &headers, BodyView::Pretty, limits);
    assert_eq!(document.lines.len(), 20);
    assert_eq!(document.notes, ["the first 1.0 KiB of 9.8 KiB", "the first 20 lines"]);
    // A cut of ours is no fault of the sender.
    let limits = Limits { shown_bytes_max: 1000, ..LIMITS };
    assert_eq!(shown(json.as_bytes(), &headers, BodyView::Pretty, limits).notes, ["the first 1.0 KiB of 9.8 KiB"]);
}

/// Bodies whose form on screen is many times as large as they are.
#[test]
fn what_is_held_for_the_screen_is_bounded_whatever_the_bytes() {
    let limits = Limits { held_bytes_max: 2 << 20, ..LIMITS };
    let plain = b"hello world, this is text\n".repeat(400);
    let bodies = [
        (&plain[..], "a\u{1}".repeat(500_000)),
        (&plain[..], "\u{301}".repeat(500_000)),
        (&plain[..], "\u{e0001}".repeat(250_000)),
        (&plain[..], "\n".repeat(1_000_000)),
        (&plain[..], "a\t".repeat(500_000)),
        (&b"{"[..], "\"\":1,".repeat(200_000)),
        (&b""[..], "a=%1b&".repeat(200_000)),
        (&b""[..], format!("a={}", "%1b".repeat(300_000))),
        (&b""[..], "a=[1,2]&".repeat(100_000)),
        (&b"<a>"[..], "<b c='d'/>".repeat(100_000)),
        (&b"\0"[..], "\u{1}a\0".repeat(300_000)),
    ];
    for (before, repeated) in bodies {
        let body = [before, repeated.as_bytes()].concat();
        for view in [BodyView::Pretty, BodyView::Raw, BodyView::Hex] {
            let document = shown(&body, &Headers::new(), view, limits);
            let name: String = repeated.chars().take(10).collect();
            // One line, or one piece of a line, may go over the bound.
            assert!(document.held_bytes() < 5 << 20, "{name:?} {view:?}: {}", document.held_bytes());
            let is_said = document.notes.iter().any(|note| note.contains("the first ") || note.contains("is cut"));
            assert!(is_said || document.held_bytes() < limits.held_bytes_max, "{name:?} {view:?}");
            for width in [1, 20, 200] {
                let held = document.clone().wrap(width).held_bytes();
                assert!(held < WRAPPED_BYTES_MAX + (1 << 20), "{name:?} {view:?} at {width}: {held}");
            }
        }
    }
}

#[test]
fn a_long_line_is_the_same_in_pieces_as_in_one() {
    for unit in ["é", "日本", "e\u{301}", "ab\u{202e}", "\u{1b}[31m", "क्ष"] {
        let line = unit.repeat(100_000);
        let document = shown_as("text/plain", line.as_bytes());
        assert!(document.lines[0].text() == crate::domain::printable::visible(line.as_bytes()), "{unit}");
    }
}

#[test]
fn forms_become_a_table_with_bytes_visible() {
    let document = shown_as(
        "application/x-www-form-urlencoded",
        b"name=J%C3%BCrgen+X&empty=&flag&esc=%1b%5b31m&bad=%ff%zz&name=2",
    );
    let expected = "name  = Jürgen X\nempty = \nflag \nesc   = ␛[31m\nbad   = ⟨FF⟩%zz\nname  = 2\n";
    assert_eq!(document.to_text(), expected);
}

#[test]
fn json_sent_by_curl_as_a_form_is_shown_as_json() {
    let document = shown_as("application/x-www-form-urlencoded", b"{\"a\": \"b=c\"}");
    assert_eq!(document.to_text(), "{\n  \"a\": \"b=c\"\n}\n");
    assert_eq!(document.notes, ["declared application/x-www-form-urlencoded, looks like JSON"]);
    assert_eq!(shown_as("", b"[1]").notes, ["no content type, looks like JSON"]);
    assert_eq!(shown_as("application/json", b"a=1&b=2").notes, ["declared application/json, looks like a form"]);
    assert_eq!(text_of("text/plain", b"[note] this is a log line"), "[note] this is a log line\n");
}

#[test]
fn each_part_of_a_multipart_body_is_shown_by_its_own_type() {
    let bytes = b"--XX\r\nContent-Disposition: form-data; name=\"meta; data\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n\
--XX\r\ncontent-disposition: form-data; name=file; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n--XXX no\r\n--XX--\r\n";
    let document = shown_as("multipart/form-data; boundary=\"XX\"", bytes);
    let text = document.to_text();
    assert!(text.starts_with(
        "part 1  meta; data  7 B\n  Content-Disposition: form-data; name=\"meta; data\"\n  Content-Type: application/json\n{\n  \"a\": 1\n}\n"
    ), "{text}");
    assert!(text.contains("part 2  file  x.png  "), "{text}");
    assert!(text.contains("00000000  89 50 4e 47"), "{text}");
    assert!(document.notes.contains(&"2 parts".to_owned()));
}

#[test]
fn broken_multipart_bodies_are_shown_all_the_same() {
    assert_eq!(shown_as("multipart/form-data", b"abc").notes, ["multipart/form-data without a boundary"]);
    let document = shown_as("multipart/form-data; boundary=b", b"nothing here");
    assert_eq!(
        (document.to_text(), document.notes),
        ("nothing here\n".to_owned(), vec!["the declared boundary is not in the body".to_owned()])
    );
    let document = shown_as("multipart/form-data; boundary=b", b"--b\r\n\r\nhalf");
    assert_eq!(document.to_text(), "part 1  4 B\nhalf\n── the closing boundary is missing\n");
}

#[test]
fn ten_thousand_parts_are_all_there() {
    let mut bytes = Vec::new();
    for number in 0..10_000 {
        bytes.extend_from_slice(format!("--b\r\nContent-Type: application/json\r\n\r\n{{\"n\":{number}").as_bytes());
        // Every other part is broken in its own way.
        bytes.extend_from_slice(if number % 2 == 0 { b"}\r\n" } else { b"\r\n" });
    }
    bytes.extend_from_slice(b"--b--");
    let document = shown_as("multipart/mixed; boundary=b", &bytes);
    assert_eq!(document.lines.iter().filter(|line| line.text().starts_with("part ")).count(), 10_000);
    assert!(document.notes.len() <= NOTES_MAX);
}

#[test]
fn multipart_inside_multipart_ends_somewhere() {
    let mut bytes = b"core".to_vec();
    for _ in 0..50 {
        let mut outer = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
        outer.extend_from_slice(&bytes);
        bytes = outer;
    }
    assert!(text_of("multipart/mixed; boundary=b", &bytes).contains("core"));
}

#[test]
fn xml_is_indented_and_keeps_its_references() {
    let xml =
        b"<?xml version=\"1.0\"?><a x='1'  y=\"&lt;\"><b>one &amp; two</b><c/><!-- n --><d><![CDATA[<raw>]]></d></a>";
    let expected = "<?xml version=\"1.0\"?>
<a x='1' y=\"&lt;\">
  <b>one &amp; two</b>
  <c/>
  <!-- n -->
  <d><![CDATA[<raw>]]></d>
</a>
";
    let document = shown_as("application/soap+xml", xml);
    assert_eq!(document.to_text(), expected);
    let roles: Vec<Role> = document.lines[2].spans().map(|span| span.role).collect();
    assert!(roles.contains(&Role::Keyword) && roles.contains(&Role::Literal));
}

#[test]
fn xml_that_is_not_well_formed_is_said_and_shown() {
    let document = shown_as("text/xml", b"<a><b></a>\x1b rest");
    assert!(
        document.notes.iter().any(|note| note.starts_with("not well-formed from line 1, column 7")),
        "{:?}",
        document.notes
    );
    assert!(document.to_text().ends_with("</a>␛ rest\n"));
    assert!(shown_as("text/xml", b"<a><b>").notes[0].contains("2 elements open"));
    let deep = "<a>".repeat(50_000);
    assert!(shown_as("text/xml", deep.as_bytes()).lines.len() > 49_000);
}

#[test]
fn entities_are_never_expanded() {
    let bomb = b"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;&b;</x>";
    let text = text_of("application/xml", bomb);
    assert!(text.contains("<x>&b;&b;</x>"), "{text}");
}

#[test]
fn text_keeps_its_lines_and_shows_what_is_hidden() {
    assert_eq!(
        text_of("text/plain", b"a\tb\r\nc\n\nd\x00"),
        "00000000  61 09 62 0d 0a 63 0a 0a  64 00                    a·b··c··d·\n"
    );
    assert_eq!(text_of("text/plain", b"a\tb\r\nc\n\nd\x1b"), "a→  b␍\nc\n\nd␛\n");
    let crlf = shown_as("text/plain", b"a\r\nb\r\n");
    assert_eq!((crlf.to_text().as_str(), crlf.notes), ("a\nb\n", vec!["line ends: CR LF".to_owned()]));
}

#[test]
fn declared_charsets_are_read() {
    let latin = shown_as("text/plain; charset=ISO-8859-1", b"caf\xe9");
    assert_eq!((latin.to_text().as_str(), latin.notes), ("café\n", vec!["windows-1252".to_owned()]));
    let utf16: Vec<u8> = "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text_of("application/json; charset=utf-16le", &utf16), "{\n  \"a\": 1\n}\n");
    assert_eq!(text_of("text/plain", b"caf\xe9 plain"), "caf⟨E9⟩ plain\n");
    assert_eq!(shown_as("text/plain; charset=klingon", b"x").notes, ["unknown charset klingon: shown as UTF-8"]);
}

#[test]
fn binary_bodies_are_hex_and_say_what_they_are() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let document = shown_as("application/octet-stream", png);
    assert_eq!(document.notes, ["image/png by its first bytes"]);
    assert_eq!(
        document.lines[0].text(),
        "00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  ·PNG········IHDR"
    );
    assert_eq!(shown_as("application/json", b"\0\x01\x02").notes, ["declared application/json, but not text"]);
}

#[test]
fn hex_rows_fit_the_screen() {
    for width in [30, 44, 60, 77, 80, 200] {
        let limits = Limits { width, ..LIMITS };
        let document = shown(&[7; 100], &Headers::new(), BodyView::Hex, limits);
        assert!(document.lines.iter().all(|line| line.width() <= usize::from(width)), "{width}");
    }
}

#[test]
fn coded_bodies_are_shown_decoded_and_hex_as_they_came() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"{\"a\":1}").unwrap();
    let bytes = gzip.finish().unwrap();
    let headers = Headers::from_pairs([("Content-Type", "application/json"), ("Content-Encoding", "gzip")]);
    let document = shown(&bytes, &headers, BodyView::Pretty, LIMITS);
    assert_eq!(document.to_text(), "{\n  \"a\": 1\n}\n");
    assert!(document.notes[0].starts_with("gzip, decoded ("));
    assert_eq!(shown(&bytes, &headers, BodyView::Raw, LIMITS).to_text(), "{\"a\":1}\n");
    assert!(shown(&bytes, &headers, BodyView::Hex, LIMITS).to_text().starts_with("00000000  1f 8b"));
}

#[test]
fn exact_bytes_show_their_line_ends() {
    assert_eq!(exact(b"GET / HTTP/1.1\r\nA: b\n\r\n", LIMITS).to_text(), "GET / HTTP/1.1␍␊\nA: b␊\n␍␊\n");
}

/// What is as it should be on every line must not shout on every line.
#[test]
fn usual_line_ends_are_quiet_and_others_loud() {
    let loud = |document: &Document| -> Vec<String> {
        let spans = document.lines.iter().flat_map(Line::spans);
        spans.filter(|span| span.role == Role::Control).map(|span| span.text.to_owned()).collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(loud(&exact_head(b"GET / HTTP/1.1\r\nA: b\r\n\r\n", LIMITS)), none);
    assert_eq!(loud(&exact_head(b"GET / HTTP/1.1\r\nA: b\n\r\r\n", LIMITS)), ["␊", "␍"]);
    assert_eq!(loud(&exact_head(b"GET / HTTP/1.1\nA: b\n", LIMITS)), ["␊", "␊"]);
    assert_eq!(loud(&exact(b"{\n}\n", LIMITS)), none);
    assert_eq!(loud(&exact(b"{\r\n}\r\n", LIMITS)), none);
    assert_eq!(loud(&exact(b"{\r\n}\n", LIMITS)), ["␍␊", "␊"], "which of them changed the bytes is not known");
    assert_eq!(exact(b"a\r\nb", LIMITS).to_text(), "a␍␊\nb\n");
}

#[test]
fn wrapping_breaks_between_glyphs_and_keeps_the_indent() {
    let line = Line::of(Role::Plain, "    ").with(Role::Text, "日本語abc");
    let document = Document { lines: vec![line], ..Document::new() }.wrap(9);
    let lines: Vec<(&str, bool)> = document.lines.iter().map(|line| (line.text(), line.continues)).collect();
    assert_eq!(lines, [("    日本", false), ("    語abc", true)]);
    let narrow = Document { lines: vec![Line::of(Role::Plain, "日a")], ..Document::new() }.wrap(1);
    let lines: Vec<&str> = narrow.lines.iter().map(Line::text).collect();
    assert_eq!(lines, ["▯", "a"]);
}

#[test]
fn prose_breaks_between_words_and_long_words_behind_their_parts() {
    let text = "the signature does not fit, see https://example.org/a-long-path/without-blanks";
    let line = Line::of(Role::Plain, "  ").with(Role::Plain, text).prose();
    let wrapped = Document { lines: vec![line], ..Document::new() }.wrap(20);
    let lines: Vec<&str> = wrapped.lines.iter().map(Line::text).collect();
    let wanted = [
        "  the signature does",
        "  not fit, see ",
        "  https://↩",
        "  example.org/↩",
        "  a-long-path/↩",
        "  without-blanks",
    ];
    assert_eq!(lines, wanted);
    assert!(wrapped.lines.iter().all(|line| line.width() <= 20));
    // What has no parts breaks where the edge is; of two roles it is one word all the same.
    let mut digest = Line::of(Role::Label, "came  ");
    digest.hang_here();
    let digest = digest.with(Role::Plain, "0123456789").with(Role::Bad, "abcdef0123456789").prose();
    let wrapped = Document { lines: vec![digest], ..Document::new() }.wrap(20);
    let lines: Vec<&str> = wrapped.lines.iter().map(Line::text).collect();
    assert_eq!(lines, ["came  0123456789abc↩", "      def0123456789"]);
}

#[test]
fn a_blank_of_ours_breaks_no_line_and_leaves_as_an_ordinary_one() {
    let line =
        || Line::of(Role::Plain, "came").with(Role::Number, format!(" 3{NO_BREAK}h{NO_BREAK}ago{NO_BREAK}")).prose();
    let wrapped = |line, width| {
        let mut document = Document::new();
        document.push(line);
        document.wrap(width).to_text()
    };
    assert_eq!(wrapped(line(), 40), "came 3 h ago \n");
    assert_eq!(wrapped(line(), 9), "came \n3 h ago \n");
    assert_eq!(wrapped(Line::of(Role::Plain, format!("a{NO_BREAK}b")), 2), "a \nb\n");
}

#[test]
fn wrapping_at_one_column_is_bounded() {
    let document = shown_as("text/plain", &vec![b'x'; 2 << 20]).wrap(1);
    assert_eq!(document.lines.len(), WRAPPED_LINES_MAX + 2);
    assert_eq!(document.notes.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_as_any_type_make_visible_lines_at_any_width(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "[\\[\\]{}\",:0-9a-f\\\\ \n<>/=&%+;-]{0,200}".prop_map(String::into_bytes),
            "(\r\n|--b|--|<a |</a>|<!\\[CDATA\\[|]]>|&|;|\"|日|\u{301}|\u{1100}|\u{1160}|\u{94d}|\u{915}|x: y|=){0,40}".prop_map(String::into_bytes),
        ],
        content_type in prop::sample::select(vec![
            "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/xml", "text/html",
            "text/plain; charset=utf-16", "text/plain; charset=shift_jis", "image/png", "application/x-ndjson",
        ]),
        coding in prop::sample::select(vec!["", "gzip", "deflate", "br", "zstd", "nonsense, br"]),
        view in prop::sample::select(vec![BodyView::Pretty, BodyView::Raw, BodyView::Hex]),
        width in 0_u16..50,
    ) {
        let headers = Headers::from_pairs([("content-type", content_type), ("content-encoding", coding)]);
        let document = shown(&bytes, &headers, view, Limits { width, ..LIMITS });
        for line in &document.lines {
            prop_assert!(!line.text().chars().any(char::is_control), "{:?}", line.text());
            prop_assert_eq!(line.spans().map(|span| span.text).collect::<String>(), line.text());
        }
        for line in &document.wrap(width).lines {
            prop_assert!(line.width() <= usize::from(width.max(1)), "{:?} is wider than {}", line.text(), width);
        }
    }

    #[test]
    fn json_keeps_every_token(json in json_text()) {
        let document = shown_as("application/json", json.as_bytes());
        prop_assert_eq!(document.notes.len(), 0, "{:?}", document.notes);
        prop_assert_eq!(without_blanks(&document.to_text()), without_blanks(&json));
    }

    #[test]
    fn wrapping_loses_no_text(text in "[ a-z日\u{1F600}\u{301}]{0,80}", width in 2_u16..20) {
        let line = Line::new().with_bytes(Role::Plain, text.as_bytes());
        let original = line.text().trim_start().to_owned();
        let wrapped = Document { lines: vec![line], ..Document::new() }.wrap(width);
        let joined: String = wrapped.lines.iter().map(|line| &line.text()[line.hang()..]).collect();
        prop_assert_eq!(joined.trim_start(), original);
    }

    #[test]
    fn prose_loses_no_word(words in prop::collection::vec("[a-c/?&=日\u{1F600}]{1,40}", 1..6), width in 2_u16..60, cut in 0_usize..90) {
        let text = words.join(" ");
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let line = Line::of(Role::Label, "at ").with(Role::Plain, &text[..cut]).with(Role::Bad, &text[cut..]).prose();
        let wrapped = Document { lines: vec![line], ..Document::new() }.wrap(width);
        let joined: String = wrapped.lines.iter().map(|line| line.text().trim_end_matches('↩').replace(' ', "")).collect();
        prop_assert_eq!(joined, format!("at {text}").replace(' ', ""));
        for line in &wrapped.lines {
            prop_assert!(line.width() <= usize::from(width), "{:?} is wider than {}", line.text(), width);
        }
    }
}

/// Valid JSON with blanks, odd spellings and nesting.
fn json_text() -> impl Strategy<Value = String> {
    let blank = prop::sample::select(vec!["", " ", "\n\t", "\r\n"]);
    let string = "\"([a-zé日 ]|\\\\[nt\"/]|\\\\u00[0-9a-f]{2}){0,8}\"";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?",
        string,
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let blank = blank.clone();
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..5), blank.clone())
                .prop_map(|(items, blank)| format!("[{blank}{}{blank}]", items.join(&format!("{blank},{blank}")))),
            (prop::collection::vec((string, inner), 0..5), blank).prop_map(|(entries, blank)| {
                let entries: Vec<String> =
                    entries.into_iter().map(|(key, value)| format!("{key}{blank}:{blank}{value}")).collect();
                format!("{{{blank}{}{blank}}}", entries.join(","))
            }),
        ]
    })
}

#[test]
fn sentences_break_at_blanks_for_a_terminal_and_other_lines_stay() {
    let mut document = Document::new();
    document.push(Line::of(Role::Plain, "one two three four").prose());
    document.push(Line::of(Role::Plain, "one two three four"));
    let text: Vec<String> = document.wrap_prose(9).lines.iter().map(Line::text).map(str::to_owned).collect();
    assert_eq!(text, ["one two ", "three ", "four", "one two three four"]);
}
