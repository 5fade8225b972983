//! How often the screen is drawn while nothing but traffic asks for it.

use std::time::Duration;

use tokio::time::Instant;

/// Draws a second while nothing but traffic asks for them.
const FRAMES_MAX: u32 = 30;
/// The same in a flood: what drawing takes, here and in the terminal, the capture does not get.
const FRAMES_FLOOD_MAX: u32 = 10;
/// Rows a second from which on it is a flood: each of [`FRAMES_MAX`] frames would show other rows than the one before, on most
/// terminals four times over, and nobody reads those.
const FLOOD_ROWS_PER_S: f64 = 6_000.0;

/// The time between two frames, by the rows that came lately.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    frame: Duration,
    since: Instant,
    rows: usize,
}

impl Pace {
    /// Nothing has come.
    pub fn new(now: Instant) -> Self {
        Self { frame: between(FRAMES_MAX), since: now, rows: 0 }
    }

    /// How long after a frame the next is due that no key asks for.
    pub fn frame(&self) -> Duration {
        self.frame
    }

    /// So many rows came.
    pub fn came(&mut self, rows: usize) {
        self.rows = self.rows.saturating_add(rows);
    }

    /// A frame is drawn. By what came since this was last decided, at least the shortest frame ago: one batch says nothing of a rate.
    pub fn drawn(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        if passed < between(FRAMES_MAX) {
            return;
        }
        let is_flood = self.rows as f64 > FLOOD_ROWS_PER_S * passed.as_secs_f64();
        let frame = between(if is_flood { FRAMES_FLOOD_MAX } else { FRAMES_MAX });
        *self = Self { frame, since: now, rows: 0 };
    }
}

fn between(frames_per_s: u32) -> Duration {
    Duration::from_secs(1) / frames_per_s
}

#[cfg(test)]
mod tests;
