//! `show SESSION ID`: one request, as the detail tabs say it, or its exact bytes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::saved::{Saved, Tried, row_json, tries_json};
use crate::app::args::ShowArgs;
use crate::app::clock;
use crate::app::console::{Console, Done};
use crate::app::judge;
use crate::app::words;
use crate::domain::detail::{self, DetailContext, Reader, Tab};
use crate::domain::exchange::{Attempt, AttemptKind, ExchangeId};
use crate::domain::forward::difference;
use crate::domain::judgement::Rules;
use crate::domain::pretty::{Document, Role};
use crate::domain::printable;
use crate::domain::record::{self, Event};

/// Shows one request.
pub fn run(args: &ShowArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let saved = Saved::open(&args.session, args.config.as_deref(), console)?;
    let tried = saved.tried(ExchangeId(args.id))?;
    let request = &tried.judged.exchange.request;
    if args.body {
        console.exact(&request.body.bytes)?;
    } else if args.raw {
        console.exact(&request.head_bytes())?;
        console.exact(&request.body.bytes)?;
    } else if args.json {
        for unread in &tried.judged.exchange.unread {
            (console.warn)(&format!("not readable: {}", printable::visible_str(unread)));
        }
        writeln!(console.out, "{}", words::safe_json(&json(&saved, &tried)?.to_string()))?;
    } else {
        let color = console.colors(args.color);
        documents(&saved, &tried, color, console)?;
    }
    Ok(Done::Yes)
}

/// Overview, headers, body and what was sent again, one under the other.
fn documents(saved: &Saved, tried: &Tried, color: bool, console: &mut Console<'_>) -> anyhow::Result<()> {
    let judged = &tried.judged;
    let request = &judged.exchange.request;
    let profile = saved.judge.sender(request);
    let context = DetailContext {
        verdict: Some(&judged.verdict),
        summary: Some(&judged.summary),
        tries: &tried.tries,
        first_try: tried.first.as_deref(),
        provider: profile.as_deref().map(judge::provider_words),
        now: clock::now(),
        reader: Reader::Print,
        ..DetailContext::default()
    };
    let attempts = Some(Tab::Attempts).filter(|_| !judged.exchange.attempts.is_empty());
    for tab in [Tab::Overview, Tab::Signature, Tab::Headers, Tab::Body].into_iter().chain(attempts) {
        let document = detail::document(tab, &judged.exchange, &context);
        if tab != Tab::Overview {
            writeln!(console.out)?;
            heading(tab.title(), color, console)?;
        }
        print(document, color, console)?;
    }
    Ok(())
}

fn heading(title: &str, color: bool, console: &mut Console<'_>) -> std::io::Result<()> {
    if color { writeln!(console.out, "\x1b[1m{title}\x1b[0m") } else { writeln!(console.out, "{title}") }
}

/// The lines, then what must be said of them as a whole.
pub(super) fn print(document: Document, color: bool, console: &mut Console<'_>) -> std::io::Result<()> {
    let document = match console.columns {
        Some(columns) => document.wrap_prose(columns),
        None => document,
    };
    for line in &document.lines {
        for span in line.spans() {
            match sgr(span.role).filter(|_| color) {
                Some(code) => write!(console.out, "\x1b[{code}m{}\x1b[0m", span.text)?,
                None => write!(console.out, "{}", span.text)?,
            }
        }
        writeln!(console.out)?;
    }
    for note in &document.notes {
        writeln!(console.out, "[{note}]")?;
    }
    Ok(())
}

/// The terminal's own sixteen colours, so that its owner's palette is kept.
fn sgr(role: Role) -> Option<&'static str> {
    match role {
        Role::Plain | Role::Text => None,
        Role::Dim | Role::Punctuation | Role::Comment | Role::Offset => Some("2"),
        Role::Heading => Some("1"),
        Role::Label | Role::Key | Role::Keyword => Some("36"),
        Role::Number | Role::Literal => Some("35"),
        Role::Control | Role::Note | Role::Warn => Some("33"),
        Role::Good => Some("32"),
        Role::Bad => Some("31"),
        Role::Link => Some("4"),
    }
}

/// The lines of the session file as one object: `request` with the row's fields, `answer`, `attempts`.
fn json(saved: &Saved, tried: &Tried) -> anyhow::Result<Value> {
    let judged = &tried.judged;
    let parse = |event: &Event| serde_json::from_slice::<Value>(&record::encode(event));
    let mut object = row_json(judged);
    let exchange = &judged.exchange;
    let request = parse(&Event::Request(exchange.request.clone()))?;
    let answer = exchange.answer.as_ref().map(|answer| parse(&Event::Answer(answer.clone()))).transpose()?;
    let attempt_json = |attempt: &Arc<Attempt>| {
        let mut value = parse(&Event::Attempt(attempt.clone()))?;
        if let (AttemptKind::Shadow, Some(app), Value::Object(fields)) =
            (attempt.kind, difference::app_side(exchange), &mut value)
        {
            let shadow = difference::side(attempt);
            let differs = difference::between(&app, &shadow).iter().map(ToString::to_string).collect::<Vec<_>>();
            let difference = json!({ "differs": differs, "app_us": app.took_us, "shadow_us": shadow.took_us });
            fields.insert("difference".to_owned(), difference);
        }
        Ok::<_, serde_json::Error>(value)
    };
    let attempts: Result<Vec<_>, _> = exchange.attempts.iter().map(attempt_json).collect();
    let rules = saved.judge.sender(&exchange.request).map(|profile| Rules::of(&profile.delivery)).unwrap_or_default();
    if let Value::Object(fields) = &mut object {
        fields.insert("request".to_owned(), request);
        fields.insert("answer".to_owned(), answer.unwrap_or(Value::Null));
        fields.insert("attempts".to_owned(), Value::Array(attempts?));
        fields.insert("tries".to_owned(), tries_json(tried, &rules));
    }
    Ok(object)
}
