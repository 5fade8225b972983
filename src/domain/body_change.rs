//! What is different between two bodies, in a word for a row: the lines that differ stand in the detail.

use serde_json::Value;

use super::body::media_type;
use super::exchange::Request;

/// Bytes of each body that are looked into: beyond, only that they differ is said.
const COMPARED_BYTES_MAX: usize = 64 << 10;

/// How a body differs from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyChange {
    /// So many fields of JSON or of a form have another value, came or went; at least one.
    Fields(u32),
    /// The same values, spelled another way: blanks, escapes, order.
    Spelling,
    /// Its bytes: there are no fields to speak of.
    Bytes,
}

impl BodyChange {
    /// From one request's body to another's; `None`: byte for byte the same.
    pub fn between(before: &Request, after: &Request) -> Option<Self> {
        let (old, new) = (before.body.bytes.as_ref(), after.body.bytes.as_ref());
        if old == new {
            return None;
        }
        if old.len().max(new.len()) > COMPARED_BYTES_MAX {
            return Some(Self::Bytes);
        }
        let is_form = |request: &Request| media_type(&request.headers) == "application/x-www-form-urlencoded";
        let count = if is_form(before) && is_form(after) {
            let (old, new) = (form_fields(old), form_fields(new));
            let lacks = |of: &[(&[u8], &[u8])], others: &[(&[u8], &[u8])]| -> Vec<Vec<u8>> {
                of.iter().filter(|field| !others.contains(field)).map(|(name, _)| name.to_vec()).collect()
            };
            let mut names = lacks(&old, &new);
            names.extend(lacks(&new, &old));
            names.sort_unstable();
            names.dedup();
            names.len()
        } else {
            let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
            match (value(old), value(new)) {
                (Some(old), Some(new)) => differing(&old, &new),
                _ => return Some(Self::Bytes),
            }
        };
        Some(match u32::try_from(count).unwrap_or(u32::MAX) {
            0 => Self::Spelling,
            count => Self::Fields(count),
        })
    }
}

/// Names and values of a form, as they are spelled; at most as many as are worth comparing each with each.
fn form_fields(body: &[u8]) -> Vec<(&[u8], &[u8])> {
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).take(FORM_FIELDS_MAX);
    let split = |pair: &'_ [u8]| pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
    pairs.map(|pair| pair.split_at(split(pair))).collect()
}

const FORM_FIELDS_MAX: usize = 200;

/// Values at the ends of both that are not the same. As deep as the parser lets a body be.
fn differing(old: &Value, new: &Value) -> usize {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let gone_or_other = old.iter().map(|(name, value)| new.get(name).map_or(1, |new| differing(value, new)));
            gone_or_other.sum::<usize>() + new.keys().filter(|name| !old.contains_key(*name)).count()
        }
        (Value::Array(old), Value::Array(new)) => {
            let both = old.iter().zip(new).map(|(old, new)| differing(old, new));
            both.sum::<usize>() + old.len().abs_diff(new.len())
        }
        _ => usize::from(old != new),
    }
}

#[cfg(test)]
mod tests;
