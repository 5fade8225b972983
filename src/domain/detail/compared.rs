//! What is different from another request that the user chose: the lines of both heads and bodies.

use super::changes;
use super::context::DetailContext;
use super::lines::labelled;
use crate::domain::exchange::Request;
use crate::domain::pretty::{Document, Line, Role};
use crate::domain::printable::visible_within;

/// Columns of the other one's target.
const TARGET_COLUMNS_MAX: usize = 200;

/// Adds what differs, `-` being the other one's and `+` this one's.
pub(super) fn push(request: &Request, context: &DetailContext<'_>, document: &mut Document) {
    let Some(other) = context.compared else { return };
    let words = if other.id == request.id {
        "with others: this is the request that they are compared with".to_owned()
    } else {
        let (method, target) = (visible_within(&other.method, 40), visible_within(&other.target, TARGET_COLUMNS_MAX));
        format!("with #{} {method} {target}", other.id)
    };
    document.push(Line::new());
    document.push(labelled("compared").with(Role::Heading, words));
    if other.id == request.id {
        return;
    }
    let mut changed = Vec::new();
    let first_line = |request: &Request| (request.method.clone(), request.target.clone());
    let is_same_line = first_line(other) == first_line(request);
    changes::heads(&other.head_bytes(), &request.head_bytes(), &mut changed);
    changes::bodies((&other.body, &other.headers), (&request.body, &request.headers), &mut changed);
    if changed.is_empty() {
        let words = if is_same_line { "  byte for byte the same" } else { "  the same but for the request line" };
        changed.push(Line::of(Role::Dim, words));
    }
    document.lines.extend(changed);
}
