//! All that a profile says, as a page.

use std::io;

use super::page::Page;
use crate::domain::quantity::duration_us;
use crate::domain::signature::Profile;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::profile::{Fact, SourceOf};
use crate::domain::signature::scheme::{Algorithm, Clock, Form, Key, KeyForm, Scheme};
use crate::domain::signature::template::{Condition, Filter, Function, Part, Source, Template};

/// Writes it.
pub(super) fn explain(profile: &Profile, page: &mut Page<'_>) -> io::Result<()> {
    let sources = profile.all_sources();
    let note = |fact: Fact| numbers(profile, &sources, fact);
    page.heading(&profile.title, &profile.name)?;
    if !profile.docs.is_empty() {
        page.line(&profile.docs)?;
    }
    if !profile.aliases.is_empty() {
        page.row("also called", &profile.aliases.join(", "))?;
    }
    page.gap()?;
    for (at, rule) in profile.recognise.iter().enumerate() {
        let label = if at == 0 { "recognised by" } else { "or by" };
        page.noted(label, &conditions(rule), &note(Fact::Recognition))?;
    }
    for scheme in &profile.schemes {
        page.gap()?;
        explain_scheme(scheme, &note, page)?;
    }
    page.gap()?;
    explain_secret(profile, &note, page)?;
    page.gap()?;
    for (label, templates, fact) in
        [("event type", &profile.event_type, Fact::EventType), ("delivery id", &profile.delivery_id, Fact::DeliveryId)]
    {
        let words: Vec<_> = templates.iter().map(template_words).collect();
        page.noted(label, &words.join(", else "), &note(fact))?;
    }
    for handshake in &profile.handshakes {
        page.gap()?;
        explain_handshake(handshake, &note(Fact::Handshake), page)?;
    }
    page.gap()?;
    explain_delivery(profile, &note, page)?;
    if !profile.events.is_empty() {
        page.gap()?;
    }
    for event in &profile.events {
        page.row("sample event", &event.name)?;
        for (name, value) in &event.headers {
            page.exact("", &format!("{name}: {value}"))?;
        }
        page.exact("", &event.body)?;
    }
    for note in &profile.notes {
        page.row("note", note)?;
    }
    page.gap()?;
    let many = sources.len() > 1;
    for (at, source) in sources.iter().enumerate() {
        let number = if many { format!("[{}] ", at + 1) } else { String::new() };
        page.row(if at == 0 { "sources" } else { "" }, &format!("{number}{source}"))?;
    }
    let confirmed = if profile.confirmed.is_empty() {
        "nothing yet: no official vector or package has shown that the scheme holds".to_owned()
    } else {
        profile.confirmed.join("; ")
    };
    page.row("confirmed by", &confirmed)
}

/// `[1]` or `[2, 3]`: which of the sources a fact comes from. Nothing when it comes from all that are for the whole profile:
/// a mark behind every line would hide those that say something.
fn numbers(profile: &Profile, sources: &[&str], fact: Fact) -> String {
    let own = profile.sources_of(fact);
    if sources.len() < 2 || own == profile.sources {
        return String::new();
    }
    numbered(sources, &own)
}

/// `[1, 3]`: which of the sources these are.
fn numbered(sources: &[&str], own: &[&str]) -> String {
    let numbers = sources.iter().enumerate().filter(|(_, source)| own.contains(source));
    let numbers: Vec<String> = numbers.map(|(at, _)| (at + 1).to_string()).collect();
    if numbers.is_empty() || sources.len() < 2 { String::new() } else { format!("[{}]", numbers.join(", ")) }
}

fn conditions(all: &[Condition]) -> String {
    all.iter().map(|condition| condition.describe().trim_end().to_owned()).collect::<Vec<_>>().join(", ")
}

fn explain_scheme(scheme: &Scheme, note: &impl Fn(Fact) -> String, page: &mut Page<'_>) -> io::Result<()> {
    page.noted("scheme", &scheme_words(scheme), &note(Fact::Scheme))?;
    page.row("  when", &conditions(&scheme.when))?;
    if let Some(message) = &scheme.message {
        page.row("  signed bytes", &visible_ends(&message.text))?;
    }
    match &scheme.form {
        Form::Plain => {}
        Form::Jwt(jwt) => {
            page.row("  signed bytes", "the token's own header and claims, joined by a dot")?;
            page.row("  must say", &jwt.required.join(", "))?;
        }
        Form::HttpMessage(http) => {
            page.row("  signed bytes", "a line for each component that the signature names (RFC 9421 section 2.5)")?;
            page.row("  must cover", &http.required.join(", "))?;
        }
    }
    page.row("  found in", &place_words(scheme))?;
    if scheme.algorithm != Algorithm::Token {
        page.row("  key", &key_words(&scheme.key, scheme.algorithm))?;
    }
    if let Some(clock) = &scheme.timestamp {
        page.row("  timestamp", &format!("{}, {}", clock.from.0.describe(), written_in(clock.unit.name())))?;
        page.noted("  tolerance", &tolerance_words(clock), &note(Fact::Tolerance))?;
    }
    for (label, bound) in [("  not before", &scheme.not_before), ("  not after", &scheme.not_after)] {
        page.row(label, &bound.as_ref().map(|field| field.0.describe()).unwrap_or_default())?;
    }
    for guard in &scheme.guards {
        page.row("  refused when", &guard.says)?;
    }
    for demand in &scheme.demands {
        page.row("  refused when", &demand.says)?;
    }
    page.row("  not covered", &scheme.not_covered)
}

fn written_in(unit: &str) -> String {
    match unit {
        "seconds" | "milliseconds" => format!("{unit} since 1970"),
        other => format!("written as {other}"),
    }
}

/// How old or early a delivery may be.
fn tolerance_words(clock: &Clock) -> String {
    let span = |seconds: u64| duration_us(seconds.saturating_mul(1_000_000));
    match (clock.past_s, clock.future_s) {
        (Some(past), Some(future)) if past == future => format!("{} either way", span(past)),
        (Some(past), Some(future)) => format!("at most {} old, {} ahead", span(past), span(future)),
        (Some(past), None) => format!("at most {} old", span(past)),
        (None, Some(future)) => format!("at most {} ahead", span(future)),
        (None, None) => "the provider has no rule: its age is shown and not judged".to_owned(),
    }
}

/// `HMAC-SHA256 over the timestamp, "." and the raw body, in hex`.
fn scheme_words(scheme: &Scheme) -> String {
    let encoding = scheme.encoding.name();
    let each = if scheme.each.is_some() { "for each item of the body: " } else { "" };
    match (&scheme.message, &scheme.form) {
        (Some(message), _) => {
            format!("{each}{} over {}, in {encoding}", scheme.algorithm.name(), template_words(message))
        }
        (None, Form::Plain) => format!("{each}the secret itself is sent ({encoding}); nothing is signed"),
        (None, Form::Jwt(_) | Form::HttpMessage(_)) => scheme.describe(),
    }
}

/// Where the signature is.
fn place_words(scheme: &Scheme) -> String {
    let places: Vec<_> = scheme.signature.iter().map(|source| source.0.describe()).collect();
    let mut words = places.join(" or ");
    if !scheme.prefix.is_empty() {
        words.push_str(&format!(", after `{}`", scheme.prefix));
    }
    if let Some(list) = &scheme.list {
        let items = if list.accept.is_empty() { "an item".to_owned() } else { list.accept.join(" or ") };
        let among = if list.base64_json {
            "of JSON in base64".to_owned()
        } else {
            format!("of a list parted by `{}`", list.separator)
        };
        words.push_str(&format!(": {items} {among}"));
    }
    words
}

/// How the secret becomes the key.
fn key_words(key: &Key, algorithm: Algorithm) -> String {
    let form = match key.decode {
        KeyForm::Text => "the secret as text",
        KeyForm::Base64 => "the secret, decoded from base64",
        KeyForm::Hex => "the secret, decoded from hex",
        KeyForm::Sha1 => "the SHA-1 of the secret",
        KeyForm::Public if algorithm.is_public() => {
            "the provider's public key: PEM, DER, certificate, JWK, JWKS, hex or base64"
        }
        KeyForm::Public => "a public key",
        KeyForm::PublicOrText => "the provider's public key, else the secret as text",
        KeyForm::Ed25519Seed => "made from the secret, repeated to 32 bytes",
    };
    let mut words = form.to_owned();
    if !key.strip.is_empty() {
        words.push_str(&format!(", without `{}`", key.strip.join("` or `")));
    }
    if !key.parts.is_empty() {
        words.push_str(&format!("; given with it: {}", key.parts.join(", ")));
    }
    words
}

fn explain_secret(profile: &Profile, note: &impl Fn(Fact) -> String, page: &mut Page<'_>) -> io::Result<()> {
    let secret = &profile.secret;
    page.noted("secret", &secret.called, &note(Fact::Secret))?;
    page.row("  find it", &secret.find)?;
    page.row("  looks like", &secret.looks)?;
    for (at, (prefix, kind)) in secret.wrong.iter().enumerate() {
        page.row(if at == 0 { "  not" } else { "" }, &format!("{prefix}...: that is {kind}"))?;
    }
    for test in &secret.test {
        page.row("  of test sends", test)?;
    }
    Ok(())
}

fn explain_handshake(handshake: &Handshake, note: &str, page: &mut Page<'_>) -> io::Result<()> {
    let signed = if handshake.signed { "; signed like a delivery" } else { "" };
    page.noted("handshake", &format!("{}: {}{signed}", conditions(&handshake.when), handshake.kind.words()), note)?;
    let status = match handshake.status_invalid {
        Some(invalid) => format!("{} when the signature holds, {invalid} when not", handshake.status),
        None => handshake.status.to_string(),
    };
    page.row("  answer", &status)?;
    for (name, value) in &handshake.headers {
        page.row("", &format!("{name}: {}", filled(value)))?;
    }
    if let Some(body) = &handshake.body {
        page.row("", &filled(body))?;
    }
    page.row("  note", &handshake.note)
}

/// What is done with an answer, and which of it is not known.
fn explain_delivery(profile: &Profile, note: &impl Fn(Fact) -> String, page: &mut Page<'_>) -> io::Result<()> {
    let delivery = &profile.delivery;
    let deadline = delivery.deadline_ms.map(span).unwrap_or_default();
    for (words, fact) in [
        (deadline.as_str(), Fact::Deadline),
        (&delivery.success, Fact::Success),
        (&delivery.retries, Fact::Retries),
        (&delivery.redirects, Fact::Redirects),
        (&delivery.disabled, Fact::Disabled),
    ] {
        page.noted(fact.label(), words, &note(fact))?;
    }
    let labels = |facts: &[Fact]| facts.iter().map(|fact| fact.label()).collect::<Vec<_>>().join(", ");
    let sources = profile.all_sources();
    for SourceOf(facts, source) in &profile.not_documented {
        page.noted("not documented", &labels(facts), &numbered(&sources, &[source.as_str()]))?;
    }
    let open = Fact::ALL.into_iter().filter(|fact| fact.is_of_delivery() && !fact.is_in(profile));
    let open: Vec<Fact> = open.filter(|fact| profile.not_documented_by(*fact).is_none()).collect();
    page.row("not known", &labels(&open))
}

/// `10 s`, `2.5 s`, `5 min`.
fn span(millis: u32) -> String {
    match (millis / 1000, millis % 1000) {
        (seconds @ 1..120, 0) => format!("{seconds} s"),
        _ => duration_us(u64::from(millis) * 1000),
    }
}

/// Line ends of a template as the escapes that people type.
fn visible_ends(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n")
}

/// A template as the text that comes out, its values in angle brackets: `{"challenge":<JSON challenge>}`.
fn filled(template: &Template) -> String {
    let parts = template.parts.iter().map(|part| match part {
        Part::Text(text) => visible_ends(text),
        other => format!("<{}>", part_words(other)),
    });
    parts.collect()
}

/// A template in words: `"v0:", the timestamp, ":", the raw body`.
fn template_words(template: &Template) -> String {
    let parts: Vec<String> = template.parts.iter().map(part_words).collect();
    match parts.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => parts.concat(),
    }
}

fn part_words(part: &Part) -> String {
    match part {
        Part::Text(text) => format!("\"{}\"", visible_ends(text)),
        Part::Value(source, filters) => value_words(source, filters),
        Part::Optional(before, source, filters, after) => {
            let ends =
                |text: &str| if text.is_empty() { String::new() } else { format!(" \"{}\"", visible_ends(text)) };
            format!("(when it is there:{} {}{})", ends(before), value_words(source, filters), ends(after))
        }
    }
}

fn value_words(source: &Source, filters: &[Filter]) -> String {
    let named = |function: &Function| {
        Function::ALL.iter().find(|(own, ..)| own == function).map(|(_, name, _)| *name).unwrap_or_default()
    };
    filters.iter().fold(source_words(source), |words, filter| match filter {
        Filter::Md5 => format!("the MD5 of {words}"),
        Filter::Sha1 => format!("the SHA-1 of {words}"),
        Filter::Sha256 => format!("the SHA-256 of {words}"),
        Filter::Sha384 => format!("the SHA-384 of {words}"),
        Filter::Sha512 => format!("the SHA-512 of {words}"),
        Filter::Crc32 => format!("the CRC-32 of {words}"),
        Filter::Hex => format!("{words} in hex"),
        Filter::Base64 => format!("{words} in base64"),
        Filter::Base64Url => format!("{words} in base64url without padding"),
        Filter::Base64Decode => format!("{words} read as base64"),
        Filter::Unpad => format!("{words} without the padding at its end"),
        Filter::Lower => format!("{words} in lower case"),
        Filter::Upper => format!("{words} in upper case"),
        Filter::OrEmpty => format!("{words} (if any)"),
        Filter::SkipEmpty => words,
        Filter::JsonString => format!("{words} as a JSON string"),
        Filter::Mac(algorithm) => format!("the {} of {words}", algorithm.name()),
        Filter::Named(function) => format!("{words} through `{}`", named(function)),
    })
}

fn source_words(source: &Source) -> String {
    match source {
        Source::Timestamp => "the timestamp".into(),
        Source::Id => "the delivery id".into(),
        Source::Body => "the raw body".into(),
        Source::Method => "the method".into(),
        Source::Url => "the public URL".into(),
        Source::Path => "path and query".into(),
        Source::Params | Source::ParamsAll => "the form fields sorted by name".into(),
        Source::Fields => "the form fields as they came".into(),
        Source::Secret => "the secret".into(),
        Source::Json(path) => format!("JSON `{}`", path.join(".")),
        other => other.describe(),
    }
}
