//! `providers [NAME]`: the profiles, built in and the user's own.

use serde_json::{Value, json};

use super::{Console, Done};
use crate::app::args::ProvidersArgs;
use crate::app::folders::Folders;
use crate::app::settings::merge;
use crate::app::words;
use crate::domain::quantity::duration_us;
use crate::domain::signature::Profile;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::scheme::Scheme;
use crate::domain::signature::template::{Condition, Template};
use crate::domain::signature::timestamp;

/// Lists the profiles, or explains one.
pub fn run(args: &ProvidersArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let profiles = merge::load_profiles(&Folders::find()?)?;
    if let Some(name) = &args.name {
        let profile = profiles.resolve(name).map_err(|words| anyhow::anyhow!(words))?;
        match args.json {
            true => writeln!(console.out, "{}", words::safe_json(&json_of(&profile).to_string()))?,
            false => explain(&profile, console)?,
        }
        return Ok(Done::Yes);
    }
    let mut all: Vec<_> = profiles.iter().collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    let width = all.iter().map(|profile| profile.name.len()).max().unwrap_or(0);
    for profile in all {
        if args.json {
            writeln!(console.out, "{}", words::safe_json(&json_of(profile).to_string()))?;
        } else {
            let algorithm = profile.schemes.first().map(|scheme| scheme.algorithm.name()).unwrap_or_default();
            writeln!(console.out, "{:<width$}  {:<24}  {}", profile.name, algorithm, profile.title)?;
        }
    }
    Ok(Done::Yes)
}

/// All that a profile says, for people.
fn explain(profile: &Profile, console: &mut Console<'_>) -> std::io::Result<()> {
    let out = &mut console.out;
    writeln!(out, "{} ({})", profile.title, profile.name)?;
    if !profile.aliases.is_empty() {
        writeln!(out, "also known as  {}", profile.aliases.join(", "))?;
    }
    if !profile.docs.is_empty() {
        writeln!(out, "{}", profile.docs)?;
    }
    for rule in &profile.recognise {
        let words: Vec<String> = rule.iter().map(Condition::describe).collect();
        writeln!(out, "recognised by  {}", words.join(", "))?;
    }
    for scheme in &profile.schemes {
        explain_scheme(scheme, console)?;
    }
    let out = &mut console.out;
    writeln!(out, "secret         {}: {}", profile.secret.called, profile.secret.find)?;
    if !profile.secret.looks.is_empty() {
        writeln!(out, "               {}", profile.secret.looks)?;
    }
    for (prefix, kind) in &profile.secret.wrong {
        writeln!(out, "               not {prefix}...: that is {kind}")?;
    }
    for (label, templates) in [("event type", &profile.event_type), ("delivery id", &profile.delivery_id)] {
        let words: Vec<_> = templates.iter().map(|template| template.text.as_str()).collect();
        if !words.is_empty() {
            writeln!(out, "{label:<15}{}", words.join(", else "))?;
        }
    }
    for handshake in &profile.handshakes {
        explain_handshake(handshake, out)?;
    }
    let delivery = &profile.delivery;
    let deadline = delivery.deadline_ms.map(|millis| duration_us(u64::from(millis) * 1000)).unwrap_or_default();
    for (label, text) in [
        ("deadline", deadline.as_str()),
        ("success", &delivery.success),
        ("retries", &delivery.retries),
        ("gives up", &delivery.disabled),
        ("    source", if delivery.is_empty() { "" } else { &delivery.source }),
    ] {
        if !text.is_empty() {
            writeln!(out, "{label:<15}{text}")?;
        }
    }
    for event in &profile.events {
        writeln!(out, "sample event   {}: {}", event.name, event.body)?;
    }
    for note in &profile.notes {
        writeln!(out, "note           {note}")?;
    }
    writeln!(out, "sources        {}", profile.sources.join("; "))?;
    let confirmed = if profile.confirmed.is_empty() { "not yet".to_owned() } else { profile.confirmed.join("; ") };
    writeln!(out, "confirmed by   {confirmed}")
}

fn explain_handshake(handshake: &Handshake, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let when: Vec<String> = handshake.when.iter().map(Condition::describe).collect();
    writeln!(out, "handshake      {}: {}", when.join(", "), handshake.kind.words())?;
    let status = match handshake.status_invalid {
        Some(invalid) => format!("{} when the signature holds, {invalid} when not", handshake.status),
        None => handshake.status.to_string(),
    };
    let headers: Vec<String> =
        handshake.headers.iter().map(|(name, value)| format!("{name}: {}", value.text)).collect();
    let body = handshake.body.as_ref().map(|body| body.text.clone()).unwrap_or_default();
    let parts = [status, headers.join(", "), body];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    writeln!(out, "    answer     {}", parts.join("; "))?;
    if !handshake.note.is_empty() {
        writeln!(out, "    note       {}", handshake.note)?;
    }
    Ok(())
}

fn explain_scheme(scheme: &Scheme, console: &mut Console<'_>) -> std::io::Result<()> {
    let out = &mut console.out;
    writeln!(out, "scheme         {}", scheme.describe().replace('\n', "\\n"))?;
    if !scheme.when.is_empty() {
        let words: Vec<String> = scheme.when.iter().map(Condition::describe).collect();
        writeln!(out, "    when       {}", words.join(", "))?;
    }
    let prefix = if scheme.prefix.is_empty() { String::new() } else { format!(", after `{}`", scheme.prefix) };
    writeln!(out, "    found in   {}{prefix}", scheme.place())?;
    if let Some(clock) = &scheme.timestamp {
        let limit = match (clock.past_s, clock.future_s) {
            (Some(past), Some(future)) => {
                format!("{} old, {} ahead", timestamp::words(past), timestamp::words(future))
            }
            (Some(past), None) => format!("{} old", timestamp::words(past)),
            (None, Some(future)) => format!("{} ahead", timestamp::words(future)),
            (None, None) => "no limit".to_owned(),
        };
        writeln!(out, "    timestamp  {}, in {}; allowed: {limit}", clock.from.0.describe(), clock.unit.name())?;
    }
    if !scheme.not_covered.is_empty() {
        writeln!(out, "    beware     {}", scheme.not_covered)?;
    }
    Ok(())
}

fn json_of(profile: &Profile) -> Value {
    let schemes: Vec<Value> = profile
        .schemes
        .iter()
        .map(|scheme| {
            json!({
                "rule": scheme.describe(),
                "algorithm": scheme.algorithm.name(),
                "encoding": scheme.encoding.name(),
                "message": scheme.message.as_ref().map(|message| message.text.as_str()),
                "signature": scheme.place(),
                "past_s": scheme.timestamp.as_ref().and_then(|clock| clock.past_s),
                "future_s": scheme.timestamp.as_ref().and_then(|clock| clock.future_s),
                "not_covered": (!scheme.not_covered.is_empty()).then_some(scheme.not_covered.as_str()),
            })
        })
        .collect();
    let texts = |templates: &[Template]| templates.iter().map(|template| template.text.clone()).collect::<Vec<_>>();
    json!({
        "name": profile.name,
        "title": profile.title,
        "docs": profile.docs,
        "schemes": schemes,
        "secret": {
            "called": profile.secret.called,
            "find": profile.secret.find,
            "looks": profile.secret.looks,
            "prefixes": profile.secret.prefixes,
        },
        "event_type": texts(&profile.event_type),
        "delivery_id": texts(&profile.delivery_id),
        "aliases": profile.aliases,
        "handshakes": profile.handshakes.iter().map(handshake_json).collect::<Vec<_>>(),
        "delivery": {
            "deadline_ms": profile.delivery.deadline_ms,
            "success": known(&profile.delivery.success),
            "retries": known(&profile.delivery.retries),
            "disabled": known(&profile.delivery.disabled),
            "source": known(&profile.delivery.source),
        },
        "events": profile.events.iter().map(|event| json!({
            "name": event.name,
            "headers": event.headers.iter().map(|(name, value)| [name, value]).collect::<Vec<_>>(),
            "content_type": event.content_type,
            "body": event.body,
        })).collect::<Vec<_>>(),
        "notes": profile.notes,
        "sources": profile.sources,
        "confirmed": profile.confirmed,
    })
}

/// `null` for what is not known.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn handshake_json(handshake: &Handshake) -> Value {
    json!({
        "kind": handshake.kind.as_str(),
        "when": handshake.when.iter().map(Condition::describe).collect::<Vec<_>>(),
        "signed": handshake.signed,
        "status": handshake.status,
        "status_invalid": handshake.status_invalid,
        "headers": handshake.headers.iter().map(|(name, value)| [name, &value.text]).collect::<Vec<_>>(),
        "body": handshake.body.as_ref().map(|body| &body.text),
        "note": known(&handshake.note),
    })
}
