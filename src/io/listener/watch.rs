//! How long a connection may go on as it is.

use std::time::Duration;

use tokio::time::Instant;

use crate::io::clock;
use crate::io::tap::Pace;

use super::limits::ListenerLimits;

/// Why a connection is to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// It was idle, or its head was not whole in time: in words.
    TimedOut(&'static str),
    /// The sender takes nothing of its answer.
    Unread,
}

/// Looks at a connection from time to time: a request costs no timer.
#[derive(Debug)]
pub struct Watch {
    /// What was found at the last look, and since when that is so.
    pace: Option<(Pace, Instant)>,
    /// When that was.
    at: Instant,
}

/// How long a connection may go without a look: whatever has a limit is found in time.
pub fn interval(limits: &ListenerLimits) -> Duration {
    limits.head_timeout.min(limits.keep_alive_timeout).min(limits.write_timeout)
}

impl Watch {
    /// Of a connection that was opened then.
    pub fn new(opened: Instant) -> Self {
        Self { pace: None, at: opened }
    }

    /// How long to sleep until the next look.
    ///
    /// # Errors
    /// Why it is over.
    pub fn look(&mut self, pace: Pace, limits: &ListenerLimits) -> Result<Duration, Late> {
        let passed = self.passed(pace);
        let left = |limit: Duration| limit.checked_sub(passed).filter(|left| !left.is_zero());
        match pace {
            // Who reads a body sees to its time.
            Pace::Busy | Pace::Body(_) => Ok(interval(limits)),
            Pace::Writing(_) => left(limits.write_timeout).ok_or(Late::Unread),
            Pace::Head(_) => {
                left(limits.head_timeout).ok_or(Late::TimedOut("no whole head came within the time limit"))
            }
            // A head can begin at any moment, and has its own shorter limit.
            Pace::Idle(_) => {
                left(limits.keep_alive_timeout).map(|left| left.min(interval(limits))).ok_or(Late::TimedOut("idle"))
            }
        }
    }

    /// For how long it has been so. The wall clock, which may be set, says no more than when it began between two looks.
    fn passed(&mut self, pace: Pace) -> Duration {
        let now = Instant::now();
        let before = std::mem::replace(&mut self.at, now);
        let begun = match (pace, self.pace) {
            (Pace::Busy | Pace::Body(_), _) => now,
            (pace, Some((same, begun))) if same == pace => begun,
            (Pace::Writing(since) | Pace::Head(since) | Pace::Idle(since), _) => {
                let passed = Duration::from_micros(clock::now().micros_since(since));
                now.checked_sub(passed).unwrap_or(before).max(before)
            }
        };
        self.pace = Some((pace, begun));
        now - begun
    }
}
