//! Header compression, the reading half (RFC 7541), for a reader that follows hyper's.
//!
//! Not a library: those that show fields in order decode Huffman bit by bit through hash tables built for every string,
//! which cost more than all the rest of a request and let a sender buy seconds of processor time for a few megabytes. Here
//! a value named by its number in the table is shared, not copied, so that a small block cannot ask for much memory.

mod huffman;
mod table;

use bytes::Bytes;

use table::Table;

/// The size of the dynamic table that hyper grants (RFC 9113 section 6.5.2).
const TABLE_BYTES_MAX: usize = 4096;
/// Bytes of an integer, its prefix included: what it says then fits 32 bits. hyper draws the line at the same place.
const INTEGER_BYTES_MAX: usize = 5;
/// Changes of the table's size before the fields of a block. Nobody needs a third; a byte for each is work for no request.
const RESIZES_MAX: usize = 8;

/// Why a block cannot be decoded: the connection is lost then, since the tables of both sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// An index that is in no table.
    Index,
    /// An integer over the limit.
    Integer,
    /// The block ends inside a field.
    Cut,
    /// Huffman code for the end of the string, or padding that is none.
    Huffman,
    /// A table larger than granted.
    TableSize,
    /// A change of the table's size behind a field.
    SizeUpdate,
    /// One change of the table's size behind the other.
    SizeUpdates,
}

impl Wrong {
    /// In words, with the rule.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Index => "a field's index is in no table (RFC 7541 section 2.3.3)",
            Self::Integer => "an integer is longer than 5 bytes (RFC 7541 section 5.1)",
            Self::Cut => "the block ends inside a field (RFC 7541 section 5.2)",
            Self::Huffman => "a Huffman-coded string has wrong padding or an end mark (RFC 7541 section 5.2)",
            Self::TableSize => "the dynamic table is to be larger than the 4,096 bytes granted (RFC 7541 section 6.3)",
            Self::SizeUpdate => "the dynamic table's size is changed behind a field (RFC 7541 section 4.2)",
            Self::SizeUpdates => {
                "the dynamic table's size is changed again and again, where twice is enough (RFC 7541 section 4.2)"
            }
        }
    }
}

/// The state between two header blocks of a connection.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
}

impl Decoder {
    /// For a new connection.
    pub fn new() -> Self {
        Self { table: Table::new(TABLE_BYTES_MAX) }
    }

    /// Gives each field of a block to `field`, in order. Fields before a mistake are given too.
    ///
    /// # Errors
    /// [`Wrong`]: the block is not valid and the decoder of no use any more.
    pub fn decode(&mut self, block: &[u8], mut field: impl FnMut(Bytes, Bytes)) -> Result<(), Wrong> {
        let block = Bytes::copy_from_slice(block);
        let mut at = 0;
        let (mut may_resize, mut resizes) = (true, 0);
        while let Some(&first) = block.get(at) {
            if first & 0b1110_0000 == 0b0010_0000 {
                let size = integer(&block, &mut at, 5)?;
                if !may_resize {
                    return Err(Wrong::SizeUpdate);
                }
                if size > TABLE_BYTES_MAX {
                    return Err(Wrong::TableSize);
                }
                resizes += 1;
                if resizes > RESIZES_MAX {
                    return Err(Wrong::SizeUpdates);
                }
                self.table.resize(size);
                continue;
            }
            may_resize = false;
            if first & 0b1000_0000 != 0 {
                let index = integer(&block, &mut at, 7)?;
                let (name, value) = self.table.get(index).ok_or(Wrong::Index)?;
                field(name, value);
                continue;
            }
            let is_indexed = first & 0b0100_0000 != 0;
            let name = match integer(&block, &mut at, if is_indexed { 6 } else { 4 })? {
                0 => string(&block, &mut at)?,
                index => self.table.get(index).ok_or(Wrong::Index)?.0,
            };
            let value = string(&block, &mut at)?;
            if is_indexed {
                self.table.insert(&name, &value);
            }
            field(name, value);
        }
        Ok(())
    }
}

/// An integer whose first byte has so many bits of it.
fn integer(block: &[u8], at: &mut usize, prefix_bits: u32) -> Result<usize, Wrong> {
    let mask = (1usize << prefix_bits) - 1;
    let mut value = usize::from(*block.get(*at).ok_or(Wrong::Cut)?) & mask;
    *at += 1;
    if value < mask {
        return Ok(value);
    }
    for number in 0..INTEGER_BYTES_MAX - 1 {
        let byte = *block.get(*at).ok_or(Wrong::Cut)?;
        *at += 1;
        value += usize::from(byte & 0x7f) << (7 * number);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Wrong::Integer)
}

fn string(block: &Bytes, at: &mut usize) -> Result<Bytes, Wrong> {
    let is_huffman = block.get(*at).ok_or(Wrong::Cut)? & 0x80 != 0;
    let length = integer(block, at, 7)?;
    let end = at.checked_add(length).filter(|end| *end <= block.len()).ok_or(Wrong::Cut)?;
    let raw = block.slice(*at..end);
    *at = end;
    if is_huffman { huffman::decode(&raw).map(Bytes::from).ok_or(Wrong::Huffman) } else { Ok(raw) }
}

#[cfg(test)]
mod tests;
