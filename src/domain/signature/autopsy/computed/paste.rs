//! A digest as somebody pasted it: out of a log, a debugger, a test's failure.

use base64::Engine;

use crate::domain::signature::autopsy::targets::{self, Reading, Target};
use crate::domain::signature::crypto::{BASE64_LOOSE, BASE64URL_LOOSE};

/// What a text may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// Bytes of a whole digest, or of the beginning of one.
    pub bytes: Vec<u8>,
    /// How they were read.
    pub reading: Reading,
}

/// The beginning of a digest counts from this many bytes on: by chance one in 2^48 trials fits.
const BEGINNING_BYTES_MIN: usize = 6;
/// No digest is written in more characters.
const CHARACTERS_MAX: usize = 8192;

/// All readings of a pasted text, the likeliest first; none when it is no digest.
pub fn read(text: &str) -> Vec<Pasted> {
    let mut all: Vec<Pasted> = Vec::new();
    let mut add = |bytes: Vec<u8>, reading: Reading| {
        if bytes.len() >= BEGINNING_BYTES_MIN && all.iter().all(|known| known.bytes != bytes) {
            all.push(Pasted { bytes, reading });
        }
    };
    if text.len() > CHARACTERS_MAX {
        return all;
    }
    let bare = bare(text);
    for Target { bytes, encoding, .. } in targets::of_value(bare.as_bytes()) {
        add(bytes, encoding);
    }
    let item = bare.rsplit(['=', ',']).find(|part| part.len() >= 2 * BEGINNING_BYTES_MIN);
    for text in [Some(bare.as_str()), without_padding_cut(&bare), item].into_iter().flatten() {
        let packed: String = text.chars().filter(|char| !matches!(char, ':' | ' ' | '-')).collect();
        let hex_digits = packed.len() - packed.len() % 2;
        if let Some(Ok(bytes)) = packed.get(..hex_digits).map(hex::decode) {
            let upper = packed.bytes().any(|byte| byte.is_ascii_uppercase());
            add(bytes, if upper { Reading::HexUpper } else { Reading::Hex });
            continue;
        }
        let whole = text.len() - text.len() % 4;
        let Some(head) = text.get(..whole) else { continue };
        if let Ok(bytes) = BASE64_LOOSE.decode(head) {
            add(bytes, Reading::Base64);
        } else if let Ok(bytes) = BASE64URL_LOOSE.decode(head) {
            add(bytes, Reading::Base64Url);
        }
    }
    all
}

/// Base64 that lost its end may have a whole group and a part of one before the padding.
fn without_padding_cut(text: &str) -> Option<&str> {
    let bare = text.trim_end_matches('=');
    (bare.len() != text.len()).then_some(bare)
}

/// Without what languages and logs put round it: quotes, `b'..'`, `0x`, `<Buffer ..>`, and all behind an ellipsis.
fn bare(text: &str) -> String {
    let mut text = text.trim();
    if let Some(inside) = text.strip_prefix("<Buffer ").and_then(|rest| rest.strip_suffix('>')) {
        text = inside.trim();
    }
    for quote in ['\'', '"', '`'] {
        let from = text.strip_prefix('b').filter(|rest| rest.starts_with(quote)).unwrap_or(text);
        if let Some(inside) = from.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            text = inside.trim();
        }
    }
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let end = text.find('…').or_else(|| text.find("...")).unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests;
