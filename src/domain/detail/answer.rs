//! What went back: status, the rule that chose it, the time, headers and body.

use super::context::DetailContext;
use super::lines::{labelled, push_below, push_status};
use super::{forward, headers};
use crate::domain::exchange::{Answer, AnswerOutcome, Exchange};
use crate::domain::judgement::handshake::met;
use crate::domain::judgement::{Fit, Rules, Says, Then};
use crate::domain::pretty::{self, Document, Line, Role};
use crate::domain::printable::{visible_str, visible_within};
use crate::domain::quantity::{counted, duration_us, size};
use crate::domain::reply::Choice;
use crate::domain::signature::handshake;
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::time::Timestamp;

pub(super) fn document(exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let mut document = Document::new();
    let Some(answer) = &exchange.answer else {
        document.push(match lost(exchange, context) {
            Some(words) => Line::of(Role::Warn, words).prose(),
            None => Line::of(Role::Dim, "not answered yet"),
        });
        push_waiting(context, &mut document);
        return document;
    };
    let mut status = Line::new();
    push_outcome(answer, &mut status);
    document.push(status);
    push_judgement(exchange, context, &mut document);
    push_refusals(answer, &mut document);
    document.push(Line::new());
    document.push(labelled("chosen by").with(Role::Plain, visible_within(answer.rule.as_bytes(), 200)));
    push_choice(answer, &mut document);
    if let Some(forwarded) = answer.choice.as_ref().and_then(|choice| choice.forwarded.as_deref()) {
        forward::push_forwarded(forwarded, exchange, &mut document);
    }
    let brief = AnswerBrief::of(answer, &exchange.request);
    document.push(labelled("after").with(Role::Number, duration_us(brief.answer_us)));
    if let Some(begun) = answer.begun {
        let took = answer.done.micros_since(begun);
        document.push(labelled("sending").with(Role::Number, duration_us(took)));
    }
    document.push(labelled("size").with(Role::Number, size(answer.body.length_bytes)));
    if answer.status.is_none() {
        return document;
    }
    document.push(Line::new());
    document.push(Line::of(Role::Heading, "headers"));
    headers::lines(&answer.headers, 2, None, &mut document);
    document.push(Line::of(Role::Dim, "  date and content-length are added on the way out").prose());
    document.push(Line::new());
    if answer.body.is_empty() {
        document.push(Line::of(Role::Dim, "empty body"));
    } else {
        document.push(Line::of(Role::Heading, "body"));
        push_below(pretty::body(&answer.body, &answer.headers, context.view, context.limits), &mut document);
    }
    document
}

/// What is to be said where nobody will ever say what went back.
pub(super) fn lost(exchange: &Exchange, context: &DetailContext<'_>) -> Option<&'static str> {
    context.summary.filter(|row| row.is_answer_lost)?;
    Some(match exchange.request.peer {
        None => "not known: it was imported without one",
        Some(_) => {
            "not known: the listener ended (killed, perhaps) before it wrote what it answered, so the sender may have got an \
             answer or none"
        }
    })
}

/// What a guard that turns nobody away would have done: nearer to the status than the rules that were passed over.
pub(super) fn push_refusals(answer: &Answer, document: &mut Document) {
    let notes = answer.choice.iter().flat_map(|choice| &choice.notes).filter(|note| Choice::is_would_refuse(note));
    for words in notes.take(LINES_MAX) {
        document.push(labelled("guard").with(Role::Warn, visible_within(words.as_bytes(), 600)).prose());
    }
}

/// Why this answer, and what else is to be said of it.
pub(super) fn push_choice(answer: &Answer, document: &mut Document) {
    let Some(choice) = &answer.choice else { return };
    if let Some(step) = choice.step {
        document.push(labelled("step").with(Role::Number, format!("{} of {}", step.number, step.of)));
    }
    let shown = choice.passed.iter().take(LINES_MAX);
    for (at, words) in shown.enumerate() {
        let label = if at == 0 { "passed over" } else { "" };
        document.push(labelled(label).with(Role::Dim, visible_within(words.as_bytes(), 300)).prose());
    }
    if choice.passed.len() > LINES_MAX {
        document.push(labelled("").with(Role::Dim, format!("and {} more", choice.passed.len() - LINES_MAX)));
    }
    for words in choice.notes.iter().filter(|note| !Choice::is_would_refuse(note)).take(LINES_MAX) {
        document.push(labelled("note").with(Role::Warn, visible_within(words.as_bytes(), 600)).prose());
    }
}

/// Lines of each kind, at most.
const LINES_MAX: usize = 50;

/// What the provider thinks of the answer, and what it does then.
pub(super) fn push_judgement(exchange: &Exchange, context: &DetailContext<'_>, document: &mut Document) {
    let (Some(answer), Some(row), Some(provider)) = (&exchange.answer, context.summary, context.provider) else {
        return;
    };
    let (Some(judgement), Some(delivery)) = (row.judgement, provider.delivery) else { return };
    let role = match judgement.says {
        Says::Accepted => Role::Good,
        Says::Depends => Role::Plain,
        Says::TooLate | Says::Redirect | Says::Disables | Says::Failed | Says::NoAnswer => Role::Warn,
    };
    let brief = AnswerBrief::of(answer, &exchange.request);
    let Some(given) = brief.given(answer, Some(row.delivery_number)) else { return };
    let shake = handshake::find(provider.handshakes, &exchange.request)
        .filter(|shake| judgement.says != Says::Accepted || met(shake, &exchange.request, &given) == Fit::Yes)
        .filter(|_| Rules::of(delivery).judge(&given).is_some_and(|plain| plain.says == Says::Accepted));
    let words = match shake {
        Some(shake) => judgement.handshake_words(&visible_str(provider.title), shake),
        None => judgement.words(provider.title, delivery, &given),
    };
    document.push(labelled("judged").with(role, words).prose());
    let then = match row.delivery_count.checked_sub(row.delivery_number) {
        // It is no longer a question.
        Some(later @ 1..) if judgement.then != Then::Done => came_again(row, context, later),
        // Nor is this one.
        _ if judgement.then.next().is_some_and(|at| at <= context.now) => {
            let at = judgement.then.next().map(|at| time(at, context.now)).unwrap_or_default();
            format!("expected again at {at}, which is over: no further try came")
        }
        _ => judgement.then_words(delivery, &given, |at| clock(at, context.now)),
    };
    if !then.is_empty() {
        document.push(labelled("then").with(Role::Plain, then).prose());
    }
}

/// `came again as #9 after 61 s, 3 times since`.
fn came_again(row: &Summary, context: &DetailContext<'_>, later: u32) -> String {
    let next = context.tries.iter().find(|other| other.delivery_number == row.delivery_number.saturating_add(1));
    let since = counted(later as usize, "time");
    match next {
        Some(next) if later == 1 => {
            format!("came again as #{} after {}", next.id, duration_us(next.at.micros_since(row.at)))
        }
        Some(next) => {
            let gap = duration_us(next.at.micros_since(row.at));
            format!("came again as #{} after {gap}, {since} since", next.id)
        }
        None => format!("came again, {since} since"),
    }
}

/// `14:02:11 UTC (in 58 s)`.
fn clock(at: Timestamp, now: Timestamp) -> String {
    match at.micros_since(now) {
        0 => time(at, now),
        left_us => format!("{} (in {})", time(at, now), duration_us(left_us)),
    }
}

/// `14:02:11 UTC`, with the day when it is another one.
fn time(at: Timestamp, now: Timestamp) -> String {
    let (text, today) = (at.to_rfc3339(), now.to_rfc3339());
    let is_today = text.get(..10) == today.get(..10);
    let time = if is_today { text.get(11..19) } else { text.get(..19) }.unwrap_or_default().replace('T', " ");
    format!("{time} UTC")
}

/// What is going to go, by which rule and when.
pub(super) fn push_waiting(context: &DetailContext<'_>, document: &mut Document) {
    let Some(waiting) = context.waiting else { return };
    document.push(labelled("chosen by").with(Role::Plain, visible_within(waiting.rule.as_bytes(), 200)));
    let when = match waiting.until {
        None => String::new(),
        Some(at) if at <= context.now => " now".to_owned(),
        Some(at) => format!(" in {}, at {}", duration_us(at.micros_since(context.now)), time(at, context.now)),
    };
    let what = visible_within(waiting.what.as_bytes(), 300);
    document.push(labelled("goes").with(Role::Plain, format!("{what}{when}")).prose());
}

/// The status, or why there is none.
pub(super) fn push_outcome(answer: &Answer, line: &mut Line) {
    if let Some(status) = answer.status {
        push_status(status, line);
    }
    if let Some(wrong) = answer.choice.as_ref().and_then(|choice| choice.wrong)
        && matches!(answer.outcome, AnswerOutcome::Broken | AnswerOutcome::Reset | AnswerOutcome::NeverAnswered)
    {
        let joint = if answer.status.is_some() { ", " } else { "" };
        line.push(Role::Warn, &format!("{joint}{}", wrong.words(answer.body.length_bytes)));
        return;
    }
    let was_cut_short = answer.rule.ends_with("; cut short: the listener stopped");
    let is_app = answer.choice.as_ref().is_some_and(|choice| choice.forwarded.is_some());
    let words = match (answer.outcome, answer.status) {
        (AnswerOutcome::Sent, _) => return,
        (AnswerOutcome::Broken, Some(_)) if is_app => ", broken off, because the app's answer was",
        (AnswerOutcome::SenderLeft, Some(_)) => ", but the sender had left before it was whole",
        (AnswerOutcome::SenderLeft, None) => "no answer: the sender left first",
        (AnswerOutcome::Broken, Some(_)) if was_cut_short => ", cut short: the listener stopped",
        (AnswerOutcome::Reset, _) => "connection reset on purpose",
        (AnswerOutcome::Unread, _) => ", but the sender did not take it in time: the connection was reset",
        (AnswerOutcome::Broken, Some(_)) => ", broken on purpose",
        (AnswerOutcome::Broken, None) => "broken on purpose",
        (AnswerOutcome::NeverAnswered, _) if answer.rule == "refused" => "none: no answer can be given to what this is",
        (AnswerOutcome::NeverAnswered, _) => "never answered, on purpose",
    };
    line.push(Role::Warn, words);
}
