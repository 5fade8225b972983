//! One line of the session file and the domain's types, both ways. The format is described in docs/session-format.md.

mod decode;
pub mod encode;
mod escape;
mod event;
mod line;

pub use event::{Event, Marked, Mode, Note, Peek, RecordError};
pub use line::LineWriter;

/// The line of an event, with its `\n`.
pub fn encode(event: &Event) -> Vec<u8> {
    let mut line = LineWriter::default();
    encode::event(&mut line, event);
    line.take()
}

/// The event of a line, with or without its `\n`.
///
/// # Errors
/// [`RecordError`]: torn, written by a later version, or no line of a session file.
pub fn decode(line: &[u8]) -> Result<Event, RecordError> {
    decode::decode(line)
}

/// Event name and exchange of a line, by looking at its start only where the line is as we write it.
///
/// # Errors
/// As [`decode`].
pub fn peek(line: &[u8]) -> Result<Peek, RecordError> {
    decode::peek(line)
}

/// How the writer writes these bytes inside a JSON string (without the quotes): what to search for in a session file.
/// `None` when they are not UTF-8 (such bodies are base64 in the file).
pub fn escaped(text: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(text).ok()?;
    let mut out = Vec::with_capacity(text.len() + 16);
    escape::Escaper::default().escape(text, &mut out);
    Some(out)
}

#[cfg(test)]
mod tests;
