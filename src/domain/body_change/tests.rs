use bytes::Bytes;

use super::*;
use crate::domain::body::Body;
use crate::domain::headers::Headers;
use crate::domain::testing;

fn request(media: &str, body: &str) -> Request {
    Request {
        headers: Headers::from_pairs([("Content-Type", media)]),
        body: Body::whole(Bytes::copy_from_slice(body.as_bytes())),
        ..testing::request()
    }
}

fn json(old: &str, new: &str) -> Option<BodyChange> {
    BodyChange::between(&request("application/json", old), &request("application/json", new))
}

#[test]
fn fields_of_json_are_counted_where_they_end() {
    assert_eq!(json("{}", "{}"), None);
    assert_eq!(
        json(r#"{"a":1,"b":[1,2],"c":{"d":1}}"#, r#"{"a":2,"b":[1,3],"c":{"d":1}}"#),
        Some(BodyChange::Fields(2))
    );
    assert_eq!(json(r#"{"a":1}"#, r#"{"b":1,"c":{"x":1,"y":2}}"#), Some(BodyChange::Fields(3)), "one went, two came");
    assert_eq!(json(r#"{"a":1,"b":2}"#, r#"{ "b": 2, "a": 1 }"#), Some(BodyChange::Spelling));
    assert_eq!(json("{", "{}"), Some(BodyChange::Bytes));
    assert_eq!(json("[1]", &format!("[1{}]", " ".repeat(COMPARED_BYTES_MAX))), Some(BodyChange::Bytes));
}

#[test]
fn fields_of_a_form_are_counted_by_name() {
    let form = |old, new| {
        let media = "application/x-www-form-urlencoded; charset=utf-8";
        BodyChange::between(&request(media, old), &request(media, new))
    };
    assert_eq!(form("a=1&b=2&c=3", "a=1&b=9"), Some(BodyChange::Fields(2)));
    assert_eq!(form("a=1&b=2", "b=2&a=1"), Some(BodyChange::Spelling));
}
