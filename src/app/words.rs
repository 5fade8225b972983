//! Rows, sizes, times and JSON as lines of text, for headless and the commands.

use std::borrow::Cow;

use chrono::{DateTime, Local};

use crate::domain::printable;
use crate::domain::quantity::size;
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::time::Timestamp;

/// A row of the list as one line: time, method, target, type, size, verdict, status. Fields that are not known are `-`.
pub fn row(row: &Summary) -> String {
    let method = if row.method.is_empty() { "-" } else { &row.method };
    let sender = match (&row.provider, &row.event_type) {
        (Some(provider), Some(event_type)) => format!("{provider} {event_type}"),
        (Some(provider), None) => provider.to_string(),
        (None, Some(event_type)) => event_type.to_string(),
        (None, None) => "-".to_owned(),
    };
    let (method, target, sender) = (padded(method, 6), padded(&row.target, 24), padded(&sender, 28));
    let mut line = format!("{}  {method} {target}  {sender}  {:>8}", clock(row.at), size(row.size_bytes));
    line.push_str(match () {
        () if row.refused => "  refused",
        () if row.cut => " cut",
        () => "",
    });
    line.push_str("  ");
    match row.verdict {
        None => line.push('-'),
        Some((outcome, None)) => line.push_str(outcome.words()),
        Some((outcome, Some(cause))) => line.push_str(&format!("{} ({})", outcome.words(), cause.as_str())),
    }
    line.push_str("  ");
    line.push_str(&answer(row.answer));
    line
}

/// Visible text with blanks up to a column; longer text is left whole.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(printable::width(text))))
}

fn answer(answer: Option<AnswerBrief>) -> String {
    match answer {
        None => "-".to_owned(),
        Some(AnswerBrief { status: Some(status), .. }) => status.to_string(),
        Some(AnswerBrief { outcome, .. }) => outcome.as_str().to_owned(),
    }
}

/// Local date and time to the second: `2026-11-22 02:30:00`.
pub fn clock(at: Timestamp) -> String {
    match DateTime::from_timestamp_micros(at.micros()) {
        Some(time) => time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string(),
        None => "-".to_owned(),
    }
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
