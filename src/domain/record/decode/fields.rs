//! The fields that lines of several kinds have: times, text that may be no UTF-8, heads, bodies, marks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::domain::body::Body;
use crate::domain::exchange::{HttpVersion, Mark};
use crate::domain::headers::{Header, Headers};
use crate::domain::record::event::RecordError;
use crate::domain::time::Timestamp;

/// A line that is JSON, and not what its kind has to be.
pub(super) fn malformed(what: &str) -> RecordError {
    RecordError::Malformed(what.to_owned())
}

/// RFC 3339.
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text).map(Self).ok_or_else(|| D::Error::custom("not an RFC 3339 time"))
    }
}

/// A string, or `{"base64":"..."}`.
pub(super) struct Text(Bytes);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or {\"base64\":\"...\"}")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Bytes::copy_from_slice(text.as_bytes())))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                let mut bytes = None;
                while let Some(key) = map.next_key::<String>()? {
                    let value: String = map.next_value()?;
                    if key == "base64" {
                        bytes = Some(STANDARD.decode(value).map_err(A::Error::custom)?);
                    }
                }
                bytes.map(|bytes| Text(bytes.into())).ok_or_else(|| A::Error::missing_field("base64"))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// The lines of a head.
pub(super) fn headers(lines: Vec<(Text, Text)>) -> Headers {
    lines.into_iter().map(|(name, value)| Header { name: name.0, value: value.0 }).collect()
}

/// The text, or the base64 beside it, or nothing.
pub(super) fn bytes(text: Option<String>, base64: Option<String>) -> Result<Bytes, RecordError> {
    Ok(optional_bytes(text, base64)?.unwrap_or_default())
}

/// The same; `None` when neither is there.
pub(super) fn optional_bytes(text: Option<String>, base64: Option<String>) -> Result<Option<Bytes>, RecordError> {
    match (text, base64) {
        (Some(text), _) => Ok(Some(text.into())),
        (None, Some(base64)) => {
            STANDARD.decode(base64).map(|bytes| Some(bytes.into())).map_err(|_| malformed("base64 that is none"))
        }
        (None, None) => Ok(None),
    }
}

/// A protocol version by its word.
pub(super) fn version(text: &str) -> Result<HttpVersion, RecordError> {
    HttpVersion::parse(text).ok_or_else(|| malformed("an HTTP version that this program does not know"))
}

/// A mark of later days, an object with another field or a word, is no mark here, and no reason to lose what it marks.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum MarkLineV1 {
    Fields(MarkFieldsV1),
    Word(#[allow(dead_code, reason = "no mark of version 1 is a word")] String),
}

#[derive(Deserialize)]
pub(super) struct MarkFieldsV1 {
    truncated: Option<u64>,
    incomplete: Option<String>,
    refused: Option<String>,
    note: Option<String>,
}

/// The marks among these.
pub(super) fn marks(lines: Vec<MarkLineV1>) -> Vec<Mark> {
    let mark = |line| {
        let MarkLineV1::Fields(fields) = line else { return None };
        let truncated = fields.truncated.map(|limit_bytes| Mark::Truncated { limit_bytes });
        let incomplete = || fields.incomplete.map(|reason| Mark::Incomplete { reason });
        let refused = || fields.refused.map(|reason| Mark::Refused { reason });
        let note = || fields.note.map(|text| Mark::Note { text });
        truncated.or_else(incomplete).or_else(refused).or_else(note)
    };
    lines.into_iter().filter_map(mark).collect()
}

/// A body, whose length is told where not all of it was kept.
pub(super) fn body(size: Option<u64>, text: Option<String>, base64: Option<String>) -> Result<Body, RecordError> {
    let bytes = bytes(text, base64)?;
    let length_bytes = size.unwrap_or(bytes.len() as u64);
    Ok(Body { bytes, length_bytes })
}
