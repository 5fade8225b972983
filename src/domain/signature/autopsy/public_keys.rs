//! A signature with the right private key over the right bytes, made by another algorithm than the scheme's: another padding or
//! hash, or the two numbers of ECDSA written otherwise.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::digest::{self, Algorithm as Hash};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::{Diagnosis, PUBLIC_TRIAL_BYTES, Search};
use crate::domain::signature::Cause;
use crate::domain::signature::crypto::keys::{self, PublicKey};
use crate::domain::signature::evaluate::{self, KEYS_MAX};
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Algorithm, KeyKind};

/// How a signature is built and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    Pkcs1,
    /// RSASSA-PSS with a salt as long as the hash (RFC 8017 section 8.1).
    Pss,
    /// The two numbers of ECDSA as a DER sequence (RFC 3279 section 2.2.3).
    Der,
    /// The two numbers of ECDSA one behind the other (IEEE P1363; RFC 7518 section 3.4).
    Raw,
}

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::Pkcs1 => "RSA PKCS#1 v1.5",
            Self::Pss => "RSA PSS",
            Self::Der => "ECDSA in DER",
            Self::Raw => "ECDSA as r and s one behind the other",
        }
    }

    /// How common libraries are told to make it.
    const fn how(self) -> &'static str {
        match self {
            Self::Pkcs1 => "`padding.PKCS1v15()` in Python, `RSA_PKCS1_PADDING` in Node, `SignPKCS1v15` in Go",
            Self::Pss => {
                "`padding.PSS` with a salt as long as the hash in Python, `RSA_PKCS1_PSS_PADDING` in Node, `SignPSS` in Go"
            }
            Self::Der => {
                "what OpenSSL, Java and Python write, `SignASN1` in Go; `dsaEncoding: 'der'` in Node; WebCrypto writes r and s"
            }
            Self::Raw => {
                "what WebCrypto writes; `dsaEncoding: 'ieee-p1363'` in Node, `decode_dss_signature` and both numbers at full length in \
                 Python"
            }
        }
    }
}

const SHA1: &Hash = &digest::SHA1_FOR_LEGACY_USE_ONLY;
const HASHES: [(&Hash, &str); 4] =
    [(&digest::SHA256, "SHA-256"), (SHA1, "SHA-1"), (&digest::SHA384, "SHA-384"), (&digest::SHA512, "SHA-512")];

/// How the scheme's own algorithm builds its signatures; `None` where there is only one way (Ed25519).
const fn own(algorithm: Algorithm) -> Option<(Shape, &'static str)> {
    Some(match algorithm {
        Algorithm::EcdsaP256 => (Shape::Der, "SHA-256"),
        Algorithm::EcdsaP256Raw => (Shape::Raw, "SHA-256"),
        Algorithm::EcdsaP256Sha1 => (Shape::Der, "SHA-1"),
        Algorithm::EcdsaP384Raw => (Shape::Raw, "SHA-384"),
        Algorithm::RsaSha1 => (Shape::Pkcs1, "SHA-1"),
        Algorithm::RsaSha256 => (Shape::Pkcs1, "SHA-256"),
        Algorithm::RsaSha384 => (Shape::Pkcs1, "SHA-384"),
        Algorithm::RsaSha512 => (Shape::Pkcs1, "SHA-512"),
        Algorithm::RsaPssSha256 => (Shape::Pss, "SHA-256"),
        Algorithm::RsaPssSha384 => (Shape::Pss, "SHA-384"),
        Algorithm::RsaPssSha512 => (Shape::Pss, "SHA-512"),
        _ => return None,
    })
}

impl Search<'_> {
    /// Another padding, hash or writing of the numbers, with the key that is set here.
    pub(super) fn public_algorithms(&mut self) -> Option<Diagnosis> {
        let scheme = self.corpse.scheme;
        let (shape, hash) = own(scheme.algorithm)?;
        let message = scheme.message.as_ref()?;
        let shapes = match shape {
            Shape::Pkcs1 | Shape::Pss => {
                self.tried.push("RSA PKCS#1 v1.5 and PSS with SHA-1, SHA-256, SHA-384, SHA-512".into());
                [Shape::Pkcs1, Shape::Pss]
            }
            Shape::Der | Shape::Raw => {
                self.tried.push("ECDSA in DER and as r and s, with SHA-1, SHA-256, SHA-384, SHA-512".into());
                [Shape::Der, Shape::Raw]
            }
        };
        for secret in self.corpse.secrets {
            let Ok(keys) = keys::public(&scheme.key, scheme.algorithm, secret.expose()) else { continue };
            let keys = keys.get(..KEYS_MAX.min(keys.len())).unwrap_or_default();
            let material = Material { key: Some(secret.expose()), secret: Some(secret.expose()), ..self.material };
            if !self.pay(super::reading_cost(message, &material)) {
                return None;
            }
            let Ok(pieces) = material.pieces(message) else { continue };
            let bytes = evaluate::joined(&pieces);
            for other_shape in shapes {
                for (other_hash, name) in HASHES.iter().filter(|(_, name)| (other_shape, *name) != (shape, hash)) {
                    for key in keys {
                        if self.one_fits(other_shape, other_hash, key, &bytes) {
                            return self.made_otherwise((shape, hash), (other_shape, name));
                        }
                    }
                }
            }
        }
        None
    }

    fn one_fits(&mut self, shape: Shape, hash: &'static Hash, key: &PublicKey, bytes: &[u8]) -> bool {
        if !self.pay(PUBLIC_TRIAL_BYTES + bytes.len() as u64) {
            return false;
        }
        let fits = self.targets.iter().any(|target| holds(shape, hash, key, bytes, &target.bytes).unwrap_or(false));
        self.fits |= fits;
        fits
    }

    fn made_otherwise(&self, own: (Shape, &str), other: (Shape, &str)) -> Option<Diagnosis> {
        let title = &self.corpse.input.profile.title;
        let cause = match own.0 {
            Shape::Der | Shape::Raw if own.1 == other.1 => Cause::EncodingDiffers,
            _ => Cause::AlgorithmDiffers,
        };
        let how = if own.0 == other.0 { String::new() } else { format!(" ({})", own.0.how()) };
        let detail = format!(
            "key and bytes are right, but this is {} with {}: {title} wants {} with {}; have the sender sign so{how}",
            other.0.name(),
            other.1,
            own.0.name(),
            own.1
        );
        self.invalid(cause, detail)
    }
}

/// Whether a signature that is built so holds; `None`: it is not built so.
fn holds(shape: Shape, hash: &'static Hash, key: &PublicKey, bytes: &[u8], sig: &[u8]) -> Option<bool> {
    let by_ring = |how: &'static dyn VerificationAlgorithm, sig: &[u8]| {
        Some(UnparsedPublicKey::new(how, &key.bytes).verify(bytes, sig).is_ok())
    };
    match (key.kind, shape) {
        (KeyKind::Rsa, Shape::Pkcs1 | Shape::Pss) => by_ring(rsa(shape, hash)?, sig),
        (KeyKind::P256, Shape::Der | Shape::Raw) => {
            let point = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.bytes).ok()?;
            let sig = match shape {
                Shape::Der => p256::ecdsa::Signature::from_der(sig).ok()?,
                _ => p256::ecdsa::Signature::from_slice(sig).ok()?,
            };
            // Of a hash that is longer than the numbers its beginning counts (FIPS 186-5 section 6.4).
            Some(point.verify_prehash(digest::digest(hash, bytes).as_ref(), &sig).is_ok())
        }
        (KeyKind::P384, Shape::Der) => by_ring(p384(hash)?, sig),
        (KeyKind::P384, Shape::Raw) => by_ring(p384(hash)?, &sequence(sig, 48)?),
        _ => None,
    }
}

fn rsa(shape: Shape, hash: &'static Hash) -> Option<&'static dyn VerificationAlgorithm> {
    let is = |other: &'static Hash| hash == other;
    Some(match shape {
        Shape::Pkcs1 if is(SHA1) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Shape::Pkcs1 if is(&digest::SHA256) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        Shape::Pkcs1 if is(&digest::SHA384) => &signature::RSA_PKCS1_2048_8192_SHA384,
        Shape::Pkcs1 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        // ring has no PSS over SHA-1.
        Shape::Pss if is(&digest::SHA256) => &signature::RSA_PSS_2048_8192_SHA256,
        Shape::Pss if is(&digest::SHA384) => &signature::RSA_PSS_2048_8192_SHA384,
        Shape::Pss if is(&digest::SHA512) => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// ECDSA on P-384 over the hashes that ring offers.
fn p384(hash: &'static Hash) -> Option<&'static dyn VerificationAlgorithm> {
    match hash {
        hash if hash == &digest::SHA384 => Some(&signature::ECDSA_P384_SHA384_ASN1),
        hash if hash == &digest::SHA256 => Some(&signature::ECDSA_P384_SHA256_ASN1),
        _ => None,
    }
}

/// Two numbers of this many bytes each, one behind the other, as a DER sequence.
fn sequence(sig: &[u8], size: usize) -> Option<Vec<u8>> {
    if sig.len() != 2 * size {
        return None;
    }
    let (r, s) = sig.split_at_checked(size)?;
    let numbers = [keys::integer(r), keys::integer(s)].concat();
    Some(keys::wrap(keys::SEQUENCE, &numbers))
}

#[cfg(test)]
mod tests;
