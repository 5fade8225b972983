//! How often something came: the state of scripts and of rules that ask for the nth time.

use std::collections::{HashMap, VecDeque};

use ring::digest;

/// Keys that are remembered. The oldest is forgotten first: its script begins anew.
const KEYS_MAX: usize = 100_000;
/// A longer key is remembered by its digest.
const KEY_BYTES_MAX: usize = 256;

/// Counters by key.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    counts: HashMap<Vec<u8>, u32>,
    order: VecDeque<Vec<u8>>,
}

impl Counters {
    /// How often this key was counted before, and counts it once more.
    pub fn count(&mut self, key: &[u8]) -> u32 {
        let key = if key.len() > KEY_BYTES_MAX {
            digest::digest(&digest::SHA256, key).as_ref().to_vec()
        } else {
            key.to_vec()
        };
        if let Some(count) = self.counts.get_mut(&key) {
            let before = *count;
            *count = count.saturating_add(1);
            return before;
        }
        if self.order.len() >= KEYS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.counts.insert(key, 1);
        0
    }

    /// Forgets everything: scripts begin anew.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_counted_by_itself_and_the_oldest_goes_first() {
        let mut counters = Counters::default();
        assert_eq!([counters.count(b"a"), counters.count(b"a"), counters.count(b"b")], [0, 1, 0]);
        let long = [b'x'; 1000];
        assert_eq!([counters.count(&long), counters.count(&long)], [0, 1]);
        for at in 0..KEYS_MAX {
            counters.count(at.to_string().as_bytes());
        }
        assert_eq!(counters.count(b"a"), 0);
        assert_eq!(counters.counts.len(), KEYS_MAX);
        counters.reset();
        assert_eq!(counters.count(b"5"), 0);
    }
}
