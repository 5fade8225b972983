//! `application/x-www-form-urlencoded` as a table of keys and values.

use super::builder::Builder;
use super::document::Role;
use super::json;
use crate::domain::form::form_decode as decode;
use crate::domain::printable;

/// Columns that keys are padded to at most.
const KEY_COLUMNS_MAX: usize = 28;

/// Adds a line a pair. A value that is JSON (GitHub's and Slack's `payload`) is shown indented under its key.
pub(super) fn lines(bytes: &[u8], out: &mut Builder) {
    let pairs = || bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let column = pairs().take(200).map(|pair| key_columns(split(pair).0)).max().unwrap_or(0).min(KEY_COLUMNS_MAX);
    let mut has_plus_or_percent = false;
    for pair in pairs() {
        if out.is_full() {
            out.end_line_always();
            return;
        }
        let (key, value) = split(pair);
        has_plus_or_percent |= pair.iter().any(|byte| matches!(byte, b'+' | b'%'));
        let key = decode(key);
        out.push_bytes(Role::Key, &key);
        let padding = column.saturating_sub(out.line.width());
        out.push(Role::Plain, &" ".repeat(padding));
        let Some(value) = value else {
            out.end_line_always();
            continue;
        };
        out.push(Role::Punctuation, " = ");
        let value = decode(value);
        if json::looks_like(&value) && push_json(&value, out) {
            continue;
        }
        out.push_bytes(Role::Text, &value);
        out.end_line();
    }
    if has_plus_or_percent {
        out.document.note("form, percent-decoded");
    }
}

/// Whether the value is JSON throughout and is shown now.
fn push_json(value: &[u8], out: &mut Builder) -> bool {
    let mut inner = out.inner(1);
    if !matches!(json::lines(value, &mut inner, 2), json::End::Whole { values: 1 }) {
        return false;
    }
    out.push(Role::Dim, "JSON");
    out.end_line();
    inner.end_line();
    out.append(inner);
    true
}

fn key_columns(key: &[u8]) -> usize {
    printable::width(&printable::visible_within(&decode(key.get(..256).unwrap_or(key)), KEY_COLUMNS_MAX))
}

/// Key and value; no value when there is no equal sign.
fn split(pair: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'=', pair) {
        Some(at) => {
            let (key, rest) = pair.split_at(at);
            (key, rest.get(1..))
        }
        None => (pair, None),
    }
}

/// Whether bytes look like a form: pairs of characters that a form may hold, none of them blank.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    memchr::memchr(b'=', bytes).is_some()
        && bytes
            .iter()
            .take(64 << 10)
            .all(|byte| byte.is_ascii_alphanumeric() || b"%+&=-._*~[]()!$',;:@/?|{}\"".contains(byte))
        && bytes.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%'))
}
