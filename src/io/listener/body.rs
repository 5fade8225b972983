//! Reading a body within its limits.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::ListenerLimits;

/// The part of a body that is read before the budget for larger ones is asked.
const SMALL_BYTES: usize = 64 * 1024;
/// Reserved at once at most for a declared length: more comes as bytes do.
const RESERVED_BYTES_MAX: usize = 1024 * 1024;

/// How a body ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Whole.
    Whole,
    /// It went over the limit.
    TooLarge,
    /// The sender left or broke the framing.
    Broken(String),
    /// It stalled, or took too long.
    Stalled(String),
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    /// What came, up to the limit.
    pub bytes: Bytes,
    /// How many bytes came.
    pub length_bytes: u64,
    /// How it ended.
    pub end: End,
    /// Trailers as hyper has them.
    pub trailers: Option<HeaderMap>,
}

/// Memory for the bodies that are being read, all together. Each takes its share in two steps, the second from another pot
/// than the first: who has both never waits, so nobody waits for ever.
#[derive(Debug)]
pub struct Budget {
    /// The first [`SMALL_BYTES`] of each body, in KiB.
    small: Arc<Semaphore>,
    /// The rest of large ones, in KiB.
    large: Arc<Semaphore>,
    large_kib: u32,
}

impl Budget {
    /// A quarter is for small bodies; a body at the limit always fits into the rest.
    pub fn new(limits: &ListenerLimits) -> Self {
        let small_kib = (limits.bodies_bytes / 4).max(SMALL_BYTES) / 1024;
        let body_kib = usize::try_from(limits.body_bytes.div_ceil(1024)).unwrap_or(usize::MAX);
        let large_kib = (limits.bodies_bytes / 4 * 3 / 1024).max(body_kib).min(Semaphore::MAX_PERMITS);
        Self {
            small: Arc::new(Semaphore::new(small_kib)),
            large: Arc::new(Semaphore::new(large_kib)),
            large_kib: u32::try_from(large_kib).unwrap_or(u32::MAX),
        }
    }

    async fn small(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.min(SMALL_BYTES).div_ceil(1024)).unwrap_or(u32::MAX);
        self.small.clone().acquire_many_owned(kib).await.ok()
    }

    async fn large(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(self.large_kib);
        self.large.clone().acquire_many_owned(kib).await.ok()
    }
}

/// Reads a body, up to the limit. `declared` is its length where the head says it; it may be over the limit.
pub async fn read(mut body: Incoming, declared: Option<u64>, limits: &ListenerLimits, budget: &Budget) -> Read {
    let mut read = Read { bytes: Bytes::new(), length_bytes: 0, end: End::Whole, trailers: None };
    if declared == Some(0) {
        return read;
    }
    let wanted = declared.map(|length| length.min(limits.body_bytes));
    let expected = wanted.and_then(|length| usize::try_from(length).ok());
    let _small = budget.small(expected.unwrap_or(SMALL_BYTES)).await;
    let mut large = None;
    if wanted.is_some_and(|length| length > SMALL_BYTES as u64) {
        large = budget.large(wanted.unwrap_or(limits.body_bytes)).await;
    }
    let mut kept = Vec::with_capacity(expected.unwrap_or(2048).min(RESERVED_BYTES_MAX));
    let all_by = Instant::now() + limits.body_timeout;
    let mut idle_by = Instant::now() + limits.body_idle_timeout;
    loop {
        // At the limit of a body that is known to be longer there is nothing to wait for.
        if declared > wanted && kept.len() as u64 >= limits.body_bytes {
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
                // An empty HTTP/2 frame is no progress.
                if !data.is_empty() {
                    idle_by = Instant::now() + limits.body_idle_timeout;
                }
                read.length_bytes += data.len() as u64;
                let room = limits.body_bytes.saturating_sub(kept.len() as u64);
                let take = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
                if large.is_none() && kept.len() + take > SMALL_BYTES {
                    large = budget.large(wanted.unwrap_or(limits.body_bytes)).await;
                }
                kept.extend_from_slice(data.get(..take).unwrap_or_default());
                if take < data.len() {
                    read.end = End::TooLarge;
                    break;
                }
            }
            Err(frame) => read.trailers = frame.into_trailers().ok(),
        }
    }
    // Copied exactly: what is kept must not pin more memory than it counts.
    kept.shrink_to_fit();
    read.bytes = kept.into();
    read
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
