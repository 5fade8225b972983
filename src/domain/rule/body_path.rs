//! JSON paths of rules (RFC 9535), bounded: no body makes one cost much more than reading the body does.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::pattern::ValuePattern;

mod parse;
mod query;
mod text_pattern;

use query::Query;
pub use query::Steps;

/// A longer body is not looked into.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Nor is a longer one by a path with a filter: a filter looks at a value as often as it names it.
const FILTERED_BYTES_MAX: usize = 64 << 10;

/// Values that all paths of all rules together look at in one request, before the rest of them is said not to fit. The largest
/// body that is looked into holds half a million values, so that several rules may look at each of them; and this many take a
/// tenth of a second.
pub const STEPS_MAX: u64 = 8_000_000;

/// A JSON path that visits no value of a body more than once.
///
/// A second `..` would search again below every match of the first, and a `$` in a filter would begin at the top for every
/// value: the work of either grows with the square of a stranger's body or worse. So neither is taken.
#[derive(Clone, Debug)]
pub struct BodyPath {
    query: Query,
    /// As it was written.
    text: String,
    body_bytes_max: usize,
}

impl FromStr for BodyPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed =
            parse::parse(text).map_err(|error| format!("expected a JSON path, such as \"$.data.id\": {error}"))?;
        if parsed.descents > 1 {
            return Err(format!(
                "`{text}` has `..` {} times: write it once at most, and name the way behind it (`$..items[*].id`)",
                parsed.descents
            ));
        }
        if parsed.has_root {
            return Err(format!("`{text}` has a `$` in a filter: compare with `@` and with values only"));
        }
        let body_bytes_max = if parsed.has_filter { FILTERED_BYTES_MAX } else { BODY_BYTES_MAX };
        Ok(Self { query: parsed.query, text: text.to_owned(), body_bytes_max })
    }
}

impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl BodyPath {
    /// Whether it looks at values more closely than by their names.
    pub const fn has_filter(&self) -> bool {
        self.body_bytes_max == FILTERED_BYTES_MAX
    }

    /// How long a body is that it looks into, at most.
    pub const fn body_bytes_max(&self) -> usize {
        self.body_bytes_max
    }

    /// Whether one of the values at this path fits, or none does where the pattern is turned round. An object or a list is
    /// only there or not: nothing but `*` is like it, and it is never written as text.
    ///
    /// # Errors
    /// What was found in place of it, in words: the first value, as [`ValuePattern`] is shown with it by `shown`. Or that no
    /// steps are left to look with; then it does not fit, whichever way the pattern is turned.
    pub fn check(
        &self,
        body: &Value,
        pattern: &ValuePattern,
        steps: &Steps,
        shown: impl Fn(&[u8]) -> String,
    ) -> Result<(), String> {
        let Ok(found) = self.query.select(body, steps) else {
            return Err(format!(
                "{self} was given up: the paths of the rules looked at {STEPS_MAX} values of this body"
            ));
        };
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
