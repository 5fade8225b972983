//! How the app's answer came about: where the request went, how long that took, what was different.

use super::{attempts, changes, labelled};
use crate::domain::exchange::Exchange;
use crate::domain::forward::Forwarded;
use crate::domain::pretty::{Document, Line, Role};
use crate::domain::printable::visible_within;

pub(super) fn push_forwarded(forwarded: &Forwarded, exchange: &Exchange, document: &mut Document) {
    let origin = visible_within(forwarded.origin.as_bytes(), 200);
    document.push(labelled("forwarded").with(Role::Plain, "to ").with(Role::Link, origin));
    attempts::push_timing(&forwarded.timing, document);
    let mut lines = Vec::new();
    changes::heads(&exchange.request.head_bytes(), &forwarded.head, &mut lines);
    push_changes(lines, document);
}

/// What was different in the head; the body never is.
pub(super) fn push_changes(lines: Vec<Line>, document: &mut Document) {
    if lines.is_empty() {
        document.push(labelled("sent").with(Role::Plain, "byte for byte as it came"));
        return;
    }
    document.push(labelled("sent").with(Role::Plain, "the body as it came, the head with these changes").prose());
    document.lines.extend(lines);
}
