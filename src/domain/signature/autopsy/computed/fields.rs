//! Forms whose fields the user's own code may have joined otherwise than the provider does, and URLs that only its own machine
//! knows.

use serde_json::Value;

use crate::domain::form::form_fields;
use crate::domain::signature::autopsy::joins;
use crate::domain::signature::material::Material;
use crate::domain::signature::public_url::split;
use crate::domain::signature::template::{Source, Template};

/// A form as it may have been joined.
pub(super) struct Joined {
    /// What was done.
    pub(super) words: String,
    /// The rule with that text in the place of the form's fields.
    pub(super) template: Template,
}

/// Fields of a form that are joined in other ways.
const FIELDS_MAX: usize = 512;

/// The rule with the form's fields in other orders and writings; none for rules that do not sign them.
pub(super) fn all(rule: &Template, material: &Material<'_>) -> Vec<Joined> {
    if !rule.uses(&Source::Params) && !rule.uses(&Source::ParamsAll) {
        return Vec::new();
    }
    let fields: Vec<joins::Field> = form_fields(material.form_bytes()).take(FIELDS_MAX).collect();
    let orders = joins::orders(fields.clone()).into_iter().map(|(what, _, text)| (what, text));
    let all = orders.chain(written(&fields)).filter_map(|(what, text)| {
        let text = String::from_utf8(text).ok()?;
        Some(Joined { words: format!("the signed pieces with {what}"), template: joins::with_params(rule, &text) })
    });
    all.collect()
}

/// The fields with marks between names and values, or as programs print a parsed form.
fn written(fields: &[joins::Field]) -> Vec<(&'static str, Vec<u8>)> {
    let mut sorted = fields.to_vec();
    sorted.sort();
    let pairs = |fields: &[joins::Field], between: &[u8]| {
        let all: Vec<Vec<u8>> = fields.iter().map(|(name, value)| [name.as_slice(), b"=", value].concat()).collect();
        all.join(between)
    };
    let mut all = vec![
        ("sorted `name=value` and nothing between them", pairs(&sorted, b"")),
        ("sorted `name=value`, joined by `&`", pairs(&sorted, b"&")),
        ("`name=value` as they came, decoded, joined by `&`", pairs(fields, b"&")),
        ("the values alone, sorted by name", sorted.iter().flat_map(|(_, value)| value.clone()).collect()),
    ];
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for (what, spaced, fields) in [
        ("the parsed form as JSON", false, fields),
        ("the parsed form as JSON with blanks (Python)", true, fields),
        ("the parsed form as JSON, sorted", false, &sorted),
    ] {
        let members = fields.iter().map(|(name, value)| {
            let (name, value) = (Value::from(text(name)), Value::from(text(value)));
            if spaced { format!("{name}: {value}") } else { format!("{name}:{value}") }
        });
        let members: Vec<String> = members.collect();
        all.push((what, format!("{{{}}}", members.join(if spaced { ", " } else { "," })).into_bytes()));
    }
    all
}

/// The places that programs on one's own machine take for their URL.
pub(super) fn local_urls(url: &[u8]) -> Vec<Vec<u8>> {
    let (_, path) = split(url);
    let plain = path.split(|byte| *byte == b'?').next().unwrap_or_default();
    let mut all = Vec::new();
    for path in [path, plain] {
        for host in ["localhost", "127.0.0.1", "0.0.0.0"] {
            for port in ["", ":3000", ":8080", ":8000", ":5000", ":4000", ":8888"] {
                let all_schemes = ["http://", "https://"].map(|scheme| [scheme, host, port].concat());
                all.extend(all_schemes.map(|origin| [origin.as_bytes(), path].concat()));
            }
        }
        // What a framework calls the URL without the host.
        all.push(path.to_vec());
        if plain == path {
            break;
        }
    }
    all
}
