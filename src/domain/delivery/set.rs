//! `--set PATH=VALUE`: one value of an event changed.

use serde_json::Value;

use crate::domain::body::media_type;
use crate::domain::headers::Headers;
use crate::domain::printable::visible_str;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A member of an object.
    Member(String),
    /// An element of an array, from 0.
    Element(usize),
}

/// A value and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// As it was typed, for words.
    path: String,
    steps: Vec<Step>,
    value: String,
}

impl Change {
    /// Reads `a.b[0].c=value`. A member whose name holds dots or brackets stands in brackets and quotes: `a["x.y"]`.
    ///
    /// # Errors
    /// In words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = visible_str(text);
        let (path, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{shown} has no `=`: write PATH=VALUE, like data.object.amount=500"))?;
        Ok(Self { path: path.to_owned(), steps: steps(path)?, value: value.to_owned() })
    }

    /// Makes the change in a body, which the headers say is a form or JSON. Objects and first elements on the way to the value are made.
    ///
    /// The value keeps the type of what it replaces: where text stood, it is text; elsewhere it is JSON when it reads as
    /// JSON, else text.
    ///
    /// # Errors
    /// In words: a body that is neither, an index beyond the end of an array.
    pub fn apply(&self, headers: &Headers, body: &[u8]) -> Result<Vec<u8>, String> {
        if media_type(headers) == "application/x-www-form-urlencoded" {
            return Ok(self.in_form(body));
        }
        let path = visible_str(&self.path);
        let mut whole: Value = serde_json::from_slice(body)
            .map_err(|error| format!("cannot set {path}: the body is neither a form nor JSON ({error})"))?;
        let mut at = &mut whole;
        for step in &self.steps {
            at = descend(at, step).map_err(|why| format!("cannot set {path}: {why}"))?;
        }
        let typed = serde_json::from_str::<Value>(&self.value).ok();
        *at = match typed {
            Some(value) if value.is_string() || !at.is_string() => value,
            _ => Value::String(self.value.clone()),
        };
        Ok(whole.to_string().into_bytes())
    }

    /// The fields keep their order and their bytes; one that is not there comes last.
    fn in_form(&self, body: &[u8]) -> Vec<u8> {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(&self.path, &self.value).finish();
        let is_it = |field: &[u8]| form_urlencoded::parse(field).any(|(name, _)| name == self.path);
        let mut pairs: Vec<Vec<u8>> =
            body.split(|byte| *byte == b'&').filter(|field| !field.is_empty()).map(<[u8]>::to_vec).collect();
        match pairs.iter_mut().find(|field| is_it(field)) {
            Some(field) => *field = pair.into_bytes(),
            None => pairs.push(pair.into_bytes()),
        }
        pairs.join(&b'&')
    }
}

fn descend<'v>(at: &'v mut Value, step: &Step) -> Result<&'v mut Value, String> {
    match (at, step) {
        (Value::Array(items), Step::Element(index)) => {
            let count = items.len();
            if *index == count {
                items.push(Value::Null);
            }
            items.get_mut(*index).ok_or_else(|| format!("[{index}] is beyond the end: there are {count}"))
        }
        (Value::Array(_), Step::Member(name)) => {
            Err(format!("`{}` is looked for in an array: give its number in brackets", visible_str(name)))
        }
        (Value::Object(members), Step::Member(name)) => Ok(members.entry(name.clone()).or_insert(Value::Null)),
        (at, Step::Member(name)) => {
            *at = Value::Object(serde_json::Map::new());
            at.as_object_mut().map(|members| members.entry(name.clone()).or_insert(Value::Null)).ok_or_else(String::new)
        }
        (at @ Value::Null, Step::Element(0)) => {
            *at = Value::Array(vec![Value::Null]);
            at.get_mut(0).ok_or_else(String::new)
        }
        (_, Step::Element(index)) => Err(format!("[{index}] is looked for in what is no array")),
    }
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let wrong = |what: &str| {
        let path = visible_str(path);
        Err(format!("the path `{path}` {what}: write it like data.items[0].id, or a[\"x.y\"] for a name with a dot"))
    };
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let Some((name, after)) = quoted.split_once("\"]") else { return wrong("has a bracket without its end") };
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let Some((number, after)) = inner.split_once(']') else { return wrong("has a bracket without its end") };
            let Ok(index) = number.parse() else { return wrong("has no number in its brackets") };
            steps.push(Step::Element(index));
            rest = after;
        } else {
            let name = if steps.is_empty() { rest } else { rest.strip_prefix('.').unwrap_or("") };
            let (name, after) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
            if name.is_empty() {
                return wrong("has an empty name");
            }
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        }
    }
    if steps.is_empty() { wrong("is empty") } else { Ok(steps) }
}

#[cfg(test)]
mod tests;
