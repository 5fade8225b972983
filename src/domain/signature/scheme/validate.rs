//! What the types of a scheme cannot say: pieces that are named and not defined.

use super::{Algorithm, Form, Scheme};
use crate::domain::signature::template::{Source, SourceField};

impl Scheme {
    /// What the types cannot say: pieces that are named and not defined.
    ///
    /// # Errors
    /// The field and what is wrong with it.
    pub fn validate(&self) -> Result<(), String> {
        if self.signature.is_empty() {
            return Err("`signature` is empty: name where the signature is, like [\"header:X-Signature\"]".into());
        }
        match &self.form {
            Form::Plain => self.validate_plain()?,
            Form::Jwt(_) | Form::HttpMessage(_) if self.message.is_some() => {
                return Err(
                    "`message` has no meaning here: a token or message signature says itself what is signed".into()
                );
            }
            Form::Jwt(jwt) => refuse_tokens(self.algorithm, &jwt.also)?,
            Form::HttpMessage(http) => refuse_tokens(self.algorithm, &http.also)?,
        }
        let guards = self.guards.iter().flat_map(|guard| guard.left.sources().chain(guard.right.sources()));
        let fields = [&self.id, &self.not_after, &self.not_before, &self.each].into_iter().flatten().map(|one| &one.0);
        let named = self.message.iter().flat_map(|message| message.sources());
        let clock = self.timestamp.iter().map(|clock| &clock.from.0);
        for source in named.chain(guards).chain(fields).chain(clock) {
            match source {
                Source::Timestamp if self.timestamp.is_none() => {
                    return Err("{timestamp} is named, and `timestamp` does not say where that is".into());
                }
                Source::Id if self.id.is_none() => {
                    return Err("{id} is named, and `id` does not say where that is".into());
                }
                Source::List(key) if self.list.is_none() && !matches!(self.form, Form::HttpMessage(_)) => {
                    return Err(format!("`list:{key}` is named, and there is no `list`"));
                }
                Source::Claim(name) if !matches!(self.form, Form::Jwt(_)) => {
                    return Err(format!("`claim:{name}` is named, and `form` is no Jwt"));
                }
                Source::SecretPart(name) if !self.key.parts.contains(name) => {
                    return Err(format!("`secret:{name}` is named, and `key.parts` does not list it"));
                }
                Source::Signature => return Err("{signature} can only stand in `write` and `write_headers`".into()),
                _ => {}
            }
        }
        match &self.each {
            Some(SourceField(Source::Json(_))) | None => Ok(()),
            Some(_) => Err("`each` must be the JSON path of an array, like \"json:items\"".into()),
        }
    }

    fn validate_plain(&self) -> Result<(), String> {
        match (&self.message, self.algorithm) {
            (None, Algorithm::Token) | (Some(_), _)
                if (self.algorithm == Algorithm::Token) == self.message.is_none() =>
            {
                Ok(())
            }
            (None, _) => Err("`message` is missing: say what is signed, like \"{body}\"".into()),
            (Some(_), _) => Err("`message` has no meaning for a shared token".into()),
        }
    }
}

fn refuse_tokens(algorithm: Algorithm, also: &[Algorithm]) -> Result<(), String> {
    let signs = |algorithm: &Algorithm| algorithm.is_public() || algorithm.is_hmac();
    match std::iter::once(&algorithm).chain(also).find(|algorithm| !signs(algorithm)) {
        Some(other) => Err(format!("`{}` signs nothing that a token or message signature can carry", other.name())),
        None => Ok(()),
    }
}
