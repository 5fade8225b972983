//! Whether another program still writes a session that is looked at.

use std::time::{Duration, Instant};

/// How often it is looked whether somebody else still writes the file.
const LOOK: Duration = Duration::from_secs(1);

/// What is known of whoever else writes the file.
pub struct Follow {
    /// Whether somebody else still answers what the file holds.
    is_written: bool,
    /// The same as of the last look: what was written just before the writer went is read before its answers are given up.
    was_written: bool,
    looked: Instant,
    growth: Growth,
}

/// Whether lines came since the session was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    None,
    Untold,
    Told,
}

impl Follow {
    /// As it was seen before anything was read.
    pub fn new(is_written: bool) -> Self {
        Self { is_written, was_written: is_written, looked: Instant::now(), growth: Growth::None }
    }

    /// Whether somebody else still answers what the file holds, as far as is known.
    pub fn is_written(&self) -> bool {
        self.is_written
    }

    /// A line came: somebody writes, whatever the last look said.
    pub fn grow(&mut self) {
        (self.is_written, self.was_written, self.looked) = (true, true, Instant::now());
        if self.growth == Growth::None {
            self.growth = Growth::Untold;
        }
    }

    /// Whether lines came that were not there at first; once.
    pub fn grows_for_the_first_time(&mut self) -> bool {
        let is_untold = self.growth == Growth::Untold;
        if is_untold {
            self.growth = Growth::Told;
        }
        is_untold
    }

    /// At the end of what is written so far: looks again whether somebody writes, from time to time.
    pub fn look(&mut self, is_written_now: impl FnOnce() -> bool) {
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            self.is_written = self.was_written;
            self.was_written = is_written_now();
        }
    }
}
