use super::super::sample::named;
use super::*;
use crate::domain::delivery::tests::{FRESH, place, receivers, secret_for};
use crate::domain::delivery::{Order, sample};
use crate::domain::signature::Profiles;

fn made<'a>(profile: &'a Profile, handshake: &'a Handshake, name: &str, secret: Option<&Secret>) -> Delivery {
    let payload = payload(profile, handshake, name, &FRESH).unwrap();
    Delivery::make(&Order {
        profile,
        secret: secret.filter(|_| handshake.signed),
        payload: &payload,
        place: &place(),
        public_url: None,
        headers: &[],
        id: None,
        fresh: FRESH,
    })
    .unwrap_or_else(|words| panic!("{} {name}: {words}", profile.name))
}

/// Each is what its profile takes for that handshake, our own answer to it is right, and an empty 200 is not where a value
/// is wanted.
#[test]
fn every_handshake_is_sent_as_its_profile_knows_it_and_judged() {
    let mut count = 0;
    for profile in Profiles::builtin().iter() {
        for (name, handshake) in named(profile) {
            count += 1;
            let secret = secret_for(profile);
            let known = receivers(profile, &secret);
            let delivery = made(profile, handshake, &name, Some(&secret));
            assert_eq!(profile.handshake(&delivery.request), Some(handshake), "{} {name}: {delivery:?}", profile.name);
            let found = sample::find(profile, Some(&name)).unwrap();
            assert!(matches!(found, sample::Chosen::Handshake(one) if one == handshake), "{} {name}", profile.name);
            let answer = handshake.answer(profile, &delivery.request, Some(&known), Some(&delivery.url));
            let answer = answer.unwrap_or_else(|why| panic!("{} {name}: {why:?}", profile.name));
            let headers = Headers::from_pairs(
                answer.headers.iter().map(|(name, value)| (name.clone(), String::from_utf8(value.clone()).unwrap())),
            );
            let judged = |status: u16, headers: &Headers, body: &[u8]| {
                judge(handshake, profile, &delivery, Some(&known), true, (status, headers, body))
            };
            assert_eq!(judged(answer.status, &headers, &answer.body), Judged::Right, "{} {name}", profile.name);
            let wants_value = !answer.body.is_empty()
                || !matches!(handshake.kind, HandshakeKind::Confirm | HandshakeKind::Visit | HandshakeKind::Probe);
            let empty = judged(answer.status, &Headers::new(), b"");
            let says_value = !answer.body.is_empty() || !answer.headers.is_empty();
            assert_eq!(empty != Judged::Right, wants_value && says_value, "{} {name}: {empty:?}", profile.name);
            assert_ne!(judged(500, &headers, &answer.body), Judged::Right, "{} {name}", profile.name);
        }
    }
    assert!(count >= 33, "{count}");
}

#[test]
fn a_probe_with_a_bad_signature_must_be_refused() {
    let profile = Profiles::builtin().by_name("xero").unwrap();
    let (name, handshake) = named(profile).next().unwrap();
    let secret = secret_for(profile);
    let delivery = made(profile, handshake, &name, Some(&secret));
    let judged = |status| judge(handshake, profile, &delivery, Some(&secret), false, (status, &Headers::new(), b""));
    assert_eq!(judged(401), Judged::Right);
    assert!(matches!(judged(200), Judged::Wrong(why) if why.contains("401")));
}

#[test]
fn slack_takes_its_challenge_in_three_forms() {
    let profile = Profiles::builtin().by_name("slack").unwrap();
    let (name, handshake) = named(profile).next().unwrap();
    assert_eq!(name, "url_verification");
    let secret = secret_for(profile);
    let delivery = made(profile, handshake, &name, Some(&secret));
    let challenge = serde_json::from_slice::<Value>(&delivery.request.body.bytes).unwrap()["challenge"].clone();
    let challenge = challenge.as_str().unwrap();
    for body in [
        challenge.to_owned(),
        format!("{challenge}\n"),
        format!("{{\"challenge\": \"{challenge}\"}}"),
        format!("challenge={challenge}"),
    ] {
        let came = (200, &Headers::new(), body.as_bytes());
        assert_eq!(judge(handshake, profile, &delivery, Some(&secret), true, came), Judged::Right, "{body}");
    }
    let came = (200, &Headers::new(), b"ok".as_slice());
    let judged = judge(handshake, profile, &delivery, Some(&secret), true, came);
    assert!(matches!(judged, Judged::Wrong(why) if why.contains(challenge) && why.ends_with("is ok")));
}
