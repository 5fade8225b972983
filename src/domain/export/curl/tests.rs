use bytes::Bytes;

use super::*;
use crate::domain::body::Body;
use crate::domain::testing;

#[test]
fn an_ordinary_delivery_reads_well() {
    let body = r#"{"action":"opened","title":"it's"}"#;
    let request = Request {
        target: Bytes::from_static(b"/hook?x=1"),
        headers: Headers::from_pairs([
            ("Host", "hooks.example"),
            ("Accept", "*/*"),
            ("Content-Type", "application/json"),
            ("Content-Length", "34"),
            ("X-Empty", ""),
        ]),
        body: Body::whole(body),
        ..testing::request()
    };
    insta::assert_snapshot!(command(&request, Some("http://localhost:3000")).unwrap(), @r#"
    curl -X POST 'http://localhost:3000/hook?x=1' \
      -H 'User-Agent:' \
      -H 'Host: hooks.example' \
      -H 'Accept: */*' \
      -H 'Content-Type: application/json' \
      -H 'Content-Length: 34' \
      -H 'X-Empty;' \
      --data-raw '{"action":"opened","title":"it'\''s"}'
    "#);
    assert!(caveats(&request).is_empty());
}
