//! The bytes, with line ends and all.

use super::context::DetailContext;
use super::lines::{push_below, push_marks};
use crate::domain::exchange::{Exchange, HttpVersion};
use crate::domain::pretty::{self, Document, Line, Role};

pub(super) fn document(exchange: &Exchange, context: &DetailContext<'_>) -> Document {
    let request = &exchange.request;
    let mut document = Document::new();
    push_marks(&request.marks, &mut document);
    if request.refused().is_some() {
        document.push(Line::of(Role::Heading, "first bytes"));
        push_below(pretty::exact_head(request.raw_head.as_deref().unwrap_or_default(), context.limits), &mut document);
        return document;
    }
    if request.version == HttpVersion::Http2 {
        document.note("HTTP/2: the head as HTTP/1 would write it, not the frames on the wire");
    }
    push_below(pretty::exact_head(&request.head_bytes(), context.limits), &mut document);
    if request.headers.get("transfer-encoding").is_some() {
        document.note("the body without its chunk lines");
    }
    if !request.body.is_empty() {
        push_below(pretty::exact(&request.body.bytes, context.limits), &mut document);
    }
    if !request.trailers.is_empty() {
        document.push(Line::of(Role::Heading, "trailers"));
        for header in &request.trailers {
            let mut line = Line::new();
            line.push_bytes(Role::Plain, &header.name);
            line.push(Role::Plain, ": ");
            line.push_bytes(Role::Plain, &header.value);
            document.push(line);
        }
    }
    document
}
