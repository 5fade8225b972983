//! Whether a secret can be one of the provider's at all.

use super::Profile;
use crate::domain::signature::Secret;
use crate::domain::signature::crypto::keys;
use crate::domain::signature::scheme::{Algorithm, Form, KeyForm, Scheme};

impl Profile {
    /// Why this is no secret of the provider, in words that hold none of it: it begins like another kind of key, or no scheme
    /// can make a key of it. `None`: it may be one.
    pub fn wrong_secret(&self, secret: &Secret) -> Option<String> {
        let (facts, text) = (&self.secret, secret.expose().trim_ascii());
        let begins = |start: &String| text.starts_with(start.as_bytes());
        let called = if facts.called.is_empty() { "secret" } else { &facts.called };
        let wrong = facts.wrong.iter().find(|(start, _)| begins(start));
        if let Some((start, kind)) = wrong.filter(|_| !facts.prefixes.iter().any(begins)) {
            return Some(format!("it looks like {kind} (`{start}`): use the {called} ({})", facts.find));
        }
        if !self.schemes.iter().any(takes_public) && keys::is_public(text) {
            return Some(format!("it is a public key, and {} signs with a {called}", self.title));
        }
        let mut problems = self.schemes.iter().map(|scheme| no_key(scheme, text));
        let first = problems.next()??;
        problems.all(|problem| problem.is_some()).then(|| format!("it is no {called} of {}: {first}", self.title))
    }
}

/// Whether a public key can check it.
fn takes_public(scheme: &Scheme) -> bool {
    let also = match &scheme.form {
        Form::Plain => &[][..],
        Form::Jwt(token) => &token.also,
        Form::HttpMessage(message) => &message.also,
    };
    let is_key = matches!(scheme.key.decode, KeyForm::Public | KeyForm::PublicOrText);
    is_key || std::iter::once(&scheme.algorithm).chain(also).any(|algorithm| algorithm.is_public())
}

/// Why the scheme makes no key of it.
fn no_key(scheme: &Scheme, secret: &[u8]) -> Option<String> {
    match scheme.algorithm {
        Algorithm::Token => None,
        _ if takes_public(scheme) && scheme.key.decode != KeyForm::Public => None,
        algorithm if algorithm.is_public() => keys::public(&scheme.key, algorithm, secret).err(),
        _ => keys::symmetric(&scheme.key, secret).err(),
    }
}

#[cfg(test)]
mod tests;
