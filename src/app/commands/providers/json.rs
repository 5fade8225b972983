//! A profile as one JSON object.

use serde_json::{Map, Value, json};

use crate::domain::signature::Profile;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::profile::Fact;
use crate::domain::signature::scheme::Scheme;
use crate::domain::signature::template::{Condition, Template};

/// The object; what is not known is `null` or empty.
pub(super) fn of(profile: &Profile) -> Value {
    let texts = |templates: &[Template]| templates.iter().map(|template| template.text.clone()).collect::<Vec<_>>();
    let delivery = &profile.delivery;
    json!({
        "name": profile.name,
        "title": profile.title,
        "docs": profile.docs,
        "aliases": profile.aliases,
        "recognised_by": profile.recognise.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
        "schemes": profile.schemes.iter().map(scheme).collect::<Vec<_>>(),
        "secret": {
            "called": profile.secret.called,
            "find": profile.secret.find,
            "looks": profile.secret.looks,
            "prefixes": profile.secret.prefixes,
            "wrong": profile.secret.wrong.iter().map(|(start, kind)| json!({ "start": start, "is": kind })).collect::<Vec<_>>(),
        },
        "event_type": texts(&profile.event_type),
        "delivery_id": texts(&profile.delivery_id),
        "handshakes": profile.handshakes.iter().map(handshake).collect::<Vec<_>>(),
        "delivery": {
            "deadline_ms": delivery.deadline_ms,
            "success": known(&delivery.success),
            "retries": known(&delivery.retries),
            "redirects": known(&delivery.redirects),
            "disabled": known(&delivery.disabled),
            "source": known(&delivery.source),
        },
        "events": profile.events.iter().map(|event| json!({
            "name": event.name,
            "headers": event.headers.iter().map(|(name, value)| [name, value]).collect::<Vec<_>>(),
            "content_type": event.content_type,
            "body": event.body,
        })).collect::<Vec<_>>(),
        "notes": profile.notes,
        "sources": profile.all_sources(),
        "source_of": source_of(profile),
        "not_documented": not_documented(profile),
        "not_known": not_known(profile),
        "confirmed": profile.confirmed,
    })
}

/// Of each fact that is stated, where it comes from.
fn source_of(profile: &Profile) -> Map<String, Value> {
    let stated = Fact::ALL.into_iter().filter(|fact| fact.is_in(profile));
    stated.map(|fact| (fact.as_str().to_owned(), json!(profile.sources_of(fact)))).collect()
}

/// Of each fact that the provider's documentation does not say, the page that was read.
fn not_documented(profile: &Profile) -> Map<String, Value> {
    let silent = Fact::ALL.into_iter().filter_map(|fact| Some((fact, profile.not_documented_by(fact)?)));
    silent.map(|(fact, source)| (fact.as_str().to_owned(), json!(source))).collect()
}

/// The facts of what is done with an answer that neither a source nor a page that was read says.
fn not_known(profile: &Profile) -> Vec<&'static str> {
    let open = Fact::ALL.into_iter().filter(|fact| fact.is_of_delivery() && !fact.is_in(profile));
    open.filter(|fact| profile.not_documented_by(*fact).is_none()).map(Fact::as_str).collect()
}

fn described(rule: &[Condition]) -> Vec<String> {
    rule.iter().map(Condition::describe).collect()
}

fn scheme(scheme: &Scheme) -> Value {
    json!({
        "rule": scheme.describe(),
        "when": described(&scheme.when),
        "algorithm": scheme.algorithm.name(),
        "encoding": scheme.encoding.name(),
        "message": scheme.message.as_ref().map(|message| message.text.as_str()),
        "signature": scheme.place(),
        "prefix": known(&scheme.prefix),
        "past_s": scheme.timestamp.as_ref().and_then(|clock| clock.past_s),
        "future_s": scheme.timestamp.as_ref().and_then(|clock| clock.future_s),
        "not_covered": known(&scheme.not_covered),
    })
}

/// `null` for what is not known.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn handshake(handshake: &Handshake) -> Value {
    json!({
        "kind": handshake.kind.as_str(),
        "when": described(&handshake.when),
        "signed": handshake.signed,
        "status": handshake.status,
        "status_invalid": handshake.status_invalid,
        "headers": handshake.headers.iter().map(|(name, value)| [name, &value.text]).collect::<Vec<_>>(),
        "body": handshake.body.as_ref().map(|body| &body.text),
        "note": known(&handshake.note),
    })
}
