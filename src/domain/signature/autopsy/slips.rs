//! Slips of a sender's own code: key and message in each other's place, a piece whose variable was not set, and another
//! method than that of the request.

use super::computed::UNSET;
use super::{Diagnosis, Search, TRIAL_BYTES};
use crate::domain::printable::visible;
use crate::domain::signature::Cause;
use crate::domain::signature::crypto;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Form;
use crate::domain::signature::template::{Source, Template};

/// Methods that webhooks and what is between them use (RFC 9110, section 9.3; RFC 5789).
const METHODS: [&str; 7] = ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl Search<'_> {
    /// Where the method is signed: that of another request, or this one in small or capital letters.
    pub(super) fn methods(&mut self) -> Option<Diagnosis> {
        let message = self.corpse.scheme.message.as_ref().filter(|_| self.corpse.closed.form == Form::Plain)?;
        if !message.uses(&Source::Method) {
            return None;
        }
        self.tried.push("the other methods, and this one in small or capital letters".into());
        let came = self.material.method;
        let own = [came.to_ascii_lowercase(), came.to_ascii_uppercase()];
        let others = METHODS.map(|method| method.as_bytes().to_vec());
        let signed: Vec<Vec<u8>> = own.into_iter().chain(others).filter(|method| method != came).collect();
        for key in self.exact_keys() {
            for method in &signed {
                if self.fits(&key, &Material { method, ..self.material }).is_some() {
                    let detail = format!(
                        "the signature fits the method {}, and the request came with {}: the sender signs another method than it sends \
                         (or another spelling of it), or something on the way changed it, like a redirect that was followed with another \
                         method; have the method signed that is sent, in capital letters",
                        visible(method),
                        visible(came)
                    );
                    return self.invalid(Cause::MethodDiffers, detail);
                }
            }
        }
        None
    }

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
