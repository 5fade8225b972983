//! One reply, read word by word: a status or a preset's name, then settings in any order.

use std::num::NonZeroU32;

use bytes::Bytes;

use super::error::{ReplyError, visible};
use super::header_line::split_header;
use super::words::{Word, cut};
use super::{Fault, Make, Reply, delay, preset};
use crate::domain::nearest;
use crate::domain::template;

/// A reply that is no script, as it was written.
pub(super) struct One {
    /// The reply; its body is empty when `body_file` is given.
    pub reply: Reply,
    /// The file that its body or template is in.
    pub body_file: Option<String>,
}

/// Reads a reply that is no script.
pub(super) fn parse(text: &str) -> Result<One, ReplyError> {
    let words = cut(text)?;
    let Some(first) = words.first() else {
        return Err(ReplyError::new(
            1,
            "expected a status or a preset: 200, 503, 200-json, delay:5s, never, reset, echo, forward, ...",
        ));
    };
    let mut builder = Builder {
        reply: Reply::default(),
        body_file: None,
        body_column: None,
        header_column: None,
        fault_column: None,
        has_status: false,
        is_forward: false,
        of_preset: Vec::new(),
    };
    builder.first(first)?;
    builder.is_forward = builder.reply.make == Make::Forward;
    for word in words.iter().skip(1) {
        builder.setting(word)?;
    }
    builder.finish(text)
}

/// A reply while its words are read.
struct Builder {
    reply: Reply,
    body_file: Option<String>,
    body_column: Option<usize>,
    header_column: Option<usize>,
    fault_column: Option<usize>,
    /// Whether one was written, and none is meant by a setting.
    has_status: bool,
    is_forward: bool,
    /// The names of the preset's headers that nobody wrote anew yet.
    of_preset: Vec<Bytes>,
}

impl Builder {
    fn first(&mut self, word: &Word) -> Result<(), ReplyError> {
        if word.parting.is_some() {
            return self.setting(word);
        }
        let name = visible(&word.bytes);
        self.has_status = true;
        match name.to_ascii_lowercase().as_str() {
            word if wordless(word).is_some() => self.reply.fault = wordless(word),
            "echo" => self.echo(word.column)?,
            "forward" => self.reply.make = Make::Forward,
            _ => match preset::find(&name) {
                Some(preset) => {
                    self.reply = parse(preset.text)?.reply;
                    self.of_preset = self.reply.headers.iter().map(|header| header.name.clone()).collect();
                }
                None => self.reply.status = status(&name, word.column)?,
            },
        }
        Ok(())
    }

    fn setting(&mut self, word: &Word) -> Result<(), ReplyError> {
        if word.parting.is_none() && word.bytes.eq_ignore_ascii_case(b"echo") {
            return self.echo(word.column);
        }
        let Some((name, value)) = word.parting.and_then(|at| Some((word.bytes.get(..at)?, word.bytes.get(at + 1..)?)))
        else {
            return Err(ReplyError::new(word.column, unknown_setting(&word.bytes)));
        };
        let column = word.value_column;
        match name.to_ascii_lowercase().as_slice() {
            b"status" => {
                self.reply.status = status(&visible(value), column)?;
                self.has_status = true;
            }
            b"delay" => {
                (self.reply.delay_ms, self.reply.spread) =
                    delay::parse(&visible(value)).map_err(|message| ReplyError::new(column, message))?;
            }
            b"header" => self.header(value, column)?,
            b"body" => self.body(value, column, Make::Exact)?,
            b"template" => self.body(value, column, Make::Template)?,
            b"drip" => self.reply.drip = Some(drip(&visible(value), column)?),
            b"redirect" => {
                if !(300..400).contains(&self.reply.status) {
                    self.reply.status = 302;
                }
                self.has_status = true;
                self.header(&[b"Location: ", value].concat(), column)?;
            }
            b"retry-after" => {
                let text = visible(value);
                // As in the header itself, a number alone is seconds (RFC 9110 section 10.2.3).
                let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let text = if is_bare { format!("{text}s") } else { text };
                let ms = delay::parse_delay(&text).map_err(|message| ReplyError::new(column, message))?;
                if !self.has_status {
                    self.reply.status = 503;
                }
                self.header(format!("Retry-After: {}", ms.div_ceil(1000)).as_bytes(), column)?;
            }
            b"fault" => self.fault(&visible(value), column)?,
            b"length" => {
                let length = visible(value).parse::<u64>().ok().filter(|length| *length <= LENGTH_MAX);
                let Some(length) = length else {
                    return Err(ReplyError::new(column, format!("expected a Content-Length up to {LENGTH_MAX}")));
                };
                self.fault_column = Some(column);
                self.reply.fault = Some(Fault::WrongLength(length));
            }
            _ => return Err(ReplyError::new(word.column, unknown_setting(name))),
        }
        Ok(())
    }

    fn header(&mut self, line: &[u8], column: usize) -> Result<(), ReplyError> {
        let (name, value) = split_header(line).map_err(|message| ReplyError::new(column, message))?;
        self.header_column.get_or_insert(column);
        // What is written takes the place of the preset's own. Several that are written stay several.
        if self.of_preset.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            self.of_preset.retain(|own| !own.eq_ignore_ascii_case(name));
            // A name is ASCII: it was checked.
            self.reply.headers.remove(&String::from_utf8_lossy(name));
        }
        self.reply.headers.push(name.to_vec(), value.to_vec());
        Ok(())
    }

    fn fault(&mut self, name: &str, column: usize) -> Result<(), ReplyError> {
        let Some(fault) = Fault::named(&name.to_ascii_lowercase()) else {
            let [names @ .., last] = Fault::NAMED.map(Fault::as_str);
            let message = format!("expected {} or {last}, found `{name}`", names.join(", "));
            return Err(ReplyError::new(column, message));
        };
        self.fault_column = Some(column);
        self.reply.fault = Some(fault);
        Ok(())
    }

    fn echo(&mut self, column: usize) -> Result<(), ReplyError> {
        if self.body_column.replace(column).is_some() {
            return Err(ReplyError::new(column, "a second body: expected one"));
        }
        self.reply.make = Make::Echo;
        Ok(())
    }

    fn body(&mut self, value: &[u8], column: usize, make: Make) -> Result<(), ReplyError> {
        // A preset may have brought one.
        self.reply.body = Bytes::new();
        if self.body_column.replace(column).is_some() {
            return Err(ReplyError::new(column, "a second body: expected one"));
        }
        self.reply.make = make;
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

    fn finish(self, text: &str) -> Result<One, ReplyError> {
        let Self { mut reply, body_file, body_column, header_column, fault_column, is_forward, .. } = self;
        let is_wordless = reply.fault.is_some_and(Fault::is_wordless);
        if let (Some(column), true) = (body_column.or(header_column), is_wordless) {
            let message = "`never`, `reset`, `close` and `garbage` send no answer: neither headers nor a body";
            return Err(ReplyError::new(column, message));
        }
        if is_wordless {
            // A preset's own, and a status without an answer, say nothing.
            let Reply { delay_ms, spread, fault, .. } = reply;
            reply = Reply { delay_ms, spread, fault, ..Reply::default() };
        }
        // An answer that is the app's has nothing of ours but the time at which it is asked for.
        let only_delayed =
            Reply { delay_ms: reply.delay_ms, spread: reply.spread, make: Make::Forward, ..Reply::default() };
        if is_forward && reply != only_delayed {
            return Err(ReplyError::new(
                1,
                "`forward` gives the app's answer as it is: nothing but delay= goes with it",
            ));
        }
        if let (Make::Template, Some(column), None) = (reply.make, body_column, &body_file) {
            template::check(&reply).map_err(|message| ReplyError::new(column, message))?;
        }
        if let (true, Some(column)) = (reply.fault == Some(Fault::Cut) && reply.drip.is_some(), fault_column) {
            return Err(ReplyError::new(column, "a body cannot drip and be cut"));
        }
        let has_body = body_file.is_some() || !reply.body.is_empty() || reply.make != Make::Exact;
        if let Err(message) = check_body(reply.status, has_body) {
            let column = body_column.unwrap_or_else(|| text.chars().count().max(1));
            return Err(ReplyError::new(column, message));
        }
        Ok(One { reply, body_file })
    }
}

/// The fault that is a reply by itself.
fn wordless(word: &str) -> Option<Fault> {
    Fault::named(word).filter(|fault| fault.is_wordless())
}

fn status(text: &str, column: usize) -> Result<u16, ReplyError> {
    let found = |message: &str| ReplyError::new(column, format!("{message}, found `{text}`{}", script_words(text)));
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(status) if (200..=599).contains(&status) => Ok(status),
            _ => Err(found("expected a status from 200 to 599")),
        };
    }
    let near = nearest::did_you_mean(text, BEGINS.into_iter().chain(preset::PRESETS.iter().map(|preset| preset.name)));
    let mut error = found("expected a status from 200 to 599 or a preset (200-json, delay:5s, never, reset, ...)");
    if !error.message.contains(" of a script ") {
        error.message.push_str(&near);
    }
    Err(error)
}

/// What a reply may begin with beside a status and a preset.
const BEGINS: [&str; 6] = ["close", "garbage", "echo", "fail", "timeout", "script"];

/// The settings by name.
const SETTINGS: [&str; 11] =
    ["status", "delay", "header", "body", "template", "echo", "drip", "redirect", "retry-after", "fault", "length"];

/// What is said of a word that is no setting.
fn unknown_setting(word: &[u8]) -> String {
    let word = visible(word);
    let expected = SETTINGS.map(|name| if name == "echo" { name.to_owned() } else { format!("{name}=") });
    let (last, names) =
        expected.split_last().map_or((String::new(), Vec::new()), |(last, names)| (last.clone(), names.to_vec()));
    let more = match script_words(&word) {
        "" => nearest::did_you_mean(&word, SETTINGS),
        words => words.to_owned(),
    };
    format!("expected {} or {last}, found `{word}`{more}", names.join(", "))
}

/// What is said of a word that looks like a part of a script.
fn script_words(word: &str) -> &'static str {
    let is_times = |text: &str| {
        let digits = text.trim_matches(['x', 'X', '*', '\u{d7}']);
        digits.len() < text.len() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    match word {
        _ if word.contains(',') => "; the steps of a script have a comma and a blank between them: `500 x2, 200`",
        _ if is_times(word) => "; how often a step of a script goes stands behind it as `x2`: `500 x2, 200`",
        _ => "",
    }
}

/// A `Content-Length` that is wrong on purpose, at most.
const LENGTH_MAX: u64 = 1 << 40;

/// `10`, `10B/s`: bytes a second.
fn drip(text: &str, column: usize) -> Result<NonZeroU32, ReplyError> {
    let number = text.trim_end_matches("/s").trim_end_matches(['B', 'b']);
    number
        .parse()
        .map_err(|_| ReplyError::new(column, format!("expected bytes a second, such as drip=10, found `{text}`")))
}

impl Reply {
    /// Whether status and body go together.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        check_body(self.status, !self.body.is_empty() || self.make != Make::Exact)
    }
}

/// RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5.
fn check_body(status: u16, has_body: bool) -> Result<(), String> {
    match (has_body, status) {
        (true, 204 | 205 | 304) => Err(format!("an answer with status {status} cannot have a body")),
        _ => Ok(()),
    }
}
