use super::*;
use crate::domain::filter::tests::summary;
use crate::domain::filter::{Filter, help};

fn seen(values: &[(&'static str, &[&str])]) -> Seen {
    let values = values.iter().map(|(field, values)| (*field, values.iter().map(|one| (*one).to_owned()).collect()));
    Seen { values: values.collect() }
}

fn words(text: &str, seen: &Seen) -> Vec<String> {
    complete(text, seen).map(|found| found.words).unwrap_or_default()
}

#[test]
fn a_field_then_its_values_the_seen_ones_first() {
    let seen = seen(&[
        ("event", &["invoice.paid", "charge.failed", "a b"]),
        ("path", &["/stripe", "/caf(e)"]),
        ("provider", &["stripe"]),
    ]);
    assert_eq!(words("ver", &seen), ["verdict:"]);
    assert_eq!(words("p", &seen), ["path:", "provider:", "peer:"]);
    assert_eq!(words("verdict:un", &seen), ["verdict:unsigned", "verdict:unknown"]);
    assert_eq!(words("provider:", &seen), ["provider:stripe", "provider:none"]);
    assert_eq!(words("Type:INV", &seen), ["Type:invoice.paid"], "the name that was typed stays");
    assert_eq!(words("event:failed", &seen), ["event:charge.failed"], "what stands inside comes behind");
    assert_eq!(words("event:a", &seen), ["event:\"a b\"", "event:invoice.paid", "event:charge.failed"]);
    assert_eq!(words("path:/c", &seen), ["path:\"/caf(e)\""]);
    assert_eq!(words("status:2", &seen), ["status:2xx"]);
    assert_eq!(words("", &seen).len(), FIELDS.len());
    for text in ["zzz", "zzz:", "body:x", "\"ver", "event:invoice.paid", "is:marked"] {
        assert_eq!(words(text, &seen), [""; 0], "{text}");
    }
}

#[test]
fn the_last_term_alone_is_replaced() {
    let seen = Seen::default();
    for (text, start) in [("is:marked !ver", 11), ("(-ver", 2), ("a or (ver", 6), ("\"a b\" ver", 6), ("ver", 0)] {
        let found = complete(text, &seen).expect(text);
        assert_eq!((found.start, found.words.as_slice()), (start, &["verdict:".to_owned()][..]), "{text}");
    }
}

#[test]
fn the_most_frequent_value_stands_first_and_a_strangers_length_is_bounded() {
    let row = |path: &str| Summary { target: path.into(), ..summary() };
    let long = format!("/{}", "x".repeat(VALUE_BYTES_MAX));
    let rows = [row("/b"), row("/a?x=1"), row("/a?x=2"), row(&long)];
    let seen = Seen::of(rows.iter());
    assert_eq!(words("path:", &seen), ["path:/a", "path:/b"]);
}

/// Everything that is offered is understood, and the help names every word that a field takes.
#[test]
fn what_is_offered_is_understood_and_stands_in_the_help() {
    let seen = seen(&[("event", &["a b", "x\"y\\", "*", "(", "-"]), ("path", &["/a b"]), ("method", &["GET"])]);
    let help = help().replace("\n             ", " ");
    for (field, _) in FIELDS {
        for word in words(&format!("{field}:"), &seen) {
            let parsed = Filter::parse(&word);
            assert!(parsed.is_ok(), "{word}: {parsed:?}");
        }
    }
    for field in ["verdict", "judged", "is"] {
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("{field}:"))).expect(field);
        for value in values_of(field, &Seen::default()) {
            assert!(line.contains(&value), "{field}:{value} is not in {line:?}");
        }
    }
}
