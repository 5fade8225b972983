//! What JSON Web Tokens and keys call algorithms.

use super::scheme::Algorithm;

/// Names of RFC 7518 section 3.1 and RFC 8037 section 3.1.
pub const NAMES: &[(&str, Algorithm)] = &[
    ("HS256", Algorithm::HmacSha256),
    ("HS384", Algorithm::HmacSha384),
    ("HS512", Algorithm::HmacSha512),
    ("RS256", Algorithm::RsaSha256),
    ("RS384", Algorithm::RsaSha384),
    ("RS512", Algorithm::RsaSha512),
    ("PS256", Algorithm::RsaPssSha256),
    ("PS384", Algorithm::RsaPssSha384),
    ("PS512", Algorithm::RsaPssSha512),
    ("ES256", Algorithm::EcdsaP256Raw),
    ("ES384", Algorithm::EcdsaP384Raw),
    ("EdDSA", Algorithm::Ed25519),
    ("Ed25519", Algorithm::Ed25519),
];

/// Whether a key of a set that names its algorithm can be used with this one. Where ours has no name in a token (ECDSA in DER), any
/// signing algorithm will do, as the kind of the key decides.
pub fn is_key_for(named: &str, algorithm: Algorithm) -> bool {
    let known = NAMES.iter().find(|(known, _)| *known == named);
    known.is_some_and(|(_, known)| *known == algorithm || name(algorithm).is_none())
}

/// What a token calls the algorithm.
pub fn name(algorithm: Algorithm) -> Option<&'static str> {
    NAMES.iter().find(|(_, known)| *known == algorithm).map(|(name, _)| *name)
}
