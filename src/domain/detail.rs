//! What each detail tab says of an exchange: one file a tab, each a pure function to a document.

mod answer;
mod attempts;
mod body;
mod changes;
mod forward;
mod headers;
mod overview;
mod raw;
mod signature;
mod tries;

use std::sync::Arc;

use super::exchange::{Exchange, Mark, Request};
use super::headers::Headers;
use super::pretty::{BodyView, Document, Limits, Line, Role, Syntax};
use super::printable::visible_within;
use super::quantity::size;
use super::signature::profile::Delivery;
use super::signature::{Explanation, Verdict};
use super::summary::Summary;
use super::time::Timestamp;

/// A detail tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Anatomy: url, event id, type, token, payload, answer.
    #[default]
    Overview,
    /// The body.
    Body,
    /// The headers.
    Headers,
    /// The signature.
    Signature,
    /// What went back.
    Answer,
    /// What was sent again.
    Attempts,
    /// The bytes.
    Raw,
}

impl Tab {
    /// In the order of the keys `1` to `7`.
    pub const ALL: [Self; 7] =
        [Self::Overview, Self::Body, Self::Headers, Self::Signature, Self::Answer, Self::Attempts, Self::Raw];

    /// The word on the tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Body => "Body",
            Self::Headers => "Headers",
            Self::Signature => "Signature",
            Self::Answer => "Answer",
            Self::Attempts => "Attempts",
            Self::Raw => "Raw",
        }
    }
}

/// What the tabs need beside the exchange itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct DetailContext<'a> {
    /// What the signature check says, when it has run.
    pub verdict: Option<&'a Verdict>,
    /// What more can be said of the signature, for its tab.
    pub explanation: Option<&'a Explanation>,
    /// The row: provider, event type, delivery id and how many times it came, mark.
    pub summary: Option<&'a Summary>,
    /// The rows of its delivery's tries in order, this one among them, when there are several.
    pub tries: &'a [Arc<Summary>],
    /// The request of the first of them, when it is at hand.
    pub first_try: Option<&'a Request>,
    /// What the profile of the provider says of itself.
    pub provider: Option<ProviderWords<'a>>,
    /// How bodies are shown.
    pub view: BodyView,
    /// `http://127.0.0.1:7070`: put in front of the target when the sender named no host. Empty for a saved session.
    pub base_url: &'a str,
    /// The time to tell ages from.
    pub now: Timestamp,
    /// Where it is read.
    pub reader: Reader,
    /// Bounds on what is made of bodies; its width is that of the screen.
    pub limits: Limits,
}

/// Where a document is read: there are tabs on a screen, and everything stands below each other in print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// A tab of the interface.
    #[default]
    Screen,
    /// What a command prints, all tabs below each other: nothing is said twice.
    Print,
}

/// Words from a provider's profile. Ours, not a stranger's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderWords<'a> {
    /// As the provider writes itself: `GitHub`.
    pub title: &'a str,
    /// Where its webhooks are documented; empty when not known.
    pub docs_url: &'a str,
    /// What it does with answers.
    pub delivery: Option<&'a Delivery>,
}

/// The document of a tab, not wrapped yet. Never fails.
pub fn document(tab: Tab, exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    match tab {
        Tab::Overview => overview::document(exchange, context),
        Tab::Body => body::document(exchange, context),
        Tab::Headers => headers::document(exchange),
        Tab::Signature => signature::document(context.verdict, context.explanation),
        Tab::Answer => answer::document(exchange, context),
        Tab::Attempts => attempts::document(exchange, context),
        Tab::Raw => raw::document(exchange, context),
    }
}

/// Columns of the labels in front of values.
const LABEL_COLUMNS: usize = 11;

/// A line that begins with a label; the value is added to it.
fn labelled(label: &str) -> Line {
    let mut line = Line::of(Role::Label, label);
    line.push(Role::Plain, &" ".repeat(LABEL_COLUMNS.saturating_sub(label.len()).max(1)));
    line.hang_here();
    line
}

/// The marks, loud: what must be known before anything else is believed.
fn push_marks(marks: &[Mark], document: &mut Document) {
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

/// Columns of a reason.
const REASON_COLUMNS_MAX: usize = 300;

/// `200 OK`, in the role that fits it. The words are the standard's, not the sender's.
fn push_status(status: u16, line: &mut Line) {
    line.push(status_role(status), &status.to_string());
    let words = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    if let Some(words) = words {
        line.push(status_role(status), &format!(" {words}"));
    }
}

fn status_role(status: u16) -> Role {
    match status {
        200..=299 => Role::Good,
        100..=199 | 300..=399 => Role::Warn,
        _ => Role::Bad,
    }
}

/// Header lines with their names aligned.
fn push_headers(headers: &Headers, indent: usize, document: &mut Document) {
    headers::lines(headers, indent, None, document);
}

/// Adds a document below, with its notes as lines of their own.
fn push_below(below: Document, document: &mut Document) {
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

#[cfg(test)]
mod tests;
