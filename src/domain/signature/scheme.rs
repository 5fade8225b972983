//! How a provider signs, as data: the types that a profile's `schemes` are read into.

use serde::Deserialize;

use super::template::{Condition, SourceField, Template};

mod algorithm;
mod clock;
mod key;
mod validate;

pub use algorithm::{Algorithm, KeyKind};
pub use clock::{Clock, Unit};
pub use key::{Key, KeyForm};

/// One way to sign. A profile lists its ways; those whose conditions hold are tried, and one that holds is enough.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// What must hold for it to be tried; `secret` conditions look at the configured secret.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Where the signature is: one place, or several of which any may hold it.
    pub signature: Vec<SourceField>,
    /// Whether the provider sends a line of the signature's header for each secret, any of which counts. Otherwise several
    /// lines of it are valid only if they are for every receiver, however it reads them.
    #[serde(default)]
    pub line_each: bool,
    /// Text that must stand before the signature.
    #[serde(default)]
    pub prefix: String,
    /// Several items in one value.
    pub list: Option<List>,
    /// What the signature is wrapped in, when it is more than its bytes.
    #[serde(default)]
    pub form: Form,
    /// JSON path of an array whose elements each carry a signature of their own: the scheme is applied to every element
    /// in place of the body, and all must hold.
    pub each: Option<SourceField>,
    /// The signing algorithm.
    pub algorithm: Algorithm,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// How the secret becomes a key.
    #[serde(default)]
    pub key: Key,
    /// What is signed.
    pub message: Option<Template>,
    /// The timestamp, when it has one.
    pub timestamp: Option<Clock>,
    /// The second from which on it does not count any more, when it says one (`exp`, `expires`).
    pub not_after: Option<SourceField>,
    /// The second before which it does not count, when it says one (`nbf`).
    pub not_before: Option<SourceField>,
    /// How far the clocks may differ for these two, in seconds.
    #[serde(default)]
    pub leeway_s: u64,
    /// Where the delivery id that is signed is.
    pub id: Option<SourceField>,
    /// What must hold besides the signature, each as two templates that give the same bytes.
    #[serde(default)]
    pub guards: Vec<Guard>,
    /// What must hold besides the signature, each as conditions.
    #[serde(default)]
    pub demands: Vec<Demand>,
    /// Other forms of the URL that are as good, because the provider's own validators take them.
    #[serde(default)]
    pub url_forms: Vec<UrlForm>,
    /// How the signature's value is written when we sign; without it: prefix and signature.
    pub write: Option<Template>,
    /// Other headers that are written when we sign, name and template.
    #[serde(default)]
    pub write_headers: Vec<(String, Template)>,
    /// What a valid signature does not cover.
    #[serde(default)]
    pub not_covered: String,
}

/// Several items in one value: `t=1,v1=aa,v1=bb` or `v1,aa v1,bb`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// Between items.
    pub separator: String,
    /// Between name and value; without it the items have no names.
    pub assign: String,
    /// The names whose values are signatures; any one that fits is enough.
    pub accept: Vec<String>,
    /// The part of the secret whose value is the name of our item (Braintree: `public_key_id`). When the user does not
    /// give that part, an item of any name is taken.
    pub accept_part: String,
    /// The name of the first item, when items have none (`1700000000,signature,signature`).
    pub first: String,
    /// Whether the value is the base64 of a JSON object whose members are the items, instead of a list.
    pub base64_json: bool,
    /// Whether values stand in double quotes that are no part of them.
    pub quoted: bool,
    /// Whether blanks round items, names and values belong to them, because the official packages trim none.
    pub exact: bool,
}

/// What a signature is wrapped in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Form {
    /// Nothing: its bytes in the scheme's encoding.
    #[default]
    Plain,
    /// A JSON Web Token in compact form (RFC 7515 section 7.1, RFC 7519).
    Jwt(Jwt),
    /// An HTTP message signature (RFC 9421): `signature` names the header Signature.
    HttpMessage(HttpMessage),
}

/// What a token must be like. Which algorithm counts is the profile's word: the token's `alg` only chooses among those.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jwt {
    /// Algorithms beside the scheme's that are taken.
    pub also: Vec<Algorithm>,
    /// Claims that must be there.
    pub required: Vec<String>,
    /// Claims that are written when we sign, name and template.
    pub write: Vec<(String, Template)>,
}

/// What a message signature must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpMessage {
    /// Algorithms beside the scheme's that are taken.
    pub also: Vec<Algorithm>,
    /// Components that must be covered, as they stand in Signature-Input without quotes: `@method`, `content-digest`.
    pub required: Vec<String>,
    /// Components that we cover when we sign.
    pub write: Vec<String>,
}

/// A form of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum UrlForm {
    /// Without its port, and with the port that its scheme stands for.
    Ports,
    /// As a WHATWG URL parser writes it (`'` in the query as `%27`).
    Whatwg,
    /// The query decoded and encoded again as Node's `querystring` does.
    Querystring,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Encoding {
    /// Hex, either case read, lower case written.
    #[default]
    Hex,
    /// Hex, upper case written.
    HexUpper,
    /// Base64 with padding.
    Base64,
    /// Base64url, padding optional when read, none written.
    Base64Url,
    /// Base64 of the lower-case hex text, not of the digest's bytes.
    Base64OfHex,
    /// As it is (tokens).
    Text,
    /// Base64 of the text (the credentials of HTTP Basic).
    BasicCredentials,
}

/// Two templates that must give the same text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// One of them.
    pub left: Template,
    /// The other.
    pub right: Template,
    /// What is wrong when they differ: a few words.
    pub says: String,
    /// What it is about.
    pub about: GuardSubject,
}

/// Conditions of which one list must hold whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Any of these lists, all of one list.
    pub holds: Vec<Vec<Condition>>,
    /// What is wrong when none does: a few words.
    pub says: String,
    /// What it is about.
    pub about: GuardSubject,
}

/// What a guard is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum GuardSubject {
    /// A digest of the body.
    Body,
    /// Version or algorithm of the signature.
    Version,
    /// What the signed token claims: issuer, audience.
    Claim,
    /// The URL.
    Url,
    /// Where the key comes from.
    KeyPlace,
}

impl Encoding {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::HexUpper => "upper-case hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Base64OfHex => "base64 of hex",
            Self::Text => "as it is",
            Self::BasicCredentials => "HTTP Basic",
        }
    }
}

impl Scheme {
    /// The rule in words: `HMAC-SHA256 over {timestamp}.{body}, hex`.
    pub fn describe(&self) -> String {
        let names = |also: &[Algorithm]| {
            let all = std::iter::once(&self.algorithm).chain(also);
            all.map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(" or ")
        };
        let Some(message) = &self.message else {
            return match &self.form {
                Form::Plain => format!("{}, {}", self.algorithm.name(), self.encoding.name()),
                Form::Jwt(jwt) => format!("JSON Web Token, {}", names(&jwt.also)),
                Form::HttpMessage(http) => format!("HTTP message signature, {}", names(&http.also)),
            };
        };
        format!("{} over {}, {}", self.algorithm.name(), message.text, self.encoding.name())
    }

    /// What stands before the digest: the prefix, or the name of an item of the list (`v1,`); `None` when it stands bare.
    pub fn lead(&self) -> Option<String> {
        if !self.prefix.is_empty() {
            return Some(self.prefix.clone());
        }
        let list = self.list.as_ref().filter(|list| !list.assign.is_empty() && !list.base64_json)?;
        list.accept.first().map(|name| format!("{name}{}", list.assign))
    }

    /// What a list item of this scheme is called, in words.
    pub fn place(&self) -> String {
        let mut text = self.signature.iter().map(|source| source.0.describe()).collect::<Vec<_>>().join(" or ");
        if let Some(list) = &self.list
            && !list.accept.is_empty()
        {
            text.push_str(&format!(", {}", list.accept.join(" or ")));
        }
        text
    }
}
