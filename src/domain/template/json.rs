//! JSON as values of the template engine.

use std::collections::BTreeMap;

use minijinja::value::Value;

/// The depth is bounded by the parser.
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
        Json::Array(items) => items.into_iter().map(value_of).collect(),
        Json::Object(fields) => {
            Value::from(fields.into_iter().map(|(name, value)| (name, value_of(value))).collect::<BTreeMap<_, _>>())
        }
    }
}
