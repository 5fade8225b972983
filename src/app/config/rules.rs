//! `rules` and guards as the file writes them.

use std::collections::BTreeMap;
use std::str::FromStr;

use ipnet::IpNet;
use serde::Deserialize;
use serde::de::Deserializer;

use super::values::{OneOrMore, Parsed};
use crate::app::secrets::SecretSource;
use crate::domain::reply::{ReplyText, Spread, parse_wait};
use crate::domain::rule::body_path::BodyPath;
use crate::domain::rule::pattern::{EventPattern, Nth, PathPattern, ValuePattern};
use crate::domain::signature::Outcome;
use crate::domain::target_rules::Named;

/// One of `rules`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Rule")]
pub struct RuleInFile {
    /// What it is called in answers.
    #[serde(default)]
    pub name: Option<String>,
    /// When it replies.
    #[serde(default)]
    pub when: WhenInFile,
    /// What goes back.
    pub reply: Parsed<ReplyText>,
    /// What is called behind the answer.
    #[serde(default)]
    pub callbacks: Vec<CallbackInFile>,
}

/// One of `rules[].callbacks`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Callback")]
pub struct CallbackInFile {
    /// A template.
    pub url: String,
    /// Who may be called.
    #[serde(default)]
    pub hosts: OneOrMore<Named>,
    /// How long behind the answer.
    #[serde(default)]
    pub after: Option<Parsed<Wait>>,
    /// `POST` when it is left out.
    #[serde(default)]
    pub method: Option<Parsed<MethodWord>>,
    /// Templates by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A template, or `@FILE`.
    #[serde(default)]
    pub body: Option<String>,
}

impl CallbackInFile {
    /// The file of its body.
    pub fn file(&self) -> Option<&str> {
        self.body.as_deref()?.strip_prefix('@').filter(|rest| !rest.starts_with('@'))
    }
}

/// A wait, fixed or drawn: `5s`, `1s..3s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub u64, pub Spread);

impl FromStr for Wait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_wait(text).map(|(ms, spread)| Self(ms, spread))
    }
}

/// The method of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodWord(pub String);

impl FromStr for MethodWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_token(text) {
            true => Ok(Self(text.to_owned())),
            false => Err("expected a method, such as \"POST\"".to_owned()),
        }
    }
}

/// The name of a header (RFC 9110 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderWord(pub String);

impl FromStr for HeaderWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_token(text) {
            true => Ok(Self(text.to_owned())),
            false => Err("expected the name of a header, such as \"X-Token\"".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for HeaderWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Parsed::<Self>::deserialize(deserializer).map(|Parsed(word)| word)
    }
}

/// Anything else is in no request: what asks for it would never fit (RFC 9110 section 5.6.2).
fn is_token(text: &str) -> bool {
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_one)
}

/// `when`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "When")]
pub struct WhenInFile {
    /// One of these methods.
    pub method: OneOrMore<MethodWord>,
    /// `/hooks/{tenant}/*`
    pub path: Option<Parsed<PathPattern>>,
    /// Values by name.
    pub headers: BTreeMap<HeaderWord, Parsed<ValuePattern>>,
    /// Values by name.
    pub query: BTreeMap<String, Parsed<ValuePattern>>,
    /// Values by name.
    pub form: BTreeMap<String, Parsed<ValuePattern>>,
    /// Values by JSON path.
    pub json: BTreeMap<JsonPathText, Parsed<ValuePattern>>,
    /// Profile names.
    pub provider: OneOrMore<ValuePattern>,
    /// Event types.
    pub event: OneOrMore<EventPattern>,
    /// Verdicts.
    pub verdict: OneOrMore<VerdictWord>,
    /// Networks.
    pub from: OneOrMore<Net>,
    /// Which time.
    pub nth: Option<Parsed<Nth>>,
}

/// `endpoints[].guard`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Guard")]
pub struct GuardInFile {
    /// Networks that may send.
    pub allow: OneOrMore<Net>,
    /// `user:password`
    pub basic: OneOrMore<SecretSource>,
    /// The token.
    pub bearer: OneOrMore<SecretSource>,
    /// A header with a shared value.
    pub token: Option<TokenInFile>,
    /// `false`: only say who would be refused.
    pub enforce: Option<bool>,
}

/// `guard.token`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Token")]
pub struct TokenInFile {
    /// The header's name.
    pub header: HeaderWord,
    /// Its value.
    pub secret: OneOrMore<SecretSource>,
}

/// An address or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net(pub IpNet);

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
        text.parse::<IpNet>()
            .or_else(|_| address())
            .map(|net| Self(net.trunc()))
            .map_err(|_| "expected an IP address or a network, such as \"127.0.0.1\" or \"10.0.0.0/8\"".to_owned())
    }
}

/// A word for an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictWord(pub Outcome);

impl FromStr for VerdictWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Outcome::Valid, Outcome::Invalid, Outcome::Unsigned, Outcome::Unknown]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .map(Self)
            .ok_or_else(|| "expected one of valid, invalid, unsigned, unknown".to_owned())
    }
}

/// A JSON path (RFC 9535) that was understood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonPathText(pub String);

impl FromStr for JsonPathText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<BodyPath>().map(|_| Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for JsonPathText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Parsed::<Self>::deserialize(deserializer).map(|Parsed(path)| path)
    }
}
