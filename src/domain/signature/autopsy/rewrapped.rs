//! A list, a token or a signature by a public key, with other characters round the whole value. Of a single digest
//! [`super::nearly`] knows more; of these nothing but the whole rule tells whether they hold.

use super::nearly::{Damage, unwrapped};
use super::{Diagnosis, Search, rule_cost, secrets};
use crate::domain::headers::Headers;
use crate::domain::signature::Cause;
use crate::domain::signature::evaluate;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Form;
use crate::domain::signature::template::Source;

/// A longer value is no header that was wrapped by mistake.
const VALUE_BYTES_MAX: usize = 16 << 10;

/// What was taken off a value.
enum Taken {
    Damage(Damage),
    Word(&'static str),
}

impl Search<'_> {
    /// The value of the signature's header without what stands round it, under the whole rule.
    pub(super) fn rewrapped(&mut self) -> Option<Diagnosis> {
        let closed = self.corpse.closed;
        if closed.form == Form::Plain && closed.list.is_none() && !closed.algorithm.is_public() {
            return None;
        }
        for place in &closed.signature {
            let Source::Header(name) = &place.0 else { continue };
            let mut lines = self.material.headers.get_all(name);
            let (Some(came), None) = (lines.next(), lines.next()) else { continue };
            for (taken, value) in bare(came) {
                let mut headers = self.material.headers.clone();
                headers.set(name, value);
                if self.holds_with(&headers) {
                    return match taken {
                        Taken::Damage(damage) => self.damaged(&damage),
                        Taken::Word(word) => {
                            let what = if closed.form == Form::Plain { "value" } else { "token" };
                            let (place, title) = (place.0.describe(), &self.corpse.input.profile.title);
                            let detail = format!(
                                "secret and signed bytes are right, but `{word}` stands before the {what} in {place}, and {title} puts the \
                                 {what} there alone: have the sender leave it out"
                            );
                            self.invalid(Cause::SignaturePrefix, detail)
                        }
                    };
                }
            }
        }
        None
    }

    /// Whether the rule holds with these headers and one of the secrets.
    fn holds_with(&mut self, headers: &Headers) -> bool {
        let input = self.corpse.input;
        self.corpse.secrets.iter().any(|secret| {
            let base = Material { key: Some(secret.expose()), headers, ..input.material() };
            let fits = self.pay(rule_cost(self.corpse.closed, &base))
                && evaluate::evaluate(self.corpse.closed, &base, secret.expose(), &self.corpse.url.url, input.now)
                    .stage
                    .signature_fits();
            self.fits |= fits;
            fits
        })
    }
}

/// The value without what may stand round it; nothing where it is bare.
fn bare(came: &[u8]) -> Vec<(Taken, Vec<u8>)> {
    let mut all: Vec<(Taken, Vec<u8>)> = Vec::new();
    if came.is_empty() || came.len() > VALUE_BYTES_MAX {
        return all;
    }
    // What Python prints for bytes.
    let inner = came.strip_prefix(b"b'").and_then(|rest| rest.strip_suffix(b"'"));
    let inner = inner.unwrap_or_else(|| unwrapped(came));
    if inner.len() != came.len() {
        all.push((Taken::Damage(Damage::Wrapped), inner.to_vec()));
    }
    if came.contains(&b'%') {
        let how = "it is percent-escaped (`%2C` for `,`)";
        all.push((Taken::Damage(Damage::Escaped(how)), secrets::percent_decode(came)));
    }
    for word in ["Bearer ", "Signature ", "sha256=", "Basic "] {
        if let Some(rest) = came.strip_prefix(word.as_bytes()) {
            all.push((Taken::Word(word), rest.to_vec()));
        }
    }
    all
}

#[cfg(test)]
mod tests;
