//! `rules` of the configuration, understood.

use anyhow::anyhow;

use super::callbacks::callbacks;
use super::replies::file_reply;
use crate::app::config::LoadedConfig;
use crate::app::config::rules::{Net, RuleInFile, WhenInFile};
use crate::app::mistakes::Mistakes;
use crate::domain::rule::{Origin, Rule, When};
use crate::domain::signature::Profiles;

/// A rule for a provider that there is not would never fit.
pub fn known_providers(
    index: usize,
    when: &WhenInFile,
    loaded: &LoadedConfig,
    profiles: &Profiles,
    wrong: &mut Mistakes,
) {
    for pattern in &when.provider.0 {
        if profiles.iter().any(|profile| pattern.is_like(profile.name.as_bytes())) {
            continue;
        }
        let text = pattern.text();
        let name = text.trim_start_matches('!');
        let place = loaded.place(&format!("rules[{index}].when.provider"));
        let words = match profiles.resolve(name) {
            _ if name.contains('*') => format!("no provider is called like `{name}`"),
            Ok(profile) if profile.name != name && profiles.by_name(name).is_some() => {
                format!("`{name}` is another name of `{}`: write that", profile.name)
            }
            Ok(_) => continue,
            Err(words) => words,
        };
        wrong.add(anyhow!("{place}: {words}"));
    }
}

/// One rule.
pub fn rule(index: usize, written: &RuleInFile, loaded: &LoadedConfig) -> anyhow::Result<Rule> {
    let place = |field: &str| loaded.place(&format!("rules[{index}].{field}"));
    let name = match &written.name {
        Some(name) => format!("rule {name}"),
        None => format!("rule {}", index + 1),
    };
    let mut wrong = Mistakes::default();
    let when = wrong.take(when(&written.when, &place));
    let reply = wrong.take(file_reply(&written.reply.0, &format!("rules[{index}].reply"), loaded));
    let callbacks = wrong.take(callbacks(&written.callbacks, &|path| loaded.beside(path), &place));
    let (Some(when), Some(reply), Some(callbacks)) = (when, reply, callbacks) else { return Err(wrong.into()) };
    Ok(Rule {
        name,
        when,
        reply,
        callbacks,
        given: written.name.clone().unwrap_or_default(),
        reply_text: written.reply.0.to_string(),
        origin: Origin::File,
        is_off: false,
        number: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
    })
}

fn when(written: &WhenInFile, place: &dyn Fn(&str) -> String) -> anyhow::Result<When> {
    let named = |map: &std::collections::BTreeMap<String, crate::app::config::Parsed<_>>| {
        map.iter()
            .map(|(name, pattern)| (name.clone(), crate::domain::rule::pattern::ValuePattern::clone(&pattern.0)))
            .collect()
    };
    let mut json = Vec::new();
    for (path, pattern) in &written.json {
        // Understood when the file was read.
        let parsed = path.0.parse().map_err(|error: String| anyhow!("{}: {error}", place("when.json")))?;
        json.push((parsed, pattern.0.clone()));
    }
    Ok(When {
        methods: written.method.0.iter().map(|word| word.0.clone()).collect(),
        path: written.path.as_ref().map(|path| path.0.clone()),
        headers: written.headers.iter().map(|(name, pattern)| (name.0.clone(), pattern.0.clone())).collect(),
        query: named(&written.query),
        form: named(&written.form),
        json,
        providers: written.provider.0.clone(),
        events: written.event.0.clone(),
        verdicts: written.verdict.0.iter().map(|word| word.0).collect(),
        from: written.from.0.iter().map(|Net(net)| *net).collect(),
        nth: written.nth.map(|nth| nth.0),
    })
}
