//! The little of DER and PEM that keys are written in (X.690, RFC 7468).

use base64::Engine as _;

use super::BASE64_LOOSE;

/// A DER object identifier.
pub const OBJECT: u8 = 0x06;
/// A DER number.
pub const INTEGER: u8 = 0x02;
/// A DER string of bits.
pub const BIT_STRING: u8 = 0x03;
/// A DER sequence.
pub const SEQUENCE: u8 = 0x30;

/// One DER element: tag, content, what follows.
pub fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
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

/// What stands between the lines of the first PEM block (of one line too), and what follows it.
pub fn pem_body(text: &str) -> Option<(Vec<u8>, String)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (_, rest) = rest.split_once("-----")?;
    let (body, rest) = rest.split_once("-----END")?;
    let packed: String = body.chars().filter(|char| !char.is_whitespace()).collect();
    Some((BASE64_LOOSE.decode(packed).ok()?, rest.to_owned()))
}
