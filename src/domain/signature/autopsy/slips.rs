//! Slips of a sender's own code: key and message in each other's place, and a piece whose variable was not set.

use super::computed::UNSET;
use super::{Diagnosis, Search, TRIAL_BYTES};
use crate::domain::signature::Cause;
use crate::domain::signature::crypto;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Form;
use crate::domain::signature::template::{Source, Template};

impl Search<'_> {
    /// A MAC whose key is the message, and whose message is the secret.
    pub(super) fn swapped(&mut self) -> Option<Diagnosis> {
        let scheme = self.corpse.scheme;
        if !scheme.algorithm.is_hmac() {
            return None;
        }
        self.tried.push("key and message in each other's place".into());
        let rule = scheme.message.as_ref()?;
        let alone = Template::parse("{body}").ok()?;
        for template in [rule, &alone] {
            for secret in self.corpse.secrets {
                let material = Material { key: Some(secret.expose()), ..self.material };
                let Ok(bytes) = material.render(template) else { continue };
                if !self.pay(TRIAL_BYTES + bytes.len() as u64) {
                    return None;
                }
                let digest = crypto::compute(scheme.algorithm, &bytes, std::iter::once(secret.expose()))?;
                if self.targets.iter().any(|target| target.bytes == digest) {
                    self.fits = true;
                    let detail = format!(
                        "the signature fits with key and message in each other's place: the sender took the {} as the key and the secret \
                         as the message; have it swap them, and sign {}",
                        if template.text == "{body}" { "body" } else { "signed bytes" },
                        rule.text.replace('\n', "\\n")
                    );
                    return self.invalid(Cause::MessageDiffers, detail);
                }
            }
        }
        None
    }

    /// The sender joined the text for nothing where the timestamp or the id belongs.
    pub(super) fn unset_pieces(&mut self) -> Option<Diagnosis> {
        let scheme = self.corpse.scheme;
        let message = scheme.message.as_ref().filter(|_| self.corpse.closed.form == Form::Plain)?;
        if scheme.algorithm.is_public() {
            return None;
        }
        for (source, name) in [(Source::Timestamp, "timestamp"), (Source::Id, "id")] {
            if !message.uses(&source) {
                continue;
            }
            self.tried.push(format!("the words for nothing in the place of the {name}"));
            for key in self.exact_keys() {
                for text in UNSET {
                    let material = match source {
                        Source::Timestamp => Material { timestamp: Some(text.as_bytes()), ..self.material },
                        _ => Material { id: Some(text.as_bytes()), ..self.material },
                    };
                    if self.fits(&key, &material).is_some() {
                        let what = if text.is_empty() { "nothing".to_owned() } else { format!("the text `{text}`") };
                        let detail = format!(
                            "the signature fits with {what} in the place of the {name}: the variable that the sender takes it from is not \
                             set when it signs; have it sign the very {name} that it sends"
                        );
                        return self.invalid(Cause::MessageDiffers, detail);
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
