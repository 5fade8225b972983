//! A provider's profile: who sends, how they are recognised, how they sign, where type and id are.

use serde::Deserialize;
use thiserror::Error;

use super::handshake::Handshake;
use super::material::Material;
use super::scheme::Scheme;
use super::template::{Condition, Template};
use crate::domain::exchange::Request;

/// A provider as data: one file in src/providers, or one of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The word for it: the file's name without `.ron`.
    #[serde(skip)]
    pub name: String,
    /// The provider's name as people write it.
    pub title: String,
    /// The provider's own documentation.
    pub docs: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// What showed that they hold: vectors, official packages. Empty: nothing did yet.
    #[serde(default)]
    pub confirmed: Vec<String>,
    /// How it is recognised: any of these lists of conditions, all of one list.
    pub recognise: Vec<Vec<Condition>>,
    /// Which of two profiles that recognise a request is right: the higher.
    #[serde(default)]
    pub rank: i32,
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
    /// Other things worth knowing, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
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
    /// Reads a profile. `file` is its name, with or without folders and `.ron`.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let mut profile: Self = options.from_str(text).map_err(|error| ProfileError {
            file: file.to_owned(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        })?;
        let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
        profile.name = stem.strip_suffix(".ron").unwrap_or(stem).to_owned();
        profile.validate().map_err(|message| ProfileError { file: file.to_owned(), line: 1, column: 1, message })?;
        Ok(profile)
    }

    /// What the types cannot say.
    fn validate(&self) -> Result<(), String> {
        if self.name.is_empty()
            || !self.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        {
            return Err(format!("the file's name `{}` must be lower-case letters, digits, `-` or `.`", self.name));
        }
        if self.schemes.is_empty() {
            return Err("`schemes` is empty: a profile needs at least one way to sign".into());
        }
        for scheme in &self.schemes {
            scheme.validate()?;
        }
        Ok(())
    }

    /// Whether the request looks like this provider's.
    pub fn recognises(&self, request: &Request) -> bool {
        let material = Material::new(request);
        self.recognise.iter().any(|all| {
            !all.is_empty() && all.iter().all(|condition| material.may_hold(condition) && material.holds(condition))
        })
    }

    /// The event type in the provider's words: raw text of the sender.
    pub fn event_type(&self, request: &Request) -> Option<String> {
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

/// At most so many bytes of an event type or a delivery id are kept.
const LABEL_BYTES_MAX: usize = 256;

fn first_text(templates: &[Template], request: &Request) -> Option<String> {
    let material = Material::new(request);
    templates.iter().find_map(|template| {
        let bytes = material.render(template).ok()?;
        let bytes = bytes.get(..LABEL_BYTES_MAX).unwrap_or(&bytes);
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    })
}

#[cfg(test)]
mod tests;
