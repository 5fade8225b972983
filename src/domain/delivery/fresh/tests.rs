use super::*;
use crate::domain::signature::Profiles;

const FRESH: Fresh = Fresh { now: Timestamp::from_secs(1_800_000_000), chance: 7 };

#[test]
fn ids_keep_their_shape_and_are_never_the_same() {
    for old in
        ["evt_1Nw0FJ2eZvKYlo2C", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "123456", "a1b2c3d4e5f60718", "Ev0ABCDEFG"]
    {
        let id = FRESH.id_like(old);
        assert_ne!(id, old);
        assert_ne!(id, FRESH.number(1).id_like(old));
        assert_eq!(id.len(), old.len(), "{old} {id}");
        let class = |c: char| (c.is_ascii_digit() || c.is_ascii_lowercase(), c.is_ascii_uppercase());
        assert!(id.chars().map(class).eq(old.chars().map(class)), "{old} {id}");
    }
    assert!(FRESH.id_like("evt_abc").starts_with("evt_"));
    assert_eq!(FRESH.id_like("sample-1").len(), 36);
    assert_eq!(FRESH.id_like("sample-1").as_bytes()[14], b'4');
}

#[test]
fn the_samples_time_becomes_now_however_it_is_written() {
    let text = br#"{"a":1767225600,"b":1767225600000,"c":"2026-01-01T00:00:00.000Z","d":"2025-01-01T00:00:00Z"}"#;
    let fresh = String::from_utf8(FRESH.with_time(text)).unwrap();
    assert_eq!(
        fresh,
        r#"{"a":1800000000,"b":1800000000000,"c":"2027-01-15T08:00:00.000Z","d":"2025-01-01T00:00:00Z"}"#
    );
}

#[test]
fn the_id_is_put_where_the_profile_reads_it() {
    for profile in Profiles::builtin().iter().filter(|profile| !profile.delivery_id.is_empty()) {
        for event in &profile.events {
            let mut headers = Headers::from_pairs([("Content-Type", event.content_type.as_str())]);
            event.headers.iter().for_each(|(name, value)| headers.set(name, value.clone()));
            let mut body = event.body.clone().into_bytes();
            let old = current_id(profile, &headers, &body);
            FRESH.freshen(profile, &mut headers, &mut body, true);
            let new = current_id(profile, &headers, &body);
            assert!(old.is_none() || new != old, "{} {}: {old:?}", profile.name, event.name);
            put_id(profile, &mut headers, &mut body, "own-id").unwrap();
            assert_eq!(
                current_id(profile, &headers, &body).as_deref(),
                Some("own-id"),
                "{} {}",
                profile.name,
                event.name
            );
        }
    }
}
