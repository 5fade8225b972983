//! Keys that may have gone into a pasted digest.

use zeroize::Zeroizing;

use crate::domain::printable::visible;
use crate::domain::signature::autopsy::{Corpse, secrets};
use crate::domain::signature::check;
use crate::domain::signature::crypto::keys;
use crate::domain::signature::scheme::{KeyForm, Scheme};

/// A key that may have gone in.
pub(super) struct KeyChoice {
    /// Its name and what was done to it.
    pub(super) words: String,
    /// What to do instead; `None`: it is a key that counts.
    pub(super) remedy: Option<String>,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// What to do instead of taking another reading of the secret as the key.
fn key_remedy(corpse: &Corpse<'_>, what: &str) -> String {
    match what.split_once(" (") {
        Some(("with a line end", _)) => {
            "trim the secret: a line end went in with it, as `echo` or an editor writes one at the end of a file"
                .to_owned()
        }
        _ => format!("make the key as {} does ({})", corpse.input.profile.title, key_words(corpse.scheme)),
    }
}

/// All secrets with their names.
pub(super) fn named<'c>(corpse: &'c Corpse<'_>) -> impl Iterator<Item = (String, &'c [u8])> {
    let secrets = corpse.input.secrets;
    let own = secrets.iter().enumerate().map(move |(at, secret)| (check::secret_label(secrets, at), secret.expose()));
    let others = corpse.input.others.iter();
    own.chain(others.map(|other| (format!("the secret of {}", visible(other.name.as_bytes())), other.secret.expose())))
        .filter(|(_, secret)| !secret.is_empty())
}

/// The keys as the rule makes them: of the configured secrets, of other endpoints', of the provider's test sends; and none.
pub(super) fn exact(corpse: &Corpse<'_>) -> Vec<KeyChoice> {
    let rule = &corpse.scheme.key;
    let own = corpse.input.secrets.iter().filter(|secret| !secret.expose().is_empty()).count();
    let mut all = Vec::new();
    for (at, (words, secret)) in named(corpse).enumerate() {
        let remedy = (at >= own).then(|| "use the secret of this endpoint".to_owned());
        let key = keys::symmetric(rule, secret);
        all.extend(key.ok().map(|bytes| KeyChoice { words, remedy, bytes }));
    }
    for test in &corpse.input.profile.secret.test {
        let words = "the provider's public test secret".to_owned();
        let remedy = Some("use your own secret".to_owned());
        let key = keys::symmetric(rule, test.as_bytes());
        all.extend(key.ok().map(|bytes| KeyChoice { words, remedy, bytes }));
    }
    let words = "an empty key".to_owned();
    all.push(KeyChoice {
        words,
        remedy: Some("give the secret: it was empty".to_owned()),
        bytes: Zeroizing::new(Vec::new()),
    });
    all
}

/// Other readings of every secret.
pub(super) fn shaped(corpse: &Corpse<'_>) -> Vec<KeyChoice> {
    let (profile, rule) = (corpse.input.profile, &corpse.scheme.key);
    let mut all = Vec::new();
    for (name, secret) in named(corpse) {
        for variant in secrets::variants(profile, rule, secret) {
            let words = format!("{name}, {}", variant.what);
            let remedy = Some(key_remedy(corpse, &variant.what));
            all.push(KeyChoice { words, remedy, bytes: variant.key });
        }
    }
    all
}

/// How the secret becomes the key, in words.
fn key_words(scheme: &Scheme) -> String {
    let strip = scheme.key.strip.first().map(|prefix| format!("without {prefix}, ")).unwrap_or_default();
    let form = match scheme.key.decode {
        KeyForm::Text | KeyForm::PublicOrText => "the text as it is",
        KeyForm::Base64 => "decoded from base64",
        KeyForm::Hex => "decoded from hex",
        KeyForm::Sha1 => "its SHA-1",
        KeyForm::Public => "a public key",
        KeyForm::Ed25519Seed => "a seed",
    };
    format!("{strip}{form}")
}
