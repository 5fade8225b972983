//! JSON paths of rules (RFC 9535), bounded: no body makes one cost much more than reading the body does.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::pattern::ValuePattern;

/// A longer body is not looked into.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Nor is a longer one by a path with a filter: a filter reads its regular expression anew at every value.
const FILTERED_BYTES_MAX: usize = 64 << 10;

/// A JSON path that visits no value of a body more than once.
///
/// A second `..` would search again below every match of the first, and a `$` in a filter would begin at the top for every
/// value: the work of either grows with the square of a stranger's body or worse. So neither is taken.
#[derive(Clone, Debug)]
pub struct BodyPath {
    path: JsonPath,
    /// As it was written.
    text: String,
    body_bytes_max: usize,
}

impl FromStr for BodyPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = JsonPath::parse(text)
            .map_err(|error| format!("expected a JSON path, such as \"$.data.id\": {}", error.message()))?;
        let marks = Marks::of(text);
        if marks.descents > 1 {
            return Err(format!(
                "`{text}` has `..` {} times: write it once at most, and name the way behind it (`$..items[*].id`)",
                marks.descents
            ));
        }
        if marks.roots > 1 {
            return Err(format!("`{text}` has a `$` in a filter: compare with `@` and with values only"));
        }
        let body_bytes_max = if marks.filters > 0 { FILTERED_BYTES_MAX } else { BODY_BYTES_MAX };
        Ok(Self { path, text: text.to_owned(), body_bytes_max })
    }
}

impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What makes a path dear, outside of its quoted names and values.
#[derive(Default)]
struct Marks {
    descents: usize,
    filters: usize,
    roots: usize,
}

impl Marks {
    fn of(text: &str) -> Self {
        let mut marks = Self::default();
        let mut quote = None;
        let mut before = ' ';
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match (quote, character) {
                (Some(_), '\\') => {
                    characters.next();
                }
                (Some(open), close) if open == close => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(character),
                (None, '.') => marks.descents += usize::from(before == '.'),
                (None, '?') => marks.filters += 1,
                (None, '$') => marks.roots += 1,
                (None, _) => {}
            }
            before = character;
        }
        marks
    }
}

impl BodyPath {
    /// How long a body is that it looks into, at most.
    pub const fn body_bytes_max(&self) -> usize {
        self.body_bytes_max
    }

    /// Whether one of the values at this path fits, or none does where the pattern is turned round. An object or a list is
    /// only there or not: nothing but `*` is like it, and it is never written as text.
    ///
    /// # Errors
    /// What was found in place of it, in words: the first value, as [`ValuePattern`] is shown with it by `shown`.
    pub fn check(&self, body: &Value, pattern: &ValuePattern, shown: impl Fn(&[u8]) -> String) -> Result<(), String> {
        let found = self.path.query(body);
        let like = |value: &Value| match value {
            Value::Object(_) | Value::Array(_) => pattern.takes_all(),
            Value::String(text) => pattern.is_like(text.as_bytes()),
            Value::Null | Value::Bool(_) | Value::Number(_) => pattern.is_like(value.to_string().as_bytes()),
        };
        if found.iter().any(|value| like(value)) != pattern.is_negated() {
            return Ok(());
        }
        let first = match found.first() {
            None => return Err(format!("{self} of the body is not there")),
            Some(Value::Object(_)) => "an object".to_owned(),
            Some(Value::Array(_)) => "a list".to_owned(),
            Some(Value::String(text)) => shown(text.as_bytes()),
            Some(value) => shown(value.to_string().as_bytes()),
        };
        Err(format!("{self} of the body is {first}, not like {}", pattern.text()))
    }
}

#[cfg(test)]
mod tests;
