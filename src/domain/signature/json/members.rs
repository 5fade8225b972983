//! The members of one object, found without reading what is inside of their values: sixty-four bytes at a step, as numbers of
//! sixty-four bits that say where quotes and brackets are. Bodies are large, and a profile asks for a handful of keys.
//!
//! The way to tell strings from the rest by such numbers is from G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per
//! Second", VLDB Journal 28 (2019), sections 3.1.1 and 3.1.2.

mod walk;
#[cfg(target_arch = "x86_64")]
mod wide;

use walk::{Places, Walk};

/// Tells each member of the object whose brace is at `at`: its key as written, and the position of its value. Until `tell` says
/// `false`, or the object ends. One that was cut in the middle has the members before the cut.
pub(super) fn each_member<'a>(json: &'a [u8], at: usize, tell: impl FnMut(&'a [u8], usize) -> bool) {
    let walk = Walk::new(json, at, tell);
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = wide::Wide::detect() {
        wide.run(walk);
        return;
    }
    walk.run(Places::of);
}

#[cfg(test)]
mod tests;
