//! Whether an answer counts as success for the provider: its rule is words in the profile, read here.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::domain::printable::visible_str;

/// A provider's rule for answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessRule {
    statuses: Vec<RangeInclusive<u16>>,
    body: BodyRule,
    /// As the profile says it.
    pub words: String,
}

/// What the answer's body must be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum BodyRule {
    Any,
    Empty,
    /// Holds this text.
    Holds(String),
    /// Is a JSON object with these members.
    Members(Value),
}

impl SuccessRule {
    /// Reads `2xx`, `200`, `200, 201 or 204`, `200 to 204`, `below 400`, each also with what the body must be (`with empty
    /// body`, `with body {"code":"SUCCESS"}`, `body [accepted]`); what stands in parentheses or behind a semicolon is for
    /// people. Without a status it is `2xx`.
    pub fn parse(words: &str) -> Self {
        let (status, body) = match words.find("body") {
            Some(at) => (words.get(..at).unwrap_or_default(), words.get(at + 4..).unwrap_or_default().trim()),
            None => (words, ""),
        };
        let empty = status.trim_end().ends_with("empty");
        let body = match body.chars().next() {
            _ if empty => BodyRule::Empty,
            Some('{') => {
                // The object is followed by more words in some.
                let first = serde_json::Deserializer::from_str(body).into_iter::<Value>().next();
                first.and_then(Result::ok).map_or(BodyRule::Any, BodyRule::Members)
            }
            Some('[') => BodyRule::Holds(body.split(' ').next().unwrap_or_default().to_owned()),
            _ => BodyRule::Any,
        };
        Self { statuses: statuses(words), body, words: words.to_owned() }
    }

    /// Whether the status alone says success.
    pub fn takes_status(&self, status: u16) -> bool {
        self.statuses.iter().any(|range| range.contains(&status))
    }

    /// Why the answer is no success, in words; `None`: it is one.
    pub fn refusal(&self, status: u16, body: &[u8]) -> Option<String> {
        let wants =
            || format!("the provider wants {}", visible_str(if self.words.is_empty() { "2xx" } else { &self.words }));
        if !self.takes_status(status) {
            return Some(wants());
        }
        let text = String::from_utf8_lossy(body);
        let holds = match &self.body {
            BodyRule::Any => true,
            BodyRule::Empty => body.is_empty(),
            BodyRule::Holds(part) => text.contains(part.as_str()),
            BodyRule::Members(wanted) => {
                serde_json::from_slice::<Value>(body).is_ok_and(|value| has_members(&value, wanted))
            }
        };
        (!holds).then(wants)
    }
}

/// Whether all members of `wanted`, at any depth, are in `value`.
fn has_members(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(have), Value::Object(want)) => {
            want.iter().all(|(name, wanted)| have.get(name).is_some_and(|value| has_members(value, wanted)))
        }
        _ => value == wanted,
    }
}

/// The statuses of the first clause, and of those later ones that begin with another success (`204 for an event; 200 for a PING`).
fn statuses(words: &str) -> Vec<RangeInclusive<u16>> {
    let mut clauses = words.split(';').map(|clause| clause.split(['(', '{']).next().unwrap_or_default());
    let mut all = of_clause(clauses.next().unwrap_or_default());
    if all.is_empty() {
        all.push(200..=299);
    }
    for clause in clauses {
        let first = clause.split_whitespace().next().and_then(status_of);
        all.extend(first.filter(|status| (200..300).contains(status)).map(|status| status..=status));
    }
    all
}

fn status_of(word: &str) -> Option<u16> {
    word.parse().ok().filter(|status| (100..600).contains(status))
}

fn of_clause(clause: &str) -> Vec<RangeInclusive<u16>> {
    let words: Vec<&str> = clause.split([' ', ',', '/']).filter(|word| !word.is_empty()).collect();
    for three in words.windows(3) {
        if let [from, "to", to] = three
            && let (Some(from), Some(to)) = (status_of(from), status_of(to))
        {
            return vec![from..=to];
        }
    }
    for pair in words.windows(2) {
        if let ["below", limit] = pair
            && let Some(limit) = status_of(limit)
        {
            return vec![200..=limit - 1];
        }
    }
    let range = |word: &&str| match word.strip_suffix("xx").and_then(|digit| digit.parse::<u16>().ok()) {
        Some(class @ 1..=5) => Some(class * 100..=class * 100 + 99),
        Some(_) => None,
        None => status_of(word).map(|status| status..=status),
    };
    words.iter().filter_map(range).collect()
}

#[cfg(test)]
mod tests;
