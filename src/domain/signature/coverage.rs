//! What a valid signature does not cover: said with every verdict, because a receiver that trusts it can be fooled there.

use super::Profile;
use super::handlers::covers_body_bytes;
use super::scheme::{Algorithm, Form, Scheme};
use super::template::{Part, Source, Template};
use crate::domain::exchange::Request;

/// What the scheme leaves unsigned, in words: the profile's own, else what follows from the rule. Empty: body, time and id
/// are all covered.
pub fn not_covered(profile: &Profile, scheme: &Scheme) -> String {
    if !scheme.not_covered.is_empty() {
        return scheme.not_covered.clone();
    }
    if scheme.algorithm == Algorithm::Token {
        return "a token covers nothing: neither body nor time".to_owned();
    }
    // What a message signature covers is said for each of them when it is opened.
    if matches!(scheme.form, Form::HttpMessage(_)) {
        return String::new();
    }
    let mut left_out = Vec::new();
    if !covers_body_bytes(scheme) {
        left_out.push(if signs_fields(scheme) { "the rest of the body" } else { "the body" });
    }
    if !signs_time(scheme) {
        left_out.push("the time (an old delivery stays valid)");
    }
    let id = unsigned_id_header(profile, scheme);
    let id = id.map(|name| format!("the delivery id ({name})"));
    left_out.extend(id.as_deref());
    if left_out.is_empty() { String::new() } else { format!("not signed: {}", left_out.join(", ")) }
}

/// That a signature rests on SHA-1 or MD5 while the provider has a stronger one in another header, which did not come.
pub fn weaker(profile: &Profile, scheme: &Scheme, request: &Request) -> Option<String> {
    let is_weak = |scheme: &Scheme| {
        matches!(scheme.algorithm, Algorithm::HmacSha1 | Algorithm::HmacMd5 | Algorithm::Sha1 | Algorithm::Md5)
    };
    if !is_weak(scheme) {
        return None;
    }
    let headers = |scheme: &Scheme| {
        let names = scheme.signature.iter().filter_map(|place| match &place.0 {
            Source::Header(name) => Some(name.clone()),
            _ => None,
        });
        names.collect::<Vec<_>>()
    };
    let is_missing = |name: &String| request.headers.get(name).is_none_or(|value| value.trim_ascii().is_empty());
    let is_strong = |scheme: &&Scheme| {
        matches!(scheme.algorithm, Algorithm::HmacSha256 | Algorithm::HmacSha384 | Algorithm::HmacSha512)
    };
    let mut others = profile.schemes.iter().filter(is_strong);
    let (stronger, names) = others.find_map(|other| {
        let names = headers(other);
        (!names.is_empty() && names.iter().all(is_missing)).then_some((other, names))
    })?;
    Some(format!(
        "this is the older, weaker signature ({}): {} has {} in {} too, which did not come; a receiver that wants that one refuses it",
        scheme.algorithm.name(),
        profile.title,
        stronger.algorithm.name(),
        names.join(" or ")
    ))
}

fn sources(scheme: &Scheme) -> impl Iterator<Item = &Source> {
    let guards = scheme.guards.iter().flat_map(|guard| guard.left.sources().chain(guard.right.sources()));
    scheme.message.iter().flat_map(|message| message.sources()).chain(guards)
}

/// Whether fields of the body are signed one by one.
fn signs_fields(scheme: &Scheme) -> bool {
    sources(scheme).any(|source| {
        matches!(source, Source::Json(_) | Source::Form(_) | Source::Params | Source::ParamsAll | Source::Fields)
    })
}

/// Whether a time is signed, with a name of its own or as a part of what is signed whole.
fn signs_time(scheme: &Scheme) -> bool {
    if matches!(scheme.form, Form::Jwt(_)) {
        return scheme.timestamp.is_some() || scheme.not_after.is_some();
    }
    let Some(clock) = &scheme.timestamp else {
        return sources(scheme).any(|source| *source == Source::Timestamp);
    };
    let place = &clock.from.0;
    let in_body = matches!(place, Source::Json(_) | Source::Form(_)) && covers_body_bytes(scheme);
    let in_fields = matches!(place, Source::Form(_))
        && sources(scheme).any(|one| matches!(one, Source::Params | Source::ParamsAll | Source::Fields));
    let in_url =
        matches!(place, Source::Query(_)) && sources(scheme).any(|one| matches!(one, Source::Url | Source::Path));
    in_body || in_fields || in_url || sources(scheme).any(|source| source == place || *source == Source::Timestamp)
}

/// The header of the delivery id, when nothing signs it.
fn unsigned_id_header<'a>(profile: &'a Profile, scheme: &Scheme) -> Option<&'a str> {
    let header = profile.delivery_id.iter().find_map(only_header)?;
    let signed_id = scheme.id.as_ref().map(|id| &id.0);
    let is_it = |source: &Source| match source {
        Source::Header(name) => name.eq_ignore_ascii_case(header),
        Source::Id => matches!(signed_id, Some(Source::Header(name)) if name.eq_ignore_ascii_case(header)),
        _ => false,
    };
    // A list of header names in the request may name it.
    let named = scheme.message.iter().flat_map(|message| &message.parts).any(|part| matches!(part, Part::Value(_, filters) if filters.iter().any(|filter| matches!(filter, super::template::Filter::Named(_)))));
    (!named && !sources(scheme).any(is_it)).then_some(header)
}

fn only_header(template: &Template) -> Option<&str> {
    match template.parts.as_slice() {
        [Part::Value(Source::Header(name), _)] => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
