//! The primitives: keys from secrets, digests and MACs, public-key checks. All cryptography is ring's, but what it
//! rightly leaves out and old schemes still use: MD5, and ECDSA over a SHA-1 digest, which are RustCrypto's.

mod base64_forms;
pub mod der;
pub mod given;
pub mod keys;
pub mod private;

use base64::Engine;
use hmac::Mac as _;
use md5::{Digest as _, Md5};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::{digest, hmac as mac, signature};

use super::scheme::{Algorithm, Encoding, Key};
pub use base64_forms::{BASE64_LOOSE, BASE64URL_LOOSE};
use keys::PublicKey;

/// Whether two values are equal, in a time that tells nothing about where they differ.
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    // ring keeps its constant-time comparison inside `mac::verify`; the MACs of both under one key compare the same.
    let key = mac::Key::new(mac::HMAC_SHA256, b"hooksight comparison");
    mac::verify(&key, one, mac::sign(&key, other).as_ref()).is_ok()
}

/// The MAC or digest of the pieces joined; `None` for tokens and public-key algorithms.
pub fn compute<'a>(algorithm: Algorithm, key: &[u8], pieces: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    match algorithm {
        Algorithm::HmacSha1 => Some(ring_mac(mac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, pieces)),
        Algorithm::HmacSha256 => Some(ring_mac(mac::HMAC_SHA256, key, pieces)),
        Algorithm::HmacSha384 => Some(ring_mac(mac::HMAC_SHA384, key, pieces)),
        Algorithm::HmacSha512 => Some(ring_mac(mac::HMAC_SHA512, key, pieces)),
        Algorithm::HmacMd5 => hmac_md5(key, pieces),
        Algorithm::Md5 => Some(pieces.fold(Md5::new(), Md5::chain_update).finalize().to_vec()),
        Algorithm::Sha1 => Some(plain(&digest::SHA1_FOR_LEGACY_USE_ONLY, pieces)),
        Algorithm::Sha256 => Some(plain(&digest::SHA256, pieces)),
        Algorithm::Sha384 => Some(plain(&digest::SHA384, pieces)),
        Algorithm::Sha512 => Some(plain(&digest::SHA512, pieces)),
        _ => None,
    }
}

fn ring_mac<'a>(algorithm: mac::Algorithm, key: &[u8], pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut context = mac::Context::with_key(&mac::Key::new(algorithm, key));
    pieces.for_each(|piece| context.update(piece));
    context.sign().as_ref().to_vec()
}

fn hmac_md5<'a>(key: &[u8], pieces: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut context = hmac::Hmac::<Md5>::new_from_slice(key).ok()?;
    pieces.for_each(|piece| context.update(piece));
    Some(context.finalize().into_bytes().to_vec())
}

fn plain<'a>(algorithm: &'static digest::Algorithm, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut context = digest::Context::new(algorithm);
    pieces.for_each(|piece| context.update(piece));
    context.finish().as_ref().to_vec()
}

/// Whether a public key's signature over the message holds. Never with a key of another kind than the algorithm's.
pub fn verify(algorithm: Algorithm, key: &PublicKey, message: &[u8], sig: &[u8]) -> bool {
    let holds = |how: &'static dyn signature::VerificationAlgorithm| {
        signature::UnparsedPublicKey::new(how, &key.bytes).verify(message, sig).is_ok()
    };
    if algorithm.key_kind() != Some(key.kind) {
        return false;
    }
    match algorithm {
        Algorithm::Ed25519 => holds(&signature::ED25519),
        Algorithm::EcdsaP256 => holds(&signature::ECDSA_P256_SHA256_ASN1),
        Algorithm::EcdsaP256Raw => holds(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::EcdsaP256Sha1 => ecdsa_p256_sha1(key, message, sig).unwrap_or(false),
        Algorithm::EcdsaP384Raw => holds(&signature::ECDSA_P384_SHA384_FIXED),
        // Keys of 1024 bits are weak, but whether to use one is the provider's choice, and the question here is what fits.
        Algorithm::RsaSha1 => holds(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaSha256 => holds(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaSha384 => holds(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RsaSha512 => holds(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaPssSha256 => holds(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::RsaPssSha384 => holds(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::RsaPssSha512 => holds(&signature::RSA_PSS_2048_8192_SHA512),
        _ => false,
    }
}

/// What a signer writes: the MAC or digest, or the signature with a private key, whose text `key` is then.
pub fn sign<'a>(
    rule: &Key,
    algorithm: Algorithm,
    key: &[u8],
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Option<Vec<u8>> {
    if !algorithm.is_public() {
        return compute(algorithm, key, pieces);
    }
    let message: Vec<u8> = pieces.flat_map(|piece| piece.iter().copied()).collect();
    private::read(rule, algorithm, key).ok()?.sign(algorithm, &message)
}

/// ECDSA on P-256 over a SHA-1 digest (eBay), which ring does not offer.
fn ecdsa_p256_sha1(key: &PublicKey, message: &[u8], sig: &[u8]) -> Option<bool> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.bytes).ok()?;
    let sig = p256::ecdsa::DerSignature::try_from(sig).ok()?;
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message);
    Some(key.verify_prehash(hash.as_ref(), &sig).is_ok())
}

/// How many bytes the algorithm's output has; `None` when that varies.
pub const fn output_bytes(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::HmacMd5 | Algorithm::Md5 => Some(16),
        Algorithm::HmacSha1 | Algorithm::Sha1 => Some(20),
        Algorithm::HmacSha256 | Algorithm::Sha256 => Some(32),
        Algorithm::HmacSha384 | Algorithm::Sha384 => Some(48),
        Algorithm::HmacSha512 | Algorithm::Sha512 | Algorithm::Ed25519 | Algorithm::EcdsaP256Raw => Some(64),
        Algorithm::EcdsaP384Raw => Some(96),
        _ => None,
    }
}

/// Bytes as a scheme writes them.
pub fn encode(encoding: Encoding, bytes: &[u8]) -> String {
    match encoding {
        Encoding::Hex => hex::encode(bytes),
        Encoding::HexUpper => hex::encode_upper(bytes),
        Encoding::Base64 | Encoding::BasicCredentials => base64::engine::general_purpose::STANDARD.encode(bytes),
        Encoding::Base64Url => BASE64URL_LOOSE.encode(bytes),
        Encoding::Base64OfHex => base64::engine::general_purpose::STANDARD.encode(hex::encode(bytes)),
        Encoding::Text => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The bytes of a written signature; `None` when it is not written that way.
pub fn decode(encoding: Encoding, text: &[u8]) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Hex | Encoding::HexUpper => hex::decode(text).ok(),
        Encoding::Base64 | Encoding::BasicCredentials => base64::engine::general_purpose::STANDARD.decode(text).ok(),
        Encoding::Base64Url => BASE64URL_LOOSE.decode(text).ok(),
        Encoding::Base64OfHex => hex::decode(base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok(),
        Encoding::Text => Some(text.to_vec()),
    }
}

#[cfg(test)]
mod tests;
