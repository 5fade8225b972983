//! Escapes what goes into a JSON string, several gigabytes a second: webhooks are mostly JSON, and JSON within JSON has a quote
//! every few bytes. Besides what JSON asks for, DEL and the C1 controls (U+0080 to U+009F) are escaped: `tail -f` on a
//! session file must not drive the terminal.
//!
//! On x86-64 with SSSE3 (all since 2006) or AVX2 by shuffles: see `wide`. Elsewhere by a table.

mod one;
#[cfg(target_arch = "x86_64")]
mod wide;

use one::{SCRATCH_BYTES, escape_of};

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
/// The most that one step stores: eight escapes of six bytes.
const STEP_BYTES: usize = 48;
/// What each byte becomes when that is one or two bytes: those, and how many. 0: [`escape_of`] knows.
///
/// JSON within JSON has a quote every few bytes: what each byte is must not be a branch there, because it would be guessed
/// wrong every few bytes too.
static SHORT: [([u8; 2], u8); 256] = short_escapes();

/// Escapes strings. Made once and reused.
#[derive(Debug)]
pub(super) struct Escaper {
    scratch: Box<[u8; SCRATCH_BYTES]>,
    #[cfg(target_arch = "x86_64")]
    wide: Option<wide::Wide>,
}

impl Default for Escaper {
    fn default() -> Self {
        Self {
            scratch: Box::new([0; SCRATCH_BYTES]),
            #[cfg(target_arch = "x86_64")]
            wide: wide::Wide::detect(),
        }
    }
}

impl Escaper {
    /// Adds the inside of a JSON string to `out`. The text is known to be UTF-8.
    pub(super) fn escape(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let clean = clean_prefix(text);
        let (clean, rest) = text.split_at(clean);
        out.extend_from_slice(clean);
        if rest.is_empty() {
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(wide) = self.wide {
            wide.escape(rest, &mut self.scratch, out);
            return;
        }
        self.by_table(rest, out);
    }

    /// By bytes of a table, eight at a step.
    fn by_table(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let scratch = &mut self.scratch;
        let mut from = 0;
        let mut to = 0;
        while let Some(chunk) = text[from..].first_chunk::<8>() {
            if to > SCRATCH_BYTES - STEP_BYTES {
                out.extend_from_slice(&scratch[..to]);
                to = 0;
            }
            if special_bytes(u64::from_le_bytes(*chunk)) == 0 {
                scratch[to..to + 8].copy_from_slice(chunk);
                from += 8;
                to += 8;
                continue;
            }
            for byte in chunk {
                let (pair, length) = SHORT[usize::from(*byte)];
                if length == 0 {
                    let (read, escape, length) = escape_of(&text[from..]);
                    scratch[to..to + 6].copy_from_slice(&escape);
                    from += read;
                    to += length;
                    // It may have read beyond this byte.
                    break;
                }
                scratch[to..to + 2].copy_from_slice(&pair);
                from += 1;
                to += usize::from(length);
            }
        }
        out.extend_from_slice(&scratch[..to]);
        while from < text.len() {
            let (read, escape, length) = escape_of(&text[from..]);
            out.extend_from_slice(&escape[..length]);
            from += read;
        }
    }
}

const fn short_escapes() -> [([u8; 2], u8); 256] {
    let mut table = [([0, 0], 0); 256];
    let mut byte = 0;
    while byte < table.len() {
        let plain = byte as u8;
        table[byte] = match plain {
            b'"' | b'\\' => ([b'\\', plain], 2),
            b'\n' => (*b"\\n", 2),
            b'\r' => (*b"\\r", 2),
            b'\t' => (*b"\\t", 2),
            0x00..=0x1f | 0x7f | 0xc2 => ([0, 0], 0),
            _ => ([plain, 0], 1),
        };
        byte += 1;
    }
    table
}

/// Whether all bytes are ASCII that stands for itself in a JSON string.
pub(super) fn is_plain(text: &[u8]) -> bool {
    let fits = |chunk: &[u8; 8]| {
        let word = u64::from_le_bytes(*chunk);
        special_bytes(word) | (word & HIGHS) == 0
    };
    // The end once more: looked at twice is faster than byte by byte.
    if let Some(end) = text.last_chunk::<8>() {
        return text.chunks_exact(8).all(|chunk| chunk.first_chunk().is_some_and(fits)) && fits(end);
    }
    let (start, end) = match (text.first_chunk::<4>(), text.last_chunk::<4>(), text) {
        (Some(start), Some(end), _) => (*start, *end),
        (_, _, [first, .., last]) => ([*first, *last, *text.get(1).unwrap_or(last), b' '], [b' '; 4]),
        (_, _, [only]) => ([*only, b' ', b' ', b' '], [b' '; 4]),
        _ => return true,
    };
    let [a, b, c, d] = start;
    let [e, f, g, h] = end;
    fits(&[a, b, c, d, e, f, g, h])
}

/// How many bytes at the start need no escape, in steps of eight and a careful end.
fn clean_prefix(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = text[at..].first_chunk::<8>() {
        let special = special_bytes(u64::from_le_bytes(*chunk));
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + text[at..].iter().position(|byte| is_special(*byte)).unwrap_or(text.len() - at)
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7f | 0xc2)
}

/// A high bit at the first byte that [`is_special`]; bits above the first one may be false.
fn special_bytes(word: u64) -> u64 {
    let equals = |byte: u8| {
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference
    };
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    (below_space | equals(b'"') | equals(b'\\') | equals(0x7f) | equals(0xc2)) & HIGHS
}

#[cfg(test)]
mod tests;
