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
