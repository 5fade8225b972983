//! Signing: a scheme run backwards.

use super::crypto::private;

mod choose;
mod input;
mod run;

pub use choose::choose;
use input::header_of;
pub use input::{SignError, SignInput, Signed};
use run::Run;

/// The headers that make the request valid, in the order to write them: set each (replacing one of that name).
///
/// # Errors
/// When the scheme cannot be run backwards, or puts the signature elsewhere; see [`SignError`].
pub fn sign(input: &SignInput<'_>) -> Result<Vec<(String, Vec<u8>)>, SignError> {
    let scheme = choose(input).ok_or_else(|| no_scheme(input))?;
    if header_of(scheme).is_none() {
        return Err(SignError::NotAHeader { title: input.profile.title.clone(), place: scheme.place() });
    }
    Run::new(input, scheme, false)?.finish().map(|signed| signed.headers)
}

/// Signs a request of our own: headers, and body or query where the scheme puts time, id or signature there.
///
/// # Errors
/// When the scheme cannot be run backwards; see [`SignError`].
pub fn sign_whole(input: &SignInput<'_>) -> Result<Signed, SignError> {
    let scheme = choose(input).ok_or_else(|| no_scheme(input))?;
    Run::new(input, scheme, true)?.finish()
}

/// Why no scheme can be run with this secret.
fn no_scheme(input: &SignInput<'_>) -> SignError {
    let title = input.profile.title.clone();
    let mut schemes = input.profile.schemes.iter().filter(|scheme| scheme.algorithm.is_public());
    let problem = schemes
        .find_map(|scheme| private::read(&scheme.key, scheme.algorithm, input.secret.expose()).err())
        .filter(|_| private::is_private(input.secret.expose()));
    match problem {
        Some(problem) => SignError::Secret { title, problem },
        None => SignError::PublicKey { title },
    }
}

#[cfg(test)]
mod tests;
