//! Scripts: what goes back the first time, the second, and so on: `fail 500 x2, timeout 20s, reset, then 200`.

use super::error::{ReplyError, visible};
use super::{Fault, Reply, Script, Step, delay, preset};
use crate::domain::quantity::counted;

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

/// One piece of the text of a script, between two commas.
pub(super) struct Piece<'a> {
    /// Where it begins, from 1.
    column: usize,
    whole: &'a str,
    is_first: bool,
}

/// What goes back in one step.
pub(super) enum StepReply<'a> {
    /// Silence for so long, then the end of the connection.
    Timeout(Reply),
    /// The reply that this text says, which begins at this column.
    Text(usize, &'a str),
}

/// The steps, when the text is a script: it has several, or begins with `script`, `fail` or `timeout`, or says how often.
pub(super) fn cut(text: &str) -> Result<Option<Vec<Piece<'_>>>, ReplyError> {
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
    let pieces = pieces.into_iter().enumerate();
    Ok(Some(pieces.map(|(at, (column, whole))| Piece { column, whole, is_first: at == 0 }).collect()))
}

impl<'a> Piece<'a> {
    /// What goes back in this step, and how many times.
    pub(super) fn read(&self) -> Result<(StepReply<'a>, u32), ReplyError> {
        let whole = self.whole;
        let own = if self.is_first { "script" } else { "then" };
        let piece = strip_word(whole, own).unwrap_or(whole);
        if piece.trim().is_empty() {
            let words = "expected a reply here: a comma parts two steps of a script, such as `500 x2, 200`";
            return Err(ReplyError::new(self.column + first_column(whole, piece.trim_start()) - 1, words));
        }
        // Columns of the step count from its first character, which words in front of it may have moved.
        step(piece, self.column + first_column(whole, piece) - 1)
    }
}

/// The column, from 1, at which the rest of a text begins in it.
fn first_column(whole: &str, rest: &str) -> usize {
    whole.chars().count() - rest.chars().count() + 1
}

fn step(whole: &str, begin: usize) -> Result<(StepReply<'_>, u32), ReplyError> {
    let (piece, times) = repeated(whole);
    let times = times.unwrap_or(Ok(1)).map_err(|found| {
        let column = first_column(whole.trim_end(), &found);
        let found: String = found.chars().take(20).collect();
        let words = format!("expected x1 to x{TIMES_MAX} at the end of a step, found `{found}`");
        ReplyError::new(column, words).behind(begin)
    })?;
    let reply = strip_word(piece, "fail").unwrap_or(piece);
    let column = |rest: &str| begin + first_column(piece, rest) - 1;
    let reply = match strip_word(reply, "timeout") {
        Some(time) => StepReply::Timeout(timeout(time).map_err(|error| error.behind(column(time)))?),
        None => StepReply::Text(column(reply), reply),
    };
    Ok((reply, times))
}

/// Silence for so long, then the end of the connection without an answer.
fn timeout(time: &str) -> Result<Reply, ReplyError> {
    let written = time.trim_end();
    if let Some(end) = written.find(char::is_whitespace) {
        let more = written.get(end..).unwrap_or_default().trim_start();
        let words = format!("a timeout has its time and nothing else, found `{}`", visible(more.as_bytes()));
        return Err(ReplyError::new(first_column(written, more), words));
    }
    let (delay_ms, spread) = delay::parse(written).map_err(|message| ReplyError::new(1, message))?;
    Ok(Reply { fault: Some(Fault::Close), delay_ms, spread, ..Reply::default() })
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
