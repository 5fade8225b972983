//! Finding one scalar in JSON without parsing the rest: a scan without recursion, so that neither depth nor size of a
//! stranger's body can hurt.

mod members;
mod text;

use std::borrow::Cow;

use members::each_member;
pub use text::unescape;
use text::{skip_blank, skip_bom, string_end, value_end};

/// The value at `path` as text: strings unescaped, numbers and literals as written, `null`, objects and arrays none.
/// Of equal keys the last counts, as it does for most parsers. A path step that is a number indexes arrays, `*` names
/// the first key itself, or the first element.
pub fn scalar(json: &[u8], path: &[String]) -> Option<Vec<u8>> {
    let mut at = skip_blank(json, skip_bom(json));
    for (depth, step) in path.iter().enumerate() {
        at = match json.get(at)? {
            b'{' if step == "*" && depth + 1 == path.len() => return first_key(json, at),
            b'{' => member(json, at, step)?,
            b'[' => element(json, at, if step == "*" { 0 } else { step.parse().ok()? })?,
            _ => return None,
        };
    }
    scalar_at(json, at)
}

/// Tells the keys of the outermost object, unescaped, in order; whether there is one. One walk tells the many rules that ask for
/// different keys of one body.
pub fn each_key(json: &[u8], mut tell: impl FnMut(&[u8])) -> bool {
    let start = skip_blank(json, skip_bom(json));
    if json.get(start) != Some(&b'{') {
        return false;
    }
    each_member(json, start, |key, _| {
        let key = if key.contains(&b'\\') { Cow::Owned(unescape(key)) } else { Cow::Borrowed(key) };
        tell(&key);
        true
    });
    true
}

/// Whether an object has a member of that name, whatever its value.
pub fn has(json: &[u8], name: &str) -> bool {
    let at = skip_blank(json, skip_bom(json));
    json.get(at) == Some(&b'{') && member(json, at, name).is_some()
}

/// The first byte of the value at `path`, whatever it is: `{` of an object, `n` of null; none when nothing is there.
pub fn first_byte(json: &[u8], path: &[String]) -> Option<u8> {
    let mut at = skip_blank(json, skip_bom(json));
    for step in path {
        at = match json.get(at)? {
            b'{' => member(json, at, step)?,
            b'[' => element(json, at, if step == "*" { 0 } else { step.parse().ok()? })?,
            _ => return None,
        };
    }
    json.get(at).copied()
}

/// The elements of the array at `path`, as they are written; none when there is no array.
pub fn elements<'a>(json: &'a [u8], path: &[String]) -> Vec<&'a [u8]> {
    array(json, path).unwrap_or_default()
}

fn array<'a>(json: &'a [u8], path: &[String]) -> Option<Vec<&'a [u8]>> {
    let mut at = skip_blank(json, skip_bom(json));
    for step in path {
        at = match json.get(at)? {
            b'{' => member(json, at, step)?,
            b'[' => element(json, at, step.parse().ok()?)?,
            _ => return None,
        };
    }
    if json.get(at) != Some(&b'[') {
        return None;
    }
    let mut all = Vec::new();
    at = skip_blank(json, at + 1);
    if json.get(at) == Some(&b']') {
        return Some(all);
    }
    loop {
        let end = value_end(json, at)?;
        all.push(json.get(at..end)?);
        at = skip_blank(json, end);
        match json.get(at)? {
            b',' => at = skip_blank(json, at + 1),
            b']' => return Some(all),
            _ => return None,
        }
    }
}

/// Position of the value of the last member of that name.
fn member(json: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut found = None;
    each_member(json, at, |key, value| {
        let is_it = if key.contains(&b'\\') { unescape(key) == name.as_bytes() } else { key == name.as_bytes() };
        if is_it {
            found = Some(value);
        }
        true
    });
    found
}

fn first_key(json: &[u8], at: usize) -> Option<Vec<u8>> {
    let at = skip_blank(json, at + 1);
    if json.get(at) != Some(&b'"') {
        return None;
    }
    let end = string_end(json, at)?;
    json.get(at + 1..end - 1).map(unescape)
}

fn element(json: &[u8], at: usize, index: usize) -> Option<usize> {
    let mut at = skip_blank(json, at + 1);
    for _ in 0..index {
        at = skip_blank(json, value_end(json, at)?);
        if json.get(at) != Some(&b',') {
            return None;
        }
        at = skip_blank(json, at + 1);
    }
    (json.get(at) != Some(&b']')).then_some(at)
}

fn scalar_at(json: &[u8], at: usize) -> Option<Vec<u8>> {
    let end = value_end(json, at)?;
    let text = json.get(at..end)?;
    match text.first()? {
        b'"' => text.get(1..text.len() - 1).map(unescape),
        b'{' | b'[' => None,
        _ if text == b"null" => None,
        _ => Some(text.to_vec()),
    }
}

#[cfg(test)]
mod tests;
