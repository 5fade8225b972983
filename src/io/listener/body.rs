//! Reading a body within its limits.

use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::budget::{Budget, SMALL_BYTES, Share};
use super::limits::ListenerLimits;
use super::memory::{Memory, OWN_BYTES};

/// Room that is made at once for a large body of unknown length.
const ROOM_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Less than this within [`ListenerLimits::body_idle_timeout`] is no progress: a byte a second would hold its share of the
/// budget for as long as a whole body may take.
const PROGRESS_BYTES: u64 = 16 * 1024;

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
/// where the head says it; it may be over the limit.
pub async fn read(
    mut body: Incoming,
    (declared, is_h2): (Option<u64>, bool),
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
    let large_bytes = wanted.unwrap_or(limits.body_bytes);
    read.share.small = budget.in_line(is_h2, budget.small(expected.unwrap_or(SMALL_BYTES))).await;
    if read.share.small.is_none() {
        read.end = End::NoRoom;
        return;
    }
    let large = || timeout_at(all_by, budget.in_line(is_h2, budget.large(large_bytes)));
    if wanted.is_some_and(|length| length > SMALL_BYTES as u64) {
        read.share.large = large().await.ok().flatten();
        if read.share.large.is_none() {
            read.end = End::NoRoom;
            return;
        }
    }
    // A large one has its share of the budget already.
    read.bytes.make_room(expected.unwrap_or(2048));
    let mut idle_by = Instant::now() + limits.body_idle_timeout;
    let mut progress_bytes = 0;
    loop {
        // At the limit of a body that is known to be longer there is nothing to wait for.
        if declared > wanted && read.bytes.len() as u64 >= limits.body_bytes {
            read.end = End::TooLarge;
            break;
        }
        let frame = match timeout_at(idle_by.min(all_by), body.frame()).await {
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
                }
                let room = limits.body_bytes.saturating_sub(read.bytes.len() as u64);
                let take = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
                if read.share.large.is_none() && read.bytes.len() + take > SMALL_BYTES {
                    read.share.large = large().await.ok().flatten();
                    if read.share.large.is_none() {
                        read.end = End::NoRoom;
                        break;
                    }
                    // Nobody said how much comes; what is not filled takes no memory.
                    read.bytes
                        .make_room(usize::try_from(large_bytes).unwrap_or(usize::MAX).clamp(OWN_BYTES, ROOM_BYTES_MAX));
                    idle_by = Instant::now() + limits.body_idle_timeout;
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
