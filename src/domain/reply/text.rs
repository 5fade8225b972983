//! The text form of a reply: `503 delay=2s header="Retry-After: 5" body='{"a":1}'`.

use std::fmt;

use bytes::Bytes;

use super::words::{Word, cut, quote};
use super::{DELAY_MS_MAX, Fault, Reply, preset};

/// A reply as it was written, before a body file that it names was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyText {
    /// The reply; its body is empty when `body_file` is given.
    pub reply: Reply,
    /// `body=@FILE`: whoever may read files puts its bytes into the reply.
    pub body_file: Option<String>,
}

/// Why a reply text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (column {column})")]
pub struct ReplyError {
    /// Column of the mistake, from 1, in characters.
    pub column: usize,
    /// What was found and what was expected, with visible text only.
    pub message: String,
}

impl ReplyError {
    pub(super) fn new(column: usize, message: impl Into<String>) -> Self {
        Self { column, message: message.into() }
    }
}

impl ReplyText {
    /// Understands a reply text: first a preset's name or a status, then `delay=2s`, `header="Name: value"` (again and
    /// again), `body='...'` or `body=@FILE` (a body that begins with `@` is written `body=@@...`), in any order.
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        let words = cut(text)?;
        let Some(first) = words.first() else {
            return Err(ReplyError::new(
                1,
                "expected a status or a preset: 200, 503, 200-json, delay:5s, never, reset, ...",
            ));
        };
        let mut builder = Builder { reply: Reply::default(), body_file: None, body_column: None, header_column: None };
        builder.first(first)?;
        for word in words.iter().skip(1) {
            builder.setting(word)?;
        }
        builder.finish(text)
    }
}

impl Reply {
    /// Understands a reply text that names no body file; see [`ReplyText::parse`].
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        let parsed = ReplyText::parse(text)?;
        match parsed.body_file {
            None => Ok(parsed.reply),
            Some(_) => Err(ReplyError::new(1, "a body from a file is not possible here: write body='...'")),
        }
    }
}

impl fmt::Display for Reply {
    /// The reply in the language of [`Reply::parse`]: parsing it gives the same reply.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Some(Fault::NeverAnswer) => f.write_str("never")?,
            Some(Fault::Reset) => f.write_str("reset")?,
            None => write!(f, "status={}", self.status)?,
        }
        if self.delay_ms > 0 {
            write!(f, " delay={}", show_delay(self.delay_ms, ""))?;
        }
        if self.fault.is_some() {
            return Ok(());
        }
        for header in &self.headers {
            let line = [&header.name[..], b": ", &header.value[..]].concat();
            write!(f, " header={}", quote(&line))?;
        }
        match self.body.first() {
            None => Ok(()),
            Some(b'@') => write!(f, " body={}", quote(&[b"@", &self.body[..]].concat())),
            Some(_) => write!(f, " body={}", quote(&self.body)),
        }
    }
}

/// A reply while its words are read.
struct Builder {
    reply: Reply,
    body_file: Option<String>,
    body_column: Option<usize>,
    header_column: Option<usize>,
}

impl Builder {
    fn first(&mut self, word: &Word) -> Result<(), ReplyError> {
        if word.parting.is_some() {
            return self.setting(word);
        }
        let name = visible(&word.bytes);
        match name.to_ascii_lowercase().as_str() {
            "never" => self.reply.fault = Some(Fault::NeverAnswer),
            "reset" => self.reply.fault = Some(Fault::Reset),
            _ => match preset::find(&name) {
                Some(preset) => self.reply = preset.reply(),
                None => self.reply.status = status(&name, word.column)?,
            },
        }
        Ok(())
    }

    fn setting(&mut self, word: &Word) -> Result<(), ReplyError> {
        let expected = "expected status=, delay=, header= or body=";
        let Some((name, value)) = word.parting.and_then(|at| Some((word.bytes.get(..at)?, word.bytes.get(at + 1..)?)))
        else {
            return Err(ReplyError::new(word.column, format!("{expected}, found `{}`", visible(&word.bytes))));
        };
        let column = word.value_column;
        match name.to_ascii_lowercase().as_slice() {
            b"status" => self.reply.status = status(&visible(value), column)?,
            b"delay" => self.reply.delay_ms = delay(&visible(value), column)?,
            b"header" => self.header(value, column)?,
            b"body" => self.body(value, column)?,
            _ => return Err(ReplyError::new(word.column, format!("{expected}, found `{}`", visible(name)))),
        }
        Ok(())
    }

    fn header(&mut self, line: &[u8], column: usize) -> Result<(), ReplyError> {
        let (name, value) = split_header(line).map_err(|message| ReplyError::new(column, message))?;
        self.header_column.get_or_insert(column);
        self.reply.headers.push(name.to_vec(), value.to_vec());
        Ok(())
    }

    fn body(&mut self, value: &[u8], column: usize) -> Result<(), ReplyError> {
        if self.body_column.replace(column).is_some() {
            return Err(ReplyError::new(column, "a second body: expected one"));
        }
        match value {
            [b'@', b'@', ..] => self.reply.body = Bytes::copy_from_slice(value.get(1..).unwrap_or_default()),
            [b'@'] => return Err(ReplyError::new(column, "expected a file name after body=@")),
            [b'@', file @ ..] => match std::str::from_utf8(file) {
                Ok(file) => self.body_file = Some(file.to_owned()),
                Err(_) => return Err(ReplyError::new(column, "the file name is not UTF-8")),
            },
            _ => self.reply.body = Bytes::copy_from_slice(value),
        }
        Ok(())
    }

    fn finish(self, text: &str) -> Result<ReplyText, ReplyError> {
        let Self { reply, body_file, body_column, header_column } = self;
        if let (Some(column), Some(_)) = (body_column.or(header_column), reply.fault) {
            return Err(ReplyError::new(column, "`never` and `reset` send no answer: neither headers nor a body"));
        }
        let has_body = body_file.is_some() || !reply.body.is_empty();
        if let Err(message) = check_body(reply.status, has_body) {
            let column = body_column.unwrap_or_else(|| text.chars().count().max(1));
            return Err(ReplyError::new(column, message));
        }
        Ok(ReplyText { reply, body_file })
    }
}

impl Reply {
    /// Whether status and body go together.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        check_body(self.status, !self.body.is_empty())
    }
}

/// RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5.
fn check_body(status: u16, has_body: bool) -> Result<(), String> {
    match (has_body, status) {
        (true, 204 | 205 | 304) => Err(format!("an answer with status {status} cannot have a body")),
        _ => Ok(()),
    }
}

/// Understands a header line of a reply: name and value.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse_header(line: &str) -> Result<(Bytes, Bytes), String> {
    let (name, value) = split_header(line.as_bytes())?;
    Ok((Bytes::copy_from_slice(name), Bytes::copy_from_slice(value)))
}

fn split_header(line: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let Some(at) = line.iter().position(|byte| *byte == b':') else {
        return Err("expected a header as `Name: value`, such as \"Retry-After: 5\"".to_owned());
    };
    let (name, value) = line.split_at(at);
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    check_header(name, value)?;
    Ok((name, value))
}

/// Whether a header line may go out. Nothing in it can begin another line.
///
/// # Errors
/// What is wrong with it, in words (RFC 9110 section 5).
pub(super) fn check_header(name: &[u8], value: &[u8]) -> Result<(), String> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    if name.is_empty() || !name.iter().all(is_token) {
        return Err(format!("`{}` is no header name: letters, digits and - only", visible(name)));
    }
    if let Some(byte) = value.iter().find(|byte| (**byte < b' ' && **byte != b'\t') || **byte == 0x7f) {
        return Err(format!("a header value cannot hold the control character \\x{byte:02x}"));
    }
    let ours = [&b"content-length"[..], b"transfer-encoding", b"connection"];
    if ours.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(format!("{} is written by the listener itself", visible(name)));
    }
    Ok(())
}

fn status(text: &str, column: usize) -> Result<u16, ReplyError> {
    let found = |message: &str| ReplyError::new(column, format!("{message}, found `{text}`"));
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(status) if (200..=599).contains(&status) => Ok(status),
            _ => Err(found("expected a status from 200 to 599")),
        };
    }
    Err(found("expected a status from 200 to 599 or a preset (200-json, delay:5s, never, reset, ...)"))
}

fn delay(text: &str, column: usize) -> Result<u64, ReplyError> {
    parse_delay(text).map_err(|message| ReplyError::new(column, message))
}

/// Understands a delay such as `5s`, `250ms`, `1.5s`, `2m`: milliseconds, at most [`DELAY_MS_MAX`].
///
/// # Errors
/// What was found and what was expected, in words.
pub fn parse_delay(text: &str) -> Result<u64, String> {
    let expected = || format!("expected a delay such as 5s, 250ms or 2m, found `{}`", visible(text.as_bytes()));
    let digits_end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits_end);
    let unit_ms = match unit.trim() {
        "ms" => 1.0,
        "s" => 1_000.0,
        "" if number.parse::<f64>().is_ok_and(|number| number > 0.0) => {
            return Err(format!("a delay needs its unit: {number}s for seconds, {number}ms for milliseconds"));
        }
        // None is none in any unit.
        "" => 1.0,
        "m" | "min" => 60_000.0,
        _ => return Err(expected()),
    };
    let millis = number.parse::<f64>().map_err(|_| expected())? * unit_ms;
    if millis > DELAY_MS_MAX as f64 {
        return Err(format!("the longest delay is {}", show_delay(DELAY_MS_MAX, "")));
    }
    // In bounds, not negative: the digits have no sign.
    Ok(millis.round() as u64)
}

/// Milliseconds in the largest unit that needs no fraction: `5s`, `1500ms`, `2m`; `gap` stands between number and unit.
pub fn show_delay(delay_ms: u64, gap: &str) -> String {
    match delay_ms {
        ms if ms % 60_000 == 0 && ms > 0 => format!("{}{gap}m", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{}{gap}s", ms / 1_000),
        ms => format!("{ms}{gap}ms"),
    }
}

/// Text of the user in a message: without anything that a terminal would obey, and not endless.
fn visible(bytes: &[u8]) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let text = String::from_utf8_lossy(bytes);
    let mut out: String =
        text.chars().take(SHOWN_CHARS_MAX).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        out.push_str("...");
    }
    out
}
