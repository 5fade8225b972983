//! `check [FILE]`: whether a configuration holds, without starting anything.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::args::{CheckArgs, ListenArgs, LookArgs};
use crate::app::config::{Config, ConfigError, LoadedConfig};
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::mistakes::Mistakes;
use crate::app::settings::Settings;
use crate::app::words;
use crate::domain::printable;
use crate::domain::quantity::counted;
use crate::domain::reply::Make;
use crate::domain::signature::{Profile, Secret};
use crate::domain::template::unknown_names;

/// Understands everything that the file says, secrets and body files fetched. The answer is no when something is wrong.
pub fn run(args: &CheckArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let named = args.file.as_ref().or(args.config.as_ref());
    let look = LookArgs { config: named.cloned(), ..LookArgs::default() };
    let listen = ListenArgs { headless: true, no_session: true, look, ..ListenArgs::default() };
    let (loaded, mut said) = match LoadedConfig::find(named.map(PathBuf::as_path), Some(&folders.config)) {
        Ok(loaded) => (loaded, Vec::new()),
        Err(error) => {
            let all = error.all();
            match error {
                // What else is wrong is looked for in what is left.
                ConfigError::Mistake { rest, .. } => (*rest, all),
                ConfigError::Unreadable { .. } | ConfigError::Strangers { .. } => {
                    return say(args, named.map(PathBuf::as_path), &all, None, console);
                }
            }
        }
    };
    let settings = match Settings::listen_with(&listen, &loaded, &mut console.surroundings(&folders)) {
        Ok(settings) => Some(settings),
        Err(error) => {
            let mut more = Mistakes::default();
            more.add(error);
            let wrong = around_all(&said);
            let is_of_those =
                |mistake: &String| parts(mistake)["field"].as_str().is_some_and(|field| wrong.contains(field));
            let more: Vec<String> = more.each().into_iter().filter(|mistake| !is_of_those(mistake)).collect();
            said.extend(more);
            None
        }
    };
    let Some(file) = loaded.path.as_deref().or(named.map(PathBuf::as_path).filter(|_| !said.is_empty())) else {
        // Without a file something else is wrong: a profile of the user's own.
        if !said.is_empty() {
            return say(args, None, &said, None, console);
        }
        anyhow::bail!(
            "there is no configuration: neither ./hooksight.ron nor config.ron in {}",
            folders.config.display()
        );
    };
    let settings = settings.filter(|_| said.is_empty());
    if let Some(settings) = &settings {
        said = mistakes(settings, &loaded);
    }
    in_order(&mut said);
    say(args, Some(file), &said, settings.as_ref(), console)
}

/// By their places in the file, each once.
fn in_order(said: &mut Vec<String>) {
    let place = |mistake: &String| {
        let parts = parts(mistake);
        (parts["line"].as_u64(), parts["column"].as_u64())
    };
    said.sort_by_cached_key(place);
    said.dedup();
}

/// The fields that are known to be wrong, and all that they stand in: what else is said of one of these may be wrong for that reason
/// alone.
fn around_all(known: &[String]) -> HashSet<String> {
    let mut all = HashSet::new();
    for known in known {
        let known = parts(known);
        let Some(field) = known["field"].as_str() else { continue };
        let ends = field.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
        all.extend(ends.chain([field.len()]).filter_map(|end| field.get(..end)).map(str::to_owned));
    }
    all
}

/// What would start and yet not do what was meant.
fn mistakes(settings: &Settings, loaded: &LoadedConfig) -> Vec<String> {
    let mut said = Vec::new();
    if let (Some(path), true) = (&loaded.path, loaded.config == Config::default()) {
        said.push(format!("{}:1:1: the file says nothing: all is as without it", path.display()));
    }
    // Those of the file: nothing was typed.
    templates(settings, loaded, &mut said);
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

/// Names in templates that are not there: what is made of them is empty.
fn templates(settings: &Settings, loaded: &LoadedConfig, said: &mut Vec<String>) {
    let rules = settings.rules.rules.iter().enumerate().map(|(at, rule)| (format!("rules[{at}].reply"), &rule.reply));
    let paths = settings.rules.replies.paths.iter().map(|(path, reply)| (format!("replies.{path}"), reply));
    let all = std::iter::once(("reply".to_owned(), &settings.rules.replies.all));
    for (field, reply) in rules.chain(paths).chain(all) {
        let steps = reply.script.iter().flat_map(|script| &script.steps).map(|step| &step.reply);
        for reply in std::iter::once(reply).chain(steps).filter(|reply| reply.make == Make::Template) {
            said.extend(unknown_names(reply).into_iter().map(|words| format!("{}: {words}", loaded.place(&field))));
        }
    }
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

/// So many mistakes are told; of the others, how many there are.
const TOLD_MAX: usize = 100;

/// Lines for people, or one object; the answer is no when there are mistakes.
fn say(
    args: &CheckArgs,
    file: Option<&Path>,
    mistakes: &[String],
    settings: Option<&Settings>,
    console: &mut Console<'_>,
) -> anyhow::Result<Done> {
    let done = if mistakes.is_empty() { Done::Yes } else { Done::No };
    let more = mistakes.len().saturating_sub(TOLD_MAX);
    let count = |of: fn(&Settings) -> usize| settings.map(of);
    let rules = count(|settings| settings.rules.rules.len());
    let replies = count(|settings| settings.rules.replies.paths.len() + settings.rules.replies.endpoints.len());
    let guards = count(|settings| settings.rules.guards.len());
    let endpoints = count(|settings| settings.checks.endpoints.len());
    if args.json {
        let object = json!({
            "file": file.map(|file| file.display().to_string()),
            "ok": mistakes.is_empty(),
            "mistakes": mistakes.iter().take(TOLD_MAX).map(|mistake| parts(mistake)).collect::<Vec<_>>(),
            "more": more,
            "rules": rules, "replies": replies, "guards": guards, "endpoints": endpoints,
        });
        writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
        return Ok(done);
    }
    for mistake in mistakes.iter().take(TOLD_MAX) {
        (console.warn)(mistake);
    }
    if more > 0 {
        (console.warn)(&format!("… and {more} more"));
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
