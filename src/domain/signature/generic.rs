//! A scheme that the user describes in place: `hmac-sha256:header=X-Signature,encoding=hex,message={timestamp}.{body}`.

use std::sync::Arc;

use super::profile::{Delivery, Profile, SecretFacts};
use super::scheme::{Algorithm, Clock, Encoding, Form, Key, KeyForm, List, Scheme, Unit};
use super::template::{Source, SourceField, Template};

/// Why a text describes no scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// It does not begin with an algorithm: perhaps a provider's name.
    NotGeneric,
    /// It does, and something in it is wrong: what, in words.
    Wrong(String),
}

/// The words that a described scheme begins with.
pub const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("hmac-sha256", Algorithm::HmacSha256),
    ("hmac-sha1", Algorithm::HmacSha1),
    ("hmac-sha384", Algorithm::HmacSha384),
    ("hmac-sha512", Algorithm::HmacSha512),
    ("hmac-md5", Algorithm::HmacMd5),
    ("sha1", Algorithm::Sha1),
    ("sha256", Algorithm::Sha256),
    ("sha512", Algorithm::Sha512),
    ("md5", Algorithm::Md5),
    ("token", Algorithm::Token),
    ("basic", Algorithm::Token),
    ("bearer", Algorithm::Token),
    ("ed25519", Algorithm::Ed25519),
    ("ecdsa-p256", Algorithm::EcdsaP256),
    ("rsa-sha256", Algorithm::RsaSha256),
];

/// The fields that may follow.
const FIELDS: &str =
    "header, query, form, encoding, prefix, key, timestamp, unit, tolerance, list, accept, id, message";

/// Reads a described scheme: `ALGORITHM[:FIELD=VALUE[,FIELD=VALUE]...]`. Fields are parted by commas or semicolons;
/// `message` takes the rest of the text and so comes last.
///
/// # Errors
/// See [`SpecError`].
pub fn parse(spec: &str) -> Result<Profile, SpecError> {
    let spec = spec.trim();
    let (word, rest) = spec.split_once(':').unwrap_or((spec, ""));
    let word = word.to_ascii_lowercase();
    let Some((_, algorithm)) = ALGORITHMS.iter().find(|(name, _)| *name == word) else {
        return Err(SpecError::NotGeneric);
    };
    let mut draft = Draft::new(&word, *algorithm);
    let mut rest = rest;
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else {
            return Err(SpecError::Wrong(format!("`{rest}` in the scheme must be FIELD=VALUE, with one of {FIELDS}")));
        };
        let end = if name.trim() == "message" { after.len() } else { after.find([',', ';']).unwrap_or(after.len()) };
        let (value, after) = after.split_at(end);
        draft.set(name.trim(), value).map_err(SpecError::Wrong)?;
        rest = after.get(1..).unwrap_or_default();
    }
    draft.finish(spec).map_err(SpecError::Wrong)
}

struct Draft {
    word: String,
    place: Option<Source>,
    scheme: Scheme,
    stamp: Option<Source>,
    unit: Unit,
    tolerance: Option<u64>,
    encoding: Option<Encoding>,
}

impl Draft {
    fn new(word: &str, algorithm: Algorithm) -> Self {
        let scheme = Scheme {
            when: Vec::new(),
            signature: Vec::new(),
            prefix: String::new(),
            list: None,
            form: Form::Plain,
            each: None,
            algorithm,
            encoding: Encoding::Hex,
            key: Key::default(),
            message: None,
            timestamp: None,
            not_after: None,
            not_before: None,
            leeway_s: 0,
            id: None,
            guards: Vec::new(),
            demands: Vec::new(),
            url_forms: Vec::new(),
            write: None,
            write_headers: Vec::new(),
            not_covered: String::new(),
            line_each: false,
        };
        Self {
            word: word.to_owned(),
            place: None,
            scheme,
            stamp: None,
            unit: Unit::Seconds,
            tolerance: None,
            encoding: None,
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let source = |kind: &str| Source::parse(&format!("{kind}:{value}"));
        match name {
            "header" | "query" | "form" | "json" => self.place = Some(source(name)?),
            "encoding" => self.encoding = Some(encoding(value)?),
            "prefix" => value.clone_into(&mut self.scheme.prefix),
            "key" => self.scheme.key = key(value)?,
            "timestamp" => self.stamp = Some(named(value)?),
            "id" => self.scheme.id = Some(SourceField(named(value)?)),
            "unit" => self.unit = unit(value)?,
            "tolerance" => {
                let seconds = value.trim_end_matches('s').parse();
                self.tolerance = Some(seconds.map_err(|_| format!("tolerance `{value}` must be a number of seconds"))?);
            }
            "list" => {
                let (separator, assign) = list(value)?;
                let accept = self.scheme.list.take().map(|list| list.accept).unwrap_or_default();
                self.scheme.list = Some(List { separator, assign, accept, ..List::default() });
            }
            "accept" => {
                let list = self.scheme.list.get_or_insert(List {
                    separator: ",".into(),
                    assign: "=".into(),
                    ..List::default()
                });
                list.accept.push(value.to_owned());
            }
            "message" => {
                let text = value.replace("\\n", "\n");
                self.scheme.message = Some(Template::parse(&text).map_err(|problem| format!("message: {problem}"))?);
            }
            _ => return Err(format!("`{name}` is no field of a scheme: use one of {FIELDS}")),
        }
        Ok(())
    }

    fn finish(mut self, spec: &str) -> Result<Profile, String> {
        let is_token = self.scheme.algorithm == Algorithm::Token;
        let default = match self.word.as_str() {
            "basic" | "bearer" => "Authorization",
            "token" => "X-Webhook-Token",
            _ => "X-Signature",
        };
        let place = self.place.unwrap_or_else(|| Source::Header(default.into()));
        self.scheme.encoding = self.encoding.unwrap_or(match self.word.as_str() {
            "basic" => Encoding::BasicCredentials,
            _ if is_token => Encoding::Text,
            _ if self.scheme.algorithm.is_public() => Encoding::Base64,
            _ => Encoding::Hex,
        });
        match self.word.as_str() {
            "basic" if self.scheme.prefix.is_empty() => self.scheme.prefix = "Basic ".into(),
            "bearer" if self.scheme.prefix.is_empty() => self.scheme.prefix = "Bearer ".into(),
            _ => {}
        }
        if self.scheme.algorithm.is_public() {
            self.scheme.key.decode = KeyForm::Public;
        }
        self.scheme.timestamp = self.stamp.map(|from| Clock {
            from: SourceField(from),
            unit: self.unit,
            past_s: self.tolerance,
            future_s: self.tolerance,
            ahead_disputed: false,
            optional: false,
        });
        if !is_token && self.scheme.message.is_none() {
            let plain = matches!(
                self.scheme.algorithm,
                Algorithm::Sha1 | Algorithm::Sha256 | Algorithm::Sha384 | Algorithm::Sha512 | Algorithm::Md5
            );
            let text = match (&self.scheme.timestamp, plain) {
                (Some(_), false) => "{timestamp}.{body}",
                (None, false) => "{body}",
                (_, true) => "{secret}{body}",
            };
            self.scheme.message = Some(Template::parse(text)?);
        }
        self.scheme.write = written(&self.scheme)?;
        self.scheme.signature = vec![SourceField(place)];
        self.scheme.validate()?;
        Ok(Profile {
            name: spec.to_owned(),
            label: Arc::from(spec),
            title: "your scheme".into(),
            docs: String::new(),
            sources: vec!["described by the user".into()],
            source_of: Vec::new(),
            not_documented: Vec::new(),
            confirmed: Vec::new(),
            aliases: Vec::new(),
            recognise: Vec::new(),
            rank: 0,
            copied_by_others: 0,
            secret: SecretFacts { called: "secret".into(), ..SecretFacts::default() },
            schemes: vec![self.scheme],
            event_type: Vec::new(),
            delivery_id: Vec::new(),
            handshakes: Vec::new(),
            delivery: Delivery::default(),
            events: Vec::new(),
            notes: Vec::new(),
        })
    }
}

/// How the header is written when there is a list: the timestamp when it is in the list, then the signature.
fn written(scheme: &Scheme) -> Result<Option<Template>, String> {
    let Some(list) = &scheme.list else { return Ok(None) };
    let mut text = String::new();
    if let Some(Clock { from: SourceField(Source::List(name)), .. }) = &scheme.timestamp {
        text.push_str(&format!("{name}{}{{timestamp}}{}", list.assign, list.separator));
    }
    match list.accept.first() {
        Some(name) => text.push_str(&format!("{name}{}{}{{signature}}", list.assign, scheme.prefix)),
        None => text.push_str(&format!("{}{{signature}}", scheme.prefix)),
    }
    Template::parse(&text).map(Some)
}

/// A source, or the name of a header.
fn named(value: &str) -> Result<Source, String> {
    if value.contains(':') { Source::parse(value) } else { Ok(Source::Header(value.to_owned())) }
}

fn encoding(value: &str) -> Result<Encoding, String> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "hex" => Encoding::Hex,
        "hex-upper" => Encoding::HexUpper,
        "base64" => Encoding::Base64,
        "base64url" => Encoding::Base64Url,
        "text" => Encoding::Text,
        _ => return Err(format!("encoding `{value}` must be hex, hex-upper, base64, base64url or text")),
    })
}

fn key(value: &str) -> Result<Key, String> {
    let (form, strip) = match value.split_once('+') {
        Some((prefix, form)) => (form, vec![prefix.to_owned()]),
        None => (value, Vec::new()),
    };
    let decode = match form.to_ascii_lowercase().as_str() {
        "text" => KeyForm::Text,
        "base64" => KeyForm::Base64,
        "hex" => KeyForm::Hex,
        "sha1" => KeyForm::Sha1,
        "whsec" => return Ok(Key { strip: vec!["whsec_".into()], decode: KeyForm::Base64, ..Key::default() }),
        _ => return Err(format!("key `{value}` must be text, base64, hex, sha1, whsec, or PREFIX+FORM")),
    };
    Ok(Key { strip, decode, ..Key::default() })
}

fn unit(value: &str) -> Result<Unit, String> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "s" | "seconds" => Unit::Seconds,
        "ms" | "milliseconds" => Unit::Millis,
        "rfc3339" | "iso" => Unit::Rfc3339,
        "http-date" => Unit::HttpDate,
        _ => return Err(format!("unit `{value}` must be s, ms, rfc3339 or http-date")),
    })
}

/// `comma`, `space` or `semicolon`, as names, because the characters part the fields.
fn list(value: &str) -> Result<(String, String), String> {
    let (separator, assign) = value.split_once('/').unwrap_or((value, "equals"));
    let separator = match separator {
        "comma" => ",",
        "space" => " ",
        "semicolon" => ";",
        "ampersand" => "&",
        _ => return Err(format!("list `{value}` must be comma, space, semicolon or ampersand")),
    };
    let assign = match assign {
        "equals" => "=",
        "comma" => ",",
        "colon" => ":",
        "none" => "",
        _ => return Err(format!("list `{value}`: after the slash comes equals, comma, colon or none")),
    };
    Ok((separator.to_owned(), assign.to_owned()))
}

#[cfg(test)]
mod tests;
