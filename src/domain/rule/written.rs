//! A rule as the configuration writes it: for showing it, for changing it, and for copying it into the file.

use std::fmt::Write as _;

use super::matching::{Rule, When};
use super::pattern::ValuePattern;
use crate::domain::callback::Callback;
use crate::domain::reply::{Spread, show_wait};

/// The texts of a rule, as they stand in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What it was named; empty: nothing.
    pub name: String,
    /// The fields of its `when`: `path: "/hooks/*", nth: "1..2"`; empty: it asks nothing.
    pub when: String,
    /// The text of its reply.
    pub reply: String,
    /// The list of its callbacks without brackets; empty: none.
    pub callbacks: String,
}

impl Written {
    /// All of it, to stand in `rules: [...]`.
    pub fn ron(&self) -> String {
        let mut fields = Vec::new();
        if !self.name.trim().is_empty() {
            fields.push(format!("name: {}", quoted(&self.name)));
        }
        let inner = |text: &str| text.trim().trim_end_matches(',').trim_end().to_owned();
        if !self.when.trim().is_empty() {
            fields.push(format!("when: ({})", inner(&self.when)));
        }
        fields.push(format!("reply: {}", quoted(self.reply.trim())));
        if !self.callbacks.trim().is_empty() {
            fields.push(format!("callbacks: [{}]", inner(&self.callbacks)));
        }
        format!("({})", fields.join(", "))
    }
}

impl Rule {
    /// Its texts.
    pub fn written(&self) -> Written {
        Written {
            name: self.given.clone(),
            when: when(&self.when),
            reply: self.reply_text.clone(),
            callbacks: self.callbacks.iter().map(callback).collect::<Vec<_>>().join(",\n"),
        }
    }
}

/// A text in quotes, raw where it holds quotes or backslashes.
fn quoted(text: &str) -> String {
    let has_control = text.chars().any(char::is_control);
    if !has_control && text.contains(['"', '\\']) {
        let mut hashes = "#".to_owned();
        while text.contains(&format!("\"{hashes}")) {
            hashes.push('#');
        }
        return format!("r{hashes}\"{text}\"{hashes}");
    }
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if char.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
            }
            _ => out.push(char),
        }
    }
    out.push('"');
    out
}

fn list(texts: impl IntoIterator<Item = String>) -> Option<String> {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(&text)).collect();
    match texts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        more => Some(format!("[{}]", more.join(", "))),
    }
}

fn map<'a, N: ToString + 'a>(pairs: impl IntoIterator<Item = &'a (N, ValuePattern)>) -> Option<String> {
    let pairs =
        pairs.into_iter().map(|(name, value)| format!("{}: {}", quoted(&name.to_string()), quoted(&value.text())));
    let pairs: Vec<String> = pairs.collect();
    (!pairs.is_empty()).then(|| format!("{{{}}}", pairs.join(", ")))
}

fn when(when: &When) -> String {
    let fields = [
        ("method", list(when.methods.iter().cloned())),
        ("path", when.path.as_ref().map(|path| quoted(path.text()))),
        ("headers", map(&when.headers)),
        ("query", map(&when.query)),
        ("form", map(&when.form)),
        ("json", map(&when.json)),
        ("provider", list(when.providers.iter().map(ValuePattern::text))),
        ("event", list(when.events.iter().map(|event| event.text().to_owned()))),
        ("verdict", list(when.verdicts.iter().map(|verdict| verdict.as_str().to_owned()))),
        ("from", list(when.from.iter().map(ToString::to_string))),
        ("nth", when.nth.map(|nth| quoted(&nth.to_string()))),
    ];
    let given = fields.into_iter().filter_map(|(name, text)| Some(format!("{name}: {}", text?)));
    given.collect::<Vec<_>>().join(", ")
}

fn callback(callback: &Callback) -> String {
    let mut fields = vec![format!("url: {}", quoted(&callback.url))];
    if let Some(hosts) = list(callback.hosts.iter().map(ToString::to_string)) {
        fields.push(format!("hosts: {hosts}"));
    }
    if callback.after_ms > 0 || callback.spread != Spread::None {
        fields.push(format!("after: {}", quoted(&show_wait(callback.after_ms, callback.spread))));
    }
    if callback.method != "POST" {
        fields.push(format!("method: {}", quoted(&callback.method)));
    }
    let text = |bytes: &[u8]| quoted(&String::from_utf8_lossy(bytes));
    if !callback.headers.is_empty() {
        let lines = callback.headers.iter().map(|header| format!("{}: {}", text(&header.name), text(&header.value)));
        fields.push(format!("headers: {{{}}}", lines.collect::<Vec<_>>().join(", ")));
    }
    match &callback.body_file {
        Some(file) => fields.push(format!("body: {}", quoted(&format!("@{file}")))),
        None if callback.body.is_empty() => {}
        None if callback.body.starts_with(b"@") => {
            fields.push(format!("body: {}", text(&[b"@", &callback.body[..]].concat())));
        }
        None => fields.push(format!("body: {}", text(&callback.body))),
    }
    format!("({})", fields.join(", "))
}
