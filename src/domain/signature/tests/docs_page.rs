//! docs/providers.md is true: its example works, and it leaves no field out.

use serde_json::Value;

use super::{check, vector};

use crate::domain::signature::{CheckInput, Outcome, Profile};

const PAGE: &str = include_str!("../../../../docs/providers.md");

/// The text of the first fenced block of that language.
fn block(language: &str) -> &'static str {
    let start = PAGE.find(&format!("```{language}\n")).unwrap();
    let text = &PAGE[start..].split_once('\n').unwrap().1;
    text.split_once("\n```").unwrap().0
}

#[test]
fn the_example_parses_and_verifies_its_vector() {
    let profile = Profile::parse("example.ron", block("ron")).unwrap();
    let list: Vec<Value> = serde_json::from_str(block("json")).unwrap();
    assert!(!list.is_empty());
    for value in &list {
        let vector = vector("example", value);
        assert_eq!(vector.scheme, profile.name);
        assert!(profile.recognises(&vector.request));
        let mut input = CheckInput::new(&profile, &vector.secrets, &vector.request);
        input.now = vector.now.unwrap();
        assert_eq!(check(&input).outcome == Outcome::Valid, vector.valid, "{}", vector.name);
        let sample = &profile.events[0];
        assert_eq!(profile.event_type(&vector.request).as_deref(), Some(sample.name.as_str()));
        assert_eq!(vector.request.body.bytes, sample.body.as_bytes());
    }
}

/// A field that is not there makes the reader name all that are: each of them is on the page.
#[test]
fn every_field_is_on_the_page() {
    let example = block("ron");
    let mut fields = Vec::new();
    for place in ["title:", "called:", "signature:", "from:", "separator:", "kind:", "deadline_ms:", "name:"] {
        let wrong = example.replacen(place, &format!("nonsense: 1, {place}"), 1);
        let error = Profile::parse("example.ron", &wrong).unwrap_err();
        assert!(error.message.contains("nonsense"), "{place} {error}");
        let named = error.message.split_once("(known: ").unwrap().1.trim_end_matches(')').split(", ");
        fields.extend(named.map(str::to_owned));
    }
    assert!(fields.len() > 60, "{fields:?}");
    let absent: Vec<&String> = fields
        .iter()
        .filter(|field| !PAGE.contains(&format!("`{field}`")) && !PAGE.contains(&format!("{field}:")))
        .collect();
    assert!(absent.is_empty(), "docs/providers.md says nothing of {absent:?}");
}
