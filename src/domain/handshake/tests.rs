use super::*;
use crate::domain::body::Body;
use crate::domain::signature::profiles::Profiles;
use crate::domain::testing;

fn posted(body: &str) -> Request {
    Request { method: "POST".into(), body: Body::whole(body.as_bytes().to_vec()), ..testing::request() }
}

/// Tried by hand, without the headers: whose it is stands in the body, though monday.com's has a `challenge` too.
#[test]
fn a_challenge_of_twitch_without_its_headers_is_not_taken_for_mondays() {
    // https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#responding-to-a-challenge-request
    let twitch = r#"{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{"id":"f1c2a387-161a-49f9-a165-0f21d7a4e1c4",
        "status":"webhook_callback_verification_pending","type":"channel.follow","version":"1"}}"#;
    let profiles = Profiles::builtin();
    for (whose, body) in [("twitch", twitch), ("monday", r#"{"challenge":"3eZbrw1a"}"#)] {
        let request = posted(body);
        let shake = find(profiles, None, &request).unwrap_or_else(|| panic!("{whose}: no handshake"));
        assert_eq!(shake.profile.name, whose);
        let recognised = profiles.recognise(&request).map(|profile| profile.name.as_str());
        assert!(recognised.is_none_or(|name| name == whose), "{recognised:?}");
        assert!(Gate::new(profiles).lets_through(&request));
    }
}
