//! Whether a request could be a handshake at all: looked at for every request, so that nothing is parsed, and most requests
//! are done after their method and the lengths of their header names.

use memchr::memmem;

use crate::domain::exchange::Request;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::template::{Condition, Source, Test};
use crate::domain::signature::{Profile, Profiles};

/// A body over this is not looked into for a handshake that no header gives away: those are small.
const BODY_BYTES_MAX: usize = 512;

/// The headers that give a handshake of a compiled-in profile away, or its provider. They stand here because reading all
/// profiles takes longer than the first answer; a test holds them to the profiles.
const HEADERS: &[&str] = &[
    "aeg-event-type",
    "sc-signature",
    "twitch-eventsub-message-type",
    "validation-token",
    "webhook-request-origin",
    "x-amz-sns-message-type",
    "x-bot-appid",
    "x-circle-signature",
    "x-front-challenge",
    "x-github-event",
    "x-hook-secret",
    "x-line-signature",
    "x-notion-signature",
    "x-okta-verification-challenge",
    "x-signature",
    "x-signature-ed25519",
    "x-signature-timestamp",
    "x-slack-request-timestamp",
    "x-slack-signature",
    "x-xero-signature",
    "x-zm-signature",
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
    /// Header names in lower case by their length.
    names: Vec<Vec<Vec<u8>>>,
    needles: Vec<memmem::Finder<'static>>,
}

impl Gate {
    /// For the handshakes of these profiles.
    pub fn new(profiles: &Profiles) -> Self {
        let mut gate = Self {
            names: Vec::new(),
            needles: NEEDLES.iter().map(|needle| memmem::Finder::new(needle.as_bytes())).collect(),
        };
        HEADERS.iter().for_each(|name| gate.add_header(name));
        for profile in profiles.own() {
            headers_of(profile).for_each(|name| gate.add_header(name));
            gate.needles.extend(needles_of(profile).map(|needle| memmem::Finder::new(needle.as_bytes()).into_owned()));
        }
        gate
    }

    fn add_header(&mut self, name: &str) {
        if self.names.len() <= name.len() {
            self.names.resize(name.len() + 1, Vec::new());
        }
        if let Some(same) = self.names.get_mut(name.len()) {
            same.push(name.to_ascii_lowercase().into_bytes());
        }
    }

    /// Whether this could be a handshake.
    pub fn lets_through(&self, request: &Request) -> bool {
        if request.method != "POST" {
            return matches!(&request.method[..], b"GET" | b"HEAD" | b"OPTIONS");
        }
        let named = |header: &crate::domain::headers::Header| {
            let same = self.names.get(header.name.len()).map_or(&[][..], Vec::as_slice);
            same.iter().any(|name| header.name.eq_ignore_ascii_case(name))
        };
        let body = &request.body.bytes[..];
        request.headers.iter().any(named)
            || request.query().is_some_and(|query| !query.is_empty() && body.len() <= BODY_BYTES_MAX)
            || ((2..=BODY_BYTES_MAX).contains(&body.len())
                && self.needles.iter().any(|needle| needle.find(body).is_some()))
    }
}

/// Headers that nearly every request has: they give nobody away.
const USUAL: [&str; 2] = ["content-type", "user-agent"];

/// The headers by which a handshake of the profile is known; where it has none itself, those by which the profile is.
fn headers_of(profile: &Profile) -> impl Iterator<Item = &str> {
    let shown = profile.handshakes.iter().flat_map(|handshake| &handshake.when);
    let has_bare =
        profile.handshakes.iter().any(|one| may_be_posted(one) && one.when.iter().all(|it| header(it).is_none()));
    let known = profile.recognise.iter().flatten().filter(move |_| has_bare);
    shown.chain(known).filter_map(header).filter(|name| !USUAL.iter().any(|usual| usual.eq_ignore_ascii_case(name)))
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

/// One word of the body for each unmistakable handshake that only its body gives away: the longest that must be there.
fn needles_of(profile: &Profile) -> impl Iterator<Item = &str> {
    let in_query = |condition: &Condition| matches!(condition.source, Source::Query(_)) && !condition.negated;
    let by_body = profile.handshakes.iter().filter(move |one| {
        let elsewhere = one.when.iter().any(|condition| header(condition).is_some() || in_query(condition));
        one.unmistakable && may_be_posted(one) && !elsewhere
    });
    by_body.filter_map(|handshake| {
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
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_stands_here_is_what_the_profiles_say() {
        let all = || Profiles::builtin().iter();
        let lower = |name: &str| name.to_ascii_lowercase();
        let headers: BTreeSet<String> = all().flat_map(|profile| headers_of(profile).map(lower)).collect();
        let stand: BTreeSet<String> = HEADERS.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(stand, headers);
        let needles: BTreeSet<&str> = all().flat_map(|profile| needles_of(profile)).collect();
        assert_eq!(NEEDLES.iter().copied().collect::<BTreeSet<_>>(), needles);
    }
}
