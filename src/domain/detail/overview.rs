//! The anatomy: what is wrong first, then what came, who sent it, what the signature says, what went back, the payload.

use super::context::{DetailContext, ProviderWords, Reader};
use super::lines::{labelled, push_below, push_marks, push_unread, status_role};
use super::{answer, compared, tries};
use crate::domain::body::{content_codings, media_type};
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, Exchange, Request};
use crate::domain::form::percent_decoded;
use crate::domain::handshake::Visit;
use crate::domain::pretty::{self, BodyView, Document, Limits, Line, Role};
use crate::domain::printable::{self, visible_within};
use crate::domain::quantity::{counted, duration_us, size};
use crate::domain::signature::{Outcome, Profiles, Verdict};
use crate::domain::summary::AnswerBrief;

/// Lines of the payload at a glance.
const GLANCE_LINES: usize = 14;
/// Bytes of the payload that the glance looks at.
const GLANCE_BYTES_MAX: usize = 64 << 10;
/// Columns of each value.
const VALUE_COLUMNS_MAX: usize = 400;

pub(super) fn document(exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let request = &exchange.request;
    let mut document = Document::new();
    push_marks(&request.marks, &mut document);
    push_unread(&exchange.unread, &mut document);
    if request.refused().is_some() {
        push_refused(request, context, &mut document);
        return document;
    }
    document.push(request_line(request));
    if let Some(verdict) = context.verdict {
        push_verdict(verdict, &mut document);
    }
    compared::push(request, context, &mut document);
    document.push(Line::new());
    push_sender(context, &mut document);
    push_arrival(request, context, &mut document);
    document.push(Line::new());
    push_answer(exchange, context, &mut document);
    push_visit(request, context, &mut document);
    push_attempts(exchange, context, &mut document);
    tries::push(exchange, context, &mut document);
    document.lines = document.lines.into_iter().map(Line::prose).collect();
    if context.reader == Reader::Screen {
        document.push(Line::new());
        push_glance(request, context, &mut document);
    }
    document
}

fn request_line(request: &Request) -> Line {
    let mut line = Line::new();
    line.push(Role::Heading, &visible_within(&request.method, 40));
    line.push(Role::Plain, " ");
    line.with_bytes(Role::Heading, request.target.get(..2000).unwrap_or(&request.target))
}

fn push_refused(request: &Request, context: &DetailContext<'_>, document: &mut Document) {
    document.push(Line::new());
    push_arrival(request, context, document);
    document.push(Line::new());
    let bytes = request.raw_head.as_deref().unwrap_or_default();
    document.push(Line::of(Role::Heading, "first bytes"));
    let limits = Limits { shown_bytes_max: 1024, lines_max: GLANCE_LINES, ..context.limits };
    push_below(pretty::exact_head(bytes, limits), document);
}

/// The outcome and its cause in one loud line, then what it means.
pub(super) fn push_verdict(verdict: &Verdict, document: &mut Document) {
    let role = match verdict.outcome {
        Outcome::Valid => Role::Good,
        Outcome::Invalid => Role::Bad,
        Outcome::Unsigned | Outcome::Unknown => Role::Warn,
    };
    let mut line = Line::of(role, format!("{} signature {}", verdict.outcome.symbol(), verdict.outcome.as_str()));
    if let Some(cause) = verdict.cause {
        line.push(role, &format!(": {}", cause.as_str()));
    }
    document.push(Line::new());
    document.push(line);
    if !verdict.detail.is_empty() {
        let detail = visible_within(verdict.detail.as_bytes(), 600);
        document.push(Line::of(Role::Plain, "  ").with(Role::Plain, detail).prose());
    }
}

/// Provider, event type, delivery.
fn push_sender(context: &DetailContext<'_>, document: &mut Document) {
    let Some(summary) = context.summary else { return };
    match (&context.provider, &summary.provider) {
        (Some(words), _) => push_provider(words, document),
        (None, Some(name)) => document.push(labelled("provider").with(Role::Plain, name)),
        (None, None) => document.push(labelled("provider").with(Role::Dim, "not recognised")),
    }
    if let Some(event_type) = &summary.event_type {
        document.push(labelled("event").with(Role::Text, event_type));
    }
    if let Some(delivery) = &summary.delivery {
        let mut line = labelled("delivery").with(Role::Text, delivery);
        if summary.delivery_count > 1 {
            line.push(Role::Warn, &format!("  came {} times", summary.delivery_count));
        }
        document.push(line);
    }
    if summary.marked {
        document.push(labelled("mark").with(Role::Warn, "marked"));
    }
}

fn push_provider(words: &ProviderWords<'_>, document: &mut Document) {
    let mut line = labelled("provider").with(Role::Plain, printable::visible_str(words.title));
    if !words.docs_url.is_empty() {
        line = line.with(Role::Plain, "  ").with(Role::Link, printable::visible_str(words.docs_url));
    }
    document.push(line);
    let Some(delivery) = words.delivery else { return };
    let deadline = match delivery.deadline_ms {
        Some(millis) => duration_us(u64::from(millis) * 1000),
        None => "none documented".to_owned(),
    };
    for (label, text) in [("deadline", deadline.as_str()), ("retries", &delivery.retries)] {
        if !text.is_empty() {
            document.push(labelled(label).with(Role::Plain, printable::visible_str(text)).prose());
        }
    }
}

/// URL, sender's address, time, type and size.
fn push_arrival(request: &Request, context: &DetailContext<'_>, document: &mut Document) {
    if request.refused().is_none() {
        document.push(labelled("url").with(Role::Link, url(request, context.base_url)));
    }
    if let Some(path) = decoded_path(request) {
        document.push(labelled("decoded").with(Role::Dim, path));
    }
    if let Some(query) = request.query().filter(|query| !query.is_empty()) {
        let count = query.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).count();
        document.push(labelled("query").with(Role::Plain, counted(count, "parameter")));
    }
    let mut from = labelled("from");
    match request.peer {
        Some(peer) => from.push(Role::Plain, &peer.to_string()),
        None => from.push(Role::Dim, "imported"),
    }
    if request.refused().is_none() {
        from.push(Role::Dim, &format!("  HTTP/{}", request.version.as_str()));
    }
    if let Some(agent) = request.headers.get("user-agent") {
        from.push(Role::Dim, "  ");
        from.push(Role::Dim, &visible_within(agent, 100));
    }
    document.push(from);
    let mut at = labelled("at").with(Role::Plain, clock(request));
    at.push(Role::Dim, &format!("  {}", context.age(request.first_byte)));
    document.push(at);
    if request.refused().is_some() {
        return;
    }
    let mut body = labelled("body");
    if request.body.length_bytes == 0 {
        body.push(Role::Dim, "none");
    } else {
        body.push(Role::Number, &size(request.body.length_bytes));
        let kept = request.body.bytes.len() as u64;
        if kept < request.body.length_bytes {
            body.push(Role::Bad, &format!(", {} of it kept", size(kept)));
        }
        let media_type = media_type(&request.headers);
        let words = if media_type.is_empty() {
            "no content type".to_owned()
        } else {
            visible_within(media_type.as_bytes(), 80)
        };
        body.push(Role::Plain, &format!("  {words}"));
        if request.body_complete_us > 0 {
            body.push(Role::Dim, &format!("  whole in {}", duration_us(request.body_complete_us)));
        }
        let codings = content_codings(&request.headers).join(", ");
        if !codings.is_empty() {
            body.push(Role::Warn, &format!("  {}", visible_within(codings.as_bytes(), 60)));
        }
    }
    document.push(body);
    let trailers = if request.trailers.is_empty() { "" } else { ", and trailers" };
    document.push(labelled("headers").with(Role::Plain, format!("{}{trailers}", request.headers.len())));
}

/// The URL as the sender meant it: its own host where it named one.
fn url(request: &Request, base_url: &str) -> String {
    let path = visible_within(request.path_and_query(), VALUE_COLUMNS_MAX);
    if !request.target.starts_with(b"/") && request.target.windows(3).any(|window| window == b"://") {
        return visible_within(&request.target, VALUE_COLUMNS_MAX);
    }
    let base = match request.host() {
        Some(host) if !host.is_empty() => {
            let scheme = request.pseudo.get_str(":scheme").unwrap_or("http");
            format!("{}://{}", printable::visible_str(scheme), visible_within(host.as_bytes(), 200))
        }
        _ => base_url.to_owned(),
    };
    format!("{base}{path}")
}

/// The path that its percent signs stand for, to be read: `/café` for `/caf%C3%A9`. `None` where they stand for no text.
fn decoded_path(request: &Request) -> Option<String> {
    let bytes = percent_decoded(request.path())?;
    std::str::from_utf8(&bytes).is_ok().then(|| visible_within(&bytes, VALUE_COLUMNS_MAX))
}

/// `2026-11-22 02:30:00.123 UTC`.
fn clock(request: &Request) -> String {
    let text = request.first_byte.to_rfc3339();
    match (text.get(..10), text.get(11..23)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => text,
    }
}

fn push_answer(exchange: &Exchange, context: &DetailContext<'_>, document: &mut Document) {
    let Some(answer) = &exchange.answer else {
        document.push(match answer::lost(exchange, context) {
            Some(words) => labelled("answer").with(Role::Warn, words).prose(),
            None => labelled("answer").with(Role::Dim, "none yet"),
        });
        answer::push_waiting(context, document);
        return;
    };
    let mut line = labelled("answer");
    answer::push_outcome(answer, &mut line);
    let brief = AnswerBrief::of(answer, &exchange.request);
    line.push(Role::Dim, &format!("  after {}", duration_us(brief.answer_us)));
    line.push(Role::Dim, &format!(", by {}", visible_within(answer.rule.as_bytes(), 100)));
    document.push(line);
    answer::push_judgement(exchange, context, document);
    answer::push_refusals(answer, document);
    answer::push_choice(answer, document);
}

/// The URL that a handshake wants to be fetched: nothing here does so by itself.
fn push_visit(request: &Request, context: &DetailContext<'_>, document: &mut Document) {
    let Some(visit) = Visit::of(Profiles::builtin(), request) else { return };
    let url = visible_within(visit.url.as_bytes(), VALUE_COLUMNS_MAX);
    document.push(labelled("confirm").with(Role::Link, url));
    let words = match context.reader {
        Reader::Screen => "it is fetched when you press u and say yes: that confirms the subscription",
        Reader::Print => "fetch it to confirm the subscription: nothing here does so by itself",
    };
    document.push(labelled("").with(Role::Dim, words).prose());
}

fn push_attempts(exchange: &Exchange, context: &DetailContext<'_>, document: &mut Document) {
    let of = |kinds: &[AttemptKind]| {
        exchange
            .attempts
            .iter()
            .map(AsRef::as_ref)
            .filter(|one: &&Attempt| kinds.contains(&one.kind))
            .collect::<Vec<_>>()
    };
    let resends = of(&[AttemptKind::Resend, AttemptKind::Probe]);
    if !resends.is_empty() {
        let line = labelled("sent again").with(Role::Plain, counted(resends.len(), "time"));
        document.push(with_last(line, &resends, context));
    }
    let others = of(&[AttemptKind::Forward, AttemptKind::Copy, AttemptKind::Shadow, AttemptKind::Callback]);
    let kinds = [
        (AttemptKind::Forward, "to the app"),
        (AttemptKind::Copy, "to another app"),
        (AttemptKind::Shadow, "to a shadow"),
        (AttemptKind::Callback, "to call back"),
    ];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter_map(|(kind, to)| match others.iter().filter(|one| one.kind == kind).count() {
            0 => None,
            1 => Some(format!("once {to}")),
            count => Some(format!("{count} times {to}")),
        })
        .collect();
    if !parts.is_empty() {
        document.push(with_last(labelled("sent on").with(Role::Plain, parts.join(", ")), &others, context));
    }
}

/// Adds what came of the last of them.
fn with_last(mut line: Line, attempts: &[&Attempt], context: &DetailContext<'_>) -> Line {
    let Some(last) = attempts.last() else { return line };
    match &last.outcome {
        AttemptOutcome::Answered { status, .. } => {
            line.push(Role::Plain, ", last ");
            line.push(status_role(*status), &status.to_string());
            line.push(Role::Dim, &format!("  in {}", duration_us(last.timing.total_us)));
        }
        AttemptOutcome::Failed { .. } => line.push(Role::Bad, ", last without an answer"),
    }
    line.push(Role::Dim, &format!("  {}", context.age(last.at)));
    line.prose()
}

/// The first lines of the body, and how to see the rest.
fn push_glance(request: &Request, context: &DetailContext<'_>, document: &mut Document) {
    if request.body.is_empty() {
        return;
    }
    document.push(Line::of(Role::Heading, "payload"));
    let limits = Limits {
        shown_bytes_max: GLANCE_BYTES_MAX,
        lines_max: GLANCE_LINES + 1,
        decoded_bytes_max: GLANCE_BYTES_MAX + 1,
        ..context.limits
    };
    let mut glance = pretty::body(&request.body, &request.headers, BodyView::Pretty, limits);
    let is_more = glance.lines.len() > GLANCE_LINES;
    glance.lines.truncate(GLANCE_LINES);
    document.lines.append(&mut glance.lines);
    if is_more {
        document.push(Line::of(Role::Dim, "… the rest is on the Body tab"));
    }
}
