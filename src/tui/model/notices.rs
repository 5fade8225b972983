//! Lines that are shown for some seconds.

use crate::domain::time::Timestamp;
use crate::tui::msg::{Level, Notice};

/// How long good news is shown, in microseconds.
const SHORT_US: i64 = 5_000_000;
/// How long bad news is shown: it says what to do, and that takes reading.
const LONG_US: i64 = 15_000_000;

/// The newest notice and until when it is shown. A newer one takes its place; good news does not cover bad news that is
/// younger than a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    current: Option<(Notice, Timestamp)>,
}

impl Notices {
    /// Shows a notice from `now` on.
    pub fn push(&mut self, notice: Notice, now: Timestamp) {
        let shown_us = if notice.level == Level::Bad { LONG_US } else { SHORT_US };
        self.current = Some((notice, now.plus_micros(shown_us)));
    }

    /// Drops what has been shown long enough.
    pub fn tick(&mut self, now: Timestamp) {
        self.current.take_if(|(_, until)| *until <= now);
    }

    /// Drops what is shown.
    pub fn clear(&mut self) {
        self.current = None;
    }

    /// What is shown.
    pub fn current(&self) -> Option<&Notice> {
        self.current.as_ref().map(|(notice, _)| notice)
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.current.is_none()
    }
}
