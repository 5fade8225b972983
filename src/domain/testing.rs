//! What tests of all floors begin with: a plain request and a plain answer to it. A test says only what it is about, and takes the rest
//! from here: `Request { target: "/hook".into(), ..testing::request() }`.

use bytes::Bytes;

use super::body::Body;
use super::exchange::{Answer, AnswerOutcome, ExchangeId, HttpVersion, Request};
use super::headers::Headers;
use super::time::Timestamp;

/// `POST / HTTP/1.1` without headers and without a body, number 1, at the beginning of 1970 and from nowhere.
pub fn request() -> Request {
    Request {
        id: ExchangeId(1),
        peer: None,
        first_byte: Timestamp::default(),
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: Bytes::from_static(b"POST"),
        target: Bytes::from_static(b"/"),
        headers: Headers::new(),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::default(),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}

/// `200` without headers and without a body, to the request with that number.
pub fn answer(exchange: ExchangeId) -> Answer {
    Answer {
        exchange,
        begun: None,
        done: Timestamp::default(),
        outcome: AnswerOutcome::Sent,
        status: Some(200),
        headers: Headers::new(),
        body: Body::default(),
        rule: "default".to_owned(),
        choice: None,
    }
}
