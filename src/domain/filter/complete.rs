//! What can stand where a filter is being typed: names of fields, and values that requests have had.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::parse::VERDICTS;
use super::term::{FIELDS, Flag};
use crate::domain::judgement::Says;
use crate::domain::summary::Summary;

/// Values of a field that are kept, at most.
const VALUES_MAX: usize = 50;
/// Longest value that is offered, in bytes: nobody chooses by reading a longer one.
const VALUE_BYTES_MAX: usize = 120;

/// The values that requests have had, by field, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Seen {
    /// Of these rows, each looked at once.
    pub fn of<'a>(rows: impl Iterator<Item = &'a Summary>) -> Self {
        let mut counts: HashMap<(&'static str, &str), usize> = HashMap::new();
        let causes: Vec<_> = rows.map(|row| (row, row.verdict.and_then(|(_, cause)| cause))).collect();
        for (row, cause) in &causes {
            let path = row.target.split('?').next();
            let values = [
                ("method", Some(&*row.method)),
                ("path", path),
                ("cause", cause.map(|cause| cause.as_str())),
                ("provider", row.provider.as_deref()),
                ("event", row.event_type.as_deref()),
                ("peer", Some(&*row.peer)),
            ];
            for (field, value) in values {
                let fits = |value: &&str| !value.is_empty() && value.len() <= VALUE_BYTES_MAX;
                if let Some(value) = value.filter(fits) {
                    *counts.entry((field, value)).or_default() += 1;
                }
            }
        }
        let mut counted: Vec<_> = counts.into_iter().collect();
        counted.sort_by_key(|((_, value), count)| (Reverse(*count), *value));
        let mut values: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for ((field, value), _) in counted {
            let of_field = values.entry(field).or_default();
            if of_field.len() < VALUES_MAX {
                of_field.push(value.to_owned());
            }
        }
        Self { values }
    }
}

/// What may take the place of the end of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The byte from which on the text is replaced.
    pub start: usize,
    /// By one of these, the likeliest first; never empty. One that ends in a colon is a field that wants a value.
    pub words: Vec<String>,
}

/// What the term at the end of the text can become; `None` where nothing is known of it.
pub fn complete(text: &str, seen: &Seen) -> Option<Completion> {
    let start = last_term(text)?;
    let term = text.get(start..)?;
    let words: Vec<String> = match term.split_once(':') {
        None => {
            let fields = FIELDS.iter().map(|(name, _)| *name).filter(|name| begins(name, term));
            fields.map(|name| format!("{name}:")).collect()
        }
        Some((name, typed)) => {
            let known = if name.eq_ignore_ascii_case("type") { "event" } else { name };
            let (field, _) = FIELDS.iter().find(|(field, _)| field.eq_ignore_ascii_case(known))?;
            let values = values_of(field, seen);
            let (first, others): (Vec<_>, Vec<_>) = values.into_iter().partition(|value| begins(value, typed));
            let inside = others.into_iter().filter(|value| value.to_lowercase().contains(&typed.to_lowercase()));
            let fitting = first.into_iter().chain(inside).filter(|value| value != typed);
            fitting.map(|value| format!("{name}:{}", quoted(&value))).collect()
        }
    };
    (!words.is_empty()).then_some(Completion { start, words })
}

fn begins(word: &str, typed: &str) -> bool {
    word.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

/// Where the term at the end begins, behind what turns it round; `None` inside quotes.
fn last_term(text: &str) -> Option<usize> {
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '(' | ')' if !is_quoted => start = at + 1,
            '!' | '-' if !is_quoted && at == start => start = at + 1,
            char if char.is_whitespace() && !is_quoted => start = at + char.len_utf8(),
            _ => {}
        }
    }
    (!is_quoted).then_some(start)
}

/// What a field is compared with, as far as that is known: words of the language, and what was seen.
fn values_of(field: &str, seen: &Seen) -> Vec<String> {
    let words: Vec<&str> = match field {
        "verdict" => VERDICTS.to_vec(),
        "judged" => Says::ALL.iter().map(|says| says.as_str()).chain(["none"]).collect(),
        "is" => Flag::ALL.iter().map(|(_, name)| *name).collect(),
        "status" => vec!["2xx", "3xx", "4xx", "5xx", "none"],
        "provider" | "event" | "delivery" => vec!["none"],
        _ => Vec::new(),
    };
    let of_rows = seen.values.get(field).into_iter().flatten().cloned();
    of_rows.chain(words.into_iter().map(str::to_owned)).collect()
}

/// A value as a filter takes it literally.
fn quoted(value: &str) -> String {
    let is_bare = |char: char| !char.is_whitespace() && !matches!(char, '(' | ')' | '"' | '*');
    match value.chars().all(is_bare) {
        true => value.to_owned(),
        false => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

#[cfg(test)]
mod tests;
