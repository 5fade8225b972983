//! Keys that may have been meant by a secret.

use base64::Engine;
use ring::digest;
use zeroize::Zeroizing;

use crate::domain::form::form_decode;
use crate::domain::printable::visible;
use crate::domain::signature::crypto::keys;
use crate::domain::signature::crypto::{BASE64_LOOSE, BASE64URL_LOOSE};
use crate::domain::signature::scheme::{Key, KeyForm};
use crate::domain::signature::{Cause, Profile, json};

/// A key that may have been meant.
pub struct KeyVariant {
    /// What it shows when it fits.
    pub cause: Cause,
    /// What was done: `without the line end at its end`.
    pub what: String,
    /// The key.
    pub key: Zeroizing<Vec<u8>>,
}

/// Prefixes that secrets of many providers have.
const PREFIXES: &[&str] = &["whsec_", "v1,whsec_", "sha256=", "Bearer ", "Basic "];

/// All variants of a secret under the key rule, the likeliest first; the exact one is not among them. `name` is that of the secret.
pub fn variants(profile: &Profile, rule: &Key, secret: &[u8], name: Option<&str>) -> Vec<KeyVariant> {
    let exact = keys::symmetric(rule, secret).ok();
    let mut all: Vec<KeyVariant> = Vec::new();
    let mut add = |cause: Cause, what: &str, key: Vec<u8>| {
        let known = exact.as_ref().is_some_and(|exact| **exact == key) || all.iter().any(|other| *other.key == key);
        if !known && !key.is_empty() {
            all.push(KeyVariant { cause, what: what.to_owned(), key: Zeroizing::new(key) });
        }
    };
    let texts = cleaned(profile, secret);
    let spoiled = spoiled(profile, secret, name);
    for (cause, what, text) in texts.iter().chain(&spoiled) {
        if let Ok(key) = keys::symmetric(rule, text) {
            add(*cause, what, key.to_vec());
        }
    }
    // Another reading of it, as it is and without the blanks and the prefix.
    let trimmed = secret.trim_ascii();
    for text in [secret, keys::stripped(rule, trimmed), without_prefix(profile, trimmed), trimmed] {
        let done = taken(profile, secret, text);
        for (what, key) in readings(text) {
            let cause = match (rule.decode, what) {
                (KeyForm::Text, TEXT) => Cause::SecretPrefix,
                _ => Cause::SecretEncoding,
            };
            add(cause, &format!("{done}{what}"), key);
        }
    }
    for (cause, what, text) in &texts {
        for (how, key) in readings(without_prefix(profile, text)) {
            add(*cause, &format!("{what} and {how}"), key);
        }
    }
    all
}

const TEXT: &str = "used as text";

/// What is left of a secret, in words before what is done with it: `whole, its prefix whsec_ included, `.
fn taken(profile: &Profile, secret: &[u8], text: &[u8]) -> String {
    let trimmed = secret.trim_ascii();
    let prefixes = profile.secret.prefixes.iter().map(String::as_str).chain(PREFIXES.iter().copied());
    let prefix = prefixes.into_iter().find(|prefix| trimmed.starts_with(prefix.as_bytes()));
    match prefix {
        Some(prefix) if text.starts_with(prefix.as_bytes()) => format!("whole, its prefix {prefix} included, "),
        Some(prefix) => format!("without its prefix {prefix}, "),
        None if text.len() < secret.len() => "without the blanks around it, ".to_owned(),
        None => String::new(),
    }
}

/// Texts that stand where a secret is not set: nothing, what programs print for nothing, and names of variables.
pub fn placeholders(provider: &str) -> Vec<String> {
    let mut all: Vec<String> = ["", "undefined", "null", "None", "nil", "secret", "changeme"].map(String::from).into();
    for variable in variables(provider, None) {
        all.extend([format!("${variable}"), format!("${{{variable}}}"), variable]);
    }
    all
}

/// A secret as typing and copying change it.
pub fn altered(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let all = [
        ("in small letters", secret.to_ascii_lowercase()),
        ("in capital letters", secret.to_ascii_uppercase()),
        ("without its last character", secret.get(..secret.len().saturating_sub(1)).unwrap_or_default().to_vec()),
        ("without its first character", secret.get(1..).unwrap_or_default().to_vec()),
        ("written twice", secret.repeat(2)),
    ];
    all.into_iter().filter(|(_, text)| text != secret && !text.is_empty()).collect()
}

fn readings(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![(TEXT, text.to_vec())];
    all.extend(BASE64_LOOSE.decode(text).ok().map(|key| ("decoded from base64", key)));
    all.extend(BASE64URL_LOOSE.decode(text).ok().map(|key| ("decoded from base64url", key)));
    all.extend(hex::decode(text).ok().map(|key| ("decoded from hex", key)));
    all.push(("used as its base64", BASE64_LOOSE.encode(text).into_bytes()));
    all.push(("used as its hex", hex::encode(text).into_bytes()));
    all.push(("hashed with SHA-1", digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text).as_ref().to_vec()));
    all.push(("hashed with SHA-256", digest::digest(&digest::SHA256, text).as_ref().to_vec()));
    all
}

/// A text that may have been meant by a secret: what it shows, what was done, and the text.
type Text = (Cause, String, Vec<u8>);

/// The text of a secret, cleaned or spoiled in the usual ways. `name` is that of the secret.
pub fn texts(profile: &Profile, secret: &[u8], name: Option<&str>) -> Vec<Text> {
    let mut all = cleaned(profile, secret);
    all.extend(spoiled(profile, secret, name));
    all
}

/// Whether what was done to a secret is what the other side did to it: ours is the clean one.
pub fn is_of_sender(cause: Cause, what: &str) -> bool {
    matches!(cause, Cause::SecretWhitespace | Cause::SecretQuotes) && what.starts_with("with ")
}

/// How [`KeyVariant::what`] begins where a name stands before the secret: there are many names.
pub const WITH_NAME: &str = "with the name ";

/// The text of a clean secret, with what a sender that reads it wrongly leaves round it.
fn spoiled(profile: &Profile, secret: &[u8], name: Option<&str>) -> Vec<Text> {
    let mut all: Vec<Text> = Vec::new();
    for (before, after, what) in [
        ("", "\n", "with a line end (LF) after it"),
        ("", "\r\n", "with a line end (CRLF) after it"),
        ("", " ", "with a blank after it"),
        (" ", "", "with a blank before it"),
        (" ", " ", "with blanks around it"),
        ("\t", "", "with a tab before it"),
        ("", "\t", "with a tab after it"),
        ("", "\r", "with a carriage return (CR) after it"),
        ("\n", "", "with a line end (LF) before it"),
        ("", "\n\n", "with two line ends (LF) after it"),
        ("", "\r\n\r\n", "with two line ends (CRLF) after it"),
        ("", "  ", "with two blanks after it"),
        ("", " \n", "with a blank and a line end (LF) after it"),
        ("\u{feff}", "", "with a byte order mark before it"),
    ] {
        all.push((Cause::SecretWhitespace, what.to_owned(), [before.as_bytes(), secret, after.as_bytes()].concat()));
    }
    for (quote, what) in [
        ("\"", "with double quotes around it"),
        ("'", "with single quotes around it"),
        ("`", "with backquotes around it"),
    ] {
        let quoted = [quote.as_bytes(), secret, quote.as_bytes()].concat();
        let ended = [&quoted[..], b"\n"].concat();
        all.push((Cause::SecretQuotes, what.to_owned(), quoted));
        all.push((Cause::SecretQuotes, format!("{what} and a line end (LF) after it"), ended));
    }
    for (outer, inner, what) in [
        ("\"", "'", "with single and then double quotes around it"),
        ("'", "\"", "with double and then single quotes around it"),
    ] {
        let text = [outer.as_bytes(), inner.as_bytes(), secret, inner.as_bytes(), outer.as_bytes()].concat();
        all.push((Cause::SecretQuotes, what.to_owned(), text));
    }
    for variable in variables(&profile.name, name) {
        for (before, after, words) in
            [("", "", ""), ("\"", "\"", " and double quotes"), ("'", "'", " and single quotes")]
        {
            let text = [variable.as_bytes(), b"=", before.as_bytes(), secret, after.as_bytes()].concat();
            all.push((
                Cause::SecretQuotes,
                format!("{WITH_NAME}{}={words} before it", visible(variable.as_bytes())),
                text,
            ));
        }
    }
    all
}

/// Names of variables that a secret is kept in: the one that it was read from (`env:NAME`), and the usual ones.
fn variables(provider: &str, name: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = name.and_then(|name| name.strip_prefix("env:")).map(str::to_owned).into_iter().collect();
    let provider = provider.to_ascii_uppercase().replace('-', "_");
    let is_name = provider.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let own = [format!("{provider}_SECRET"), format!("{provider}_WEBHOOK_SECRET")];
    // A rule that the user described is no name.
    all.extend(own.into_iter().filter(|_| is_name));
    all.extend(["WEBHOOK_SECRET".to_owned(), "SECRET".to_owned()]);
    let mut seen: Vec<String> = Vec::new();
    all.retain(|one| {
        !seen.contains(one) && {
            seen.push(one.clone());
            true
        }
    });
    all
}

/// The text of a secret without what does not belong to it.
fn cleaned(profile: &Profile, secret: &[u8]) -> Vec<Text> {
    let mut all: Vec<Text> = Vec::new();
    let mut add = |cause: Cause, what: &str, text: Vec<u8>| {
        if text != secret && !text.is_empty() && all.iter().all(|(_, _, other)| *other != text) {
            all.push((cause, what.to_owned(), text));
        }
    };
    let blank = Cause::SecretWhitespace;
    for (end, what) in [(&b"\r\n"[..], "without the line end"), (b"\n", "without the line end")] {
        if let Some(rest) = secret.strip_suffix(end) {
            add(blank, what, rest.to_vec());
        }
    }
    add(blank, "without the blanks around it", secret.trim_ascii().to_vec());
    add(blank, "without its invisible characters", visible_only(secret));
    let clean = visible_only(secret);
    let unquoted = unquote(&clean);
    add(Cause::SecretQuotes, "without the quotes around it", unquoted.to_vec());
    let assigned = clean.strip_prefix(b"export ").unwrap_or(&clean);
    if let Some(at) = assigned.iter().position(|byte| *byte == b'=')
        && assigned.iter().take(at).all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && at > 0
    {
        let value = assigned.get(at + 1..).unwrap_or_default();
        add(Cause::SecretQuotes, "without the name before it", unquote(value).to_vec());
    }
    for prefix in profile.secret.prefixes.iter().map(String::as_str).chain(PREFIXES.iter().copied()) {
        match clean.strip_prefix(prefix.as_bytes()) {
            Some(rest) => add(Cause::SecretPrefix, &format!("without its prefix {prefix}"), rest.to_vec()),
            None if profile.secret.prefixes.iter().any(|own| own == prefix) => {
                add(
                    Cause::SecretPrefix,
                    &format!("with the prefix {prefix} before it"),
                    [prefix.as_bytes(), &clean].concat(),
                );
            }
            None => {}
        }
    }
    add(Cause::SecretEncoding, "with its URL escapes undone", percent_decode(&clean));
    add(Cause::SecretEncoding, "with its JSON escapes undone", json::unescape(&clean));
    all
}

pub(super) fn percent_decode(text: &[u8]) -> Vec<u8> {
    // `+` is a character of base64, not a blank.
    let kept: Vec<u8> =
        text.iter().flat_map(|byte| if *byte == b'+' { b"%2B".to_vec() } else { vec![*byte] }).collect();
    form_decode(&kept)
}

fn without_prefix<'a>(profile: &Profile, text: &'a [u8]) -> &'a [u8] {
    let prefixes = profile.secret.prefixes.iter().map(String::as_str).chain(PREFIXES.iter().copied());
    prefixes.map(str::as_bytes).find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text)
}

fn unquote(text: &[u8]) -> &[u8] {
    match text {
        [b'"', inside @ .., b'"'] | [b'\'', inside @ .., b'\''] | [b'`', inside @ .., b'`'] => inside,
        _ => text,
    }
}

/// Without blanks round it and without control, zero-width and byte-order characters anywhere.
fn visible_only(text: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(text) else { return text.trim_ascii().to_vec() };
    let hidden = |char: char| char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}');
    let kept: String = text.chars().filter(|char| !hidden(*char)).collect();
    kept.trim().as_bytes().to_vec()
}
