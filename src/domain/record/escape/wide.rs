//! Escaping sixteen bytes at a step, or thirty-two with AVX2. Which bytes need a backslash is a number of as many bits; each eight of
//! them pick a shuffle that moves eight bytes apart and a mask that puts the backslashes between them. No branch depends on where the quotes are,
//! which could not be guessed.

use std::arch::x86_64::{__m128i, __m256i};

use pulp::NullaryFnOnce;
use pulp::x86::{V2, V3};

use super::one::{SCRATCH_BYTES, step_by_step};

/// What one step reads.
const STEP_BYTES: usize = 16;
/// The same with AVX2.
const WIDE_STEP_BYTES: usize = 32;
/// The most that one step stores: its bytes with a backslash each, and what the last store has beyond them.
const STORED_BYTES_MAX: usize = 2 * WIDE_STEP_BYTES + 16;

/// By which of eight bytes need a backslash: where each byte of the result comes from (128: nowhere), and the backslashes.
static APART: [([u8; 16], [u8; 16]); 256] = apart();

const fn apart() -> [([u8; 16], [u8; 16]); 256] {
    let mut table = [([128; 16], [0; 16]); 256];
    let mut mask = 0;
    while mask < table.len() {
        let (mut from, mut to) = (0, 0);
        while from < 8 {
            if (mask >> from) & 1 == 1 {
                table[mask].1[to] = b'\\';
                to += 1;
            }
            table[mask].0[to] = from as u8;
            to += 1;
            from += 1;
        }
        mask += 1;
    }
    table
}

/// That the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide {
    ssse3: V2,
    avx2: Option<V3>,
}

impl Wide {
    pub(super) fn detect() -> Option<Self> {
        V2::try_new().map(|ssse3| Self { ssse3, avx2: V3::try_new() })
    }

    /// Without AVX2, as on older processors.
    #[cfg(test)]
    pub(super) fn narrow(self) -> Self {
        Self { avx2: None, ..self }
    }

    /// Adds the escaped text to `out`.
    pub(super) fn escape(self, text: &[u8], scratch: &mut [u8; SCRATCH_BYTES], out: &mut Vec<u8>) {
        let mut from = 0;
        loop {
            if let Some(simd) = self.avx2.filter(|_| text.len() - from >= WIDE_STEP_BYTES) {
                let rest = text.get(from..).unwrap_or_default();
                from += simd.vectorize(WideSteps { simd, text: rest, scratch: &mut *scratch, out: &mut *out });
            }
            let rest = text.get(from..).unwrap_or_default();
            from +=
                self.ssse3.vectorize(Steps { simd: self.ssse3, text: rest, scratch: &mut *scratch, out: &mut *out });
            if from >= text.len() {
                return;
            }
            // A control character among the next bytes, or the end.
            from = step_by_step(text, from, from + STEP_BYTES, out);
        }
    }
}

/// Steps until one finds a byte that becomes more than a backslash and a letter, or too few are left. Gives how many bytes
/// were escaped.
struct Steps<'a> {
    simd: V2,
    text: &'a [u8],
    scratch: &'a mut [u8; SCRATCH_BYTES],
    out: &'a mut Vec<u8>,
}

impl NullaryFnOnce for Steps<'_> {
    type Output = usize;

    #[inline(always)]
    fn call(self) -> usize {
        let Self { simd, text, scratch, out } = self;
        let (sse2, ssse3) = (simd.sse2, simd.ssse3);
        let all = |byte: u8| sse2._mm_set1_epi8(byte.cast_signed());
        let (quote, backslash, newline) = (all(b'"'), all(b'\\'), all(b'\n'));
        let (newline_to_n, control_max, del, c1_lead) = (all(b'\n' ^ b'n'), all(0x1f), all(0x7f), all(0xc2));
        let apart = |bytes: __m128i, mask: usize| -> [u8; 16] {
            let (places, backslashes) = &APART[mask & 0xff];
            let moved = ssse3._mm_shuffle_epi8(bytes, pulp::cast(*places));
            pulp::cast(sse2._mm_or_si128(moved, pulp::cast(*backslashes)))
        };
        let (mut from, mut to) = (0, 0);
        while let Some(chunk) = text[from..].first_chunk::<STEP_BYTES>() {
            if to > SCRATCH_BYTES - STORED_BYTES_MAX {
                out.extend_from_slice(&scratch[..to]);
                to = 0;
            }
            let bytes: __m128i = pulp::cast(*chunk);
            let is = |byte: __m128i| sse2._mm_cmpeq_epi8(bytes, byte);
            let is_newline = is(newline);
            let is_control = sse2._mm_cmpeq_epi8(sse2._mm_min_epu8(bytes, control_max), bytes);
            let is_odd = sse2
                ._mm_or_si128(sse2._mm_andnot_si128(is_newline, is_control), sse2._mm_or_si128(is(del), is(c1_lead)));
            if sse2._mm_movemask_epi8(is_odd) != 0 {
                break;
            }
            let is_escaped = sse2._mm_or_si128(sse2._mm_or_si128(is(quote), is(backslash)), is_newline);
            // Sixteen bits: it fits.
            let mask = sse2._mm_movemask_epi8(is_escaped) as usize;
            if mask == 0 {
                scratch[to..to + 16].copy_from_slice(chunk);
                to += 16;
            } else {
                let letters = sse2._mm_xor_si128(bytes, sse2._mm_and_si128(is_newline, newline_to_n));
                let (low, high) = (mask & 0xff, mask >> 8);
                scratch[to..to + 16].copy_from_slice(&apart(letters, low));
                to += 8 + low.count_ones() as usize;
                scratch[to..to + 16].copy_from_slice(&apart(sse2._mm_unpackhi_epi64(letters, letters), high));
                to += 8 + high.count_ones() as usize;
            }
            from += STEP_BYTES;
        }
        out.extend_from_slice(&scratch[..to]);
        from
    }
}

/// As [`Steps`], twice as wide.
struct WideSteps<'a> {
    simd: V3,
    text: &'a [u8],
    scratch: &'a mut [u8; SCRATCH_BYTES],
    out: &'a mut Vec<u8>,
}

impl NullaryFnOnce for WideSteps<'_> {
    type Output = usize;

    #[inline(always)]
    fn call(self) -> usize {
        let Self { simd, text, scratch, out } = self;
        let (sse2, ssse3, avx, avx2) = (simd.sse2, simd.ssse3, simd.avx, simd.avx2);
        let all = |byte: u8| avx._mm256_set1_epi8(byte.cast_signed());
        let (quote, backslash, newline) = (all(b'"'), all(b'\\'), all(b'\n'));
        let (newline_to_n, control_max, del, c1_lead) = (all(b'\n' ^ b'n'), all(0x1f), all(0x7f), all(0xc2));
        let or = |a: __m256i, b: __m256i| avx2._mm256_or_si256(a, b);
        let apart = |bytes: __m128i, mask: usize| -> [u8; 16] {
            let (places, backslashes) = &APART[mask & 0xff];
            let moved = ssse3._mm_shuffle_epi8(bytes, pulp::cast(*places));
            pulp::cast(sse2._mm_or_si128(moved, pulp::cast(*backslashes)))
        };
        let (mut from, mut to) = (0, 0);
        while let Some(chunk) = text[from..].first_chunk::<WIDE_STEP_BYTES>() {
            if to > SCRATCH_BYTES - STORED_BYTES_MAX {
                out.extend_from_slice(&scratch[..to]);
                to = 0;
            }
            let bytes: __m256i = pulp::cast(*chunk);
            let is = |byte: __m256i| avx2._mm256_cmpeq_epi8(bytes, byte);
            let is_newline = is(newline);
            let is_control = avx2._mm256_cmpeq_epi8(avx2._mm256_min_epu8(bytes, control_max), bytes);
            let is_odd = or(avx2._mm256_andnot_si256(is_newline, is_control), or(is(del), is(c1_lead)));
            if avx2._mm256_movemask_epi8(is_odd) != 0 {
                break;
            }
            let is_escaped = or(or(is(quote), is(backslash)), is_newline);
            let mask = avx2._mm256_movemask_epi8(is_escaped).cast_unsigned() as usize;
            if mask == 0 {
                scratch[to..to + WIDE_STEP_BYTES].copy_from_slice(chunk);
                to += WIDE_STEP_BYTES;
            } else {
                let letters = avx2._mm256_xor_si256(bytes, avx2._mm256_and_si256(is_newline, newline_to_n));
                let [first, second]: [__m128i; 2] = pulp::cast(letters);
                for (letters, mask) in [(first, mask), (second, mask >> 16)] {
                    let (low, high) = (mask & 0xff, (mask >> 8) & 0xff);
                    scratch[to..to + 16].copy_from_slice(&apart(letters, low));
                    to += 8 + low.count_ones() as usize;
                    scratch[to..to + 16].copy_from_slice(&apart(sse2._mm_unpackhi_epi64(letters, letters), high));
                    to += 8 + high.count_ones() as usize;
                }
            }
            from += WIDE_STEP_BYTES;
        }
        out.extend_from_slice(&scratch[..to]);
        from
    }
}
