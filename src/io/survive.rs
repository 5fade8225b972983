//! Work whose panic must not end its thread. The report has been made when this comes back: by the hook that the shell installs.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does something that must not end its thread; `None` when it panicked, which has been told then. What it was working on is
/// not looked at any more, or is whole again: the caller sees to that.
pub fn survive<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
