//! The official vectors, and the building blocks that the other tests of this room share.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::*;
use crate::domain::body::Body;
use crate::domain::exchange::Request;
use crate::domain::headers::Headers;
use crate::domain::testing;
use crate::domain::time::Timestamp;

mod docs_page;
mod receivers;

/// A request as the capture would keep it.
pub(in crate::domain) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    Request {
        first_byte: Timestamp::from_secs(1_700_000_000),
        method: method.to_owned().into(),
        target: target.to_owned().into(),
        headers: Headers::from_pairs(headers.iter().copied()),
        body: Body::whole(body.to_vec()),
        ..testing::request()
    }
}

/// One entry of tests/fixtures/vectors.
pub(super) struct Vector {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) scheme: String,
    pub(super) secrets: Vec<Secret>,
    pub(super) url: Option<String>,
    pub(super) now: Option<Timestamp>,
    pub(super) request: Request,
    pub(super) valid: bool,
    /// What the answer to the handshake that it is has in its body.
    pub(super) answer: Option<String>,
}

/// All of them.
pub(super) fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vectors");
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let list: Vec<Value> = serde_json::from_str(&text).unwrap();
        all.extend(list.iter().map(|value| vector(path.file_stem().unwrap().to_str().unwrap(), value)));
    }
    all
}

fn vector(file: &str, value: &Value) -> Vector {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let url = text("url");
    let target = url.as_deref().map_or_else(|| b"/".to_vec(), public_url::target_of);
    let headers: Vec<(String, String)> = value["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = STANDARD.decode(value["body_base64"].as_str().unwrap()).unwrap();
    let secrets: Vec<String> = match (&value["secret"], &value["public_key"]) {
        (_, Value::String(key)) if value["scheme"] == "standard-webhooks" || value["scheme"] == "svix" => {
            vec![key.clone()]
        }
        (_, Value::String(key)) => vec![key.clone()],
        (Value::String(secret), _) => vec![secret.clone()],
        (Value::Array(list), _) => list.iter().map(|secret| secret.as_str().unwrap().to_owned()).collect(),
        (Value::Object(map), _) => map.values().map(|secret| secret.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    };
    Vector {
        file: file.to_owned(),
        name: text("name").unwrap(),
        scheme: text("scheme").unwrap(),
        secrets: secrets.into_iter().map(Secret::new).collect(),
        now: value["now"].as_i64().map(Timestamp::from_secs),
        request: request(&text("method").unwrap(), std::str::from_utf8(&target).unwrap(), &pairs, &body),
        url,
        valid: value["expect"] == "valid",
        answer: ["response_body", "response_signature"]
            .iter()
            .find_map(|name| value["handshake"][name].as_str().map(str::to_owned)),
    }
}

#[test]
fn official_vectors_are_judged_as_expected() {
    let all = vectors();
    assert!(all.len() >= 251, "only {} vectors", all.len());
    let mut wrong = Vec::new();
    for vector in &all {
        let profile = Profiles::builtin().resolve(&vector.scheme).unwrap();
        if let Some(wanted) = &vector.answer {
            let handshake = profile.handshake(&vector.request).unwrap();
            let answer = handshake.answer(&profile, &vector.request, vector.secrets.first(), vector.url.as_deref());
            let body = String::from_utf8(answer.unwrap().body).unwrap();
            if !body.contains(wanted) {
                wrong.push(format!("{} {}: answered {body}", vector.file, vector.name));
            }
            continue;
        }
        let mut input = CheckInput::new(&profile, &vector.secrets, &vector.request);
        input.public_url = vector.url.as_deref();
        input.now = vector.now.unwrap_or(input.now);
        let verdict = check(&input);
        let right = match vector.valid {
            true => verdict.outcome == Outcome::Valid,
            false => matches!(verdict.outcome, Outcome::Invalid | Outcome::Unsigned),
        };
        if !right {
            wrong.push(format!(
                "{} {}: expected valid={}, got {:?} {:?} {}",
                vector.file, vector.name, vector.valid, verdict.outcome, verdict.cause, verdict.detail
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} of {}", wrong.join("\n"), wrong.len(), all.len());
}

#[test]
fn what_waits_for_a_secret_is_what_the_check_says_without_one() {
    let mut waiting = 0;
    for vector in vectors() {
        let profile = Profiles::builtin().resolve(&vector.scheme).unwrap();
        if waits_for_secret(&profile, &vector.request) {
            let verdict = check(&CheckInput::new(&profile, &[], &vector.request));
            assert_eq!((verdict.outcome, verdict.cause), (Outcome::Unknown, Some(Cause::NoSecret)), "{}", vector.name);
            waiting += 1;
        }
    }
    assert!(waiting > 150, "{waiting}");
}

#[test]
fn every_builtin_profile_parses_and_names_its_sources() {
    for (name, text) in profiles::FILES {
        let profile = Profile::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
        assert!(!profile.title.is_empty() && !profile.sources.is_empty(), "{name}");
        assert!(profile.docs.starts_with("https://"), "{name}: docs");
        assert!(!profile.secret.called.is_empty() && !profile.secret.find.is_empty(), "{name}: secret");
        assert!(!profile.recognise.is_empty(), "{name}: recognise");
    }
    assert!(Profiles::builtin().iter().count() >= 120);
    let mut names: Vec<&str> = Vec::new();
    for profile in Profiles::builtin().iter() {
        names.push(&profile.name);
        names.extend(profile.aliases.iter().map(String::as_str));
        let (name, delivery) = (&profile.name, &profile.delivery);
        assert_eq!(
            delivery.is_empty(),
            delivery.source.is_empty(),
            "{name}: what the provider does with answers, and its source"
        );
        for event in &profile.events {
            let json = event.content_type == "application/json";
            assert!(!json || serde_json::from_str::<Value>(&event.body).is_ok(), "{name}: {}", event.name);
            assert!(event.body.len() < 2048, "{name}: {}", event.name);
        }
        assert!(!profile.events.is_empty(), "{name}: events");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name or alias is there twice");
}

/// Compares (or, when asked to, writes) the generated part of a page.
pub(crate) fn page_part(page: &str, name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let start = text.find(&format!("<!-- {name}: ")).unwrap();
    let start = start + text[start..].find('\n').unwrap() + 1;
    let end = text.find(&format!("<!-- end of {name} -->")).unwrap();
    if std::env::var_os("HOOKSIGHT_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{}{made}{}", &text[..start], &text[end..])).unwrap();
        return;
    }
    assert_eq!(&text[start..end], made, "docs/{page} is old: HOOKSIGHT_WRITE_DOCS=1 cargo test --lib docs_");
}

#[test]
fn docs_list_every_cause() {
    let causes =
        Cause::ALL.iter().map(|cause| format!("### {}\n\n{} {}\n\n", cause.as_str(), cause.title(), cause.paragraph()));
    page_part("signatures.md", "causes", &format!("\n{}", causes.collect::<String>()));
}

#[test]
fn docs_list_every_named_function() {
    let rows = template::Function::ALL.iter().map(|(_, name, what)| format!("| `{name}` | {what} |\n"));
    page_part(
        "providers.md",
        "functions",
        &format!("\n| name | what it does |\n|---|---|\n{}\n", rows.collect::<String>()),
    );
}

/// Which facts of a provider's delivery are known, those from third parties in brackets, and which its documentation leaves out.
fn what_is_known(profile: &Profile) -> String {
    let stated = profile::Fact::ALL.into_iter().filter(|fact| fact.is_of_delivery() && fact.is_in(profile));
    let words = stated.map(|fact| match profile.sources_of(fact).iter().any(|source| source.contains("third-party")) {
        true => format!("({})", fact.as_str()),
        false => fact.as_str().to_owned(),
    });
    let known = words.collect::<Vec<_>>().join(", ");
    let silent = profile::Fact::ALL.into_iter().filter(|fact| profile.not_documented_by(*fact).is_some());
    let silent: Vec<&str> = silent.map(profile::Fact::as_str).collect();
    match (known.is_empty(), silent.is_empty()) {
        (_, true) => known,
        (true, false) => format!("not documented: {}", silent.join(", ")),
        (false, false) => format!("{known}; not documented: {}", silent.join(", ")),
    }
}

#[test]
fn docs_list_every_provider() {
    let mut rows: Vec<String> = Profiles::builtin()
        .iter()
        .map(|profile| {
            let algorithm = profile.schemes[0].algorithm.name();
            let confirmed = if profile.confirmed.is_empty() { "" } else { "yes" };
            let known = what_is_known(profile);
            format!(
                "| `{}` | [{}]({}) | {algorithm} | {confirmed} | {known} |\n",
                profile.name, profile.title, profile.docs
            )
        })
        .collect();
    rows.sort();
    let head = "\n| name | provider | algorithm | confirmed | known of its answers |\n|---|---|---|---|---|\n";
    let table = format!("{head}{}\n", rows.concat());
    page_part("providers.md", "providers", &table);
}

/// The type and id of a sample are where the profile says that they are.
#[test]
fn samples_have_their_own_type() {
    for profile in Profiles::builtin().iter() {
        for event in &profile.events {
            let mut headers = vec![("Content-Type", event.content_type.as_str())];
            headers.extend(event.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            let request = request("POST", "/", &headers, event.body.as_bytes());
            let found = profile.event_type(&request);
            assert!(found.is_none_or(|found| found == event.name), "{}: {}", profile.name, event.name);
        }
    }
}

#[test]
fn confirmed_by_vectors_means_that_there_are_some() {
    let files: Vec<String> = vectors().into_iter().map(|vector| vector.scheme).collect();
    for profile in Profiles::builtin().iter() {
        let claims = profile.confirmed.iter().any(|text| text.starts_with("vectors"));
        assert_eq!(claims, files.contains(&profile.name), "{}", profile.name);
    }
}
