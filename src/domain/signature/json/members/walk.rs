//! The way through one object: which of the places of a block belong to the object itself, and which to strings and values in it.

use crate::domain::signature::json::text::skip_blank;

/// What one step reads.
pub(super) const BLOCK_BYTES: usize = 64;
/// So many bytes.
pub(super) type Block = [u8; BLOCK_BYTES];

/// Where in a block what is; the first byte is the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    pub quotes: u64,
    pub backslashes: u64,
    /// `{` and `[`.
    pub opens: u64,
    /// `}` and `]`.
    pub closes: u64,
}

impl Places {
    /// Byte by byte: for processors without the instructions that compare many at once.
    pub(super) fn of(block: &Block) -> Self {
        let mut places = Self::default();
        for (at, byte) in block.iter().enumerate() {
            let bit = 1 << at;
            match byte {
                b'"' => places.quotes |= bit,
                b'\\' => places.backslashes |= bit,
                b'{' | b'[' => places.opens |= bit,
                b'}' | b']' => places.closes |= bit,
                _ => {}
            }
        }
        places
    }
}

/// What the next quote in the object itself is.
#[derive(Clone, Copy)]
enum Step {
    /// The first of a key.
    Key,
    /// The last of a key that starts there.
    InKey(usize),
    /// The first of the value when it is there, else that of the next key.
    Value(usize),
    /// The last of a value.
    InValue,
}

/// The way through one object, block by block.
pub(super) struct Walk<'a, T> {
    json: &'a [u8],
    at: usize,
    strings: Strings,
    depth: usize,
    step: Step,
    tell: T,
}

impl<'a, T: FnMut(&'a [u8], usize) -> bool> Walk<'a, T> {
    /// From the brace of an object on.
    pub(super) fn new(json: &'a [u8], at: usize, tell: T) -> Self {
        Self { json, at, strings: Strings::default(), depth: 0, step: Step::Key, tell }
    }

    /// Goes through all blocks; `places_of` says where in each of them what is.
    #[inline(always)]
    pub(super) fn run(mut self, places_of: impl Fn(&Block) -> Places) {
        loop {
            let rest = self.json.get(self.at..).unwrap_or_default();
            let mut last = [b' '; BLOCK_BYTES];
            let block = match rest.first_chunk::<BLOCK_BYTES>() {
                Some(block) => block,
                None if rest.is_empty() => return,
                None => {
                    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                    &last
                }
            };
            let places = places_of(block);
            let (quotes, inside) = self.strings.next(places);
            let (opens, closes) = (places.opens & !inside, places.closes & !inside);
            let closed = closes.count_ones() as usize;
            if self.depth > closed + 1 {
                // It cannot come back to the object itself in here.
                self.depth = self.depth + opens.count_ones() as usize - closed;
            } else if !self.look(quotes, opens, closes) {
                return;
            }
            self.at += BLOCK_BYTES;
        }
    }

    /// Goes through a block in which the object itself goes on; whether there is more.
    fn look(&mut self, quotes: u64, opens: u64, closes: u64) -> bool {
        let mut signs = quotes | opens | closes;
        while signs != 0 {
            let at = self.at + signs.trailing_zeros() as usize;
            let sign = signs & signs.wrapping_neg();
            signs ^= sign;
            if opens & sign != 0 {
                self.depth += 1;
            } else if closes & sign != 0 {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return false;
                }
            } else if self.depth == 1 && !self.quote(at) {
                return false;
            }
        }
        true
    }

    /// A quote in the object itself; whether more is wanted.
    fn quote(&mut self, at: usize) -> bool {
        self.step = match self.step {
            Step::Key => Step::InKey(at + 1),
            Step::InKey(start) => {
                let colon = skip_blank(self.json, at + 1);
                let value = skip_blank(self.json, colon + 1);
                let key = self.json.get(start..at).unwrap_or_default();
                if self.json.get(colon) != Some(&b':') || !(self.tell)(key, value) {
                    return false;
                }
                Step::Value(value)
            }
            Step::Value(start) if start == at => Step::InValue,
            Step::Value(_) => Step::InKey(at + 1),
            Step::InValue => Step::Key,
        };
        true
    }
}

/// What is inside of strings, from block to block.
#[derive(Default)]
struct Strings {
    /// All ones inside of a string.
    inside: u64,
    /// 1 when the first byte of the next block is escaped.
    escaped: u64,
}

impl Strings {
    /// The quotes that begin or end a string, and what is inside of one: with its first quote, without its last.
    fn next(&mut self, places: Places) -> (u64, u64) {
        let quotes = places.quotes & !self.escaped_by(places.backslashes);
        // Each bit becomes the parity of the quotes up to it.
        let mut inside = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << shift;
        }
        inside ^= self.inside;
        self.inside = (inside.cast_signed() >> 63).cast_unsigned();
        (quotes, inside)
    }

    /// The bytes behind an odd number of backslashes.
    fn escaped_by(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        if backslashes == 0 {
            return std::mem::take(&mut self.escaped);
        }
        let backslashes = backslashes & !self.escaped;
        let follows = backslashes << 1 | self.escaped;
        let odd_starts = backslashes & !EVEN & !follows;
        let (runs, over) = odd_starts.overflowing_add(backslashes);
        self.escaped = u64::from(over);
        (EVEN ^ (runs << 1)) & follows
    }
}
