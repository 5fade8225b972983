//! The socket as hyper sees it: what hyper writes is dropped and our own bytes leave instead; what comes back is watched
//! until its head is known, because hyper keeps neither the order nor the case of header names.
//!
//! hyper is handed a request without a body, so all that it ever writes for a request is one head. That head is the sign to
//! begin with the bytes that were laid ready.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::domain::exchange::HttpVersion;
use crate::domain::headers::Headers;

/// Header lines in an answer that are understood.
pub const ANSWER_HEADERS_MAX: usize = 1000;

/// Lines that nearly all answers have room in.
const ANSWER_HEADERS_USUAL: usize = 48;

/// Interim answers (1xx) before the final one. A handful is usual; hyper itself would read them for ever.
pub const INTERIM_MAX: usize = 100;

/// Bytes that are watched for a head. hyper refuses a head above 400 kB itself.
const WATCHED_BYTES_MAX: usize = 512 << 10;

/// The head of an answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHead {
    /// As written in its first line.
    pub version: HttpVersion,
    /// Three digits.
    pub status: u16,
    /// As sent, also outside ASCII.
    pub reason: Bytes,
    /// In order, with duplicates, in their case.
    pub headers: Headers,
}

/// What was seen of the exchange on the socket.
#[derive(Debug, Default)]
pub struct Seen {
    /// What leaves at hyper's next write.
    next: Option<(Bytes, Bytes)>,
    /// When the first byte of the request was taken by the socket.
    pub first_sent: Option<Instant>,
    /// Bytes of head and body that the socket took.
    pub sent_bytes: usize,
    /// Why it took no more.
    pub write_error: Option<io::ErrorKind>,
    /// When the first byte of the final answer was read.
    pub first_read: Option<Instant>,
    /// The head of the final answer.
    pub head: Option<AnswerHead>,
    /// What was read of a head that is not whole yet.
    pub begun: Vec<u8>,
    /// Interim answers that came.
    pub interim: usize,
    searched: usize,
    watched: bool,
}

impl Seen {
    fn read(&mut self, bytes: &[u8]) {
        if self.watched || bytes.is_empty() {
            return;
        }
        self.first_read.get_or_insert_with(Instant::now);
        self.begun.extend_from_slice(bytes);
        while let Some(end) = self.next_head_end() {
            match parse_head(&self.begun[..end]) {
                Parsed::Final(head) => {
                    self.head = Some(head);
                    self.stop();
                }
                Parsed::Interim => {
                    self.interim += 1;
                    self.begun.drain(..end);
                    self.searched = 0;
                    self.first_read = (!self.begun.is_empty()).then(Instant::now);
                }
                Parsed::Partial => self.searched = end,
                Parsed::Wrong => {
                    self.watched = true;
                    return;
                }
            }
        }
        if self.begun.len() > WATCHED_BYTES_MAX {
            self.stop();
        }
    }

    fn stop(&mut self) {
        self.watched = true;
        self.begun = Vec::new();
    }

    /// The end of the next blank line: a head can only be whole there, so that dribbled bytes are parsed once.
    fn next_head_end(&mut self) -> Option<usize> {
        let from = self.searched.min(self.begun.len());
        let unseen = &self.begun[from..];
        let mut at = 0;
        while let Some(line_end) = memchr::memchr(b'\n', &unseen[at..]) {
            let after = at + line_end + 1;
            match unseen.get(after..) {
                Some([b'\n', ..]) => return Some(from + after + 1),
                Some([b'\r', b'\n', ..]) => return Some(from + after + 2),
                _ => at = after,
            }
        }
        // A blank line may be half here: begin at the last two line ends again.
        self.searched = self.searched.max(self.begun.len().saturating_sub(3));
        None
    }
}

enum Parsed {
    Final(AnswerHead),
    Interim,
    Partial,
    Wrong,
}

fn parse_head(bytes: &[u8]) -> Parsed {
    // Few have more lines; room for as many as there may be costs more than all the rest.
    match parse_head_within(bytes, &mut [httparse::EMPTY_HEADER; ANSWER_HEADERS_USUAL]) {
        Err(httparse::Error::TooManyHeaders) => {}
        parsed => return parsed.unwrap_or(Parsed::Wrong),
    }
    parse_head_within(bytes, &mut vec![httparse::EMPTY_HEADER; ANSWER_HEADERS_MAX]).unwrap_or(Parsed::Wrong)
}

fn parse_head_within<'b>(bytes: &'b [u8], lines: &mut [httparse::Header<'b>]) -> Result<Parsed, httparse::Error> {
    let mut answer = httparse::Response::new(lines);
    if answer.parse(bytes)?.is_partial() {
        return Ok(Parsed::Partial);
    }
    let status = answer.code.unwrap_or(0);
    if (100..200).contains(&status) && status != 101 {
        return Ok(Parsed::Interim);
    }
    let mut headers = Headers::new();
    for line in answer.headers.iter() {
        headers.push(line.name.to_owned(), line.value.to_vec());
    }
    let version = if answer.version == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 };
    Ok(Parsed::Final(AnswerHead { version, status, reason: reason(bytes), headers }))
}

/// The reason phrase from the first line; httparse leaves one out that is not ASCII.
fn reason(head: &[u8]) -> Bytes {
    let blank_lines = head.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let line = head[blank_lines..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Bytes::copy_from_slice(line.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default())
}

/// A handle on what was seen.
#[derive(Clone, Debug, Default)]
pub struct SeenHandle(Arc<Mutex<Seen>>);

impl SeenHandle {
    /// Looks. Hold it for a moment only.
    pub fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays the next request ready; what was seen of the one before is forgotten.
    pub fn arm(&self, head: Bytes, body: Bytes) {
        *self.lock() = Seen { next: Some((head, body)), ..Seen::default() };
    }
}

/// A socket that sends the given bytes whatever is written to it.
#[derive(Debug)]
pub struct Swap<IO> {
    io: IO,
    left: bytes::buf::Chain<Bytes, Bytes>,
    seen: SeenHandle,
}

impl<IO> Swap<IO> {
    /// Sends what its handle is armed with.
    pub fn new(io: IO) -> (Self, SeenHandle) {
        let seen = SeenHandle::default();
        (Self { io, left: Bytes::new().chain(Bytes::new()), seen: seen.clone() }, seen)
    }
}

impl<IO: AsyncWrite + Unpin> Swap<IO> {
    /// Hands over what the socket takes. A failure ends the sending, not the reading: a target that answers early and
    /// closes (413, 401) must still be heard.
    fn push(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.left.has_remaining() {
            let Self { io, left, .. } = &mut *self;
            // Head and body in one go where the socket can.
            let mut slices = [io::IoSlice::new(&[]); 2];
            let count = left.chunks_vectored(&mut slices);
            match Pin::new(io).poll_write_vectored(cx, slices.get(..count).unwrap_or_default()) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(count)) if count > 0 => {
                    self.left.advance(count);
                    let mut seen = self.seen.lock();
                    seen.sent_bytes += count;
                    seen.first_sent.get_or_insert_with(Instant::now);
                }
                Poll::Ready(Ok(_)) => self.give_up(io::ErrorKind::WriteZero),
                Poll::Ready(Err(error)) => self.give_up(error.kind()),
            }
        }
        Poll::Ready(())
    }

    fn give_up(&mut self, kind: io::ErrorKind) {
        self.left = Bytes::new().chain(Bytes::new());
        self.seen.lock().write_error = Some(kind);
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Swap<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = &polled {
            let mut seen = self.seen.lock();
            seen.read(buf.filled().get(before..).unwrap_or_default());
            if seen.interim > INTERIM_MAX {
                return Poll::Ready(Err(io::Error::other("too many interim answers")));
            }
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Swap<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let next = self.seen.lock().next.take();
        if let Some((head, body)) = next {
            self.left = head.chain(body);
        }
        let _ = self.push(cx);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.push(cx));
        let flushed = std::task::ready!(Pin::new(&mut self.io).poll_flush(cx));
        if let Err(error) = flushed {
            self.give_up(error.kind());
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
