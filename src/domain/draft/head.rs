//! The head of a draft as text: a request line and header lines.
//!
//! A line that the editing left alone gives the bytes it was made from, so that what text cannot show survives.

use std::borrow::Cow;

use bytes::Bytes;

use super::super::headers::{Header, Headers};
use super::super::printable;
use super::Draft;
use super::error::DraftError;

/// The text of bytes that may be edited: themselves when they are visible UTF-8, else their visible form.
fn shown(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        // A tab is visible enough for an editor, and legal in a value.
        Ok(text) if printable::visible_str(&text.replace('\t', "")) == text.replace('\t', "") => Cow::Borrowed(text),
        _ => Cow::Owned(printable::visible(bytes)),
    }
}

/// `METHOD URL`.
pub(super) fn request_line(draft: &Draft) -> String {
    format!("{} {}", shown(&draft.method), shown(&draft.url))
}

/// `Name: value`.
pub(super) fn header_line(header: &Header) -> String {
    if header.value.is_empty() {
        return format!("{}:", shown(&header.name));
    }
    format!("{}: {}", shown(&header.name), shown(&header.value))
}

/// Method and URL of an edited request line.
pub(super) fn parse_request_line(line: &str, original: &Draft) -> Result<(Bytes, Bytes), DraftError> {
    let line = line.trim();
    let mistake = |message: String| DraftError { line: 1, message };
    if line == request_line(original).trim() {
        return Ok((original.method.clone(), original.url.clone()));
    }
    let mut words = line.split_whitespace();
    let (method, url) = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(url), None, None) => (method, url),
        // As it stands in a raw request.
        (Some(method), Some(url), Some(version), None) if version.starts_with("HTTP/") => (method, url),
        (Some(_), None, ..) | (None, ..) => {
            return Err(mistake("expected a method and a URL: POST /path".to_owned()));
        }
        _ => return Err(mistake("expected a method and a URL; write a blank in a URL as %20".to_owned())),
    };
    let method = if method == shown(&original.method) {
        original.method.clone()
    } else if is_token(method) {
        Bytes::copy_from_slice(method.as_bytes())
    } else {
        return Err(mistake(format!("`{}` is no method: letters, digits and - only", printable::visible_str(method))));
    };
    let url = if url == shown(&original.url) { original.url.clone() } else { parse_url(url).map_err(mistake)? };
    Ok((method, url))
}

fn parse_url(text: &str) -> Result<Bytes, String> {
    if let Some(char) = text.chars().find(|char| char.is_control()) {
        let shown = printable::visible(char.to_string().as_bytes());
        return Err(format!("the URL holds the control character {shown}; write it as %XX"));
    }
    let lower = text.to_ascii_lowercase();
    if text.starts_with('/') || text == "*" || lower.starts_with("http://") || lower.starts_with("https://") {
        return Ok(Bytes::copy_from_slice(text.as_bytes()));
    }
    Err(format!("`{}` is no URL: it begins with / or http:// or https://", printable::visible_str(text)))
}

/// The headers of edited lines; `first_line` is the number of the first of them.
pub(super) fn parse_headers(lines: &[&str], first_line: usize, original: &Headers) -> Result<Headers, DraftError> {
    let mut unused: Vec<(String, &Header)> =
        original.iter().map(|header| (header_line(header).trim_end().to_owned(), header)).collect();
    let mut headers = Vec::with_capacity(lines.len());
    for (number, line) in (first_line..).zip(lines) {
        let line = line.trim_end();
        match unused.iter().position(|(text, _)| text == line) {
            Some(at) => headers.push(unused.remove(at).1.clone()),
            None => headers.push(parse_header(line).map_err(|message| DraftError { line: number, message })?),
        }
    }
    Ok(headers.into_iter().collect())
}

fn parse_header(line: &str) -> Result<Header, String> {
    let Some((name, value)) = line.split_once(':') else {
        let found = printable::visible_within(line.as_bytes(), 40);
        return Err(format!("expected `Name: value`, found `{found}`; a blank line comes before the body"));
    };
    if !is_token(name) {
        let found = printable::visible_within(name.as_bytes(), 40);
        return Err(format!("`{found}` is no header name: letters, digits and - only"));
    }
    let value = value.trim_matches([' ', '\t']);
    if let Some(char) = value.chars().find(|char| char.is_control() && *char != '\t') {
        let shown = printable::visible(char.to_string().as_bytes());
        return Err(format!("the value of {name} holds the control character {shown}"));
    }
    Ok(Header { name: Bytes::copy_from_slice(name.as_bytes()), value: Bytes::copy_from_slice(value.as_bytes()) })
}

/// Whether a text is a token (RFC 9110 section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
