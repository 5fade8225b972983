//! Whether the name of a header may be one of many, told in a few instructions: nearly all that come are none of those that somebody
//! waits for.

/// Which names of headers may be among those that were added, whatever their case: one bit for each shape of a name.
#[derive(Clone, Debug)]
pub struct Shapes([u64; 64]);

impl Default for Shapes {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Shapes {
    /// Place and bit of a name's shape: its length, the letter in its middle and its last. Upper and lower case are one. Other names
    /// may share it, which does no harm.
    fn of(name: &[u8]) -> (usize, u64) {
        let letter = |at: usize| name.get(at).map_or(0, |byte| usize::from(byte.to_ascii_lowercase()));
        let (middle, last) = (letter(name.len() / 2), letter(name.len().saturating_sub(1)));
        (name.len().wrapping_mul(5).wrapping_add(middle) & 63, 1 << (last & 63))
    }

    /// Adds a name.
    pub fn add(&mut self, name: &[u8]) {
        let (place, bit) = Self::of(name);
        if let Some(bits) = self.0.get_mut(place) {
            *bits |= bit;
        }
    }

    /// `false`: no such name was added.
    pub fn may_have(&self, name: &[u8]) -> bool {
        let (place, bit) = Self::of(name);
        self.0.get(place).is_some_and(|bits| bits & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_there_in_any_case_and_most_others_are_not() {
        let added = ["X-Hub-Signature-256", "stripe-signature", "a", "X-Hook-Secret", ""];
        let mut shapes = Shapes::default();
        added.iter().for_each(|name| shapes.add(name.as_bytes()));
        for name in added {
            assert!(shapes.may_have(name.to_ascii_lowercase().as_bytes()), "{name}");
            assert!(shapes.may_have(name.to_ascii_uppercase().as_bytes()), "{name}");
        }
        let usual = ["Host", "User-Agent", "Accept", "Content-Type", "Content-Length", "Accept-Encoding"];
        assert!(!usual.iter().any(|name| shapes.may_have(name.as_bytes())));
    }
}
