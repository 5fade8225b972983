use super::*;

fn may_be(pattern: &str, path: &str) -> bool {
    !lead_to(path.as_bytes(), std::iter::once(pattern)).is_empty()
}

#[test]
fn no_spelling_leads_past_an_endpoint() {
    for path in [
        "/tok",
        "/%74ok",
        "//tok",
        "/./tok",
        "/x/../tok",
        "/tok/",
        "/TOK",
        "/%2574ok",
        "/tok;a=1",
        "/x/%2e%2e/tok",
        "/tok%00",
        "\\tok",
        "tok",
        "/%5ctok",
        "/../tok",
        "/tok%20",
        "/tok#",
        "/tok#x/y",
        "/%74ok%23",
        "/tok%3f",
        "/tok%3Fx/y",
        "/%74%6f%6b%253f/../x",
    ] {
        assert!(may_be("/tok", path), "{path}");
    }
    for path in ["/tokens", "/to", "/tok/x", "/x/tok", "/", "", "/to%6b%20x", "/x%3f/tok", "/%23/tok"] {
        assert!(!may_be("/tok", path), "{path}");
    }
    for path in ["/in/x", "//in/x", "/%69n/", "/a/../in/x", "/In/x"] {
        assert!(may_be("/in/*", path), "{path}");
    }
    assert!(!may_be("/in/*", "/inner") && may_be("/in*", "/%69nner"));
    assert!(may_be("/a%20b", "/a%2520b") && may_be("/a%20b", "/%61%20B") && may_be("/A/*", "/a/x"));
    assert!(is_written("/in*", b"/inner") && !is_written("/in*", b"/%69nner") && is_written("/a", b"/a"));
}

#[test]
fn one_reading_within_an_endpoint_is_enough_whatever_the_others_are() {
    // Frameworks that decode and do not resolve dots (Flask, Django, Express, Rails) serve these by what stands in front.
    for path in [
        "/%69nternal/..",
        "/%69nternal/x/../..",
        "/%69nternal/%2e%2e",
        "/Internal/run/../..",
        "/%69nternal/run%2f..%2f..",
        "/%69nternal;/../x",
        "/%2569nternal/%252e%252e/x",
    ] {
        assert!(may_be("/internal*", path), "{path}");
    }
    // Servers that decode and resolve without a thought for fragments and queries (Go, nginx) serve these by what stands behind.
    for path in [
        "/x%23/../tok",
        "/%23/../tok",
        "/x%23/..%2ftok",
        "/x%00/../tok",
        "/x%3f/../tok",
        "/x%2523/../tok",
        "/x;%23/../tok",
        "/x#/../tok",
        // With and without a parameter, a merged slash, a backslash that is none, an escaped slash.
        "/a/..;/tok",
        "/a/b/..;/../../../tok",
        "/a//../../tok",
        "/a/b//../../tok",
        "/a\\b/../tok",
        "/a/x\\..\\..\\tok",
        "/a%2fb/%2e%2e/tok",
        "/a/%2e%2e%2ftok",
        // One server resolves, the next one decodes.
        "/tok/%252e%252e/..",
        // A URL without its scheme.
        "//evil/tok",
        "/\\evil/tok",
    ] {
        assert!(may_be("/tok", path), "{path}");
    }
}

#[test]
fn all_endpoints_that_a_path_may_mean_are_named_the_written_one_first() {
    let places = |path: &str| lead_to(path.as_bytes(), ["/tok", "/a", "/a*", "/Tok", "/*"].into_iter());
    assert_eq!(places("/tok"), [0]);
    assert_eq!(places("/Tok"), [3, 0]);
    assert_eq!(places("/a"), [1]);
    assert_eq!(places("/a%23/../tok"), [2, 0, 1]);
    assert_eq!(places("/x"), [4]);
    assert_eq!(places("/x/../tok"), [4, 0]);
}

#[test]
fn a_path_that_can_be_read_in_any_number_of_ways_may_be_all() {
    let wild: String = (0..400).map(|at| format!("/%25{at:02}{at};%23\\../%3f.//%252e%252e")).collect();
    let long = format!("/{}%41", "a".repeat(READINGS_BYTES_MAX));
    let begun = std::time::Instant::now();
    for path in [wild.as_str(), &long] {
        assert_eq!(lead_to(path.as_bytes(), ["/tok", "/a"].into_iter()), [0, 1]);
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    // What honest senders write is far from it.
    for path in ["/Hooks//Acme%20Inc./a%2Fb;v=1/", "/%E2%9C%93/%252F/.well-known/x%23y/"] {
        let readings = Readings::of(path.as_bytes()).unwrap();
        assert!(readings.all.len() < READINGS_MAX / 4, "{path}: {}", readings.all.len());
    }
}
