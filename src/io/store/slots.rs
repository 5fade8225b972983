//! A list that grows by blocks: what is in it never moves, so that growing costs the same at the first and at the millionth.
//!
//! A `Vec` that doubles copies megabytes into memory that nobody has touched yet, while everybody who keeps a request waits, and takes
//! up to twice the room.

/// Items of a block.
const BLOCK_ITEMS: usize = 4096;

/// Items by number, from 0.
#[derive(Debug)]
pub(super) struct Slots<T> {
    /// All but the last are full.
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// How many.
    pub(super) fn len(&self) -> usize {
        let full = self.blocks.len().saturating_sub(1) * BLOCK_ITEMS;
        full + self.blocks.last().map_or(0, Vec::len)
    }

    /// Adds one at the end.
    pub(super) fn push(&mut self, item: T) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK_ITEMS => block.push(item),
            _ => {
                let mut block = Vec::with_capacity(BLOCK_ITEMS);
                block.push(item);
                self.blocks.push(block);
            }
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&T> {
        self.blocks.get(at / BLOCK_ITEMS)?.get(at % BLOCK_ITEMS)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.blocks.get_mut(at / BLOCK_ITEMS)?.get_mut(at % BLOCK_ITEMS)
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten()
    }

    /// In order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.blocks.iter_mut().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found_by_its_number_and_never_moves() {
        let mut slots = Slots::default();
        assert_eq!((slots.len(), slots.get(0)), (0, None));
        slots.push(0);
        let first = std::ptr::from_ref(slots.get(0).unwrap());
        for number in 1..3 * BLOCK_ITEMS + 7 {
            assert_eq!(slots.len(), number);
            slots.push(number);
        }
        assert_eq!(std::ptr::from_ref(slots.get(0).unwrap()), first);
        assert!(slots.iter().copied().eq(0..3 * BLOCK_ITEMS + 7));
        assert_eq!(slots.get(slots.len()), None);
        for at in [0, BLOCK_ITEMS - 1, BLOCK_ITEMS, 3 * BLOCK_ITEMS + 6] {
            assert_eq!(slots.get(at), Some(&at));
            *slots.get_mut(at).unwrap() = 1;
        }
        slots.iter_mut().for_each(|slot| *slot += 1);
        assert_eq!(slots.get(BLOCK_ITEMS), Some(&2));
        assert_eq!(slots.get(BLOCK_ITEMS + 1), Some(&(BLOCK_ITEMS + 2)));
    }
}
