use bytes::Bytes;

use super::*;
use crate::domain::body::Body;
use crate::domain::exchange::ExchangeId;
use crate::domain::time::Timestamp;

#[test]
fn an_ordinary_delivery_reads_well() {
    let body = r#"{"action":"opened","title":"it's"}"#;
    let request = Request {
        id: ExchangeId(1),
        peer: None,
        first_byte: Timestamp::default(),
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: Bytes::from_static(b"POST"),
        target: Bytes::from_static(b"/hook?x=1"),
        headers: Headers::from_pairs([
            ("Host", "hooks.example"),
            ("Accept", "*/*"),
            ("Content-Type", "application/json"),
            ("Content-Length", "34"),
            ("X-Empty", ""),
        ]),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(body),
        trailers: Headers::new(),
        marks: Vec::new(),
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
