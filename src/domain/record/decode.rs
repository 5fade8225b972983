//! Lines into events. The shapes of version 1 are types of their own: the domain's may change, a written line does not.

use std::sync::Arc;

use serde::Deserialize;

use crate::domain::exchange::ExchangeId;

use super::event::{Event, Marked, Mode, Note, Peek, RecordError};

mod answer;
mod attempt;
mod fields;
mod request;

use answer::AnswerV1;
use attempt::AttemptV1;
use fields::Time;
use request::RequestV1;

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
    // One in the line of a mode is a field that this version does not know.
    let id = start.id.filter(|_| start.event != "mode").map(ExchangeId);
    Ok(Peek { event: start.event.into(), id })
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
        // The id of a note is told or not, and others may write it further behind.
        return (event == "mode").then_some(Peek { event: event.into(), id: None });
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

#[derive(Deserialize)]
struct NoteV1 {
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
