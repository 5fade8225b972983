//! Every profile can send: what is made holds by our own check, with fresh id and time.

use std::sync::Arc;

use super::fresh::Fresh;
use super::sample::Payload;
use super::*;
use crate::domain::signature::crypto::private;
use crate::domain::signature::scheme::{Algorithm, KeyForm, KeyKind};
use crate::domain::signature::{CheckInput, Outcome, Profiles, check};
use crate::domain::time::Timestamp;

pub(super) const FRESH: Fresh = Fresh { now: Timestamp::from_secs(1_800_000_000), chance: 11 };

/// A private key for tests alone.
const RSA: &str = include_str!("../../../tests/fixtures/keys/rsa-2048.pem");

/// A secret for a profile: prefix, the parts before the key, 32 hex digits, which every form of key can be read from; or a
/// private key.
pub(super) fn secret_for(profile: &Profile) -> Secret {
    let prefix = profile.secret.prefixes.first().map_or("", String::as_str);
    let scheme = profile.schemes.iter().find(|scheme| scheme.algorithm != Algorithm::RsaSha1).unwrap();
    let parts: String = scheme.key.parts.iter().map(|part| format!("{part}=part;")).collect();
    let key = match scheme.algorithm.key_kind() {
        Some(_) if scheme.key.decode == KeyForm::Ed25519Seed => "a seed of a bot".to_owned(),
        Some(KeyKind::Rsa) => RSA.to_owned(),
        Some(kind) => private::generate_pem(kind).unwrap().to_string(),
        None => format!("{prefix}00112233445566778899aabbccddeeff"),
    };
    Secret::new(format!("{parts}{key}"))
}

/// The secret as the receiver has it.
pub(super) fn receivers(profile: &Profile, secret: &Secret) -> Secret {
    hostile::public_secret(profile, secret)
}

pub(super) fn place() -> Place {
    Place::parse("http://127.0.0.1:3000/hooks?a=1").unwrap()
}

/// All profiles that can be signed for.
pub(super) fn profiles() -> impl Iterator<Item = &'static Arc<Profile>> {
    Profiles::builtin()
        .iter()
        .filter(|profile| profile.schemes.iter().any(|scheme| scheme.algorithm != Algorithm::RsaSha1))
}

/// And without being told whose it is, type and id are found and the right provider is named.
#[test]
fn every_sample_of_every_profile_is_sent_with_a_signature_that_holds() {
    let place = place();
    let mut wrong = Vec::new();
    let mut count = 0;
    for profile in profiles() {
        let secret = secret_for(profile);
        for event in &profile.events {
            count += 1;
            let payload = Payload::of_sample(event);
            let order = Order {
                profile,
                secret: Some(&secret),
                payload: &payload,
                place: &place,
                public_url: None,
                headers: &[],
                id: None,
                fresh: FRESH,
            };
            let made = match Delivery::make(&order) {
                Ok(made) => made,
                Err(words) => {
                    wrong.push(format!("{} {}: {words}", profile.name, event.name));
                    continue;
                }
            };
            let secrets = [receivers(profile, &secret)];
            let input = CheckInput {
                public_url: Some(&made.url),
                now: FRESH.now,
                ..CheckInput::new(profile, &secrets, &made.request)
            };
            let verdict = check(&input);
            if verdict.outcome != Outcome::Valid {
                wrong.push(format!("{} {}: {:?} {}", profile.name, event.name, verdict.cause, verdict.detail));
            }
            let told = Profiles::builtin().recognise(&made.request).map_or("nobody", |other| &other.name);
            if told != profile.name {
                wrong.push(format!("{} {}: taken for one of {told}", profile.name, event.name));
            }
            let found = profile.event_type(&made.request);
            if !profile.event_type.is_empty() && found.as_deref() != Some(&event.name) {
                wrong.push(format!("{} {}: the type is {found:?}", profile.name, event.name));
            }
            if !profile.delivery_id.is_empty() && made.id.is_none() {
                wrong.push(format!("{} {}: no delivery id", profile.name, event.name));
            }
            let other = Delivery::make(&Order { fresh: FRESH.number(1), ..order }).unwrap();
            if made.id.is_some() && made.id == other.id {
                wrong.push(format!("{} {}: the id {:?} comes twice", profile.name, event.name, made.id));
            }
            let said = String::from_utf8_lossy(&made.request.body.bytes).contains("2026-01-01T00:00:00");
            if said {
                wrong.push(format!("{} {}: the sample's time is still there", profile.name, event.name));
            }
            let text = String::from_utf8_lossy(&made.outgoing().head).into_owned();
            let length = format!("Content-Length: {}\r\n", made.request.body.bytes.len());
            assert!(text.starts_with("POST /hooks?a=1") && text.contains(&length), "{text}");
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Twilio's JSON: the digest of the body stands in the URL, which is what is signed.
#[test]
fn a_json_body_brings_its_digest_into_twilios_url() {
    let profile = Profiles::builtin().by_name("twilio").unwrap();
    let (secret, place) = (secret_for(profile), place());
    let payload = Payload::of_body(profile, None, b"{\"CallStatus\":\"ringing\"}".to_vec());
    let order = Order {
        profile,
        secret: Some(&secret),
        payload: &payload,
        place: &place,
        public_url: Some("https://public.example"),
        headers: &[],
        id: None,
        fresh: FRESH,
    };
    let made = Delivery::make(&order).unwrap();
    let target = String::from_utf8(made.request.target.to_vec()).unwrap();
    // By sha256sum.
    let digest = "e550e052e604ab4fad56c1907df61c2599cca563716dcab2fcffddec13d3524d";
    assert_eq!(target, format!("/hooks?a=1&bodySHA256={digest}"));
    assert_eq!(made.url, format!("https://public.example{target}"));
    let secrets = [secret.clone()];
    let input =
        CheckInput { public_url: Some("https://public.example"), ..CheckInput::new(profile, &secrets, &made.request) };
    assert_eq!(check(&input).outcome, Outcome::Valid);
}
