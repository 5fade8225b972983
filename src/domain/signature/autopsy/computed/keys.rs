//! Keys that may have gone into a pasted digest.

use zeroize::Zeroizing;

use crate::domain::printable::visible;
use crate::domain::signature::autopsy::{Corpse, secrets};
use crate::domain::signature::crypto::keys;
use crate::domain::signature::{Cause, check};

/// A key that may have gone in.
pub(super) struct KeyChoice {
    /// Its name and what was done to it.
    pub(super) words: String,
    /// What to do instead; `None`: it is a key that counts.
    pub(super) remedy: Option<String>,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// What to do instead of taking another reading of the secret as the key.
fn key_remedy(corpse: &Corpse<'_>, what: &str, cause: Cause) -> String {
    match cause {
        _ if what.starts_with("with a line end") => {
            "trim the secret: a line end went in with it, as `echo` or an editor writes one at the end of a file"
                .to_owned()
        }
        Cause::SecretWhitespace if secrets::is_of_sender(cause, what) => {
            "trim the secret: blanks or line ends went in with it".to_owned()
        }
        Cause::SecretQuotes if secrets::is_of_sender(cause, what) => {
            "take the bare secret: the quotes, or the name before it, went in with it (an environment file that is read as text does \
             that)"
                .to_owned()
        }
        _ => {
            let facts = &corpse.input.profile.secret;
            format!("make the key as {} does: {}", corpse.input.profile.title, corpse.scheme.key.words(&facts.prefixes))
        }
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
        for variant in secrets::variants(profile, rule, secret, Some(&name)) {
            let words = format!("{name}, {}", variant.what);
            let remedy = Some(key_remedy(corpse, &variant.what, variant.cause));
            all.push(KeyChoice { words, remedy, bytes: variant.key });
        }
    }
    all
}

/// What stands where a secret was not set, and each secret as typing and copying change it.
pub(super) fn unset(corpse: &Corpse<'_>) -> Vec<KeyChoice> {
    let rule = &corpse.scheme.key;
    let mut all = Vec::new();
    for text in secrets::placeholders(&corpse.input.profile.name).into_iter().filter(|text| !text.is_empty()) {
        let words = format!("the text `{text}` as the secret");
        let remedy = "set the variable that your code reads the secret from: it is empty, or was not put in".to_owned();
        let decoded = keys::symmetric(rule, text.as_bytes()).ok();
        for bytes in decoded.into_iter().chain([Zeroizing::new(text.clone().into_bytes())]) {
            all.push(KeyChoice { words: words.clone(), remedy: Some(remedy.clone()), bytes });
        }
    }
    for (name, secret) in named(corpse) {
        for (what, text) in secrets::altered(secret) {
            let words = format!("{name}, {what}");
            let remedy = Some("copy the secret again, whole and once".to_owned());
            let key = keys::symmetric(rule, &text);
            all.extend(key.ok().map(|bytes| KeyChoice { words, remedy, bytes }));
        }
    }
    all
}
