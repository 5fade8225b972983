//! `forward` as the file writes it: a URL, or a URL with settings.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::values::Parsed;
use crate::app::args::size::Duration;
use crate::domain::forward::Target;
use crate::domain::printable::without_login;

/// `forward` and `endpoints[].forward`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForwardInFile(pub ForwardFields);

/// With its settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Forward")]
pub struct ForwardFields {
    /// The app, whose answer goes back.
    pub to: Option<Parsed<Target>>,
    /// Others that get the same.
    pub also: Vec<Parsed<Target>>,
    /// Others whose answers are compared with the app's.
    pub shadow: Vec<Parsed<Target>>,
    /// As `--ack`.
    pub ack: Option<bool>,
    /// For one request.
    pub timeout: Option<Parsed<Duration>>,
    /// Of what is forwarded behind our own reply.
    pub tries: Option<u32>,
    /// Of a shadow.
    pub shadow_tries: Option<u32>,
    /// Before the second try.
    pub retry_wait: Option<Parsed<Duration>>,
    /// Between two tries, at most.
    pub retry_wait_max: Option<Parsed<Duration>>,
    /// Whether any certificate of these targets is believed.
    pub insecure: Option<bool>,
    /// A file with certificates (PEM) that these targets are believed by, in place of the system's.
    pub ca: Option<String>,
    /// Whether the sender's `Host` goes on.
    pub keep_host: Option<bool>,
    /// As `--forward-logins`.
    pub logins: Option<bool>,
}

impl<'de> Deserialize<'de> for ForwardInFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UrlOrFields;

        impl<'de> Visitor<'de> for UrlOrFields {
            type Value = ForwardInFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL in quotes, or fields between ( and )")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                let to = Target::parse(text)
                    .map_err(|error| E::custom(format_args!("{:?}: {error}", without_login(text))))?;
                Ok(ForwardInFile(ForwardFields { to: Some(Parsed(to)), ..ForwardFields::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                ForwardFields::deserialize(MapAccessDeserializer::new(fields)).map(ForwardInFile)
            }
        }

        deserializer.deserialize_any(UrlOrFields)
    }
}
