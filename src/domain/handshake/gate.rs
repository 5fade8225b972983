//! Whether a request could be a handshake at all: looked at for every request, so that nothing is parsed, and most requests
//! are done after their method and the lengths of their header names.

use memchr::memmem;

use super::shake::BODY_BYTES_MAX;
use crate::domain::exchange::Request;
use crate::domain::headers::{Header, Shapes};
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::template::{Condition, Source, Test};
use crate::domain::signature::{Profile, Profiles};

/// A body over this is not looked into for a handshake that no header gives away: those are small.
const BARE_BODY_BYTES_MAX: usize = 512;

/// Header, its value and a word of the body, where a handshake of a compiled-in profile has such: all must be there. A handshake
/// without a header of its own has those by which its provider is known. They stand here because reading all profiles takes longer
/// than the first answer; a test holds them to the profiles.
const SIGNS: &[(&str, &str, &str)] = &[
    ("aeg-event-type", "SubscriptionValidation", ""),
    ("sc-signature", "", "challenge"),
    ("twitch-eventsub-message-signature", "", "challenge"),
    ("twitch-eventsub-message-type", "webhook_callback_verification", "challenge"),
    ("validation-token", "", ""),
    ("x-amz-sns-message-type", "", "SubscriptionConfirmation"),
    ("x-bot-appid", "", "plain_token"),
    ("x-front-challenge", "", ""),
    ("x-github-event", "ping", ""),
    ("x-hook-secret", "", ""),
    ("x-line-signature", "", "destination"),
    ("x-notion-signature", "", "verification_token"),
    ("x-signature", "", "validation.webhook"),
    ("x-signature-ed25519", "", "application_id"),
    ("x-signature-ed25519", "", "plain_token"),
    ("x-signature-ed25519", "", "type"),
    ("x-signature-timestamp", "", "application_id"),
    ("x-signature-timestamp", "", "type"),
    ("x-slack-request-timestamp", "", "url_verification"),
    ("x-slack-signature", "", "url_verification"),
    ("x-xero-signature", "", ""),
    ("x-zm-signature", "", "endpoint.url_validation"),
];

/// What the body of a handshake of a compiled-in profile holds when nothing else gives it away.
const NEEDLES: &[&str] = &[
    "challenge",
    "endpoint.url_validation",
    "plain_token",
    "url_verification",
    "validation.webhook",
    "verification_token",
];

/// Which requests are worth a closer look.
#[derive(Clone, Debug)]
pub struct Gate {
    /// By the length of the header's name.
    signs: Vec<Vec<Sign>>,
    /// Of the names of these headers.
    shapes: Shapes,
    needles: Vec<memmem::Finder<'static>>,
}

#[derive(Clone, Debug)]
struct Sign {
    /// In lower case.
    header: Vec<u8>,
    /// What the header says; empty: anything.
    value: Vec<u8>,
    /// What the body holds.
    needle: Option<memmem::Finder<'static>>,
}

impl Gate {
    /// For the handshakes of these profiles.
    pub fn new(profiles: &Profiles) -> Self {
        let mut gate =
            Self { signs: Vec::new(), shapes: Shapes::default(), needles: NEEDLES.iter().map(finder).collect() };
        SIGNS.iter().for_each(|sign| gate.add(sign));
        for profile in profiles.own() {
            signs_of(profile).iter().for_each(|(header, value, needle)| gate.add(&(header, value, needle)));
            gate.needles.extend(needles_of(profile).map(|needle| finder(&needle)));
        }
        gate
    }

    fn add(&mut self, (header, value, needle): &(&str, &str, &str)) {
        self.shapes.add(header.as_bytes());
        if self.signs.len() <= header.len() {
            self.signs.resize(header.len() + 1, Vec::new());
        }
        if let Some(same) = self.signs.get_mut(header.len()) {
            let needle = (!needle.is_empty()).then(|| finder(needle));
            same.push(Sign {
                header: header.to_ascii_lowercase().into_bytes(),
                value: value.as_bytes().to_vec(),
                needle,
            });
        }
    }

    /// Whether this could be a handshake.
    pub fn lets_through(&self, request: &Request) -> bool {
        if request.method != "POST" {
            return matches!(&request.method[..], b"GET" | b"HEAD" | b"OPTIONS");
        }
        let body = &request.body.bytes[..];
        let shown = |header: &Header| {
            if !self.shapes.may_have(&header.name) {
                return false;
            }
            let same = self.signs.get(header.name.len()).map_or(&[][..], Vec::as_slice);
            same.iter().any(|sign| sign.is_in(header, body))
        };
        request.headers.iter().any(shown)
            || request.query().is_some_and(|query| !query.is_empty() && body.len() <= BARE_BODY_BYTES_MAX)
            || ((2..=BARE_BODY_BYTES_MAX).contains(&body.len())
                && self.needles.iter().any(|needle| needle.find(body).is_some()))
    }
}

impl Sign {
    fn is_in(&self, header: &Header, body: &[u8]) -> bool {
        header.is(&self.header)
            && (self.value.is_empty() || header.value.eq_ignore_ascii_case(&self.value))
            && self.needle.as_ref().is_none_or(|needle| body.len() <= BODY_BYTES_MAX && needle.find(body).is_some())
    }
}

fn finder(needle: &&str) -> memmem::Finder<'static> {
    memmem::Finder::new(needle.as_bytes()).into_owned()
}

/// Headers that nearly every request has: they give nobody away.
const USUAL: [&str; 2] = ["content-type", "user-agent"];

/// Header, value and word of the body for each handshake of the profile that may be posted, as [`SIGNS`] has them.
fn signs_of(profile: &Profile) -> Vec<(String, String, String)> {
    let is_telling = |name: &&str| !USUAL.iter().any(|usual| usual.eq_ignore_ascii_case(name));
    let mut signs = Vec::new();
    for handshake in profile.handshakes.iter().filter(|one| may_be_posted(one)) {
        let needle = needle_of(handshake).unwrap_or_default();
        let own = handshake.when.iter().find_map(|condition| Some((header(condition).filter(is_telling)?, condition)));
        if let Some((name, condition)) = own {
            let value = if let Test::Is(text) = &condition.test { text.as_str() } else { "" };
            signs.push((name.to_ascii_lowercase(), value.to_owned(), needle.to_owned()));
            continue;
        }
        for name in profile.recognise.iter().flatten().filter_map(header).filter(is_telling) {
            signs.push((name.to_ascii_lowercase(), String::new(), needle.to_owned()));
        }
    }
    signs
}

fn header(condition: &Condition) -> Option<&str> {
    match &condition.source {
        Source::Header(name) if !condition.negated => Some(name),
        _ => None,
    }
}

fn may_be_posted(handshake: &Handshake) -> bool {
    let other = |condition: &Condition| matches!(&condition.test, Test::Is(method) if method != "POST");
    !handshake.when.iter().any(|condition| condition.source == Source::Method && other(condition))
}

/// One word of the body for each unmistakable handshake that only its body gives away.
fn needles_of(profile: &Profile) -> impl Iterator<Item = &str> {
    let in_query = |condition: &Condition| matches!(condition.source, Source::Query(_)) && !condition.negated;
    let by_body = profile.handshakes.iter().filter(move |one| {
        let elsewhere = one.when.iter().any(|condition| header(condition).is_some() || in_query(condition));
        one.unmistakable && may_be_posted(one) && !elsewhere
    });
    by_body.filter_map(needle_of)
}

/// The longest word that the body of a handshake must hold.
fn needle_of(handshake: &Handshake) -> Option<&str> {
    let words = handshake.when.iter().filter(|condition| !condition.negated).flat_map(|condition| {
        let key = match &condition.source {
            Source::Json(path) => path.last().map(String::as_str),
            _ => None,
        };
        let value = match &condition.test {
            Test::Is(text) | Test::Starts(text) | Test::Contains(text) if key.is_some() => Some(text.as_str()),
            _ => None,
        };
        key.into_iter().chain(value)
    });
    words.max_by_key(|word| word.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::body::Body;

    use crate::domain::headers::Headers;
    use crate::domain::testing;
    use crate::domain::time::Timestamp;

    #[test]
    fn what_stands_here_is_what_the_profiles_say() {
        let all = || Profiles::builtin().iter();
        let signs: BTreeSet<_> = all().flat_map(|profile| signs_of(profile)).collect();
        let stand =
            SIGNS.iter().map(|(header, value, needle)| (header.to_string(), value.to_string(), needle.to_string()));
        assert_eq!(stand.collect::<BTreeSet<_>>(), signs);
        let needles: BTreeSet<&str> = all().flat_map(|profile| needles_of(profile)).collect();
        assert_eq!(NEEDLES.iter().copied().collect::<BTreeSet<_>>(), needles);
    }

    #[test]
    fn ordinary_deliveries_are_not_looked_at_again() {
        let gate = Gate::new(Profiles::builtin());
        let lets_through = |headers: &[(&str, &str)], body: &str| {
            gate.lets_through(&Request {
                first_byte: Timestamp::from_secs(1),
                headers: Headers::from_pairs(headers.iter().copied()),
                body: Body::whole(body.to_owned()),
                ..testing::request()
            })
        };
        let long = "x".repeat(10_000);
        assert!(!lets_through(&[("X-GitHub-Event", "push")], r#"{"zen":"challenge accepted"}"#.repeat(50).as_str()));
        assert!(lets_through(&[("X-GitHub-Event", "Ping")], &long));
        assert!(!lets_through(&[("X-Slack-Signature", "v0=a")], r#"{"type":"event_callback"}"#));
        assert!(lets_through(&[("X-Slack-Signature", "v0=a")], r#"{"type":"url_verification","challenge":"a"}"#));
        assert!(!lets_through(&[("X-Slack-Signature", "v0=a")], &format!("url_verification{long}")));
    }
}
