//! The small language of profiles: where a value is, what is joined to be signed, and conditions on a request.
//!
//! A source is `header:NAME`, `query:NAME`, `form:NAME`, `json:PATH`, `list:KEY`, `claim:NAME`, `timestamp`, `id`, `body`,
//! `method`, `url`, `path`, `params`, `fields`, `secret`, `secret:NAME` or `signature`. A template is text with sources in braces and filters after bars:
//! `v0:{timestamp}:{body}`, `{body|sha256|hex}`. A condition is a source, `!source`, or one of `source=text`,
//! `source^=start`, `source*=part`, `source~=pattern`.

use serde::Deserialize;

use super::scheme::Algorithm;

mod function;
pub use function::Function;

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The first header of that name.
    Header(String),
    /// The decoded query parameter of that name.
    Query(String),
    /// The decoded form field of that name.
    Form(String),
    /// The JSON scalar at that path (`data.items.0.id`); `*` is the first key itself.
    Json(Vec<String>),
    /// The named item of the signature header's list (`t` in `t=..,v1=..`).
    List(String),
    /// The claim of that name in a JSON Web Token: text, number or literal as written.
    Claim(String),
    /// The timestamp, as sent.
    Timestamp,
    /// The delivery id that is signed, as sent.
    Id,
    /// The body's bytes.
    Body,
    /// The method.
    Method,
    /// The whole public URL.
    Url,
    /// Path and query of the target.
    Path,
    /// Form fields sorted by name, name and value joined without a separator; equal values of one name once.
    Params,
    /// The same with equal values kept.
    ParamsAll,
    /// The form in the body, else the query, encoded as it came.
    Fields,
    /// The key, for digests that are no MAC.
    Secret,
    /// A value that the user gives with the key, because the request does not carry it.
    SecretPart(String),
    /// The signature, when a header is written.
    Signature,
}

/// What is done to a value before it is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// MD5 digest.
    Md5,
    /// SHA-1 digest.
    Sha1,
    /// SHA-256 digest.
    Sha256,
    /// SHA-384 digest.
    Sha384,
    /// SHA-512 digest.
    Sha512,
    /// CRC-32 in decimal.
    Crc32,
    /// Lower-case hex.
    Hex,
    /// Base64 with padding.
    Base64,
    /// Base64 with the alphabet for URLs, without padding (RFC 4648 section 5).
    Base64Url,
    /// Base64 read into bytes.
    Base64Decode,
    /// Without the padding of base64 at the end.
    Unpad,
    /// ASCII lower case.
    Lower,
    /// ASCII upper case.
    Upper,
    /// Nothing when the value is absent, instead of an error.
    OrEmpty,
    /// Nothing stays nothing: the filters behind it are left out for an empty value.
    SkipEmpty,
    /// The value as a JSON string with its quotes, escaped as `JSON.stringify` does.
    JsonString,
    /// The MAC with the secret's key, for answers to handshakes.
    Mac(Algorithm),
    /// A named function: what data cannot say.
    Named(Function),
}

impl Filter {
    /// Whether it takes the secret.
    pub fn needs_key(&self) -> bool {
        matches!(self, Self::Mac(_) | Self::Named(Function::QqSignature | Function::EbayChallenge))
    }
}

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Fixed text.
    Text(String),
    /// A value with its filters.
    Value(Source, Vec<Filter>),
    /// `{?...}`: fixed text round a value, all left out when the value is absent.
    Optional(String, Source, Vec<Filter>, String),
}

/// Text with values in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    /// As it is written in the profile.
    pub text: String,
    /// What it means.
    pub parts: Vec<Part>,
}

/// How a condition compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// The value is there (and not empty).
    Present,
    /// It is exactly this, ASCII case aside.
    Is(String),
    /// It starts with this.
    Starts(String),
    /// It contains this.
    Contains(String),
    /// It is like this, case and all: `*` stands for some letters, digits, `-` and `_`, and `**` for anything.
    Like(String),
}

/// What must hold of a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    /// The value.
    pub source: Source,
    /// What is asked of it.
    pub test: Test,
    /// Whether the opposite must hold.
    pub negated: bool,
}

/// A source in a profile's field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SourceField(pub Source);

impl Source {
    /// Reads a source.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once(':').map_or((text, None), |(kind, name)| (kind, Some(name)));
        let named = |make: fn(String) -> Self| match name {
            Some(name) if !name.is_empty() => Ok(make(name.to_owned())),
            _ => Err(format!("`{text}` needs a name after the colon, like `{kind}:NAME`")),
        };
        match (kind, name) {
            ("header", _) => named(Self::Header),
            ("query", _) => named(Self::Query),
            ("form", _) => named(Self::Form),
            ("list", _) => named(Self::List),
            ("claim", _) => named(Self::Claim),
            ("json", Some(path)) if !path.is_empty() => Ok(Self::Json(path.split('.').map(str::to_owned).collect())),
            ("timestamp", None) => Ok(Self::Timestamp),
            ("id", None) => Ok(Self::Id),
            ("body", None) => Ok(Self::Body),
            ("method", None) => Ok(Self::Method),
            ("url", None) => Ok(Self::Url),
            ("path", None) => Ok(Self::Path),
            ("params", None) => Ok(Self::Params),
            ("params-all", None) => Ok(Self::ParamsAll),
            ("fields", None) => Ok(Self::Fields),
            ("secret", None) => Ok(Self::Secret),
            ("secret", Some(_)) => named(Self::SecretPart),
            ("signature", None) => Ok(Self::Signature),
            _ => Err(format!(
                "`{text}` is no source: use header:NAME, query:NAME, form:NAME, json:PATH, list:KEY, claim:NAME, timestamp, \
                 id, body, method, url, path, params, params-all, fields, secret, secret:NAME or signature"
            )),
        }
    }

    /// In words for people: `header X-Signature`, `body`.
    pub fn describe(&self) -> String {
        match self {
            Self::Header(name) => format!("header {name}"),
            Self::Query(name) => format!("query parameter {name}"),
            Self::Form(name) => format!("form field {name}"),
            Self::Json(path) => format!("JSON {}", path.join(".")),
            Self::List(name) => format!("{name}= in the signature header"),
            Self::Claim(name) => format!("claim {name}"),
            Self::Timestamp => "timestamp".into(),
            Self::Id => "id".into(),
            Self::Body => "body".into(),
            Self::Method => "method".into(),
            Self::Url => "URL".into(),
            Self::Path => "path".into(),
            Self::Params | Self::ParamsAll => "sorted form fields".into(),
            Self::Fields => "form fields".into(),
            Self::Secret => "secret".into(),
            Self::SecretPart(name) => format!("{name} of the secret"),
            Self::Signature => "signature".into(),
        }
    }
}

impl Filter {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            "crc32" => Self::Crc32,
            "hex" => Self::Hex,
            "base64" => Self::Base64,
            "base64url" => Self::Base64Url,
            "base64-decode" => Self::Base64Decode,
            "unpad" => Self::Unpad,
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "or-empty" => Self::OrEmpty,
            "skip-empty" => Self::SkipEmpty,
            "json-string" => Self::JsonString,
            "hmac-sha1" => Self::Mac(Algorithm::HmacSha1),
            "hmac-sha256" => Self::Mac(Algorithm::HmacSha256),
            "md5" => Self::Md5,
            "sha384" => Self::Sha384,
            _ => {
                if let Some((function, ..)) = Function::ALL.iter().find(|(_, name, _)| *name == text) {
                    return Ok(Self::Named(*function));
                }
                let named: Vec<_> = Function::ALL.iter().map(|(_, name, _)| *name).collect();
                return Err(format!(
                    "`{text}` is no filter: use md5, sha1, sha256, sha384, sha512, crc32, hex, base64, base64url, base64-decode, \
                     unpad, lower, upper, or-empty, skip-empty, json-string, hmac-sha1, hmac-sha256, or one of the named functions {}",
                    named.join(", ")
                ));
            }
        })
    }
}

impl Template {
    /// Reads a template. `{{` and `}}` stand for braces.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut fixed = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            fixed.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                fixed.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let Some(inner) = from.strip_prefix('{') else {
                return Err(format!("`}}` without `{{` in `{text}` (write `}}}}` for a brace)"));
            };
            let Some((inner, after)) = inner.split_once('}') else {
                return Err(format!("`{{` is never closed in `{text}` (write `{{{{` for a brace)"));
            };
            if !fixed.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut fixed)));
            }
            parts.push(parse_part(inner)?);
            rest = after;
        }
        fixed.push_str(rest);
        if !fixed.is_empty() {
            parts.push(Part::Text(fixed));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The sources that it names.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(source, _) | Part::Optional(_, source, _, _) => Some(source),
        })
    }

    /// Whether it names this source.
    pub fn uses(&self, source: &Source) -> bool {
        self.sources().any(|used| used == source)
    }
}

/// `source|filter|...`, or `?before~source|filter~after`.
fn parse_part(inner: &str) -> Result<Part, String> {
    let value = |text: &str| {
        let mut pieces = text.split('|');
        let source = Source::parse(pieces.next().unwrap_or_default())?;
        let filters = pieces.map(Filter::parse).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, String>((source, filters))
    };
    let Some(optional) = inner.strip_prefix('?') else {
        let (source, filters) = value(inner)?;
        return Ok(Part::Value(source, filters));
    };
    let mut pieces = optional.split('~');
    let (Some(before), Some(middle), Some(after), None) = (pieces.next(), pieces.next(), pieces.next(), pieces.next())
    else {
        return Err(format!("`{{?{optional}}}` must be `{{?before~source~after}}`"));
    };
    let (source, filters) = value(middle)?;
    Ok(Part::Optional(before.to_owned(), source, filters, after.to_owned()))
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (negated, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        // The operator is the first one: what follows it is text.
        let at = text.find('=').map(|at| match text[..at].chars().next_back() {
            Some('^' | '*' | '~') => (at - 1, 2),
            _ => (at, 1),
        });
        let Some((at, width)) = at else {
            return Ok(Self { source: Source::parse(text)?, test: Test::Present, negated });
        };
        let (source, wanted) = (Source::parse(&text[..at])?, text[at + width..].to_owned());
        let test = match text.as_bytes().get(at) {
            Some(b'^') => Test::Starts(wanted),
            Some(b'*') => Test::Contains(wanted),
            Some(b'~') => Test::Like(wanted),
            _ => Test::Is(wanted),
        };
        Ok(Self { source, test, negated })
    }

    /// In words for people: `header x-signature`, `no header x-other`, `header user-agent begins with GitHub`.
    pub fn describe(&self) -> String {
        let no = if self.negated { "no " } else { "" };
        let source = self.source.describe();
        match &self.test {
            Test::Present => format!("{no}{source}"),
            Test::Is(text) => format!("{no}{source} is {text}"),
            Test::Starts(text) => format!("{no}{source} begins with {text}"),
            Test::Contains(text) => format!("{no}{source} contains {text}"),
            Test::Like(text) => format!("{no}{source} is like {text}"),
        }
    }

    /// Whether a value (or its absence) satisfies it.
    pub fn holds(&self, value: Option<&[u8]>) -> bool {
        let value = value.unwrap_or_default();
        let held = match &self.test {
            Test::Present => !value.is_empty(),
            Test::Is(wanted) => value.eq_ignore_ascii_case(wanted.as_bytes()),
            Test::Starts(wanted) => {
                value.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted.as_bytes()))
            }
            Test::Contains(wanted) => memchr::memmem::find(value, wanted.as_bytes()).is_some(),
            Test::Like(wanted) => is_like(value, wanted.as_bytes()),
        };
        held != self.negated
    }
}

/// Whether the text is like the pattern. A star takes as much as it can and gives nothing back, which is enough for hosts
/// and file names, and cannot be made slow.
fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    let (mut text, mut pattern) = (text, pattern);
    while let Some((wanted, rest)) = pattern.split_first() {
        if *wanted == b'*' {
            if rest.first() == Some(&b'*') {
                return true;
            }
            let size =
                text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
            if size == 0 {
                return false;
            }
            (text, pattern) = (text.get(size..).unwrap_or_default(), rest);
            continue;
        }
        match text.split_first() {
            Some((byte, after)) if byte == wanted => (text, pattern) = (after, rest),
            _ => return false,
        }
    }
    text.is_empty()
}

macro_rules! from_string {
    ($($name:ty: $parse:expr;)*) => {
        $(impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                $parse(&text)
            }
        })*
    };
}

from_string! {
    Template: Template::parse;
    Condition: Condition::parse;
    SourceField: |text: &str| Source::parse(text).map(Self);
}

#[cfg(test)]
mod tests;
