//! Scripts: what goes back the first time, the second, and so on: `fail 500 x2, timeout 20s, reset, then 200`.

use std::fmt;

use super::text::{ReplyText, visible};
use super::{Fault, Reply, ReplyError, Step, delay, preset};
use crate::domain::quantity::counted;

/// Steps in order. The last one goes on for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// At least one.
    pub steps: Vec<ScriptStep>,
}

/// One step of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptStep {
    /// What goes back. Never a script itself.
    pub reply: Reply,
    /// How many times, at least once.
    pub times: u32,
}

/// A step as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    /// What goes back.
    pub text: ReplyText,
    /// How many times.
    pub times: u32,
}

/// Steps of a script, at most.
const STEPS_MAX: usize = 100;
/// Repetitions of a step, at most.
const TIMES_MAX: u32 = 10_000;

impl Script {
    /// How many steps it has, each repetition counted: what is shown of it everywhere.
    pub fn steps_count(&self) -> u32 {
        count(self.steps.iter().map(|step| step.times))
    }

    /// What goes back to whoever was answered so often before, and which step that is. Each repetition counts as a step; the
    /// last one is given again and again.
    pub fn at(&self, before: u32) -> (&Reply, Step) {
        static EMPTY: std::sync::LazyLock<Reply> = std::sync::LazyLock::new(Reply::default);
        let of = self.steps_count();
        let mut left = before;
        let mut reply = self.steps.last().map_or(&*EMPTY, |step| &step.reply);
        for step in &self.steps {
            if left < step.times {
                reply = &step.reply;
                break;
            }
            left -= step.times;
        }
        (reply, Step { number: before.saturating_add(1).min(of), of })
    }
}

fn count(times: impl Iterator<Item = u32>) -> u32 {
    times.fold(0, u32::saturating_add).max(1)
}

/// `script of 5 steps`: how often each goes, in order.
pub(super) fn describe_steps(times: impl Iterator<Item = u32>) -> String {
    format!("script of {}", counted(count(times) as usize, "step"))
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("script ")?;
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}", step.reply)?;
            if step.times > 1 {
                write!(f, " x{}", step.times)?;
            }
        }
        Ok(())
    }
}

/// The steps, when the text is a script: it has several, or begins with `script`, `fail` or `timeout`, or says how often.
pub(super) fn parse(text: &str) -> Result<Option<Vec<StepText>>, ReplyError> {
    let pieces = split(text);
    let begins = |piece: &str, word: &str| strip_word(piece, word).is_some();
    let is_script = pieces.len() > 1
        || pieces.first().is_some_and(|(_, piece)| {
            ["script", "fail", "timeout"].iter().any(|word| begins(piece, word)) || repeated(piece).1.is_some()
        });
    if !is_script {
        return Ok(None);
    }
    if pieces.len() > STEPS_MAX {
        return Err(ReplyError::new(1, format!("a script has {STEPS_MAX} steps at most")));
    }
    let mut steps = Vec::new();
    for (at, (column, whole)) in pieces.iter().enumerate() {
        let piece = strip_word(whole, "script").filter(|_| at == 0).unwrap_or(whole);
        let piece = strip_word(piece, "then").filter(|_| at > 0).unwrap_or(piece);
        if piece.trim().is_empty() {
            let words = "expected a reply here: a comma parts two steps of a script, such as `500 x2, 200`";
            return Err(ReplyError::new(column + first_column(whole, piece.trim_start()) - 1, words));
        }
        // Columns of the step count from its first character, which words in front of it may have moved.
        let begin = column + first_column(whole, piece) - 1;
        steps.push(step(piece).map_err(|error| ReplyError::new(begin + error.column - 1, error.message))?);
    }
    Ok(Some(steps))
}

/// The column, from 1, at which the rest of a text begins in it.
fn first_column(whole: &str, rest: &str) -> usize {
    whole.chars().count() - rest.chars().count() + 1
}

fn step(whole: &str) -> Result<StepText, ReplyError> {
    let (piece, times) = repeated(whole);
    let times = times.unwrap_or(Ok(1)).map_err(|found| {
        let column = first_column(whole.trim_end(), &found);
        let found: String = found.chars().take(20).collect();
        ReplyError::new(column, format!("expected x1 to x{TIMES_MAX} at the end of a step, found `{found}`"))
    })?;
    let reply = strip_word(piece, "fail").unwrap_or(piece);
    let moved = |begin: usize| move |error: ReplyError| ReplyError::new(begin + error.column - 1, error.message);
    let text = match strip_word(reply, "timeout") {
        Some(time) => timeout(time).map_err(moved(first_column(piece, time)))?,
        None => ReplyText::parse_one(reply).map_err(moved(first_column(piece, reply)))?,
    };
    Ok(StepText { text, times })
}

/// Silence for so long, then the end of the connection without an answer.
fn timeout(time: &str) -> Result<ReplyText, ReplyError> {
    let written = time.trim_end();
    if let Some(end) = written.find(char::is_whitespace) {
        let more = written.get(end..).unwrap_or_default().trim_start();
        let words = format!("a timeout has its time and nothing else, found `{}`", visible(more.as_bytes()));
        return Err(ReplyError::new(first_column(written, more), words));
    }
    let (delay_ms, spread) = delay::parse(written).map_err(|message| ReplyError::new(1, message))?;
    let reply = Reply { fault: Some(Fault::Close), delay_ms, spread, ..Reply::default() };
    Ok(ReplyText { reply, body_file: None, steps: Vec::new() })
}

/// The text behind a word that it begins with.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// Takes `x2` from the end of a step: a word of its own, or right behind a status, a name or a time that is the step's only word
/// (`500x2`). The error is what stands there instead of a number in bounds.
fn repeated(piece: &str) -> (&str, Option<Result<u32, String>>) {
    let piece = piece.trim_end();
    let Some(at) = piece.rfind(['x', 'X']) else { return (piece, None) };
    let (head, last) = piece.split_at(at);
    let number = last.get(1..).unwrap_or_default();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (piece, None);
    }
    if !head.ends_with(char::is_whitespace) {
        let words = ["script", "then", "fail", "timeout"];
        let only = words.iter().fold(head, |rest, word| strip_word(rest, word).unwrap_or(rest)).trim_start();
        let is_whole = !only.contains(char::is_whitespace) && (is_begin(only) || delay::parse_delay(only).is_ok());
        if !is_whole {
            return (piece, None);
        }
    }
    let times = number.parse().ok().filter(|times| (1..=TIMES_MAX).contains(times));
    (head.trim_end(), Some(times.ok_or_else(|| last.to_owned())))
}

/// Whether a reply may consist of this word alone.
fn is_begin(word: &str) -> bool {
    let is_status = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    is_status || ["close", "garbage", "echo"].contains(&&*word.to_ascii_lowercase()) || preset::find(word).is_some()
}

/// The pieces between commas that blanks follow, outside of quotes, each with its column.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut start, mut start_column) = (0, 1);
    let mut quote = None;
    let mut escaped = false;
    let mut chars = text.char_indices().zip(1..).peekable();
    while let Some(((at, char), column)) = chars.next() {
        match quote {
            Some('"') if escaped => escaped = false,
            Some('"') if char == '\\' => escaped = true,
            Some(open) if open == char => quote = None,
            Some(_) => {}
            None if matches!(char, '\'' | '"') => quote = Some(char),
            None if char == ',' && chars.peek().is_some_and(|((_, next), _)| next.is_whitespace()) => {
                pieces.push((start_column, text.get(start..at).unwrap_or_default()));
                (start, start_column) = (at + 1, column + 1);
            }
            None => {}
        }
    }
    pieces.push((start_column, text.get(start..).unwrap_or_default()));
    pieces
}
