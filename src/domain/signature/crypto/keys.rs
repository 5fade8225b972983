//! From the text of a secret to a key: decoding, and public keys out of PEM, DER, certificates or raw bytes.

use base64::Engine;
use ring::digest;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::der::{BIT_STRING, INTEGER, OBJECT, element, pem_body};
pub use super::der::{SEQUENCE, integer, wrap};
use super::given::{after_prefix, is_private, without_parts};
pub use super::given::{part, seed, stripped};
use super::{BASE64_LOOSE, BASE64URL_LOOSE};
use crate::domain::signature::jose;
use crate::domain::signature::scheme::{Algorithm, Key, KeyForm, KeyKind};

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
    let fits = |key: &PublicKey| key.algorithm.as_deref().is_none_or(|named| jose::is_key_for(named, algorithm));
    keys.retain(|key| key.kind == wanted && fits(key));
    if keys.is_empty() && is_private(text) {
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

/// The tag of a certificate's version.
const VERSION: u8 = 0xa0;

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
