//! A request as something one can take away: a curl command, its raw bytes, its header lines, one value, its URL.
//!
//! A shape is a gate: what a stranger sent leaves as data that no shell runs. One file a shape.

pub mod curl;
pub mod headers;
pub mod raw;
pub mod url;

use super::exchange::Request;

/// What `export --format` and the copy menu can make of a whole request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A command for sh, bash, zsh and fish alike that sends the identical request.
    Curl,
    /// The request's bytes.
    Raw,
}

impl Shape {
    /// Every shape, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Curl, Self::Raw];

    /// The word for `--format`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Raw => "raw",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.as_str() == text)
    }

    /// What it is, in words, for a notice: `curl command`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Curl => "curl command",
            Self::Raw => "raw request",
        }
    }

    /// The request in this shape. `origin` (`http://host:port`) is where a command sends it; `None`: where the request
    /// says that it was sent ([`url::origin`]). Text shapes end without a newline.
    ///
    /// # Errors
    /// In words, when the request cannot take this shape: it was refused, or has a name that the shape cannot say.
    pub fn export(self, request: &Request, origin: Option<&str>) -> Result<Vec<u8>, String> {
        match self {
            Self::Curl => curl::command(request, origin).map(String::into_bytes),
            Self::Raw => Ok(raw::bytes(request)),
        }
    }
}
