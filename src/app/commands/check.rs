//! `check [FILE]`: whether a configuration holds, without starting anything.

use std::path::Path;

use serde_json::{Value, json};

use super::{Console, Done};
use crate::app::args::{CheckArgs, ListenArgs, LookArgs};
use crate::app::config::{Config, LoadedConfig};
use crate::app::folders::Folders;
use crate::app::settings::Settings;
use crate::app::words;
use crate::domain::printable;
use crate::domain::quantity::counted;
use crate::domain::signature::{Profile, Secret};

/// Understands everything that the file says, secrets and body files fetched. The answer is no when something is wrong.
pub fn run(args: &CheckArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let look = LookArgs { config: args.file.clone(), ..LookArgs::default() };
    let listen = ListenArgs { headless: true, no_session: true, look, ..ListenArgs::default() };
    let settings = match Settings::listen(&listen, &mut console.surroundings(&folders)) {
        Ok(settings) => settings,
        Err(error) => return say(args, args.file.as_deref(), &[format!("{error:#}")], None, console),
    };
    let loaded = LoadedConfig::find(args.file.as_deref(), Some(&folders.config))?;
    let Some(file) = &loaded.path else {
        anyhow::bail!(
            "there is no configuration: neither ./hooksight.ron nor config.ron in {}",
            folders.config.display()
        );
    };
    let mistakes = mistakes(&settings, &loaded);
    say(args, Some(file), &mistakes, Some(&settings), console)
}

/// What would start and yet not do what was meant.
fn mistakes(settings: &Settings, loaded: &LoadedConfig) -> Vec<String> {
    let mut said = Vec::new();
    if let (Some(path), true) = (&loaded.path, loaded.config == Config::default()) {
        said.push(format!("{}:1:1: the file says nothing: all is as without it", path.display()));
    }
    // Those of the file: nothing was typed.
    for (index, endpoint) in settings.checks.endpoints.iter().enumerate() {
        if let Some(profile) = &endpoint.provider {
            doubts(profile, &endpoint.secrets, &loaded.place(&format!("endpoints[{index}].secret")), &mut said);
        }
    }
    for name in loaded.config.secrets.keys() {
        let Ok(profile) = settings.checks.profiles.resolve(name) else { continue };
        let fetched = settings.checks.provider_secrets.iter().filter(|(known, _)| *known == profile.name);
        for (_, secrets) in fetched {
            doubts(&profile, secrets, &loaded.place(&format!("secrets.{name}")), &mut said);
        }
    }
    said
}

fn doubts(profile: &Profile, secrets: &[Secret], place: &str, said: &mut Vec<String>) {
    let many = secrets.len() > 1;
    for (at, secret) in secrets.iter().enumerate() {
        if let Some(words) = profile.wrong_secret(secret) {
            let which = if many { format!("secret {}: ", at + 1) } else { String::new() };
            said.push(format!("{place}: {which}{words}"));
        }
    }
}

/// Lines for people, or one object; the answer is no when there are mistakes.
fn say(
    args: &CheckArgs,
    file: Option<&Path>,
    mistakes: &[String],
    settings: Option<&Settings>,
    console: &mut Console<'_>,
) -> anyhow::Result<Done> {
    let done = if mistakes.is_empty() { Done::Yes } else { Done::No };
    let count = |of: fn(&Settings) -> usize| settings.map(of);
    let rules = count(|settings| settings.rules.rules.len());
    let replies = count(|settings| settings.rules.replies.paths.len() + settings.rules.replies.endpoints.len());
    let guards = count(|settings| settings.rules.guards.len());
    let endpoints = count(|settings| settings.checks.endpoints.len());
    if args.json {
        let object = json!({
            "file": file.map(|file| file.display().to_string()),
            "ok": mistakes.is_empty(),
            "mistakes": mistakes.iter().map(|mistake| parts(mistake)).collect::<Vec<_>>(),
            "rules": rules, "replies": replies, "guards": guards, "endpoints": endpoints,
        });
        writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
        return Ok(done);
    }
    for mistake in mistakes {
        (console.warn)(mistake);
    }
    if let (Done::Yes, Some(file)) = (done, file) {
        let counted = |number: Option<usize>, what: &str| counted(number.unwrap_or(0), what);
        writeln!(
            console.out,
            "{}: fine ({}, {}, {}, {})",
            printable::visible_str(&file.display().to_string()),
            counted(rules, "rule"),
            counted(replies, "reply by path").replace("reply by paths", "replies by path"),
            counted(guards, "guard"),
            counted(endpoints, "endpoint"),
        )?;
    }
    Ok(done)
}

/// `FILE:3:14: endpoints[0].provider: words` as an object; what has no place is all message.
fn parts(mistake: &str) -> Value {
    let placed = || {
        let (before, rest) = mistake.split_once(": ")?;
        let (before, column) = before.rsplit_once(':')?;
        let (file, line) = before.rsplit_once(':')?;
        Some((file, line.parse::<u64>().ok()?, column.parse::<u64>().ok()?, rest))
    };
    let Some((file, line, column, rest)) = placed() else {
        return json!({ "file": null, "line": null, "column": null, "field": null, "message": mistake });
    };
    let is_field = |word: &&str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_.[]-/*".contains(c);
        !word.is_empty() && word.chars().all(is_part) && word.starts_with(|c: char| c.is_ascii_lowercase())
    };
    let (field, message) = match rest.split_once(": ") {
        Some((word, rest)) if is_field(&word) => (Some(word), rest),
        _ => (None, rest),
    };
    json!({ "file": file, "line": line, "column": column, "field": field, "message": message })
}

#[cfg(test)]
mod tests;
