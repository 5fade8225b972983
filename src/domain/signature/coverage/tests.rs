use crate::domain::signature::Profiles;

use super::not_covered;

fn said(name: &str) -> String {
    let profile = Profiles::builtin().by_name(name).unwrap();
    not_covered(profile, &profile.schemes[0])
}

#[test]
fn what_a_valid_signature_leaves_open_is_said() {
    assert_eq!(said("mailgun"), "only timestamp and token are signed, not the rest of the body");
    assert_eq!(
        said("github"),
        "not signed: the time (an old delivery stays valid), the delivery id (x-github-delivery)"
    );
    assert!(said("telegram").starts_with("a token covers nothing"), "{}", said("telegram"));
    assert_eq!(said("standard-webhooks"), "");
    assert_eq!(said("slack"), "");
    assert_eq!(said("stripe"), "");
    // Sentry sends a time in a header, and signs the body alone.
    assert!(said("sentry").contains("Timestamp is not signed"), "{}", said("sentry"));
}

/// The body is named wherever no rule of the profile signs its bytes.
#[test]
fn a_body_that_is_not_signed_is_said_for_every_provider() {
    for profile in Profiles::builtin().iter() {
        for scheme in &profile.schemes {
            let words = not_covered(profile, scheme);
            assert!(
                crate::domain::signature::handlers::covers_body_bytes(scheme) || !words.is_empty(),
                "{}",
                profile.name
            );
        }
    }
}
