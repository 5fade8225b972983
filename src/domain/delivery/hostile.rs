//! Deliveries that try a receiver: good ones that it must take, and bad ones that it must not.
//!
//! What is expected of each is the verdict of our own exact check: a change that the provider's scheme does not cover makes
//! no bad delivery, and is left out with that reason.

mod tamper;

use super::fresh::Fresh;
use super::{Delivery, Order};
use crate::domain::printable::visible_str;
use crate::domain::signature::carried::broken;
use crate::domain::signature::crypto::private;
use crate::domain::signature::scheme::{Form, Key, KeyForm, Scheme};
use crate::domain::signature::template::Source;
use crate::domain::signature::{CheckInput, Outcome, Profile, Secret, SignInput, check, sign, timestamp};

/// What a receiver has to do with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Take it.
    Accept,
    /// Not take it.
    Refuse,
    /// Either: what it does is worth knowing.
    Either,
}

impl Expected {
    /// `accept`, `refuse`, `either`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Either => "either",
        }
    }
}

/// One trial.
#[derive(Clone, Debug)]
pub struct Case {
    /// Stable kebab-case name.
    pub name: &'static str,
    /// What is special about it, in a few words.
    pub what: String,
    /// What the receiver has to do.
    pub expected: Expected,
    /// What it means when the receiver does the opposite: the rest of a sentence.
    pub meaning: &'static str,
    /// What to do then.
    pub remedy: &'static str,
    /// What is sent.
    pub delivery: Delivery,
}

/// A trial that cannot be made for this scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: &'static str,
    /// Why.
    pub why: String,
}

/// The names of all trials, in their order, with what each is.
pub const NAMES: &[(&str, &str)] = &[
    ("valid", "a good delivery, as the provider sends it"),
    ("spaced", "the same JSON written with blanks and line ends, rightly signed"),
    ("line-end", "the same JSON with a line end behind it, rightly signed"),
    ("no-signature", "a delivery without any signature"),
    ("empty-signature", "a delivery whose signature is empty"),
    ("broken-signature", "a signature with one character changed"),
    ("short-signature", "the first characters of the signature, and no more"),
    ("wrong-secret", "a delivery signed with another secret"),
    ("empty-secret", "a delivery signed with an empty secret"),
    ("signed-nothing", "the signature of an empty body"),
    ("old-version", "a right signature under a version that must not count"),
    ("alg-none", "a token that says it needs no signature"),
    ("no-timestamp", "a delivery without the timestamp's header"),
    ("stale", "a delivery rightly signed, too long ago"),
    ("future", "a delivery rightly signed, for a time to come"),
    ("altered-body", "a body with one byte changed after it was signed"),
    ("altered-id", "another delivery id than was signed"),
    ("altered-timestamp", "another timestamp than was signed"),
    ("other-url", "a delivery signed for another URL"),
    ("upper-case", "the right signature in upper case"),
    ("duplicate", "the valid delivery once more"),
];

/// All trials for an order, which must have a secret, and those that are left out.
///
/// # Errors
/// In words, when the valid delivery cannot be made.
pub fn cases(order: &Order<'_>) -> Result<(Vec<Case>, Vec<LeftOut>), String> {
    let secret = order.secret.ok_or("no secret was given to sign with")?;
    let valid = Delivery::make(order)?;
    let scheme = chosen_scheme(order, &valid, secret).ok_or("no scheme of the profile can be signed with")?;
    let trial = Trial { order, secret, scheme: &scheme, public: public_secret(order.profile, secret), valid };
    if trial.outcome(&trial.valid) != Outcome::Valid {
        let title = visible_str(&order.profile.title);
        return Err(format!(
            "what is signed here does not hold by our own check, so nothing would be learned: give --public-url when the \
             receiver is called at another URL, and look at `hooksight providers {}` for what {title} signs",
            visible_str(&order.profile.name)
        ));
    }
    let mut made = Vec::new();
    let mut left_out = Vec::new();
    for (name, what) in NAMES {
        match trial.make(name, what) {
            Ok(case) => made.push(case),
            Err(why) => left_out.push(LeftOut { name, why }),
        }
    }
    Ok((made, left_out))
}

/// The scheme that the order is signed with.
fn chosen_scheme(order: &Order<'_>, valid: &Delivery, secret: &Secret) -> Option<Scheme> {
    let request = &valid.request;
    let input = SignInput {
        profile: order.profile,
        secret,
        method: &request.method,
        url: &valid.url,
        headers: &request.headers,
        body: &request.body.bytes,
        now: order.fresh.now,
    };
    sign::choose(&input).cloned()
}

/// The secret as a receiver has it: the public half of a private key, with the parts that stand before it.
pub(super) fn public_secret(profile: &Profile, secret: &Secret) -> Secret {
    let text = secret.expose();
    let read = |scheme: &Scheme| private::read(&scheme.key, scheme.algorithm, text).ok();
    let key = profile.schemes.iter().filter(|scheme| scheme.key.decode != KeyForm::Ed25519Seed).find_map(read);
    let Some(key) = key.filter(|_| private::is_private(text)) else { return secret.clone() };
    with_key(text, &private::public_pem(&key.public()))
}

/// The parts of a secret with another key behind them.
fn with_key(secret: &[u8], key: &str) -> Secret {
    let at = memchr::memmem::find(secret, b"-----BEGIN").unwrap_or(0);
    let parts = secret.get(..at).unwrap_or_default();
    Secret::new([parts, key.as_bytes()].concat())
}

/// What all trials are made from.
struct Trial<'a> {
    order: &'a Order<'a>,
    secret: &'a Secret,
    scheme: &'a Scheme,
    public: Secret,
    valid: Delivery,
}

/// What a trial is, before its expectation is known.
struct Made {
    delivery: Delivery,
    expected: Expected,
    what: Option<String>,
    meaning: &'static str,
}

impl Made {
    fn bad(delivery: Delivery, meaning: &'static str) -> Self {
        Self { delivery, expected: Expected::Refuse, what: None, meaning }
    }
}

const FORGED: &str = "whoever knows the URL can send it anything";
const REPLAYED: &str = "whoever once saw a delivery can send it again for ever";
const UNCOVERED: &str = "whoever saw one delivery can send another in its name: what is signed is not what is used";

/// What to do in the receiver, when it does the opposite of what it has to in that trial.
fn remedy(name: &str) -> &'static str {
    match name {
        "valid" => {
            "check that the receiver has this very secret, and that it is called at the URL that is signed (--public-url)"
        }
        "spaced" => "check the signature over the raw bytes of the body, before any JSON parser",
        "line-end" => "check the signature over the raw bytes of the body, before anything trims or parses them",
        "no-signature" | "empty-signature" => {
            "answer 401 when the signature is missing or empty, before anything is done with the body"
        }
        "broken-signature" | "wrong-secret" => {
            "compute the signature over the body that came, compare it with the one that came, and answer 401 when they differ"
        }
        "short-signature" => "compare the whole of both values, in constant time, after looking at their lengths",
        "empty-secret" => "refuse to start without a secret: look where the receiver reads it from",
        "signed-nothing" => "read the body once, keep its raw bytes, and check these",
        "old-version" => "take only the version that the provider's documentation names",
        "alg-none" => "name the one algorithm that is taken, and never the token's own choice",
        "no-timestamp" => "answer 400 or 401 when the signed timestamp is missing",
        "stale" => "refuse what is older than the provider's limit, by the signed timestamp",
        "future" => "refuse what lies further ahead than the provider's limit, by the signed timestamp",
        "altered-body" => "sign what is used: the whole body as it came, to its last byte",
        "altered-id" => "use the id that is signed, and no other header, to tell deliveries apart",
        "altered-timestamp" => "sign the timestamp together with the body, as the provider does",
        "other-url" => "check against the URL that the provider was given, not against what the request says of itself",
        "upper-case" => "nothing",
        _ => "keep the ids of what was done, and answer success to one that is known",
    }
}

impl Trial<'_> {
    fn make(&self, name: &'static str, what: &str) -> Result<Case, String> {
        let made = self.made(name)?;
        let held = self.outcome(&made.delivery);
        match (made.expected, held) {
            (Expected::Accept, Outcome::Valid) | (Expected::Either, _) => {}
            (Expected::Refuse, Outcome::Invalid | Outcome::Unsigned) => {}
            (Expected::Accept, _) => return Err("the scheme signs what this would change".to_owned()),
            (Expected::Refuse, _) => {
                return Err("by the provider's rule it would still be valid".to_owned());
            }
        }
        let what = made.what.unwrap_or_else(|| what.to_owned());
        let Made { delivery, expected, meaning, .. } = made;
        Ok(Case { name, what, expected, meaning, remedy: remedy(name), delivery })
    }

    /// Our exact verdict, now.
    fn outcome(&self, delivery: &Delivery) -> Outcome {
        let secrets = [self.public.clone()];
        let input = CheckInput {
            public_url: Some(&self.valid.url),
            now: self.order.fresh.now,
            autopsy_work_bytes: 0,
            ..CheckInput::new(self.order.profile, &secrets, &delivery.request)
        };
        check(&input).outcome
    }

    fn made(&self, name: &str) -> Result<Made, String> {
        let must_take = |delivery, meaning| Made { delivery, expected: Expected::Accept, what: None, meaning };
        Ok(match name {
            "valid" => must_take(self.valid.clone(), "the provider's own deliveries are refused too, and lost"),
            "spaced" => must_take(
                self.spaced()?,
                "the body is parsed and written again before it is checked, and what others write another way is lost",
            ),
            "line-end" => must_take(
                self.line_end()?,
                "the end of the body is changed before it is checked (trimmed, or parsed and written again), and what ends so is lost",
            ),
            "no-signature" => Made::bad(self.without_signature(), FORGED),
            "empty-signature" => Made::bad(self.with_signature(name, |_| Vec::new())?, FORGED),
            "broken-signature" => Made::bad(self.with_signature(name, broken)?, FORGED),
            "short-signature" => Made::bad(
                self.with_signature(name, |whole| whole.get(..whole.len().min(8)).unwrap_or_default().to_vec())?,
                "the comparison stops at the end of the shorter value, so that a signature can be guessed",
            ),
            "wrong-secret" => Made::bad(self.signed_with(&self.other_secret()?)?, FORGED),
            "empty-secret" => Made::bad(
                self.empty_secret()?,
                "the receiver's secret is empty or not set, and whoever signs with nothing is believed",
            ),
            "signed-nothing" => Made::bad(
                self.signed_nothing()?,
                "the body is read before the check, and the check sees none: any body goes with that signature",
            ),
            // The MAC is right, so that nothing is forged by this alone, and some official packages do not look.
            "old-version" => Made {
                delivery: self.old_version()?,
                expected: Expected::Either,
                what: None,
                meaning: "nothing is forged by that, but a version that does not count should be passed over, so that no weaker one can be forced",
            },
            "alg-none" => Made::bad(self.alg_none()?, FORGED),
            "no-timestamp" => Made::bad(self.without_timestamp()?, REPLAYED),
            "stale" => self.shifted(-1)?,
            "future" => self.shifted(1)?,
            "altered-body" => Made::bad(self.altered_body()?, UNCOVERED),
            "altered-id" => Made::bad(self.altered_id()?, "one delivery can be sent again under ever new ids"),
            "altered-timestamp" => Made::bad(self.altered_timestamp()?, REPLAYED),
            "other-url" => Made::bad(self.other_url()?, "what was sent to another endpoint is believed here"),
            "upper-case" => Made {
                delivery: self.upper_case()?,
                expected: Expected::Either,
                what: None,
                meaning: "either is right, because the signature is",
            },
            _ => Made {
                delivery: self.valid.clone(),
                expected: Expected::Either,
                what: None,
                meaning: "providers send again what they think was lost, so it has to be answered like the first, and its work done once",
            },
        })
    }

    /// The order anew, with an id of its own.
    fn anew(&self, purpose: &[u8]) -> Order<'_> {
        Order { fresh: self.order.fresh.number(chance_of(purpose)), ..self.order.clone() }
    }

    /// A valid delivery with an id of its own, to be spoiled.
    fn fresh_one(&self, purpose: &str) -> Delivery {
        Delivery::make(&self.anew(purpose.as_bytes())).unwrap_or_else(|_| self.valid.clone())
    }

    fn signed_with(&self, secret: &Secret) -> Result<Delivery, String> {
        Delivery::make(&Order { secret: Some(secret), ..self.anew(b"other secret") })
    }

    /// Another secret of the same form.
    fn other_secret(&self) -> Result<Secret, String> {
        let text = self.secret.expose();
        if let Some(kind) = self.scheme.algorithm.key_kind()
            && self.scheme.key.decode != KeyForm::Ed25519Seed
        {
            let key = private::generate_pem(kind).ok_or("no other RSA key is at hand to sign with")?;
            return Ok(with_key(text, &key));
        }
        // The parts before the key stay.
        let at = text.iter().rposition(|byte| *byte == b';').map_or(0, |at| at + 1);
        let (parts, key) = if self.scheme.key.parts.is_empty() { text.split_at(0) } else { text.split_at(at) };
        Ok(Secret::new([parts, &broken(key)].concat()))
    }

    /// HMAC pads its key with zeros (RFC 2104 section 2), so that a key of one zero byte is the empty key.
    fn empty_secret(&self) -> Result<Delivery, String> {
        if !self.scheme.algorithm.is_hmac() || !self.scheme.key.parts.is_empty() {
            return Err("the scheme makes no MAC with the secret alone".to_owned());
        }
        let scheme = Scheme { when: self.conditions_without_secret(), key: Key::default(), ..self.scheme.clone() };
        let profile = Profile { schemes: vec![scheme], ..self.order.profile.clone() };
        let empty = Secret::new([0]);
        Delivery::make(&Order { profile: &profile, secret: Some(&empty), ..self.anew(b"empty secret") })
    }

    fn conditions_without_secret(&self) -> Vec<crate::domain::signature::template::Condition> {
        self.scheme.when.iter().filter(|condition| condition.source != Source::Secret).cloned().collect()
    }

    /// Signed for a time that is off by what the provider allows and a minute.
    fn shifted(&self, sign: i64) -> Result<Made, String> {
        let clock = self.scheme.timestamp.as_ref();
        let lasts = self.scheme.not_after.is_some();
        let limit = match sign {
            -1 => clock.and_then(|clock| clock.past_s).or(lasts.then_some(TOKEN_LIFE_S + self.scheme.leeway_s)),
            _ => clock.and_then(|clock| clock.future_s).or(self
                .scheme
                .not_before
                .is_some()
                .then_some(self.scheme.leeway_s)),
        };
        let limit = limit.ok_or_else(|| match (clock.is_some() || lasts, sign) {
            (false, _) => "the scheme has no timestamp".to_owned(),
            (true, -1) => "the provider says no limit for the age of a delivery".to_owned(),
            (true, _) => "the provider says no limit for times to come".to_owned(),
        })?;
        let off = limit.saturating_add(MARGIN_S);
        let micros = i64::try_from(off).unwrap_or(i64::MAX).saturating_mul(1_000_000).saturating_mul(sign);
        let order = self.anew(if sign < 0 { b"stale" } else { b"future" });
        let fresh = Fresh { now: order.fresh.now.plus_micros(micros), ..order.fresh };
        let delivery = Delivery::make(&Order { fresh, ..order })?;
        let (off, limit) = (timestamp::words(off), timestamp::words(limit));
        let what = match sign {
            -1 => format!("a delivery rightly signed, {off} old ({limit} are allowed)"),
            _ => format!("a delivery rightly signed, {off} ahead ({limit} are allowed)"),
        };
        if sign > 0 && clock.is_some_and(|clock| clock.ahead_disputed) {
            let meaning =
                "either is right: of the provider's own packages some refuse what lies ahead, and some do not look";
            return Ok(Made { delivery, expected: Expected::Either, what: Some(what), meaning });
        }
        let meaning = if sign < 0 { REPLAYED } else { "a delivery can be kept and sent much later" };
        Ok(Made { delivery, expected: Expected::Refuse, what: Some(what), meaning })
    }

    /// For another host and path.
    fn other_url(&self) -> Result<Delivery, String> {
        if !self.signs_url() {
            return Err("the scheme does not sign the URL".to_owned());
        }
        Delivery::make(&Order { public_url: Some("https://other.example/other"), ..self.anew(b"other url") })
    }

    fn signs_url(&self) -> bool {
        let url = [Source::Url, Source::Path];
        let plain = self.scheme.message.iter().flat_map(|message| message.sources()).any(|source| url.contains(source));
        let covered = match &self.scheme.form {
            Form::HttpMessage(form) => form
                .write
                .iter()
                .any(|name| ["@target-uri", "@authority", "@path", "@request-target"].contains(&name.as_str())),
            _ => false,
        };
        plain || covered
    }
}

/// How long a token that we make counts.
const TOKEN_LIFE_S: u64 = 300;
/// So much more than what is allowed.
const MARGIN_S: u64 = 60;

/// A number for a purpose, so that each trial has an id of its own.
fn chance_of(purpose: &[u8]) -> u64 {
    purpose.iter().fold(1, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}

#[cfg(test)]
mod tests;
