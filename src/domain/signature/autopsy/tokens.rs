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
                    format!("the token in {place} is another one that is known here ({name}): {}", self.set_here()),
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
        let spelled = self.spelled_otherwise(&came);
        // Last, because what is done to a secret at its setting is what mostly happens.
        spelled.or(damaged)
    }

    /// A token that is the right one but for capital and small letters, or for blanks in it.
    fn spelled_otherwise(&self, came: &[Vec<u8>]) -> Option<Diagnosis> {
        if self.corpse.scheme.encoding != Encoding::Text {
            return None;
        }
        let bare = |text: &[u8]| text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>();
        self.corpse.secrets.iter().enumerate().find_map(|(number, secret)| {
            let whole = [self.corpse.scheme.prefix.as_bytes(), secret.expose()].concat();
            let is_other_case = came.iter().any(|came| came.eq_ignore_ascii_case(&whole));
            let has_blanks = !bare(&whole).is_empty() && came.iter().any(|came| bare(came) == bare(&whole));
            let (cause, what) = match (is_other_case, has_blanks) {
                (true, _) => (Cause::SecretAltered, "but for capital and small letters"),
                (_, true) => (Cause::SecretWhitespace, "but for blanks"),
                _ => return None,
            };
            let place = self.corpse.scheme.place();
            let detail = format!(
                "the token in {place} is {}: copy it again, at the sender or here, from where it was given out",
                self.which(number, what)
            );
            self.invalid(cause, detail)
        })
    }
}
