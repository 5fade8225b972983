//! Reading a body within its limits.

use std::future::pending;
use std::sync::Arc;

use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::budget::{Budget, FREE_BYTES, Free, SMALL_BYTES, Share};
use super::limits::ListenerLimits;
use super::memory::{Memory, OWN_BYTES};
use super::pot::Stay;

/// Room that is made at once for a large body of unknown length.
const ROOM_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Less than this within [`ListenerLimits::body_idle_timeout`] is no progress: a byte a second would hold its share of the
/// budget for as long as a whole body may take.
const PROGRESS_BYTES: u64 = 16 * 1024;

/// What is told of one that has to go for others.
const WANTED: &str = "the body stalled while others waited for its room: it had brought less than 16 KiB for seconds";

/// How a body ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Whole.
    #[default]
    Whole,
    /// It went over the limit.
    TooLarge,
    /// The sender left or broke the framing.
    Broken(String),
    /// It stalled, or took too long.
    Stalled(String),
    /// Larger ones were in the way for too long, or too many waited.
    NoRoom,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// What came, up to the limit.
    pub bytes: Memory,
    /// How many bytes came.
    pub length_bytes: u64,
    /// How it ended.
    pub end: End,
    /// Trailers as hyper has them.
    pub trailers: Option<HeaderMap>,
    /// Its share of the budget, to be given back when the body is kept.
    pub share: Share,
}

/// Reads a body into `read`, up to the limit: what came is there also when this future is dropped. `declared` is its length
/// where the head says it; it may be over the limit. `free`: HTTP/2, what its connection has without a share.
pub async fn read(
    mut body: Incoming,
    (declared, free): (Option<u64>, Option<&Free>),
    limits: &ListenerLimits,
    budget: &Budget,
    read: &mut Read,
) {
    if declared == Some(0) {
        return;
    }
    let wanted = declared.map(|length| length.min(limits.body_bytes));
    let expected = wanted.and_then(|length| usize::try_from(length).ok());
    let all_by = Instant::now() + limits.body_timeout;
    read.share.free = free.and_then(|free| free.body(expected));
    let free_bytes = match (free, &read.share.free) {
        (None, _) => FREE_BYTES,
        (Some(_), None) => 0,
        (Some(_), Some(share)) => share.bytes(),
    };
    let is_h2 = free.is_some();
    let shares = Shares::of((expected, free_bytes), wanted.unwrap_or(limits.body_bytes), (budget, is_h2, all_by));
    if !shares.first(read).await {
        read.end = End::NoRoom;
        return;
    }
    let mut idle_by = Instant::now() + limits.body_idle_timeout;
    let mut progress_bytes = 0;
    loop {
        // At the limit of a body that is known to be longer there is nothing to wait for.
        if declared > wanted && read.bytes.len() as u64 >= limits.body_bytes {
            read.end = End::TooLarge;
            break;
        }
        let frame = tokio::select! {
            biased;
            frame = timeout_at(idle_by.min(all_by), body.frame()) => frame,
            () = shares.wanted() => {
                read.end = End::Stalled(WANTED.to_owned());
                break;
            }
        };
        let frame = match frame {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                read.end = End::Broken(in_words(&error));
                break;
            }
            Ok(None) => break,
            Err(_) => {
                read.end = End::Stalled("the body stalled past the time limit".to_owned());
                break;
            }
        };
        match frame.into_data() {
            Ok(data) => {
                read.length_bytes += data.len() as u64;
                if read.length_bytes - progress_bytes >= PROGRESS_BYTES {
                    progress_bytes = read.length_bytes;
                    idle_by = Instant::now() + limits.body_idle_timeout;
                    shares.progress();
                }
                let room = limits.body_bytes.saturating_sub(read.bytes.len() as u64);
                let take = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
                let length = read.bytes.len() + take;
                match shares.grow(length, read).await {
                    None => {
                        read.end = End::NoRoom;
                        break;
                    }
                    Some(true) => idle_by = Instant::now() + limits.body_idle_timeout,
                    Some(false) => {}
                }
                read.bytes.extend(data.get(..take).unwrap_or_default());
                if take < data.len() {
                    read.end = End::TooLarge;
                    break;
                }
            }
            Err(frame) => read.trailers = frame.into_trailers().ok(),
        }
    }
    // What remains to be done is ours.
    shares.pause();
}

/// What one body takes of the budget.
struct Shares<'a> {
    budget: &'a Budget,
    /// `None`: it needs no share.
    stay: Option<Arc<Stay>>,
    is_h2: bool,
    all_by: Instant,
    /// Bytes of it, where the head says how many come.
    expected: Option<usize>,
    /// Of it if it is large, at most.
    large_bytes: u64,
    /// Of it that need no share.
    free_bytes: usize,
}

impl<'a> Shares<'a> {
    fn of(
        (expected, free_bytes): (Option<usize>, usize),
        large_bytes: u64,
        (budget, is_h2, all_by): (&'a Budget, bool, Instant),
    ) -> Self {
        let stay = expected.is_none_or(|length| length > free_bytes).then(Stay::new);
        Self { budget, stay, is_h2, all_by, expected, large_bytes, free_bytes }
    }

    fn is_large(&self) -> bool {
        self.expected.is_some_and(|length| length > SMALL_BYTES)
    }

    /// Takes what it needs before any of it is read. Whether there is room.
    async fn first(&self, read: &mut Read) -> bool {
        // What is not read of an HTTP/1 body stays with its sender. One that only says how large it will be holds nothing for that.
        let is_in = match (self.is_h2, self.is_large()) {
            (true, true) => self.large(read).await,
            (true, false) => self.free_bytes > 0 || self.small(read).await,
            (false, _) => true,
        };
        read.bytes.make_room(self.expected.filter(|_| self.is_h2).unwrap_or(2048));
        is_in
    }

    /// Takes what it needs to be so long. `None`: there is no room; else whether it took anything.
    async fn grow(&self, length: usize, read: &mut Read) -> Option<bool> {
        let mut has_grown = false;
        if length > self.free_bytes && read.share.small.is_none() && read.share.large.is_none() {
            let is_in = if self.is_large() { self.large(read).await } else { self.small(read).await };
            has_grown = is_in.then_some(true)?;
            read.bytes.make_room(self.expected.unwrap_or(0));
        }
        if length > SMALL_BYTES && read.share.large.is_none() {
            has_grown = self.large(read).await.then_some(true)?;
            // Nobody said how much comes; what is not filled takes no memory.
            let room = usize::try_from(self.large_bytes).unwrap_or(usize::MAX);
            read.bytes.make_room(room.clamp(OWN_BYTES, ROOM_BYTES_MAX));
        }
        Some(has_grown)
    }

    /// The share of a small body, or of the first part of one of unknown length. Whether there is room.
    async fn small(&self, read: &mut Read) -> bool {
        let Some(stay) = &self.stay else { return true };
        let share = self.budget.small(self.expected.unwrap_or(SMALL_BYTES), stay);
        read.share.small = timeout_at(self.all_by, self.budget.in_line(self.is_h2, share)).await.ok().flatten();
        read.share.small.is_some()
    }

    /// The share of a large body. Whether there is room.
    async fn large(&self, read: &mut Read) -> bool {
        let Some(stay) = &self.stay else { return true };
        let share = self.budget.large(self.large_bytes, stay);
        read.share.large = timeout_at(self.all_by, self.budget.in_line(self.is_h2, share)).await.ok().flatten();
        read.share.large.is_some()
    }

    fn progress(&self) {
        if let Some(stay) = &self.stay {
            stay.progress();
        }
    }

    fn pause(&self) {
        if let Some(stay) = &self.stay {
            stay.pause();
        }
    }

    /// Until others want what it holds.
    async fn wanted(&self) {
        match &self.stay {
            Some(stay) => stay.told().await,
            None => pending().await,
        }
    }
}

/// The error with its causes.
fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::UnexpectedEof) => {
            "the sender closed the connection before the body was whole".to_owned()
        }
        _ => format!("the body broke off: {cause}"),
    }
}
