//! The right signature, damaged on the way: cut, wrapped in quotes or blanks, or with some characters changed. As much of it
//! as is there proves secret and signed bytes right, because nobody has a part of a MAC without the whole. Only the
//! diagnosis looks so closely, and it is for the user's eyes: a verdict is decided in constant time, and a sender learns
//! none of this.

use base64::Engine as _;

use super::{Diagnosis, Search, secrets};
use crate::domain::quantity::counted;
use crate::domain::signature::Cause;
use crate::domain::signature::crypto::{self, BASE64_LOOSE};
use crate::domain::signature::scheme::{Algorithm, Encoding};

/// Characters at an end that are no chance: 24 bits of hex, 36 of base64.
const CHARACTERS_MIN: usize = 6;
/// Bytes of a shorter digest that are none either.
const BYTES_MIN: usize = 4;
/// Signatures of one request that are looked at so closely, and the length of one.
const CANDIDATES_MAX: usize = 32;
const CANDIDATE_BYTES_MAX: usize = 4096;

/// What became of the right text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// Something stands round it or in it.
    Wrapped,
    /// It is written with escapes: which.
    Escaped(&'static str),
    /// Only a part came: which, in words.
    Cut(String),
    /// Some characters are others: how.
    Altered(String),
}

impl Search<'_> {
    /// The exact digest in quotes, blanks or line ends, and nothing else the matter with it.
    pub(super) fn wrapped(&self) -> Option<Diagnosis> {
        let scheme = self.corpse.scheme;
        self.exact_texts().iter().find_map(|text| {
            let whole = format!("{}{text}", scheme.prefix);
            let is_wrapped = |came: &Vec<u8>| {
                let cleaned = unwrapped(came);
                cleaned.len() != came.len() && (cleaned == whole.as_bytes() || cleaned == text.as_bytes())
            };
            let found = &self.corpse.evaluation.found;
            // A prefix of another kind stands before it; what stands behind it is none.
            let goes_on = |came: &Vec<u8>| came.len() > text.len() && came.starts_with(text.as_bytes());
            let in_signature = found.signatures.iter().any(|came| is_wrapped(came) || goes_on(came));
            let in_whole = || found.came.iter().any(|came| is_wrapped(came) && unwrapped(came) == whole.as_bytes());
            (in_signature || in_whole()).then(|| self.damaged(&Damage::Wrapped))?
        })
    }

    /// The exact digest, damaged.
    pub(super) fn nearly(&mut self) -> Option<Diagnosis> {
        if self.corpse.scheme.algorithm.is_public() {
            return self.too_short_for_its_key();
        }
        self.tried.push("the digest cut, wrapped, escaped or with some characters changed".into());
        let (texts, digests) = (self.exact_texts(), std::mem::take(&mut self.digests));
        let ignores_case = matches!(self.corpse.scheme.encoding, Encoding::Hex | Encoding::HexUpper);
        let candidates = self.candidates();
        // What is likeliest first: a cut of one is no damage of another.
        let damage = texts.iter().zip(&digests).find_map(|(text, digest)| {
            let compare = |came: &&[u8]| {
                let decoded = crypto::decode(self.corpse.scheme.encoding, came);
                let fewer = decoded.and_then(|bytes| fewer_bytes(&bytes, digest));
                // Whole bytes of the beginning are a cut, though the last character of their text is another.
                match damage(came, text, ignores_case) {
                    None | Some(Damage::Altered(_)) if fewer.is_some() => fewer,
                    other => other,
                }
            };
            candidates.iter().find_map(|came| compare(&came.as_slice()))
        });
        let diagnosis = self.damaged(&damage?);
        self.fits = true;
        diagnosis
    }

    /// A shared token that is a part of the right one, or stands in quotes. Its beginning alone proves little: many tokens
    /// of a provider begin alike.
    pub(super) fn token_damage(&self, came: &[u8], token: &[u8]) -> Option<Diagnosis> {
        if self.corpse.scheme.encoding == Encoding::BasicCredentials {
            return None;
        }
        let long_enough = came.len() >= CHARACTERS_MIN && came.len() * 2 >= token.len();
        match damage(came, &String::from_utf8_lossy(token), false) {
            Some(Damage::Altered(_)) | None => None,
            Some(Damage::Cut(_)) if !long_enough => None,
            Some(damage) => self.damaged(&damage),
        }
    }

    /// What the signature had to be, as the scheme writes it, under each secret.
    fn exact_texts(&self) -> Vec<String> {
        self.digests.iter().map(|digest| crypto::encode(self.corpse.scheme.encoding, digest)).collect()
    }

    /// What came in the place of a signature.
    fn candidates(&self) -> Vec<Vec<u8>> {
        let found = &self.corpse.evaluation.found;
        let mut all: Vec<Vec<u8>> = Vec::new();
        let mut add = |text: &[u8]| {
            let is_known = all.iter().any(|known| known == text);
            if !is_known && text.len() <= CANDIDATE_BYTES_MAX && all.len() < CANDIDATES_MAX {
                all.push(text.to_vec());
            }
        };
        found.signatures.iter().for_each(|text| add(text));
        found.list.iter().for_each(|(_, text)| add(text));
        for came in &found.came {
            add(came);
            if let Some(at) = came.iter().position(|byte| matches!(byte, b'=' | b':' | b' ')) {
                add(came.get(at + 1..).unwrap_or_default());
            }
        }
        all
    }

    pub(super) fn damaged(&self, damage: &Damage) -> Option<Diagnosis> {
        let place = self.corpse.scheme.place();
        let (right, what) = match self.corpse.scheme.algorithm {
            Algorithm::Token => ("the token is the right one", "token"),
            _ => ("the secret and the signed bytes are right", "signature"),
        };
        let (cause, detail) = match damage {
            Damage::Wrapped => (
                Cause::SignatureWrapped,
                format!(
                    "{right}, but other characters (quotes, blanks, line ends) stand round the {what} in {place} or in it: \
                     have the sender write it bare; a value that was printed as JSON or read from a file keeps them"
                ),
            ),
            Damage::Escaped(how) => (
                Cause::EncodingDiffers,
                format!("the digest is right, but {how}: put it into {place} as it is, without encoding it again"),
            ),
            Damage::Cut(how) => (
                Cause::SignatureTruncated,
                format!(
                    "{right}: {how}. Something cut the {what} in {place}: a column or variable that is too short, a log line that it was \
                     copied from, a limit for headers in a proxy"
                ),
            ),
            Damage::Altered(how) => (
                Cause::SignatureAltered,
                format!(
                    "{right}: {how}. Somebody or something changed the {what} itself in {place}, not what it signs: typed or edited by hand, \
                     changed on purpose as a test, or written through a case conversion"
                ),
            ),
        };
        self.invalid(cause, detail)
    }
}

/// What was done to `right` so that `came` came of it.
pub(super) fn damage(came: &[u8], right: &str, ignores_case: bool) -> Option<Damage> {
    let right = right.as_bytes();
    let same = |one: &[u8], other: &[u8]| if ignores_case { one.eq_ignore_ascii_case(other) } else { one == other };
    if came.is_empty() || right.len() < CHARACTERS_MIN || same(came, right) {
        return None;
    }
    let unescaped = secrets::percent_decode(came);
    if same(&unescaped, right) {
        return Some(Damage::Escaped("it is percent-escaped (`%2B` for `+`)"));
    }
    let blanks: Vec<u8> = came.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect();
    if !came.contains(&b'+') && same(&blanks, right) {
        return Some(Damage::Escaped("it has blanks for `+`, as a form is decoded"));
    }
    if BASE64_LOOSE.decode(came).is_ok_and(|inner| same(&inner, right)) {
        return Some(Damage::Escaped("its text is in base64 once more"));
    }
    if came.len() > right.len() {
        let kept: Vec<u8> = came.iter().copied().filter(|byte| is_word(*byte)).collect();
        let contains = came.windows(right.len()).any(|part| same(part, right));
        if contains || same(&kept, right) {
            return Some(Damage::Wrapped);
        }
    }
    let came = unwrapped(came);
    cut(came, right, same).or_else(|| altered(came, right, same))
}

/// Whether it may be part of a digest's text.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
}

/// Without quotes, blanks and line ends (also those written as `\n`) round it.
pub(super) fn unwrapped(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim_ascii();
        for mark in [&b"\""[..], b"'", b"`", b"\\n", b"\\r", b"\\\""] {
            rest = rest.strip_prefix(mark).unwrap_or(rest);
            rest = rest.strip_suffix(mark).unwrap_or(rest);
        }
        for (open, close) in [(b"<", b">"), (b"[", b"]"), (b"(", b")"), (b"{", b"}")] {
            let inner = rest.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            rest = inner.unwrap_or(rest);
        }
        if rest.len() == before {
            return rest;
        }
    }
}

fn cut(came: &[u8], right: &[u8], same: impl Fn(&[u8], &[u8]) -> bool) -> Option<Damage> {
    let whole = counted(right.len(), "character");
    for mark in ["…".as_bytes(), b"...", b"***", b".."] {
        let Some(at) = memchr::memmem::find(came, mark) else { continue };
        let (head, rest) = came.split_at(at);
        let tail = rest.get(mark.len()..).unwrap_or_default();
        let tail = tail.iter().position(|byte| !matches!(byte, b'.' | b'*')).and_then(|from| tail.get(from..));
        let tail = tail.unwrap_or_default();
        let fits = right.get(..head.len()).is_some_and(|part| same(part, head))
            && right
                .len()
                .checked_sub(tail.len())
                .and_then(|from| right.get(from..))
                .is_some_and(|part| same(part, tail));
        if fits && head.len() + tail.len() >= CHARACTERS_MIN && head.len() + tail.len() < right.len() {
            return Some(Damage::Cut(format!(
                "what came is the right one shortened for the eye, {} of its {whole}",
                head.len() + tail.len()
            )));
        }
    }
    let zeros = right.iter().take_while(|byte| **byte == b'0').count();
    if zeros > 0 && came.len() >= CHARACTERS_MIN && right.get(zeros..).is_some_and(|part| same(part, came)) {
        return Some(Damage::Cut(
            "its leading zeros are missing; it was written as a number, write every byte with two digits".into(),
        ));
    }
    let unpadded: Vec<u8> = right
        .chunks(2)
        .flat_map(
            |pair| if pair.len() == 2 && pair.first() == Some(&b'0') { pair.get(1..).unwrap_or(pair) } else { pair },
        )
        .copied()
        .collect();
    if unpadded.len() < right.len() && came.len() >= CHARACTERS_MIN && same(&unpadded, came) {
        return Some(Damage::Cut(
            "zeros are missing in it; each byte was written without its leading zero (`%x` for `%02x`)".into(),
        ));
    }
    if came.len() < CHARACTERS_MIN || came.len() >= right.len() {
        return None;
    }
    let count = came.len();
    if same(right.get(..count)?, came) {
        return Some(Damage::Cut(format!("what came is the beginning of the right one, {count} of {whole}")));
    }
    if same(right.get(right.len() - count..)?, came) {
        return Some(Damage::Cut(format!("what came is the end of the right one, {count} of {whole}")));
    }
    None
}

/// The first bytes of the digest, encoded by themselves.
fn fewer_bytes(came: &[u8], digest: &[u8]) -> Option<Damage> {
    let fits = (BYTES_MIN..digest.len()).contains(&came.len()) && digest.starts_with(came);
    fits.then(|| {
        Damage::Cut(format!("what came are the first {} of the {} bytes of the digest", came.len(), digest.len()))
    })
}

fn altered(came: &[u8], right: &[u8], same: impl Fn(&[u8], &[u8]) -> bool) -> Option<Damage> {
    if came.eq_ignore_ascii_case(right) {
        return Some(Damage::Altered("its capital and small letters were mixed up, which base64 tells apart".into()));
    }
    // Padding says nothing.
    let (came, right) = (came.trim_ascii_end(), right);
    let bare = |text: &[u8]| text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let (came, right) = (came.get(..bare(came))?, right.get(..bare(right))?);
    let is_same = |(one, other): &(&u8, &u8)| same(std::slice::from_ref(*one), std::slice::from_ref(*other));
    let head = came.iter().zip(right).take_while(is_same).count();
    let tail = came.iter().rev().zip(right.iter().rev()).take_while(is_same).count();
    let alike = came.iter().zip(right).filter(is_same).count();
    let mostly = came.len() == right.len() && alike * 4 >= right.len() * 3;
    // A list, a token or another text may begin or end like it; a signature has its length, or nearly.
    let about_as_long = came.len().abs_diff(right.len()) <= right.len() / 4;
    if !about_as_long || !(mostly || head >= CHARACTERS_MIN || tail >= CHARACTERS_MIN) {
        return None;
    }
    let whole = right.len();
    Some(Damage::Altered(match (came.len() == right.len(), head) {
        (true, _) => format!(
            "{alike} of its {whole} characters are the right ones, the first other one is character {}",
            head + 1
        ),
        (false, 0..CHARACTERS_MIN) => format!("its last {tail} of {whole} characters are the right ones"),
        (false, _) => format!("its first {head} of {whole} characters are the right ones"),
    }))
}

#[cfg(test)]
mod tests;
