//! A provider's profile: who sends, how they are recognised, how they sign, where type and id are.

use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use super::handshake::{self, Handshake};
use super::material::Material;
use super::scheme::Scheme;
use super::template::{Condition, Template};
use crate::domain::exchange::Request;
use crate::domain::ron_text::{self, Mistake};

mod doubt;
mod facts;
mod sources;
pub use facts::{Delivery, Fact, SourceOf};

/// A provider as data: one file in src/providers, or one of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The word for it: the file's name without `.ron`.
    #[serde(skip)]
    pub name: String,
    /// The same, for rows to share.
    #[serde(skip)]
    pub label: Arc<str>,
    /// The provider's name as people write it.
    pub title: String,
    /// The provider's own documentation.
    pub docs: String,
    /// Where the facts come from of which `source_of` says nothing else.
    pub sources: Vec<String>,
    /// Where single facts come from.
    #[serde(default)]
    pub source_of: Vec<SourceOf>,
    /// What the provider does with an answer and does not say, and the pages that were read for it.
    #[serde(default)]
    pub not_documented: Vec<SourceOf>,
    /// What showed that they hold: vectors, official packages. Empty: nothing did yet.
    #[serde(default)]
    pub confirmed: Vec<String>,
    /// Other names that it is known by, for `--scheme` and `providers`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How it is recognised: any of these lists of conditions, all of one list.
    pub recognise: Vec<Vec<Condition>>,
    /// Which of two profiles that recognise a request is right: the higher.
    #[serde(default)]
    pub rank: i32,
    /// How widely others took over its way to sign: of several providers that sign alike, the one with the highest names the rule.
    #[serde(default)]
    pub copied_by_others: u8,
    /// The secret.
    pub secret: SecretFacts,
    /// The ways to sign.
    pub schemes: Vec<Scheme>,
    /// Where the event type is: the first that is there.
    #[serde(default)]
    pub event_type: Vec<Template>,
    /// Where the delivery id is: the first that is there.
    #[serde(default)]
    pub delivery_id: Vec<Template>,
    /// The requests with which the provider asks whether the endpoint is the user's.
    #[serde(default)]
    pub handshakes: Vec<Handshake>,
    /// What the provider does with the answer.
    #[serde(default)]
    pub delivery: Delivery,
    /// Sample events, written by us: at most two small ones.
    #[serde(default)]
    pub events: Vec<Sample>,
    /// Other things worth knowing, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A sample event: what a delivery of it looks like, without its signature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The event type in the provider's words.
    pub name: String,
    /// Headers beside those of the signature.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body's type.
    #[serde(default = "json_type")]
    pub content_type: String,
    /// The body.
    pub body: String,
}

fn json_type() -> String {
    "application/json".into()
}

/// What the user must know of the secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecretFacts {
    /// What the provider calls it.
    pub called: String,
    /// Where the user finds it.
    pub find: String,
    /// What it looks like.
    pub looks: String,
    /// What it starts with, when it always does.
    pub prefixes: Vec<String>,
    /// Starts of other keys that are mistaken for it, and what they are.
    pub wrong: Vec<(String, String)>,
    /// Fixed secrets that the provider's test sends use, by its documentation.
    pub test: Vec<String>,
}

/// Why a profile's text cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct ProfileError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Which field, and what is wrong with it.
    pub message: String,
}

impl Profile {
    /// Whether it is a provider's, and says more of its deliveries than how they are signed: a bare scheme does not.
    pub fn knows_its_sender(&self) -> bool {
        !(self.event_type.is_empty()
            && self.delivery_id.is_empty()
            && self.handshakes.is_empty()
            && self.delivery.is_empty())
    }

    /// Reads a profile. `file` is its name, with or without folders and `.ron`.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let mut profile: Self = options.from_str(text).map_err(|error| {
            let Mistake { place: (line, column), field, message } = ron_text::mistake(text, &error);
            let message = if field.is_empty() { message } else { format!("{field}: {message}") };
            ProfileError { file: file.to_owned(), line, column, message }
        })?;
        let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
        profile.name = stem.strip_suffix(".ron").unwrap_or(stem).to_owned();
        profile.label = Arc::from(profile.name.as_str());
        profile.validate().map_err(|(place, message)| {
            let (line, column) = locate(text, &place, &message);
            ProfileError { file: file.to_owned(), line, column, message }
        })?;
        Ok(profile)
    }

    /// What the types cannot say: where it is, and what is wrong.
    fn validate(&self) -> Result<(), (Place, String)> {
        let wrong = |field: &'static str, message: String| Err((Place::Field(field), message));
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        };
        if !is_name(&self.name) {
            let words = format!("the file's name `{}` must be lower-case letters, digits, `-` or `.`", self.name);
            return wrong("title", words);
        }
        if let Some(alias) = self.aliases.iter().find(|alias| !is_name(alias)) {
            return wrong("aliases", format!("the alias `{alias}` must be lower-case letters, digits, `-` or `.`"));
        }
        if self.schemes.is_empty() {
            return wrong("schemes", "`schemes` is empty: a profile needs at least one way to sign".into());
        }
        if self.events.len() > EVENTS_MAX {
            return wrong("events", format!("`events` holds {}, and at most {EVENTS_MAX} are kept", self.events.len()));
        }
        if let Some(message) = self.wrong_source() {
            return wrong("source_of", message);
        }
        if let Some(message) = self.wrong_silence() {
            return wrong("not_documented", message);
        }
        for (at, scheme) in self.schemes.iter().enumerate() {
            scheme.validate().map_err(|message| (Place::Scheme(at), message))?;
        }
        Ok(())
    }

    /// Whether the request looks like this provider's.
    pub fn recognises(&self, request: &Request) -> bool {
        let material = Material::new(request);
        self.recognise.iter().any(|all| !all.is_empty() && all.iter().all(|condition| material.holds(condition)))
    }

    /// The handshake that a request is.
    pub fn handshake(&self, request: &Request) -> Option<&Handshake> {
        handshake::find(&self.handshakes, request)
    }

    /// The event type in the provider's words: raw text of the sender.
    pub fn event_type(&self, request: &Request) -> Option<String> {
        if self.handshakes.iter().any(|one| !one.called.is_empty())
            && let Some(shake) = self.handshake(request).filter(|one| !one.called.is_empty())
        {
            return Some(shake.called.clone());
        }
        first_text(&self.event_type, request)
    }

    /// The provider's delivery id: raw text of the sender.
    pub fn delivery_id(&self, request: &Request) -> Option<String> {
        first_text(&self.delivery_id, request)
    }

    /// Whether only the provider can sign, because the check uses its public key.
    pub fn is_public_key(&self) -> bool {
        self.schemes.iter().all(|scheme| scheme.algorithm.is_public())
    }
}

/// Sample events of a profile.
const EVENTS_MAX: usize = 2;

/// Where in a profile something is wrong.
enum Place {
    /// In a field of the profile.
    Field(&'static str),
    /// In the scheme of that number, from 0.
    Scheme(usize),
}

/// Line and column of a mistake that the types did not catch: that of the field which the message names in backticks, else
/// of the scheme or field that it is in.
fn locate(text: &str, place: &Place, message: &str) -> ron_text::Place {
    let found = match place {
        Place::Field(name) => ron_text::find(text, name),
        Place::Scheme(number) => {
            let scheme = format!("schemes[{number}]");
            let named = message.split('`').nth(1).map(|word| word.split('.').next().unwrap_or(word));
            let field = named.and_then(|word| ron_text::find(text, &format!("{scheme}.{word}")));
            field.or_else(|| ron_text::find(text, &scheme))
        }
    };
    found.unwrap_or((1, 1))
}

/// At most so many bytes of an event type or a delivery id are kept.
const LABEL_BYTES_MAX: usize = 256;

fn first_text(templates: &[Template], request: &Request) -> Option<String> {
    let material = Material::new(request);
    templates.iter().find_map(|template| {
        let mut bytes = material.render(template).ok()?;
        bytes.truncate(LABEL_BYTES_MAX);
        (!bytes.is_empty()).then(|| {
            // Nearly always it is text, and then its memory serves on.
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        })
    })
}

#[cfg(test)]
mod tests;
