//! The text of a secret as it was given, taken apart: prefixes, parts, what it holds.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::domain::signature::json;
use crate::domain::signature::scheme::Key;

/// What may stand before the key, in words.
pub fn after_prefix(rule: &Key) -> String {
    rule.strip.first().map_or_else(String::new, |prefix| format!(" (after `{prefix}`)"))
}

/// The secret without the first prefix of the rule that it starts with.
pub fn stripped<'a>(rule: &Key, secret: &'a [u8]) -> &'a [u8] {
    rule.strip.iter().find_map(|prefix| secret.strip_prefix(prefix.as_bytes())).unwrap_or(secret)
}

/// The value of a part that is given with the key: `NAME=VALUE;` before it, or a member of a JSON object.
pub fn part(secret: &[u8], name: &str) -> Option<Vec<u8>> {
    if let Some(value) = json::scalar(secret, &[name.to_owned()]) {
        return Some(value);
    }
    let mut rest = secret.trim_ascii_start();
    while let Some((key, value, after)) = leading_part(rest) {
        if key == name.as_bytes() {
            return Some(value.to_vec());
        }
        rest = after;
    }
    None
}

/// `NAME=VALUE;` at the start: name, value, what follows.
fn leading_part(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let at = text.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')?;
    let (name, rest) = text.split_at(at);
    let rest = rest.strip_prefix(b"=")?;
    let end = rest.iter().position(|byte| matches!(byte, b';' | b'\n'))?;
    let (value, rest) = rest.split_at(end);
    Some((name, value, rest.get(1..)?.trim_ascii_start()))
}

/// The key without the parts that the rule lists.
///
/// # Errors
/// When it is a JSON object without any other member.
pub fn without_parts<'a>(rule: &Key, secret: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
    let mut rest = secret;
    if rule.parts.is_empty() {
        return Ok(Cow::Borrowed(rest));
    }
    if let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(secret) {
        let key = members.iter().find(|(name, value)| !rule.parts.contains(name) && value.is_string());
        let key = key.and_then(|(_, value)| value.as_str());
        let named = rule.parts.join(", ");
        return key
            .map(|key| Cow::Owned(key.as_bytes().to_vec()))
            .ok_or(format!("the JSON holds no key beside {named}"));
    }
    while let Some((name, _, after)) = leading_part(rest.trim_ascii_start()) {
        if !rule.parts.iter().any(|part| part.as_bytes() == name) {
            break;
        }
        rest = after;
    }
    Ok(Cow::Borrowed(rest))
}

/// The Ed25519 seed that a text repeated to 32 bytes is (QQ's bot documentation).
pub fn seed(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    (!text.is_empty()).then(|| Zeroizing::new(text.iter().copied().cycle().take(32).collect()))
}

/// Whether a secret holds a private key in PEM or as a JWK.
pub fn is_private(secret: &[u8]) -> bool {
    memchr::memmem::find(secret, b"PRIVATE KEY-----").is_some() || jwk(secret.trim_ascii()).is_some()
}

/// The object of a private JWK.
pub fn jwk(text: &[u8]) -> Option<serde_json::Value> {
    let value: serde_json::Value = text.starts_with(b"{").then(|| serde_json::from_slice(text).ok()).flatten()?;
    (value.get("kty").is_some() && value.get("d").is_some()).then_some(value)
}
