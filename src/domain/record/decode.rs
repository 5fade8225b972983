//! Lines into events. The shapes of version 1 are types of their own: the domain's may change, a written line does not.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{
    Answer, AnswerOutcome, Attempt, AttemptKind, AttemptOutcome, ExchangeId, HttpVersion, Mark, Request,
    SignatureChoice, Timing,
};
use crate::domain::forward::Forwarded;
use crate::domain::headers::{Header, Headers};
use crate::domain::reply::{Choice, ChosenBy, Step, Wrong};
use crate::domain::time::Timestamp;

use super::event::{Event, Marked, Mode, Note, Peek, RecordError};

/// The format's version that this module reads and the writer writes.
const VERSION: u64 = 1;

/// See [`super::decode`].
pub(super) fn decode(line: &[u8]) -> Result<Event, RecordError> {
    let peek = peek(line)?;
    Ok(match peek.event.as_ref() {
        "request" => Event::Request(Arc::new(parse::<RequestV1>(line)?.into_domain()?)),
        "answer" => Event::Answer(Arc::new(parse::<AnswerV1>(line)?.into_domain()?)),
        "attempt" => Event::Attempt(Arc::new(parse::<AttemptV1>(line)?.into_domain()?)),
        "note" => {
            let note: NoteV1 = parse(line)?;
            Event::Note(Note { exchange: note.id.map(ExchangeId), at: note.at.0, text: note.text })
        }
        "mark" => {
            let mark: MarkV1 = parse(line)?;
            Event::Mark(Marked { exchange: ExchangeId(mark.id), at: mark.at.0, marked: mark.marked })
        }
        "mode" => {
            let mode: ModeV1 = parse(line)?;
            Event::Mode(Mode { at: mode.at.0, mode: mode.mode, detail: mode.detail })
        }
        other => {
            // It must be whole to be skipped in good faith.
            let _: serde::de::IgnoredAny = parse(line)?;
            Event::Unknown { event: other.to_owned() }
        }
    })
}

/// See [`super::peek`].
pub(super) fn peek(line: &[u8]) -> Result<Peek, RecordError> {
    if let Some(peek) = peek_fast(line) {
        return Ok(peek);
    }
    #[derive(Deserialize)]
    struct Start {
        v: u64,
        event: String,
        id: Option<u64>,
    }
    let start: Start = parse(line)?;
    if start.v != VERSION {
        return Err(RecordError::Version(start.v));
    }
    Ok(Peek { event: start.event.into(), id: start.id.map(ExchangeId) })
}

/// The start as the writer writes it: `{"v":1,"event":"request","id":7,`.
fn peek_fast(line: &[u8]) -> Option<Peek> {
    let rest = line.strip_prefix(b"{\"v\":1,\"event\":\"")?;
    let end = memchr::memchr(b'"', rest.get(..rest.len().min(16))?)?;
    let event = match &rest[..end] {
        b"request" => "request",
        b"answer" => "answer",
        b"attempt" => "attempt",
        b"note" => "note",
        b"mark" => "mark",
        b"mode" => "mode",
        _ => return None,
    };
    let Some(number) = rest[end..].strip_prefix(b"\",\"id\":") else {
        return matches!(event, "mode" | "note").then_some(Peek { event: event.into(), id: None });
    };
    let digits = number.iter().position(|byte| !byte.is_ascii_digit())?;
    if digits == 0 || number[digits] != b',' {
        return None;
    }
    let id = std::str::from_utf8(&number[..digits]).ok()?.parse().ok()?;
    Some(Peek { event: event.into(), id: Some(ExchangeId(id)) })
}

fn parse<'de, T: Deserialize<'de>>(line: &'de [u8]) -> Result<T, RecordError> {
    serde_json::from_slice(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => RecordError::Torn,
        _ => RecordError::Malformed(error.to_string()),
    })
}

fn malformed(what: &str) -> RecordError {
    RecordError::Malformed(what.to_owned())
}

/// RFC 3339.
struct Time(Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text).map(Self).ok_or_else(|| D::Error::custom("not an RFC 3339 time"))
    }
}

/// A string, or `{"base64":"..."}`.
struct Text(Bytes);

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

fn headers(lines: Vec<(Text, Text)>) -> Headers {
    lines.into_iter().map(|(name, value)| Header { name: name.0, value: value.0 }).collect()
}

/// The text, or the base64 beside it, or nothing.
fn bytes(text: Option<String>, base64: Option<String>) -> Result<Bytes, RecordError> {
    Ok(optional_bytes(text, base64)?.unwrap_or_default())
}

fn optional_bytes(text: Option<String>, base64: Option<String>) -> Result<Option<Bytes>, RecordError> {
    match (text, base64) {
        (Some(text), _) => Ok(Some(text.into())),
        (None, Some(base64)) => {
            STANDARD.decode(base64).map(|bytes| Some(bytes.into())).map_err(|_| malformed("base64 that is none"))
        }
        (None, None) => Ok(None),
    }
}

fn version(text: &str) -> Result<HttpVersion, RecordError> {
    HttpVersion::parse(text).ok_or_else(|| malformed("an HTTP version that this program does not know"))
}

/// A mark of later days, an object with another field or a word, is no mark here, and no reason to lose what it marks.
#[derive(Deserialize)]
#[serde(untagged)]
enum MarkLineV1 {
    Fields(MarkFieldsV1),
    Word(#[allow(dead_code, reason = "no mark of version 1 is a word")] String),
}

#[derive(Deserialize)]
struct MarkFieldsV1 {
    #[serde(default)]
    truncated: Option<u64>,
    #[serde(default)]
    incomplete: Option<String>,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

fn marks(lines: Vec<MarkLineV1>) -> Vec<Mark> {
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

#[derive(Deserialize)]
struct BodyV1 {
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
}

impl BodyV1 {
    fn into_domain(self) -> Result<Body, RecordError> {
        let bytes = bytes(self.body, self.body_base64)?;
        let length_bytes = self.size.unwrap_or(bytes.len() as u64);
        Ok(Body { bytes, length_bytes })
    }
}

#[derive(Deserialize)]
struct RequestV1 {
    id: u64,
    at: Time,
    #[serde(default)]
    complete_us: u64,
    #[serde(default)]
    peer: Option<String>,
    http: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    method_base64: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    target_base64: Option<String>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
    #[serde(default)]
    pseudo: Vec<(Text, Text)>,
    #[serde(default)]
    trailers: Vec<(Text, Text)>,
    #[serde(default)]
    marks: Vec<MarkLineV1>,
    #[serde(default)]
    raw_head: Option<String>,
    #[serde(default)]
    raw_head_base64: Option<String>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
}

impl RequestV1 {
    fn into_domain(self) -> Result<Request, RecordError> {
        let peer = self.peer.map(|peer| peer.parse().map_err(|_| malformed("a peer that is no address")));
        Ok(Request {
            id: ExchangeId(self.id),
            peer: peer.transpose()?,
            first_byte: self.at.0,
            body_complete_us: self.complete_us,
            version: version(&self.http)?,
            method: bytes(self.method, self.method_base64)?,
            target: bytes(self.target, self.target_base64)?,
            headers: headers(self.headers),
            pseudo: headers(self.pseudo),
            raw_head: optional_bytes(self.raw_head, self.raw_head_base64)?,
            body: BodyV1 { size: self.size, body: self.body, body_base64: self.body_base64 }.into_domain()?,
            trailers: headers(self.trailers),
            marks: marks(self.marks),
        })
    }
}

#[derive(Deserialize)]
struct AnswerV1 {
    id: u64,
    at: Time,
    #[serde(default)]
    begun: Option<Time>,
    outcome: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    step: Option<u32>,
    #[serde(default)]
    steps: Option<u32>,
    #[serde(default)]
    passed: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    sent_head: Option<String>,
    #[serde(default)]
    sent_head_base64: Option<String>,
    #[serde(default)]
    dns_us: Option<u64>,
    #[serde(default)]
    connect_us: Option<u64>,
    #[serde(default)]
    tls_us: Option<u64>,
    #[serde(default)]
    first_byte_us: Option<u64>,
    #[serde(default)]
    download_us: Option<u64>,
    #[serde(default)]
    total_us: u64,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    #[serde(default)]
    queued: bool,
    #[serde(default)]
    wrong: Option<String>,
    #[serde(default)]
    wrong_of: u64,
    #[serde(default)]
    wrong_length: Option<u64>,
}

impl AnswerV1 {
    fn into_domain(self) -> Result<Answer, RecordError> {
        let forwarded = match self.origin {
            None => None,
            Some(origin) => Some(Box::new(Forwarded {
                origin,
                head: bytes(self.sent_head, self.sent_head_base64)?,
                timing: Timing {
                    dns_us: self.dns_us,
                    connect_us: self.connect_us,
                    tls_us: self.tls_us,
                    first_byte_us: self.first_byte_us,
                    download_us: self.download_us,
                    total_us: self.total_us,
                },
                error: self.error,
            })),
        };
        let choice = Choice {
            // A word of a later version is no reason to lose the answer.
            by: self.by.and_then(|word| ChosenBy::parse(&word)).unwrap_or_default(),
            step: self.step.zip(self.steps).map(|(number, of)| Step { number, of }),
            passed: self.passed,
            notes: self.notes,
            forwarded,
            is_queued: self.queued,
            wrong: self.wrong.and_then(|word| Wrong::parse(&word, self.wrong_of, self.wrong_length)),
        };
        Ok(Answer {
            exchange: ExchangeId(self.id),
            begun: self.begun.map(|time| time.0),
            done: self.at.0,
            outcome: AnswerOutcome::parse(&self.outcome).ok_or_else(|| malformed("an unknown outcome"))?,
            status: self.status,
            headers: headers(self.headers),
            body: BodyV1 { size: self.size, body: self.body, body_base64: self.body_base64 }.into_domain()?,
            rule: self.rule,
            choice: (!choice.is_plain()).then(|| Box::new(choice)),
        })
    }
}

#[derive(Deserialize)]
struct AttemptV1 {
    id: u64,
    number: u32,
    at: Time,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    origin: String,
    #[serde(default)]
    sent_head: Option<String>,
    #[serde(default)]
    sent_head_base64: Option<String>,
    #[serde(default)]
    sent_body: Option<String>,
    #[serde(default)]
    sent_body_base64: Option<String>,
    #[serde(default)]
    dns_us: Option<u64>,
    #[serde(default)]
    connect_us: Option<u64>,
    #[serde(default)]
    tls_us: Option<u64>,
    #[serde(default)]
    first_byte_us: Option<u64>,
    #[serde(default)]
    download_us: Option<u64>,
    #[serde(default)]
    total_us: u64,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    http: Option<String>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    reason_base64: Option<String>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
    #[serde(default)]
    marks: Vec<MarkLineV1>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
}

impl AttemptV1 {
    fn into_domain(self) -> Result<Attempt, RecordError> {
        let outcome = match (self.error, self.status) {
            (Some(message), _) => AttemptOutcome::Failed { message },
            (None, Some(status)) => AttemptOutcome::Answered {
                version: version(self.http.as_deref().unwrap_or("1.1"))?,
                status,
                reason: bytes(self.reason, self.reason_base64)?,
                headers: headers(self.headers),
                body: BodyV1 { size: self.size, body: self.body, body_base64: self.body_base64 }.into_domain()?,
                marks: marks(self.marks),
            },
            (None, None) => return Err(malformed("an attempt with neither status nor error")),
        };
        Ok(Attempt {
            exchange: ExchangeId(self.id),
            number: self.number,
            at: self.at.0,
            // A word of a later version is no reason to lose the attempt.
            kind: self.kind.and_then(|word| AttemptKind::parse(&word)).unwrap_or_default(),
            sent: Outgoing {
                origin: self.origin,
                head: bytes(self.sent_head, self.sent_head_base64)?,
                body: bytes(self.sent_body, self.sent_body_base64)?,
            },
            // Nor is a word that is missing.
            signature: self.signature.and_then(|word| SignatureChoice::parse(&word)).unwrap_or(SignatureChoice::Kept),
            outcome,
            timing: Timing {
                dns_us: self.dns_us,
                connect_us: self.connect_us,
                tls_us: self.tls_us,
                first_byte_us: self.first_byte_us,
                download_us: self.download_us,
                total_us: self.total_us,
            },
        })
    }
}

#[derive(Deserialize)]
struct NoteV1 {
    #[serde(default)]
    id: Option<u64>,
    at: Time,
    text: String,
}

#[derive(Deserialize)]
struct MarkV1 {
    id: u64,
    at: Time,
    marked: bool,
}

#[derive(Deserialize)]
struct ModeV1 {
    at: Time,
    mode: String,
    #[serde(default)]
    detail: String,
}
