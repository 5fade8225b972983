//! What a body is: by its declared type, and by what it looks like when that is missing or cannot be true.

use super::{form, json, xml};
use crate::domain::body::parameter;
use crate::domain::printable::visible_within;

/// How to show a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Form,
    /// With its boundary.
    Multipart(String),
    Xml,
    /// In a language for the highlighter, when it is one.
    Text(Option<&'static str>),
    Binary,
}

/// Multipart bodies inside multipart bodies are followed so deep.
const LEVEL_MAX: u8 = 3;

/// What to show it as, and what to say when that is not what was declared.
pub(super) fn choose(content_type: &str, bytes: &[u8], level: u8) -> (Kind, Option<String>) {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let declared = visible_within(media_type.as_bytes(), 60);
    if media_type.starts_with("multipart/") {
        return match parameter(content_type, "boundary") {
            Some(boundary) if level < LEVEL_MAX && !boundary.is_empty() => (Kind::Multipart(boundary), None),
            Some(boundary) if !boundary.is_empty() => {
                (text_or_binary(bytes), Some("multipart inside multipart: not taken apart any deeper".to_owned()))
            }
            _ => (text_or_binary(bytes), Some(format!("{declared} without a boundary"))),
        };
    }
    match of_media_type(&media_type) {
        Some(Kind::Binary) => (Kind::Binary, None),
        Some(_) if looks_binary(bytes) => (Kind::Binary, Some(format!("declared {declared}, but not text"))),
        Some(kind) if fits(&kind, bytes) => (kind, None),
        Some(kind) => match sniff(bytes) {
            Some(found) => {
                let note = format!("declared {declared}, looks like {}", name(&found));
                (found, Some(note))
            }
            None => (kind, None),
        },
        None => match sniff(bytes) {
            Some(found) => {
                let why =
                    if declared.is_empty() { "no content type".to_owned() } else { format!("declared {declared}") };
                let note = format!("{why}, looks like {}", name(&found));
                (found, Some(note))
            }
            None => (text_or_binary(bytes), None),
        },
    }
}

fn of_media_type(media_type: &str) -> Option<Kind> {
    let (_, subtype) = media_type.split_once('/')?;
    let subtype = subtype.strip_prefix("x-").unwrap_or(subtype);
    if subtype.ends_with("+json") || subtype.ends_with("+xml") {
        return Some(if subtype.ends_with("json") { Kind::Json } else { Kind::Xml });
    }
    Some(match subtype {
        "json" | "ndjson" | "jsonl" | "jsonlines" | "csp-report" | "json-seq" => Kind::Json,
        "www-form-urlencoded" => Kind::Form,
        "xml" => Kind::Xml,
        "html" => Kind::Text(Some("html")),
        "css" => Kind::Text(Some("css")),
        "javascript" | "ecmascript" => Kind::Text(Some("js")),
        "yaml" | "yml" => Kind::Text(Some("yaml")),
        "markdown" => Kind::Text(Some("md")),
        "sql" => Kind::Text(Some("sql")),
        "sh" | "shellscript" => Kind::Text(Some("sh")),
        "python" => Kind::Text(Some("py")),
        "diff" | "patch" => Kind::Text(Some("diff")),
        "pdf" | "zip" | "gzip" | "protobuf" | "msgpack" | "cbor" | "wasm" => Kind::Binary,
        // Everything and nothing: only the bytes can tell.
        "plain" | "octet-stream" => return None,
        _ => match media_type.split('/').next() {
            Some("text") => Kind::Text(None),
            Some("image" | "audio" | "video" | "font") => Kind::Binary,
            _ => return None,
        },
    })
}

/// Whether the bytes can be what they are declared to be. JSON and XML say for themselves where they fail.
fn fits(kind: &Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::Form => !json::looks_like(bytes) && !xml::looks_like(bytes),
        Kind::Json => {
            !matches!(bytes.trim_ascii_start().first(), Some(b'<'))
                && (json::looks_like(bytes) || !form::looks_like(bytes))
        }
        _ => true,
    }
}

fn sniff(bytes: &[u8]) -> Option<Kind> {
    if json::looks_like(bytes) {
        Some(Kind::Json)
    } else if xml::looks_like_html(bytes) {
        Some(Kind::Text(Some("html")))
    } else if xml::looks_like(bytes) && !looks_binary(bytes) {
        Some(Kind::Xml)
    } else if form::looks_like(bytes) {
        Some(Kind::Form)
    } else {
        None
    }
}

fn name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Json => "JSON",
        Kind::Form => "a form",
        Kind::Multipart(_) => "multipart",
        Kind::Xml => "XML",
        Kind::Text(Some("html")) => "HTML",
        Kind::Text(_) => "text",
        Kind::Binary => "binary data",
    }
}

fn text_or_binary(bytes: &[u8]) -> Kind {
    if looks_binary(bytes) { Kind::Binary } else { Kind::Text(None) }
}

/// Whether the first 8 KiB hold a NUL, or more than one byte in ten that no text has.
pub(super) fn looks_binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..8192).unwrap_or(bytes);
    if head.is_empty() {
        return false;
    }
    if memchr::memchr(0, head).is_some() {
        return true;
    }
    let mut odd = 0;
    for chunk in head.utf8_chunks() {
        odd += chunk.invalid().len();
        odd += chunk
            .valid()
            .bytes()
            .filter(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
            .count();
    }
    odd * 10 > head.len()
}
