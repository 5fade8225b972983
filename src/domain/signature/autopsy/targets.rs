//! What a signature's text may stand for: its bytes under every encoding.

use base64::Engine;

use crate::domain::signature::crypto::{BASE64_LOOSE, BASE64URL_LOOSE};
use crate::domain::signature::found::Found;
use crate::domain::signature::scheme::{Encoding, Scheme};

/// How a text was read into bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Lower-case hex.
    Hex,
    /// Hex with upper-case digits.
    HexUpper,
    /// Base64 with padding.
    Base64,
    /// Base64 without padding, or with other trailing bits.
    Base64Unpadded,
    /// Base64url.
    Base64Url,
    /// Base64 of hex text.
    Base64OfHex,
    /// Hex of base64 text.
    HexOfBase64,
}

impl Reading {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::HexUpper => "upper-case hex",
            Self::Base64 => "base64",
            Self::Base64Unpadded => "base64 without padding",
            Self::Base64Url => "base64url",
            Self::Base64OfHex => "base64 of the hex text",
            Self::HexOfBase64 => "hex of the base64 text",
        }
    }

    /// Whether it is what the scheme writes.
    pub const fn covers(self, encoding: Encoding) -> bool {
        matches!(
            (self, encoding),
            (Self::Hex, Encoding::Hex)
                | (Self::HexUpper, Encoding::HexUpper)
                | (Self::Base64, Encoding::Base64)
                | (Self::Base64Url, Encoding::Base64Url)
                | (Self::Base64OfHex, Encoding::Base64OfHex)
        )
    }
}

/// Bytes that a text may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How they were read.
    pub encoding: Reading,
    /// The name in the list that it stood under.
    pub name: Option<String>,
}

/// At most so many are looked at.
const TARGETS_MAX: usize = 64;
/// The shortest digest is MD5's.
const DIGEST_BYTES_MIN: usize = 16;

/// Of all that was found.
pub fn of(scheme: &Scheme, found: &Found) -> Vec<Target> {
    let mut all = Vec::new();
    found.signatures.iter().for_each(|text| readings(text, None, &mut all));
    for (name, text) in &found.list {
        let accepted = scheme.list.as_ref().is_some_and(|list| list.accept.contains(name));
        readings(text, (!accepted).then(|| name.clone()), &mut all);
    }
    for came in &found.came {
        pieces(came, &mut all);
    }
    all.truncate(TARGETS_MAX);
    all
}

/// Of one value of unknown form.
pub fn of_value(value: &[u8]) -> Vec<Target> {
    let mut all = Vec::new();
    pieces(value, &mut all);
    all.truncate(TARGETS_MAX);
    all
}

/// The value itself, what stands behind a prefix, and the items of a list.
fn pieces(value: &[u8], all: &mut Vec<Target>) {
    if value.len() > 8192 {
        return;
    }
    readings(value, None, all);
    for item in value.split(|byte| matches!(byte, b',' | b';' | b' ')) {
        let item = item.trim_ascii();
        readings(item, None, all);
        if let Some(at) = item.iter().position(|byte| matches!(byte, b'=' | b':')) {
            readings(item.get(at + 1..).unwrap_or_default(), None, all);
        }
    }
}

fn readings(text: &[u8], name: Option<String>, all: &mut Vec<Target>) {
    let mut add = |bytes: Vec<u8>, encoding| {
        let known = all.iter().any(|target: &Target| target.bytes == bytes && target.encoding == encoding);
        if bytes.len() >= DIGEST_BYTES_MIN && !known {
            all.push(Target { bytes, encoding, name: name.clone() });
        }
    };
    let text = text.trim_ascii();
    if let Ok(bytes) = hex::decode(text) {
        let upper = text.iter().any(u8::is_ascii_uppercase);
        if let Ok(inner) = BASE64_LOOSE.decode(&bytes) {
            add(inner, Reading::HexOfBase64);
        }
        add(bytes, if upper { Reading::HexUpper } else { Reading::Hex });
        return;
    }
    if let Ok(bytes) = BASE64_LOOSE.decode(text) {
        if let Ok(inner) = hex::decode(&bytes) {
            add(inner, Reading::Base64OfHex);
        }
        let padded = text.len().is_multiple_of(4);
        add(bytes, if padded { Reading::Base64 } else { Reading::Base64Unpadded });
    } else if let Ok(bytes) = BASE64URL_LOOSE.decode(text) {
        add(bytes, Reading::Base64Url);
    }
}
