//! The text form of a reply: `503 delay=2s header="Retry-After: 5" body='{"a":1}'`.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;

use super::script::{self, Script, ScriptStep, StepText, describe_steps};
use super::words::{Word, cut, quote};
use super::{Fault, Make, Reply, Spread, delay, preset};
use crate::domain::nearest;
use crate::domain::template;

/// A reply as it was written, before a body file that it names was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyText {
    /// The reply; its body is empty when `body_file` is given.
    pub reply: Reply,
    /// `body=@FILE` or `template=@FILE`: whoever may read files puts its bytes into the reply.
    pub body_file: Option<String>,
    /// The steps, when it is a script: the reply says nothing then.
    pub steps: Vec<StepText>,
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
    /// Understands a reply text: first a preset's name or a status, then settings in any order (docs/replies.md lists
    /// them), such as `delay=2s`, `header="Name: value"` (again and again), `body='...'` or `body=@FILE` (a body that begins
    /// with `@` is written `body=@@...`). Steps of a script are such texts with commas and blanks between them.
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        match script::parse(text)? {
            Some(steps) => Ok(Self { reply: Reply::default(), body_file: None, steps }),
            None => Self::parse_one(text),
        }
    }

    /// The reply, with the bytes of the files that it names.
    ///
    /// # Errors
    /// Those of `read`, and what is wrong with a template, both as `read` says it.
    pub fn finish<E>(&self, read: &mut dyn FnMut(&str) -> Result<Bytes, E>) -> Result<Reply, E> {
        let mut reply = self.reply.clone();
        if let Some(file) = &self.body_file {
            reply.body = read(file)?;
        }
        if !self.steps.is_empty() {
            let mut steps = Vec::new();
            for step in &self.steps {
                steps.push(ScriptStep { reply: step.text.finish(read)?, times: step.times });
            }
            reply.script = Some(Arc::new(Script { steps }));
        }
        Ok(reply)
    }

    /// In a few words, as [`Reply::describe`]; a body that is still in its file has no length yet.
    pub fn describe(&self) -> String {
        match (self.steps.is_empty(), &self.body_file) {
            (false, _) => describe_steps(self.steps.iter().map(|step| step.times)),
            (true, Some(file)) => format!("{} with {}", self.reply.status, visible(file.as_bytes())),
            (true, None) => self.reply.describe(),
        }
    }

    /// The files that it names, as it names them.
    pub fn files(&self) -> Vec<&str> {
        let of_steps = self.steps.iter().filter_map(|step| step.text.body_file.as_deref());
        self.body_file.as_deref().into_iter().chain(of_steps).collect()
    }

    /// A reply that is no script.
    pub(super) fn parse_one(text: &str) -> Result<Self, ReplyError> {
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
}

impl Reply {
    /// Understands a reply text that names no body file; see [`ReplyText::parse`].
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        ReplyText::parse(text)?
            .finish(&mut |_| Err(ReplyError::new(1, "a body from a file is not possible here: write body='...'")))
    }
}

impl fmt::Display for Reply {
    /// The reply in the language of [`Reply::parse`]: parsing it gives the same reply.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.script {
            Some(script) => script.fmt(f),
            None => write_one(f, self, None),
        }
    }
}

impl fmt::Display for ReplyText {
    /// As it may be written, files by their names: parsing it gives the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return write_one(f, &self.reply, self.body_file.as_deref());
        }
        f.write_str("script ")?;
        for (at, step) in self.steps.iter().enumerate() {
            f.write_str(if at > 0 { ", " } else { "" })?;
            write!(f, "{}", step.text)?;
            if step.times > 1 {
                write!(f, " x{}", step.times)?;
            }
        }
        Ok(())
    }
}

/// A reply that is no script; its body is that of the file, when there is one.
fn write_one(f: &mut fmt::Formatter<'_>, reply: &Reply, body_file: Option<&str>) -> fmt::Result {
    match reply.fault {
        Some(Fault::NeverAnswer) => f.write_str("never")?,
        Some(Fault::Reset) => f.write_str("reset")?,
        Some(Fault::Close) => f.write_str("close")?,
        Some(Fault::Garbage) => f.write_str("garbage")?,
        None if reply.make == Make::Forward => f.write_str("forward")?,
        Some(Fault::Cut | Fault::WrongLength(_)) | None => write!(f, "status={}", reply.status)?,
    }
    if reply.delay_ms > 0 || reply.spread != Spread::None {
        write!(f, " delay={}", delay::show(reply.delay_ms, reply.spread))?;
    }
    match reply.fault {
        Some(fault) if fault.is_wordless() => return Ok(()),
        Some(Fault::Cut) => f.write_str(" fault=cut")?,
        Some(Fault::WrongLength(length)) => write!(f, " length={length}")?,
        _ => {}
    }
    if let Some(rate) = reply.drip {
        write!(f, " drip={rate}")?;
    }
    for header in &reply.headers {
        let line = [&header.name[..], b": ", &header.value[..]].concat();
        write!(f, " header={}", quote(&line))?;
    }
    let name = match reply.make {
        Make::Forward => return Ok(()),
        Make::Echo => return f.write_str(" echo"),
        Make::Template => "template",
        Make::Exact => "body",
    };
    match (body_file, reply.body.first()) {
        (Some(file), _) => write!(f, " {name}={}", quote(format!("@{file}").as_bytes())),
        (None, None) if reply.make == Make::Exact => Ok(()),
        (None, Some(b'@')) => write!(f, " {name}={}", quote(&[b"@", &reply.body[..]].concat())),
        (None, _) => write!(f, " {name}={}", quote(&reply.body)),
    }
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
            "never" => self.reply.fault = Some(Fault::NeverAnswer),
            "reset" => self.reply.fault = Some(Fault::Reset),
            "close" => self.reply.fault = Some(Fault::Close),
            "garbage" => self.reply.fault = Some(Fault::Garbage),
            "echo" => self.echo(word.column)?,
            "forward" => self.reply.make = Make::Forward,
            _ => match preset::find(&name) {
                Some(preset) => {
                    self.reply = preset.reply();
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
        let fault = match name.to_ascii_lowercase().as_str() {
            "never" => Fault::NeverAnswer,
            "reset" => Fault::Reset,
            "close" => Fault::Close,
            "garbage" => Fault::Garbage,
            "cut" => Fault::Cut,
            _ => {
                let message = format!("expected never, reset, close, garbage or cut, found `{name}`");
                return Err(ReplyError::new(column, message));
            }
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

    fn finish(self, text: &str) -> Result<ReplyText, ReplyError> {
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
        Ok(ReplyText { reply, body_file, steps: Vec::new() })
    }
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

/// Text of the user in a message: without anything that a terminal would obey, and not endless.
pub(super) fn visible(bytes: &[u8]) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let text = String::from_utf8_lossy(bytes);
    let mut out: String =
        text.chars().take(SHOWN_CHARS_MAX).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        out.push_str("...");
    }
    out
}
