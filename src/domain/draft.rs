//! An editable copy of a request, its text form, and what finally goes out.

use bytes::Bytes;

use super::exchange::Request;
use super::headers::Headers;

mod body;
mod error;
mod head;
mod text;

#[cfg(test)]
mod tests;

pub use super::outgoing::Outgoing;
pub use error::DraftError;

/// An editable copy of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Method, any token.
    pub method: Bytes,
    /// An absolute URL, or a target (path and query) to add to wherever it is sent.
    pub url: Bytes,
    /// Header lines in order. `content-length` is true for `body` when the body was changed.
    pub headers: Headers,
    /// Body bytes, without transfer coding.
    pub body: Bytes,
}

/// What differs between a draft and the request that it was made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The method.
    pub method: bool,
    /// The URL.
    pub url: bool,
    /// Header lines, other than a content length that follows a changed body.
    pub headers: bool,
    /// The body.
    pub body: bool,
}

impl Changes {
    /// Whether anything differs.
    pub const fn any(self) -> bool {
        self.method || self.url || self.headers || self.body
    }

    /// In words: `body, headers`; empty when nothing differs.
    pub fn words(self) -> String {
        let named = [(self.method, "method"), (self.url, "URL"), (self.headers, "headers"), (self.body, "body")];
        let words: Vec<&str> = named.into_iter().filter(|(changed, _)| *changed).map(|(_, word)| word).collect();
        words.join(", ")
    }
}

impl Draft {
    /// A copy of a request as it came.
    pub fn from_request(request: &Request) -> Self {
        Self {
            method: request.method.clone(),
            url: request.target.clone(),
            headers: request.headers.clone(),
            body: request.body.bytes.clone(),
        }
    }

    /// What differs from the request that it was made from.
    pub fn changes(&self, original: &Request) -> Changes {
        let body = self.body != original.body.bytes;
        let headers = if body {
            let (mut ours, mut theirs) = (self.headers.clone(), original.headers.clone());
            ours.remove(CONTENT_LENGTH);
            theirs.remove(CONTENT_LENGTH);
            ours != theirs
        } else {
            self.headers != original.headers
        };
        Changes { method: self.method != original.method, url: self.url != original.target, headers, body }
    }

    /// Makes the content length true for a body that was changed. A body that goes out in chunks needs none.
    fn fit_content_length(&mut self) {
        let length = self.body.len().to_string();
        if self.headers.get(CONTENT_LENGTH).is_some() {
            self.headers.set(CONTENT_LENGTH, length);
        } else if self.headers.get("transfer-encoding").is_none() {
            self.headers.push("Content-Length", length);
        }
    }
}

const CONTENT_LENGTH: &str = "content-length";
