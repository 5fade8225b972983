//! Whose the terminal is at the moment.

use std::sync::atomic::{AtomicBool, AtomicUsize};

/// Whether our modes are set on the terminal at the moment. Process-wide, because the terminal is.
pub(super) static TAKEN: AtomicBool = AtomicBool::new(false);
/// Writes that are on their way to the terminal. Counted before it is asked whether they may be, so that whoever forbids them
/// and then sees none can be sure that none follows.
pub(super) static WRITES: AtomicUsize = AtomicUsize::new(0);
