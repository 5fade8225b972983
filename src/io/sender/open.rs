//! An open connection to a target: one exchange on it after the other.
//!
//! Nothing happens on it but while one of its futures is polled: an idle one costs no task, and what happened to it meanwhile
//! shows when it is to be used again.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWrite as _};

use super::answer::{AnswerHead, Asked, Ended, INTERIM_MAX, Next, Reader, Wrong};
use super::patience::{Cut, Patience};
use super::stream::{Stream, Unread};
use super::target::Target;
use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Mark, Timing};
use crate::domain::printable::{visible_str, visible_within};
use crate::domain::timing::micros;

/// Bytes that are read at once, at most.
const READ_BYTES: usize = 32 * 1024;

/// How much of an answer's body is taken.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    /// Of this one.
    pub bytes_max: usize,
    /// Of all that are under way.
    pub budget: Option<&'a Arc<Budget>>,
}

/// Memory that several share.
#[derive(Debug)]
pub struct Budget {
    left: AtomicUsize,
}

impl Budget {
    /// Of so many bytes.
    pub const fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    /// Takes some, if it is there.
    pub fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    /// Gives them back.
    pub fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What one answer has taken of a budget; given back with it.
#[derive(Debug)]
pub struct Share {
    budget: Option<Arc<Budget>>,
    taken: usize,
}

impl Share {
    /// Nothing yet. Without a budget there is always room.
    pub const fn of(budget: Option<Arc<Budget>>) -> Self {
        Self { budget, taken: 0 }
    }

    /// Takes some more, if it is there.
    pub fn take(&mut self, bytes: usize) -> bool {
        let Some(budget) = &self.budget else { return true };
        let is_taken = budget.take(bytes);
        self.taken += if is_taken { bytes } else { 0 };
        is_taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.give_back(self.taken);
        }
    }
}

/// What is known of the last exchange.
#[derive(Debug, Default)]
struct Last {
    /// Bytes of the request.
    whole_bytes: usize,
    /// Those that the socket took.
    sent_bytes: usize,
    /// When it took the first.
    first_sent: Option<Instant>,
    /// Why it took no more.
    write_error: Option<io::ErrorKind>,
    /// When the first byte of an answer was read.
    first_read: Option<Instant>,
    read_error: Option<io::Error>,
    /// Why it never began: somebody spoke before he was asked.
    is_refused: bool,
}

/// The connection.
pub struct Open {
    stream: Box<dyn Stream>,
    /// Came, and not looked at.
    unread: BytesMut,
    ended: Ended,
    /// What is left of the request.
    left: bytes::buf::Chain<Bytes, Bytes>,
    is_flushed: bool,
    reader: Reader,
    last: Last,
    served: bool,
}

impl Open {
    /// Over a stream on which nothing was said.
    pub fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            unread: BytesMut::new(),
            ended: Ended::No,
            left: Bytes::new().chain(Bytes::new()),
            is_flushed: true,
            reader: Reader::new(Asked::Other),
            last: Last::default(),
            served: false,
        }
    }

    /// Sends a request and waits for its whole answer; fills in the last two times of `timing`.
    ///
    /// # Errors
    /// In words: there is no answer, and why.
    pub async fn exchange(
        &mut self,
        target: &Target,
        outgoing: &Outgoing,
        room: Room<'_>,
        patience: &mut Patience,
        timing: &mut Timing,
    ) -> Result<AttemptOutcome, String> {
        let head = self.ask(target, outgoing, patience).await;
        let head = match head {
            Ok(head) => head,
            Err(why) => {
                self.note_times(timing, false);
                return Err(why);
            }
        };
        let (body, marks) = self.whole_body(room, patience).await;
        self.note_times(timing, true);
        let AnswerHead { version, status, reason, headers } = head;
        Ok(AttemptOutcome::Answered { version, status, reason, headers, body, marks })
    }

    /// Sends a request and waits for the head of its answer. What a connection that served before says unasked is no answer:
    /// nothing leaves on it then ([`Self::has_sent_all`]).
    ///
    /// # Errors
    /// In words: there is no answer, and why.
    pub async fn ask(
        &mut self,
        target: &Target,
        outgoing: &Outgoing,
        patience: &mut Patience,
    ) -> Result<AnswerHead, String> {
        let whole_bytes = outgoing.head.len() + outgoing.body.len();
        self.last = Last { whole_bytes, ..Last::default() };
        self.reader = Reader::new(Asked::of(&outgoing.head));
        if self.served && self.unasked() != Unread::Nothing {
            self.last.is_refused = true;
            return Err(format!("{} ended the connection, or spoke unasked", target.shown()));
        }
        self.served = true;
        self.left = outgoing.head.clone().chain(outgoing.body.clone());
        self.is_flushed = false;
        match patience.wait(poll_fn(|cx| self.poll_next(cx))).await {
            Ok(Ok(Next::Head(head))) => Ok(head),
            Ok(Ok(_)) => Err(self.no_answer(target, &Wrong::NoHead)),
            Ok(Err(wrong)) => Err(self.no_answer(target, &wrong)),
            Err(cut) => Err(self.cut(target, cut)),
        }
    }

    /// What comes next of the answer, behind its head; never [`Next::More`].
    ///
    /// # Errors
    /// What is wrong; there is no more of it.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Next, Wrong>> {
        loop {
            // An answer may come before all of the request has left (413, 401); whatever becomes of that is heard.
            let _ = self.push(cx);
            match self.reader.next(&mut self.unread, self.ended) {
                Ok(Next::More) => {}
                next => return Poll::Ready(next),
            }
            ready!(self.fill(cx));
        }
    }

    /// Whether all of the answer was given out.
    pub const fn is_over(&self) -> bool {
        self.reader.is_over()
    }

    /// The length of the answer's body, where its head says it.
    pub const fn declared_bytes(&self) -> Option<u64> {
        self.reader.declared_bytes()
    }

    /// Whether another exchange can follow: both sides kept it open, all of the last request was taken, and nothing was read
    /// behind its answer.
    pub fn is_reusable(&self) -> bool {
        self.reader.is_over()
            && self.reader.keeps_open()
            && self.is_flushed
            && self.last.sent_bytes == self.last.whole_bytes
            && self.unread.is_empty()
            && self.ended == Ended::No
    }

    /// Whether more was read than the answer.
    pub fn has_more(&self) -> bool {
        self.reader.is_over() && self.reader.keeps_open() && !self.unread.is_empty()
    }

    /// What came that nobody asked for, between two exchanges.
    pub fn unasked(&self) -> Unread {
        match (self.unread.is_empty(), self.ended) {
            (false, _) => Unread::Bytes,
            (true, Ended::No) => self.stream.unread(),
            (true, _) => Unread::End,
        }
    }

    /// Whether the target said nothing at all since the last request began.
    pub const fn is_silent(&self) -> bool {
        self.last.first_read.is_none()
    }

    /// Whether all of the last request was taken by the connection.
    pub const fn has_sent_all(&self) -> bool {
        !self.last.is_refused && self.last.sent_bytes == self.last.whole_bytes
    }

    /// Fills in how long the answer took to begin and, if it is over, to end.
    pub fn note_times(&self, timing: &mut Timing, is_answered: bool) {
        if let (Some(sent), Some(read)) = (self.last.first_sent, self.last.first_read) {
            timing.first_byte_us = Some(micros(read.saturating_duration_since(sent)));
            timing.download_us = is_answered.then(|| micros(read.elapsed()));
        }
    }

    /// Hands over what the socket takes. A failure ends the sending, not the reading: a target that answers early and
    /// closes must still be heard.
    fn push(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.left.has_remaining() {
            // Head and body in one go where the socket can.
            let mut slices = [io::IoSlice::new(&[]); 2];
            let count = self.left.chunks_vectored(&mut slices);
            let slices = slices.get(..count).unwrap_or_default();
            match ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices)) {
                Ok(count @ 1..) => {
                    self.left.advance(count);
                    self.last.sent_bytes += count;
                    self.last.first_sent.get_or_insert_with(Instant::now);
                }
                Ok(_) => self.give_up(io::ErrorKind::WriteZero),
                Err(error) => self.give_up(error.kind()),
            }
        }
        if !self.is_flushed {
            let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
            self.is_flushed = true;
            if let Err(error) = flushed {
                self.give_up(error.kind());
            }
        }
        Poll::Ready(())
    }

    fn give_up(&mut self, kind: io::ErrorKind) {
        self.left = Bytes::new().chain(Bytes::new());
        self.is_flushed = true;
        self.last.write_error = Some(kind);
    }

    /// Reads what is there.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ended != Ended::No {
            return Poll::Ready(());
        }
        self.unread.reserve(READ_BYTES);
        match ready!(pin!(self.stream.read_buf(&mut self.unread)).poll(cx)) {
            Ok(1..) => {
                self.last.first_read.get_or_insert_with(Instant::now);
            }
            Ok(_) => self.ended = Ended::Clean,
            Err(error) => {
                self.ended = Ended::Broken;
                self.last.read_error = Some(error);
            }
        }
        Poll::Ready(())
    }

    /// Reads up to the limit and as long as there is patience; what came is kept, and a mark says why there is no more.
    pub async fn whole_body(&mut self, room: Room<'_>, patience: &mut Patience) -> (Body, Vec<Mark>) {
        let mut share = Share::of(room.budget.cloned());
        let mut kept: Vec<u8> = Vec::new();
        let mut came = 0u64;
        let mut marks = Vec::new();
        loop {
            let data = match patience.wait(poll_fn(|cx| self.poll_next(cx))).await {
                Ok(Ok(Next::Piece(data))) => data,
                Ok(Ok(_)) => break,
                Ok(Err(wrong)) => {
                    marks.push(Mark::Incomplete { reason: wrong.to_string() });
                    break;
                }
                Err(cut) => {
                    marks.push(Mark::Incomplete { reason: format!("no end of the body {}", cut.words()) });
                    break;
                }
            };
            came = came.saturating_add(data.len() as u64);
            if !share.take(data.len()) {
                let reason = "answers that are under way take too much memory together".to_owned();
                marks.push(Mark::Incomplete { reason });
                break;
            }
            let room = room.bytes_max.saturating_sub(kept.len());
            kept.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
            if data.len() > room {
                marks.push(Mark::Truncated { limit_bytes: kept.len() as u64 });
                break;
            }
        }
        let length_bytes = self.declared_bytes().unwrap_or(0).max(came);
        kept.shrink_to_fit();
        (Body { bytes: kept.into(), length_bytes }, marks)
    }

    fn sent(&self) -> String {
        match (self.last.sent_bytes, self.last.whole_bytes) {
            (sent, whole) if sent == whole => "the whole request was sent".to_owned(),
            (sent, whole) => format!("{sent} of {whole} bytes were sent"),
        }
    }

    fn cut(&self, target: &Target, cut: Cut) -> String {
        let begun = if self.unread.is_empty() { "no answer" } else { "no whole answer" };
        format!("{begun} from {} {} ({})", target.shown(), cut.words(), self.sent())
    }

    fn no_answer(&self, target: &Target, wrong: &Wrong) -> String {
        let (target, sent) = (target.shown(), self.sent());
        let begun = visible_within(self.unread.get(..60).unwrap_or(&self.unread), 60);
        match wrong {
            Wrong::Interim => {
                return format!(
                    "{target} sent {INTERIM_MAX} interim answers (1xx) and none that ends the exchange; {sent}"
                );
            }
            Wrong::NotHttp(why) if begun.is_empty() => return format!("what {target} answered is no HTTP/1 ({why})"),
            Wrong::NotHttp(why) => {
                return format!("what {target} answered is no HTTP/1 ({why}): it begins with {begun}");
            }
            Wrong::NoHead | Wrong::Cut => {}
        }
        let how = match (self.last.write_error, begun.is_empty(), &self.last.read_error) {
            (Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe), ..) => {
                "took no more and closed without an answer"
            }
            (_, false, _) => "closed in the middle of its answer's head",
            (_, true, None) => "closed without an answer",
            (_, true, Some(error)) => {
                return format!("{target} gave no answer: {}; {sent}", visible_str(&error.to_string()));
            }
        };
        format!("{target} {how}; {sent}")
    }
}
