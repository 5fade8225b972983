//! Body bytes, their true length, and what the headers say they are.

use bytes::Bytes;

use super::headers::Headers;

/// The bytes of a body as they came off the wire (after transfer decoding, before content decoding).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What was kept. Shorter than `length_bytes` only when the exchange carries a mark that says so.
    pub bytes: Bytes,
    /// How many bytes the sender declared or sent, whichever is more.
    pub length_bytes: u64,
}

impl Body {
    /// A whole body.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let length_bytes = bytes.len() as u64;
        Self { bytes, length_bytes }
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// The media type without parameters, lower case: `application/json`. Empty when there is no `Content-Type`.
pub fn media_type(headers: &Headers) -> String {
    headers
        .get_str("content-type")
        .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .unwrap_or_default()
}

/// The content codings in the order in which they were applied (RFC 9110 section 8.4), lower case, `identity` left out.
pub fn content_codings(headers: &Headers) -> Vec<String> {
    headers
        .get_all("content-encoding")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(|coding| String::from_utf8_lossy(coding).trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect()
}

/// The value of a parameter of a header value such as `Content-Type`, without its quotes: `boundary`, `charset`, `name`.
/// Semicolons inside quotes do not end a value (RFC 9110 section 5.6.6).
pub fn parameter(header_value: &str, name: &str) -> Option<String> {
    let mut rest = header_value;
    // The first part is the value itself.
    rest = &rest[rest.find(';')?..];
    while let Some(after) = rest.strip_prefix(';') {
        let after = after.trim_start();
        let name_end = after.find(['=', ';']).unwrap_or(after.len());
        let (found, tail) = after.split_at(name_end);
        let Some(value) = tail.strip_prefix('=') else {
            rest = tail;
            continue;
        };
        let (value, tail) = parameter_value(value);
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = tail.find(';').map_or("", |at| &tail[at..]);
    }
    None
}

/// A token up to the semicolon, or a quoted string with its escapes undone; and what follows.
fn parameter_value(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, tail) = text.split_at(end);
        return (value.trim().to_owned(), tail);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => value.push(char),
        }
    }
    (value, "")
}
