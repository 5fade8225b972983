//! Lines that several tabs have: labels, marks, a status, a document below another.

use crate::domain::exchange::Mark;
use crate::domain::pretty::{Document, Line, Role, Syntax};
use crate::domain::printable::visible_within;
use crate::domain::quantity::size;

/// Columns of the labels in front of values.
const LABEL_COLUMNS: usize = 11;

/// A line that begins with a label; the value is added to it.
pub(super) fn labelled(label: &str) -> Line {
    let mut line = Line::of(Role::Label, label);
    line.push(Role::Plain, &" ".repeat(LABEL_COLUMNS.saturating_sub(label.len()).max(1)));
    line.hang_here();
    line
}

/// The marks, loud: what must be known before anything else is believed.
pub(super) fn push_marks(marks: &[Mark], document: &mut Document) {
    for mark in marks {
        let (word, more) = match mark {
            Mark::Truncated { limit_bytes } => {
                ("TRUNCATED", format!("the body went over the limit of {}: what follows is lost", size(*limit_bytes)))
            }
            Mark::Incomplete { reason } => ("INCOMPLETE", visible_within(reason.as_bytes(), REASON_COLUMNS_MAX)),
            Mark::Refused { reason } => ("REFUSED", visible_within(reason.as_bytes(), REASON_COLUMNS_MAX)),
            Mark::Note { text } => {
                document.push(
                    labelled("note").with(Role::Warn, visible_within(text.as_bytes(), REASON_COLUMNS_MAX)).prose(),
                );
                continue;
            }
        };
        let mut line = Line::of(Role::Bad, word).with(Role::Plain, "  ");
        line.hang_here();
        document.push(line.with(Role::Plain, more).prose());
    }
}

/// What of the exchange cannot be read in its session file.
pub(super) fn push_unread(unread: &[String], document: &mut Document) {
    for words in unread {
        let mut line = Line::of(Role::Bad, "NOT READABLE").with(Role::Plain, "  ");
        line.hang_here();
        document.push(line.with(Role::Plain, visible_within(words.as_bytes(), REASON_COLUMNS_MAX)).prose());
    }
}

/// Columns of a reason.
const REASON_COLUMNS_MAX: usize = 300;

/// `200 OK`, in the role that fits it. The words are the standard's, not the sender's.
pub(super) fn push_status(status: u16, line: &mut Line) {
    line.push(status_role(status), &status.to_string());
    let words = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    if let Some(words) = words {
        line.push(status_role(status), &format!(" {words}"));
    }
}

pub(super) fn status_role(status: u16) -> Role {
    match status {
        200..=299 => Role::Good,
        100..=199 | 300..=399 => Role::Warn,
        _ => Role::Bad,
    }
}

/// Adds a document below, with its notes as lines of their own.
pub(super) fn push_below(below: Document, document: &mut Document) {
    for note in &below.notes {
        document.push(Line::of(Role::Note, note));
    }
    let first = document.lines.len();
    if document.syntax.is_none() {
        document.syntax = below.syntax.map(|syntax| Syntax {
            language: syntax.language,
            lines: syntax.lines.start + first..syntax.lines.end + first,
        });
    }
    document.lines.extend(below.lines);
}
