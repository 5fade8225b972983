//! The truth about signatures: the scheme language, its evaluation, the verdict with its cause, and signing.
//!
//! A [`Profile`] says as data who sends and how they sign. [`check()`] applies its exact rule to the exact bytes of a
//! request: nothing but that makes a verdict valid. When it fails, [`autopsy`] tries variants of secret, bytes, URL,
//! header, algorithm and encoding, and the first that verifies names the cause. [`sign()`] runs a scheme backwards.

pub mod autopsy;
pub mod carried;
pub mod cause;
pub mod check;
mod coverage;
pub mod crypto;
pub mod evaluate;
pub mod explanation;
pub mod found;
mod functions;
pub mod generic;
pub mod handlers;
pub mod handshake;
mod http_message;
mod jose;
pub mod json;
mod jwt;
mod lines;
pub mod material;
pub mod neighbours;
pub mod profile;
pub mod profiles;
pub mod public_url;
mod receiver;
pub mod scheme;
mod secret;
pub mod sign;
mod structured;
pub mod template;
pub mod timestamp;
pub mod unnamed;
pub mod verdict;

pub use cause::Cause;
pub use check::{CheckInput, NamedSecret, check, waits_for_secret};
pub use explanation::{Explanation, explain};
pub use profile::{Profile, ProfileError};
pub use profiles::Profiles;
pub use secret::Secret;
pub use sign::{SignError, SignInput, Signed, sign, sign_whole};
pub use verdict::{Age, Expected, Outcome, Piece, Verdict};

#[cfg(test)]
pub(crate) mod tests;
