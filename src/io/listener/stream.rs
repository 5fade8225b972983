//! An app's answer that goes back as it comes: piece by piece, no faster than its sender takes it, and kept up to a bound.
//!
//! What is kept of it is filled into the answer when that is told, whoever tells it: its last byte left, its sender did, or the
//! listener stopped.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId, Timing};
use crate::domain::printable::visible_str;
use crate::io::forward::{ANSWER_BYTES_KEPT, Coming};
use crate::io::sender::open::Share;
use crate::io::tap::Wire;

use super::leaving::Leaving;

/// How long an answer may still go on once the listener stops.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What leaves before an answer breaks off has this long for it.
const BEFORE_BREAK: Duration = Duration::from_millis(50);

/// What is kept of answers that are on their way, by their requests.
#[derive(Debug, Default)]
pub struct Streams {
    known: Mutex<BTreeMap<ExchangeId, Arc<Mutex<Copy>>>>,
    /// How many: nearly always none.
    count: AtomicUsize,
}

/// What came of one body so far.
#[derive(Debug)]
struct Copy {
    bytes: Vec<u8>,
    length_bytes: u64,
    share: Share,
    timing: Timing,
    error: Option<String>,
}

impl Streams {
    fn begin(&self, id: ExchangeId, copy: Copy) -> Arc<Mutex<Copy>> {
        let copy = Arc::new(Mutex::new(copy));
        self.count.fetch_add(1, Ordering::SeqCst);
        lock(&self.known).insert(id, Arc::clone(&copy));
        copy
    }

    /// Fills in what came of the body, if this is the answer of one.
    pub fn fill(&self, answer: &mut Answer) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let Some(copy) = lock(&self.known).remove(&answer.exchange) else { return };
        self.count.fetch_sub(1, Ordering::SeqCst);
        let mut copy = lock(&copy);
        answer.body = Body { bytes: std::mem::take(&mut copy.bytes).into(), length_bytes: copy.length_bytes };
        let Some(forwarded) = answer.choice.as_mut().and_then(|choice| choice.forwarded.as_mut()) else { return };
        forwarded.timing = copy.timing;
        let Some(error) = copy.error.take() else { return };
        let note = format!("{}: {}", forwarded.origin, visible_str(&error));
        forwarded.error = Some(error);
        answer.outcome = AnswerOutcome::Broken;
        answer.choice.get_or_insert_default().notes.push(note);
    }
}

impl Copy {
    fn push(&mut self, piece: &[u8]) {
        self.length_bytes = self.length_bytes.saturating_add(piece.len() as u64);
        // Only what follows on what is kept: a gap would be another body.
        let is_whole = self.bytes.len() as u64 == self.length_bytes - piece.len() as u64;
        let room = ANSWER_BYTES_KEPT.saturating_sub(self.bytes.len()).min(piece.len());
        if is_whole && self.share.take(room) {
            self.bytes.extend_from_slice(piece.get(..room).unwrap_or_default());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The body on its way.
pub struct AppBody {
    coming: Coming,
    copy: Arc<Mutex<Copy>>,
    wire: Arc<Wire>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Whether its end shows in nothing but the connection's: HTTP/1.0.
    ends_with_connection: bool,
    breaks: Option<Pin<Box<Sleep>>>,
    is_over: bool,
}

impl AppBody {
    /// What is kept of it goes to `streams`, under this request. `timing`: until now.
    pub fn new(
        coming: Coming,
        timing: Timing,
        (streams, id): (&Streams, ExchangeId),
        (wire, leaving, version): (&Arc<Wire>, &Leaving, http::Version),
    ) -> Self {
        let share = coming.share();
        let copy = Copy { bytes: Vec::new(), length_bytes: 0, share, timing, error: None };
        let leaving = leaving.clone();
        Self {
            copy: streams.begin(id, copy),
            ends_with_connection: version == http::Version::HTTP_10 && coming.declared_bytes().is_none(),
            coming,
            wire: Arc::clone(wire),
            stopped: Box::pin(async move {
                leaving.begun().await;
                sleep(LAST_WORDS).await;
            }),
            breaks: None,
            is_over: false,
        }
    }

    fn end(&mut self) {
        self.coming.note_times(&mut lock(&self.copy).timing);
        self.is_over = true;
        self.wire.handed();
    }

    fn break_off(&mut self, why: String) {
        let mut copy = lock(&self.copy);
        self.coming.note_times(&mut copy.timing);
        copy.error = Some(why);
        self.breaks = Some(Box::pin(sleep(BEFORE_BREAK)));
    }
}

/// There is no more of it.
#[derive(Debug, thiserror::Error)]
#[error("the app's answer broke off")]
pub struct BrokenOff;

impl HttpBody for AppBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        loop {
            if let Some(breaks) = &mut self.breaks {
                ready!(breaks.as_mut().poll(cx));
                self.is_over = true;
                if self.ends_with_connection {
                    // An ordinary close would say that this was all.
                    self.wire.reset();
                }
                return Poll::Ready(Some(Err(BrokenOff)));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            let came = match self.wire.takes_more() {
                true => self.coming.poll_piece(cx),
                false => Poll::Pending,
            };
            match came {
                Poll::Ready(Some(Ok(piece))) => {
                    self.wire.hands(piece.len());
                    lock(&self.copy).push(&piece);
                    if self.coming.is_over() {
                        self.end();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                Poll::Ready(Some(Err(why))) => self.break_off(why),
                Poll::Ready(None) => {
                    self.end();
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    ready!(self.stopped.as_mut().poll(cx));
                    self.break_off("the listener stopped before the app's answer was whole".to_owned());
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over && self.breaks.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.coming.declared_bytes().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_begin_without_a_gap() {
        let budget = Arc::new(crate::io::sender::open::Budget::new(10));
        let share = Share::of(Some(budget));
        let mut copy = Copy { bytes: Vec::new(), length_bytes: 0, share, timing: Timing::default(), error: None };
        for piece in ["abcd", "0123456789", "ef"] {
            copy.push(piece.as_bytes());
        }
        // The second found no room, so the third is no part of the begin.
        assert_eq!((copy.bytes.as_slice(), copy.length_bytes), (b"abcd".as_slice(), 16));
    }
}
