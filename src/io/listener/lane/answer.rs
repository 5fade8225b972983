//! An answer's bytes on the fast lane, as the HTTP library writes them: made once for each reply and thread.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use chrono::DateTime;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::domain::headers::Headers;
use crate::domain::reply::Reply;
use crate::domain::rule::RuleSet;
use crate::domain::time::Timestamp;

/// Bytes of a body that goes out with its head, in one write.
const BODY_BYTES_MAX: usize = 32 * 1024;
/// Replies that a thread remembers.
const PREPARED_MAX: usize = 16;

/// A reply that can be written here.
#[derive(Debug)]
pub struct Prepared {
    /// The head up to the date.
    head: Vec<u8>,
    /// The status.
    pub status: u16,
    /// The headers that were asked for.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

/// What a thread remembers.
#[derive(Default)]
struct Remembered {
    rules: Option<Arc<RuleSet>>,
    /// By the place of the reply in those rules.
    replies: Vec<(usize, Option<Arc<Prepared>>)>,
    date: (i64, String),
    out: Vec<u8>,
}

thread_local! {
    static REMEMBERED: RefCell<Remembered> = RefCell::default();
}

/// The reply, ready to be written. `None`: it is not as plain as that. `reply` stands in `rules`.
pub fn prepared(rules: &Arc<RuleSet>, reply: &Reply) -> Option<Arc<Prepared>> {
    let place = std::ptr::from_ref(reply) as usize;
    REMEMBERED.with_borrow_mut(|remembered| {
        let Remembered { rules: seen, replies, .. } = remembered;
        if !seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, rules)) || replies.len() > PREPARED_MAX {
            *seen = Some(Arc::clone(rules));
            replies.clear();
        }
        if let Some((_, prepared)) = replies.iter().find(|(seen, _)| *seen == place) {
            return prepared.clone();
        }
        let prepared = prepare(reply).map(Arc::new);
        replies.push((place, prepared.clone()));
        prepared
    })
}

/// Gives the answer's bytes, dated `now`, to `write`.
pub fn written<T>(prepared: &Prepared, now: Timestamp, write: impl FnOnce(&[u8]) -> T) -> T {
    REMEMBERED.with_borrow_mut(|Remembered { date: (second, date), out, .. }| {
        if *second != now.secs() || date.is_empty() {
            *second = now.secs();
            *date = http_date(now);
        }
        out.clear();
        for piece in [&prepared.head[..], date.as_bytes(), b"\r\n\r\n", &prepared.body] {
            out.extend_from_slice(piece);
        }
        write(out)
    })
}

fn prepare(reply: &Reply) -> Option<Prepared> {
    let status = StatusCode::from_u16(reply.status).ok().filter(|status| has_body(*status))?;
    if !reply.is_simple() || reply.delay_ms > 0 || reply.body.len() > BODY_BYTES_MAX {
        return None;
    }
    let mut head = format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason()?).into_bytes();
    let mut names: Vec<HeaderName> = Vec::new();
    for header in &reply.headers {
        let name = HeaderName::from_bytes(&header.name).ok().filter(|name| !is_about_the_connection(name))?;
        let value = HeaderValue::from_bytes(&header.value).ok()?;
        if names.contains(&name) {
            return None;
        }
        for piece in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(piece);
        }
        names.push(name);
    }
    head.extend_from_slice(format!("content-length: {}\r\ndate: ", reply.body.len()).as_bytes());
    Some(Prepared { head, status: status.as_u16(), headers: reply.headers.clone(), body: reply.body.clone() })
}

/// Whether an answer with that status has a body and a length, be it 0 (RFC 9110 section 6.4.1).
fn has_body(status: StatusCode) -> bool {
    !status.is_informational()
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Headers that say how the answer is sent rather than what it is.
fn is_about_the_connection(name: &HeaderName) -> bool {
    const NAMES: [HeaderName; 7] = [
        http::header::CONNECTION,
        http::header::CONTENT_LENGTH,
        http::header::TRANSFER_ENCODING,
        http::header::TRAILER,
        http::header::UPGRADE,
        http::header::DATE,
        http::header::TE,
    ];
    NAMES.contains(name)
}

/// A date as RFC 9110 section 5.6.7 wishes it.
fn http_date(now: Timestamp) -> String {
    let time = DateTime::from_timestamp(now.secs(), 0).unwrap_or_default();
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_http_wishes_it() {
        // The example of RFC 9110 section 5.6.7.
        assert_eq!(http_date(Timestamp::from_secs(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn what_is_remembered_is_forgotten_with_its_rules() {
        let rules = |status| {
            let mut rules = RuleSet::default();
            rules.replies.all.status = status;
            Arc::new(rules)
        };
        let (one, other) = (rules(201), rules(404));
        let status = |rules: &Arc<RuleSet>| prepared(rules, &rules.replies.all).map(|prepared| prepared.status);
        assert_eq!([status(&one), status(&one), status(&other), status(&one)], [201, 201, 404, 201].map(Some));
        assert_eq!(status(&rules(204)), None);
    }
}
