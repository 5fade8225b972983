//! How the app's answer came about: where the request went, how long that took, what was different.

use super::lines::labelled;
use super::{changes, timing};
use crate::domain::exchange::{Attempt, Exchange};
use crate::domain::forward::Forwarded;
use crate::domain::forward::difference::{self, Difference};
use crate::domain::pretty::{Document, Line, Role};
use crate::domain::printable::visible_within;
use crate::domain::quantity::duration_us;

pub(super) fn push_forwarded(forwarded: &Forwarded, exchange: &Exchange, document: &mut Document) {
    let origin = visible_within(forwarded.origin.as_bytes(), 200);
    document.push(labelled("forwarded").with(Role::Plain, "to ").with(Role::Link, origin));
    timing::push(&forwarded.timing, document);
    let mut lines = Vec::new();
    changes::heads(&exchange.request.head_bytes(), &forwarded.head, &mut lines);
    push_changes(lines, document);
}

/// What a shadow answered otherwise than the app.
pub(super) fn push_difference(attempt: &Attempt, exchange: &Exchange, document: &mut Document) {
    let Some(app) = difference::app_side(exchange) else {
        document.push(labelled("compared").with(Role::Dim, "with nothing: the app has not answered yet"));
        return;
    };
    let shadow = difference::side(attempt);
    let all = difference::between(&app, &shadow);
    if app.status.is_err() && shadow.status.is_err() {
        document.push(labelled("compared").with(Role::Dim, "with nothing: neither of the two answered").prose());
    } else if all.is_empty() {
        document
            .push(labelled("compared").with(Role::Good, "the app answered the same: status, headers and body").prose());
    }
    for (at, one) in all.iter().enumerate() {
        let label = if at == 0 { "differs" } else { "" };
        let words = visible_within(one.to_string().as_bytes(), 300);
        document.push(labelled(label).with(Role::Warn, words).prose());
    }
    let times = format!("app {}, shadow {}", duration_us(app.took_us), duration_us(shadow.took_us));
    document.push(labelled("time").with(Role::Number, times));
    if all.iter().any(|one| matches!(one, Difference::Body { .. })) {
        let mut lines = Vec::new();
        changes::bodies((&app.body, &app.headers), (&shadow.body, &shadow.headers), &mut lines);
        // The lengths are said above.
        document.lines.extend(lines.into_iter().skip(1));
    }
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
