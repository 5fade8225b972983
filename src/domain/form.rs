//! Forms and queries (`application/x-www-form-urlencoded`, WHATWG URL section 5), byte for byte.

use std::borrow::Cow;

/// The byte that the two hex digits at `at` stand for; none when they are not two.
pub fn hex_pair(text: &[u8], at: usize) -> Option<u8> {
    let mut byte = [0];
    hex::decode_to_slice(text.get(at..at + 2)?, &mut byte).ok()?;
    let [byte] = byte;
    Some(byte)
}

/// `%XX` and `+` read into bytes; a broken escape stays as it is.
pub fn form_decode(text: &[u8]) -> Vec<u8> {
    form_decode_cow(text).into_owned()
}

/// As [`form_decode`], copied only where there is something to decode.
pub fn form_decode_cow(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr2(b'%', b'+', text) else { return Cow::Borrowed(text) };
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(text.get(..first).unwrap_or_default());
    let mut at = first;
    while let Some(byte) = text.get(at) {
        let escape = (*byte == b'%').then(|| hex_pair(text, at + 1)).flatten();
        out.push(escape.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
        at += if escape.is_some() { 3 } else { 1 };
    }
    Cow::Owned(out)
}

/// `%XX` alone read into bytes, as in a path: `+` stays. `None` where there is nothing to decode.
pub fn percent_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut is_changed) = (0, false);
    while let Some(byte) = text.get(at) {
        let escape = (*byte == b'%').then(|| hex_pair(text, at + 1)).flatten();
        out.push(escape.unwrap_or(*byte));
        at += if escape.is_some() { 3 } else { 1 };
        is_changed |= escape.is_some();
    }
    is_changed.then_some(out)
}

/// The decoded names and values of a form or query, in order.
pub fn form_fields(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    form_fields_cow(text).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// As [`form_fields`], copied only where there is something to decode.
pub fn form_fields_cow(text: &[u8]) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_at(memchr::memchr(b'=', pair).unwrap_or(pair.len()));
        (form_decode_cow(name), form_decode_cow(value.get(1..).unwrap_or_default()))
    })
}
