//! The signing algorithms, and the kinds of keys that they need.

use serde::Deserialize;

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    /// HMAC with MD5.
    HmacMd5,
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// Plain MD5 of the message.
    Md5,
    /// Plain SHA-1 of the message.
    Sha1,
    /// Plain SHA-256 of the message.
    Sha256,
    /// Plain SHA-384 of the message.
    Sha384,
    /// Plain SHA-512 of the message.
    Sha512,
    /// The value is the secret itself.
    Token,
    /// Ed25519 with a public key.
    Ed25519,
    /// ECDSA on P-256 with SHA-256, signature in DER.
    EcdsaP256,
    /// ECDSA on P-256 with SHA-256, signature as r and s.
    EcdsaP256Raw,
    /// ECDSA on P-256 with SHA-1, signature in DER.
    EcdsaP256Sha1,
    /// ECDSA on P-384 with SHA-384, signature as r and s.
    EcdsaP384Raw,
    /// RSA PKCS#1 v1.5 with SHA-1.
    RsaSha1,
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// RSA PSS with SHA-256.
    RsaPssSha256,
    /// RSA PSS with SHA-384.
    RsaPssSha384,
    /// RSA PSS with SHA-512.
    RsaPssSha512,
}

/// Kinds of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA.
    Rsa,
    /// A point on P-256.
    P256,
    /// A point on P-384.
    P384,
    /// A point on Curve25519, for Ed25519.
    Ed25519,
}

impl Algorithm {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacMd5 => "HMAC-MD5",
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha384 => "HMAC-SHA384",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Token => "shared token",
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 => "ECDSA P-256 SHA-256",
            Self::EcdsaP256Raw => "ECDSA P-256 SHA-256 (r and s)",
            Self::EcdsaP256Sha1 => "ECDSA P-256 SHA-1",
            Self::EcdsaP384Raw => "ECDSA P-384 SHA-384 (r and s)",
            Self::RsaSha1 => "RSA PKCS#1 v1.5 SHA-1",
            Self::RsaSha256 => "RSA PKCS#1 v1.5 SHA-256",
            Self::RsaSha384 => "RSA PKCS#1 v1.5 SHA-384",
            Self::RsaSha512 => "RSA PKCS#1 v1.5 SHA-512",
            Self::RsaPssSha256 => "RSA PSS SHA-256",
            Self::RsaPssSha384 => "RSA PSS SHA-384",
            Self::RsaPssSha512 => "RSA PSS SHA-512",
        }
    }

    /// Whether it is checked with the sender's public key, so that only the sender can sign.
    pub const fn is_public(self) -> bool {
        self.key_kind().is_some()
    }

    /// Whether it is a MAC with a shared secret.
    pub const fn is_hmac(self) -> bool {
        matches!(self, Self::HmacMd5 | Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// The kind of public key that it needs; `None` for those with a shared secret.
    pub const fn key_kind(self) -> Option<KeyKind> {
        match self {
            Self::Ed25519 => Some(KeyKind::Ed25519),
            Self::EcdsaP256 | Self::EcdsaP256Raw | Self::EcdsaP256Sha1 => Some(KeyKind::P256),
            Self::EcdsaP384Raw => Some(KeyKind::P384),
            Self::RsaSha1
            | Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512 => Some(KeyKind::Rsa),
            _ => None,
        }
    }
}
