//! Rows, sizes, times and JSON as lines of text, for headless and the commands.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;

use chrono::{DateTime, Local};

use crate::domain::callback;
use crate::domain::exchange::{Answer, AnswerOutcome, Attempt, AttemptKind, AttemptOutcome};
use crate::domain::forward::{Onward, is_taken};
use crate::domain::printable;
use crate::domain::quantity::size;
use crate::domain::reply::{ChosenBy, FaultKind};
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::time::Timestamp;

/// Columns that a target is padded to.
const TARGET_COLUMNS: usize = 24;
/// Columns of the target that stay, however narrow the terminal.
const TARGET_COLUMNS_MIN: usize = 12;
/// Columns that sender and event type are padded to.
const EVENT_COLUMNS: usize = 32;
/// Columns of them that are of use.
const EVENT_COLUMNS_MIN: usize = 10;
/// From so many on there is room for both.
const EVENT_COLUMNS_FAIR: usize = 20;
/// With a word and the cause: `invalid (signature-mismatch)`.
const VERDICT_COLUMNS: usize = 30;
/// With a sign and the cause: `✗ signature-mismatch`.
const VERDICT_COLUMNS_MIN: usize = 20;
/// With the state of a script, `500 2/3`, or what came of going on: `200→wait`.
const STATUS_COLUMNS: usize = 8;

/// What a line for a terminal shows, and how wide: by its columns alone, so that lines stand below each other.
#[derive(Clone, Copy)]
struct Shape {
    date: bool,
    target: usize,
    event: usize,
    size: bool,
    verdict: usize,
    judgement: bool,
}

impl Shape {
    fn within(columns: usize) -> Self {
        let mut shape = Self {
            date: columns >= 120,
            target: 0,
            event: 0,
            size: columns >= 90,
            verdict: if columns >= 110 { VERDICT_COLUMNS } else { VERDICT_COLUMNS_MIN },
            judgement: columns >= 130,
        };
        let time = if shape.date { 19 } else { 8 };
        let others = [(shape.size, 10), (shape.judgement, 12)];
        let others: usize = others.iter().filter(|(is_shown, _)| *is_shown).map(|(_, columns)| columns).sum();
        let taken = time + 2 + 7 + 2 + shape.verdict + 2 + STATUS_COLUMNS + others;
        let left = columns.saturating_sub(taken);
        shape.verdict = shape.verdict.saturating_sub((taken + TARGET_COLUMNS_MIN).saturating_sub(columns));
        if left >= TARGET_COLUMNS_MIN + 2 + EVENT_COLUMNS_MIN {
            shape.event = (left * 9 / 20).max(EVENT_COLUMNS_MIN);
            shape.target = left - 2 - shape.event;
        } else {
            shape.target = left.max(TARGET_COLUMNS_MIN);
        }
        shape
    }
}

/// A row of the list as one line, at the end of `line`: time, method, target, type, size, verdict, status, and what the provider
/// thinks of that. Fields that are not known are `-`.
///
/// `columns`: those of a terminal. Each field then has its place, and what is longer is cut; a narrow one loses the provider's
/// judgement, the date, the word for the verdict, the size and the type, in this order: verdict and status stay. `None`: as
/// long as it is, which is right for whatever is no terminal.
pub fn push_row(line: &mut String, row: &Summary, columns: Option<usize>) {
    let start = line.len();
    let Some(columns) = columns else { return push_whole(line, row) };
    push_shaped(line, row, Shape::within(columns));
    line.truncate(line.trim_end_matches(' ').len().max(start));
    // No character is wider than its bytes are many.
    if line.len() - start > columns {
        let clipped = printable::clip(line.get(start..).unwrap_or_default(), columns).into_owned();
        line.truncate(start);
        line.push_str(&clipped);
    }
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

/// What else is to be known of an answer, each as a line of visible text: why the app's is not there, who was refused and why.
pub fn answer_lines(answer: &Answer) -> impl Iterator<Item = String> {
    let notes = answer.choice.iter().flat_map(|choice| &choice.notes);
    notes
        .map(|note| format!("  #{}  {}", answer.exchange, printable::visible_within(note.as_bytes(), NOTE_COLUMNS_MAX)))
}

/// Columns of a note that are printed: it may quote a request.
const NOTE_COLUMNS_MAX: usize = 600;

/// Who sent it and what it is, as its event words say.
fn sender_words<'a>(row: &'a Summary, words: Cow<'a, str>) -> Cow<'a, str> {
    match (row.provider.as_deref(), words) {
        (Some(provider), words) if words.is_empty() => Cow::Borrowed(provider),
        (Some(provider), words) => Cow::Owned(format!("{provider} {words}")),
        (None, words) if words.is_empty() => Cow::Borrowed("-"),
        (None, words) => words,
    }
}

fn push_whole(line: &mut String, row: &Summary) {
    push_clock(line, row.at);
    line.push_str("  ");
    push_padded(line, method_words(row), 6);
    line.push(' ');
    push_padded(line, &row.target, TARGET_COLUMNS);
    line.push_str("  ");
    push_padded(line, &sender_words(row, row.event_words()), EVENT_COLUMNS);
    push_size(line, row);
    line.push_str(match () {
        () if row.refused => "  refused",
        () if row.cut => " cut",
        () => "",
    });
    line.push_str("  ");
    push_verdict(line, row);
    line.push_str("  ");
    push_status(line, row);
    if let Some(judgement) = row.judgement {
        line.push_str("  ");
        line.push_str(judgement.says.as_str());
    }
}

fn push_shaped(line: &mut String, row: &Summary, shape: Shape) {
    let start = line.len();
    push_clock(line, row.at);
    if !shape.date
        && let Some((_, time)) = line.get(start..).and_then(|clock| clock.split_once(' '))
    {
        let date = line.len() - time.len();
        line.drain(start..date);
    }
    let status = brief_status(row);
    let verdict = verdict_words(row, shape.verdict);
    // A long one takes room that the verdict leaves, then of the target, then of the cause: a status is never cut.
    let over = printable::width(&status).saturating_sub(STATUS_COLUMNS);
    let verdict_over = over.min(shape.verdict.saturating_sub(printable::width(&verdict)));
    let target_over = (over - verdict_over).min(shape.target.saturating_sub(TARGET_COLUMNS_MIN));
    let verdict_columns = shape.verdict - (over - target_over).min(shape.verdict);
    line.push_str("  ");
    push_cell(line, method_words(row), 6);
    line.push(' ');
    push_cell(line, &row.target, shape.target - target_over);
    if shape.event > 0 {
        line.push_str("  ");
        // The event tells more than whose it is, which the path says too.
        let words = row.event_words_beside_verdict(true);
        let is_alone = shape.event < EVENT_COLUMNS_FAIR && !words.is_empty();
        push_cell(line, if is_alone { words } else { sender_words(row, words) }.as_ref(), shape.event);
    }
    if shape.size {
        push_size(line, row);
    }
    line.push_str("  ");
    push_cell(line, &verdict, verdict_columns);
    line.push_str("  ");
    push_padded(line, &status, STATUS_COLUMNS);
    if let Some(judgement) = row.judgement.filter(|_| shape.judgement) {
        line.push_str("  ");
        line.push_str(judgement.says.as_str());
    }
    if row.cut && !row.refused {
        line.push_str("  cut");
    }
}

fn push_size(line: &mut String, row: &Summary) {
    let size = size(row.size_bytes);
    push_blanks(line, 2 + 8usize.saturating_sub(size.len()));
    line.push_str(&size);
}

fn method_words(row: &Summary) -> &str {
    if row.method.is_empty() { "-" } else { &row.method }
}

fn push_verdict(line: &mut String, row: &Summary) {
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
}

/// In words, or with a sign where there is no room for them.
fn verdict_words(row: &Summary, columns: usize) -> String {
    let mut words = String::new();
    match row.verdict {
        _ if row.refused => words.push_str("refused"),
        _ if row.is_unanswered() && columns < VERDICT_COLUMNS => words.push_str("! unanswered"),
        _ if row.is_unanswered() => {
            words.push_str("unanswered");
            if let Some((_, Some(cause))) = row.verdict {
                let _ = write!(words, " ({})", cause.as_str());
            }
        }
        Some((outcome, Some(cause))) if columns < VERDICT_COLUMNS => {
            let guessed = if row.is_first_look { "?" } else { "" };
            let _ = write!(words, "{} {}{guessed}", outcome.symbol(), cause.as_str());
        }
        Some((outcome, None)) if columns < VERDICT_COLUMNS => {
            let _ = write!(words, "{} {}", outcome.symbol(), outcome.as_str());
        }
        _ => push_verdict(&mut words, row),
    }
    words
}

fn push_status(line: &mut String, row: &Summary) {
    match row.answer {
        None if row.is_answer_lost => line.push_str("answer not known"),
        None => line.push('-'),
        Some(AnswerBrief { status: Some(status), outcome: AnswerOutcome::Sent, .. }) => {
            line.push_str(&status.to_string());
        }
        Some(AnswerBrief { status, outcome, wrong, .. }) => {
            // What came of it matters more than its status, which is not all of an answer.
            if let Some(status) = status {
                let _ = write!(line, "{status} ");
            }
            let broken = wrong.filter(|_| outcome == AnswerOutcome::Broken);
            line.push_str(broken.map_or(outcome.as_str(), FaultKind::as_str));
        }
    }
    if let Some(onward) = other_onward(row) {
        let _ = write!(line, " -> {}", crate::app::words::onward(onward));
    }
    if let Some(step) = row.answer.and_then(|answer| answer.step) {
        let _ = write!(line, " {}/{}", step.number, step.of);
    }
}

/// What came of going on, where that is another thing than what went back.
fn other_onward(row: &Summary) -> Option<Onward> {
    // The app's answer is the one that went back, unless it came later.
    row.onward.filter(|onward| {
        row.answer.is_none_or(|answer| {
            answer.by != ChosenBy::App || onward.is_taken() && answer.status.is_none_or(|status| !is_taken(status))
        })
    })
}

/// [`push_status`] in few columns.
fn brief_status(row: &Summary) -> String {
    let mut words = match row.answer {
        None if row.is_answer_lost => "not known".to_owned(),
        None => "-".to_owned(),
        Some(AnswerBrief { status: Some(status), outcome: AnswerOutcome::Sent, .. }) => status.to_string(),
        Some(AnswerBrief { outcome, wrong, .. }) => match outcome {
            AnswerOutcome::SenderLeft => "left",
            AnswerOutcome::NeverAnswered => "silent",
            AnswerOutcome::Broken => wrong.map_or("broken", FaultKind::as_str),
            outcome => outcome.as_str(),
        }
        .to_owned(),
    };
    match other_onward(row) {
        Some(Onward::Answered(status)) => words.push_str(&format!("→{status}")),
        Some(Onward::Failed) => words.push_str("→fail"),
        Some(Onward::Waiting) => words.push_str("→wait"),
        None => {}
    }
    if let Some(step) = row.answer.and_then(|answer| answer.step) {
        let _ = write!(words, " {}/{}", step.number, step.of);
    }
    words
}

/// What bringing a request to the app came to: its status, or a word.
pub fn onward(onward: Onward) -> String {
    match onward {
        Onward::Answered(status) => status.to_string(),
        Onward::Failed => "failed".to_owned(),
        Onward::Waiting => "waiting".to_owned(),
    }
}

/// A cell of exactly `columns`; what is longer ends in `…`.
fn push_cell(line: &mut String, text: &str, columns: usize) {
    push_padded(line, &printable::clip(text, columns), columns);
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
