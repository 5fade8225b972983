//! A scheme that the user describes in place: `hmac-sha256:header=X-Signature,encoding=hex,message={timestamp}.{body}`.

use super::profile::Profile;

/// Why a text describes no scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// It does not begin with an algorithm: perhaps a provider's name.
    NotGeneric,
    /// It does, and something in it is wrong: what, in words.
    Wrong(String),
}

/// Reads a described scheme.
///
/// # Errors
/// See [`SpecError`].
pub fn parse(_spec: &str) -> Result<Profile, SpecError> {
    Err(SpecError::NotGeneric)
}
