//! From the text of a secret to a key: decoding, and public keys out of PEM, DER, certificates or raw bytes.

use base64::Engine;
use ring::digest;
use zeroize::Zeroizing;

use super::{BASE64_LOOSE, BASE64URL_LOOSE};
use crate::domain::signature::scheme::{Algorithm, Key, KeyForm};

/// A public key in the form that ring takes: the raw point, the 32 bytes, or the RSA sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The key bytes of a symmetric secret.
///
/// # Errors
/// What is wrong with its form, in words without any of it.
pub fn symmetric(rule: &Key, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let rest = stripped(rule, secret);
    let bytes = match rule.decode {
        KeyForm::Text | KeyForm::Public => rest.to_vec(),
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

/// A public key for the algorithm.
///
/// # Errors
/// What was tried, in words.
pub fn public(rule: &Key, algorithm: Algorithm, secret: &[u8]) -> Result<PublicKey, String> {
    let text = stripped(rule, secret).trim_ascii();
    let der = pem_body(text).unwrap_or_else(|| text.to_vec());
    let raw_size = match algorithm {
        Algorithm::Ed25519 => Some(32),
        Algorithm::EcdsaP256 | Algorithm::EcdsaP256Raw => Some(65),
        _ => None,
    };
    let forms =
        [Some(der.clone()), hex::decode(&der).ok(), BASE64_LOOSE.decode(&der).ok(), BASE64URL_LOOSE.decode(&der).ok()];
    for bytes in forms.into_iter().flatten() {
        if raw_size == Some(bytes.len()) {
            return Ok(PublicKey { bytes });
        }
        if let Some(bytes) = from_der(&bytes)
            && raw_size.is_none_or(|size| size == bytes.len())
        {
            return Ok(PublicKey { bytes });
        }
    }
    Err(format!(
        "no {} public key can be read from it (PEM, certificate, or its bytes in hex or base64)",
        algorithm.name()
    ))
}

/// What stands between the lines of a PEM block (of one line too, or with `\n` written out).
fn pem_body(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?.replace("\\n", "\n");
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (_, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END")?;
    let packed: String = body.chars().filter(|char| !char.is_whitespace()).collect();
    BASE64_LOOSE.decode(packed).ok()
}

/// The key bits out of a certificate, a SubjectPublicKeyInfo, or a bare RSA key.
fn from_der(der: &[u8]) -> Option<Vec<u8>> {
    let (SEQUENCE, outer, _) = element(der)? else { return None };
    let (tag, first, rest) = element(outer)?;
    match tag {
        // RSAPublicKey: modulus, exponent.
        INTEGER => Some(der.to_vec()),
        SEQUENCE => {
            let (next, bits, _) = element(rest)?;
            match next {
                // SubjectPublicKeyInfo: algorithm, bits.
                BIT_STRING => bits.strip_prefix(&[0]).map(<[u8]>::to_vec),
                // Certificate: to be signed, algorithm, bits.
                SEQUENCE => from_certificate(first),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The key bits of a certificate's signed part (RFC 5280 section 4.1): version, serial, algorithm, issuer, validity,
/// subject, key.
fn from_certificate(signed: &[u8]) -> Option<Vec<u8>> {
    let (tag, _, after_version) = element(signed)?;
    let mut rest = if tag == VERSION { after_version } else { signed };
    for _ in 0..5 {
        (_, _, rest) = element(rest)?;
    }
    let (SEQUENCE, key, _) = element(rest)? else { return None };
    let (_, _, rest) = element(key)?;
    let (BIT_STRING, bits, _) = element(rest)? else { return None };
    bits.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// One DER element: tag, content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
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
