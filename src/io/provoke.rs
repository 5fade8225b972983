//! Failures on purpose, for the tests of the ways out. Debug builds alone have them: nothing of it is in a release.

/// Panics when `HOOKSIGHT_TEST_PANIC` names this place and the request's target is `/panic`.
#[cfg(debug_assertions)]
#[allow(clippy::panic, reason = "that is what it is for")]
pub fn provoke(place: &str, target: &[u8]) {
    static WISHED: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var("HOOKSIGHT_TEST_PANIC").ok());
    if target == b"/panic" && WISHED.as_deref() == Some(place) {
        // What a stranger sent may stand in such words: slicing errors quote the text.
        panic!("on purpose \x1b[31min {place}");
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn provoke(_place: &str, _target: &[u8]) {}
