//! JSON as values of the template engine.

use minijinja::value::Value;

use super::weight::{Fields, List};

/// The depth is bounded by the parser, and within what values of templates may have.
pub(super) fn value_of(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::from(()),
        Json::Bool(bool) => Value::from(bool),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => Value::from(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text),
        Json::Array(items) => List::value(items.into_iter().map(value_of).collect()).unwrap_or_default(),
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (Value::from(name), value_of(value)));
            Fields::value(fields.collect()).unwrap_or_default()
        }
    }
}
