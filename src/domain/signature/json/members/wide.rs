//! [`Places`] by comparing thirty-two bytes at once.

use std::arch::x86_64::__m256i;

use pulp::NullaryFnOnce;
use pulp::x86::V3;

use super::walk::{Block, Places, Walk};

/// That the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide(V3);

impl Wide {
    pub(super) fn detect() -> Option<Self> {
        V3::try_new().map(Self)
    }

    pub(super) fn run<'a, T: FnMut(&'a [u8], usize) -> bool>(self, walk: Walk<'a, T>) {
        self.0.vectorize(Run { simd: self.0, walk });
    }

    /// The places of one block.
    #[cfg(test)]
    pub(super) fn places(self, block: &Block) -> Places {
        places(self.0, block)
    }
}

/// A walk, compiled for these instructions.
struct Run<'a, T> {
    simd: V3,
    walk: Walk<'a, T>,
}

impl<'a, T: FnMut(&'a [u8], usize) -> bool> NullaryFnOnce for Run<'a, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let simd = self.simd;
        self.walk.run(
            #[inline(always)]
            |block| places(simd, block),
        );
    }
}

#[inline(always)]
fn places(simd: V3, block: &Block) -> Places {
    let halves: [__m256i; 2] = pulp::cast(*block);
    let (avx, avx2) = (simd.avx, simd.avx2);
    let of = |byte: u8, bytes: [__m256i; 2]| {
        let wanted = avx._mm256_set1_epi8(byte.cast_signed());
        let [low, high] =
            bytes.map(|half| avx2._mm256_movemask_epi8(avx2._mm256_cmpeq_epi8(half, wanted)).cast_unsigned());
        u64::from(high) << 32 | u64::from(low)
    };
    // This bit is all that `[` and `{`, and `]` and `}`, differ in.
    let differs = avx._mm256_set1_epi8(0x20);
    let braces = halves.map(|half| avx2._mm256_or_si256(half, differs));
    Places {
        quotes: of(b'"', halves),
        backslashes: of(b'\\', halves),
        opens: of(b'{', braces),
        closes: of(b'}', braces),
    }
}
