//! Secrets: held, compared and never shown.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::crypto;

/// A secret. Never printed, never written, zeroed when dropped. What is shown of it is its name: where it came from.
#[derive(Clone)]
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    name: Option<Arc<str>>,
}

impl PartialEq for Secret {
    /// Whether the bytes are the same, in a time that tells nothing about where they differ. Names do not count.
    fn eq(&self, other: &Self) -> bool {
        crypto::equal(&self.bytes, &other.bytes)
    }
}

impl Eq for Secret {}

impl Secret {
    /// From the bytes that the user gave.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Zeroizing::new(bytes.into()), name: None }
    }

    /// The same with a name that tells the user which one it is: `env:STRIPE_SECRET`, `endpoint /stripe`.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(Arc::from(name)), ..self }
    }

    /// What it is called, when it was given a name. Never any of it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The bytes, for the check alone.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
