//! MD5 (RFC 1321), which a few old schemes still use and ring rightly has not. Never for anything of our own.

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The digest of the pieces joined.
pub fn digest<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut message: Vec<u8> = pieces.flatten().copied().collect();
    let bits = (message.len() as u64).wrapping_mul(8);
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend_from_slice(&bits.to_le_bytes());
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in message.as_chunks::<64>().0 {
        compress(&mut state, block);
    }
    let mut out = [0; 16];
    for (word, place) in state.iter().zip(out.as_chunks_mut::<4>().0) {
        *place = word.to_le_bytes();
    }
    out
}

fn compress(state: &mut [u32; 4], block: &[u8; 64]) {
    let mut words = [0u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for step in 0..64 {
        let (mix, word) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
            2 => (b ^ c ^ d, (3 * step + 5) % 16),
            _ => (c ^ (b | !d), (7 * step) % 16),
        };
        let sum = a.wrapping_add(mix).wrapping_add(constant(step)).wrapping_add(words[word]);
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4]));
    }
    for (word, more) in state.iter_mut().zip([a, b, c, d]) {
        *word = word.wrapping_add(more);
    }
}

/// RFC 1321 section 3.4: the integer part of 2^32 times |sin(step + 1)|.
fn constant(step: usize) -> u32 {
    ((step as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32
}

/// HMAC (RFC 2104) over it.
pub fn hmac<'a>(key: &[u8], pieces: impl Iterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut block = [0u8; 64];
    let short = if key.len() > 64 { digest(std::iter::once(key)).to_vec() } else { key.to_vec() };
    for (place, byte) in block.iter_mut().zip(&short) {
        *place = *byte;
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let (inside, outside) = (pad(0x36), pad(0x5c));
    let message: Vec<&[u8]> = pieces.collect();
    let inner = digest(std::iter::once(inside.as_slice()).chain(message.iter().copied()));
    digest([outside.as_slice(), inner.as_slice()].into_iter())
}
