//! What was sent again, newest first: where to, what came back, where the time went, what was different.

use super::context::DetailContext;
use super::lines::{labelled, push_below, push_marks, push_unread, status_role};
use super::{changes, forward, headers, timing};
use crate::domain::body::Body;
use crate::domain::callback;
use crate::domain::exchange::{Answer, Attempt, AttemptKind, AttemptOutcome, Exchange, Request, SignatureChoice};
use crate::domain::headers::Headers;
use crate::domain::pretty::{self, Document, Limits, Line, Role};
use crate::domain::printable::{visible, visible_within};
use crate::domain::quantity::{counted, duration_us};
use crate::domain::reply::ChosenBy;

pub(super) fn document(exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let mut document = Document::new();
    push_unread(&exchange.unread, &mut document);
    if exchange.attempts.is_empty() {
        document.push(
            Line::of(Role::Dim, "not sent again yet: r sends it as it came, e edits it first, T says where to").prose(),
        );
        if let Some(row) = context.summary.filter(|row| row.delivery_count > 1) {
            let came = counted(row.delivery_count as usize, "time");
            let words = format!(
                "the provider's own tries are not these: the delivery came {came}, see its tries in the Overview"
            );
            document.push(Line::of(Role::Dim, words).prose());
        }
        return document;
    }
    for (index, attempt) in exchange.attempts.iter().rev().enumerate() {
        if index > 0 {
            document.push(Line::new());
        }
        // The newest is what one looks at; of the others, however many, the beginning.
        let limits = if index == 0 { context.limits } else { older(context.limits) };
        push_attempt(attempt, exchange, &DetailContext { limits, ..*context }, &mut document);
    }
    document
}

/// Bounds on the answer of an attempt that is not the newest.
fn older(limits: Limits) -> Limits {
    Limits { shown_bytes_max: 4 << 10, lines_max: 40, decoded_bytes_max: 64 << 10, ..limits }
}

fn push_attempt(attempt: &Attempt, exchange: &Exchange, context: &DetailContext<'_>, document: &mut Document) {
    let mut title = Line::of(Role::Heading, format!("attempt {}{}", attempt.number, kind_words(attempt.kind)));
    title.push(Role::Dim, &format!("  {}", context.age(attempt.at)));
    if !attempt.sent.origin.is_empty() {
        title.push(Role::Plain, "  to ");
        title.push(Role::Link, &visible_within(attempt.sent.origin.as_bytes(), 200));
    }
    // An address that does not fit behind the rest stands below it whole.
    document.push(title.prose());
    let not_called = callback::not_called(attempt);
    match &attempt.outcome {
        AttemptOutcome::Failed { message } => {
            let (what, why) = not_called.map_or(("no answer", message.as_str()), |why| ("not called", why));
            let mut line = Line::of(Role::Bad, what).with(Role::Plain, "  ");
            line.hang_here();
            document.push(line.with(Role::Plain, visible(why.as_bytes())).prose());
        }
        AttemptOutcome::Answered { version, status, reason, marks, .. } => {
            let mut line = Line::of(status_role(*status), status.to_string());
            line.push(status_role(*status), &format!(" {}", visible_within(reason, 80)));
            line.push(Role::Dim, &format!("  HTTP/{}, {}", version.as_str(), duration_us(attempt.timing.total_us)));
            document.push(line);
            push_marks(marks, document);
        }
    }
    if attempt.kind == AttemptKind::Callback {
        push_callback_rule(exchange, document);
        if not_called.is_none() {
            timing::push(&attempt.timing, document);
        }
        push_sent(attempt, context, document);
    } else {
        document.push(labelled("signature").with(Role::Plain, signature_words(attempt.signature)));
        timing::push(&attempt.timing, document);
        if attempt.kind == AttemptKind::Shadow {
            forward::push_difference(attempt, exchange, document);
        }
        push_changes(attempt, &exchange.request, document);
    }
    if let AttemptOutcome::Answered { headers, body, .. } = &attempt.outcome {
        document.push(Line::of(Role::Label, "answered with"));
        headers::lines(headers, 2, None, document);
        if body.is_empty() {
            document.push(Line::of(Role::Dim, "empty body"));
        } else {
            push_below(pretty::body(body, headers, context.view, context.limits), document);
        }
    }
}

/// Whose callback it is. An answer given by hand says nothing of the rule.
fn push_callback_rule(exchange: &Exchange, document: &mut Document) {
    let is_by_hand = |answer: &Answer| answer.choice.as_ref().is_some_and(|choice| choice.by == ChosenBy::Hand);
    if let Some(answer) = exchange.answer.as_deref().filter(|answer| !is_by_hand(answer)) {
        document.push(labelled("asked by").with(Role::Plain, visible_within(answer.rule.as_bytes(), 200)));
    }
}

/// Why it was made, unless the user sent it again.
const fn kind_words(kind: AttemptKind) -> &'static str {
    match kind {
        AttemptKind::Resend => "",
        AttemptKind::Forward => ", forwarded",
        AttemptKind::Copy => ", forwarded to one more",
        AttemptKind::Shadow => ", forwarded to a shadow",
        AttemptKind::Callback => ", callback of a rule",
        AttemptKind::Probe => ", one of a probe",
    }
}

const fn signature_words(choice: SignatureChoice) -> &'static str {
    match choice {
        SignatureChoice::Kept => "kept as it came",
        SignatureChoice::Resigned => "made anew with the configured secret",
        SignatureChoice::Broken => "broken on purpose",
    }
}

/// What went out, where it is another request than the one that came.
fn push_sent(attempt: &Attempt, context: &DetailContext<'_>, document: &mut Document) {
    if attempt.sent.head.is_empty() {
        return;
    }
    let label = if callback::not_called(attempt).is_some() { "would have been called with" } else { "called with" };
    document.push(Line::of(Role::Label, label));
    let head = attempt.sent.head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut headers = Headers::new();
    for (at, line) in head.filter(|line| !line.is_empty()).enumerate() {
        if at == 0 {
            document.push(Line::of(Role::Plain, format!("  {}", visible_within(line, 400))));
        }
        if let Some(colon) = line.iter().position(|byte| *byte == b':').filter(|_| at > 0) {
            let (name, value) = line.split_at(colon);
            headers.push(name.to_vec(), value.get(1..).unwrap_or_default().trim_ascii().to_vec());
        }
    }
    headers::lines(&headers, 2, None, document);
    if !attempt.sent.body.is_empty() {
        let body = Body::whole(attempt.sent.body.clone());
        push_below(pretty::body(&body, &headers, context.view, context.limits), document);
    }
}

/// What went out that had not come in, and the other way round.
fn push_changes(attempt: &Attempt, request: &Request, document: &mut Document) {
    let mut changes = Vec::new();
    changes::heads(&request.head_bytes(), &attempt.sent.head, &mut changes);
    if attempt.kind.is_forwarded() {
        forward::push_changes(changes, document);
        return;
    }
    let sent = Body::whole(attempt.sent.body.clone());
    let came = Body::whole(request.body.bytes.clone());
    changes::bodies((&came, &request.headers), (&sent, &request.headers), &mut changes);
    if changes.is_empty() {
        document.push(labelled("sent").with(Role::Plain, "byte for byte as it came"));
        return;
    }
    document.push(labelled("sent").with(Role::Plain, "with these changes"));
    document.lines.extend(changes);
}
