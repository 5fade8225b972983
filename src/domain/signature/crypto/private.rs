//! Private keys: read out of PEM, DER or a JWK, and signing with them. Whoever tests a receiver makes a key pair of their own
//! and gives the receiver its public half; a provider's private key is nobody's but the provider's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use ring::{digest, rsa};
use zeroize::Zeroizing;

use super::BASE64URL_LOOSE;
use super::der::{BIT_STRING, INTEGER, OBJECT, SEQUENCE, element, pem_body, wrap};
pub use super::given::is_private;
use super::given::{jwk, seed, stripped, without_parts};
use super::keys::PublicKey;
use crate::domain::signature::scheme::{Algorithm, Key, KeyForm, KeyKind};

/// A private key.
pub struct PrivateKey(Inner);

enum Inner {
    Ed25519(Box<Ed25519KeyPair>),
    P256(Box<p256::ecdsa::SigningKey>),
    P384(Box<EcdsaKeyPair>),
    Rsa(Box<rsa::KeyPair>),
}

/// The private key in a secret that fits the algorithm.
///
/// # Errors
/// What is wrong with it, in words without any of it.
pub fn read(rule: &Key, algorithm: Algorithm, secret: &[u8]) -> Result<PrivateKey, String> {
    let text = without_parts(rule, secret)?;
    let text = stripped(rule, &text).trim_ascii();
    let Some(wanted) = algorithm.key_kind() else { return Err(format!("{} needs no private key", algorithm.name())) };
    if rule.decode == KeyForm::Ed25519Seed {
        let pair = seed(text).and_then(|seed| Ed25519KeyPair::from_seed_unchecked(&seed).ok());
        return pair.map(|pair| PrivateKey(Inner::Ed25519(Box::new(pair)))).ok_or_else(|| "it is empty".to_owned());
    }
    let unfit = || {
        format!(
            "no private key for {} can be read from it (PEM: PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY, without a \
             passphrase; or a JWK)",
            algorithm.name()
        )
    };
    let pem = std::str::from_utf8(text).map(|text| text.replace("\\n", "\n")).unwrap_or_default();
    let pem = Zeroizing::new(pem);
    let from_pem = pem_body(&pem).and_then(|(der, _)| from_der(&Zeroizing::new(der)));
    let key = from_pem.or_else(|| from_der(text)).or_else(|| from_jwk(text)).ok_or_else(unfit)?;
    match key.kind() {
        kind if kind == wanted => Ok(key),
        kind => Err(format!("{} needs another kind of key than this one ({kind:?})", algorithm.name())),
    }
}

/// PKCS #8 (RFC 5958), ECPrivateKey (RFC 5915) or RSAPrivateKey (RFC 8017 appendix A.1.2).
fn from_der(der: &[u8]) -> Option<PrivateKey> {
    let (SEQUENCE, outer, _) = element(der)? else { return None };
    let (INTEGER, _version, rest) = element(outer)? else { return None };
    match element(rest)? {
        (INTEGER, ..) => rsa::KeyPair::from_der(der).ok().map(|pair| PrivateKey(Inner::Rsa(Box::new(pair)))),
        (OCTET_STRING, scalar, rest) => on_curve(scalar, public_point(rest)),
        (SEQUENCE, algorithm, rest) => {
            let (OBJECT, name, _) = element(algorithm)? else { return None };
            let (OCTET_STRING, inner, _) = element(rest)? else { return None };
            if name == ED25519 {
                let (OCTET_STRING, seed, _) = element(inner)? else { return None };
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
                return Some(PrivateKey(Inner::Ed25519(Box::new(pair))));
            }
            from_der(inner)
        }
        _ => None,
    }
}

const OCTET_STRING: u8 = 0x04;
const PUBLIC_POINT: u8 = 0xa1;
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// The point of an ECPrivateKey, when it holds one.
fn public_point(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (tag, content, after) = element(rest)?;
        if tag == PUBLIC_POINT {
            let (BIT_STRING, bits, _) = element(content)? else { return None };
            return bits.strip_prefix(&[0]);
        }
        rest = after;
    }
}

/// A key by the length of its scalar. P-384 needs its point beside it.
fn on_curve(scalar: &[u8], point: Option<&[u8]>) -> Option<PrivateKey> {
    if scalar.len() == 32 {
        let key = p256::ecdsa::SigningKey::from_slice(scalar).ok()?;
        return Some(PrivateKey(Inner::P256(Box::new(key))));
    }
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        scalar,
        point?,
        &SystemRandom::new(),
    );
    pair.ok().map(|pair| PrivateKey(Inner::P384(Box::new(pair))))
}

fn from_jwk(text: &[u8]) -> Option<PrivateKey> {
    let jwk = jwk(text)?;
    let word = |name: &str| jwk.get(name).and_then(|value| value.as_str());
    let bytes = |name: &str| BASE64URL_LOOSE.decode(word(name)?).ok().map(Zeroizing::new);
    match (word("kty")?, word("crv")) {
        ("OKP", Some("Ed25519")) => {
            let pair = Ed25519KeyPair::from_seed_unchecked(&bytes("d")?).ok()?;
            Some(PrivateKey(Inner::Ed25519(Box::new(pair))))
        }
        ("EC", _) => {
            let point = [[4].as_slice(), &bytes("x")?, &bytes("y")?].concat();
            on_curve(&bytes("d")?, Some(&point))
        }
        ("RSA", _) => {
            let (n, e, d, p, q) = (bytes("n")?, bytes("e")?, bytes("d")?, bytes("p")?, bytes("q")?);
            let (dp, dq, qi) = (bytes("dp")?, bytes("dq")?, bytes("qi")?);
            let components = rsa::KeyPairComponents {
                public_key: rsa::PublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
                d: d.as_slice(),
                p: p.as_slice(),
                q: q.as_slice(),
                dP: dp.as_slice(),
                dQ: dq.as_slice(),
                qInv: qi.as_slice(),
            };
            rsa::KeyPair::from_components(&components).ok().map(|pair| PrivateKey(Inner::Rsa(Box::new(pair))))
        }
        _ => None,
    }
}

impl PrivateKey {
    /// What kind of key it is.
    pub const fn kind(&self) -> KeyKind {
        match &self.0 {
            Inner::Ed25519(_) => KeyKind::Ed25519,
            Inner::P256(_) => KeyKind::P256,
            Inner::P384(_) => KeyKind::P384,
            Inner::Rsa(_) => KeyKind::Rsa,
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        let bytes = match &self.0 {
            Inner::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Inner::P256(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            Inner::P384(pair) => pair.public_key().as_ref().to_vec(),
            Inner::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        };
        PublicKey { kind: self.kind(), bytes, id: None, algorithm: None }
    }

    /// The signature; `None` when the algorithm is not for this key, or is none that anybody should sign with any more
    /// (RSA over SHA-1).
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let rsa = |pair: &rsa::KeyPair, padding: &'static dyn signature::RsaEncoding| {
            let mut out = vec![0; pair.public().modulus_len()];
            pair.sign(padding, &SystemRandom::new(), message, &mut out).ok()?;
            Some(out)
        };
        match (&self.0, algorithm) {
            (Inner::Ed25519(pair), Algorithm::Ed25519) => Some(pair.sign(message).as_ref().to_vec()),
            (Inner::P256(key), Algorithm::EcdsaP256Raw) => {
                let made: p256::ecdsa::Signature = key.try_sign(message).ok()?;
                Some(made.to_bytes().to_vec())
            }
            (Inner::P256(key), Algorithm::EcdsaP256) => {
                let made: p256::ecdsa::Signature = key.try_sign(message).ok()?;
                Some(made.to_der().as_bytes().to_vec())
            }
            (Inner::P256(key), Algorithm::EcdsaP256Sha1) => {
                // A prehash shorter than the field is taken as a number, as FIPS 186-5 section 6.4 says; the crate asks for
                // half of the field at least, which SHA-1 has.
                let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message);
                let made: p256::ecdsa::Signature = key.sign_prehash(hash.as_ref()).ok()?;
                Some(made.to_der().as_bytes().to_vec())
            }
            (Inner::P384(pair), Algorithm::EcdsaP384Raw) => {
                Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
            }
            (Inner::Rsa(pair), Algorithm::RsaSha256) => rsa(pair, &signature::RSA_PKCS1_SHA256),
            (Inner::Rsa(pair), Algorithm::RsaSha384) => rsa(pair, &signature::RSA_PKCS1_SHA384),
            (Inner::Rsa(pair), Algorithm::RsaSha512) => rsa(pair, &signature::RSA_PKCS1_SHA512),
            (Inner::Rsa(pair), Algorithm::RsaPssSha256) => rsa(pair, &signature::RSA_PSS_SHA256),
            (Inner::Rsa(pair), Algorithm::RsaPssSha384) => rsa(pair, &signature::RSA_PSS_SHA384),
            (Inner::Rsa(pair), Algorithm::RsaPssSha512) => rsa(pair, &signature::RSA_PSS_SHA512),
            _ => None,
        }
    }
}

/// A new private key as PEM; `None` for RSA, for which no generator is at hand.
pub fn generate_pem(kind: KeyKind) -> Option<Zeroizing<String>> {
    let chance = SystemRandom::new();
    let pkcs8 = match kind {
        KeyKind::Ed25519 => Ed25519KeyPair::generate_pkcs8(&chance),
        KeyKind::P256 => EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &chance),
        KeyKind::P384 => EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, &chance),
        KeyKind::Rsa => return None,
    };
    Some(Zeroizing::new(pem("PRIVATE KEY", pkcs8.ok()?.as_ref())))
}

/// A public key as PEM (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7).
pub fn public_pem(key: &PublicKey) -> String {
    const ED25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
    const P256: &[u8] = &[
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        0x03, 0x01, 0x07,
    ];
    const P384: &[u8] =
        &[0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
    const RSA: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let algorithm = match key.kind {
        KeyKind::Ed25519 => ED25519,
        KeyKind::P256 => P256,
        KeyKind::P384 => P384,
        KeyKind::Rsa => RSA,
    };
    let bits = wrap(BIT_STRING, &[[0].as_slice(), &key.bytes].concat());
    pem("PUBLIC KEY", &wrap(SEQUENCE, &[algorithm, &bits].concat()))
}

/// RFC 7468: lines of 64 characters.
fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----");
    for (at, char) in STANDARD.encode(der).chars().enumerate() {
        if at % 64 == 0 {
            text.push('\n');
        }
        text.push(char);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests;
