//! What every compiled-in profile must keep to, beyond what the types say.

use std::collections::HashMap;

use crate::domain::exchange::Request;
use crate::domain::signature::profile::{Fact, Sample, SourceOf};
use crate::domain::signature::tests::request;
use crate::domain::signature::{Profile, Profiles};

/// Calls `lint` with every compiled-in profile, and fails with all that it found.
fn every(lint: impl Fn(&Profile, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for profile in Profiles::builtin().iter() {
        let mut found = Vec::new();
        lint(profile, &mut found);
        wrong.extend(found.into_iter().map(|words| format!("{}.ron: {words}", profile.name)));
    }
    assert!(wrong.is_empty(), "{} to mend:\n{}", wrong.len(), wrong.join("\n"));
}

/// A sample as the request that it stands for.
fn sent(sample: &Sample) -> Request {
    let mut headers = vec![("Content-Type", sample.content_type.as_str())];
    headers.extend(sample.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    request("POST", "/", &headers, sample.body.as_bytes())
}

#[test]
fn types_and_ids_are_where_the_samples_have_them() {
    every(|profile, wrong| {
        let samples: Vec<Request> = profile.events.iter().map(sent).collect();
        if !profile.event_type.is_empty() {
            for (sample, request) in profile.events.iter().zip(&samples) {
                let found = profile.event_type(request);
                if found.as_deref() != Some(&sample.name) {
                    wrong.push(format!("`event_type` finds {found:?} in the sample {}", sample.name));
                }
            }
        }
        if !profile.delivery_id.is_empty() && !samples.iter().any(|request| profile.delivery_id(request).is_some()) {
            wrong.push("`delivery_id` finds nothing in any sample".into());
        }
    });
}

#[test]
fn what_is_done_with_answers_has_a_source() {
    every(|profile, wrong| {
        for fact in Fact::ALL.into_iter().filter(|fact| fact.is_in(profile)) {
            if profile.sources_of(fact).is_empty() {
                wrong.push(format!("{} has no source", fact.as_str()));
            }
        }
        let named: Vec<Fact> = profile.source_of.iter().flat_map(|source| source.0.clone()).collect();
        let all_named = Fact::ALL.into_iter().filter(|fact| fact.is_of_delivery() && fact.is_in(profile));
        if !profile.delivery.source.is_empty() && all_named.into_iter().all(|fact| named.contains(&fact)) {
            wrong.push("`delivery.source` is the source of nothing".into());
        }
    });
}

/// A source that nobody can look up is none.
#[test]
fn every_fact_has_a_source_with_an_address() {
    every(|profile, wrong| {
        for fact in Fact::ALL.into_iter().filter(|fact| fact.is_in(profile)) {
            if !profile.sources_of(fact).iter().any(|source| source.contains("https://")) {
                wrong.push(format!("{}: no address in {:?}", fact.as_str(), profile.sources_of(fact)));
            }
        }
        for SourceOf(facts, source) in profile.source_of.iter().chain(&profile.not_documented) {
            if !source.contains("https://") {
                wrong.push(format!("{facts:?}: no address in `{source}`"));
            }
        }
    });
}

#[test]
fn addresses_are_whole_and_safe() {
    every(|profile, wrong| {
        let urls = profile.all_sources().into_iter().chain([profile.docs.as_str()]);
        for url in urls.flat_map(|text| text.split_whitespace()).filter(|word| word.contains("://")) {
            let rest = url.strip_prefix("https://").unwrap_or_default();
            let host = rest.split(['/', '#', '?']).next().unwrap_or_default();
            if !host.contains('.') || url.ends_with([',', ';', '.', ')']) {
                wrong.push(format!("`{url}` is no https address"));
            }
        }
        if !profile.docs.starts_with("https://") {
            wrong.push(format!("docs: `{}`", profile.docs));
        }
    });
}

#[test]
fn times_are_sane() {
    every(|profile, wrong| {
        if let Some(millis) = profile.delivery.deadline_ms
            && !(500..=600_000).contains(&millis)
        {
            wrong.push(format!("a deadline of {millis} ms"));
        }
        for clock in profile.schemes.iter().filter_map(|scheme| scheme.timestamp.as_ref()) {
            for seconds in [clock.past_s, clock.future_s].into_iter().flatten() {
                if !(1..=7 * 86_400).contains(&seconds) {
                    wrong.push(format!("a tolerance of {seconds} s"));
                }
            }
        }
    });
}

#[test]
fn words_are_short_and_clean() {
    every(|profile, wrong| {
        let (delivery, secret) = (&profile.delivery, &profile.secret);
        let mut texts = vec![&profile.title, &secret.called, &secret.find, &secret.looks];
        texts.extend([&delivery.success, &delivery.retries, &delivery.redirects, &delivery.disabled]);
        texts.extend(profile.notes.iter().chain(&profile.sources).chain(&profile.confirmed));
        for text in texts {
            let clean = text.trim() == text.as_str() && !text.contains("  ") && !text.contains(char::is_control);
            if !clean || text.len() > 260 {
                wrong.push(format!("`{text}`"));
            }
        }
        for text in [&delivery.success, &delivery.retries, &delivery.redirects, &delivery.disabled] {
            if text.ends_with('.') {
                wrong.push(format!("`{text}` is no sentence and needs no full stop"));
            }
        }
        let sources = profile.sources.iter().chain(profile.source_of.iter().map(|source| &source.1));
        let mut seen = HashMap::new();
        for source in sources {
            if seen.insert(source, ()).is_some() {
                wrong.push(format!("the source `{source}` is there twice"));
            }
        }
    });
}
