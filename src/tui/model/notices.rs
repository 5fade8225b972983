//! Lines that are shown for some seconds.

use crate::domain::time::Timestamp;
use crate::tui::msg::Notice;

/// How long a notice is shown, in microseconds.
const SHOWN_US: i64 = 5_000_000;
/// How long it is shown in any case: the key that is pressed next may have been on its way already.
const SEEN_US: i64 = 1_000_000;

/// The newest notice and until when it is shown. A newer one takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// The end is set by the first tick after it came: while nothing depended on the clock, it stood still.
    current: Option<(Notice, Option<Timestamp>)>,
}

impl Notices {
    /// Shows a notice.
    pub fn push(&mut self, notice: Notice) {
        self.current = Some((notice, None));
    }

    /// Drops what has been shown long enough.
    pub fn tick(&mut self, now: Timestamp) {
        self.current.take_if(|(_, until)| until.is_some_and(|until| until <= now));
        if let Some((_, until @ None)) = &mut self.current {
            *until = Some(now.plus_micros(SHOWN_US));
        }
    }

    /// A key was pressed: what has been there for some time was read.
    pub fn key(&mut self, now: Timestamp) {
        let seen = now.plus_micros(SHOWN_US - SEEN_US);
        self.current.take_if(|(_, until)| until.is_some_and(|until| until <= seen));
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
