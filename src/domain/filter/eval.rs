//! Whether a row and its request are let through: yes, no, or not to be told without the request.

use super::super::exchange::Request;
use super::super::form::percent_decoded;
use super::super::reply::ChosenBy;
use super::super::summary::Summary;
use super::node::Node;
use super::pattern::Pattern;
use super::term::{Flag, NumberField, StatusTest, Term, TextField};

impl Node {
    /// `None`: the request decides, and it was not given.
    pub(super) fn eval(&self, summary: &Summary, request: Option<&Request>) -> Option<bool> {
        match self {
            // A sure "no" wins over an unknown, so that most rows are decided without their request.
            Self::All(nodes) => fold(nodes, summary, request, false),
            Self::Any(nodes) => fold(nodes, summary, request, true),
            Self::Not(node) => node.eval(summary, request).map(|holds| !holds),
            Self::Term(term) => term.eval(summary, request),
        }
    }

    pub(super) fn needs_request(&self) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::needs_request),
            Self::Not(node) => node.needs_request(),
            Self::Term(term) => matches!(term, Term::Header(_) | Term::Body(_) | Term::Free(_)),
        }
    }

    pub(super) fn looks_at_answer(&self) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::looks_at_answer),
            Self::Not(node) => node.looks_at_answer(),
            Self::Term(Term::Status(_) | Term::Text(TextField::Judged, _)) => true,
            Self::Term(Term::Is(flag)) => matches!(flag, Flag::Answered | Flag::Handshake),
            Self::Term(_) => false,
        }
    }
}

/// `decisive` as soon as one node is that; unknown when one is unknown; else the opposite.
fn fold(nodes: &[Node], summary: &Summary, request: Option<&Request>, decisive: bool) -> Option<bool> {
    let mut result = Some(!decisive);
    for node in nodes {
        match node.eval(summary, request) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

impl Term {
    fn eval(&self, summary: &Summary, request: Option<&Request>) -> Option<bool> {
        match self {
            Self::Text(field, pattern) => Some(text(*field, pattern, summary)),
            Self::Path(pattern) => Some(path(pattern, &summary.target)),
            Self::Status(test) => {
                let status = summary.answer.and_then(|answer| answer.status);
                Some(match (test, status) {
                    (StatusTest::None, status) => status.is_none(),
                    (StatusTest::Range(range), Some(status)) => range.holds(u64::from(status)),
                    (StatusTest::Range(_), None) => false,
                })
            }
            Self::Number(NumberField::Id, range) => Some(range.holds(summary.id.0)),
            Self::Number(NumberField::Size, range) => Some(range.holds(summary.size_bytes)),
            Self::Is(flag) => Some(is(*flag, summary)),
            Self::Header(pattern) => request.map(|request| header(pattern, request)),
            Self::Body(pattern) => request.map(|request| pattern.is_within_bytes(&request.body.bytes)),
            Self::Free(pattern) => {
                if row(pattern, summary) {
                    return Some(true);
                }
                request.map(|request| header(pattern, request) || pattern.is_within_bytes(&request.body.bytes))
            }
        }
    }
}

fn text(field: TextField, pattern: &Pattern, summary: &Summary) -> bool {
    let value = match field {
        TextField::Method => Some(&*summary.method),
        TextField::Verdict => summary.verdict.map(|(outcome, _)| outcome.as_str()),
        TextField::Cause => summary.verdict.and_then(|(_, cause)| cause).map(|cause| cause.as_str()),
        TextField::Provider => summary.provider.as_deref(),
        TextField::Type => summary.event_type.as_deref(),
        TextField::Delivery => summary.delivery.as_deref(),
        TextField::Peer => Some(&*summary.peer),
        TextField::Judged => summary.judgement.map(|judgement| judgement.says.as_str()),
    };
    pattern.is_whole(value.unwrap_or("none"))
}

fn path(pattern: &Pattern, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let fits =
        |path: &str| if pattern.as_literal().is_none() { pattern.is_whole(path) } else { pattern.is_within(path) };
    fits(path) || decoded(path).is_some_and(|path| fits(&path))
}

/// The text that percent signs stand for, as one would type it; `None` where there are none, or they stand for no text.
fn decoded(text: &str) -> Option<String> {
    String::from_utf8(percent_decoded(text.as_bytes())?).ok()
}

fn header(pattern: &Pattern, request: &Request) -> bool {
    [&request.headers, &request.trailers].into_iter().flatten().any(|header| {
        let line = [&header.name[..], b": ", &header.value[..]].concat();
        pattern.is_within_bytes(&line)
    })
}

fn row(pattern: &Pattern, summary: &Summary) -> bool {
    let optional = [&summary.event_type, &summary.delivery, &summary.provider].into_iter().flatten();
    [&summary.method, &summary.target].into_iter().chain(optional).any(|text| pattern.is_within(text))
        || decoded(&summary.target).is_some_and(|target| pattern.is_within(&target))
}

fn is(flag: Flag, summary: &Summary) -> bool {
    match flag {
        Flag::Marked => summary.marked,
        Flag::Refused => summary.refused,
        Flag::Cut => summary.cut,
        Flag::Answered => summary.answer.is_some_and(|answer| answer.status.is_some()),
        Flag::Retried => summary.delivery_count > 1,
        Flag::Resent => summary.attempts > 0,
        Flag::Handshake => {
            summary.answer.is_some_and(|answer| matches!(answer.by, ChosenBy::Handshake | ChosenBy::Unmet))
        }
    }
}
