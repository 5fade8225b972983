//! From the text of a secret to a key: decoding, and public keys out of PEM, DER, certificates or raw bytes.

use std::borrow::Cow;

use base64::Engine;
use ring::digest;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::{BASE64_LOOSE, BASE64URL_LOOSE, private};
use crate::domain::signature::scheme::{Algorithm, Key, KeyForm, KeyKind};
use crate::domain::signature::{json, jwt};

/// A public key in the form that ring takes: the raw point, the 32 bytes, or the RSA sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// What kind of key it is.
    pub kind: KeyKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its name in a set of keys.
    pub id: Option<String>,
    /// The algorithm that a JWK says it is for (RFC 7517 section 4.4).
    pub algorithm: Option<String>,
}

/// The key bytes of a symmetric secret.
///
/// # Errors
/// What is wrong with its form, in words without any of it.
pub fn symmetric(rule: &Key, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = without_parts(rule, secret)?;
    let rest = stripped(rule, &text);
    let bytes = match rule.decode {
        KeyForm::PublicOrText => octets(rest).unwrap_or_else(|| rest.to_vec()),
        KeyForm::Text | KeyForm::Public | KeyForm::Ed25519Seed => rest.to_vec(),
        KeyForm::Base64 => {
            BASE64_LOOSE.decode(rest).map_err(|_| format!("what should be base64{} is not", after_prefix(rule)))?
        }
        KeyForm::Hex => hex::decode(rest).map_err(|_| format!("what should be hex{} is not", after_prefix(rule)))?,
        KeyForm::Sha1 => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, rest).as_ref().to_vec(),
    };
    if bytes.is_empty() {
        return Err("nothing is left of it as a key".into());
    }
    Ok(Zeroizing::new(bytes))
}

fn after_prefix(rule: &Key) -> String {
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
pub(super) fn without_parts<'a>(rule: &Key, secret: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
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

/// The public keys in a secret that fit the algorithm: several when it is a set of keys or several PEM blocks.
///
/// # Errors
/// What was tried, in words.
pub fn public(rule: &Key, algorithm: Algorithm, secret: &[u8]) -> Result<Vec<PublicKey>, String> {
    let text = without_parts(rule, secret)?;
    let text = stripped(rule, &text).trim_ascii();
    let Some(wanted) = algorithm.key_kind() else { return Err(format!("{} needs no public key", algorithm.name())) };
    if rule.decode == KeyForm::Ed25519Seed {
        return seeded(text);
    }
    let mut keys = written(text);
    if keys.is_empty() && rule.decode != KeyForm::PublicOrText {
        keys.extend(raw(wanted, text));
    }
    let fits = |key: &PublicKey| key.algorithm.as_deref().is_none_or(|named| jwt::is_key_for(named, algorithm));
    keys.retain(|key| key.kind == wanted && fits(key));
    if keys.is_empty() && private::is_private(text) {
        return Err("this is the private half of a key pair, which only the sender has: give the public half (PEM: PUBLIC KEY or \
                    CERTIFICATE; `openssl pkey -in KEY.pem -pubout` makes it)"
            .into());
    }
    if keys.is_empty() {
        return Err(format!(
            "no {} public key can be read from it (PEM, certificate, JWK, JWKS, or its bytes in hex or base64)",
            algorithm.name()
        ));
    }
    Ok(keys)
}

/// Whether the secret is written as public keys are: PEM, DER, JWK or JWKS, also one that cannot be read here or is of a kind that is
/// of no use here. Whoever knows a public key must not be able to sign with it as if it were a shared text (RFC 8725 section
/// 2.1).
pub fn is_public(secret: &[u8]) -> bool {
    let text = secret.trim_ascii();
    !written(text).is_empty()
        || memchr::memmem::find(text, b"-----BEGIN").is_some()
        || is_json_of_public_keys(text)
        || is_packed_der(text)
}

/// A JWK that is not symmetric, or a set of keys.
fn is_json_of_public_keys(text: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(text) else { return false };
    let value = value.get("key").unwrap_or(&value);
    value.get("keys").is_some() || value.get("kty").is_some_and(|kind| kind != "oct")
}

/// DER in hex or base64. Raw keys are not told from shared secrets, which look the same.
fn is_packed_der(text: &[u8]) -> bool {
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let forms = [hex::decode(&packed).ok(), BASE64_LOOSE.decode(&packed).ok(), BASE64URL_LOOSE.decode(&packed).ok()];
    forms.into_iter().flatten().any(|bytes| from_der(&bytes).is_some())
}

/// The keys of a text that says what it is: PEM blocks, DER, JWK, JWKS.
fn written(text: &[u8]) -> Vec<PublicKey> {
    let mut keys = Vec::new();
    let mut rest = std::str::from_utf8(text).map(|text| text.replace("\\n", "\n")).unwrap_or_default();
    while let Some((der, after)) = pem_body(&rest) {
        keys.extend(from_der(&der));
        rest = after;
    }
    if keys.is_empty() {
        keys.extend(from_der(text));
    }
    if keys.is_empty()
        && text.starts_with(b"{")
        && let Ok(value) = serde_json::from_slice::<serde_json::Value>(text)
    {
        match value.get("keys").and_then(|keys| keys.as_array()) {
            Some(set) => keys.extend(set.iter().filter(|jwk| is_for_signatures(jwk)).filter_map(from_jwk)),
            None => {
                let jwk = value.get("key").unwrap_or(&value);
                keys.extend(is_for_signatures(jwk).then(|| from_jwk(jwk)).flatten());
            }
        }
    }
    keys
}

/// A key in hex or base64: DER, or the raw bytes of the wanted kind.
fn raw(wanted: KeyKind, text: &[u8]) -> Option<PublicKey> {
    let size = match wanted {
        KeyKind::Ed25519 => Some(32),
        KeyKind::P256 => Some(65),
        KeyKind::P384 => Some(97),
        KeyKind::Rsa => None,
    };
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let forms = [
        Some(text.to_vec()),
        hex::decode(&packed).ok(),
        BASE64_LOOSE.decode(&packed).ok(),
        BASE64URL_LOOSE.decode(&packed).ok(),
    ];
    forms.into_iter().flatten().find_map(|bytes| match size {
        Some(size) if size == bytes.len() => Some(PublicKey { kind: wanted, bytes, id: None, algorithm: None }),
        _ => from_der(&bytes),
    })
}

/// Whether what a JWK says of its use allows it to verify (RFC 7517 sections 4.2 and 4.3).
fn is_for_signatures(jwk: &serde_json::Value) -> bool {
    let operations = jwk.get("key_ops").and_then(|all| all.as_array());
    jwk.get("use").is_none_or(|used| used == "sig")
        && operations.is_none_or(|all| all.iter().any(|one| one == "verify"))
}

/// The key that a JWK (RFC 7517, RFC 7518 section 6, RFC 8037 section 2) describes.
fn from_jwk(jwk: &serde_json::Value) -> Option<PublicKey> {
    let text = |name: &str| jwk.get(name).and_then(|value| value.as_str());
    let bytes = |name: &str| BASE64URL_LOOSE.decode(text(name)?).ok();
    let point = |size: usize| {
        let (x, y) = (bytes("x")?, bytes("y")?);
        (x.len() == size && y.len() == size).then(|| [vec![4], x, y].concat())
    };
    let (kind, bytes) = match (text("kty")?, text("crv")) {
        ("RSA", _) => (KeyKind::Rsa, rsa_sequence(&bytes("n")?, &bytes("e")?)),
        ("EC", Some("P-256")) => (KeyKind::P256, point(32)?),
        ("EC", Some("P-384")) => (KeyKind::P384, point(48)?),
        ("OKP", Some("Ed25519")) => (KeyKind::Ed25519, bytes("x").filter(|bytes| bytes.len() == 32)?),
        _ => return None,
    };
    Some(PublicKey { kind, bytes, id: text("kid").map(str::to_owned), algorithm: text("alg").map(str::to_owned) })
}

/// The shared key of a JWK of type `oct`.
fn octets(text: &[u8]) -> Option<Vec<u8>> {
    let jwk: serde_json::Value = serde_json::from_slice(text).ok()?;
    let is_octets = jwk.get("kty").and_then(|kind| kind.as_str()) == Some("oct");
    is_octets.then(|| BASE64URL_LOOSE.decode(jwk.get("k")?.as_str()?).ok()).flatten()
}

/// An RSAPublicKey (RFC 8017 appendix A.1.1) of big-endian modulus and exponent.
fn rsa_sequence(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    wrap(SEQUENCE, &[integer(modulus), integer(exponent)].concat())
}

/// A number that is not negative, big-endian, as a DER element.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign: &[u8] = if digits.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    wrap(INTEGER, &[sign, &digits].concat())
}

/// One DER element.
pub fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let size = content.len().to_be_bytes();
    let size: Vec<u8> = size.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    match content.len() {
        0..=0x7f => out.push(content.len() as u8),
        _ => {
            out.push(0x80 | size.len() as u8);
            out.extend(&size);
        }
    }
    out.extend(content);
    out
}

/// The Ed25519 seed that a text repeated to 32 bytes is (QQ's bot documentation).
pub fn seed(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    (!text.is_empty()).then(|| Zeroizing::new(text.iter().copied().cycle().take(32).collect()))
}

fn seeded(text: &[u8]) -> Result<Vec<PublicKey>, String> {
    let pair = seed(text).and_then(|seed| Ed25519KeyPair::from_seed_unchecked(&seed).ok());
    let pair = pair.ok_or("it is empty, and the key is made from it")?;
    Ok(vec![PublicKey {
        kind: KeyKind::Ed25519,
        bytes: pair.public_key().as_ref().to_vec(),
        id: None,
        algorithm: None,
    }])
}

/// What stands between the lines of the first PEM block (of one line too), and what follows it.
pub(super) fn pem_body(text: &str) -> Option<(Vec<u8>, String)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (_, rest) = rest.split_once("-----")?;
    let (body, rest) = rest.split_once("-----END")?;
    let packed: String = body.chars().filter(|char| !char.is_whitespace()).collect();
    Some((BASE64_LOOSE.decode(packed).ok()?, rest.to_owned()))
}

/// The key out of a certificate, a SubjectPublicKeyInfo, or a bare RSA key.
fn from_der(der: &[u8]) -> Option<PublicKey> {
    let (SEQUENCE, outer, []) = element(der)? else { return None };
    let (tag, first, rest) = element(outer)?;
    match tag {
        // RSAPublicKey: modulus, exponent.
        INTEGER => match element(rest)? {
            (INTEGER, _, []) => Some(PublicKey { kind: KeyKind::Rsa, bytes: der.to_vec(), id: None, algorithm: None }),
            _ => None,
        },
        SEQUENCE => match element(rest)? {
            // SubjectPublicKeyInfo: algorithm, bits.
            (BIT_STRING, bits, _) => from_bits(first, bits),
            // Certificate: to be signed, algorithm, bits.
            (SEQUENCE, ..) => from_certificate(first),
            _ => None,
        },
        _ => None,
    }
}

/// The key bits of a certificate's signed part (RFC 5280 section 4.1): version, serial, algorithm, issuer, validity,
/// subject, key.
fn from_certificate(signed: &[u8]) -> Option<PublicKey> {
    let (tag, _, after_version) = element(signed)?;
    let mut rest = if tag == VERSION { after_version } else { signed };
    for _ in 0..5 {
        (_, _, rest) = element(rest)?;
    }
    let (SEQUENCE, key, _) = element(rest)? else { return None };
    let (SEQUENCE, algorithm, rest) = element(key)? else { return None };
    let (BIT_STRING, bits, _) = element(rest)? else { return None };
    from_bits(algorithm, bits)
}

/// A key by the object identifier of its algorithm (RFC 3279, RFC 5480, RFC 8410).
fn from_bits(algorithm: &[u8], bits: &[u8]) -> Option<PublicKey> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
    const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    let (OBJECT, name, rest) = element(algorithm)? else { return None };
    let curve = element(rest).map(|(_, curve, _)| curve);
    let kind = match (name, curve) {
        (RSA | RSA_PSS, _) => KeyKind::Rsa,
        (EC, Some(P256)) => KeyKind::P256,
        (EC, Some(P384)) => KeyKind::P384,
        (ED25519, _) => KeyKind::Ed25519,
        _ => return None,
    };
    Some(PublicKey { kind, bytes: bits.strip_prefix(&[0])?.to_vec(), id: None, algorithm: None })
}

pub(super) const OBJECT: u8 = 0x06;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
/// A DER sequence.
pub const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// One DER element: tag, content, what follows.
pub(super) fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
