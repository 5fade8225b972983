//! What the programs themselves wrote: node 18, Python 3, Java 17 were given these texts.

use super::numbers::{Numbers, write as number};
use super::*;

const NUMBERS: &[(&str, &str, &str)] = &[
    ("1.0", "1", "1.0"),
    ("1e3", "1000", "1000.0"),
    ("-0", "0", "0"),
    ("0.1", "0.1", "0.1"),
    ("1e21", "1e+21", "1e+21"),
    ("1e20", "100000000000000000000", "1e+20"),
    ("123456789012345680000", "123456789012345680000", "123456789012345680000"),
    ("1e-6", "0.000001", "1e-06"),
    ("1e-7", "1e-7", "1e-07"),
    ("12345678901234567890", "12345678901234567000", "12345678901234567890"),
    ("100", "100", "100"),
    ("-12.50", "-12.5", "-12.5"),
    ("5e-324", "5e-324", "5e-324"),
    ("1.7976931348623157e308", "1.7976931348623157e+308", "1.7976931348623157e+308"),
    ("0.000001234", "0.000001234", "1.234e-06"),
    ("9007199254740993", "9007199254740992", "9007199254740993"),
    ("1e16", "10000000000000000", "1e+16"),
    ("123456789.125e3", "123456789125", "123456789125.0"),
    ("-0.0", "0", "-0.0"),
];

#[test]
fn numbers_are_written_as_node_and_python_write_them() {
    for (text, node, python) in NUMBERS {
        assert_eq!(number(Numbers::JavaScript, text).unwrap(), *node, "{text} in node");
        assert_eq!(number(Numbers::Python, text).unwrap(), *python, "{text} in Python");
    }
    let java = [("1.0", "1.0"), ("1e3", "1000.0"), ("1e21", "1.0E21"), ("1e-6", "1.0E-6"), ("0.001", "0.001")];
    let more = [("0.0001", "1.0E-4"), ("9999999.0", "9999999.0"), ("1e7", "1.0E7"), ("12345678.5", "1.23456785E7")];
    for (text, written) in java.into_iter().chain(more) {
        assert_eq!(number(Numbers::Java, text).unwrap(), written);
    }
    assert_eq!(number(Numbers::Python, "1e400"), None);
}

const BODY: &str = r#"{"b":1.0,"2":"x","a":"h\u00e9 \/ <b>\u007f\u2028 😀","1":[ ],"b":2,"n":null,"e":{},"q":"\"\\\b\f\n\r\t\u0001","01":1,"4294967295":2}"#;

fn by(all: &[Rewritten], name: &str) -> String {
    let one = all.iter().find(|one| one.by.starts_with(name)).unwrap_or_else(|| panic!("{name} in {all:?}"));
    String::from_utf8(one.bytes.clone()).unwrap()
}

#[test]
fn json_is_written_as_node_and_python_write_it() {
    let all = json(BODY.as_bytes());
    let node = "{\"1\":[],\"2\":\"x\",\"b\":2,\"a\":\"h\u{e9} / <b>\u{7f}\u{2028} 😀\",\"n\":null,\"e\":{},\"q\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\",\"01\":1,\"4294967295\":2}";
    assert_eq!(by(&all, "JSON.stringify"), node);
    let python = r#"{"b": 2, "2": "x", "a": "h\u00e9 / <b>\u007f\u2028 \ud83d\ude00", "1": [], "n": null, "e": {}, "q": "\"\\\b\f\n\r\t\u0001", "01": 1, "4294967295": 2}"#;
    assert_eq!(by(&all, "json.dumps (Python)"), python);
    assert_eq!(by(&all, "json.dumps compact"), python.replace(", ", ",").replace(": ", ":"));
}

#[test]
fn forms_are_written_as_node_and_python_write_them() {
    let all = form("a=1+2&b=&a=%7E%2a&c=%C3%A9x'()!*-._~&d".as_bytes());
    assert_eq!(by(&all, "URLSearchParams"), "a=1+2&b=&a=%7E*&c=%C3%A9x%27%28%29%21*-._%7E&d=");
    assert_eq!(by(&all, "querystring"), "a=1%202&a=~*&b=&c=%C3%A9x'()!*-._~&d=");
    assert_eq!(by(&all, "urlencode"), "a=1+2&a=~%2A&c=%C3%A9x%27%28%29%21%2A-._~");
    assert_eq!(form(b"no form"), []);
}

#[test]
fn others_follow_their_documentation() {
    let all = json(r#"{"b":"é</ ' + 'z","a":1.50}"#.as_bytes());
    assert_eq!(by(&all, "json.Marshal"), "{\"a\":1.5,\"b\":\"é\\u003c/ ' + 'z\"}");
    assert_eq!(by(&all, "to_json (Ruby)"), "{\"b\":\"é</ ' + 'z\",\"a\":1.5}");
    assert_eq!(by(&all, "to_json (Rails)"), "{\"b\":\"é\\u003c/ ' + 'z\",\"a\":1.5}");
    assert_eq!(by(&all, "json_encode"), "{\"b\":\"\\u00e9<\\/ ' + 'z\",\"a\":1.5}");
    assert_eq!(by(&all, "JsonSerializer"), "{\"b\":\"\\u00E9\\u003C/ \\u0027 \\u002B \\u0027z\",\"a\":1.50}");
}

#[test]
fn what_is_no_json_is_not_written() {
    for text in
        ["", "{", "{\"a\":}", "[1,]", "01", "1.", "\"\\x\"", "\"\u{1}\"", "{}x", "nul", "\"\\ud800\"", "{'a':1}"]
    {
        assert_eq!(json(text.as_bytes()), [], "{text}");
    }
    assert_eq!(json(b"\xff"), []);
    assert_eq!(json(&b"[".repeat(100_000)), []);
    let deep = [b"[".repeat(90), b"]".repeat(90)].concat();
    assert_eq!(by(&json(&deep), "json.Marshal").as_bytes(), deep);
}

#[test]
fn a_difference_names_the_first_byte() {
    assert_eq!(Difference::between(b"{}", b"{}"), None);
    let one = Difference::between(br#"{"id": "e", "a": 1}"#, br#"{"id":"e","a":1}"#).unwrap();
    assert_eq!((one.at_byte, one.came.as_str(), one.written.as_str()), (6, "␣\"e\", \"a\": …", "\"e\",\"a\":1}"));
    let end = Difference::between(b"{}\n", b"{}").unwrap();
    assert_eq!((end.at_byte, end.written.as_str()), (2, "(its end)"));
}

/// What nobody sees has a name.
#[test]
fn invisible_characters_are_named() {
    let blank = Difference::between(b"{}", b"{} ").unwrap();
    assert_eq!((blank.came.as_str(), blank.written.as_str()), ("(its end)", "␣ (a space at its end)"));
    let line = Difference::between(b"{}\r\n", b"{}").unwrap();
    assert!(line.came.ends_with("(a line end (CRLF) at its end)"), "{}", line.came);
    let text = "a\u{a0}b".as_bytes();
    for (bytes, at, name) in [
        (text, 1, "a no-break space (U+00A0)"),
        (text, 2, "a no-break space (U+00A0)"),
        (text, 0, "`a`"),
        (text, 9, "nothing"),
        ("\u{e9}".as_bytes(), 1, "`\u{e9}`"),
        (b"\xff", 0, "`\u{27e8}FF\u{27e9}`"),
        (b"\t", 0, "a tab"),
    ] {
        assert_eq!(named(bytes, at).as_deref(), Some(name), "{bytes:?} {at}");
    }
}
