//! Frames that cost us work and carry no part of a request: a sender has so many of them, and earns more by requests.
//!
//! One bucket for all kinds, filled by time and by what we send: a flood of any mixture ends at the same place, and a busy
//! sender that answers our frames with its own never meets it.

use crate::domain::time::Timestamp;

use super::frame::{
    ACK, Broken, CONTINUATION, DATA, END_STREAM, FrameHead, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS,
    WINDOW_UPDATE,
};

/// What a new connection has, and the most that it can save.
const POINTS_MAX: u32 = 2000;
/// What comes back in a second.
const POINTS_A_SECOND: u64 = 100;
/// For an answer that left: the sender may have reset its stream, or may ping for each.
const POINTS_AN_ANSWER: u32 = 8;
/// For a frame of DATA that left: senders open the windows of stream and connection for each.
const POINTS_A_DATA_FRAME: u32 = 4;

#[derive(Debug)]
pub struct Meter {
    points: u32,
    filled_at: Option<Timestamp>,
    /// Frames of each kind, to name the flood: as `FrameHead::kind`, then the unknown ones.
    counts: [u32; 11],
}

impl Meter {
    pub fn new() -> Self {
        Self { points: POINTS_MAX, filled_at: None, counts: [0; 11] }
    }

    /// A frame came.
    pub fn came(&mut self, frame: FrameHead, now: Timestamp) -> Result<(), Broken> {
        let cost = match frame.kind {
            DATA if frame.length > 0 || frame.has(END_STREAM) => return Ok(()),
            HEADERS => return Ok(()),
            // A reset is cheap to send and throws away work.
            RST_STREAM => 4,
            SETTINGS if !frame.has(ACK) => 2,
            CONTINUATION if frame.length > 0 => return Ok(()),
            _ => 1,
        };
        let since = *self.filled_at.get_or_insert(now);
        if now < since {
            // The clock went back.
            self.filled_at = Some(now);
        }
        let earned = now.micros_since(since).saturating_mul(POINTS_A_SECOND) / 1_000_000;
        if earned > 0 {
            self.filled_at = Some(now);
            self.earn(u32::try_from(earned).unwrap_or(u32::MAX));
        }
        if let Some(count) = self.counts.get_mut(usize::from(frame.kind).min(10)) {
            *count = count.saturating_add(1);
        }
        match self.points.checked_sub(cost) {
            Some(points) => {
                self.points = points;
                Ok(())
            }
            None => Err(self.flood()),
        }
    }

    pub fn answered(&mut self) {
        self.earn(POINTS_AN_ANSWER);
    }

    pub fn data_left(&mut self) {
        self.earn(POINTS_A_DATA_FRAME);
    }

    fn earn(&mut self, points: u32) {
        self.points = self.points.saturating_add(points).min(POINTS_MAX);
    }

    fn flood(&self) -> Broken {
        let worst = self.counts.iter().zip(0u8..).max_by_key(|(count, _)| **count);
        let (count, kind) = worst.map_or((0, 0), |(count, kind)| (*count, kind));
        let what = match kind {
            DATA => "empty DATA",
            CONTINUATION => "empty CONTINUATION",
            SETTINGS | PING | PRIORITY | RST_STREAM | WINDOW_UPDATE => {
                FrameHead { kind, ..FrameHead::default() }.name()
            }
            _ => "other",
        };
        Broken::calm(format!("a flood of {what} frames, {count} of them (RFC 9113 section 10.5)"))
    }
}
