//! Failures on purpose, for the tests of the ways out. Debug builds alone have them: nothing of it is in a release.

#[cfg(debug_assertions)]
pub use wished::{provoke, provoke_once};

#[cfg(debug_assertions)]
mod wished {
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::sync::LazyLock;

    static WISHED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("HOOKSIGHT_TEST_PANIC").ok());

    /// Panics when `HOOKSIGHT_TEST_PANIC` names this place and the request's target is `/panic`.
    pub fn provoke(place: &str, target: &[u8]) {
        if target == b"/panic" && WISHED.as_deref() == Some(place) {
            fail(place);
        }
    }

    /// Panics the first time that a thread comes by, when `HOOKSIGHT_TEST_PANIC` names this place.
    pub fn provoke_once(place: &'static str) {
        thread_local!(static DONE: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) });
        if WISHED.as_deref() == Some(place) && DONE.with_borrow_mut(|done| done.insert(place)) {
            fail(place);
        }
    }

    #[allow(clippy::panic, reason = "that is what it is for")]
    fn fail(place: &str) {
        // What a stranger sent may stand in such words: slicing errors quote the text.
        panic!("on purpose \x1b[31min {place}");
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn provoke(_place: &str, _target: &[u8]) {}

/// Nothing.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn provoke_once(_place: &'static str) {}
