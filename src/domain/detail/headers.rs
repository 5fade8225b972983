//! The header lines, aligned, in the order and case in which they came.

use crate::domain::exchange::{Exchange, HttpVersion};
use crate::domain::headers::{Header, Headers};
use crate::domain::pretty::{Document, Line, Role};
use crate::domain::printable;
use crate::domain::quantity::{counted, size};
use crate::domain::signature::timestamp::words;
use crate::domain::time::Timestamp;

/// Columns that names are padded to at most.
const NAME_COLUMNS_MAX: usize = 30;
/// Words in the names that matter to somebody who wonders about a webhook.
const NOTABLE: [&str; 12] = [
    "signature",
    "hmac",
    "token",
    "content-type",
    "authorization",
    "webhook",
    "event",
    "topic",
    "delivery",
    "timestamp",
    "digest",
    "idempotency",
];

pub(super) fn document(exchange: &Exchange) -> Document {
    let request = &exchange.request;
    let mut document = Document::new();
    if request.refused().is_some() {
        document.push(Line::of(Role::Dim, "never became a request: its first bytes are on the Raw tab"));
        return document;
    }
    if !request.pseudo.is_empty() {
        lines(&request.pseudo, 0, None, &mut document);
    }
    if request.version == HttpVersion::Http2 {
        document.note("HTTP/2: names are lower case by protocol, lines with a colon in front are its own");
    }
    if request.headers.is_empty() && document.lines.is_empty() {
        document.push(Line::of(Role::Dim, "no headers"));
    }
    lines(&request.headers, 0, Some(request.first_byte), &mut document);
    if !request.trailers.is_empty() {
        document.push(Line::new());
        document.push(Line::of(Role::Heading, "after the body (trailers)"));
        lines(&request.trailers, 0, Some(request.first_byte), &mut document);
    }
    let count = counted(request.headers.len(), "header");
    document.note(format!("{count}, {}", size(request.headers.size_bytes() as u64)));
    document
}

/// A line a header. With `arrived`, values that are points in time say when that is.
pub(super) fn lines(headers: &Headers, indent: usize, arrived: Option<Timestamp>, document: &mut Document) {
    let widths =
        headers.iter().map(|header| printable::width(&printable::visible_within(&header.name, NAME_COLUMNS_MAX)));
    let column = widths.max().unwrap_or(0);
    for (index, header) in headers.iter().enumerate() {
        let mut line = Line::new();
        line.push(Role::Plain, &" ".repeat(indent));
        line.push_bytes(if is_notable(&header.name) { Role::Keyword } else { Role::Key }, &header.name);
        line.push(Role::Plain, &" ".repeat((indent + column + 2).saturating_sub(line.width()).max(1)));
        line.hang_here();
        line.push_bytes(Role::Plain, &header.value);
        if header.value.is_empty() {
            line.push(Role::Dim, "(empty)");
        }
        if let Some(words) = arrived.and_then(|arrived| in_time(header, arrived)) {
            line.push(Role::Dim, &format!("  {words}"));
        }
        let repeats = headers.iter().take(index).filter(|other| other.name.eq_ignore_ascii_case(&header.name)).count();
        if index < REPEATS_SEARCHED_MAX && repeats > 0 {
            line.push(Role::Dim, &format!("  (again: {})", repeats + 1));
        }
        document.push(line);
    }
}

/// Finding repeats costs the square of the number of lines.
const REPEATS_SEARCHED_MAX: usize = 300;

fn is_notable(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    NOTABLE.iter().any(|word| memchr::memmem::find(&name, word.as_bytes()).is_some())
}

/// A header that is called a timestamp and holds Unix seconds or milliseconds: the time, and how far from the arrival.
fn in_time(header: &Header, arrived: Timestamp) -> Option<String> {
    memchr::memmem::find(&header.name.to_ascii_lowercase(), b"timestamp")?;
    let number: i64 = std::str::from_utf8(&header.value).ok()?.parse().ok()?;
    let at = match number {
        1_000_000_000..=9_999_999_999 => Timestamp::from_secs(number),
        1_000_000_000_000..=9_999_999_999_999 => Timestamp::from_micros(number * 1000),
        _ => return None,
    };
    let (early, late) = (arrived.secs() - at.secs(), at.secs() - arrived.secs());
    let distance = match early {
        0 => "as it arrived".to_owned(),
        1.. => format!("{} before it arrived", words(early.unsigned_abs())),
        _ => format!("{} after it arrived", words(late.unsigned_abs())),
    };
    Some(format!("{}, {distance}", at.to_rfc3339().get(..19)?.replace('T', " ")))
}
