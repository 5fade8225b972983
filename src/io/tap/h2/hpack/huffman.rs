//! The Huffman code of RFC 7541 appendix B. It is canonical: the lengths alone give the codes.

/// Bits of each byte's code; the last one is the end mark.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30
];
const END_MARK: u16 = 256;
const BITS_MAX: usize = 30;
/// Codes of so many bits are looked up at once: the letters, digits and marks of which headers consist.
const FAST_BITS: usize = 8;

/// What decoding needs, made by the compiler.
struct Tables {
    /// Symbols by the length of their code, then by their value.
    symbols: [u16; 257],
    /// Of each length: the first code, where its symbols begin, and how many there are.
    first_code: [u32; BITS_MAX + 1],
    begin: [usize; BITS_MAX + 1],
    count: [u32; BITS_MAX + 1],
    /// By the next bits: symbol and length; length 0: a longer code.
    fast: [(u8, u8); 1 << FAST_BITS],
}

static TABLES: Tables = tables();

const fn tables() -> Tables {
    let mut tables = Tables {
        symbols: [0; 257],
        first_code: [0; BITS_MAX + 1],
        begin: [0; BITS_MAX + 1],
        count: [0; BITS_MAX + 1],
        fast: [(0, 0); 1 << FAST_BITS],
    };
    let (mut code, mut placed, mut bits) = (0u32, 0, 1);
    while bits <= BITS_MAX {
        code <<= 1;
        tables.first_code[bits] = code;
        tables.begin[bits] = placed;
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == bits {
                tables.symbols[placed] = symbol as u16;
                if bits <= FAST_BITS {
                    let shift = FAST_BITS - bits;
                    let mut low = 0;
                    while low < 1 << shift {
                        tables.fast[((code as usize) << shift) | low] = (symbol as u8, bits as u8);
                        low += 1;
                    }
                }
                placed += 1;
                tables.count[bits] += 1;
                code += 1;
            }
            symbol += 1;
        }
        bits += 1;
    }
    tables
}

/// The bytes that were coded. `None`: an end mark inside, or padding that is not its first bits, or more than 7 bits of it
/// (section 5.2).
pub fn decode(coded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(coded.len() + coded.len() / 2);
    // The next bits, from the top.
    let mut window = 0u64;
    let mut filled = 0usize;
    let mut bytes = coded.iter();
    loop {
        while filled <= 56
            && let Some(byte) = bytes.next()
        {
            window |= u64::from(*byte) << (56 - filled);
            filled += 8;
        }
        if filled == 0 {
            return Some(decoded);
        }
        let (symbol, bits) = TABLES.fast.get((window >> (64 - FAST_BITS)) as usize).copied().unwrap_or_default();
        let (symbol, bits) = match bits {
            0 => slow(window).unwrap_or((END_MARK, BITS_MAX)),
            _ => (u16::from(symbol), usize::from(bits)),
        };
        if bits > filled {
            let padding = window >> (64 - filled);
            return (filled < 8 && padding == (1 << filled) - 1).then_some(decoded);
        }
        decoded.push(u8::try_from(symbol).ok()?);
        window <<= bits;
        filled -= bits;
    }
}

/// A code longer than [`FAST_BITS`] at the top of `window`.
fn slow(window: u64) -> Option<(u16, usize)> {
    (FAST_BITS + 1..=BITS_MAX).find_map(|bits| {
        let code = (window >> (64 - bits)) as u32;
        let place = code.checked_sub(*TABLES.first_code.get(bits)?)?;
        if place >= *TABLES.count.get(bits)? {
            return None;
        }
        let symbol = TABLES.symbols.get(TABLES.begin.get(bits)? + place as usize)?;
        Some((*symbol, bits))
    })
}
