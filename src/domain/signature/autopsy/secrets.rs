//! Keys that may have been meant by a secret.

use base64::Engine;
use ring::digest;
use zeroize::Zeroizing;

use crate::domain::form::percent_decoded;
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
const PREFIXES: &[&str] = &["whsec_", "v1,whsec_", "sha256=", "Bearer ", "Basic ", "0x"];

/// Secrets in one text that are looked at, and how deep in JSON.
const ITEMS_MAX: usize = 16;
const JSON_DEPTH_MAX: usize = 3;

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

/// What a text that is set as a secret stands for, where it plainly is none.
pub fn stand_in(secret: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(secret.trim_ascii()).ok()?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b' '))
    };
    let between = |start, end| text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).is_some_and(is_name);
    let is_variable = between("${", "}") || between("$(", ")") || between("{{", "}}") || between("%", "%");
    let is_word = matches!(text, "undefined" | "null" | "None" | "nil" | "NaN" | "[object Object]");
    let is_bare =
        |rest: &str| rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_variable || text.strip_prefix('$').is_some_and(|rest| !rest.is_empty() && is_bare(rest)) {
        return Some("the name of a variable that nobody put in");
    }
    if is_word {
        return Some("what a program prints where it has no value");
    }
    if text.contains("\u{2022}\u{2022}") || text.contains("***") || text.contains("...") || text.contains('\u{2026}') {
        return Some("the masked form that a page shows until it is told to reveal the secret");
    }
    between("<", ">").then_some("a placeholder of somebody's documentation")
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
        ("", "\u{a0}", "with a no-break blank (U+00A0) after it"),
        ("", "\u{200b}", "with a zero-width blank (U+200B) after it"),
        ("", "\\n", "with the two characters `\\n` after it"),
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
    let bracketed = [b"<".as_slice(), secret, b">"].concat();
    all.push((Cause::SecretQuotes, "with angle brackets around it".to_owned(), bracketed));
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
pub fn cleaned(profile: &Profile, secret: &[u8]) -> Vec<Text> {
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
    add(blank, "without the two characters `\\n` at its end", without_written_ends(&clean).to_vec());
    let unquoted = unquote(&clean);
    let what =
        if clean.starts_with(b"<") { "without the angle brackets around it" } else { "without the quotes around it" };
    add(Cause::SecretQuotes, what, unquoted.to_vec());
    if let Some(value) = assigned(&clean) {
        add(Cause::SecretQuotes, "without the name before it", unquote(value).to_vec());
    }
    for (what, text) in json_texts(&clean) {
        add(Cause::SecretQuotes, &format!("taken out of the JSON that it stands in ({what})"), text);
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
    for (what, text) in several(secret) {
        add(Cause::SecretAltered, &what, text);
    }
    all
}

/// The value behind a name: `NAME=value`, `export NAME=value`, `name: value`.
fn assigned(clean: &[u8]) -> Option<&[u8]> {
    let text = clean.strip_prefix(b"export ").unwrap_or(clean);
    let is_name = |text: &[u8]| {
        !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    let at = text.iter().position(|byte| matches!(byte, b'=' | b':'))?;
    let (name, rest) = text.split_at_checked(at)?;
    let value = rest.get(1..)?;
    // A colon without a blank behind it is as well a part of the secret.
    let is_assigned = rest.starts_with(b"=") || value.starts_with(b" ");
    (is_assigned && is_name(name)).then(|| value.trim_ascii())
}

/// Without line ends at its end that are written as `\n` or `\r`.
fn without_written_ends(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(shorter) = rest.strip_suffix(b"\\n").or_else(|| rest.strip_suffix(b"\\r")) {
        rest = shorter;
    }
    rest
}

/// The strings of a JSON object or array, with where they stand: stores of secrets give them out so.
fn json_texts(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    fn collect(value: &serde_json::Value, name: &str, depth: usize, all: &mut Vec<(String, Vec<u8>)>) {
        match value {
            _ if all.len() >= ITEMS_MAX || depth > JSON_DEPTH_MAX => {}
            serde_json::Value::String(text) => all.push((visible(name.as_bytes()), text.clone().into_bytes())),
            serde_json::Value::Object(members) => {
                members.iter().for_each(|(name, value)| collect(value, &format!("`{name}`"), depth + 1, all));
            }
            serde_json::Value::Array(items) => {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(at, value)| collect(value, &format!("item {}", at + 1), depth + 1, all));
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    if matches!(text.first(), Some(b'{' | b'['))
        && let Ok(value) = serde_json::from_slice(text)
    {
        collect(&value, "", 0, &mut all);
    }
    all
}

/// How [`KeyVariant::what`] begins where one text holds several secrets.
pub const ONE_OF: &str = "cut down to one of the ";

/// One text that is several: the same one twice, or a list. The parts by themselves.
fn several(secret: &[u8]) -> Vec<(String, Vec<u8>)> {
    let trimmed = secret.trim_ascii();
    // A secret may hold blanks of its own: the other marks part before they do.
    let marks: [fn(&u8) -> bool; 3] =
        [|byte| *byte == b'\n', |byte| matches!(byte, b',' | b';' | b'|'), u8::is_ascii_whitespace];
    let lists = marks.map(|is_mark| {
        let items = trimmed.split(is_mark).map(|item| unquote(item.trim_ascii()));
        items.filter(|item| !item.is_empty()).take(ITEMS_MAX).collect::<Vec<_>>()
    });
    let is_same = |items: &&Vec<&[u8]>| items.len() > 1 && items.windows(2).all(|pair| pair.first() == pair.last());
    let (half, rest) = trimmed.split_at(trimmed.len() / 2);
    let once = lists.iter().find(is_same).and_then(|items| items.first().copied());
    if let Some(once) = once.or_else(|| (half == rest).then_some(half)) {
        return vec![("taken once: it stands there several times".to_owned(), once.to_vec())];
    }
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for items in lists.iter().filter(|items| items.len() > 1) {
        let count = items.len();
        for (at, item) in items.iter().enumerate() {
            all.push((format!("{ONE_OF}{count} texts that stand in it, number {}", at + 1), item.to_vec()));
        }
    }
    all
}

pub(super) fn percent_decode(text: &[u8]) -> Vec<u8> {
    // `+` is a character of base64, not a blank.
    percent_decoded(text).unwrap_or_else(|| text.to_vec())
}

fn without_prefix<'a>(profile: &Profile, text: &'a [u8]) -> &'a [u8] {
    let prefixes = profile.secret.prefixes.iter().map(String::as_str).chain(PREFIXES.iter().copied());
    prefixes.map(str::as_bytes).find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text)
}

fn unquote(text: &[u8]) -> &[u8] {
    match text {
        [b'"', inside @ .., b'"']
        | [b'\'', inside @ .., b'\'']
        | [b'`', inside @ .., b'`']
        | [b'<', inside @ .., b'>'] => inside,
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
