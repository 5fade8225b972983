//! Where the time of a signature is, how it is written, and how far off it may be.

use serde::Deserialize;

use crate::domain::signature::template::SourceField;

/// A timestamp and its tolerance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Where it is.
    pub from: SourceField,
    /// How it is written.
    #[serde(default)]
    pub unit: Unit,
    /// How old it may be, in seconds; none: the provider has no rule.
    pub past_s: Option<u64>,
    /// How far ahead it may be, in seconds; none: the provider has no rule.
    pub future_s: Option<u64>,
    /// Whether an official package of the provider takes times ahead, whatever the rule says. A receiver that does so is not
    /// wrong.
    #[serde(default)]
    pub ahead_disputed: bool,
    /// Whether a request without it is judged by its signature alone.
    #[serde(default)]
    pub optional: bool,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Unit {
    /// Seconds since 1970.
    #[default]
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// RFC 3339; without a zone it is UTC.
    Rfc3339,
    /// `Tue, 20 Apr 2021 02:07:55 GMT`.
    HttpDate,
    /// Seconds since 1970, a fraction allowed (`iat` in a JSON Web Token).
    Numeric,
}

impl Unit {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds | Self::Numeric => "seconds",
            Self::Millis => "milliseconds",
            Self::Rfc3339 => "RFC 3339",
            Self::HttpDate => "an HTTP date",
        }
    }
}
