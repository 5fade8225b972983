//! The tries of a delivery: when each came, how long after the one before, what we answered, and what was different; the
//! gaps beside those that the provider documents.

use super::changes;
use super::context::DetailContext;
use super::lines::{labelled, status_role};
use crate::domain::exchange::{AnswerOutcome, Exchange};
use crate::domain::judgement::{Rules, Then};
use crate::domain::pretty::{Document, Line, Role};
use crate::domain::quantity::duration_us;
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;

/// Columns of a gap.
const GAP_COLUMNS: usize = 10;

/// Adds the table, when the delivery came more than once.
pub(super) fn push(exchange: &Exchange, context: &DetailContext<'_>, document: &mut Document) {
    let (Some(row), [_, _, ..]) = (context.summary, context.tries) else { return };
    let rules = context.provider.and_then(|provider| provider.delivery).map(Rules::of);
    document.push(Line::new());
    let documented = |number: u32| rules.as_ref().and_then(|rules| rules.schedule().gap_ms(number));
    let is_documented = context.tries.iter().any(|try_| documented(try_.delivery_number.saturating_sub(1)).is_some());
    document.push(Line::of(Role::Heading, "tries"));
    let mut before: Option<&Summary> = None;
    for try_ in context.tries {
        let is_this = try_.id == row.id;
        let mut line = Line::of(if is_this { Role::Label } else { Role::Plain }, if is_this { "▸ " } else { "  " });
        line.push(Role::Number, &format!("{:<3}", try_.delivery_number));
        line.push(Role::Dim, &format!(" #{:<5}", try_.id));
        line.push(Role::Plain, &format!(" {}  ", clock(try_.at)));
        // Between two that are not neighbours (the list is cut) there is no gap to speak of.
        let last = before.filter(|last| last.delivery_number + 1 == try_.delivery_number);
        let gap = last.map_or(String::new(), |last| format!("+{}", duration_us(try_.at.micros_since(last.at))));
        line.push(Role::Plain, &format!("{gap:<GAP_COLUMNS$}"));
        if is_documented {
            let told = last.and_then(|last| documented(last.delivery_number));
            let told = told.map_or(String::new(), |gap_ms| match gap_ms {
                0 => "(at once)".to_owned(),
                gap_ms => format!("({})", duration_us(gap_ms.saturating_mul(1000))),
            });
            line.push(Role::Dim, &format!("{told:<GAP_COLUMNS$}"));
        }
        push_answer(try_, &mut line);
        match try_.same_body {
            Some(true) => line.push(Role::Dim, "  same body"),
            Some(false) => line.push(Role::Warn, "  other body"),
            None => {}
        }
        document.push(line);
        before = Some(try_);
    }
    if is_documented {
        document.push(Line::of(Role::Dim, "  in parentheses: the gaps that the provider documents").prose());
    }
    let next = context.tries.last().and_then(|last| last.judgement).map(|judgement| judgement.then);
    if let Some(Then::Retries(Some(at))) = next {
        let when = match at.micros_since(context.now) {
            0 => format!("{}, which is over", clock(at)),
            left_us => format!("{} (in {})", clock(at), duration_us(left_us)),
        };
        document.push(labelled("next try").with(Role::Plain, when));
    }
    push_changes(exchange, context, document);
}

fn push_answer(row: &Summary, line: &mut Line) {
    match row.answer {
        Some(answer) => match (answer.status, answer.outcome) {
            (Some(status), AnswerOutcome::Sent) => line.push(status_role(status), &status.to_string()),
            (_, outcome) => line.push(Role::Warn, outcome.as_str()),
        },
        None if row.is_answer_lost => line.push(Role::Warn, "not known"),
        None => line.push(Role::Dim, "…"),
    }
}

/// What is different in this try from the first.
fn push_changes(exchange: &Exchange, context: &DetailContext<'_>, document: &mut Document) {
    let Some(first) = context.first_try.filter(|first| first.id != exchange.request.id) else { return };
    let request = &exchange.request;
    let mut changed = Vec::new();
    changes::heads(&first.head_bytes(), &request.head_bytes(), &mut changed);
    changes::bodies((&first.body, &first.headers), (&request.body, &request.headers), &mut changed);
    let words = if changed.is_empty() { "nothing: byte for byte as the first try" } else { "since the first try" };
    document.push(labelled("changed").with(Role::Plain, words));
    document.lines.extend(changed);
}

/// `14:02:11`, in UTC as all times of the overview.
fn clock(at: Timestamp) -> String {
    at.to_rfc3339().get(11..19).unwrap_or_default().to_owned()
}
