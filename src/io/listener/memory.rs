//! Where a body lies while it is read and for as long as it is kept.

use bytes::Bytes;
use memmap2::MmapMut;

/// Bodies from this size on get memory of their own from the system, to which it goes back the moment they are let go. Allocators
/// keep what was large for the next one, each thread for itself: with 256 bodies of 10 MiB at once that came to twice as much.
pub const OWN_BYTES: usize = 1024 * 1024;

/// Memory that grows as bytes come.
#[derive(Debug)]
pub struct Memory(Kind);

#[derive(Debug)]
enum Kind {
    Shared(Vec<u8>),
    /// Of the system, and how much of it is filled. What is not filled takes no memory.
    Own(MmapMut, usize),
}

impl Default for Memory {
    fn default() -> Self {
        Self(Kind::Shared(Vec::new()))
    }
}

impl Memory {
    /// How many bytes are there.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kind::Shared(bytes) => bytes.len(),
            Kind::Own(_, filled) => *filled,
        }
    }

    /// Makes room for a body of so many bytes in all: more may come, and is moved then.
    pub fn make_room(&mut self, bytes_len: usize) {
        if bytes_len < OWN_BYTES {
            if let Kind::Shared(bytes) = &mut self.0 {
                bytes.reserve_exact(bytes_len.saturating_sub(bytes.len()));
            }
            return;
        }
        let has = match &self.0 {
            Kind::Shared(_) => 0,
            Kind::Own(own, _) => own.len(),
        };
        if has >= bytes_len {
            return;
        }
        let before = self.as_slice();
        let moved = MmapMut::map_anon(bytes_len).ok().and_then(|mut own| {
            own.get_mut(..before.len())?.copy_from_slice(before);
            Some(Kind::Own(own, before.len()))
        });
        // Without any it lies where the others do.
        self.0 = moved.unwrap_or_else(|| Kind::Shared(before.to_vec()));
    }

    /// Adds what came.
    pub fn extend(&mut self, more: &[u8]) {
        let len = self.len() + more.len();
        if let Kind::Own(own, _) = &self.0
            && own.len() < len
        {
            self.make_room(len.saturating_mul(2));
        }
        match &mut self.0 {
            Kind::Shared(bytes) => bytes.extend_from_slice(more),
            Kind::Own(own, filled) => {
                if let Some(place) = own.get_mut(*filled..len) {
                    place.copy_from_slice(more);
                    *filled = len;
                }
            }
        }
    }

    /// What is there.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Kind::Shared(bytes) => bytes,
            Kind::Own(own, filled) => own.get(..*filled).unwrap_or_default(),
        }
    }
}

impl AsRef<[u8]> for Memory {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl From<Memory> for Bytes {
    /// What is kept pins no more memory than it counts.
    fn from(memory: Memory) -> Self {
        match memory.0 {
            // It could have been larger; the system gives large pages, of which it may fill one by a few bytes.
            Kind::Own(_, filled) if filled < OWN_BYTES => Self::copy_from_slice(memory.as_slice()),
            Kind::Shared(mut bytes) => {
                bytes.shrink_to_fit();
                bytes.into()
            }
            Kind::Own(..) => Self::from_owner(memory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_there_wherever_it_lies() {
        let pieces: Vec<Vec<u8>> = (0..100u8).map(|piece| vec![piece; 37_123]).collect();
        let whole = pieces.concat();
        // Nothing expected, less than comes, all of it, and more.
        for (first, later) in [(0, 0), (2048, OWN_BYTES), (OWN_BYTES, 0), (whole.len(), 0), (whole.len() * 2, 5)] {
            let mut memory = Memory::default();
            memory.make_room(first);
            for (at, piece) in pieces.iter().enumerate() {
                if at == 3 {
                    memory.make_room(later);
                }
                memory.extend(piece);
                assert_eq!(memory.len(), (at + 1) * 37_123);
            }
            assert_eq!(memory.as_slice(), whole);
            assert_eq!(matches!(memory.0, Kind::Own(..)), first.max(later) >= OWN_BYTES);
            assert_eq!(Bytes::from(memory), whole);
        }
        let mut memory = Memory::default();
        memory.make_room(OWN_BYTES);
        memory.extend(b"few");
        assert_eq!(Bytes::from(memory), b"few".as_slice());
    }
}
