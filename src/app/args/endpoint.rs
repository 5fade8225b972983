//! `--endpoint PATH[,provider=NAME][,secret=SECRET][,reply=REPLY][,target=URL][,forward=URL][,public-url=URL]`

use std::str::FromStr;

use crate::app::secrets::SecretSource;

/// An endpoint as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointSpec {
    /// `/stripe`, or `/stripe*` for all paths that begin so.
    pub path: String,
    /// Profile name.
    pub provider: Option<String>,
    /// Where its secrets are; several for a rotation.
    pub secrets: Vec<SecretSource>,
    /// Text form of a reply.
    pub reply: Option<String>,
    /// Where a resend goes.
    pub target: Option<String>,
    /// Where its requests are forwarded to.
    pub forward: Option<String>,
    /// The URL that the provider was given.
    pub public_url: Option<String>,
}

/// The names that may stand before `=`.
const NAMES: [&str; 6] = ["provider", "secret", "reply", "target", "forward", "public-url"];

/// What was typed for an endpoint, up to the first value: that or any behind it may be a secret.
pub fn without_value(text: &str) -> String {
    match text.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => text.to_owned(),
    }
}

impl FromStr for EndpointSpec {
    type Err = String;

    /// A comma parts fields only where one of these names and `=` follow, so that a URL, a secret or a reply may hold
    /// commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut fields = split_fields(text).into_iter();
        let path = fields.next().unwrap_or_default().trim().to_owned();
        if !path.starts_with('/') {
            let first = without_value(&path);
            return Err(format!("an endpoint begins with a path such as /stripe, not with `{}`", first.escape_debug()));
        }
        if let Some((_, rest)) = path.split_once(',') {
            let wrong = without_value(rest);
            return Err(format!("`{}` is not one of {}", wrong.escape_debug(), NAMES.join("=, ") + "="));
        }
        let mut spec = Self { path, ..Self::default() };
        for field in fields {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            if value.is_empty() {
                return Err(format!("{name}= has no value"));
            }
            match name {
                "provider" => set(&mut spec.provider, name, value)?,
                "secret" => spec.secrets.push(value.parse()?),
                "reply" => set(&mut spec.reply, name, value)?,
                "target" => set(&mut spec.target, name, value)?,
                "forward" => set(&mut spec.forward, name, value)?,
                _ => set(&mut spec.public_url, name, value)?,
            }
        }
        Ok(spec)
    }
}

fn set(field: &mut Option<String>, name: &str, value: &str) -> Result<(), String> {
    if field.is_some() {
        return Err(format!("{name}= is given twice"));
    }
    *field = Some(value.to_owned());
    Ok(())
}

fn split_fields(text: &str) -> Vec<&str> {
    let begins_field =
        |rest: &str| NAMES.iter().any(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
    let mut fields = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(',') {
        if begins_field(&text[at + 1..]) {
            fields.push(&text[start..at]);
            start = at + 1;
        }
    }
    fields.push(&text[start..]);
    fields
}
