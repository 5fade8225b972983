//! The key that a token or message signature names: another one of the set verifies it, or it is not in the set (RFC 7515
//! section 4.1.4, `kid`; RFC 9421 section 2.3, `keyid`).

use super::{Diagnosis, PUBLIC_TRIAL_BYTES, Search};
use crate::domain::printable::visible_within;
use crate::domain::signature::Cause;
use crate::domain::signature::crypto::keys::PublicKey;
use crate::domain::signature::crypto::{self, keys};
use crate::domain::signature::evaluate;

/// Keys that are looked at, and the columns of a key's name.
const KEYS_MAX: usize = 16;
const NAME_COLUMNS_MAX: usize = 48;
/// Names that are listed.
const LISTED_MAX: usize = 8;

impl Search<'_> {
    /// Another key of the set than the one that is named verifies it.
    pub(super) fn other_key(&mut self) -> Option<Diagnosis> {
        let (wanted, named) = self.named_keys()?;
        self.tried.push("every key of the set, whatever key is named".into());
        let (scheme, material) = (self.corpse.scheme, self.material);
        let message = evaluate::joined(&material.pieces(scheme.message.as_ref()?).ok()?);
        for key in named.iter().filter(|key| key.id.as_ref() != Some(&wanted)) {
            if !self.pay(PUBLIC_TRIAL_BYTES + message.len() as u64) {
                return None;
            }
            let fits = |target: &super::Target| crypto::verify(scheme.algorithm, key, &message, &target.bytes);
            if !self.targets.iter().any(fits) {
                continue;
            }
            self.fits = true;
            let fitting = shown(key.id.as_deref().unwrap_or_default());
            let which = match named.iter().any(|key| key.id.as_ref() == Some(&wanted)) {
                true => "which is in the set and does not verify it",
                false => "which is not in the set",
            };
            let detail = format!(
                "the request names the key {}, {which}; {fitting} verifies it (the set holds {}). A receiver that goes by the name refuses \
                 this: have the sender name the key that it signs with, or fetch the key set anew when its keys have other names by now",
                shown(&wanted),
                listed(&named)
            );
            return self.invalid(Cause::KeyId, detail);
        }
        None
    }

    /// The key that is named is not among those given, and none of them verifies it.
    pub(super) fn key_not_given(&mut self) -> Option<Diagnosis> {
        let (wanted, named) = self.named_keys()?;
        if named.iter().any(|key| key.id.as_ref() == Some(&wanted)) {
            return None;
        }
        let detail = format!(
            "the request names the key {}, and the set given here holds {}, of which none verifies it: the provider has changed its keys, \
             or this is the set of another environment; fetch the provider's key set anew",
            shown(&wanted),
            listed(&named)
        );
        self.invalid(Cause::KeyId, detail)
    }

    /// The name of the key in the request, and the keys that are given under a name.
    fn named_keys(&self) -> Option<(String, Vec<PublicKey>)> {
        let scheme = self.corpse.scheme;
        let wanted = self.corpse.evaluation.found.key_id.clone().filter(|_| scheme.algorithm.is_public())?;
        let read = self
            .corpse
            .secrets
            .iter()
            .filter_map(|secret| keys::public(&scheme.key, scheme.algorithm, secret.expose()).ok());
        let named: Vec<_> = read.flatten().filter(|key| key.id.is_some()).take(KEYS_MAX).collect();
        (!named.is_empty()).then_some((wanted, named))
    }
}

fn listed(keys: &[PublicKey]) -> String {
    let mut names: Vec<_> = keys.iter().filter_map(|key| key.id.as_deref()).take(LISTED_MAX).map(shown).collect();
    if keys.len() > LISTED_MAX {
        names.push(format!("{} more", keys.len() - LISTED_MAX));
    }
    names.join(", ")
}

fn shown(name: &str) -> String {
    visible_within(name.as_bytes(), NAME_COLUMNS_MAX)
}
