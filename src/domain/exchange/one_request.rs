//! Whether a request that was read from a file is one request on the wire.
//!
//! What a listener captured always is. A session file that somebody else made may hold what no socket ever gave: a header's value
//! with a line end in it is another header, or another request, where it is sent; and bytes of a head that say something else than
//! method, target and headers beside them would send what was never shown.

use super::super::headers::{Header, Headers};
use super::super::printable::visible_within;
use super::request::{HttpVersion, Request};

/// Columns of a name in the words.
const NAME_COLUMNS_MAX: usize = 60;

impl Request {
    /// Whether its parts make one request, and the one that they say. It costs a look at each byte of the head.
    ///
    /// # Errors
    /// In words, visible text: which part ends a line, or that `raw_head` says another request.
    pub fn is_one(&self) -> Result<(), String> {
        if self.method.is_empty() || ends_a_word(&self.method) {
            return Err(no_listener_wrote("the method is empty, or holds a blank or a line end"));
        }
        if ends_a_word(&self.target) {
            return Err(no_listener_wrote("the target holds a blank or a line end"));
        }
        for (what, headers) in [("header", &self.headers), ("pseudo-header", &self.pseudo), ("trailer", &self.trailers)]
        {
            if let Some(wrong) = headers.iter().find(|header| ends_a_line(&header.name) || ends_a_line(&header.value)) {
                let name = visible_within(&wrong.name, NAME_COLUMNS_MAX);
                return Err(no_listener_wrote(&format!("{what} {name} holds a line end or a NUL")));
            }
        }
        match &self.raw_head {
            Some(raw) if self.version != HttpVersion::Http2 && !says(raw, self) => {
                Err(no_listener_wrote("the bytes of its head say another request than method, target and headers"))
            }
            _ => Ok(()),
        }
    }
}

fn no_listener_wrote(what: &str) -> String {
    format!("no listener wrote this into the session file: {what}; `show --raw` has its bytes")
}

fn ends_a_line(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

fn ends_a_word(text: &[u8]) -> bool {
    text.contains(&b' ') || ends_a_line(text)
}

/// Whether the bytes of a head, however they are spelled, say this method, target and headers, and hold nothing more.
fn says(raw: &[u8], request: &Request) -> bool {
    let mut lines = raw.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // Empty lines before a request are passed over (RFC 9112 section 2.2).
    let Some(first) = lines.find(|line| !line.is_empty()) else { return false };
    let mut words = first.split(|byte| *byte == b' ');
    if words.next() != Some(&request.method[..]) || words.next() != Some(&request.target[..]) {
        return false;
    }
    let is_version = words.next().is_some_and(|word| word.starts_with(b"HTTP/1.")) && words.next().is_none();
    let mut said = Headers::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let (name, value) = line.split_at(colon);
        said.push(name.to_vec(), value.get(1..).unwrap_or_default().to_vec());
    }
    // Behind the line end of the blank line stands nothing.
    let is_all = lines.next() == Some(b"") && lines.next().is_none();
    let alike =
        |(one, other): (&Header, &Header)| one.name == other.name && one.value.trim_ascii() == other.value.trim_ascii();
    is_version && is_all && said.len() == request.headers.len() && said.iter().zip(&request.headers).all(alike)
}

#[cfg(test)]
mod tests;
