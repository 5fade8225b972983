//! The body, by its type.

use super::context::DetailContext;
use super::lines::{push_below, push_marks};
use crate::domain::body::media_type;
use crate::domain::exchange::Exchange;
use crate::domain::pretty::{self, Document, Line, Role};
use crate::domain::printable::visible_within;
use crate::domain::quantity::size;

pub(super) fn document(exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let request = &exchange.request;
    let mut document = Document::new();
    push_marks(&request.marks, &mut document);
    if request.body.is_empty() {
        let words = if request.body.length_bytes == 0 { "no body" } else { "nothing of the body came" };
        document.push(Line::of(Role::Dim, words));
        return document;
    }
    let mut head = Line::new();
    let media_type = media_type(&request.headers);
    head.push(
        Role::Dim,
        &if media_type.is_empty() { "no content type".to_owned() } else { visible_within(media_type.as_bytes(), 60) },
    );
    let kept = request.body.bytes.len() as u64;
    head.push(Role::Dim, &format!(", {}", size(kept)));
    if request.body.length_bytes > kept {
        head.push(Role::Warn, &format!(" of {}", size(request.body.length_bytes)));
    }
    document.push(head);
    push_below(pretty::body(&request.body, &request.headers, context.view, context.limits), &mut document);
    document
}
