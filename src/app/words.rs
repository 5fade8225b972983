//! Rows, sizes, times and JSON as lines of text, for headless and the commands.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;

use chrono::{DateTime, Local};

use crate::domain::callback;
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome};
use crate::domain::forward::{Onward, is_taken};
use crate::domain::printable;
use crate::domain::quantity::size;
use crate::domain::reply::ChosenBy;
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::time::Timestamp;

/// Columns that a target is padded to.
const TARGET_COLUMNS: usize = 24;
/// Columns of the target that stay, however narrow the terminal.
const TARGET_COLUMNS_MIN: usize = 12;
/// Columns that sender and event type are padded to.
const EVENT_COLUMNS: usize = 28;
/// Columns of them that stay.
const EVENT_COLUMNS_MIN: usize = 10;

/// What a row shows, and how wide.
#[derive(Clone, Copy)]
struct Shape {
    date: bool,
    /// `None`: as long as it is.
    target: Option<usize>,
    event: Option<usize>,
    size: bool,
    judgement: bool,
}

impl Shape {
    const WHOLE: Self = Self { date: true, target: None, event: None, size: true, judgement: true };
}

/// A row of the list as one line, at the end of `line`: time, method, target, type, size, verdict, status, and what the provider
/// thinks of that. Fields that are not known are `-`.
///
/// What comes out wider than `columns` loses the end of its target first, then of its type, then date, size and the provider's
/// judgement: verdict and status stay. `None`: as long as it is, which is right for whatever is no terminal.
pub fn push_row(line: &mut String, row: &Summary, columns: Option<usize>) {
    let start = line.len();
    push_row_in(line, row, Shape::WHOLE);
    let Some(columns) = columns else { return };
    // No character is wider than its bytes are many.
    if line.len() - start <= columns {
        return;
    }
    let mut shape = Shape::WHOLE;
    for step in 0..5 {
        let surplus = printable::width(line.get(start..).unwrap_or_default()).saturating_sub(columns);
        if surplus == 0 {
            return;
        }
        match step {
            0 => {
                let whole = printable::width(&row.target).max(TARGET_COLUMNS);
                shape.target = Some(whole.saturating_sub(surplus).max(TARGET_COLUMNS_MIN));
            }
            1 => {
                let whole = printable::width(&sender_words(row)).max(EVENT_COLUMNS);
                shape.event = Some(whole.saturating_sub(surplus).max(EVENT_COLUMNS_MIN));
            }
            2 => shape.date = false,
            3 => shape.size = false,
            _ => shape.judgement = false,
        }
        line.truncate(start);
        push_row_in(line, row, shape);
    }
    let clipped = printable::clip(line.get(start..).unwrap_or_default(), columns).into_owned();
    line.truncate(start);
    line.push_str(&clipped);
}

/// What came of forwarding a request, or of calling back behind it, as one line of visible text.
pub fn attempt_line(attempt: &Attempt) -> String {
    let origin = match attempt.kind {
        AttemptKind::Callback if !attempt.sent.head.is_empty() => callback::brief_url_of(&attempt.sent),
        _ => printable::visible_within(attempt.sent.origin.as_bytes(), 200),
    };
    if let Some(why) = callback::not_called(attempt) {
        let to = if origin.is_empty() { String::new() } else { format!(" -> {origin}") };
        return format!("  callback #{}{to}  NOT CALLED: {}", attempt.exchange, printable::visible_str(why));
    }
    let kind = match attempt.kind {
        AttemptKind::Shadow => "shadow ",
        AttemptKind::Copy => "copy ",
        AttemptKind::Callback => "callback ",
        AttemptKind::Probe => "probe ",
        AttemptKind::Resend | AttemptKind::Forward => "",
    };
    let came = match &attempt.outcome {
        AttemptOutcome::Answered { status, .. } => {
            format!("{status} in {}", crate::domain::quantity::duration_us(attempt.timing.total_us))
        }
        AttemptOutcome::Failed { message } => printable::visible_str(message).into_owned(),
    };
    format!("  {kind}#{} -> {origin}  {came}", attempt.exchange)
}

/// Who sent it and what it is.
fn sender_words(row: &Summary) -> Cow<'_, str> {
    match (row.provider.as_deref(), row.event_words()) {
        (Some(provider), words) if words.is_empty() => Cow::Borrowed(provider),
        (Some(provider), words) => Cow::Owned(format!("{provider} {words}")),
        (None, words) if words.is_empty() => Cow::Borrowed("-"),
        (None, words) => words,
    }
}

fn push_row_in(line: &mut String, row: &Summary, shape: Shape) {
    let start = line.len();
    push_clock(line, row.at);
    if !shape.date
        && let Some((_, time)) = line.get(start..).and_then(|clock| clock.split_once(' '))
    {
        let date = line.len() - time.len();
        line.drain(start..date);
    }
    line.push_str("  ");
    push_padded(line, if row.method.is_empty() { "-" } else { &row.method }, 6);
    line.push(' ');
    push_cell(line, &row.target, TARGET_COLUMNS, shape.target);
    line.push_str("  ");
    push_cell(line, &sender_words(row), EVENT_COLUMNS, shape.event);
    if shape.size {
        let size = size(row.size_bytes);
        push_blanks(line, 2 + 8usize.saturating_sub(size.len()));
        line.push_str(&size);
    }
    line.push_str(match () {
        () if row.refused => "  refused",
        () if row.cut => " cut",
        () => "",
    });
    line.push_str("  ");
    match row.verdict {
        None => line.push('-'),
        Some((outcome, cause)) => {
            line.push_str(outcome.as_str());
            if let Some(cause) = cause {
                line.push_str(" (");
                line.push_str(cause.as_str());
                // Nobody has searched for what else it may be.
                line.push_str(if row.is_first_look { "?)" } else { ")" });
            }
        }
    }
    line.push_str("  ");
    match row.answer {
        None => line.push('-'),
        Some(AnswerBrief { status: Some(status), .. }) => {
            line.push_str(&status.to_string());
        }
        Some(AnswerBrief { outcome, .. }) => line.push_str(outcome.as_str()),
    }
    // The app's answer is the one that went back, unless it came later.
    if let Some(onward) = row.onward
        && row.answer.is_none_or(|answer| {
            answer.by != ChosenBy::App || onward.is_taken() && answer.status.is_none_or(|status| !is_taken(status))
        })
    {
        let _ = write!(line, " -> {}", crate::app::words::onward(onward));
    }
    if let Some(step) = row.answer.and_then(|answer| answer.step) {
        let _ = write!(line, " {}/{}", step.number, step.of);
    }
    if let Some(judgement) = row.judgement.filter(|_| shape.judgement) {
        line.push_str("  ");
        line.push_str(judgement.says.as_str());
    }
}

/// What bringing a request to the app came to: its status, or a word.
pub fn onward(onward: Onward) -> String {
    match onward {
        Onward::Answered(status) => status.to_string(),
        Onward::Failed => "failed".to_owned(),
        Onward::Waiting => "waiting".to_owned(),
    }
}

/// A cell that is padded to `columns`, or to what is left of it.
fn push_cell(line: &mut String, text: &str, columns: usize, left: Option<usize>) {
    match left {
        None => push_padded(line, text, columns),
        Some(left) => push_padded(line, &printable::clip(text, left), columns.min(left)),
    }
}

/// Visible text in lines of so many columns, broken at blanks, the later ones indented. A word that fits no line stays whole.
/// `None`: one line.
pub fn wrapped(text: &str, columns: Option<usize>, indent: usize) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let start = text.len() - text.trim_start_matches(' ').len();
    let (lead, rest) = text.split_at(start);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(lead);
    let mut used = start;
    for (at, word) in rest.split(' ').enumerate() {
        let width = printable::width(word);
        let joint = usize::from(at > 0);
        if at > 0 && used > indent && used + joint + width > columns {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if at > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width;
    }
    out
}

/// Visible text with blanks up to a column; longer text is left whole.
pub fn padded(text: &str, columns: usize) -> String {
    let mut line = String::with_capacity(text.len().max(columns));
    push_padded(&mut line, text, columns);
    line
}

fn push_padded(line: &mut String, text: &str, columns: usize) {
    line.push_str(text);
    push_blanks(line, columns.saturating_sub(printable::width(text)));
}

fn push_blanks(line: &mut String, mut missing: usize) {
    while let Some(blanks) = BLANKS.get(..missing.min(BLANKS.len())).filter(|blanks| !blanks.is_empty()) {
        line.push_str(blanks);
        missing -= blanks.len();
    }
}

/// Pushed by the piece.
const BLANKS: &str = "                                ";

/// Local date and time to the second: `2026-11-22 02:30:00`.
pub fn clock(at: Timestamp) -> String {
    let mut text = String::new();
    push_clock(&mut text, at);
    text
}

/// [`clock`] at the end of `line`. The words of the last second are kept: rows come by the thousand in one.
fn push_clock(line: &mut String, at: Timestamp) {
    thread_local! {
        static LAST: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    LAST.with_borrow_mut(|(second, words)| {
        let now = at.micros().div_euclid(1_000_000);
        if *second != now || words.is_empty() {
            *second = now;
            *words = match DateTime::from_timestamp_micros(at.micros()) {
                Some(time) => time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string(),
                None => "-".to_owned(),
            };
        }
        line.push_str(words);
    });
}

/// A line of JSON with everything invisible written as `\u`: controls, C1 and bidi included. It means the same, and a
/// terminal does not obey it. Outside of ASCII a JSON text has characters in its strings alone.
pub fn safe_json(line: &str) -> Cow<'_, str> {
    if line.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Cow::Borrowed(line);
    }
    let mut safe = String::with_capacity(line.len() + 16);
    let mut buffer = [0; 4];
    for c in line.chars() {
        let text: &str = c.encode_utf8(&mut buffer);
        if matches!(c, ' '..='~') || printable::visible_str(text) == text {
            safe.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests;
