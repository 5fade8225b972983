//! Scripts: what goes back the first time, the second, and so on: `fail 500 x2, timeout 20s, reset, then 200`.

use std::fmt;

use super::text::ReplyText;
use super::{Reply, ReplyError, Step};

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
    /// What goes back to whoever was answered so often before, and which step that is. Each repetition counts as a step; the
    /// last one is given again and again.
    pub fn at(&self, before: u32) -> (&Reply, Step) {
        static EMPTY: std::sync::LazyLock<Reply> = std::sync::LazyLock::new(Reply::default);
        let of = self.steps.iter().map(|step| step.times).fold(0, u32::saturating_add).max(1);
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
    let last = pieces.len() - 1;
    let mut steps = Vec::new();
    for (at, (column, piece)) in pieces.iter().enumerate() {
        let piece = strip_word(piece, "script").filter(|_| at == 0).unwrap_or(piece);
        let piece = strip_word(piece, "then").filter(|_| at == last || at > 0).unwrap_or(piece);
        steps.push(step(piece).map_err(|error| ReplyError::new(column + error.column - 1, error.message))?);
    }
    Ok(Some(steps))
}

fn step(piece: &str) -> Result<StepText, ReplyError> {
    let (piece, times) = repeated(piece);
    let times = times.unwrap_or(Ok(1)).map_err(|found| {
        ReplyError::new(1, format!("expected x1 to x{TIMES_MAX} at the end of a step, found `{found}`"))
    })?;
    let piece = strip_word(piece, "fail").unwrap_or(piece);
    let text = match strip_word(piece, "timeout") {
        // Silence, then the end of the connection without an answer.
        Some(time) => ReplyText::parse_one(&format!("close delay={}", time.trim()))?,
        None => ReplyText::parse_one(piece)?,
    };
    Ok(StepText { text, times })
}

/// The text behind a word that it begins with.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// Takes ` x2` from the end of a step. The error is what stands there instead of a number in bounds.
fn repeated(piece: &str) -> (&str, Option<Result<u32, String>>) {
    let piece = piece.trim_end();
    let Some((head, last)) = piece.rsplit_once(char::is_whitespace) else { return (piece, None) };
    let Some(number) = last.strip_prefix(['x', 'X']) else { return (piece, None) };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (piece, None);
    }
    let times = number.parse().ok().filter(|times| (1..=TIMES_MAX).contains(times));
    (head, Some(times.ok_or_else(|| last.chars().take(20).collect())))
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
