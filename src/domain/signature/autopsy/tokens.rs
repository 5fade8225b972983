//! A shared token that is not the configured one.

use super::{Diagnosis, Search, secrets};
use crate::domain::printable::visible;
use crate::domain::signature::Cause;
use crate::domain::signature::crypto;
use crate::domain::signature::scheme::Encoding;

impl Search<'_> {
    pub(super) fn tokens(&mut self) -> Option<Diagnosis> {
        self.tried.push("the token and the secret trimmed, unquoted, with and without prefix".into());
        let came: Vec<Vec<u8>> = self.corpse.evaluation.found.came.clone();
        let place = self.corpse.scheme.place();
        for other in self.corpse.input.others {
            if came.iter().any(|text| crypto::equal(text, other.secret.expose())) {
                let name = visible(other.name.as_bytes());
                if let Some((cause, words)) = self.spoiled(other.secret.expose()) {
                    return self.invalid(cause, format!("{words} (as it is set for {name})"));
                }
                return self.invalid(
                    Cause::OtherSecret,
                    format!("the token in {place} is that of {name}: {}", self.set_here()),
                );
            }
        }
        let damaged = self.corpse.secrets.iter().find_map(|secret| {
            let token = match self.corpse.scheme.encoding {
                Encoding::Text => secret.expose().to_vec(),
                encoding => crypto::encode(encoding, secret.expose()).into_bytes(),
            };
            self.corpse.evaluation.found.signatures.iter().find_map(|text| self.token_damage(text, &token))
        });
        for (number, secret) in self.corpse.secrets.iter().enumerate() {
            for (cause, what, text) in secrets::texts(self.corpse.input.profile, secret.expose(), secret.name()) {
                self.count += 1;
                let written = match self.corpse.scheme.encoding {
                    Encoding::Text => text,
                    encoding => crypto::encode(encoding, &text).into_bytes(),
                };
                let with_prefix = [self.corpse.scheme.prefix.as_bytes(), &written].concat();
                if came.iter().any(|came| crypto::equal(came, &written) || crypto::equal(came, &with_prefix)) {
                    return self.invalid(cause, self.secret_words(number, &what, cause));
                }
            }
        }
        // Last, because what is done to a secret at its setting is what mostly happens.
        damaged
    }
}
